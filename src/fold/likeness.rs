//! Which paths of different tenants are one and the same but for the tenant's own name in it. It asks nothing of them.

/// A path by what tenants have in common.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Likeness(String);

impl Likeness {
    /// A part between slashes that is the tenant's id stands for each one's own.
    pub(super) fn of(path: &str, id: &str) -> Self {
        let (bare, rest) = path.split_at(path.find('?').unwrap_or(path.len()));
        let parts: Vec<&str> = bare.split('/').map(|part| if part == id { "{id}" } else { part }).collect();
        Self(parts.join("/") + rest)
    }

    /// The path of so many tenants: of one it is its own.
    pub(super) fn shown(self, own: &str, tenants: usize) -> String {
        if tenants > 1 { self.0 } else { own.to_owned() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_alike_but_for_the_tenants_own_id() {
        assert_eq!(Likeness::of("/acme/app.js?id=acme", "acme").0, "/{id}/app.js?id=acme");
        assert_eq!(Likeness::of("/acme/app.js", "acme"), Likeness::of("/globex/app.js", "globex"));
        assert_ne!(Likeness::of("/a/app.js", "acme"), Likeness::of("/b/app.js", "globex"));
        assert_eq!(Likeness::of("/assets/acme.js", "acme").0, "/assets/acme.js");
    }

    #[test]
    fn one_tenants_path_is_shown_as_it_is() {
        assert_eq!(Likeness::of("/assets/app.js", "assets").shown("/assets/app.js", 1), "/assets/app.js");
        assert_eq!(Likeness::of("/acme/app.js", "acme").shown("/acme/app.js", 2), "/{id}/app.js");
    }
}
