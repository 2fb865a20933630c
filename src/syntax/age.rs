//! `Age` (RFC 9111 section 5.1): one non-negative whole number of seconds. It never says whose age it is.

use http::header::AGE;

use crate::model::Head;

/// From here on a number of seconds is no age: RFC 9111 section 1.2.2 has caches send this value when they lost count.
const OVERFLOW: u64 = 1 << 31;

/// Why a value of `Age` is no age.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AgeError {
    /// More than one line or list member. Which of them is meant cannot be told, even where they agree.
    #[error("it came more than once")]
    Repeated,
    /// Below zero.
    #[error("it is negative")]
    Negative,
    /// Not whole.
    #[error("it is not a whole number")]
    Fractional,
    /// 2^31 s (68 years) or more: what RFC 9111 section 1.2.2 sends for "more than I can count".
    #[error("it is 2^31 seconds or more")]
    Absurd,
    /// Anything else.
    #[error("it is not a number")]
    NotANumber,
}

/// The age that a head states, in seconds; none where it states none.
pub fn of(head: &Head) -> Result<Option<u64>, AgeError> {
    let mut lines = head.lines(AGE);
    let Some(line) = lines.next() else { return Ok(None) };
    if lines.next().is_some() {
        return Err(AgeError::Repeated);
    }
    parse(&line).map(Some)
}

/// One value of `Age`, in seconds.
pub fn parse(value: &str) -> Result<u64, AgeError> {
    let value = value.trim_matches([' ', '\t']);
    if value.contains(',') {
        return Err(AgeError::Repeated);
    }
    if is_digits(value) {
        // Digits alone fail to parse only by being too many.
        return value.parse().ok().filter(|seconds| *seconds < OVERFLOW).ok_or(AgeError::Absurd);
    }
    let (negative, number) = value.strip_prefix('-').map_or((false, value), |number| (true, number));
    let fractional = number.split_once('.').is_some_and(|(whole, part)| is_digits(whole) && is_digits(part));
    Err(match (negative, fractional) {
        (true, _) if fractional || is_digits(number) => AgeError::Negative,
        (false, true) => AgeError::Fractional,
        _ => AgeError::NotANumber,
    })
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, Version};

    use super::*;

    #[test]
    fn only_a_single_non_negative_whole_number_is_an_age() {
        for (value, expected) in [
            ("0", Ok(0)),
            ("96", Ok(96)),
            (" 96\t", Ok(96)),
            ("0096", Ok(96)),
            ("2147483647", Ok(2_147_483_647)),
            ("2147483648", Err(AgeError::Absurd)),
            ("99999999999999999999999", Err(AgeError::Absurd)),
            ("-1", Err(AgeError::Negative)),
            ("-1.5", Err(AgeError::Negative)),
            ("1.5", Err(AgeError::Fractional)),
            ("60, 60", Err(AgeError::Repeated)),
            ("", Err(AgeError::NotANumber)),
            ("-", Err(AgeError::NotANumber)),
            ("+60", Err(AgeError::NotANumber)),
            ("60s", Err(AgeError::NotANumber)),
            ("\u{fffd}", Err(AgeError::NotANumber)),
        ] {
            assert_eq!(parse(value), expected, "{value:?}");
        }
    }

    #[test]
    fn two_lines_of_age_are_no_age() {
        let mut head = Head { version: Version::HTTP_11, status: 200, fields: HeaderMap::new() };
        assert_eq!(of(&head), Ok(None));
        head.fields.append("age", "60".parse().unwrap());
        assert_eq!(of(&head), Ok(Some(60)));
        head.fields.append("age", "60".parse().unwrap());
        assert_eq!(of(&head), Err(AgeError::Repeated));
    }
}
