//! A proxy that is asked to connect to the tenant's own name. It finds the proxy, and leaves the name to it.

use std::sync::Arc;

use super::detour::Detours;
use super::{Source, tenant};
use crate::model::{Proxy, Tunnel};

pub(super) const SOURCE: Source =
    Source { key: "proxy", title: "where a proxy, http or socks5h, is led by the tenant's own name" };

/// Where the proxy is asked to connect to: `--connect-to` counts, as it does for curl.
pub(super) fn tunnel(proxy: &Arc<Proxy>, host: &Arc<str>, port: u16, detours: &Detours) -> Tunnel {
    let (name, port) = detours.destination(&tenant::name(host), port);
    Tunnel { proxy: Arc::clone(proxy), name, port }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::{ConnectTo, Found, Resolve, Resolvers, Wanted};
    use super::*;
    use crate::model::{AddressFamily, Addresses, Place, ProxyScheme};

    async fn found(detours: Detours, host: Option<&str>) -> Found {
        let proxy = Proxy { scheme: ProxyScheme::Http, name: "proxy.example".into(), port: 3128, credentials: None };
        let (place, host) = (Place::Proxy(Arc::new(proxy)), host.map(Arc::from));
        let wanted = Wanted {
            place: &place,
            host: host.as_ref(),
            port: 443,
            family: AddressFamily::Any,
            addresses: Addresses::All,
            timeout: Duration::ZERO,
            tls: None,
        };
        Resolvers::with(detours).find(&wanted).await.unwrap()
    }

    fn typed() -> Detours {
        let resolve = ["proxy.example:3128:192.0.2.9,192.0.2.8", "a.example:443:192.0.2.1"];
        Detours { resolve: resolve.map(|text| Resolve::parse(text).unwrap()).to_vec(), connect_to: Vec::new() }
    }

    #[tokio::test]
    async fn the_proxy_is_dialled_at_one_address_and_resolves_the_tenants_name() {
        let found = found(typed(), Some("a.example:8443")).await;
        assert_eq!(found.addresses, ["192.0.2.9:3128".parse().unwrap()]);
        assert_eq!((found.through.unwrap().to_string(), found.source), ("a.example:443".to_owned(), "proxy"));
    }

    #[tokio::test]
    async fn a_destination_that_was_typed_is_the_tunnels_and_not_the_proxys() {
        let connect_to = ["proxy.example:3128:other.example:1", "a.example:443:[2001:db8::1]:8443"];
        let connect_to = connect_to.map(|text| ConnectTo::parse(text).unwrap()).to_vec();
        let found = found(Detours { connect_to, ..typed() }, Some("a.example")).await;
        assert_eq!(found.addresses, ["192.0.2.9:3128".parse().unwrap()]);
        assert_eq!(found.through.unwrap().to_string(), "[2001:db8::1]:8443");
    }

    #[tokio::test]
    async fn without_a_host_there_is_no_way_on() {
        assert_eq!(found(typed(), None).await.through, None);
    }
}
