//! An address that was written down. It asks nobody.

use std::net::{IpAddr, SocketAddr};

use super::{Found, Source, fits};
use crate::model::AddressFamily;

pub(super) const SOURCE: Source = Source { key: "address", title: "an IP address, with a port where it needs one" };

/// The error is in words.
pub(super) fn find(ip: IpAddr, port: u16, family: AddressFamily) -> Result<Found, &'static str> {
    if !fits(family, ip) {
        return Err(if ip.is_ipv4() { "not an IPv6 address" } else { "not an IPv4 address" });
    }
    let addresses = vec![SocketAddr::new(ip, port)];
    Ok(Found { addresses, source: SOURCE.key, ..Found::default() })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::{Resolvers, Wanted};
    use super::*;
    use crate::model::{Addresses, Place, Silence};

    async fn found(own_port: Option<u16>, family: AddressFamily) -> Result<Found, Silence> {
        let place = &Place::Address([192, 0, 2, 7].into(), own_port);
        let (addresses, timeout) = (Addresses::All, Duration::ZERO);
        Resolvers::new().find(&Wanted { place, host: None, port: 443, family, addresses, timeout, tls: None }).await
    }

    #[tokio::test]
    async fn an_address_keeps_its_own_port_and_needs_no_time() {
        for (own, dialled) in [(None, 443), (Some(8443), 8443)] {
            let found = found(own, AddressFamily::Any).await.unwrap();
            assert_eq!((found.addresses, found.took), (vec![([192, 0, 2, 7], dialled).into()], None));
        }
    }

    #[tokio::test]
    async fn an_address_of_the_other_family_is_not_asked() {
        let silence = found(None, AddressFamily::V6).await.unwrap_err();
        assert_eq!(silence.to_string(), "dns 192.0.2.7: not an IPv6 address");
    }
}
