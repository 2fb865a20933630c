use std::time::Duration;

/// A duration as people write it: `950ms`, `5 s`, `1.5 s`, `12 min 3 s`.
pub fn human(duration: Duration) -> String {
    let ms = duration.as_millis();
    match ms {
        0..1_000 => format!("{ms} ms"),
        1_000..60_000 if ms.is_multiple_of(1_000) => format!("{} s", ms / 1_000),
        1_000..60_000 => format!("{}.{} s", ms / 1_000, ms % 1_000 / 100),
        _ => {
            let (hours, minutes, seconds) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1_000 % 60);
            let parts = [(hours / 24, "d"), (hours % 24, "h"), (minutes, "min"), (seconds, "s")];
            let shown: Vec<String> =
                parts.into_iter().filter(|(n, _)| *n > 0).take(2).map(|(n, unit)| format!("{n} {unit}")).collect();
            shown.join(" ")
        }
    }
}

/// A duration as files and flags write it: `500ms`, `20s`, `1.5s`, `2m`, `1h`.
pub fn parse_duration(text: &str) -> Result<Duration, DurationError> {
    let unknown = || DurationError::Unknown(text.to_owned());
    let at = text.find(|c: char| c != '.' && !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(at);
    let number: f64 = number.parse().map_err(|_| unknown())?;
    let seconds = match unit.trim_start() {
        "" => return Err(DurationError::NoUnit(text.to_owned())),
        "ms" => number / 1_000.0,
        "s" => number,
        "m" => number * 60.0,
        "h" => number * 3_600.0,
        _ => return Err(unknown()),
    };
    Duration::try_from_secs_f64(seconds).map_err(|_| unknown())
}

/// Why a text is no duration, and how it would be one.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum DurationError {
    /// A bare number.
    #[error("\"{0}\" has no unit, write \"{0}s\"")]
    NoUnit(String),
    /// Anything else.
    #[error("\"{0}\" is no duration, write it like \"500ms\", \"20s\", \"2m\" or \"1h\"")]
    Unknown(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_read_with_their_unit() {
        for (text, ms) in
            [("500ms", 500), ("20s", 20_000), ("1.5s", 1_500), ("2m", 120_000), ("1h", 3_600_000), ("0s", 0)]
        {
            assert_eq!(parse_duration(text), Ok(Duration::from_millis(ms)), "{text}");
        }
    }

    #[test]
    fn a_duration_without_a_unit_says_what_to_write() {
        assert_eq!(parse_duration("5").unwrap_err().to_string(), "\"5\" has no unit, write \"5s\"");
        for text in ["", "s", "-5s", "5 parsecs", "1e3s", ".s", "1.2.3s", "99999999999999999999999h"] {
            assert!(matches!(parse_duration(text), Err(DurationError::Unknown(_))), "{text}");
        }
    }

    #[test]
    fn durations_read_as_people_write_them() {
        for (ms, text) in [
            (0, "0 ms"),
            (950, "950 ms"),
            (5_000, "5 s"),
            (1_540, "1.5 s"),
            (123_000, "2 min 3 s"),
            (7_200_000, "2 h"),
            (90_061_000, "1 d 1 h"),
        ] {
            assert_eq!(human(Duration::from_millis(ms)), text);
        }
    }
}
