//! Turns a planned object into the request that asks for it.

use std::sync::Arc;

use http::header::{HeaderMap, HeaderName, HeaderValue, USER_AGENT};

use super::Thing;
use crate::model::{Ask, Edge, Identity, Method, Origin, Place, Scheme, Variant, Want};

/// What every request of one edge or origin has in common.
#[derive(Debug)]
pub(super) struct Asks {
    /// By variant: the request's headers, tenants' own aside.
    headers: Vec<Arc<HeaderMap>>,
    max_body: u64,
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
    /// With the headers that only this edge or origin gets.
    pub(super) fn new(variants: &[Variant], own: &HeaderMap, max_body: u64) -> Self {
        let headers = variants.iter().map(|variant| {
            let mut all = HeaderMap::new();
            all.insert(USER_AGENT, HeaderValue::from_static(concat!("purgeproof/", env!("CARGO_PKG_VERSION"))));
            merge(&mut all, &variant.headers);
            merge(&mut all, own);
            Arc::new(all)
        });
        Self { headers: headers.collect(), max_body }
    }

    pub(super) fn edge(&self, edge: &Edge, thing: &Thing<'_>, body: Body, alone: bool) -> Ask {
        let hostname = match &edge.place {
            Place::Hostname { name, .. } => Some(&**name),
            Place::Address(..) => None,
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

    fn ask(&self, scheme: Scheme, identity: &Identity, path: Arc<str>, thing: &Thing<'_>, body: Body, alone: bool) -> Ask {
        let host = filled_from(&identity.host, thing);
        let sni = if identity.sni == identity.host { Arc::clone(&host) } else { filled_from(&identity.sni, thing) };
        let (method, want) = match body {
            Body::Leave => (Method::Head, Want::Head),
            Body::LeaveByGet => (Method::Get, Want::Head),
            Body::Digest => (Method::Get, Want::Digest { max: self.max_body }),
        };
        Ask { method, scheme, sni: without_port(&sni), host, path, headers: self.headers(thing), want, alone }
    }

    fn headers(&self, thing: &Thing<'_>) -> Arc<HeaderMap> {
        let Some(common) = self.headers.get(thing.variant) else { return Arc::default() };
        if thing.headers.is_empty() {
            return Arc::clone(common);
        }
        let mut all = HeaderMap::clone(common);
        for (name, value) in thing.headers {
            let filled = value.to_str().ok().filter(|text| text.contains('{')).map(|text| fill(text, thing));
            let value = filled.and_then(|text| HeaderValue::from_str(&text).ok()).unwrap_or_else(|| value.clone());
            all.insert(name.clone(), value);
        }
        Arc::new(all)
    }
}

fn merge(all: &mut HeaderMap, more: &HeaderMap) {
    for name in more.keys() {
        all.remove(name);
    }
    all.extend(more.iter().map(|(name, value): (&HeaderName, &HeaderValue)| (name.clone(), value.clone())));
}

/// The template with `{host}`, `{id}` and `{hostname}` replaced.
pub(super) fn fill(template: &str, thing: &Thing<'_>) -> String {
    crate::inventory::fill(template, thing.tenant, thing.host, thing.hostname).into_owned()
}

fn filled_from(template: &Arc<str>, thing: &Thing<'_>) -> Arc<str> {
    if &**template == "{host}" { Arc::clone(thing.host) } else { filled(template, thing) }
}

fn filled(template: &Arc<str>, thing: &Thing<'_>) -> Arc<str> {
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

    #[test]
    fn names_for_tls_have_no_port() {
        for (host, name) in [("a.example:8443", "a.example"), ("a.example", "a.example"), ("[::1]:8443", "::1")] {
            assert_eq!(&*without_port(&host.into()), name);
        }
    }
}
