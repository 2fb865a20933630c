//! Whether a name says which content it is for: then other content has another name, and nobody need be told. It is a
//! guess, on the side of those who named it so.

/// Parts of a name shorter than this are words.
const SHORTEST_HASH: usize = 8;
/// Query keys by which versions go.
const KEYS: [&str; 10] = ["v", "ver", "version", "rev", "revision", "hash", "h", "build", "cb", "digest"];

/// Whether a hash, a version or `immutable` stands in its name or its query.
pub(super) fn is_versioned(path: &str) -> bool {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let parts: Vec<&str> = path.split('/').collect();
    let file = parts.last().copied().unwrap_or_default();
    let is_immutable = parts.iter().any(|part| part.contains("immutable"));
    let mut folders = parts[..parts.len().saturating_sub(1)].iter();
    is_immutable
        || folders.any(|part| is_hash(part) || is_release(part))
        || words(file).any(|word| is_hash(word) || is_number(word))
        || ends_in_base64(file)
        || has_release(file)
        || by_query(query)
}

fn words(file: &str) -> impl Iterator<Item = &str> {
    file.split(['.', '-', '_', '~'])
}

/// `?v=3`, or nothing but a number or a hash.
fn by_query(query: &str) -> bool {
    query.split('&').any(|pair| match pair.split_once('=') {
        Some((key, value)) => KEYS.contains(&&*key.to_ascii_lowercase()) && !value.is_empty(),
        None => is_hash(pair) || is_release(pair) || (!pair.is_empty() && pair.bytes().all(|b| b.is_ascii_digit())),
    })
}

/// Letters and digits mixed as no word has them: hexadecimal, or both cases. A stamp of time is as good.
fn is_hash(word: &str) -> bool {
    let has = |is: fn(&u8) -> bool| word.bytes().any(|byte| is(&byte));
    let is_long = word.len() >= SHORTEST_HASH && word.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let is_hex = word.bytes().all(|byte| byte.is_ascii_hexdigit());
    let mixes_cases = has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase);
    is_long && has(u8::is_ascii_digit) && (is_hex || mixes_cases || word.len() >= 16)
}

/// `index-DiwrgTda.js`: eight characters of both cases behind a dash, as bundlers put them.
fn ends_in_base64(file: &str) -> bool {
    let bare = file.split('.').next().unwrap_or_default();
    let Some((before, word)) = bare.len().checked_sub(SHORTEST_HASH).and_then(|at| bare.split_at_checked(at)) else {
        return false;
    };
    let is_one = word.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'));
    let both = word.bytes().skip(1).any(|byte| byte.is_ascii_uppercase())
        && word.bytes().any(|byte| byte.is_ascii_lowercase());
    before.ends_with('-') && is_one && both
}

/// `v12`: of a file, not of an interface, which a folder would be.
fn is_number(word: &str) -> bool {
    word.strip_prefix(['v', 'V']).is_some_and(|n| !n.is_empty() && n.bytes().all(|byte| byte.is_ascii_digit()))
}

/// `1.2`, `v1.2.3`.
fn is_release(part: &str) -> bool {
    let numbers = part.trim_start_matches(['v', 'V']).split('.');
    part.contains('.')
        && numbers.clone().count() >= 2
        && numbers.clone().all(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()))
}

/// `jquery-3.7.1.min.js`
fn has_release(file: &str) -> bool {
    let is_number = |part: &&str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let parts: Vec<&str> = file.split(['.', '-', '_', '~']).collect();
    parts.windows(2).any(|two| {
        is_number(&two[1]) && (is_number(&two[0]) || two[0].strip_prefix(['v', 'V']).is_some_and(|n| is_number(&n)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_tools_make_are_versioned() {
        for path in [
            // webpack's [contenthash], Vite, Rails, Django, Next.js, SvelteKit, as their documentation has them.
            "/static/main.8e0d62a03e4b1c5d.js",
            "/assets/index-DiwrgTda.js?x=1",
            "/assets/index-B4x7Kq2Z.css",
            "/assets/application-908e25f4bf641868d8683022a5b62f54e7d2c1a4.js",
            "/static/css/styles.55e7cbb9ba48.css",
            "/_app/immutable/entry/start.js",
            "/npm/jquery@x/jquery-3.7.1.min.js",
            "/lib/2.10.1/lib.js",
            "/app.js?v=3",
            "/app.js?1700000000",
            "/app.v12.js",
            "/app.20240131.js",
        ] {
            assert!(is_versioned(path), "{path}");
        }
    }

    #[test]
    fn plain_names_are_not() {
        for path in [
            "/",
            "/app.js",
            "/assets/application.js",
            "/api/v1/config",
            "/api/config?lang=en",
            "/app.js?v=",
            "/index-2.html",
            "/images/background.jpg",
            "/de-DE/homepage.html",
            "/facade/decade.js",
        ] {
            assert!(!is_versioned(path), "{path}");
        }
    }
}
