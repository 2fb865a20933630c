//! `--resolve` and `--connect-to`, with curl's meaning: addresses and destinations that were typed. It asks nobody.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

/// Every detour that was typed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Detours {
    /// In order; of several for one host and port, the last counts.
    pub resolve: Vec<Resolve>,
    /// In order; of several that apply, the first counts.
    pub connect_to: Vec<ConnectTo>,
}

/// `HOST:PORT:ADDR[,ADDR…]`; `*` is every host, `-HOST:PORT` takes an earlier one back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resolve {
    /// In lower case; none for every host.
    host: Option<String>,
    port: u16,
    /// None: taken back.
    addresses: Vec<IpAddr>,
}

/// `HOST1:PORT1:HOST2:PORT2`; an empty part is every host or port, or the same one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConnectTo {
    from: (Option<String>, Option<u16>),
    to: (Option<String>, Option<u16>),
}

impl Resolve {
    /// The error says what to write.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mend = || format!("\"{text}\" cannot be read, write HOST:PORT:ADDR[,ADDR]");
        // What begins with a plus may time out in curl's cache; nothing here outlives the run.
        let (is_taken_back, rest) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text.strip_prefix('+').unwrap_or(text)),
        };
        let (host, rest) = part(rest).ok_or_else(mend)?;
        let (digits, addresses) = rest.split_once(':').map_or((rest, None), |(port, all)| (port, Some(all)));
        let port = port(digits)?.ok_or_else(mend)?;
        let host = host.ok_or_else(mend)?;
        let addresses = match (is_taken_back, addresses) {
            (true, _) => Vec::new(),
            (false, None) => return Err(mend()),
            (false, Some(all)) => all.split(',').map(ip).collect::<Result<_, _>>()?,
        };
        Ok(Self { host: (host != "*").then_some(host), port, addresses })
    }
}

impl ConnectTo {
    /// The error says what to write.
    pub fn parse(text: &str) -> Result<Self, String> {
        let read = || {
            let (from, rest) = part(text)?;
            let (from_port, rest) = rest.split_once(':')?;
            let (to, to_port) = part(rest)?;
            Some(((from, from_port), (to, to_port)))
        };
        let mend = || format!("\"{text}\" cannot be read, write HOST1:PORT1:HOST2:PORT2");
        let ((from, from_port), (to, to_port)) = read().ok_or_else(mend)?;
        Ok(Self { from: (from, port(from_port)?), to: (to, port(to_port)?) })
    }

    fn applies(&self, host: &str, port: u16) -> bool {
        self.from.0.as_deref().is_none_or(|from| from == host) && self.from.1.is_none_or(|from| from == port)
    }
}

impl Detours {
    /// Where to go instead of that host and port.
    pub(super) fn destination(&self, host: &Arc<str>, port: u16) -> (Arc<str>, u16) {
        let plain = plain(host);
        match self.connect_to.iter().find(|detour| detour.applies(&plain, port)) {
            None => (Arc::clone(host), port),
            Some(ConnectTo { to: (name, to), .. }) => {
                (name.as_deref().map_or_else(|| Arc::clone(host), Arc::from), to.unwrap_or(port))
            }
        }
    }

    /// The addresses that were typed for that host and port.
    pub(super) fn addresses(&self, host: &str, port: u16) -> Option<Vec<SocketAddr>> {
        let plain = plain(host);
        let last = |host: Option<&str>| {
            self.resolve.iter().rev().find(|entry| entry.port == port && entry.host.as_deref() == host)
        };
        let entry = last(Some(&plain)).filter(|entry| !entry.addresses.is_empty()).or_else(|| last(None))?;
        let addresses: Vec<_> = entry.addresses.iter().map(|ip| SocketAddr::new(*ip, port)).collect();
        (!addresses.is_empty()).then_some(addresses)
    }
}

/// As hosts are compared.
fn plain(host: &str) -> String {
    host.trim_start_matches('[').trim_end_matches(']').trim_end_matches('.').to_ascii_lowercase()
}

/// A host, maybe in brackets, up to the next colon, and what follows.
fn part(text: &str) -> Option<(Option<String>, &str)> {
    let (host, rest) = match text.strip_prefix('[') {
        Some(bracketed) => {
            let (host, rest) = bracketed.split_once(']')?;
            (host, rest.strip_prefix(':')?)
        }
        None => text.split_once(':')?,
    };
    Some(((!host.is_empty()).then(|| plain(host)), rest))
}

fn port(text: &str) -> Result<Option<u16>, String> {
    match text.parse() {
        _ if text.is_empty() => Ok(None),
        Ok(port @ 1..) => Ok(Some(port)),
        _ => Err(format!("\"{text}\" is no port, write one from 1 to 65535")),
    }
}

fn ip(text: &str) -> Result<IpAddr, String> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    bare.parse().map_err(|_| format!("\"{text}\" is no IP address, write one such as 192.0.2.7 or [2001:db8::7]"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn detours(resolve: &[&str], connect_to: &[&str]) -> Detours {
        Detours {
            resolve: resolve.iter().map(|text| Resolve::parse(text).unwrap()).collect(),
            connect_to: connect_to.iter().map(|text| ConnectTo::parse(text).unwrap()).collect(),
        }
    }

    #[test]
    fn typed_addresses_stand_for_a_host_and_port() {
        let typed =
            detours(&["A.example:443:192.0.2.1,[2001:db8::1]", "+b.example:80:192.0.2.2", "*:8443:192.0.2.3"], &[]);
        let of = |host: &str, port| {
            let found = typed.addresses(host, port).unwrap_or_default();
            found.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ")
        };
        assert_eq!(of("a.example", 443), "192.0.2.1:443 [2001:db8::1]:443");
        assert_eq!((of("b.example", 80), of("a.example", 80)), ("192.0.2.2:80".to_owned(), String::new()));
        assert_eq!(of("any.example", 8443), "192.0.2.3:8443");
        let taken_back = detours(&["a.example:443:192.0.2.1", "-a.example:443"], &[]);
        assert_eq!(taken_back.addresses("a.example", 443), None);
    }

    #[test]
    fn empty_parts_are_every_host_and_the_same_one() {
        let host: Arc<str> = "a.example".into();
        for (typed, name, port) in [
            ("a.example:443:b.example:8443", "b.example", 8443),
            ("::b.example:", "b.example", 443),
            ("a.example:::8443", "a.example", 8443),
            (":80:b.example:1", "a.example", 443),
            ("::[2001:db8::1]:", "2001:db8::1", 443),
        ] {
            let (to, to_port) = detours(&[], &[typed]).destination(&host, 443);
            assert_eq!((&*to, to_port), (name, port), "{typed}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        for text in ["", "a", "a:443", "a:443:", "a:0:192.0.2.1", "a:443:b", ":443:192.0.2.1", "[::1:443:192.0.2.1"] {
            assert!(Resolve::parse(text).is_err(), "{text}");
        }
        for text in ["", "a", "a:1", "a:1:b", "a:x:b:1", "a:1:b:0"] {
            assert!(ConnectTo::parse(text).is_err(), "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "[-+*a1:.,\\[\\]]{0,24}") {
            let _ = (Resolve::parse(&text), ConnectTo::parse(&text));
        }
    }
}
