//! Any header map of any status: what every dialect makes of it.

use http::{HeaderMap, HeaderName, HeaderValue, Version};
use purgeproof::dialect;
use purgeproof::model::{Head, Reading, Timestamp};

/// `STATUS SECONDS`, then a field a line with whatever bytes a value may hold.
pub fn readings(text: &[u8]) {
    let mut lines = text.split(|byte| *byte == b'\n');
    let first = String::from_utf8_lossy(lines.next().unwrap_or_default());
    let mut numbers = first.split(' ').map(|number| number.parse::<i64>().unwrap_or_default());
    let status = u16::try_from(100 + numbers.next().unwrap_or_default().rem_euclid(900)).unwrap();
    let received = Timestamp::from_second(numbers.next().unwrap_or_default().rem_euclid(1 << 33)).unwrap();
    let mut fields = HeaderMap::new();
    for line in lines {
        let Some(colon) = line.iter().position(|byte| *byte == b':') else { continue };
        let name = HeaderName::from_bytes(&line[..colon]);
        let value = HeaderValue::from_bytes(line[colon + 1..].trim_ascii());
        if let (Ok(name), Ok(value)) = (name, value) {
            fields.append(name, value);
        }
    }
    let head = Head { version: Version::HTTP_11, status, fields };
    let reading = dialect::read(&head, received);
    assert_eq!(reading, dialect::read(&head, received), "the same head reads the same");
    sound(&head, &reading, text.len());
}

fn sound(head: &Head, reading: &Reading, bytes: usize) {
    let is_known = |provider: &str| provider == "unknown" || dialect::is_provider(provider);
    match reading.layers.last() {
        Some(nearest) => {
            assert_eq!((nearest.provider, nearest.status), (reading.provider, reading.status));
            assert_eq!(nearest.pop, reading.pop);
        }
        None => assert_eq!((reading.provider, reading.status.id()), ("unknown", "unknown")),
    }
    for layer in &reading.layers {
        assert!(is_known(layer.provider), "{}", layer.provider);
        let Some(pop) = &layer.pop else { continue };
        // A byte that is no UTF-8 becomes U+FFFD, which takes three.
        assert!(!pop.is_empty() && pop.len() <= 3 * bytes, "{pop:?}");
        assert_eq!(*pop, pop.to_uppercase(), "POPs stand in upper case");
        let _ = dialect::city(layer.provider, pop);
        assert!(!dialect::is_elsewhere(layer.provider, pop, pop), "{pop:?} is where it is");
    }
    assert!(reading.layers.len() <= dialect::ids().count() + bytes / 2, "a layer takes a word");
    let (lifetime, _) = dialect::lifetime(reading.provider, head);
    assert!(lifetime.is_none_or(|lifetime| lifetime.seconds.is_none_or(|seconds| seconds <= 1 << 63)));
    for told in [false, true] {
        let told =
            dialect::Told { by_get: told, wants_no_coding: !told, counted_down_from: told.then_some("max-age=60") };
        assert_eq!(dialect::policy(head, reading, told), dialect::policy(head, reading, told));
    }
    let _ = (dialect::policies(head), dialect::of_the_content_alone(head));
}
