//! Traefik's labels, versions 1 to 3: the rules of routers name hosts; certificates, middlewares and services do not.

use std::collections::{BTreeMap, BTreeSet};

use super::super::host_regexp::Named;
use super::super::traefik;
use super::clipped;
use super::interpolate::Filled;
use super::names::{Seen, pattern};
use super::service::{Field, Fields, Service};
use super::variables::Variables;
use crate::inventory::InventoryError;

/// Middlewares that redirect, by the labels of all services.
#[derive(Default)]
pub(super) struct Redirects(BTreeSet<String>);

impl Redirects {
    pub(super) fn of<'s>(services: impl IntoIterator<Item = &'s Service>) -> Self {
        let labels = services.into_iter().flat_map(|service| service.labels.keys().chain(service.deploy_labels.keys()));
        let names = labels.filter_map(|key| match parts(key).as_slice() {
            [traefik, http, middlewares, name, kind, ..]
                if is([traefik, http, middlewares], ["traefik", "http", "middlewares"])
                    && ["redirectscheme", "redirectregex"].contains(&kind.to_ascii_lowercase().as_str()) =>
            {
                Some((*name).to_owned())
            }
            _ => None,
        });
        Self(names.collect())
    }

    /// Whether one of these middlewares, `a@docker,b`, redirects.
    fn hold(&self, middlewares: &str) -> bool {
        let mut names = middlewares.split(',').map(|name| name.split('@').next().unwrap_or_default().trim());
        names.any(|name| self.0.contains(name))
    }
}

/// What the labels of one kind say.
#[derive(Default)]
struct Routers<'l> {
    /// By name; a router without a rule has Traefik's default one.
    http: BTreeMap<&'l str, Router<'l>>,
    tcp: BTreeMap<&'l str, Router<'l>>,
    /// Version 1.
    frontends: Vec<&'l Field>,
    /// Whether they are there to serve, and not only to define middlewares for others.
    serves: bool,
}

#[derive(Default)]
struct Router<'l> {
    rule: Option<&'l Field>,
    middlewares: Option<&'l Field>,
    first: Option<&'l Field>,
}

/// The hosts that Traefik routes to a service.
pub(super) fn seen(
    service: &Service,
    redirects: &Redirects,
    variables: &Variables<'_>,
    seen: &mut Vec<Seen>,
) -> Result<(), InventoryError> {
    let mut enabled = None;
    let mut routed = false;
    for labels in [&service.labels, &service.deploy_labels] {
        if labels.keys().all(|key| !key.to_ascii_lowercase().starts_with("traefik.")) {
            continue;
        }
        let routers = Routers::of(labels);
        if let Some(enable) = named(labels, "traefik.enable") {
            // Its value matters only where something is enabled.
            if enable.is_false(variables)? {
                routed = true;
                continue;
            }
            enabled = Some((enable, routers.serves)).or(enabled);
        }
        routed |= routers.any();
        routers.seen(service, redirects, variables, seen)?;
    }
    if let (Some((enable, true)), false, true) = (enabled, routed, service.runs) {
        let named =
            pattern("traefik.enable=true", "no router, so that Traefik's default rule names the host, write a rule");
        seen.push(Seen::new(named, enable, &Filled::default()));
    }
    Ok(())
}

impl<'l> Routers<'l> {
    fn of(labels: &'l Fields) -> Self {
        let mut routers = Self::default();
        let (mut defines, mut serves) = (false, false);
        for (key, field) in labels {
            let parts = parts(key);
            let (parts, lower): (_, Vec<_>) = (&parts, parts.iter().map(|part| part.to_ascii_lowercase()).collect());
            let lower: Vec<&str> = lower.iter().map(String::as_str).collect();
            let router = match lower.as_slice() {
                ["traefik", "http", "routers", _, ..] => routers.http.entry(parts[3]).or_default(),
                ["traefik", "tcp", "routers", _, ..] => routers.tcp.entry(parts[3]).or_default(),
                ["traefik", "frontend", "rule"] | ["traefik", _, "frontend", "rule"] => {
                    routers.frontends.push(field);
                    continue;
                }
                ["traefik", _, kind @ ("middlewares" | "services"), ..] => {
                    defines |= *kind == "middlewares";
                    serves |= *kind == "services";
                    continue;
                }
                _ => continue,
            };
            router.first.get_or_insert(field);
            match &lower[4..] {
                ["rule"] => router.rule = Some(field),
                ["middlewares"] => router.middlewares = Some(field),
                _ => {}
            }
        }
        routers.serves = serves || !defines;
        routers
    }

