//! Turns a planned object into the request that asks for it.

use std::sync::Arc;

use http::header::{HeaderMap, HeaderName, HeaderValue, USER_AGENT};

use super::Thing;
use crate::model::{Ask, Edge, Identity, Method, Origin, Place, Scheme, Variant, Want};

/// What every request of one edge or origin has in common.
#[derive(Debug)]
pub(super) struct Asks {
    /// By variant: all headers where a tenant has none of its own.
    common: Vec<Arc<HeaderMap>>,
    /// By variant: what a tenant's own headers are laid over.
    below: Vec<HeaderMap>,
    /// What only this edge or origin gets, laid over everything; flags among it.
    own: HeaderMap,
    /// Some of it is filled in for each object.
    is_template: bool,
    max_body: u64,
    /// Values that are no templates, whatever braces they hold.
    literal: Vec<String>,
}

/// What is wanted of the body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Body {
    /// Nothing, by HEAD.
    Leave,
    /// Nothing, by GET.
    LeaveByGet,
    /// Its digest.
    Digest,
}

impl Asks {
    /// With the headers that only this edge or origin gets, and those that anybody's stand before.
    pub(super) fn new(variants: &[Variant], lowest: &HeaderMap, own: &HeaderMap, max_body: u64) -> Self {
        let below: Vec<HeaderMap> = variants
            .iter()
            .map(|variant| {
                let mut all = HeaderMap::new();
                all.insert(USER_AGENT, HeaderValue::from_static(concat!("purgeproof/", env!("CARGO_PKG_VERSION"))));
                lay(&mut all, lowest, HeaderValue::clone);
                lay(&mut all, &variant.headers, HeaderValue::clone);
                all
            })
            .collect();
        let with_own = |below: &HeaderMap| {
            let mut all = below.clone();
            lay(&mut all, own, HeaderValue::clone);
            Arc::new(all)
        };
        let common: Vec<Arc<HeaderMap>> = below.iter().map(with_own).collect();
        let is_template = common.iter().any(|headers| headers.values().any(has_template));
        Self { common, below, own: own.clone(), is_template, max_body, literal: Vec::new() }
    }

    /// Nothing is filled in within those values.
    pub(super) fn around(self, literal: Vec<String>) -> Self {
        Self { literal, ..self }
    }

    pub(super) fn edge(&self, edge: &Edge, thing: &Thing<'_>, body: Body, alone: bool) -> Ask {
        let hostname = match &edge.place {
            Place::Hostname { name, .. } => Some(&**name),
            Place::Address(..) | Place::Tenant(_) | Place::Proxy(_) | Place::Vantage(_) => None,
        };
        let thing = Thing { hostname, ..*thing };
        let path = filled(thing.path, &thing);
        self.ask(edge.scheme, &edge.identity, path, &thing, body, alone)
    }

    pub(super) fn origin(&self, origin: &Origin, thing: &Thing<'_>, body: Body) -> Ask {
        let path = filled(thing.path, thing);
        let path = if origin.base_path.is_empty() { path } else { format!("{}{path}", origin.base_path).into() };
        self.ask(origin.scheme, &origin.identity, path, thing, body, false)
    }

    fn ask(
        &self,
        scheme: Scheme,
        identity: &Identity,
        path: Arc<str>,
        thing: &Thing<'_>,
        body: Body,
        alone: bool,
    ) -> Ask {
        let host = filled_from(&identity.host, thing);
        let sni = if identity.sni == identity.host { Arc::clone(&host) } else { filled_from(&identity.sni, thing) };
        let (method, want) = match body {
            Body::Leave => (Method::Head, Want::Head),
            Body::LeaveByGet => (Method::Get, Want::Head),
            Body::Digest => (Method::Get, Want::Digest { max: self.max_body }),
        };
        Ask {
            method,
            scheme,
            sni: without_port(&sni),
            host,
            path,
            headers: self.headers(thing),
            want,
            alone,
            through: None,
        }
    }

    fn headers(&self, thing: &Thing<'_>) -> Arc<HeaderMap> {
        if thing.headers.is_empty() && !self.is_template {
            return Arc::clone(&self.common[thing.variant]);
        }
        let filled = |value: &HeaderValue| match value.to_str() {
            Ok(text) if text.contains('{') => {
                let filled = crate::inventory::fill_around(text, &self.literal, |part| fill(part, thing));
                HeaderValue::from_str(&filled).unwrap_or_else(|_| value.clone())
            }
            _ => value.clone(),
        };
        let mut all = HeaderMap::new();
        for headers in [&self.below[thing.variant], thing.headers, &self.own] {
            lay(&mut all, headers, filled);
        }
        Arc::new(all)
    }
}

fn has_template(value: &HeaderValue) -> bool {
    value.as_bytes().contains(&b'{')
}

/// Lays headers over others: of a name that both have, only these lines stay.
fn lay(all: &mut HeaderMap, over: &HeaderMap, value: impl Fn(&HeaderValue) -> HeaderValue) {
    for name in over.keys() {
        all.remove(name);
    }
    all.extend(over.iter().map(|(name, line): (&HeaderName, &HeaderValue)| (name.clone(), value(line))));
}

/// The template with `{host}`, `{id}` and `{hostname}` replaced.
pub(super) fn fill(template: &str, thing: &Thing<'_>) -> String {
    crate::inventory::fill(template, thing.tenant, thing.host, thing.hostname).into_owned()
}

fn filled_from(template: &Arc<str>, thing: &Thing<'_>) -> Arc<str> {
    if &**template == "{host}" { Arc::clone(thing.host) } else { filled(template, thing) }
}

/// The same, and shared where there is nothing to replace.
pub(super) fn filled(template: &Arc<str>, thing: &Thing<'_>) -> Arc<str> {
    if template.contains('{') { fill(template, thing).into() } else { Arc::clone(template) }
}

/// SNI and certificates know names only.
fn without_port(host: &Arc<str>) -> Arc<str> {
    let bare = match host.strip_prefix('[') {
        Some(bracketed) => bracketed.split(']').next().unwrap_or_default(),
        None => host.split(':').next().unwrap_or_default(),
    };
    if bare.len() == host.len() { Arc::clone(host) } else { bare.into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value))).collect()
    }

    #[test]
    fn the_edges_own_headers_lie_over_the_tenants_and_those_over_the_variants() {
        let variant =
            Variant { name: "gzip".into(), headers: headers(&[("a", "variant"), ("b", "variant"), ("c", "variant")]) };
        let lowest = headers(&[("a", "lowest"), ("b", "lowest"), ("c", "lowest"), ("d", "lowest")]);
        let asks = Asks::new(&[variant], &lowest, &headers(&[("c", "own {id}")]), 1);
        let tenant = headers(&[("b", "tenant"), ("c", "tenant"), ("x-host", "{host}")]);
        let (host, path) = ("a.example".into(), "/".into());
        let thing = Thing { tenant: "t1", host: &host, hostname: None, path: &path, variant: 0, headers: &tenant };
        let sent = asks.headers(&thing);
        let sent: Vec<_> = ["a", "b", "c", "d", "x-host"].iter().map(|name| sent[*name].to_str().unwrap()).collect();
        assert_eq!(sent, ["variant", "tenant", "own t1", "lowest", "a.example"]);
    }

    #[test]
    fn names_for_tls_have_no_port() {
        for (host, name) in [("a.example:8443", "a.example"), ("a.example", "a.example"), ("[::1]:8443", "::1")] {
            assert_eq!(&*without_port(&host.into()), name);
        }
    }
}
