//! What people want to know of a certificate (RFC 5280 section 4.1): its names, who issued it, and until when it holds.

use rustls::pki_types::CertificateDer;
use webpki::EndEntityCert;

use crate::model::Timestamp;

/// A certificate, as far as people ask.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// The host names that it is for.
    pub names: Vec<String>,
    /// The common name of who issued it, or else the organization.
    pub issuer: Option<String>,
    /// The last moment at which it holds.
    pub not_after: Option<Timestamp>,
}

/// Reads DER; nothing where it is no certificate.
pub fn certificate(der: &[u8]) -> Option<Certificate> {
    let encoded = CertificateDer::from(der);
    let names = EndEntityCert::try_from(&encoded).ok()?.valid_dns_names().map(ToOwned::to_owned).collect();
    let (mut whole, _) = inside(der, SEQUENCE)?;
    let (mut fields, _) = inside(whole, SEQUENCE)?;
    whole = fields;
    if let Some((_, rest)) = inside(whole, VERSION) {
        fields = rest;
    }
    let (_, _, fields) = element(fields)?; // serial number
    let (_, _, fields) = element(fields)?; // signature algorithm
    let (issuer, fields) = inside(fields, SEQUENCE)?;
    let (validity, _) = inside(fields, SEQUENCE)?;
    let (_, _, rest) = element(validity)?;
    let (tag, text, _) = element(rest)?;
    let issuer = attribute(issuer, COMMON_NAME).or_else(|| attribute(issuer, ORGANIZATION));
    Some(Certificate { names, issuer, not_after: time(tag, text) })
}

const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;
const VERSION: u8 = 0xa0;
const OBJECT: u8 = 0x06;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
/// 2.5.4.3 and 2.5.4.10.
const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];
const ORGANIZATION: &[u8] = &[0x55, 0x04, 0x0a];

/// The first element: its tag, its content, and what follows.
fn element(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = der.split_first()?;
    let (&first, mut rest) = rest.split_first()?;
    let length = if first < 0x80 {
        usize::from(first)
    } else {
        let (bytes, after) = rest.split_at_checked(usize::from(first & 0x7f)).filter(|(bytes, _)| bytes.len() <= 4)?;
        rest = after;
        bytes.iter().fold(0, |length, byte| (length << 8) | usize::from(*byte))
    };
    let (content, rest) = rest.split_at_checked(length)?;
    Some((tag, content, rest))
}

/// The content of the first element, where it has that tag, and what follows.
fn inside(der: &[u8], wanted: u8) -> Option<(&[u8], &[u8])> {
    element(der).filter(|(tag, ..)| *tag == wanted).map(|(_, content, rest)| (content, rest))
}

/// The value of an attribute of a name.
fn attribute(mut name: &[u8], wanted: &[u8]) -> Option<String> {
    while let Some((set, rest)) = inside(name, SET) {
        name = rest;
        let (pair, _) = inside(set, SEQUENCE)?;
        let (object, value) = inside(pair, OBJECT)?;
        if object == wanted {
            let (_, text, _) = element(value)?;
            return std::str::from_utf8(text).ok().map(ToOwned::to_owned);
        }
    }
    None
}

/// `991231235959Z` or `20991231235959Z` (RFC 5280 section 4.1.2.5).
fn time(tag: u8, text: &[u8]) -> Option<Timestamp> {
    let text = std::str::from_utf8(text).ok().filter(|text| text.is_ascii())?;
    let (year, rest) = match tag {
        UTC_TIME => {
            let (year, rest) = text.split_at_checked(2)?;
            (format!("{}{year}", if year < "50" { "20" } else { "19" }), rest)
        }
        GENERALIZED_TIME => text.split_at_checked(4).map(|(year, rest)| (year.to_owned(), rest))?,
        _ => return None,
    };
    let two = |at: usize| rest.get(at..at + 2);
    let (month, day, hour, minute, second) = (two(0)?, two(2)?, two(4)?, two(6)?, two(8)?);
    format!("{year}-{month}-{day}T{hour}:{minute}:{second}Z").parse().ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Issued by an authority of `openssl req`'s making.
    fn made() -> Vec<u8> {
        use rcgen::{CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, date_time_ymd};
        let mut authority = CertificateParams::default();
        authority.distinguished_name.push(DnType::CommonName, "An authority");
        authority.is_ca = IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        let issuer = CertifiedIssuer::self_signed(authority, KeyPair::generate().unwrap()).unwrap();
        let mut params = CertificateParams::new(vec!["a.example".to_owned(), "*.b.example".to_owned()]).unwrap();
        params.not_after = date_time_ymd(2031, 5, 17);
        params.signed_by(&KeyPair::generate().unwrap(), &issuer).unwrap().der().to_vec()
    }

    #[test]
    fn names_issuer_and_expiry_are_read() {
        let read = certificate(&made()).unwrap();
        assert_eq!(read.names, ["a.example", "*.b.example"]);
        assert_eq!(read.issuer.as_deref(), Some("An authority"));
        assert_eq!(read.not_after, Some("2031-05-17T00:00:00Z".parse().unwrap()));
    }

    #[test]
    fn both_forms_of_time_are_read() {
        assert_eq!(time(UTC_TIME, b"491231235959Z"), Some("2049-12-31T23:59:59Z".parse().unwrap()));
        assert_eq!(time(UTC_TIME, b"500101000000Z"), Some("1950-01-01T00:00:00Z".parse().unwrap()));
        assert_eq!(time(GENERALIZED_TIME, b"20991231235959Z"), Some("2099-12-31T23:59:59Z".parse().unwrap()));
        assert_eq!(time(UTC_TIME, b"49"), None);
    }

    proptest! {
        #[test]
        fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..64), cut in any::<prop::sample::Index>(), byte in any::<u8>()) {
            let _ = certificate(&bytes);
            let _ = (attribute(&bytes, COMMON_NAME), time(UTC_TIME, &bytes), time(GENERALIZED_TIME, &bytes));
            let mut broken = made();
            let at = cut.index(broken.len());
            broken[at] = byte;
            let _ = certificate(&broken);
        }
    }
}
