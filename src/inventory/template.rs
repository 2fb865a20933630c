use std::borrow::Cow;

use super::error::suggestion;

/// The tenant's host.
pub(super) const HOST: &str = "{host}";
/// The edge's own name.
pub(super) const HOSTNAME: &str = "{hostname}";
/// The tenant's id.
pub(super) const ID: &str = "{id}";

/// Fills `{id}`, `{host}` and, where there is one, `{hostname}`, in one pass; every other text stays as it is.
pub fn fill<'t>(template: &'t str, id: &str, host: &str, hostname: Option<&str>) -> Cow<'t, str> {
    fill_known(template, |name| match name {
        ID => Some(id),
        HOST => Some(host),
        HOSTNAME => hostname,
        _ => None,
    })
}

/// Fills the tenant's id alone: what is known before any host is.
pub(super) fn fill_id<'t>(template: &'t str, id: &str) -> Cow<'t, str> {
    fill_known(template, |name| (name == ID).then_some(id))
}

fn fill_known<'t, 'v>(template: &'t str, value: impl Fn(&str) -> Option<&'v str>) -> Cow<'t, str> {
    if !template.contains('{') {
        return Cow::Borrowed(template);
    }
    let (mut filled, mut rest) = (String::with_capacity(template.len()), template);
    while let Some(start) = rest.find('{') {
        let end = rest[start..].find('}').map_or(rest.len(), |length| start + length + 1);
        if let Some(value) = value(&rest[start..end]) {
            filled.push_str(&rest[..start]);
            filled.push_str(value);
            rest = &rest[end..];
        } else {
            filled.push_str(&rest[..=start]);
            rest = &rest[start + 1..];
        }
    }
    filled.push_str(rest);
    Cow::Owned(filled)
}

/// Every placeholder is one of those known here.
pub(super) fn check(template: &str, known: &[&str]) -> Result<(), String> {
    let mut rest = template;
    while let Some(start) = rest.find(['{', '}']) {
        let Some(end) = rest[start..].find('}').filter(|length| *length > 0).map(|length| start + length + 1) else {
            return Err(format!("\"{template}\" has a brace without its other half, write {}", known.join(" or ")));
        };
        let placeholder = &rest[start..end];
        if !known.contains(&placeholder) {
            let mend = suggestion(placeholder, known.iter().copied());
            return Err(format!("unknown placeholder \"{placeholder}\", {mend}"));
        }
        rest = &rest[end..];
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn placeholders_are_filled_once_and_alone() {
        assert_eq!(fill("/{id}/{host}?{x}", "{host}", "h", None), "/{host}/h?{x}");
        assert_eq!(fill("{hostname}", "a", "h", Some("edge")), "edge");
        assert_eq!(fill("{hostname}", "a", "h", None), "{hostname}");
        assert_eq!(fill("{{id}}{", "a", "h", None), "{a}{");
    }

    #[test]
    fn an_unknown_placeholder_says_what_was_meant() {
        assert_eq!(check("{id}.{host}", &[HOST, ID]), Ok(()));
        let error = check("{hots}", &[HOST, ID]).unwrap_err();
        assert_eq!(error, "unknown placeholder \"{hots}\", did you mean \"{host}\"?");
        for half in ["{id", "id}", "}{", "{"] {
            assert!(check(half, &[HOST, ID]).unwrap_err().contains("without its other half"), "{half}");
        }
    }
}
