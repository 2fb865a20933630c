//! Workflow commands, as the runner reads them: `::name property=value,property=value::message`.

use std::collections::BTreeMap;

use super::{Findings, Told, counted, exit_code};

/// One command.
#[derive(Debug)]
pub(crate) struct Command {
    pub(crate) level: String,
    pub(crate) properties: BTreeMap<String, String>,
    pub(crate) message: String,
}

/// Each line is a command, or the format is broken.
pub(crate) fn commands(text: &str) -> Vec<Command> {
    text.lines().map(|line| command(line).unwrap_or_else(|| panic!("no command: {line}"))).collect()
}

fn command(line: &str) -> Option<Command> {
    let (head, message) = line.strip_prefix("::")?.split_once("::")?;
    let (level, properties) = head.split_once(' ')?;
    let property = |text: &str| {
        let (name, value) = text.split_once('=')?;
        let value = value.replace("%3A", ":").replace("%2C", ",");
        Some((name.to_owned(), unescaped(&value)))
    };
    let properties = properties.split(',').map(property).collect::<Option<_>>()?;
    Some(Command { level: level.to_owned(), properties, message: unescaped(message) })
}

fn unescaped(text: &str) -> String {
    text.replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")
}

pub(super) fn read(text: &str) -> Told {
    let commands = commands(text);
    let titles: Vec<&str> = commands.iter().map(|command| command.properties["title"].as_str()).collect();
    let outcome = titles[0].strip_prefix("purgeproof: ").and_then(|rest| rest.split(' ').next());
    let mut findings = Findings::new();
    for (title, count) in titles[1..].iter().filter_map(|title| counted(title)) {
        let (verdict, cause) = title.split_once(' ').unwrap();
        *findings.entry((verdict.to_owned(), cause.to_owned())).or_default() += count;
    }
    let all = titles[1..].iter().all(|title| counted(title).is_some());
    Told {
        outcome: outcome.map(str::to_owned),
        exit_code: exit_code(titles[0]),
        counts: None,
        findings: all.then_some(findings),
    }
}
