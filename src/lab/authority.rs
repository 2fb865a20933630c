//! An authority that lives as long as its lab, and the certificates it signs. It never writes a key anywhere.

use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair, KeyUsagePurpose, SanType};
use rustls::ServerConfig;
use rustls::crypto::ring::sign::any_supported_type;
use rustls::pki_types::PrivatePkcs8KeyDer;
use rustls::server::{ResolvesServerCert, ResolvesServerCertUsingSni};
use rustls::sign::{CertifiedKey, SingleCertAndKey};

use super::LabError;

/// Signs for the lab's listeners.
pub(super) struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
}

impl Authority {
    pub(super) fn new() -> Result<Self, LabError> {
        let mut params = CertificateParams::default();
        params.distinguished_name.push(DnType::CommonName, "purgeproof lab");
        params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
        params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::DigitalSignature];
        let issuer = CertifiedIssuer::self_signed(params, KeyPair::generate()?)?;
        Ok(Self { issuer })
    }

    /// The authority's own certificate.
    pub(super) fn pem(&self) -> String {
        self.issuer.pem()
    }

    /// Certificates for these names, each name its own set, for a server to choose from by SNI. The first set goes to
    /// those who name nothing, where it is the only one.
    pub(super) fn certificates(&self, sets: &[Vec<String>]) -> Result<Arc<dyn ResolvesServerCert>, LabError> {
        let key = KeyPair::generate()?;
        let signer = any_supported_type(&PrivatePkcs8KeyDer::from(key.serialize_der()).into())?;
        let certified = |names: &[String]| -> Result<CertifiedKey, LabError> {
            let mut params = CertificateParams::new(names)?;
            params.subject_alt_names.push(SanType::IpAddress(IpAddr::V4(Ipv4Addr::LOCALHOST)));
            params.distinguished_name.push(DnType::CommonName, "purgeproof lab listener");
            params.use_authority_key_identifier_extension = true;
            let certificate = params.signed_by(&key, &self.issuer)?.into();
            Ok(CertifiedKey::new(vec![certificate], Arc::clone(&signer)))
        };
        if let [names] = sets {
            return Ok(Arc::new(SingleCertAndKey::from(certified(names)?)));
        }
        let mut resolver = ResolvesServerCertUsingSni::new();
        for names in sets {
            let key = certified(names)?;
            for name in names {
                resolver.add(name, key.clone())?;
            }
        }
        Ok(Arc::new(resolver))
    }
}

/// A server of its own, with tickets of its own, that offers these protocols.
pub(super) fn server(
    certificates: Arc<dyn ResolvesServerCert>,
    http1_only: bool,
) -> Result<Arc<ServerConfig>, LabError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_cert_resolver(certificates);
    let h2 = (!http1_only).then(|| b"h2".to_vec());
    config.alpn_protocols = h2.into_iter().chain([b"http/1.1".to_vec()]).collect();
    Ok(Arc::new(config))
}
