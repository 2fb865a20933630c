//! What users read of the program, in its help, its manual and README, is what it does.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;

use purgeproof::model::{Verdict, exit_code};
use purgeproof::report;

use crate::support::server::installed;
use crate::support::{purgeproof, run};

pub(crate) fn readme() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap()
}

pub(crate) fn help(command: &str) -> String {
    let ran = run(purgeproof().args([command, "--help"]));
    assert_eq!(ran.code, 0, "{command}: {}", ran.stderr);
    ran.stdout
}

/// As the program lists them.
pub(crate) fn commands() -> Vec<String> {
    let ran = run(purgeproof().arg("--help"));
    let listed = ran.stdout.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let names = listed.filter_map(|line| line.strip_prefix("  ")?.split(' ').next().map(str::to_owned));
    names.filter(|name| !name.is_empty() && name != "help").collect()
}

/// `--flag`, each once.
pub(crate) fn flags(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '.'));
    let long = words.filter(|word| word.strip_prefix("--").is_some_and(|name| name.starts_with(char::is_alphabetic)));
    long.map(|flag| flag.trim_end_matches(['.', '-']).to_owned()).collect()
}

/// The rows of the table whose header begins so, each by its first cell's code.
pub(crate) fn table(text: &str, header: &str) -> Vec<Vec<String>> {
    let rows =
        text.lines().skip_while(|line| !line.starts_with(header)).skip(2).take_while(|line| line.starts_with('|'));
    rows.map(|row| row.trim_matches('|').split('|').map(|cell| cell.trim().replace('`', "")).collect()).collect()
}

const CODES: [u8; 9] = [
    exit_code::PASS,
    exit_code::FAIL,
    exit_code::USAGE,
    exit_code::INCONCLUSIVE,
    exit_code::EMPTY,
    exit_code::UNWRITTEN,
    exit_code::INTERNAL,
    exit_code::INTERRUPTED,
    exit_code::TERMINATED,
];

#[test]
fn every_exit_code_is_in_readme_and_in_help() {
    let rows = table(&readme(), "| exit code |");
    let told: Vec<u8> = rows.iter().flat_map(|row| row[0].split(", ").map(|code| code.parse().unwrap())).collect();
    assert_eq!(told, CODES);
    let help = help("verify");
    let (_, listed) = help.split_once("Exit codes:\n").unwrap();
    let codes = listed.lines().take_while(|line| !line.is_empty());
    let codes: Vec<u8> = codes.filter_map(|line| line.split_whitespace().next()?.parse().ok()).collect();
    assert_eq!(codes, CODES[..8], "143 stands beside 130");
    assert!(listed.contains("143"), "{listed}");
}

#[test]
fn every_verdict_is_in_readme_with_what_the_gate_makes_of_it() {
    let rows = table(&readme(), "| verdict |");
    let told: Vec<&str> = rows.iter().map(|row| row[0].as_str()).collect();
    assert_eq!(told, Verdict::ALL.map(Verdict::id));
    let help = help("verify");
    for (verdict, row) in Verdict::ALL.into_iter().zip(&rows) {
        let gate = row[2].split(',').next().unwrap();
        let by_default = help.split_once("[default: stale,divergent,failing]").is_some();
        let expected = match verdict {
            Verdict::Stale | Verdict::Divergent | Verdict::Failing => "fail",
            Verdict::Unverifiable | Verdict::Unreachable => "inconclusive",
            Verdict::Fresh | Verdict::Uncached | Verdict::Unpurged => "pass",
        };
        assert!(by_default && gate == expected, "{verdict:?}: {gate}");
    }
}

#[test]
fn every_format_is_in_readme_and_in_help() {
    let rows = table(&readme(), "| format |");
    let told: Vec<&str> = rows.iter().map(|row| row[0].as_str()).collect();
    assert_eq!(told, report::ALL.iter().map(|format| format.id).collect::<Vec<_>>());
    let help = help("verify");
    for format in report::ALL {
        assert!(help.contains(format.about), "{}", format.id);
    }
}

#[test]
fn every_flag_and_command_that_readme_names_is_there() {
    let commands = commands();
    let known: BTreeSet<String> = commands.iter().flat_map(|command| flags(&help(command))).collect();
    let readme = readme();
    let ours: BTreeSet<String> = readme.lines().filter(|line| !line.contains("cargo ")).flat_map(flags).collect();
    let unknown: Vec<&String> = ours.difference(&known).collect();
    assert!(unknown.is_empty(), "{unknown:?}");
    for word in readme.split("purgeproof ").skip(1).filter_map(|rest| rest.split([' ', '`', '\n', ',', '.']).next()) {
        let is_command = commands.iter().any(|command| command == word) || word == "help";
        let is_prose = ["asks", "names", "reads", "is"].contains(&word);
        assert!(is_command || is_prose, "purgeproof {word}");
    }
}

