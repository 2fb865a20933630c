use std::collections::BTreeSet;
use std::fmt;

/// Header fields whose values are never shown.
const CREDENTIALS: [&str; 5] = ["authorization", "cookie", "proxy-authorization", "set-cookie", "x-api-key"];

/// Whether a header field's value is never shown. By name, in lower case.
pub fn is_credential(name: &str) -> bool {
    CREDENTIALS.contains(&name)
}

/// Values that came from the environment or from files, and credentials, which must not appear in any output.
#[derive(Clone, Default)]
pub struct Secrets {
    known: BTreeSet<String>,
    /// Those that hold a brace and were never meant as templates.
    literal: BTreeSet<String>,
}

impl Secrets {
    /// Shorter values are not masked: they would blot out half of every text.
    const SHORTEST: usize = 3;
    /// Of a credential's parts, the shorter ones are words such as `theme=dark`.
    const SHORTEST_PART: usize = 8;

    /// Remembers one value that came from the environment or from a file.
    pub fn keep(&mut self, value: &str) {
        self.hide(value);
        if value.contains('{') {
            self.literal.insert(value.to_owned());
        }
    }

    /// Values whose braces are theirs: nothing is filled in there.
    pub fn literal(&self) -> Vec<String> {
        self.literal.iter().rev().cloned().collect()
    }

    fn hide(&mut self, value: &str) {
        let value = value.trim();
        if value.len() >= Self::SHORTEST {
            // As it stands in a shell's single quotes, too.
            self.known.insert(value.replace('\'', r"'\''"));
            self.known.insert(value.to_owned());
        }
    }

    /// Remembers what is secret in a credential's field value: all of it, what follows `Bearer`, what follows `sid=`.
    pub fn keep_credential(&mut self, value: &str) {
        self.hide(value);
        for part in value.split(';') {
            let part = part.trim();
            let telling =
                [part.split_once('='), part.split_once(' ')].into_iter().flatten().map(|(_, telling)| telling);
            telling.filter(|telling| telling.len() >= Self::SHORTEST_PART).for_each(|telling| self.hide(telling));
        }
    }

    /// Takes over what another set knows.
    pub fn extend(&mut self, other: Self) {
        self.known.extend(other.known);
        self.literal.extend(other.literal);
    }

    /// The text with every known value masked, longest first.
    pub fn mask(&self, text: &str) -> String {
        let mut longest_first: Vec<&String> = self.known.iter().collect();
        longest_first.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        longest_first.into_iter().fold(text.to_owned(), |text, secret| text.replace(secret.as_str(), "***"))
    }

    /// Whether there is nothing to mask.
    pub fn is_empty(&self) -> bool {
        self.known.is_empty()
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secrets({})", self.known.len())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_within_a_secret_is_masked_whole() {
        let mut secrets = Secrets::default();
        secrets.keep("token");
        secrets.keep("token-long");
        assert_eq!(secrets.mask("Bearer token-long, token"), "Bearer ***, ***");
    }

    #[test]
    fn a_credential_is_masked_without_what_stands_before_it() {
        let mut secrets = Secrets::default();
        secrets.keep_credential("Bearer abc12345");
        secrets.keep_credential("sid=def45678; theme=dark");
        assert_eq!(secrets.mask("Token abc12345, x=def45678, dark, Bearer abc12345"), "Token ***, x=***, dark, ***");
    }

    #[test]
    fn a_secret_in_quotes_is_masked() {
        let mut secrets = Secrets::default();
        secrets.keep("it's");
        assert_eq!(secrets.mask(r"-H 'X-Key: it'\''s' it's"), "-H 'X-Key: ***' ***");
    }

    #[test]
    fn debug_shows_no_secret() {
        let mut secrets = Secrets::default();
        secrets.keep("hunter22");
        assert_eq!(format!("{secrets:?}"), "Secrets(1)");
    }
}
