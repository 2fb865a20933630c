//! Which names a regular expression for hosts stands for; it matches nothing and guesses nothing.

use std::collections::BTreeSet;

use regex_syntax::ParserBuilder;
use regex_syntax::hir::{Class, Hir, HirKind, Look, Repetition};

use super::super::wire::check_name;

/// What a rule names.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Named {
    /// `shop.example.com`
    Host(String),
    /// `*.example.com`
    Wildcard(String),
    /// What no single name stands for.
    Pattern {
        /// As it is written.
        text: String,
        /// Why nothing can be asked for it.
        reason: &'static str,
    },
}

impl Named {
    /// A name as it is written, in any case and with any port, or a wildcard.
    pub(super) fn read(written: &str) -> Result<Self, String> {
        let lower = written.trim().to_ascii_lowercase();
        let name = match lower.rsplit_once(':') {
            Some((name, port)) if !port.is_empty() && port.bytes().all(|byte| byte.is_ascii_digit()) => name,
            _ => &lower,
        };
        let name = name.strip_suffix('.').unwrap_or(name);
        let below = name.strip_prefix("**.").or_else(|| name.strip_prefix("*."));
        check_name(below.unwrap_or(name)).map_err(|why| format!("\"{}\" {why}", clipped(written).escape_debug()))?;
        Ok(below.map_or_else(|| Self::Host(name.to_owned()), |below| Self::Wildcard(format!("*.{below}"))))
    }
}

/// As much of a text as an error shows.
pub(super) fn clipped(text: &str) -> &str {
    let end = text.char_indices().nth(LONGEST).map_or(text.len(), |(at, _)| at);
    &text[..end]
}

/// Names that one expression may spell out.
const NAMES: usize = 64;
/// Characters of one name (RFC 1035 section 2.3.4).
const LONGEST: usize = 253;
/// Levels of nesting.
const DEPTH: u32 = 50;

const MORE: &str = "a regular expression that many names match";
const LOOSE: &str = "a regular expression that matches part of a name, not the whole: anchor it with ^ and $";

/// The names that an expression (RE2, as Go and nginx's plain ones have it) spells out, or the expression as a pattern.
pub(super) fn names(expression: &str) -> Vec<Named> {
    let pattern = |reason| vec![Named::Pattern { text: expression.to_owned(), reason }];
    let mut parser = ParserBuilder::new().unicode(false).utf8(false).nest_limit(DEPTH).build();
    let Ok(hir) = parser.parse(expression) else { return pattern(MORE) };
    let Some(branches) = spelled(&hir) else { return pattern(MORE) };
    let mut names = Vec::new();
    for branch in branches {
        match branch.named() {
            Ok(name) if !names.contains(&name) => names.push(name),
            Ok(_) => {}
            Err(reason) => return pattern(reason),
        }
    }
    if names.is_empty() { pattern(MORE) } else { names }
}

/// One of the texts that an expression matches.
#[derive(Clone, Default)]
struct Branch(Vec<Part>);

#[derive(Clone, PartialEq, Eq)]
enum Part {
    Start,
    End,
    Text(String),
    /// Whatever a label may be.
    Label,
}

impl Branch {
    fn then(&self, next: &Self) -> Option<Self> {
        let mut parts = self.0.clone();
        for part in &next.0 {
            match (parts.last_mut(), part) {
                (Some(Part::Text(text)), Part::Text(more)) => text.push_str(more),
                _ => parts.push(part.clone()),
            }
        }
        let length = |part: &Part| if let Part::Text(text) = part { text.len() } else { 1 };
        (parts.iter().map(length).sum::<usize>() <= LONGEST + 2).then_some(Self(parts))
    }

    fn named(&self) -> Result<Named, &'static str> {
        let (parts, start) = match self.0.as_slice() {
            [Part::Start, parts @ ..] => (parts, true),
            parts => (parts, false),
        };
        let (parts, end) = match parts {
            [parts @ .., Part::End] => (parts, true),
            parts => (parts, false),
        };
        let name = match parts {
            [Part::Text(_)] if !start || !end => return Err(LOOSE),
            [Part::Text(name)] => Named::read(name),
            [Part::Label, Part::Text(below)] if below.starts_with('.') && end => Named::read(&format!("*{below}")),
            [Part::Label, Part::Text(below)] if below.starts_with('.') => return Err(LOOSE),
            _ => return Err(MORE),
        };
        name.map_err(|_| MORE)
    }
}

/// Each text that it matches, where those are few.
fn spelled(hir: &Hir) -> Option<Vec<Branch>> {
    let one = |part| Some(vec![Branch(vec![part])]);
    match hir.kind() {
        HirKind::Empty => Some(vec![Branch::default()]),
        HirKind::Literal(literal) => one(Part::Text(std::str::from_utf8(&literal.0).ok()?.to_ascii_lowercase())),
        HirKind::Look(Look::Start) => one(Part::Start),
        HirKind::Look(Look::End) => one(Part::End),
        HirKind::Look(_) => None,
        HirKind::Class(class) => {
            let letters = letters(class)?;
            Some(letters.into_iter().map(|letter| Branch(vec![Part::Text(letter.to_string())])).collect())
        }
        HirKind::Repetition(repetition) => repeated(repetition),
        HirKind::Capture(capture) => spelled(&capture.sub),
        HirKind::Concat(parts) => {
            let mut so_far = vec![Branch::default()];
            for part in parts {
                let next = spelled(part)?;
                if so_far.len() * next.len() > NAMES {
                    return None;
                }
                so_far = so_far
                    .iter()
                    .flat_map(|before| next.iter().map(|after| before.then(after)))
                    .collect::<Option<_>>()?;
            }
            Some(so_far)
        }
        HirKind::Alternation(parts) => {
            let mut all = Vec::new();
            for part in parts {
                all.extend(spelled(part)?);
                if all.len() > NAMES {
                    return None;
                }
            }
            Some(all)
        }
    }
}

