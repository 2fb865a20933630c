//! `Retry-After`: seconds, or a date (RFC 9110 section 10.2.3).

use std::time::Duration;

use super::http_date;
use crate::model::Timestamp;

/// How long to wait from `now` on; nothing where it is neither a number of seconds nor a date to come.
pub fn parse(value: &str, now: Timestamp) -> Option<Duration> {
    let value = value.trim();
    if !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(Duration::from_secs(value.parse().unwrap_or(u64::from(u32::MAX)).min(u32::MAX.into())));
    }
    Duration::try_from(http_date::parse(value)?.duration_since(now)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_seconds_or_a_date_to_come() {
        let now = http_date::parse("Sun, 06 Nov 1994 08:49:37 GMT").unwrap();
        for (value, wait) in [
            ("120", Some(120)),
            (" 0 ", Some(0)),
            ("Sun, 06 Nov 1994 08:50:37 GMT", Some(60)),
            ("Sun, 06 Nov 1994 08:48:37 GMT", None),
            ("99999999999999999999", Some(u64::from(u32::MAX))),
            ("-5", None),
            ("soon", None),
            ("", None),
        ] {
            assert_eq!(parse(value, now), wait.map(Duration::from_secs), "{value}");
        }
    }
}
