//! Lists and plans of what hostile files and edges say move no terminal and start no workflow command.

use super::{Plain, write};
use crate::support::{purgeproof, run};

/// For terminals (ECMA-48), workflow commands, Markdown, spreadsheets, and readers from right to left.
const HOSTILE: &str = "=1+1\\u001b[31m\\u009b2J\\n::error::x\\r##[error]y|<b>\\u202e";

#[track_caller]
fn harms_nobody(what: &str, text: &str) {
    let obeyed =
        |c: char| (c.is_control() && c != '\n') || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    assert_eq!(text.find(obeyed), None, "{what}: {text:?}");
    let is_command = |line: &str| line.trim_start().starts_with("::") || line.contains("##[");
    assert_eq!(text.lines().find(|line| is_command(line)), None, "{what}: {text:?}");
}

/// What may stand in a name: no control character, and yet not harmless.
const IN_A_NAME: &str = "::error::=1+1##[error]y|<b>\\u202e";

/// Every list and plan of files whose every word is this; what it printed, and what it said.
fn listed(word: &str) -> Vec<(&'static str, String, String)> {
    let plain = Plain::start();
    let address = plain.server.address;
    let text = format!(
        "schema = 1\nenvironment = \"{word}\"\n[origin]\nurl = 'http://{address}'\n[defaults]\nscheme = 'http'\n\
         [regions.eu]\nname = \"{word}\"\nedges = [{{ name = \"{word}\", pop = \"FRA\", address = '{address}' }}]\n"
    );
    write(plain.path(), "regions.toml", text);
    let text = format!(
        "{{ \"schema\": 1, \"tenants\": [{{ \"id\": \"{word}\", \"host\": \"t.example\", \"paths\": [\"/\"], \"tags\": [\"{word}\"] }}] }}"
    );
    write(plain.path(), "tenants.json", text);
    let commands = [
        "edges --dry-run",
        "edges",
        "edges --format json",
        "edges --dry-run --format json",
        "tenants --tenants tenants.json",
        "tenants --tenants tenants.json --format json",
        "tenants --tenants tenants.json --format tenants",
        "verify --tenants tenants.json --dry-run",
        "verify --tenants tenants.json --dry-run --format json",
        "verify --tenants tenants.json --verbose --events /dev/stderr",
    ];
    let list = |words: &'static str| {
        let ran = run(purgeproof().current_dir(plain.path()).args(words.split(' ')));
        (words, ran.stdout, ran.stderr)
    };
    commands.map(list).into()
}

#[test]
fn of_files() {
    for (command, printed, said) in listed(IN_A_NAME) {
        harms_nobody(command, &printed);
        harms_nobody(command, &said);
        assert!(format!("{printed}{said}").contains("=1+1"), "{command}: {printed}{said}");
    }
}

#[test]
fn of_files_that_are_refused() {
    for (command, printed, said) in listed(HOSTILE) {
        harms_nobody(command, &said);
        assert!(printed.is_empty() && said.starts_with("error: "), "{command}: {printed}{said}");
        assert_eq!(said.lines().count(), 1, "{command}: {said}");
    }
}

#[test]
fn of_response_heads() {
    let folder = tempfile::tempdir().unwrap();
    let head = b"HTTP/1.1 200 OK\r\nage: 1\r\nserver: \x1b[31mnginx\xc2\x9b2J\r\nx-cache: HIT\x1b]0;title\x07 ::error::x\r\n\
        x-served-by: cache-\x1b[31m-AMS\r\ncache-status: \"::error::\\\"\"; hit\r\netag: \"=1+1\x1b[31m\xe2\x80\xae##[error]\"\r\nvia: 1.1 \x1bc|evil\r\n\
        cf-ray: 1-\x1b[2J\r\ncf-cache-status: ::error::\r\n";
    write(folder.path(), "head.txt", head);
    for format in ["text", "json"] {
        let ran = run(purgeproof().current_dir(folder.path()).args(["inspect", "head.txt", "--format", format]));
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        assert!(ran.stdout.contains("=1+1"), "{}", ran.stdout);
        harms_nobody(format, &ran.stdout);
    }
}
