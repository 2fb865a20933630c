//! Where an edge is: an address, or a name and whom to ask for it; nothing is looked up here.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use super::InventoryError;
use super::error::near_miss;
use super::reader::Item;
use super::wire::check_name;
use crate::model::{NameServer, NameServerError, Place, Subnet, SubnetError};

/// A name that people read: not empty, one line.
pub(super) fn name(item: &Item<'_>) -> Result<Arc<str>, InventoryError> {
    let text = item.text()?;
    if text.trim().is_empty() || text.contains(char::is_control) {
        return Err(item.wrong("this is no name, write a word"));
    }
    Ok(text.into())
}

/// An IP address with an optional port.
pub(super) fn address(text: &str) -> Result<Place, String> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    let link_local = |ip: IpAddr| matches!(ip, IpAddr::V6(ip) if ip.is_unicast_link_local());
    let elsewhere = "write one that is reached from everywhere, such as \"[2001:db8::1]:8443\"";
    if let Ok(ip) = bare.parse::<IpAddr>() {
        if link_local(ip) {
            return Err(format!("\"{text}\" is link-local and leads nowhere without an interface, {elsewhere}"));
        }
        return Ok(Place::Address(ip, None));
    }
    if text.contains('%') {
        return Err(format!("\"{text}\" names an interface, which no edge is reached by, {elsewhere}"));
    }
    match text.parse::<SocketAddr>() {
        Ok(socket) if link_local(socket.ip()) => {
            Err(format!("\"{text}\" is link-local and leads nowhere without an interface, {elsewhere}"))
        }
        Ok(socket) if socket.port() == 0 => Err(format!("\"{text}\" has port 0, write one from 1 to 65535")),
        Ok(socket) => Ok(Place::Address(socket.ip(), Some(socket.port()))),
        Err(_) if check_name(text).is_ok() && text.contains(|c: char| c.is_ascii_alphabetic()) => {
            Err(format!("\"{text}\" is a name, use \"hostname\" instead"))
        }
        Err(_) => Err(format!("\"{text}\" is no IP address, write it like \"203.0.113.10\" or \"[2001:db8::1]:8443\"")),
    }
}

pub(super) fn hostname(item: &Item<'_>) -> Result<Arc<str>, InventoryError> {
    let text = item.text()?;
    if text.parse::<IpAddr>().is_ok() {
        return Err(item.wrong(format_args!("\"{text}\" is an address, use \"address\" instead")));
    }
    if text.contains(':') && !text.contains('/') {
        return Err(item.wrong(format_args!("\"{text}\" holds a port, write it as \"port\"")));
    }
    check_name(&text).map_err(|why| item.wrong(format_args!("\"{text}\" {why}")))?;
    Ok(text.into())
}

pub(super) fn resolver(item: &Item<'_>) -> Result<Arc<NameServer>, InventoryError> {
    let text = item.text()?;
    text.parse::<NameServer>().map(Arc::new).map_err(|error| match error {
        NameServerError::Rest(why) => item.wrong(format_args!("\"{text}\" {why}")),
        NameServerError::Scheme(scheme) => {
            let near = near_miss(&scheme, NameServer::SCHEMES).filter(|_| text.contains("://"));
            let mend = near.map_or_else(
                || {
                    "write \"udp://192.0.2.53\", \"tcp://192.0.2.53:53\", \"tls://dns.example@192.0.2.53\" or \
                     \"https://dns.example/dns-query\""
                        .to_owned()
                },
                |near| format!("did you mean \"{near}://\"?"),
            );
            item.wrong(format_args!("\"{text}\" is no resolver, {mend}"))
        }
    })
}

pub(super) fn client_subnet(item: &Item<'_>) -> Result<Subnet, InventoryError> {
    item.text()?.parse().map_err(|error: SubnetError| item.wrong(error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_may_hold_a_port() {
        for (text, ip, port) in [
            ("203.0.113.10", "203.0.113.10", None),
            ("203.0.113.10:8443", "203.0.113.10", Some(8443)),
            ("2001:db8::1", "2001:db8::1", None),
            ("[2001:db8::1]", "2001:db8::1", None),
            ("[2001:db8::1]:8443", "2001:db8::1", Some(8443)),
        ] {
            assert_eq!(address(text), Ok(Place::Address(ip.parse().unwrap(), port)), "{text}");
        }
    }

    #[test]
    fn an_address_on_one_link_is_no_edge() {
        for (text, why) in [
            ("fe80::1", "is link-local"),
            ("[fe80::1]:443", "is link-local"),
            ("fe80::1%eth0", "names an interface"),
            ("[fe80::1%eth0]:443", "names an interface"),
        ] {
            let error = address(text).unwrap_err();
            assert!(error.starts_with(&format!("\"{text}\" {why}")), "{error}");
        }
    }
}
