//! What one service says by its labels and its environment, and what it takes over from the one that it extends.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use super::file::{File, entries, get, items, text, texts};
use super::interpolate::{Filled, unset};
use super::variables::Variables;
use super::{clipped, shortened};
use crate::inventory::InventoryError;
use crate::inventory::tree::{Entry, Node, Value};

/// Bytes of a key; nothing reads a longer one.
const LONGEST_KEY: usize = 1024;

/// By their keys.
pub(super) type Fields = BTreeMap<String, Field>;

/// A service with what it takes over.
#[derive(Clone)]
pub(super) struct Service {
    pub(super) labels: Fields,
    /// Of `deploy`, as Swarm has them.
    pub(super) deploy_labels: Fields,
    environment: Fields,
    env_files: Vec<EnvFile>,
    /// Whether it has an image, so that it is more than a part of a service that another file completes.
    pub(super) runs: bool,
}

#[derive(Clone)]
struct EnvFile {
    path: PathBuf,
    /// `compose.yaml:12: service "web", env_file app.env`
    source: Arc<str>,
}

/// A label or a variable.
#[derive(Clone)]
pub(super) struct Field {
    said: Said,
    /// `compose.yaml:12: service "web", label caddy`
    pub(super) source: Arc<str>,
}

#[derive(Clone)]
enum Said {
    /// As it is written.
    Text(Box<str>),
    /// A variable's name alone: its value is that of the environment.
    Inherited(Box<str>),
    /// By a file of variables.
    Known { name: Box<str>, value: Result<String, String> },
}

impl Field {
    /// The value with its variables filled in.
    pub(super) fn filled(&self, variables: &Variables<'_>) -> Result<Filled, InventoryError> {
        let filled = match &self.said {
            Said::Text(text) => variables.fill(text),
            Said::Inherited(name) => variables
                .get(name)
                .and_then(|value| value.ok_or_else(|| unset(name)))
                .map(|value| Filled::variable(name, value)),
            Said::Known { name, value } => value.clone().map(|value| Filled::variable(name, value)),
        };
        filled.map_err(|why| self.fail(why))
    }

    pub(super) fn fail(&self, what: impl Into<String>) -> InventoryError {
        InventoryError::Entry { at: Arc::clone(&self.source), what: shortened(&what.into()).into_owned() }
    }

    /// Whether it says `false` as Go reads it.
    pub(super) fn is_false(&self, variables: &Variables<'_>) -> Result<bool, InventoryError> {
        let filled = self.filled(variables)?;
        Ok(["0", "f", "false"].contains(&filled.text.trim().to_ascii_lowercase().as_str()))
    }
}

impl Service {
    /// What it says itself; of labels only those that matter here.
    pub(super) fn own(
        file: &File,
        entry: &Entry,
        tenant_key: Option<&str>,
        variables: &Variables<'_>,
    ) -> Result<Self, InventoryError> {
        let place = |line, what: &str| format!("{}, {what}", file.place(line, &entry.key)).into();
        let label = |key: &str| {
            let lower = key.get(..8).unwrap_or(key).to_ascii_lowercase();
            lower == "traefik." || key.starts_with("caddy") || key.starts_with("purgeproof.") || Some(key) == tenant_key
        };
        let labels = |node: Option<&Node>| {
            let read = Said::text;
            fields(node, variables, label, read, &|line, key| place(line, &format!("label {}", clipped(key))))
        };
        let variable = |key: &str| key.starts_with("VIRTUAL_");
        let read = |key: &str, text: Option<String>| match text {
            Some(text) => Said::Text(text.into()),
            None => Said::Inherited(key.into()),
        };
        let source = |line, key: &str| place(line, &format!("environment {}", clipped(key)));
        let named = get(&entry.node, "env_file").map(env_files).unwrap_or_default().into_iter();
        let env_file = |(name, line): (&str, u32)| EnvFile {
            path: file.folder.join(variables.fill_or_keep(name)),
            source: place(line, &format!("env_file {}", clipped(name))),
        };
        Ok(Self {
            labels: labels(get(&entry.node, "labels"))?,
            deploy_labels: labels(get(&entry.node, "deploy").and_then(|deploy| get(deploy, "labels")))?,
            environment: fields(get(&entry.node, "environment"), variables, variable, read, &source)?,
            env_files: named.map(env_file).collect(),
            runs: get(&entry.node, "image").or_else(|| get(&entry.node, "build")).is_some(),
        })
    }

