//! What went wrong, in words that people know. It decides nothing but the wording and the phase.

use std::error::Error;
use std::io;
use std::time::Duration;

use rustls::{AlertDescription, CertificateError};

use crate::model::{Phase, Silence, human};

/// Names of a certificate that are listed; more would bury the message.
const NAMES: usize = 4;
const OUT_OF_DESCRIPTORS: &str = "out of file descriptors on this machine";
const OUT_OF_PORTS: &str = "out of local ports on this machine";
const OUT_OF_MEMORY: &str = "out of memory on this machine";

/// An error, told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    /// Where on the way.
    pub(super) phase: Phase,
    /// In words.
    pub(super) words: String,
    /// The server does not serve the name it was asked for.
    pub(super) host_not_served: bool,
    /// A proxy would not or could not lead to this host.
    pub(super) only_this_host: bool,
}

impl Fault {
    pub(super) const fn new(phase: Phase, words: String) -> Self {
        Self { phase, words, host_not_served: false, only_this_host: false }
    }
}

/// Whether this machine failed rather than the one asked: too few descriptors, ports or memory here.
pub fn is_ours(silence: &Silence) -> bool {
    [OUT_OF_DESCRIPTORS, OUT_OF_PORTS, OUT_OF_MEMORY].contains(&silence.error.as_str())
}

/// What this machine lacks, where that is why no connection could be opened.
pub(super) fn shortage(error: &io::Error) -> Option<&'static str> {
    // EMFILE and ENFILE have no kind of their own; their numbers are the same on every Unix.
    match (error.kind(), error.raw_os_error()) {
        (_, Some(23 | 24)) => Some(OUT_OF_DESCRIPTORS),
        (io::ErrorKind::AddrNotAvailable, _) => Some(OUT_OF_PORTS),
        (io::ErrorKind::OutOfMemory, _) => Some(OUT_OF_MEMORY),
        _ => None,
    }
}

/// Tells an error that came up in that phase.
pub(super) fn fault(error: &(dyn Error + 'static), phase: Phase) -> Fault {
    if let Some(tls) = causes(error).find_map(|cause| cause.downcast_ref::<rustls::Error>()) {
        let host_not_served = matches!(
            tls,
            rustls::Error::InvalidCertificate(
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. }
            ) | rustls::Error::AlertReceived(AlertDescription::UnrecognisedName)
        );
        return Fault { host_not_served, ..Fault::new(Phase::Tls, of_tls(tls)) };
    }
    let words = if let Some(io) = causes(error).find_map(|cause| cause.downcast_ref::<io::Error>()) {
        of_io(io, phase)
    } else if let Some(http) = error.downcast_ref::<hyper::Error>() {
        of_http1(http)
    } else if error.is::<h2::Error>() {
        of_http2(&error.to_string())
    } else {
        innermost(error)
    };
    Fault::new(phase, words)
}

/// What HTTP/1.1 and HTTP/2 fail with.
pub(super) type HttpError = Box<dyn Error + Send + Sync>;

/// An error of HTTP/2; where it is one of the connection below, that one.
pub(super) fn of_h2(error: h2::Error) -> HttpError {
    if error.is_io() { error.into_io().map_or_else(|| "connection lost".into(), Into::into) } else { error.into() }
}

