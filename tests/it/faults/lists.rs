//! Lists and plans of what hostile files and edges say move no terminal and start no workflow command.

use super::{Plain, write};
use crate::support::{purgeproof, run};

/// For terminals (ECMA-48), workflow commands, Markdown, spreadsheets, and readers from right to left.
const HOSTILE: &str = "=1+1\\u001b[31m\\u009b2J\\n::error::x\\r##[error]y|<b>\\u202e";

#[track_caller]
fn harms_nobody(what: &str, text: &str) {
    let obeyed = |c: char| (c.is_control() && c != '\n') || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    assert_eq!(text.find(obeyed), None, "{what}: {text:?}");
    let is_command = |line: &str| line.trim_start().starts_with("::") || line.contains("##[");
    assert_eq!(text.lines().find(|line| is_command(line)), None, "{what}: {text:?}");
}

#[test]
fn of_files() {
    let plain = Plain::start();
    let address = plain.server.address;
    let text = format!(
        "schema = 1\nenvironment = \"{HOSTILE}\"\n[origin]\nurl = 'http://{address}'\n[defaults]\nscheme = 'http'\n\
         [regions.eu]\nname = \"{HOSTILE}\"\nedges = [{{ name = \"fra{HOSTILE}\", pop = \"{HOSTILE}\", address = '{address}' }}]\n"
    );
    write(plain.path(), "regions.toml", text);
    let text = format!(
        "{{ \"schema\": 1, \"tenants\": [{{ \"id\": \"t{HOSTILE}\", \"host\": \"t.example\", \"paths\": [\"/\"], \"tags\": [\"{HOSTILE}\"] }}] }}"
    );
    write(plain.path(), "tenants.json", text);
    let mut shown = 0;
    for words in [
        "edges --dry-run",
        "edges",
        "edges --format json",
        "edges --dry-run --format json",
        "tenants --tenants tenants.json",
        "tenants --tenants tenants.json --format json",
        "tenants --tenants tenants.json --format tenants",
        "verify --tenants tenants.json --dry-run",
        "verify --tenants tenants.json --dry-run --format json",
        "verify --tenants tenants.json --verbose --events events",
    ] {
        let ran = run(purgeproof().current_dir(plain.path()).args(words.split(' ')));
        harms_nobody(words, &ran.stdout);
        harms_nobody(words, &ran.stderr);
        shown += usize::from(ran.stdout.contains("=1+1"));
    }
    assert!(shown >= 5, "only {shown} lists hold what is hostile: this shows little");
    harms_nobody("events", &std::fs::read_to_string(plain.path().join("events")).unwrap_or_default());
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
