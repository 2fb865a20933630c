//! Whom TLS trusts, and as whom a client presents itself. It dials nothing.

use std::sync::{Arc, OnceLock};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{Resumption, WebPkiServerVerifier};
use rustls::crypto::CryptoProvider;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime};
use rustls::time_provider::TimeProvider;
use rustls::{ClientConfig, DigitallySignedStruct, RootCertStore, SignatureScheme};

use super::Http;
use crate::clock::Clock;
use crate::model::{Authorities, Timestamp, Trust};

/// Sessions that one client keeps for resumption, by server name.
const SESSIONS: usize = 32;

/// A trust that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TlsError {
    /// The extra authorities are no PEM certificates.
    #[error("no certificate authority can be read: {0}")]
    Authorities(String),
    /// Neither the system nor the caller names an authority.
    #[error("no certificate authority is known to this system{0}, and none was given")]
    NoAuthorities(String),
    /// The client certificate or its key cannot be used.
    #[error("the client certificate cannot be used: {0}")]
    Client(String),
    /// The provider of cryptography does not fit.
    #[error("TLS cannot be set up: {0}")]
    Setup(#[from] rustls::Error),
}

/// The configuration for everyone who trusts alike; certificates are valid by this clock. Each [`Client`](super::Client) takes a copy with sessions of its own.
pub fn config(trust: &Trust, http: Http, clock: Clock) -> Result<ClientConfig, TlsError> {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_details(Arc::clone(&provider), Arc::new(Wall(clock)));
    let builder = builder.with_safe_default_protocol_versions()?;
    let verifier: Arc<dyn ServerCertVerifier> =
        if trust.insecure { Arc::new(Anyone(provider)) } else { authorities(trust, provider)? };
    let builder = builder.dangerous().with_custom_certificate_verifier(verifier);
    let mut config = match &trust.client {
        None => builder.with_no_client_auth(),
        Some(pem) => {
            let words = |error: &dyn std::fmt::Display| TlsError::Client(error.to_string());
            let chain: Vec<_> =
                CertificateDer::pem_slice_iter(&pem.chain).collect::<Result<_, _>>().map_err(|error| words(&error))?;
            if chain.is_empty() {
                return Err(TlsError::Client("its file holds no certificate".to_owned()));
            }
            let key = PrivateKeyDer::from_pem_slice(&pem.key).map_err(|error| words(&error))?;
            builder.with_client_auth_cert(chain, key).map_err(|error| words(&error))?
        }
    };
    config.alpn_protocols = match http {
        Http::Auto => vec![b"h2".to_vec(), b"http/1.1".to_vec()],
        Http::Http1 => vec![b"http/1.1".to_vec()],
        Http::Http2 => vec![b"h2".to_vec()],
    };
    Ok(config)
}

/// A copy with sessions of its own: a ticket from one address is never offered to another.
pub(super) fn own(config: &ClientConfig) -> Arc<ClientConfig> {
    let mut own = config.clone();
    own.resumption = Resumption::in_memory_sessions(SESSIONS);
    Arc::new(own)
}

/// The system's authorities and those given.
fn authorities(trust: &Trust, provider: Arc<CryptoProvider>) -> Result<Arc<WebPkiServerVerifier>, TlsError> {
    // Hundreds of edges share one parsed set.
    static SYSTEM_ONLY: OnceLock<Arc<WebPkiServerVerifier>> = OnceLock::new();
    if trust.authorities.is_empty()
        && let Some(verifier) = SYSTEM_ONLY.get()
    {
        return Ok(Arc::clone(verifier));
    }
    let (system, complaint) = system();
    let mut roots = system.clone();
    for Authorities { pem, .. } in &trust.authorities {
        let before = roots.len();
        for certificate in CertificateDer::pem_slice_iter(pem) {
            let certificate = certificate.map_err(|error| TlsError::Authorities(error.to_string()))?;
            roots.add(certificate).map_err(|error| TlsError::Authorities(error.to_string()))?;
        }
        if roots.len() == before {
            return Err(TlsError::Authorities("the file holds no certificate".to_owned()));
        }
    }
    if roots.is_empty() {
        return Err(TlsError::NoAuthorities(complaint.clone()));
    }
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider)
        .build()
        .map_err(|error| TlsError::Authorities(error.to_string()))?;
    if trust.authorities.is_empty() {
        return Ok(Arc::clone(SYSTEM_ONLY.get_or_init(|| verifier)));
    }
    Ok(verifier)
}

/// The system's roots, read once for the process; and what reading them complained about.
fn system() -> &'static (RootCertStore, String) {
    static SYSTEM: OnceLock<(RootCertStore, String)> = OnceLock::new();
    SYSTEM.get_or_init(|| {
        let loaded = rustls_native_certs::load_native_certs();
        let mut roots = RootCertStore::empty();
        // A root that cannot be parsed is one that nobody can be verified by; the others still serve.
        roots.add_parsable_certificates(loaded.certs);
        let complaint = loaded.errors.first().map(|error| format!(" ({error})")).unwrap_or_default();
        (roots, complaint)
    })
}

/// The run's own time: a step of the system's clock makes no certificate invalid.
#[derive(Debug)]
struct Wall(Clock);

impl TimeProvider for Wall {
    fn current_time(&self) -> Option<UnixTime> {
        let since = self.0.wall().duration_since(Timestamp::UNIX_EPOCH);
        Some(UnixTime::since_unix_epoch(since.try_into().ok()?))
    }
}

/// Accepts any certificate, as the caller asked for.
#[derive(Debug)]
struct Anyone(Arc<CryptoProvider>);

impl ServerCertVerifier for Anyone {
    fn verify_server_cert(
        &self,
        _end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn verify_tls13_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        Ok(HandshakeSignatureValid::assertion())
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_without_certificates_is_no_authority() {
        let trust = Trust {
            authorities: vec![Authorities { file: "nothing.pem".into(), pem: Arc::from(&b"nothing here"[..]) }],
            ..Trust::default()
        };
        let error = config(&trust, Http::Auto, Clock::start()).unwrap_err();
        assert_eq!(error.to_string(), "no certificate authority can be read: the file holds no certificate");
    }

    #[test]
    fn certificates_are_valid_by_the_runs_own_time() {
        let trust = Trust { insecure: true, ..Trust::default() };
        let clock = Clock::at("2000-01-01T00:00:00Z".parse().unwrap());
        let now = config(&trust, Http::Auto, clock).unwrap().time_provider.current_time().unwrap();
        // date -u -d 2000-01-01 +%s
        assert_eq!(now.as_secs(), 946_684_800);
    }

    #[test]
    fn insecure_needs_no_authority_and_alpn_follows_the_version() {
        let trust = Trust { insecure: true, ..Trust::default() };
        assert_eq!(config(&trust, Http::Http2, Clock::start()).unwrap().alpn_protocols, [b"h2".to_vec()]);
        assert_eq!(config(&trust, Http::Http1, Clock::start()).unwrap().alpn_protocols, [b"http/1.1".to_vec()]);
        assert_eq!(config(&trust, Http::Auto, Clock::start()).unwrap().alpn_protocols.len(), 2);
    }
}