    fn any(&self) -> bool {
        !self.http.is_empty() || !self.tcp.is_empty() || !self.frontends.is_empty()
    }

    fn seen(
        &self,
        service: &Service,
        redirects: &Redirects,
        variables: &Variables<'_>,
        seen: &mut Vec<Seen>,
    ) -> Result<(), InventoryError> {
        for (name, router) in &self.http {
            let Some((field, filled)) = router.rule(variables)? else {
                // Without an image this is a part of a service, and the rule stands where the rest of it does.
                if let (true, Some(first)) = (service.runs, router.first) {
                    let named = pattern(
                        &format!("traefik.http.routers.{}", clipped(name)),
                        "a router without a rule, so that Traefik's default rule names the host, write a rule",
                    );
                    seen.push(Seen::new(named, first, &Filled::default()));
                }
                continue;
            };
            let middlewares = router.middlewares.map(|field| field.filled(variables)).transpose();
            // What else stands among the middlewares is of no matter here.
            let redirected = middlewares.ok().flatten().is_some_and(|filled| redirects.hold(&filled.text));
            let named = traefik::hosts(&filled.text).map_err(|why| field.fail(filled.fault(&why)))?;
            // A pattern that only leads elsewhere serves no object under any of its names.
            let served = named.into_iter().filter(|named| !(redirected && matches!(named, Named::Pattern { .. })));
            seen.extend(served.map(|named| Seen::new(named, field, &filled)));
        }
        for router in self.tcp.values() {
            let Some((field, filled)) = router.rule(variables)? else { continue };
            let named = traefik::hosts(&filled.text).map_err(|why| field.fail(filled.fault(&why)))?;
            let passed = named.into_iter().filter_map(|named| match named {
                Named::Host(name) | Named::Wildcard(name) => {
                    Some(pattern(&name, "a TCP router: no label says whether it is HTTP"))
                }
                // Any connection to a port: nothing by name.
                Named::Pattern { .. } => None,
            });
            seen.extend(passed.map(|named| Seen::new(named, field, &filled)));
        }
        for field in &self.frontends {
            let filled = field.filled(variables)?;
            let named = frontend(&filled.text).map_err(|why| field.fail(filled.fault(&why)))?;
            seen.extend(named.into_iter().map(|named| Seen::new(named, field, &filled)));
        }
        Ok(())
    }
}

impl<'l> Router<'l> {
    /// None where it has none or an empty one.
    fn rule(&self, variables: &Variables<'_>) -> Result<Option<(&'l Field, Filled)>, InventoryError> {
        let Some(field) = self.rule else { return Ok(None) };
        let filled = field.filled(variables)?;
        Ok((!filled.text.trim().is_empty()).then_some((field, filled)))
    }
}

/// Version 1: `Host:a.example,b.example;PathPrefix:/x`.
fn frontend(text: &str) -> Result<Vec<Named>, String> {
    let mut clauses = Vec::new();
    for clause in text.split(';').map(str::trim).filter(|clause| !clause.is_empty()) {
        let Some((matcher, values)) = clause.split_once(':') else {
            return Err("a rule of Traefik 1 has a colon, write Host:shop.example.com".to_owned());
        };
        if ["Host", "HostRegexp"].iter().any(|known| known.eq_ignore_ascii_case(matcher.trim())) {
            let quoted: Vec<_> = values.split(',').map(|value| format!("`{}`", value.trim())).collect();
            clauses.push(format!("{}({})", matcher.trim(), quoted.join(",")));
        }
    }
    if clauses.is_empty() {
        return Ok(vec![pattern(text, "a rule that names no host")]);
    }
    traefik::hosts(&clauses.join("&&"))
}

/// A label in whatever case: Traefik takes any.
fn named<'l>(labels: &'l Fields, key: &str) -> Option<&'l Field> {
    labels.iter().find(|(known, _)| known.eq_ignore_ascii_case(key)).map(|(_, field)| field)
}

/// A label's key at its dots, but for those in a variable that could not be filled in.
fn parts(key: &str) -> Vec<&str> {
    let mut open = 0_usize;
    key.split(|c| {
        match c {
            '{' => open += 1,
            '}' => open = open.saturating_sub(1),
            _ => {}
        }
        c == '.' && open == 0
    })
    .collect()
}

fn is(parts: [&str; 3], known: [&str; 3]) -> bool {
    parts.iter().zip(known).all(|(part, known)| part.eq_ignore_ascii_case(known))
}
