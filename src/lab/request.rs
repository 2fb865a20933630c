//! A request as the model takes it, and the variant it selects. It never touches a store.

use http::header::ACCEPT_ENCODING;
use http::{HeaderMap, Method};

use super::key::{digest, mixed};
use super::page::Page;
use crate::model::Ask;

/// Method, host, path with query, and header fields.
#[derive(Debug, Clone)]
pub struct Request<'a> {
    /// GET or HEAD; anything else is refused.
    pub method: Method,
    /// Without a port.
    pub host: &'a str,
    /// Path and query.
    pub path: &'a str,
    /// Header fields.
    pub headers: &'a HeaderMap,
}

impl<'a> Request<'a> {
    /// A GET.
    pub fn get(host: &'a str, path: &'a str, headers: &'a HeaderMap) -> Self {
        Self { method: Method::GET, host, path, headers }
    }

    /// A HEAD.
    pub fn head(host: &'a str, path: &'a str, headers: &'a HeaderMap) -> Self {
        Self { method: Method::HEAD, host, path, headers }
    }

    /// What a probe asks for, whatever it wants of the body: the methods say that.
    pub fn of(ask: &'a Ask) -> Self {
        let method = match ask.method {
            crate::model::Method::Head => Method::HEAD,
            crate::model::Method::Get => Method::GET,
        };
        Self { method, host: without_port(&ask.host), path: &ask.path, headers: &ask.headers }
    }

    /// Whether the page comes compressed.
    pub(super) fn is_coded(&self, page: &Page) -> bool {
        page.gzip && page.size > 0 && accepts_gzip(self.headers)
    }

    /// What this request selects among the page's variants.
    pub(super) fn variant(&self, page: &Page) -> u64 {
        let coding = u64::from(self.is_coded(page));
        page.vary.iter().fold(coding, |variant, name| {
            let value = self.headers.get(*name).map_or(&b""[..], http::HeaderValue::as_bytes);
            mixed(variant ^ digest(value))
        })
    }
}

/// Vhosts are told apart by name alone.
pub(super) fn without_port(authority: &str) -> &str {
    match authority.rsplit_once(':') {
        Some((host, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => host,
        _ => authority,
    }
}

/// RFC 9110 section 12.5.3; caches bring the field down to these two answers.
fn accepts_gzip(headers: &HeaderMap) -> bool {
    let lines = headers.get_all(ACCEPT_ENCODING).into_iter().filter_map(|line| line.to_str().ok());
    let mut any = None;
    for member in lines.flat_map(|line| line.split(',')) {
        let mut parts = member.split(';').map(str::trim);
        let coding = parts.next().unwrap_or_default().to_ascii_lowercase();
        let refused = parts
            .filter_map(|part| part.split_once('='))
            .any(|(name, q)| name.eq_ignore_ascii_case("q") && q.trim().parse::<f32>().is_ok_and(|q| q <= 0.0));
        match coding.as_str() {
            "gzip" | "x-gzip" => return !refused,
            "*" => any = Some(!refused),
            _ => {}
        }
    }
    any.unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_is_accepted_by_name_or_by_star_unless_refused() {
        for (value, accepted) in [
            ("gzip", true),
            ("br, gzip;q=0.5", true),
            ("GZIP", true),
            ("identity", false),
            ("gzip;q=0", false),
            ("*", true),
            ("*;q=0", false),
            ("gzip;q=0, *", false),
            ("", false),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_ENCODING, value.parse().unwrap());
            assert_eq!(accepts_gzip(&headers), accepted, "{value}");
        }
        assert!(!accepts_gzip(&HeaderMap::new()));
    }

    #[test]
    fn a_header_selects_a_variant_only_where_the_page_varies_by_it() {
        let mut mobile = HeaderMap::new();
        mobile.insert("user-agent", "Mobile/1.0".parse().unwrap());
        let plain = HeaderMap::new();
        let variant = |headers, page| Request::get("a.example", "/x", headers).variant(page);
        let same = Page::default();
        let varying = Page { vary: &["user-agent"], ..Page::default() };
        assert_eq!(variant(&mobile, &same), variant(&plain, &same));
        assert_ne!(variant(&mobile, &varying), variant(&plain, &varying));
    }

    #[test]
    fn a_port_is_no_part_of_the_host() {
        assert_eq!(without_port("a.example:8443"), "a.example");
        assert_eq!(without_port("a.example"), "a.example");
        assert_eq!(without_port("[::1]:443"), "[::1]");
    }
}