    /// With what it takes over from the one that it extends; its own word wins.
    pub(super) fn over(mut self, base: Self) -> Self {
        let lay = |own: &mut Fields, mut base: Fields| {
            base.append(own);
            *own = base;
        };
        lay(&mut self.labels, base.labels);
        lay(&mut self.deploy_labels, base.deploy_labels);
        lay(&mut self.environment, base.environment);
        self.env_files.splice(0..0, base.env_files);
        self.runs |= base.runs;
        self
    }

    /// How much there is to take over.
    pub(super) fn size(&self) -> usize {
        1 + self.labels.len() + self.deploy_labels.len() + self.environment.len() + self.env_files.len()
    }

    pub(super) fn label(&self, key: &str) -> Option<&Field> {
        self.deploy_labels.get(key).or_else(|| self.labels.get(key))
    }

    /// A variable as the container has it: of `environment`, else of the last `env_file` that sets it.
    pub(super) fn variable(&self, name: &str, variables: &Variables<'_>) -> Option<Field> {
        let field = self.environment.get(name).cloned();
        field.or_else(|| self.env_files.iter().rev().find_map(|file| file.variable(name, variables)))
    }

    /// Whether `environment` sets it.
    pub(super) fn sets(&self, name: &str) -> bool {
        self.environment.contains_key(name)
    }

    /// An `env_file` that is not there, and might say what the environment does not.
    pub(super) fn missing(&self, variables: &Variables<'_>) -> Option<&Arc<str>> {
        let missing = self.env_files.iter().find(|file| variables.env_file(&file.path).is_none());
        missing.map(|file| &file.source)
    }
}

impl EnvFile {
    fn variable(&self, name: &str, variables: &Variables<'_>) -> Option<Field> {
        let value = variables.env_file(&self.path)?.get(name).transpose()?;
        let source = format!("{}, {name}", self.source).into();
        Some(Field { said: Said::Known { name: name.into(), value }, source })
    }
}

impl Said {
    fn text(_: &str, text: Option<String>) -> Self {
        Self::Text(text.unwrap_or_default().into())
    }
}

/// A map, or a list of `key=value`; of its keys those that are `wanted`.
fn fields(
    node: Option<&Node>,
    variables: &Variables<'_>,
    wanted: impl Fn(&str) -> bool,
    said: impl Fn(&str, Option<String>) -> Said,
    source: &dyn Fn(u32, &str) -> Arc<str>,
) -> Result<Fields, InventoryError> {
    let mut fields = Fields::new();
    let mut keep = |line, key: &str, text: Option<String>| {
        let filled = variables.fill_or_keep(key);
        if filled.len() <= LONGEST_KEY && wanted(&filled) {
            fields.insert(filled.clone(), Field { said: said(&filled, text), source: source(line, key) });
        }
    };
    let Some(node) = node else { return Ok(fields) };
    for Entry { key, line, node } in entries(node) {
        keep(*line, key, plain(node));
    }
    for item in items(node) {
        if let Value::Map(inner) = &item.value {
            let key = inner.first().map_or("", |entry| &*entry.key);
            let what = "this is a map within a list, write \"KEY=VALUE\"".to_owned();
            return Err(InventoryError::Entry { at: source(item.line, key), what });
        }
        let written = plain(item).unwrap_or_default();
        match pair(&written) {
            Some((key, value)) => keep(item.line, key, Some(value.to_owned())),
            None => keep(item.line, &written, None),
        }
    }
    Ok(fields)
}

/// Parts at the first sign that stands in no variable's default.
fn pair(written: &str) -> Option<(&str, &str)> {
    let mut open = 0_usize;
    let at = written.bytes().position(|byte| {
        match byte {
            b'{' => open += 1,
            b'}' => open = open.saturating_sub(1),
            _ => {}
        }
        byte == b'=' && open == 0
    })?;
    Some((&written[..at], &written[at + 1..]))
}

/// A scalar as Compose hands it on.
fn plain(node: &Node) -> Option<String> {
    match &node.value {
        Value::Str(text) => Some(text.to_string()),
        Value::Bool(value) => Some(value.to_string()),
        Value::Int(value) => Some(value.to_string()),
        Value::Float(value) => Some(value.to_string()),
        Value::Null | Value::List(_) | Value::Map(_) => None,
    }
}

/// A path, a list of them, or of `{ path: … }`.
fn env_files(node: &Node) -> Vec<(&str, u32)> {
    let inner = items(node).iter().chain(Some(node)).filter_map(|item| get(item, "path"));
    let inner = inner.filter_map(|path| Some((text(path)?, path.line)));
    let mut all: Vec<_> = texts(node).into_iter().chain(inner).collect();
    all.sort_by_key(|(_, line)| *line);
    all
}
