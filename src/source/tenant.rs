//! The tenant's own name, wherever it leads the clients that are asked for. It reads the name, and looks nothing up.

use std::sync::Arc;

use super::Source;

pub(super) const SOURCE: Source = Source { key: "tenant", title: "the tenant's own name, resolved for each host" };

/// The name in a Host: without a port, an IPv6 address without brackets.
pub(super) fn name(host: &Arc<str>) -> Arc<str> {
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
    fn the_name_in_a_host_has_no_port() {
        for (host, expected) in
            [("a.example", "a.example"), ("a.example:8443", "a.example"), ("[::1]:8443", "::1"), ("[::1]", "::1")]
        {
            assert_eq!(&*name(&host.into()), expected);
        }
    }
}
