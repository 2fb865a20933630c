//! Any bytes as a server shows them for its certificate.

use purgeproof::syntax::certificate as syntax;

/// DER.
pub fn certificate(der: &[u8]) {
    let Some(read) = syntax::certificate(der) else { return };
    let said = read.names.iter().map(String::len).sum::<usize>() + read.issuer.map_or(0, |issuer| issuer.len());
    assert!(said <= der.len(), "it says more than there is");
}
