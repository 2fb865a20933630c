use super::{Env, Misread, Node, Value};
use crate::model::Secrets;

/// Replaces each `${NAME}` in each string by the environment's value, and remembers that value as a secret.
pub(in crate::inventory) fn interpolate(node: &mut Node, env: &Env<'_>, secrets: &mut Secrets) -> Result<(), Misread> {
    match &mut node.value {
        Value::Str(text) => {
            if text.contains("${") {
                *text = from_environment(text, env, secrets).map_err(|what| Misread { line: node.line, what })?.into();
            }
            Ok(())
        }
        Value::List(items) => items.iter_mut().try_for_each(|item| interpolate(item, env, secrets)),
        Value::Map(entries) => entries.iter_mut().try_for_each(|entry| interpolate(&mut entry.node, env, secrets)),
        Value::Null | Value::Bool(_) | Value::Int(_) | Value::Float(_) => Ok(()),
    }
}

/// The text with each `${NAME}` replaced by the environment's value, which is remembered as a secret; or what is wrong.
pub fn from_environment(text: &str, env: &Env<'_>, secrets: &mut Secrets) -> Result<String, String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        let Some((name, behind)) = after.split_once('}').filter(|(name, _)| is_name(name)) else {
            return Err("\"${\" begins no variable, write \"${NAME}\"".to_owned());
        };
        let value = env(name).ok_or_else(|| format!("the environment variable {name} is not set, set it"))?;
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
            _ => None,
        }
    }

    fn interpolated(yaml: &str) -> Result<(Node, Secrets), Misread> {
        let (mut node, mut secrets) = (Format::Yaml.parse(yaml).unwrap(), Secrets::default());
        interpolate(&mut node, &env, &mut secrets).map(|()| (node, secrets))
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
    fn a_half_variable_is_an_error() {
        for text in ["${", "${}", "${a b}", "${USER"] {
            let what = "\"${\" begins no variable, write \"${NAME}\"".to_owned();
            assert_eq!(interpolated(&format!("'{text}'")).unwrap_err(), Misread { line: 1, what });
        }
    }
}
