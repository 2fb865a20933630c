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

/// Fills what stands around those values, which stay as they are whatever braces they hold.
pub fn fill_around(text: &str, literal: &[String], fill: impl Fn(&str) -> String) -> String {
    let found = literal.iter().filter_map(|value| Some((text.find(value.as_str())?, value.len())));
    // Of two at one place the longer one stands there.
    match found.min_by_key(|(at, length)| (*at, std::cmp::Reverse(*length))) {
        None => fill(text),
        Some((at, length)) => {
            let behind = fill_around(&text[at + length..], literal, &fill as &dyn Fn(&str) -> String);
            format!("{}{}{behind}", fill(&text[..at]), &text[at..at + length])
        }
    }
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
    fn what_came_from_elsewhere_is_no_template() {
        let literal = ["{id}x".to_owned(), "{id}".to_owned()];
        let filled = |text: &str| fill_around(text, &literal, |part| fill(part, "t1", "a.example", None).into_owned());
        assert_eq!(filled("{host}: {id}x {host} {id}"), "a.example: {id}x a.example {id}");
        assert_eq!(fill_around("{id}", &[], |part| fill(part, "t1", "h", None).into_owned()), "t1");
    }

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
