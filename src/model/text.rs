/// `1 check`, `2 checks`.
pub fn counted(n: u64, noun: &str) -> String {
    if n == 1 { format!("1 {noun}") } else { format!("{n} {noun}s") }
}

/// Bytes in hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The hash that 64 hexadecimal digits write.
pub fn sha256_of(text: &str) -> Option<[u8; 32]> {
    if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let mut hash = [0; 32];
    for (byte, digits) in hash.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        *byte = u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()?;
    }
    Some(hash)
}

/// File and line of a place: `compose.yaml` and `12` of `compose.yaml:12: service "web"`.
pub fn file_and_line(place: &str) -> Option<(&str, &str)> {
    place.match_indices(':').find_map(|(at, _)| {
        let behind = &place[at + 1..];
        let line = &behind[..behind.find(|c: char| !c.is_ascii_digit()).unwrap_or(behind.len())];
        let rest = &behind[line.len()..];
        (line.parse::<u32>().is_ok() && (rest.is_empty() || rest.starts_with(": "))).then_some((&place[..at], line))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_64_hexadecimal_digits() {
        let hash: [u8; 32] = std::array::from_fn(|at| u8::try_from(at * 8).unwrap());
        assert_eq!(sha256_of(&hex(&hash)), Some(hash));
        assert_eq!(sha256_of(&hex(&hash).to_uppercase()), Some(hash));
        for text in ["", "ab", &"g".repeat(64), &"+1".repeat(32), &"é".repeat(32)] {
            assert_eq!(sha256_of(text), None, "{text}");
        }
    }
}
