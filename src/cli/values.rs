//! What stands behind a flag's word: times, sizes, shares.

use std::time::Duration;

use crate::model::{Priority, Timestamp};

/// `--purged-at`, before the clock is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum When {
    At(Timestamp),
    Ago(Duration),
}

impl When {
    pub(super) fn on(self, now: Timestamp) -> Timestamp {
        match self {
            Self::At(at) => at,
            Self::Ago(ago) => now.checked_sub(ago).unwrap_or(Timestamp::MIN),
        }
    }
}

pub(super) fn when(text: &str) -> Result<When, String> {
    if text == "now" {
        return Ok(When::Ago(Duration::ZERO));
    }
    if let Some(ago) = text.strip_prefix('-') {
        return crate::model::parse_duration(ago).map(When::Ago).map_err(|error| error.to_string());
    }
    let epoch = text
        .parse::<f64>()
        .ok()
        .filter(|seconds| *seconds > 0.0)
        .and_then(|seconds| Timestamp::UNIX_EPOCH.checked_add(Duration::try_from_secs_f64(seconds).ok()?).ok());
    match epoch {
        Some(at) => Ok(When::At(at)),
        None => text
            .parse()
            .map(When::At)
            .map_err(|_| "write a time such as 2026-03-01T12:00:00Z, seconds since 1970, now, or -90s".to_owned()),
    }
}

pub(super) fn duration(text: &str) -> Result<Duration, String> {
    crate::model::parse_duration(text).map_err(|error| error.to_string())
}

/// A duration that something may be waited for.
pub(super) fn limit(text: &str) -> Result<Duration, String> {
    let limit = duration(text)?;
    if limit.is_zero() { Err("nothing ends in no time, write one such as 5s".to_owned()) } else { Ok(limit) }
}

/// `critical=2s`.
pub(super) fn service_level(text: &str) -> Result<(Priority, Duration), String> {
    let known = Priority::ALL.map(Priority::id).join(", ");
    let (word, level) =
        text.split_once('=').ok_or_else(|| "write PRIORITY=DURATION, such as critical=2s".to_owned())?;
    let priority = Priority::ALL.into_iter().find(|priority| priority.id() == word);
    Ok((priority.ok_or_else(|| format!("unknown priority \"{word}\", write one of {known}"))?, limit(level)?))
}

/// Bytes: `512k`, `10MiB`, `1048576`. Units are powers of 1024.
pub(super) fn size(text: &str) -> Result<u64, String> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let shift = match text[digits..].trim().to_ascii_lowercase().as_str() {
        "" | "b" => 0,
        "k" | "kb" | "kib" => 10,
        "m" | "mb" | "mib" => 20,
        "g" | "gb" | "gib" => 30,
        _ => return Err("write a number of bytes such as 1048576, 512KiB or 10MiB".to_owned()),
    };
    let number: u64 = text[..digits].parse().map_err(|_| "write a number of bytes such as 10MiB".to_owned())?;
    number.checked_mul(1 << shift).filter(|bytes| *bytes > 0).ok_or_else(|| "that is no size to read up to".to_owned())
}

/// `95`, `99.9%`.
pub(super) fn percent(text: &str) -> Result<f64, String> {
    let number = text.strip_suffix('%').unwrap_or(text).trim().parse::<f64>();
    number.ok().filter(|n| (0.0..=100.0).contains(n)).ok_or_else(|| "write a share from 0% to 100%".to_owned())
}

/// `3` or `1.5%`, kept as written.
pub(super) fn tolerance(text: &str) -> Result<String, String> {
    let sound = match text.strip_suffix('%') {
        Some(_) => percent(text).is_ok(),
        None => text.parse::<u64>().is_ok(),
    };
    if sound {
        Ok(text.to_owned())
    } else {
        Err("write a number of checks such as 3, or a share such as 1%".to_owned())
    }
}

/// From 1 on.
pub(super) fn count(text: &str) -> Result<usize, String> {
    text.parse().ok().filter(|n| *n > 0).ok_or_else(|| "write a number from 1 on".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_in_every_form() {
        let now: Timestamp = "2026-03-01T12:00:00Z".parse().unwrap();
        for (text, at) in [
            ("2026-03-01T11:00:00Z", "2026-03-01T11:00:00Z"),
            ("2026-03-01T12:00:00+01:00", "2026-03-01T11:00:00Z"),
            ("1772362800", "2026-03-01T11:00:00Z"),
            ("now", "2026-03-01T12:00:00Z"),
            ("-90s", "2026-03-01T11:58:30Z"),
        ] {
            assert_eq!(when(text).unwrap().on(now), at.parse().unwrap(), "{text}");
        }
        for text in ["yesterday", "", "-", "-90", "12:00", "NaN", "-1e300s"] {
            assert!(when(text).is_err(), "{text}");
        }
    }

    #[test]
    fn sizes_and_shares_are_read_or_refused() {
        assert_eq!(size("512KiB"), Ok(524_288));
        assert_eq!(size("10M"), Ok(10_485_760));
        assert_eq!(size("7"), Ok(7));
        for text in ["", "0", "-1", "1.5M", "ten", "99999999999999G"] {
            assert!(size(text).is_err(), "{text}");
        }
        assert_eq!(percent("99.9%"), Ok(99.9));
        for text in ["101", "-1%", "NaN", "%"] {
            assert!(percent(text).is_err(), "{text}");
        }
        assert!(tolerance("3").is_ok() && tolerance("1.5%").is_ok());
        assert!(tolerance("-1").is_err() && tolerance("x%").is_err());
    }
}
