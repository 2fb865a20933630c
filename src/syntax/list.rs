//! Comma-separated lists (RFC 9110 section 5.6.1). It never interprets a member.

/// The members of a list, trimmed; commas inside quoted strings do not divide, empty members are left out.
pub fn members(value: &str) -> Members<'_> {
    Members { rest: Some(value), brackets: false, unclosed: 0 }
}

/// As [`members`], for fields whose members hold comments and bracketed codes: commas inside `(…)` and `[…]` do not
/// divide either.
pub fn bracketed_members(value: &str) -> Members<'_> {
    Members { rest: Some(value), brackets: true, unclosed: 0 }
}

/// Iterator over the members of a list.
#[derive(Debug, Clone)]
pub struct Members<'v> {
    rest: Option<&'v str>,
    brackets: bool,
    /// How often the value was read to its end for a quote or bracket that is never closed.
    unclosed: u8,
}

/// From here on quotes and brackets are plain text: reading to the end for each of them takes the square of the length.
const MOST_UNCLOSED: u8 = 16;

impl<'v> Iterator for Members<'v> {
    type Item = &'v str;

    fn next(&mut self) -> Option<&'v str> {
        while let Some(rest) = self.rest {
            let end = if self.unclosed < MOST_UNCLOSED {
                let (end, is_closed) = end_of_member(rest.as_bytes(), self.brackets);
                self.unclosed += u8::from(!is_closed);
                end
            } else {
                rest.find(',')
            };
            let (member, after) = match end {
                Some(comma) => (&rest[..comma], Some(&rest[comma + 1..])),
                None => (rest, None),
            };
            self.rest = after;
            let member = member.trim_matches([' ', '\t']);
            if !member.is_empty() {
                return Some(member);
            }
        }
        None
    }
}

/// Where the comma that ends the first member stands, and whether all quotes and brackets before it are closed. One that
/// never is divides as if it were plain text, so that one stray character cannot hide the members after it.
fn end_of_member(value: &[u8], brackets: bool) -> (Option<usize>, bool) {
    let mut first_comma = None;
    let mut depth = 0_usize;
    let mut quoted = false;
    let mut at = 0;
    while let Some(&byte) = value.get(at) {
        match byte {
            b'\\' if quoted => at += 1,
            b'"' => quoted = !quoted,
            b',' => {
                if !quoted && depth == 0 {
                    return (Some(at), true);
                }
                first_comma = first_comma.or(Some(at));
            }
            b'(' | b'[' if brackets && !quoted => depth += 1,
            b')' | b']' if brackets && !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
        at += 1;
    }
    if quoted || depth > 0 { (first_comma, false) } else { (None, true) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commas_divide_and_empty_members_are_no_members() {
        for (value, expected) in [
            ("MISS, HIT", vec!["MISS", "HIT"]),
            ("MISS,HIT", vec!["MISS", "HIT"]),
            (" , a ,,\tb , ", vec!["a", "b"]),
            ("", vec![]),
            (",", vec![]),
        ] {
            assert_eq!(members(value).collect::<Vec<_>>(), expected, "{value}");
        }
    }

    #[test]
    fn commas_inside_quotes_do_not_divide() {
        assert_eq!(members(r#""a,b", W/"c\",d", e"#).collect::<Vec<_>>(), [r#""a,b""#, r#"W/"c\",d""#, "e"]);
    }

    #[test]
    fn commas_inside_brackets_divide_unless_asked_not_to() {
        let value = "cache15.l2hk71[0,200-0,H], 1.1 host (a, b)";
        assert_eq!(members(value).count(), 5);
        assert_eq!(bracketed_members(value).collect::<Vec<_>>(), ["cache15.l2hk71[0,200-0,H]", "1.1 host (a, b)"]);
    }

    #[test]
    fn what_is_never_closed_hides_nothing_after_it() {
        assert_eq!(members(r#""a, b, c"#).collect::<Vec<_>>(), [r#""a"#, "b", "c"]);
        assert_eq!(bracketed_members("x [1, y, z").collect::<Vec<_>>(), ["x [1", "y", "z"]);
    }

    #[test]
    fn brackets_that_are_left_open_too_often_are_plain_text_and_a_long_list_of_them_is_read_in_one_go() {
        let value = format!("{}(a, b)", "(,".repeat(15));
        assert_eq!(bracketed_members(&value).last(), Some("(a, b)"));
        let value = format!("{}(a, b)", "(,".repeat(16));
        assert_eq!(bracketed_members(&value).last(), Some("b)"));
        assert_eq!(bracketed_members(&"(,".repeat(500_000)).count(), 500_000);
    }
}
