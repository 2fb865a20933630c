//! A shell command over several lines, which a shell reads as the one command it is.

const LEAD: &str = "  ";
const BENEATH: &str = "    ";

/// Broken between words, and within a word that is longer than a line.
pub(super) fn shown(command: &str, width: usize) -> String {
    let mut lines = Lines { done: String::new(), line: LEAD.to_owned(), width };
    for (nth, word) in with_values(command).into_iter().enumerate() {
        // Behind it stand a space and a backslash.
        let fits = lines.length() + 1 + word.chars().count() + 2 <= width;
        match (nth, fits) {
            (0, _) => {}
            (_, true) => lines.line.push(' '),
            (_, false) => lines.end(" \\", BENEATH),
        }
        lines.put(&word);
    }
    lines.done + &lines.line
}

struct Lines {
    done: String,
    line: String,
    width: usize,
}

impl Lines {
    fn length(&self) -> usize {
        self.line.chars().count()
    }

    fn end(&mut self, with: &str, next: &str) {
        self.done.push_str(&std::mem::replace(&mut self.line, next.to_owned()));
        self.done.push_str(with);
        self.done.push('\n');
    }

    /// The word, over as many lines as it takes. A backslash at a line's end joins it with the next, which therefore
    /// begins at its very start; within quotes it would be a backslash, so they are closed before and opened after it.
    fn put(&mut self, word: &str) {
        let mut quoted = false;
        let mut letters = word.chars();
        while let Some(letter) = letters.next() {
            let mut next = String::from(letter);
            if letter == '\\' && !quoted {
                next.extend(letters.next());
            }
            // Behind it there are a space and a backslash; a quote that is open must be closed before, and one that
            // opens wants company.
            let behind = match (quoted, letter) {
                (false, '\'') => 4,
                (true, '\'') | (false, _) => 2,
                (true, _) => 3,
            };
            if self.length() + next.chars().count() + behind > self.width {
                let (close, open) = if quoted { ("'\\", "'") } else { ("\\", "") };
                self.end(close, open);
            }
            quoted ^= letter == '\'';
            self.line.push_str(&next);
        }
    }
}

/// Words, those flags with what they take that are followed by it.
fn with_values(command: &str) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    let mut wanting = false;
    for word in words(command) {
        match all.last_mut() {
            Some(flag) if wanting => *flag = format!("{flag} {word}"),
            _ => all.push(word.to_owned()),
        }
        wanting = matches!(word, "-H" | "-o" | "-D" | "--cacert" | "--connect-to");
    }
    all
}

/// At spaces outside of quotes.
fn words(command: &str) -> Vec<&str> {
    let (mut quoted, mut escaped, mut start, mut words) = (false, false, 0, Vec::new());
    for (at, byte) in command.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if !quoted => escaped = true,
            b'\'' => quoted = !quoted,
            b' ' if !quoted => {
                words.push(&command[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    words.push(&command[start..]);
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a shell makes of a command's words.
    fn read_by_a_shell(command: &str) -> Vec<u8> {
        let script = format!("set -- {}\nprintf '%s\\0' \"$@\"", command.trim_start());
        let ran = std::process::Command::new("sh").arg("-c").arg(script).output().unwrap();
        assert!(ran.status.success(), "{command}");
        ran.stdout
    }

    #[test]
    fn a_shell_reads_the_same_words_however_narrow_it_is() {
        let quotes = r"'it'\''s \ '\'''\''x'";
        let long = format!("'https://a.example/{}?q={}'", "x".repeat(150), r"'\''".repeat(40));
        for command in ["curl -sS -I a", quotes, &format!("curl {quotes} -H 'a: b  c' {long} end"), &"y".repeat(300)] {
            for width in [20, 33, 80, 100] {
                let shown = shown(command, width);
                assert!(shown.lines().all(|line| line.chars().count() <= width), "{shown}");
                assert_eq!(read_by_a_shell(&shown), read_by_a_shell(command), "{width}: {shown}");
            }
        }
    }

    #[test]
    fn no_line_begins_with_nothing_in_quotes() {
        for width in 20..60 {
            let shown =
                shown("curl -H 'user-agent: purgeproof' -H 'pragma: a-very-long-word, another' 'https://a'", width);
            assert!(!shown.contains("''"), "{shown}");
        }
    }

    #[test]
    fn what_fits_stays_on_one_line() {
        assert_eq!(shown("curl -I 'https://a.example/?x y'", 80), "  curl -I 'https://a.example/?x y'");
    }
}
