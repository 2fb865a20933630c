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

#[cfg(test)]
mod tests {
    use super::*;

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
