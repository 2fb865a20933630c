//! A host as routes and listeners have it: any, one below a name, or one; and which both of two take.

use super::super::host_regexp::Named;

/// Hosts that a route or a listener takes.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Hostname {
    Any,
    /// `*.example.com`, at any depth.
    Below(String),
    One(String),
}

impl Hostname {
    /// `shop.example.com`, `*.example.com`; `*` and nothing are any.
    pub(super) fn read(text: &str) -> Result<Self, String> {
        match text.trim() {
            "" | "*" => Ok(Self::Any),
            text => Named::read(text).map(|named| match named {
                Named::Host(name) => Self::One(name),
                Named::Wildcard(name) | Named::Pattern { text: name, .. } => Self::Below(name),
            }),
        }
    }

    /// What both take.
    pub(super) fn meet(&self, other: &Self) -> Option<Self> {
        match (self, other) {
            (Self::Any, some) | (some, Self::Any) => Some(some.clone()),
            (Self::One(one), Self::One(two)) => (one == two).then(|| self.clone()),
            (one @ Self::One(name), Self::Below(wildcard)) | (Self::Below(wildcard), one @ Self::One(name)) => {
                under(name, wildcard).then(|| one.clone())
            }
            (Self::Below(one), Self::Below(two)) => {
                if one == two || under(one, two) {
                    Some(self.clone())
                } else {
                    under(two, one).then(|| other.clone())
                }
            }
        }
    }
}

/// Whether `shop.example.com` or `*.shop.example.com` is under `*.example.com`.
pub(super) fn under(name: &str, wildcard: &str) -> bool {
    let suffix = wildcard.trim_start_matches('*');
    name.len() > suffix.len() && name.ends_with(suffix) && name != wildcard
}

/// Whether a name is one of the cluster's own.
pub(super) fn internal(name: &str) -> bool {
    !name.contains('.') || [".svc", ".cluster.local"].iter().any(|suffix| name.ends_with(suffix))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn meet(one: &str, two: &str) -> Option<Hostname> {
        let [one, two] = [one, two].map(|text| Hostname::read(text).unwrap());
        assert_eq!(one.meet(&two), two.meet(&one));
        one.meet(&two)
    }

    /// By the API's own words on `hostnames` of an `HTTPRoute`.
    #[test]
    fn listeners_and_routes_meet_as_the_gateway_api_says() {
        for (listener, route, both) in [
            ("test.example.com", "", Some("test.example.com")),
            ("test.example.com", "test.example.com", Some("test.example.com")),
            ("test.example.com", "*.example.com", Some("test.example.com")),
            ("*.example.com", "", Some("*.example.com")),
            ("*.example.com", "*.example.com", Some("*.example.com")),
            ("*.example.com", "foo.test.example.com", Some("foo.test.example.com")),
            ("*.example.com", "*.test.example.com", Some("*.test.example.com")),
            ("*.example.com", "example.com", None),
            ("*.example.com", "test.example.net", None),
            ("*.example.com", "badexample.com", None),
            ("", "", Some("*")),
        ] {
            let both = both.map(|text| Hostname::read(text).unwrap());
            assert_eq!(meet(listener, route), both, "{listener} {route}");
        }
    }
}
