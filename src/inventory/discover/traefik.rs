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
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Hosts and wildcards as they are, a pattern as `?`.
    fn shown(rule: &str) -> String {
        let show = |named| match named {
            Named::Host(name) | Named::Wildcard(name) => name,
            Named::Pattern { .. } => "?".to_owned(),
        };
        match hosts(rule) {
            Ok(named) => named.into_iter().map(show).collect::<Vec<_>>().join(" "),
            Err(why) => panic!("{rule}: {why}"),
        }
    }

    #[test]
    fn hosts_stand_in_backticks_or_quotes_and_several_in_one() {
        for (rule, names) in [
            ("Host(`shop.example.com`)", "shop.example.com"),
            ("Host(\"shop.example.com\")", "shop.example.com"),
            ("Host(`b.example`, `a.example`)", "b.example a.example"),
            ("host(`Shop.Example.com`)", "shop.example.com"),
            ("HOST ( `a.example` )", "a.example"),
            ("HostHeader(`a.example`)", "a.example"),
            ("HostSNI(`db.example`)", "db.example"),
            ("Host(`*.example.com`)", "*.example.com"),
            ("Host(`a.example`) || Host(`a.example`)", "a.example"),
        ] {
            assert_eq!(shown(rule), names, "{rule}");
        }
    }

    #[test]
    fn operators_bind_as_in_go() {
        for (rule, names) in [
            ("Host(`a.example`) && PathPrefix(`/x`)", "a.example"),
            ("PathPrefix(`/x`) && (Host(`a.example`) || Host(`b.example`))", "a.example b.example"),
            ("Host(`a.example`) || Host(`b.example`) && Path(`/x`)", "a.example b.example"),
            ("Host(`a.example`)&&!Path(`/x`)||Host(`b.example`)", "a.example b.example"),
            ("Host(`a.example`, `b.example`) && HostRegexp(`^.+$`)", "a.example b.example"),
            ("Host(`a.example.com`) && HostRegexp(`^[a-z]+\\.example\\.com$`)", "a.example.com"),
        ] {
            assert_eq!(shown(rule), names, "{rule}");
        }
    }

    #[test]
    fn a_host_under_a_negation_is_no_host() {
        for (rule, names) in [
            ("!Host(`a.example`)", "?"),
            ("Host(`a.example`) && !Host(`b.example`)", "a.example"),
            ("Host(`a.example`, `b.example`) && !Host(`b.example`)", "a.example"),
            ("Host(`a.example`) && !(Host(`b.example`) || Path(`/x`))", "a.example"),
            ("!(!Host(`a.example`))", "a.example"),
            ("!(!Host(`a.example`) || Path(`/x`))", "a.example"),
            ("!(Host(`a.example`) && Path(`/x`))", "?"),
        ] {
            assert_eq!(shown(rule), names, "{rule}");
        }
    }

    #[test]
    fn a_rule_or_branch_without_a_host_is_a_pattern() {
        for (rule, names, reason) in [
            ("PathPrefix(`/`)", "?", "a rule that names no host"),
            ("Host(`a.example`) || Path(`/x`)", "a.example ?", "a rule with a branch that names no host"),
            ("Host(`a.example`) && Host(`b.example`)", "?", "a rule that no host fits"),
        ] {
            assert_eq!(shown(rule), names, "{rule}");
            assert_eq!(hosts(rule).unwrap().pop(), Some(Named::Pattern { text: rule.to_owned(), reason }));
        }
    }

    #[test]
    fn expressions_of_both_versions_are_read() {
        for (rule, names) in [
            ("HostRegexp(`^shop\\.example\\.com$`)", "shop.example.com"),
            ("HostRegexp(`shop.example.com`)", "shop.example.com"),
            ("HostRegexp(`^.+\\.example\\.com$`)", "*.example.com"),
            ("HostRegexp(`{subdomain:[a-z]+}.example.com`)", "*.example.com"),
            ("HostRegexp(`example.com`, `{sub:[a-z0-9-]+}.example.com`)", "example.com *.example.com"),
            ("HostRegexp(`{sub:(www|shop)}.example.com`)", "www.example.com shop.example.com"),
            ("HostRegexp(`{label}.example.com`)", "*.example.com"),
            ("HostRegexp(`{any:.+}`)", "?"),
            ("HostRegexp(`^[a-z]{2,5}\\.example\\.com$`)", "*.example.com"),
            ("HostRegexp(`{sub:t[0-9]{3}}.example.com`)", "?"),
            ("HostRegexp(\"^shop\\\\.example\\\\.com$\")", "shop.example.com"),
        ] {
            assert_eq!(shown(rule), names, "{rule}");
        }
        let pattern = Named::Pattern {
            text: "{sub:t[0-9]+}.example.com".to_owned(),
            reason: "a regular expression that many names match",
        };
        assert_eq!(hosts("HostRegexp(`{sub:t[0-9]+}.example.com`)"), Ok(vec![pattern]));
    }

    #[test]
    fn other_matchers_name_no_host() {
        for other in [
            "Path(`/a`, `/b`)",
            "PathRegexp(`^/x`)",
            "Headers(`Host`, `no.example`)",
            "Header(`X`, `no.example`)",
            "HeadersRegexp(`X`, `no`)",
            "HeaderRegexp(`X`, `no`)",
            "Method(`GET`)",
            "ClientIP(`192.0.2.0/24`)",
            "Query(`a=b`)",
            "QueryRegexp(`a`, `b`)",
            "ALPN(`h2`)",
        ] {
            assert_eq!(shown(&format!("{other} && Host(`a.example`)")), "a.example", "{other}");
        }
    }

    #[test]
    fn every_bad_rule_has_its_message() {
        for (rule, message) in [
            ("", "the rule ends where a matcher such as Host(`shop.example.com`) is missing, add it"),
            ("Host(`a.example`", "the rule ends where \",\" or \")\" is missing, add it"),
            ("Host(`a.example)", "the rule has a value without its closing `, add it"),
            ("Host('a.example')", "the rule has \"\\'\" at character 6, write a value in backticks, `…`"),
            ("Host()", "Host() holds nothing, write Host(`…`)"),
            ("Host(`a b`)", "Host: \"a b\" is no host name, write letters, digits and hyphens with dots between"),
            ("Hots(`a.example`)", "the rule has an unknown matcher \"Hots\", did you mean \"Host\"?"),
            ("Host:a.example,b.example", "\"Host:\" is of Traefik 1, write Host(`…`)"),
            ("Host(`a.example`) Path(`/`)", "the rule has \"P\" at character 19, write the end, && or ||"),
            ("(Host(`a.example`)", "the rule ends where \")\" is missing, add it"),
        ] {
            assert_eq!(hosts(rule), Err(message.to_owned()), "{rule}");
        }
    }

    #[test]
    fn hostile_rules_are_clear_errors() {
        for rule in ["(".repeat(100_000), "!".repeat(100_000)] {
            assert_eq!(hosts(&rule), Err("the rule is nested too deep, flatten it".to_owned()));
        }
        let many = format!("({})", vec!["Host(`a.example`)"; 2_000].join("||"));
        let message = "the rule joins more hosts by && than can be told apart, split it";
        assert_eq!(hosts(&vec![many.as_str(); 1_000].join("&&")), Err(message.to_owned()));
    }

    proptest! {
        #[test]
        fn no_rule_makes_it_panic(rule in "(Host|HostRegexp|Path|[`\"(),!|&{}:.a*]|&&|\\|\\||\\PC){0,40}") {
            if let Ok(named) = hosts(&rule) {
                prop_assert!(!named.is_empty());
            }
        }
    }
}
