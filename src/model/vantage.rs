use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

/// A vendor that asks for us from places where we have no machine.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vantage {
    /// Whose machines they are, and which of them.
    pub vendor: Vendor,
    /// Scheme and authority, without a trailing slash.
    pub base_url: Arc<str>,
    /// As whom we ask.
    pub token: Option<Token>,
    /// What may be asked for in an hour, in the vendor's own unit.
    pub budget: u32,
    /// For one call, until its results are there.
    pub timeout: Duration,
}

/// Whose machines ask, and which of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Vendor {
    /// Every POP of Fastly's.
    FastlyEdgeCheck,
    /// Probes of Globalping's.
    Globalping {
        /// Where they stand, in Globalping's words: `AS16509+Frankfurt`.
        from: Arc<str>,
        /// How many of them.
        limit: u32,
        /// Whom they ask for the name; absent: whom each of them asks anyway.
        resolver: Option<IpAddr>,
    },
}

/// A credential that is never shown.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Token(pub Arc<str>);

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(…)")
    }
}

impl Vantage {
    /// Its key in a regions file.
    pub const fn key(&self) -> &'static str {
        match self.vendor {
            Vendor::FastlyEdgeCheck => "fastly_edge_check",
            Vendor::Globalping { .. } => "globalping",
        }
    }

    /// Its name in sentences.
    pub const fn title(&self) -> &'static str {
        match self.vendor {
            Vendor::FastlyEdgeCheck => "Fastly's edge check",
            Vendor::Globalping { .. } => "Globalping",
        }
    }

    /// What its budget counts.
    pub const fn unit(&self) -> &'static str {
        match self.vendor {
            Vendor::FastlyEdgeCheck => "call",
            Vendor::Globalping { .. } => "test",
        }
    }

    /// What one look at one object costs, in that unit.
    pub const fn cost(&self) -> u32 {
        match self.vendor {
            Vendor::FastlyEdgeCheck => 1,
            Vendor::Globalping { limit, .. } => limit,
        }
    }

    /// `api.fastly.com`
    pub fn authority(&self) -> &str {
        self.base_url.split_once("://").map_or(&*self.base_url, |(_, authority)| authority)
    }

    /// Two that are the same account to their vendor have one budget.
    pub fn account(&self) -> (&'static str, &str, Option<&Token>) {
        (self.key(), &self.base_url, self.token.as_ref())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_not_shown() {
        assert_eq!(format!("{:?}", Token("s3cret".into())), "Token(…)");
    }
}
