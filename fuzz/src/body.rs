//! Any bytes as a body in any codings.

use http::header::CONTENT_ENCODING;
use http::{HeaderMap, HeaderValue};
use purgeproof::probe::digest;
use sha2::{Digest as _, Sha256};

const MAX: u64 = 1 << 20;
const CODINGS: [&str; 8] = ["identity", "gzip", "deflate", "br", "zstd", "gzip, br", "zstd, gzip", "deflate, x-gzip"];

/// The first byte chooses the codings, the second the size of the pieces in which the rest comes.
pub fn body(bytes: &[u8]) {
    let [coding, size, body @ ..] = bytes else { return };
    let coding = CODINGS[usize::from(*coding) % CODINGS.len()];
    let fields = HeaderMap::from_iter([(CONTENT_ENCODING, HeaderValue::from_static(coding))]);
    let whole = digest(&fields, [body], MAX);
    let pieces = digest(&fields, body.chunks(usize::from(*size) + 1), MAX);
    // Of a body that is both broken and too large, either is told.
    assert_eq!(whole.clone().ok(), pieces.ok(), "{coding}: it matters where a body is cut");
    match &whole {
        Ok(digest) => assert!(digest.length <= MAX),
        Err(why) => assert!(!why.is_empty()),
    }
    if coding == "identity" {
        let read = whole.unwrap();
        assert_eq!((read.sha256, read.length), (Sha256::digest(body).into(), body.len() as u64));
    }
    assert!(
        digest(&fields, [body], 16).is_ok_and(|digest| digest.length <= 16) || digest(&fields, [body], 16).is_err()
    );
}
