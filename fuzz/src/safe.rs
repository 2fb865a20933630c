//! What no output may hold.

/// Nothing in it moves a terminal's cursor, changes its colours or turns its text around.
#[track_caller]
pub fn steers_no_terminal(what: &str, text: &str) {
    let obeyed =
        |c: char| (c.is_control() && c != '\n') || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if let Some(at) = text.find(obeyed) {
        let around: String = text[at..].chars().take(40).collect();
        panic!("{what} can steer a terminal: {around:?}");
    }
}