#[test]
fn every_command_shows_first_how_it_is_done() {
    for command in commands() {
        let text = help(&command);
        let at = |part: &str| text.find(part).unwrap_or_else(|| panic!("{command} has no {part}:\n{text}"));
        assert!(at("Usage:") < at("Examples:") && at("Examples:") < at("Options:"), "{command}:\n{text}");
        let example = format!("purgeproof {command}");
        assert!(text[at("Examples:")..].contains(&example), "{command}:\n{text}");
        // What an example shows is taken; what comes before, another command takes.
        let (examples, rest) = text[at("Examples:")..].split_once("\n\n").unwrap();
        let own: Vec<&str> = examples.lines().filter(|line| line.contains(&example)).collect();
        assert!(flags(&own.join("\n")).is_subset(&flags(rest)), "{command}:\n{text}");
    }
}

#[test]
fn flags_of_verify_stand_in_groups() {
    let text = help("verify");
    let mut last = 0;
    for group in ["What to check:", "Reference:", "Time:", "Requests:", "Pace:", "Gate:", "Output:"] {
        let at = text.find(&format!("\n{group}\n")).unwrap_or_else(|| panic!("no {group}\n{text}"));
        assert!(at > last, "{group} stands elsewhere");
        last = at;
    }
    let (_, loose) = text.split_once("\nOptions:\n").unwrap();
    let loose = flags(loose.split("\n\n").next().unwrap());
    assert_eq!(loose, BTreeSet::from(["--help".to_owned()]));
}

#[test]
fn shells_complete_commands_and_flags() {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let ran = run(purgeproof().args(["completions", shell]));
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        // Elvish and PowerShell are not told a flag's values.
        let values: &[&str] = if ["bash", "zsh", "fish"].contains(&shell) { &["openmetrics"] } else { &[] };
        for word in ["verify", "diagnose", "max-fail"].iter().chain(values) {
            assert!(ran.stdout.contains(word), "{shell} has no {word}");
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let script = folder.path().join("purgeproof");
    fs::write(&script, run(purgeproof().args(["completions", "bash"])).stdout).unwrap();
    let asked = "source \"$1\"; COMP_WORDS=(purgeproof verify --max); COMP_CWORD=2; _purgeproof purgeproof --max verify; echo \"${COMPREPLY[@]}\"";
    let output = Command::new("bash").args(["--norc", "-c", asked, "-"]).arg(&script).output().unwrap();
    let replied = String::from_utf8_lossy(&output.stdout);
    assert_eq!(flags(&replied), flags("--max-body --max-concurrency --max-fail --max-findings"), "{output:?}");
    let unknown = run(purgeproof().args(["completions", "sh"]));
    assert!(unknown.code == 2 && unknown.stderr.contains("fish"), "{}", unknown.stderr);
}

#[test]
fn manual_pages_are_sound_and_have_every_flag() {
    let folder = tempfile::tempdir().unwrap();
    let ran = run(purgeproof().arg("man").arg(folder.path()));
    assert_eq!((ran.code, ran.stdout.as_str()), (0, ""), "{}", ran.stderr);
    let shown = |page: &Path| {
        let mut groff = Command::new(installed("groff", "groff-base"));
        let output = groff.args(["-K", "utf8", "-man", "-Tutf8", "-P-cbou", "-ww"]).arg(page).output().unwrap();
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{}", page.display());
        String::from_utf8(output.stdout).unwrap().replace("‐\n", "-")
    };
    let main = folder.path().join("purgeproof.1");
    assert_eq!(fs::read_to_string(&main).unwrap(), run(purgeproof().arg("man")).stdout);
    let whole = shown(&main);
    for command in commands() {
        assert!(whole.contains(&format!("purgeproof-{command}(1)")), "{command}:\n{whole}");
        let page = shown(&folder.path().join(format!("purgeproof-{command}.1")));
        let missing: Vec<String> = flags(&help(&command)).difference(&flags(&page)).cloned().collect();
        assert!(missing.is_empty(), "{command}: {missing:?}");
    }
    let missing = run(purgeproof().args(["man", "/nowhere/at/all"]));
    assert_eq!(missing.code, 2);
    assert!(missing.stderr.contains("/nowhere/at/all/purgeproof.1"), "{}", missing.stderr);
}

#[test]
fn every_piece_of_advice_is_in_readme() {
    let told: Vec<String> = table(&readme(), "| advice |").into_iter().map(|row| row[0].clone()).collect();
    let known: Vec<&str> = purgeproof::rules::advice::ALL.iter().map(|advice| advice.id).collect();
    assert_eq!(told, known);
}
