//! Compose's variables in a text: `$NAME`, `${NAME}` and their defaults; it looks nothing up by itself and guesses no value.

use std::borrow::Cow;
use std::collections::BTreeMap;

/// Levels of defaults within defaults.
const DEPTH: usize = 20;
/// Bytes of one text with its variables filled in; no label is nearly as long.
pub(super) const LONGEST: usize = 64 * 1024;
/// Shorter values stand in too many words to be told apart from them.
const TELLING: usize = 3;

/// Characters of a value that would tell something of it.
const PIECE: usize = 4;

/// How a variable is looked up: its value, none where it is not set, or why that cannot be said.
pub(super) type Lookup<'l> = dyn Fn(&str) -> Result<Option<String>, String> + 'l;

/// A text with its variables filled in.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Filled {
    pub(super) text: String,
    /// Names and values of the variables in it.
    taken: BTreeMap<String, String>,
}

impl Filled {
    /// The value of one variable.
    pub(super) fn variable(name: &str, value: String) -> Self {
        Self { text: value.clone(), taken: BTreeMap::from([(name.to_owned(), value)]) }
    }

    /// A part of the text, or what is said about it, with the names of variables in place of their values: those may be
    /// secrets.
    pub(super) fn shown<'t>(&self, part: &'t str) -> Cow<'t, str> {
        let mut longest_first: Vec<_> = self.taken.iter().filter(|(_, value)| value.len() >= TELLING).collect();
        longest_first.sort_by_key(|(_, value)| std::cmp::Reverse(value.len()));
        longest_first.into_iter().fold(Cow::Borrowed(part), |part, (name, value)| {
            if part.contains(value) { Cow::Owned(part.replace(value, &format!("${{{name}}}"))) } else { part }
        })
    }
}

impl Filled {
    /// What is wrong with the text, but for pieces of its variables' values.
    pub(super) fn fault(&self, why: &str) -> String {
        let said = super::shortened(&self.shown(why)).into_owned();
        let lower = said.to_ascii_lowercase();
        let leaks = |value: &String| {
            let value = value.to_ascii_lowercase();
            let starts = value.char_indices().map(|(at, _)| at).chain(Some(value.len())).collect::<Vec<_>>();
            starts.windows(PIECE + 1).any(|window| lower.contains(&value[window[0]..window[PIECE]]))
        };
        match self.taken.iter().find(|(_, value)| leaks(value)) {
            Some((name, _)) => format!("what the variable {name} holds does not do here, correct it"),
            None => said,
        }
    }
}

/// The text with its variables filled in, or what is wrong and would mend it.
pub(super) fn fill(text: &str, lookup: &Lookup<'_>) -> Result<Filled, String> {
    let mut filled = Filled::default();
    fill_into(&mut filled, text, lookup, 0)?;
    Ok(filled)
}

fn fill_into(filled: &mut Filled, text: &str, lookup: &Lookup<'_>, depth: usize) -> Result<(), String> {
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        filled.text.push_str(before);
        if let Some(behind) = after.strip_prefix('$') {
            filled.text.push('$');
            rest = behind;
        } else if let Some(inside) = after.strip_prefix('{') {
            let (inside, behind) = closed(inside).ok_or_else(no_variable)?;
            braced(filled, inside, lookup, depth)?;
            rest = behind;
        } else {
            let (name, behind) = after.split_at(name_length(after));
            match name {
                "" => filled.text.push('$'),
                _ => take(filled, name, lookup(name)?.ok_or_else(|| unset(name))?),
            }
            rest = behind;
        }
        short_enough(filled)?;
    }
    filled.text.push_str(rest);
    short_enough(filled)
}

/// `NAME`, `NAME:-default`, `NAME?why` and their kin.
fn braced(filled: &mut Filled, inside: &str, lookup: &Lookup<'_>, depth: usize) -> Result<(), String> {
    let (name, operator) = inside.split_at(name_length(inside));
    let (nonempty, operator) = operator.strip_prefix(':').map_or((false, operator), |operator| (true, operator));
    if name.is_empty() {
        return Err(no_variable());
    }
    if depth >= DEPTH {
        return Err("variables are nested too deep here, flatten them".to_owned());
    }
    let value = lookup(name)?;
    let present = value.as_ref().is_some_and(|value| !nonempty || !value.is_empty());
    let Some(sign) = operator.chars().next() else {
        return match value {
            Some(value) if !nonempty => {
                take(filled, name, value);
                Ok(())
            }
            None if !nonempty => Err(unset(name)),
            _ => Err(no_variable()),
        };
    };
    let alternative = &operator[sign.len_utf8()..];
    match sign {
        '-' if !present => return fill_into(filled, alternative, lookup, depth + 1),
        '+' if present => return fill_into(filled, alternative, lookup, depth + 1),
        '+' => return Ok(()),
        '?' if !present && alternative.is_empty() => return Err(unset(name)),
        '?' if !present => return Err(format!("{} (\"{}\")", unset(name), super::clipped(alternative))),
        '-' | '?' => {}
        _ => return Err(no_variable()),
    }
    take(filled, name, value.unwrap_or_default());
    Ok(())
}

