use super::{Env, Misread, Node, Value};
use crate::model::Secrets;

/// Where a variable must not be empty.
#[derive(Debug, Clone, Copy)]
pub(in crate::inventory) enum Needed<'k> {
    /// Below one of these keys.
    Below(&'k [&'k str]),
    Everywhere,
}

/// Replaces each `${NAME}` in each string by the environment's value, and remembers that value as a secret.
pub(in crate::inventory) fn interpolate(
    node: &mut Node,
    env: &Env<'_>,
    secrets: &mut Secrets,
    needed: Needed<'_>,
) -> Result<(), Misread> {
    match &mut node.value {
        Value::Str(text) => {
            if text.contains("${") {
                let filled = filled(text, env, secrets, matches!(needed, Needed::Everywhere));
                *text = filled.map_err(|what| Misread { line: node.line, what })?.into();
            }
            Ok(())
        }
        Value::List(items) => items.iter_mut().try_for_each(|item| interpolate(item, env, secrets, needed)),
        Value::Map(entries) => entries.iter_mut().try_for_each(|entry| {
            let needed = match needed {
                Needed::Below(keys) if keys.contains(&&*entry.key) => Needed::Everywhere,
                _ => needed,
            };
            interpolate(&mut entry.node, env, secrets, needed)
        }),
        Value::Null | Value::Bool(_) | Value::Int(_) | Value::Float(_) => Ok(()),
    }
}

/// The text with each `${NAME}` replaced by the environment's value, which is remembered as a secret; or what is wrong,
/// as where such a value is empty.
pub fn from_environment(text: &str, env: &Env<'_>, secrets: &mut Secrets) -> Result<String, String> {
    filled(text, env, secrets, true)
}

fn filled(text: &str, env: &Env<'_>, secrets: &mut Secrets, is_needed: bool) -> Result<String, String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let Some((name, behind)) = after.split_once('}').filter(|(name, _)| is_name(name)) else {
            return Err("\"${\" begins no variable, write \"${NAME}\"".to_owned());
        };
        let value = env(name).ok_or_else(|| format!("the environment variable {name} is not set, set it"))?;
        if is_needed && value.is_empty() {
            return Err(format!("the environment variable {name} is empty, set it"));
        }
        secrets.keep(&value);
        out.push_str(before);
        out.push_str(&value);
        rest = behind;
    }
    out.push_str(rest);
    Ok(out)
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::super::Format;
    use super::*;

    fn env(name: &str) -> Option<String> {
        match name {
            "USER" => Some("ada-l".to_owned()),
            "PASS" => Some("${USER}-s3cret".to_owned()),
            "EMPTY" => Some(String::new()),
            _ => None,
        }
    }

    fn interpolated(yaml: &str) -> Result<(Node, Secrets), Misread> {
        let (mut node, mut secrets) = (Format::Yaml.parse(yaml).unwrap(), Secrets::default());
        interpolate(&mut node, &env, &mut secrets, Needed::Below(&["headers"])).map(|()| (node, secrets))
    }

    #[test]
    fn variables_are_filled_anywhere_in_a_string_and_once() {
        let (node, secrets) = interpolated("a: ['x ${USER}:${PASS}@y', '$5 {z}']").unwrap();
        assert_eq!(node, Format::Yaml.parse("a: ['x ada-l:${USER}-s3cret@y', '$5 {z}']").unwrap());
        assert_eq!(secrets.mask("ada-l and ${USER}-s3cret"), "*** and ***");
    }

    #[test]
    fn an_unset_variable_is_an_error_with_its_line() {
        let misread = interpolated("a: 1\nb: [x, '${NOPE}']").unwrap_err();
        let what = "the environment variable NOPE is not set, set it".to_owned();
        assert_eq!(misread, Misread { line: 2, what });
    }

    #[test]
    fn a_variable_is_empty_only_where_nothing_needs_it() {
        let (node, _) = interpolated("a: 'x${EMPTY}'").unwrap();
        assert_eq!(node, Format::Yaml.parse("a: 'x'").unwrap());
        let misread = interpolated("a: 'x${EMPTY}'\nheaders:\n  b: ['Bearer ${EMPTY}']").unwrap_err();
        let what = "the environment variable EMPTY is empty, set it".to_owned();
        assert_eq!(misread, Misread { line: 3, what });
    }

    #[test]
    fn a_half_variable_is_an_error() {
        for text in ["${", "${}", "${a b}", "${USER"] {
            let what = "\"${\" begins no variable, write \"${NAME}\"".to_owned();
            assert_eq!(interpolated(&format!("'{text}'")).unwrap_err(), Misread { line: 1, what });
        }
    }
}
