//! Which hosts a Traefik rule routes, versions 2 and 3; it knows nothing of where the rule stands.

use std::collections::BTreeSet;

use super::super::error::near_miss;
use super::host_regexp;
pub(super) use super::host_regexp::Named;

/// Levels of parentheses and negations.
const DEPTH: usize = 50;
/// Names that `&&` may hold against each other in one rule.
const WORK: usize = 1_000_000;

/// Every matcher of Traefik 2 and 3, of HTTP and TCP.
const MATCHERS: [&str; 17] = [
    "ALPN",
    "ClientIP",
    "Header",
    "HeaderRegexp",
    "Headers",
    "HeadersRegexp",
    "Host",
    "HostHeader",
    "HostRegexp",
    "HostSNI",
    "HostSNIRegexp",
    "Method",
    "Path",
    "PathPrefix",
    "PathRegexp",
    "Query",
    "QueryRegexp",
];

/// What a rule names, in its order; a rule or a branch of it without a host is a pattern.
pub(super) fn hosts(rule: &str) -> Result<Vec<Named>, String> {
    let mut parser = Parser { rule, rest: rule, depth: 0, work: 0 };
    let scope = parser.branches(false)?;
    if !parser.rest.is_empty() {
        return Err(parser.stray("the end, && or ||"));
    }
    let pattern = |reason| Named::Pattern { text: rule.to_owned(), reason };
    let mut named = scope.named;
    let mut seen = BTreeSet::new();
    named.retain(|named| seen.insert(named.clone()));
    match (scope.free, named.is_empty()) {
        (Some(_), true) => named.push(pattern("a rule that names no host")),
        (Some(_), false) => named.push(pattern("a rule with a branch that names no host")),
        (None, true) => named.push(pattern("a rule that no host fits")),
        (None, false) => {}
    }
    Ok(named)
}

/// The hosts that part of a rule lets through.
#[derive(Default)]
struct Scope {
    named: Vec<Named>,
    /// Any host but these.
    free: Option<BTreeSet<String>>,
}

impl Scope {
    fn any_but(hosts: BTreeSet<String>) -> Self {
        Self { named: Vec::new(), free: Some(hosts) }
    }

    /// `||`
    fn or(mut self, other: Self) -> Self {
        self.named.extend(other.named);
        self.free = match (self.free, other.free) {
            (Some(one), Some(two)) => Some(one.into_iter().filter(|host| two.contains(host)).collect()),
            (one, two) => one.or(two),
        };
        self
    }

    /// `&&`
    fn and(self, other: Self) -> Self {
        let mut named = other.let_through(&self.named);
        named.extend(self.let_through(&other.named));
        let free = self.free.zip(other.free).map(|(mut one, two)| {
            one.extend(two);
            one
        });
        Self { named, free }
    }

    /// Those of the names that a request may carry and still come in here.
    fn let_through(&self, names: &[Named]) -> Vec<Named> {
        let own: BTreeSet<&Named> = self.named.iter().collect();
        let open = self.named.iter().any(|named| matches!(named, Named::Pattern { .. }));
        let covered = |name: &str| {
            name.match_indices('.').any(|(dot, _)| own.contains(&Named::Wildcard(format!("*{}", &name[dot..]))))
        };
        let passes = |named: &&Named| match named {
            Named::Host(host) => {
                self.free.as_ref().is_some_and(|but| !but.contains(host))
                    || open
                    || own.contains(named)
                    || covered(host)
            }
            Named::Wildcard(name) => self.free.is_some() || open || own.contains(named) || covered(name),
            Named::Pattern { .. } => self.free.is_some() || self.named.iter().any(|own| !matches!(own, Named::Host(_))),
        };
        names.iter().filter(passes).cloned().collect()
    }
}

struct Parser<'r> {
    rule: &'r str,
    rest: &'r str,
    depth: usize,
    work: usize,
}

