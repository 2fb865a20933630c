//! Certificates that nobody should believe, and one that everybody may.

use std::path::Path;
use std::sync::Arc;

use rcgen::{
    BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose, date_time_ymd,
};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio_rustls::TlsAcceptor;

use super::HOST;

/// What an edge shows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    /// Nothing wrong with it.
    Sound,
    /// Its time is over.
    Expired,
    /// Its time is to come.
    Early,
    /// By nobody but itself.
    SelfSigned,
    /// For somebody else.
    OtherName,
    /// By an authority that the program was not told of.
    OtherAuthority,
}

/// Two authorities with the same name, of which one is known.
pub(super) struct Authorities {
    known: Issuer,
    unknown: Issuer,
}

type Issuer = CertifiedIssuer<'static, KeyPair>;

impl Authorities {
    pub(super) fn new() -> Self {
        Self { known: issuer(), unknown: issuer() }
    }

    /// The known one, as a file.
    pub(super) fn write(&self, to: &Path) {
        std::fs::write(to, self.known.pem()).unwrap();
    }

    /// A server that shows that, and agrees to one version of HTTP.
    pub(super) fn acceptor(&self, shown: Shown, alpn: &[u8]) -> TlsAcceptor {
        let key = KeyPair::generate().unwrap();
        let name = if shown == Shown::OtherName { "other.test" } else { HOST };
        let mut params = CertificateParams::new([name.to_owned()]).unwrap();
        params.use_authority_key_identifier_extension = true;
        match shown {
            Shown::Expired => {
                params.not_before = date_time_ymd(2010, 1, 1);
                params.not_after = date_time_ymd(2020, 1, 1);
            }
            Shown::Early => {
                params.not_before = date_time_ymd(2900, 1, 1);
                params.not_after = date_time_ymd(2901, 1, 1);
            }
            Shown::Sound | Shown::SelfSigned | Shown::OtherName | Shown::OtherAuthority => {}
        }
        let signed = match shown {
            Shown::SelfSigned => params.self_signed(&key),
            Shown::OtherAuthority => params.signed_by(&key, &self.unknown),
            _ => params.signed_by(&key, &self.known),
        };
        let chain: Vec<CertificateDer<'static>> = vec![signed.unwrap().der().clone()];
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let builder = ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
        let mut config = builder.with_no_client_auth().with_single_cert(chain, key).unwrap();
        config.alpn_protocols = vec![alpn.to_vec()];
        TlsAcceptor::from(Arc::new(config))
    }
}

fn issuer() -> Issuer {
    let mut params = CertificateParams::default();
    params.distinguished_name.push(DnType::CommonName, "purgeproof tests");
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign];
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}