/// The few letters of a class, in lower case: host names know no other.
fn letters(class: &Class) -> Option<BTreeSet<char>> {
    let spans: Vec<(u32, u32)> = match class {
        Class::Bytes(class) => class.iter().map(|span| (span.start().into(), span.end().into())).collect(),
        Class::Unicode(class) => class.iter().map(|span| (span.start().into(), span.end().into())).collect(),
    };
    let size: u32 = spans.iter().map(|(start, end)| end - start + 1).sum();
    if size > 32 {
        return None;
    }
    let letters = spans.into_iter().flat_map(|(start, end)| start..=end).filter_map(char::from_u32);
    Some(letters.map(|letter| letter.to_ascii_lowercase()).collect())
}

/// A label of any letters stands for itself; what may be there or not is both.
fn repeated(repetition: &Repetition) -> Option<Vec<Branch>> {
    if let HirKind::Class(class) = inner(&repetition.sub).kind()
        && repetition.max.is_none_or(|max| max > 1)
    {
        return covers_letters(class).then(|| vec![Branch(vec![Part::Label])]);
    }
    match (repetition.min, repetition.max) {
        (0, Some(1)) => {
            let mut both = spelled(&repetition.sub)?;
            both.push(Branch::default());
            Some(both)
        }
        _ => None,
    }
}

fn inner(hir: &Hir) -> &Hir {
    match hir.kind() {
        HirKind::Capture(capture) => inner(&capture.sub),
        _ => hir,
    }
}

fn covers_letters(class: &Class) -> bool {
    let within = |letter: u8| match class {
        Class::Bytes(class) => class.iter().any(|span| (span.start()..=span.end()).contains(&letter)),
        Class::Unicode(class) => class.iter().any(|span| (span.start()..=span.end()).contains(&char::from(letter))),
    };
    (b'a'..=b'z').all(within)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn shown(expression: &str) -> String {
        let show = |named| match named {
            Named::Host(name) | Named::Wildcard(name) => name,
            Named::Pattern { reason, .. } => reason.to_owned(),
        };
        names(expression).into_iter().map(show).collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn an_expression_that_spells_names_out_is_those_names() {
        for (expression, names) in [
            (r"^shop\.example\.com$", "shop.example.com"),
            (r"(?i)^Shop\.Example\.com$", "shop.example.com"),
            (r"^(www\.)?example\.com$", "www.example.com example.com"),
            (r"^(de|fr)\.example\.com$", "de.example.com fr.example.com"),
            (r"^a\.example$|^b\.example$", "a.example b.example"),
            (r"^shop[12]\.example\.com$", "shop1.example.com shop2.example.com"),
        ] {
            assert_eq!(shown(expression), names, "{expression}");
        }
    }

    #[test]
    fn a_free_first_label_is_a_wildcard() {
        for expression in [
            r"^[a-z0-9-]+\.example\.com$",
            r"^.+\.example\.com$",
            r".*\.example\.com$",
            r"^[^.]+\.example\.com$",
            r"^(?P<tenant>\w+)\.example\.com$",
            r"^([a-z]+)\.example\.com$",
            r"^[a-z]{1,63}\.example\.com$",
        ] {
            assert_eq!(shown(expression), "*.example.com", "{expression}");
        }
        assert_eq!(shown(r"^([a-z]+\.)?example\.com$"), "*.example.com example.com");
    }

    #[test]
    fn what_many_names_match_is_a_pattern() {
        for expression in [
            r"^tenant-[0-9]+\.example\.com$",
            r"^shop\.example\..+$",
            r"^.+$",
            r"^shop.example\.com$",
            r"^[0-9]+\.example\.com$",
            r"^([a-z]+\.)+example\.com$",
            r"^a(?!b)\.example$",
            r"[",
            "",
        ] {
            assert_eq!(shown(expression), MORE, "{expression}");
        }
    }

    #[test]
    fn an_unanchored_expression_is_no_name() {
        for expression in [r"shop\.example\.com", r"^shop\.example\.com", r"shop\.example\.com$", r".+\.example\.com"] {
            assert_eq!(shown(expression), LOOSE, "{expression}");
        }
    }

    #[test]
    fn an_expression_that_blows_up_is_a_pattern() {
        for expression in
            ["(a|b)".repeat(60), "(a?)".repeat(5_000), "(".repeat(10_000), "a{1000}{1000}{1000}".to_owned()]
        {
            assert_eq!(shown(&expression), MORE);
        }
    }

    #[test]
    fn names_lose_their_port_case_and_last_dot() {
        for (written, name) in [
            ("Shop.Example.COM:8443", Named::Host("shop.example.com".to_owned())),
            ("shop.example.com.", Named::Host("shop.example.com".to_owned())),
            ("**.example.com", Named::Wildcard("*.example.com".to_owned())),
        ] {
            assert_eq!(Named::read(written), Ok(name));
        }
        for (written, mend) in [("a b", "letters, digits"), ("", "letters, digits"), ("bücher.example", "xn--")] {
            let why = Named::read(written).unwrap_err();
            assert!(why.contains(mend), "{why}");
        }
    }

    proptest! {
        #[test]
        fn no_expression_makes_it_panic(expression in "([\\^$.|?*+(){}\\[\\]\\\\a-z0-9-]|\\PC){0,60}") {
            prop_assert!(!names(&expression).is_empty());
        }
    }
}