impl Parser<'_> {
    /// `a || b`; under a negation its other side, by De Morgan.
    fn branches(&mut self, negated: bool) -> Result<Scope, String> {
        let mut scope = self.joined(negated)?;
        while self.takes("||") {
            let next = self.joined(negated)?;
            scope = self.both(scope, next, negated)?;
        }
        Ok(scope)
    }

    /// `a && b`
    fn joined(&mut self, negated: bool) -> Result<Scope, String> {
        let mut scope = self.term(negated)?;
        while self.takes("&&") {
            let next = self.term(negated)?;
            scope = self.both(scope, next, !negated)?;
        }
        Ok(scope)
    }

    fn both(&mut self, one: Scope, two: Scope, and: bool) -> Result<Scope, String> {
        if !and {
            return Ok(one.or(two));
        }
        self.work += one.named.len() + two.named.len();
        if self.work > WORK {
            return Err("the rule joins more hosts by && than can be told apart, split it".to_owned());
        }
        Ok(one.and(two))
    }

    fn term(&mut self, negated: bool) -> Result<Scope, String> {
        self.depth += 1;
        if self.depth > DEPTH {
            return Err("the rule is nested too deep, flatten it".to_owned());
        }
        let scope = if self.takes("!") {
            self.term(!negated)?
        } else if self.takes("(") {
            let scope = self.branches(negated)?;
            if !self.takes(")") {
                return Err(self.stray("\")\""));
            }
            scope
        } else {
            self.matcher(negated)?
        };
        self.depth -= 1;
        Ok(scope)
    }

    fn matcher(&mut self, negated: bool) -> Result<Scope, String> {
        self.skip_blanks();
        let end = self.rest.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(self.rest.len());
        let (name, rest) = self.rest.split_at(end);
        if name.is_empty() {
            return Err(self.stray("a matcher such as Host(`shop.example.com`)"));
        }
        let Some(matcher) = MATCHERS.into_iter().find(|known| known.eq_ignore_ascii_case(name)) else {
            return Err(unknown(name));
        };
        if rest.trim_start().starts_with(':') {
            return Err(format!("\"{name}:\" is of Traefik 1, write {matcher}(`…`)"));
        }
        self.rest = rest;
        let values = self.values(matcher)?;
        let named: Vec<_> = match matcher {
            "Host" | "HostHeader" | "HostSNI" => {
                values.iter().map(|value| plain(matcher, value)).collect::<Result<_, _>>()?
            }
            "HostRegexp" | "HostSNIRegexp" => values.iter().flat_map(|value| expression(value)).collect(),
            _ => return Ok(Scope::any_but(BTreeSet::new())),
        };
        Ok(if negated {
            Scope::any_but(named.into_iter().filter_map(host).collect())
        } else {
            Scope { named, free: None }
        })
    }

    /// What stands between the parentheses behind a matcher.
    fn values(&mut self, matcher: &str) -> Result<Vec<String>, String> {
        if !self.takes("(") {
            return Err(self.stray(&format!("\"(\" behind {matcher}")));
        }
        let mut values = Vec::new();
        while !self.takes(")") {
            if !values.is_empty() && !self.takes(",") {
                return Err(self.stray("\",\" or \")\""));
            }
            values.push(self.quoted()?);
        }
        if values.is_empty() {
            return Err(format!("{matcher}() holds nothing, write {matcher}(`…`)"));
        }
        Ok(values)
    }

    /// A string as Go writes it.
    fn quoted(&mut self) -> Result<String, String> {
        self.skip_blanks();
        let mut text = String::new();
        let quote = self.rest.chars().next().filter(|c| ['`', '"'].contains(c));
        let Some(quote) = quote else { return Err(self.stray("a value in backticks, `…`")) };
        let mut escaped = false;
        for (at, c) in self.rest.char_indices().skip(1) {
            match c {
                _ if escaped => {
                    // Any other escape is an expression's own: `\.`.
                    if !['"', '\\'].contains(&c) {
                        text.push('\\');
                    }
                    text.push(c);
                    escaped = false;
                }
                '\\' if quote == '"' => escaped = true,
                _ if c == quote => {
                    self.rest = &self.rest[at + 1..];
                    return Ok(text);
                }
                _ => text.push(c),
            }
        }
        Err(format!("the rule has a value without its closing {quote}, add it"))
    }

    fn skip_blanks(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn takes(&mut self, token: &str) -> bool {
        self.skip_blanks();
        let behind = self.rest.strip_prefix(token);
        self.rest = behind.unwrap_or(self.rest);
        behind.is_some()
    }

    fn stray(&self, wanted: &str) -> String {
        let at = self.rule[..self.rule.len() - self.rest.len()].chars().count() + 1;
        match self.rest.chars().next() {
            None => format!("the rule ends where {wanted} is missing, add it"),
            Some(c) => format!("the rule has \"{}\" at character {at}, write {wanted}", c.escape_debug()),
        }
    }
}

