//! `Via` (RFC 9110 section 7.6.3): who handed the answer on. It never says who they are.

use super::list;

/// One member of `Via`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Hop<'v> {
    /// The whole member.
    pub text: &'v str,
    /// Host or pseudonym.
    pub by: &'v str,
    /// What stands between the outer parentheses; empty where there are none.
    pub comment: &'v str,
}

/// The members of a `Via` field, origin side first.
pub fn hops(value: &str) -> impl Iterator<Item = Hop<'_>> {
    list::bracketed_members(value).map(hop)
}

/// The parts of one member.
pub fn hop(text: &str) -> Hop<'_> {
    let comment = match (text.find('('), text.rfind(')')) {
        (Some(open), Some(close)) if open < close => &text[open + 1..close],
        _ => "",
    };
    let before = text.split('(').next().unwrap_or(text);
    let mut words = before.split([' ', '\t']).filter(|word| !word.is_empty());
    let first = words.next().unwrap_or("");
    // Some caches write no protocol before their name.
    let by = words.next().unwrap_or(first);
    Hop { text, by, comment }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hop_has_a_name_and_perhaps_a_comment() {
        for (text, by, comment) in [
            ("1.1 varnish", "varnish", ""),
            ("1.1 36e8.cloudfront.net (CloudFront)", "36e8.cloudfront.net", "CloudFront"),
            ("HTTP/2 proxy.example:3128 (squid/5.7)", "proxy.example:3128", "squid/5.7"),
            ("http/1.1 ts (ApacheTrafficServer/9.1 [cHs f ])", "ts", "ApacheTrafficServer/9.1 [cHs f ]"),
            ("cache12.jp3[0,0]", "cache12.jp3[0,0]", ""),
            (")(", ")", ""),
            ("", "", ""),
        ] {
            assert_eq!(hop(text), Hop { text, by, comment });
        }
    }
}
