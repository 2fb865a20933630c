//! What is compared beside the content: status, `Location`, `Content-Type`.

use super::{Base, Says, location};
use crate::model::Validators;

/// How the head of two responses compares, content aside.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Metadata {
    /// Status codes.
    pub status: Says,
    /// `Location`, of redirects and 201.
    pub location: Says,
    /// Media types by meaning.
    pub content_type: Says,
}

impl Metadata {
    /// There is nothing to hold it against.
    pub const SILENT: Self = Self { status: Says::Silent, location: Says::Silent, content_type: Says::Silent };

    /// All of them, by the names that reports use.
    pub const fn rungs(&self) -> [(&'static str, Says); 3] {
        [("status", self.status), ("location", self.location), ("content-type", self.content_type)]
    }

    /// Whether any differs.
    pub fn differs(&self) -> bool {
        self.rungs().into_iter().any(|(_, says)| says == Says::Different)
    }
}

/// Compares the answers to what was asked for at that URL.
pub fn metadata(reference: &Validators<'_>, edge: &Validators<'_>, base: Base<'_>) -> Metadata {
    let status = same_if(reference.status == edge.status);
    let redirects = (300..400).contains(&reference.status) && (300..400).contains(&edge.status);
    Metadata {
        status,
        location: match (&reference.location, &edge.location) {
            (Some(ours), Some(theirs)) if redirects => same_if(location::same(ours, theirs, base)),
            (Some(_), None) | (None, Some(_)) if redirects => Says::Different,
            _ => Says::Silent,
        },
        content_type: match (&reference.content_type, &edge.content_type) {
            (Some(ours), Some(theirs)) => same_if(same_media(ours, theirs)),
            _ => Says::Silent,
        },
    }
}

const fn same_if(same: bool) -> Says {
    if same { Says::Same } else { Says::Different }
}

/// Type and subtype, and the charset where both name one (RFC 9110 section 8.3.1).
fn same_media(a: &str, b: &str) -> bool {
    let charset = |text: &str| -> Option<String> {
        let (_, parameters) = text.split_once(';')?;
        parameters.split(';').find_map(|parameter| {
            let (name, value) = parameter.split_once('=')?;
            let name = name.trim().eq_ignore_ascii_case("charset");
            name.then(|| value.trim().trim_matches('"').to_ascii_lowercase())
        })
    };
    a == b || (essence(a) == essence(b) && charset(a).zip(charset(b)).is_none_or(|(a, b)| a == b))
}

/// The other names of JavaScript mean the same (RFC 9239 section 6).
fn essence(media: &str) -> String {
    let essence = media.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    match essence.as_str() {
        "application/javascript" | "application/x-javascript" => "text/javascript".to_owned(),
        _ => essence,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn media_types_compare_by_meaning() {
        for (a, b, same) in [
            ("text/html", "Text/HTML; charset=utf-8", true),
            ("text/html;charset=UTF-8", "text/html; charset=\"utf-8\"", true),
            ("text/html; charset=utf-8", "text/html; charset=latin1", false),
            ("application/javascript", "text/javascript", true),
            ("text/css", "text/plain", false),
        ] {
            assert_eq!(same_media(a, b), same, "{a} / {b}");
        }
    }

    #[test]
    fn a_redirect_to_elsewhere_differs() {
        let to = |status, location: Option<&'static str>| Validators {
            status,
            location: location.map(Into::into),
            ..Validators::default()
        };
        let says = |a: &Validators<'_>, b: &Validators<'_>| metadata(a, b, Base::default()).location;
        assert_eq!(says(&to(301, Some("/a")), &to(302, Some("/a"))), Says::Same);
        assert_eq!(says(&to(301, Some("/a")), &to(301, Some("/b"))), Says::Different);
        assert_eq!(says(&to(301, Some("/a")), &to(301, None)), Says::Different);
        assert_eq!(says(&to(200, Some("/a")), &to(200, None)), Says::Silent);
    }
}
