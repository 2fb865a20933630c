//! Where the reference comes from: `[origin]` and `--origin`; it knows no edge but for the pace that it takes over.

use std::sync::Arc;

use super::InventoryError;
use super::layer::{Layer, Names, Pems, at_least_one, headers, rate};
use super::reader::Fields;
use super::template::{HOST, ID, check};
use super::wire::{check_host, check_path};
use crate::model::{AddressFamily, Identity, Origin, Pace, Scheme, Trust};

/// Every key of `[origin]`.
pub(super) const KEYS: [&str; 10] =
    ["url", "host", "sni", "headers", "ca_file", "client_cert", "client_key", "samples", "concurrency", "rate"];

/// Looks at the start, for each object.
const SAMPLES: u32 = 2;

/// An origin's URL, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct OriginUrl {
    scheme: Scheme,
    authority: Arc<str>,
    base_path: Arc<str>,
}

impl OriginUrl {
    pub(super) fn parse(url: &str) -> Result<Self, String> {
        let (scheme, rest) = split_scheme(url)?;
        let (authority, path) = rest.split_at(rest.find(['/', '?', '#']).unwrap_or(rest.len()));
        if authority.contains('@') {
            return Err(
                "holds credentials, send them as a header instead: headers = { Authorization = \"…\" }".to_owned()
            );
        }
        check(authority, &[HOST, ID])?;
        let shape = authority.replace(HOST, "x").replace(ID, "x");
        check_host(&shape).map_err(|why| why.replace(&shape, authority))?;
        let base_path = path.trim_end_matches('/');
        if base_path.contains(['?', '#']) {
            return Err("holds a query or a fragment, end it with the path".to_owned());
        }
        if !base_path.is_empty() {
            check_path(base_path)?;
            check(base_path, &[HOST, ID])?;
        }
        Ok(Self { scheme, authority: authority.into(), base_path: base_path.into() })
    }

    fn origin(self, identity: Identity, pace: Pace, trust: Trust) -> Origin {
        Origin {
            scheme: self.scheme,
            authority: self.authority,
            base_path: self.base_path,
            identity,
            headers: http::HeaderMap::new(),
            pace,
            trust,
            samples: SAMPLES,
            family: AddressFamily::Any,
        }
    }

    /// The origin that a flag names where no file says more of it.
    pub(super) fn alone(self, defaults: &Layer) -> Origin {
        self.origin(Names::default().identity(), defaults.pace(), Trust::default())
    }
}

/// The scheme of a URL, and what stands behind its slashes.
pub(super) fn split_scheme(url: &str) -> Result<(Scheme, &str), String> {
    let (scheme, rest) = url.split_once("://").unwrap_or(("", url));
    match scheme.to_ascii_lowercase().as_str() {
        "https" => Ok((Scheme::Https, rest)),
        "http" => Ok((Scheme::Http, rest)),
        "" => Err(format!("\"{url}\" has no scheme, write \"https://{url}\"")),
        other => Err(format!("the scheme \"{other}\" is not spoken here, write https:// or http://")),
    }
}

/// What `[origin]` says, `flag` standing before its URL.
pub(super) fn read(fields: &Fields<'_>, flag: Option<&OriginUrl>, defaults: &Layer) -> Result<Origin, InventoryError> {
    let written = fields.read("url", |item| OriginUrl::parse(&item.text()?).map_err(|why| item.wrong(why)))?;
    let Some(url) = flag.cloned().or(written) else {
        return Err(fields.fail("needs \"url\", write url = \"https://origin.example.com\" or use --origin"));
    };
    let names = Names::read(fields, &[HOST, ID])?;
    let trust = Pems::read(fields)?.trust().map_err(|why| fields.fail(why))?;
    let mut origin = url.origin(names.identity(), defaults.pace(), trust);
    origin.headers = fields.read("headers", headers)?.unwrap_or_default();
    origin.samples = fields.read("samples", |item| item.whole(1..=1_000))?.unwrap_or(SAMPLES);
    origin.pace.concurrency = fields.read("concurrency", at_least_one)?.unwrap_or(origin.pace.concurrency);
    if let Some(rate) = fields.read("rate", rate)? {
        origin.pace.rate = rate.per_second();
    }
    Ok(origin)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_origin_url_is_taken_apart() {
        let url = OriginUrl::parse("http://{host}:8080/base/{id}/").unwrap();
        assert_eq!(url.scheme, Scheme::Http);
        assert_eq!((&*url.authority, &*url.base_path), ("{host}:8080", "/base/{id}"));
        assert_eq!(&*OriginUrl::parse("https://o.example/").unwrap().base_path, "");
    }

    #[test]
    fn an_unusable_origin_url_says_what_to_write() {
        for (url, message) in [
            ("origin.example", "\"origin.example\" has no scheme, write \"https://origin.example\""),
            ("ftp://o.example", "the scheme \"ftp\" is not spoken here, write https:// or http://"),
            (
                "https://u:p@o.example",
                "holds credentials, send them as a header instead: headers = { Authorization = \"…\" }",
            ),
            ("https://o.example/?a=b", "holds a query or a fragment, end it with the path"),
            ("https://{hots}/", "unknown placeholder \"{hots}\", did you mean \"{host}\"?"),
            ("https://o.example:0", "\"o.example:0\" has no usable port, write one from 1 to 65535"),
        ] {
            assert_eq!(OriginUrl::parse(url).unwrap_err(), message, "{url}");
        }
    }
}