/// `the rule has an unknown matcher "Hots", did you mean "Host"?`
fn unknown(name: &str) -> String {
    let lower = MATCHERS.map(str::to_ascii_lowercase);
    let near = near_miss(name, lower.iter().map(String::as_str));
    let meant = near.and_then(|near| MATCHERS.into_iter().find(|known| known.eq_ignore_ascii_case(near)));
    match meant {
        Some(meant) => format!("the rule has an unknown matcher \"{name}\", did you mean \"{meant}\"?"),
        None => format!("the rule has an unknown matcher \"{name}\", known are {}", MATCHERS.join(", ")),
    }
}

/// A name as `Host` takes it.
fn plain(matcher: &str, value: &str) -> Result<Named, String> {
    if value == "*" {
        return Ok(Named::Pattern { text: value.to_owned(), reason: "any name" });
    }
    Named::read(value).map_err(|why| format!("{matcher}: {why}"))
}

/// An expression as either version has it: a whole one, or names with `{label:expression}` in them.
fn expression(text: &str) -> Vec<Named> {
    let whole = match unbraced(text) {
        Some(whole) => whole,
        // Without any expression in it, it is this name in either version.
        None => match Named::read(text) {
            Ok(name @ Named::Host(_)) => return vec![name],
            _ => text.to_owned(),
        },
    };
    let as_written = |named| match named {
        Named::Pattern { reason, .. } => Named::Pattern { text: text.to_owned(), reason },
        named => named,
    };
    host_regexp::names(&whole).into_iter().map(as_written).collect()
}

/// `{label:[a-z]+}.example.com` as one expression; none where no label opens it.
fn unbraced(text: &str) -> Option<String> {
    let mut whole = "^".to_owned();
    let (mut rest, mut labels) = (text, 0);
    while let Some((before, after)) = rest.split_once('{') {
        let end = closing(after)?;
        let (name, pattern) = after[..end].split_once(':').unwrap_or((&after[..end], "[^.]+"));
        if !name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') {
            return None;
        }
        whole.push_str(&regex_syntax::escape(before));
        whole.extend(["(?:", pattern, ")"]);
        rest = &after[end + 1..];
        labels += 1;
    }
    whole.push_str(&regex_syntax::escape(rest));
    whole.push('$');
    (labels > 0).then_some(whole)
}

/// Where the brace ends that is open.
fn closing(text: &str) -> Option<usize> {
    let mut open = 1_usize;
    text.char_indices().find_map(|(at, c)| {
        match c {
            '{' => open += 1,
            '}' => open -= 1,
            _ => {}
        }
        (open == 0).then_some(at)
    })
}

fn host(named: Named) -> Option<String> {
    match named {
        Named::Host(host) => Some(host),
        Named::Wildcard(_) | Named::Pattern { .. } => None,
    }
}

#[cfg(test)]
mod tests;
