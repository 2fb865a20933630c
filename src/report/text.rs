//! Words that came from outside, made safe to print.

use std::fmt::Write as _;

/// With every control character spelled out, so that nothing moves a terminal's cursor or changes its colours.
pub fn defused(text: &str) -> String {
    if !text.contains(is_dangerous) {
        return text.to_owned();
    }
    text.chars().fold(String::with_capacity(text.len() + 8), |mut safe, c| {
        if is_dangerous(c) {
            let _ = write!(safe, "{}", c.escape_unicode());
        } else {
            safe.push(c);
        }
        safe
    })
}

/// Whether a terminal obeys it rather than shows it.
pub(super) fn is_dangerous(c: char) -> bool {
    c.is_control() || matches!(c, '\u{200e}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The same with nothing in it that a CI server's log takes for a command: GitHub's runner obeys lines that begin with
/// `::name`, and `##[` wherever it stands.
pub fn unheard(text: &str) -> String {
    let safe = text.split_inclusive('\n').map(|line| {
        let said = line.trim_start();
        let is_command =
            said.strip_prefix("::").is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_alphabetic()));
        if is_command { line.replacen("::", ":\\u{3a}", 1) } else { line.to_owned() }
    });
    safe.collect::<String>().replace("##[", "#\\u{23}[")
}

/// Broken into lines of at most so many characters at spaces, each after the first indented as the first is not.
pub(super) fn wrapped(text: &str, width: usize, indent: &str) -> String {
    let mut lines: Vec<String> = Vec::new();
    let mut line = String::new();
    for word in text.split(' ') {
        let room = width.saturating_sub(indent.chars().count());
        if !line.is_empty() && line.chars().count() + 1 + word.chars().count() > room {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
    }
    lines.push(line);
    lines.join(&format!("\n{indent}"))
}

/// As [`wrapped`], and a word that is longer than a line is broken.
pub(super) fn folded(text: &str, width: usize, indent: &str) -> String {
    let room = width.saturating_sub(indent.chars().count()).max(1);
    let mut words = Vec::new();
    for word in text.split(' ') {
        let letters: Vec<char> = word.chars().collect();
        if letters.is_empty() {
            words.push(String::new());
        }
        words.extend(letters.chunks(room).map(|part| part.iter().collect::<String>()));
    }
    wrapped(&words.join(" "), width, indent)
}

/// At most so many characters of it.
pub(super) fn clipped(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most.saturating_sub(1)).chain(['…']).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn control_characters_are_spelled_out() {
        assert_eq!(defused("a\u{1b}[31mb\r\n"), "a\\u{1b}[31mb\\u{d}\\u{a}");
        assert_eq!(defused("plain é"), "plain é");
        assert_eq!(defused("\u{202e}x"), "\\u{202e}x");
    }

    #[test]
    fn no_line_is_a_command_for_who_reads_the_log() {
        assert_eq!(unheard("a ::b::\n  ::error::x\n"), "a ::b::\n  :\\u{3a}error::x\n");
        assert_eq!(unheard("a ##[error]b"), "a #\\u{23}[error]b");
        assert_eq!(unheard("::1 and [::1]:443"), "::1 and [::1]:443");
    }

    #[test]
    fn no_word_is_longer_than_a_line() {
        assert_eq!(folded("a bcdefghijkl m", 7, "  "), "a\n  bcdef\n  ghijk\n  l m");
        assert_eq!(clipped("abcdef", 4), "abc…");
        assert_eq!(clipped("abcd", 4), "abcd");
    }

    #[test]
    fn lines_keep_within_the_width() {
        let text = wrapped("one two three four five six", 12, "  ");
        assert_eq!(text, "one two\n  three four\n  five six");
    }
}