/// Whether the server said that it has not processed the request (RFC 9113 section 8.7).
pub(super) fn is_refused(error: &(dyn Error + 'static)) -> bool {
    error.downcast_ref::<h2::Error>().is_some_and(|error| {
        error.is_remote() && (error.is_go_away() || error.reason() == Some(h2::Reason::REFUSED_STREAM))
    })
}

/// Whether the server wants this request by HTTP/1.1 (RFC 9113 section 7), as some do that ask for a client certificate.
pub(super) fn wants_http1(error: &(dyn Error + 'static)) -> bool {
    error.downcast_ref::<h2::Error>().is_some_and(|error| error.reason() == Some(h2::Reason::HTTP_1_1_REQUIRED))
}

/// Whether the connection was closed under the request, as servers close those that were idle.
pub(super) fn is_closed(error: &(dyn Error + 'static)) -> bool {
    use io::ErrorKind as Kind;
    let closed = |io: &io::Error| {
        matches!(
            io.kind(),
            Kind::ConnectionReset
                | Kind::ConnectionAborted
                | Kind::BrokenPipe
                | Kind::UnexpectedEof
                | Kind::NotConnected
        )
    };
    let by_http1 = |error: &hyper::Error| error.is_canceled() || error.is_closed() || error.is_incomplete_message();
    error.downcast_ref().is_some_and(by_http1)
        || causes(error).filter_map(|cause| cause.downcast_ref::<io::Error>()).any(closed)
}

/// Whether the connection is gone, rather than this one request.
pub(super) fn is_connection_lost(error: &(dyn Error + 'static)) -> bool {
    error.downcast_ref::<h2::Error>().is_none_or(|error| !error.is_reset())
}

/// How long was waited, as the one who set the limit wrote it: `5 s`, not `4.9 s`.
pub(super) fn within(limit: Duration) -> String {
    let ms = limit.as_millis();
    let step = if ms >= 1_000 { 100 } else { 10 };
    human(Duration::from_millis(u64::try_from((ms + step / 2) / step * step).unwrap_or(u64::MAX)))
}

/// A number of bytes: `8 MiB`, `1000 bytes`.
pub(super) fn size(bytes: u64) -> String {
    match bytes {
        0x10_0000.. if bytes.is_multiple_of(0x10_0000) => format!("{} MiB", bytes / 0x10_0000),
        0x400.. if bytes.is_multiple_of(0x400) => format!("{} KiB", bytes / 0x400),
        _ => format!("{bytes} bytes"),
    }
}

/// An error and what caused it, outermost first.
fn causes<'e>(error: &'e (dyn Error + 'static)) -> impl Iterator<Item = &'e (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&cause| match cause.downcast_ref::<io::Error>() {
        // `io::Error::source` skips the error inside.
        Some(io) => io.get_ref().map(|inner| inner as &(dyn Error + 'static)),
        None => cause.source(),
    })
}

fn innermost(error: &(dyn Error + 'static)) -> String {
    causes(error).last().map(ToString::to_string).unwrap_or_default()
}

fn of_io(error: &io::Error, phase: Phase) -> String {
    use io::ErrorKind as Kind;
    if let Some(ours) = shortage(error) {
        return ours.to_owned();
    }
    let words = match (error.kind(), phase) {
        (Kind::ConnectionRefused, _) => "connection refused",
        (Kind::HostUnreachable, _) => "no route to host",
        (Kind::NetworkUnreachable | Kind::NetworkDown, _) => "network unreachable",
        (Kind::PermissionDenied, _) => "not permitted by this machine",
        (Kind::TimedOut, _) => "timed out",
        (Kind::UnexpectedEof | Kind::BrokenPipe, Phase::Tls) => "connection closed during the TLS handshake",
        (Kind::ConnectionReset | Kind::ConnectionAborted, Phase::Tls) => "connection reset during the TLS handshake",
        (Kind::ConnectionReset | Kind::ConnectionAborted, Phase::Connect) => "connection reset",
        (Kind::ConnectionReset | Kind::ConnectionAborted, _) => "connection reset before an answer",
        (Kind::UnexpectedEof | Kind::BrokenPipe | Kind::NotConnected, _) => "connection closed before an answer",
        _ => return innermost(error),
    };
    words.to_owned()
}

fn of_http1(error: &hyper::Error) -> String {
    if error.is_canceled() || error.is_closed() || error.is_incomplete_message() || error.is_user() {
        return "connection closed before an answer".to_owned();
    }
    if error.is_parse() {
        // hyper tells its kinds of parse errors apart by their text alone.
        return match error.to_string().as_str() {
            "message head is too large" => "the response head is too large, or has too many fields".to_owned(),
            text => format!("not HTTP: {}", text.strip_suffix(" parsed").unwrap_or(text)),
        };
    }
    error.source().map_or_else(|| error.to_string(), ToString::to_string)
}

/// By the text that h2 has for it.
fn of_http2(error: &str) -> String {
    // What a server adds to a GOAWAY is written as a dump.
    let error = error.split(" (b\"").next().unwrap_or_default();
    for (start, words) in [
        ("stream error received: ", "the server reset the stream"),
        ("connection error received: ", "the server closed the connection"),
        ("stream error detected: ", "malformed HTTP/2, or header fields over the limit"),
        ("connection error detected: ", "not HTTP/2"),
    ] {
        if let Some(reason) = error.strip_prefix(start) {
            return format!("{words}: {reason}");
        }
    }
    error.to_owned()
}

fn of_tls(error: &rustls::Error) -> String {
    use rustls::Error as Tls;
    match error {
        Tls::InvalidCertificate(certificate) => of_certificate(certificate),
        Tls::AlertReceived(AlertDescription::UnrecognisedName) => "the server does not know this name".to_owned(),
        Tls::AlertReceived(AlertDescription::NoApplicationProtocol) | Tls::NoApplicationProtocol => {
            "no HTTP version in common".to_owned()
        }
        Tls::AlertReceived(alert) => match alert.as_str() {
            Some(name) => format!("the server refused: {}", spaced(name)),
            None => format!("the server refused: alert {}", u8::from(*alert)),
        },
        Tls::InvalidMessage(_) => "not TLS".to_owned(),
        Tls::PeerIncompatible(_) => "no TLS version or cipher in common".to_owned(),
        Tls::NoCertificatesPresented => "no certificate came".to_owned(),
        other => other.to_string(),
    }
}

fn of_certificate(error: &CertificateError) -> String {
    use CertificateError as Certificate;
    let words = match error {
        Certificate::Expired | Certificate::ExpiredContext { .. } => "certificate expired",
        Certificate::NotValidYet | Certificate::NotValidYetContext { .. } => "certificate not valid yet",
        Certificate::UnknownIssuer => "unknown certificate authority",
        Certificate::Revoked => "certificate revoked",
        Certificate::BadEncoding => "malformed certificate",
        Certificate::BadSignature => "certificate with a bad signature",
        Certificate::InvalidPurpose | Certificate::InvalidPurposeContext { .. } => "certificate is not for servers",
        Certificate::NotValidForName => "certificate is for other names",
        Certificate::NotValidForNameContext { presented, .. } => return other_names(presented),
        Certificate::Other(other) => return format!("certificate not accepted: {}", spaced(&other.to_string())),
        other => return format!("certificate not accepted: {other}"),
    };
    words.to_owned()
}

/// The names as webpki shows them are `DnsName("a.example")`.
fn other_names(presented: &[String]) -> String {
    if presented.is_empty() {
        return "certificate names nobody".to_owned();
    }
    let bare = |name: &String| {
        let inner = name.split_once('(').map_or(name.as_str(), |(_, inner)| inner.trim_end_matches(')'));
        inner.trim_matches('"').to_owned()
    };
    let shown: Vec<String> = presented.iter().take(NAMES).map(bare).collect();
    let more = match presented.len().saturating_sub(NAMES) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("certificate is for other names: {}{more}", shown.join(", "))
}

/// `HandshakeFailure` as `handshake failure`.
fn spaced(camel: &str) -> String {
    let mut words = String::with_capacity(camel.len() + 4);
    let mut after_lower = false;
    for letter in camel.chars() {
        if letter.is_uppercase() && after_lower {
            words.push(' ');
        }
        after_lower = letter.is_lowercase();
        words.extend(letter.to_lowercase());
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(error: rustls::Error) -> Fault {
        // As tokio-rustls hands it over.
        fault(&io::Error::new(io::ErrorKind::InvalidData, error), Phase::Protocol)
    }

    #[test]
    fn what_tls_complains_about_is_found_inside_an_io_error() {
        for (error, words) in [
            (CertificateError::Expired, "certificate expired"),
            (CertificateError::NotValidYet, "certificate not valid yet"),
            (CertificateError::UnknownIssuer, "unknown certificate authority"),
        ] {
            let fault = told(error.into());
            assert_eq!((fault.phase, fault.words.as_str(), fault.host_not_served), (Phase::Tls, words, false));
        }
        let fault = told(rustls::Error::AlertReceived(AlertDescription::HandshakeFailure));
        assert_eq!(fault.words, "the server refused: handshake failure");
    }

    #[test]
    fn a_certificate_for_others_lists_them_and_says_that_the_host_is_not_served() {
        let presented = ["DnsName(\"a.example\")", "DnsName(\"*.b.example\")", "IpAddress(192.0.2.1)", "x", "y", "z"];
        let fault = told(
            CertificateError::NotValidForNameContext {
                expected: "c.example".try_into().unwrap(),
                presented: presented.map(str::to_owned).to_vec(),
            }
            .into(),
        );
        assert!(fault.host_not_served);
        assert_eq!(fault.words, "certificate is for other names: a.example, *.b.example, 192.0.2.1, x and 2 more");
    }

    #[test]
    fn an_unknown_server_name_is_a_host_not_served() {
        let fault = told(rustls::Error::AlertReceived(AlertDescription::UnrecognisedName));
        assert!(fault.host_not_served);
        assert_eq!(fault.words, "the server does not know this name");
    }

    #[test]
    fn io_errors_are_worded_by_the_phase() {
        for (kind, phase, words) in [
            (io::ErrorKind::ConnectionRefused, Phase::Connect, "connection refused"),
            (io::ErrorKind::HostUnreachable, Phase::Connect, "no route to host"),
            (io::ErrorKind::UnexpectedEof, Phase::Tls, "connection closed during the TLS handshake"),
            (io::ErrorKind::UnexpectedEof, Phase::Protocol, "connection closed before an answer"),
            (io::ErrorKind::ConnectionReset, Phase::Protocol, "connection reset before an answer"),
        ] {
            assert_eq!(fault(&io::Error::from(kind), phase).words, words);
        }
    }

    #[test]
    fn too_few_descriptors_are_our_fault() {
        let told = fault(&io::Error::from_raw_os_error(24), Phase::Connect);
        let silence = Silence {
            phase: told.phase,
            address: "192.0.2.1:443".to_owned(),
            error: told.words,
            host_not_served: false,
            only_this_host: false,
            timings: crate::model::Timings::default(),
        };
        assert_eq!(silence.to_string(), "connect 192.0.2.1:443: out of file descriptors on this machine");
        assert!(is_ours(&silence));
    }

    #[test]
    fn a_limit_reads_as_it_was_set() {
        for (us, text) in [(4_999_600, "5 s"), (2_500_000, "2.5 s"), (249_800, "250 ms"), (0, "0 ms")] {
            assert_eq!(within(Duration::from_micros(us)), text);
        }
    }

    #[test]
    fn sizes_are_whole() {
        assert_eq!([size(8 << 20), size(2048), size(1000)], ["8 MiB", "2 KiB", "1000 bytes"]);
    }
}
