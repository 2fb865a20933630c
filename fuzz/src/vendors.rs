//! Any bytes as the answer of a vendor that asks for us.

use std::sync::Arc;

use http::HeaderMap;
use purgeproof::dialect;
use purgeproof::model::{Ask, Body, Method, Scheme, Timestamp, Vendor, Want};
use purgeproof::vantage;

/// The first byte chooses the vendor, and how it was asked.
pub fn vendors(bytes: &[u8]) {
    let Some((first, json)) = bytes.split_first() else { return };
    let vendor = match first % 2 {
        0 => Vendor::FastlyEdgeCheck,
        _ => Vendor::Globalping { from: "world".into(), limit: 3, resolver: None },
    };
    let by_get = first / 2 % 2 == 1;
    let ask = Ask {
        method: if by_get { Method::Get } else { Method::Head },
        scheme: Scheme::Https,
        host: "a.example".into(),
        sni: "a.example".into(),
        path: "/x".into(),
        headers: Arc::new(HeaderMap::new()),
        want: if by_get { Want::Digest { max: 1 << 20 } } else { Want::Head },
        alone: false,
        through: None,
    };
    let Ok(sightings) = vantage::sightings(&vendor, json, &ask, Timestamp::UNIX_EPOCH) else { return };
    for sighting in sightings {
        match sighting.answer {
            Ok(seen) => {
                assert!((100..=999).contains(&seen.head.status));
                assert!(by_get || !matches!(seen.body, Body::Read(_)), "no body was asked for");
                let _ = dialect::read(&seen.head, seen.received);
            }
            Err(silence) => assert!(!silence.to_string().is_empty()),
        }
    }
}