fn take(filled: &mut Filled, name: &str, value: String) {
    filled.text.push_str(&value);
    filled.taken.insert(name.to_owned(), value);
}

/// What stands before the brace that closes, and what behind it.
fn closed(text: &str) -> Option<(&str, &str)> {
    let mut open = 1_usize;
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'{' => open += 1,
            b'}' => open -= 1,
            _ => {}
        }
        if open == 0 {
            return Some((&text[..at], &text[at + 1..]));
        }
    }
    None
}

fn name_length(text: &str) -> usize {
    if text.starts_with(|c: char| c.is_ascii_digit()) {
        return 0;
    }
    text.bytes().take_while(|byte| byte.is_ascii_alphanumeric() || *byte == b'_').count()
}

fn short_enough(filled: &Filled) -> Result<(), String> {
    if filled.text.len() <= LONGEST {
        return Ok(());
    }
    Err(format!("this grows beyond {LONGEST} bytes with its variables filled in, shorten it"))
}

pub(super) fn unset(name: &str) -> String {
    format!("the variable {name} is not set, set it in the environment or in .env")
}

fn no_variable() -> String {
    "\"${\" begins no variable, write \"${NAME}\", or \"$$\" for a dollar sign".to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[expect(clippy::unnecessary_wraps, reason = "what a lookup returns")]
    fn lookup(name: &str) -> Result<Option<String>, String> {
        Ok(match name {
            "HOST" => Some("shop.example".to_owned()),
            "EMPTY" => Some(String::new()),
            "TWICE" => Some("$HOST".to_owned()),
            _ => None,
        })
    }

    fn filled(text: &str) -> Result<String, String> {
        fill(text, &lookup).map(|filled| filled.text)
    }

    #[test]
    fn each_form_of_the_specification_is_filled() {
        for (text, expected) in [
            ("$HOST", "shop.example"),
            ("${HOST}", "shop.example"),
            ("a.$HOST.b", "a.shop.example.b"),
            ("${EMPTY}", ""),
            ("${NONE:-x}", "x"),
            ("${EMPTY:-x}", "x"),
            ("${HOST:-x}", "shop.example"),
            ("${NONE-x}", "x"),
            ("${EMPTY-x}", ""),
            ("${HOST:?why}", "shop.example"),
            ("${EMPTY?why}", ""),
            ("${HOST:+x}", "x"),
            ("${EMPTY:+x}", ""),
            ("${NONE:+x}", ""),
            ("${EMPTY+x}", "x"),
            ("${NONE+x}", ""),
            ("${NONE:-${HOST}}", "shop.example"),
            ("${NONE:-www.${EMPTY:-$HOST}}!", "www.shop.example!"),
            ("${NONE:-}", ""),
            ("${NONE:-{a:[a-z]+}.example}", "{a:[a-z]+}.example"),
            ("$$HOST and $${HOST}", "$HOST and ${HOST}"),
            ("^a$", "^a$"),
            ("$5 a$`", "$5 a$`"),
            ("$TWICE", "$HOST"),
        ] {
            assert_eq!(filled(text).as_deref(), Ok(expected), "{text}");
        }
    }

    #[test]
    fn what_is_unset_or_no_variable_is_an_error() {
        for (text, message) in [
            ("$NONE", "the variable NONE is not set, set it in the environment or in .env"),
            ("${NONE}", "the variable NONE is not set, set it in the environment or in .env"),
            ("${NONE?}", "the variable NONE is not set, set it in the environment or in .env"),
            ("${EMPTY:?say it}", "the variable EMPTY is not set, set it in the environment or in .env (\"say it\")"),
            ("${NONE?say it}", "the variable NONE is not set, set it in the environment or in .env (\"say it\")"),
            ("${HOST+${NONE}}", "the variable NONE is not set, set it in the environment or in .env"),
        ] {
            assert_eq!(filled(text), Err(message.to_owned()), "{text}");
        }
        for text in ["${", "${}", "${HOST", "${1}", "${HOST/a/b}", "${HOST:}", "${NO NE}"] {
            assert_eq!(filled(text), Err(no_variable()), "{text}");
        }
    }

    #[test]
    fn what_is_shown_has_names_for_values() {
        let filled = fill("Host(`a`) && Headers(`X`, `${HOST}`)", &lookup).unwrap();
        assert_eq!(filled.shown("no `shop.example` here"), "no `${HOST}` here");
        assert_eq!(filled.fault("no `shop.example` here"), "no `${HOST}` here");
        let hidden = "what the variable HOST holds does not do here, correct it";
        assert_eq!(filled.fault("unknown \"Shop\""), hidden);
    }

    #[test]
    fn nothing_grows_or_nests_beyond_measure() {
        let deep = format!("{}x{}", "${N:-".repeat(10_000), "}".repeat(10_000));
        assert_eq!(filled(&deep), Err("variables are nested too deep here, flatten them".to_owned()));
        let wide = "$HOST".repeat(LONGEST);
        assert!(filled(&wide).unwrap_err().starts_with("this grows beyond 65536 bytes"));
    }
}
