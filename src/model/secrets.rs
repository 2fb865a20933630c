use std::collections::BTreeSet;
use std::fmt;

/// Values that came from the environment or from files, and must not appear in any output.
#[derive(Clone, Default)]
pub struct Secrets(BTreeSet<String>);

impl Secrets {
    /// Shorter values are not masked: they would blot out half of every text.
    const SHORTEST: usize = 3;

    /// Remembers one value.
    pub fn keep(&mut self, value: &str) {
        let value = value.trim();
        if value.len() >= Self::SHORTEST {
            self.0.insert(value.to_owned());
        }
    }

    /// Takes over what another set knows.
    pub fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// The text with every known value masked, longest first.
    pub fn mask(&self, text: &str) -> String {
        let mut longest_first: Vec<&String> = self.0.iter().collect();
        longest_first.sort_by_key(|secret| std::cmp::Reverse(secret.len()));
        longest_first.into_iter().fold(text.to_owned(), |text, secret| text.replace(secret.as_str(), "***"))
    }

    /// Whether there is nothing to mask.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl fmt::Debug for Secrets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Secrets({})", self.0.len())
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
    fn debug_shows_no_secret() {
        let mut secrets = Secrets::default();
        secrets.keep("hunter22");
        assert_eq!(format!("{secrets:?}"), "Secrets(1)");
    }
}
