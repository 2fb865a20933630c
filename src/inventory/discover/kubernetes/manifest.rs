//! Files as objects: documents, lists and what stands around them; it knows how an object is named, not what it means.

use std::sync::Arc;

use super::super::super::InventoryError;
use super::super::super::tree::{Format, Misread, Node, Value};
use super::super::host_regexp::clipped;
use super::Given;
use super::field::Field;

/// An object with a kind.
pub(super) struct Object<'n> {
    pub(super) kind: &'n str,
    /// `networking.k8s.io`, nothing for the core.
    pub(super) group: &'n str,
    pub(super) name: &'n str,
    pub(super) namespace: Option<&'n str>,
    /// `Ingress "prod/web"`
    pub(super) label: String,
    pub(super) root: Field<'n>,
}

/// Each document of a file.
pub(super) fn parse(given: &Given<'_>) -> Result<Vec<Node>, InventoryError> {
    let text = without_notes(given.text);
    let json = text.trim_start_matches(['\u{feff}', ' ', '\t', '\r', '\n']).starts_with(['{', '[']);
    let parsed = if json && !has_template(text) {
        // YAML in braces is no JSON; what is neither is said in JSON's words.
        Format::Json.parse_all(text).or_else(|misread| Format::Yaml.parse_all(text).map_err(|_| misread))
    } else {
        Format::Yaml.parse_all(text)
    };
    parsed.map_err(|Misread { line, what }| {
        let mend = "; this looks like a Helm template, render it with helm template and name what it prints";
        given.fail(line, format!("{what}{}", if has_template(text) { mend } else { "" }))
    })
}

fn has_template(text: &str) -> bool {
    text.contains("{{")
}

/// `helm install --dry-run` prints what it has to say to people behind the manifests.
fn without_notes(text: &str) -> &str {
    let line = |word: &str, from: usize| {
        text[from..].match_indices(word).map(|(at, _)| from + at).find(|at| {
            let ends = text[at + word.len()..].lines().next().is_none_or(|rest| rest.trim().is_empty());
            ends && (*at == 0 || text[..*at].ends_with('\n'))
        })
    };
    match line("MANIFEST:", 0).and_then(|at| line("NOTES:", at)) {
        Some(at) => &text[..at],
        None => text,
    }
}

/// The objects of a file's documents, those of lists one by one.
pub(super) fn objects<'n>(
    given: &'n Given<'n>,
    documents: &'n [Node],
    objects: &mut Vec<Object<'n>>,
) -> Result<(), InventoryError> {
    documents.iter().try_for_each(|document| match &document.value {
        Value::Null => Ok(()),
        Value::List(items) => items.iter().try_for_each(|item| object(given, item, None, objects)),
        Value::Map(_) => object(given, document, None, objects),
        _ => {
            let what = "this is no Kubernetes object, write a map with \"apiVersion\" and \"kind\", or take it out";
            Err(given.fail(document.line, what))
        }
    })
}

/// `typed` is what the items of an `IngressList` are that say nothing of it themselves.
fn object<'n>(
    given: &'n Given<'n>,
    node: &'n Node,
    typed: Option<(&'n str, &'n str)>,
    objects: &mut Vec<Object<'n>>,
) -> Result<(), InventoryError> {
    let root = Field::root(given, "object", node);
    let is_map = matches!(node.value, Value::Map(_));
    if !is_map {
        // Patches and other files beside manifests are lists of whatever they need.
        return if typed.is_some() { root.get("kind").map(drop) } else { Ok(()) };
    }
    let version = root.word("apiVersion")?.or(typed.map(|(version, _)| version));
    let kind = root.word("kind")?.or(typed.map(|(_, kind)| kind));
    let shaped = root.get("metadata")?.is_some() && root.get("spec")?.is_some();
    let kind = match (version, kind) {
        (None, Some(_)) if shaped => {
            return Err(root.fail("needs \"apiVersion\", write apiVersion: networking.k8s.io/v1 or whatever it is"));
        }
        (_, Some(kind)) => kind,
        // Values, kustomizations and dashboards lie beside manifests and are none.
        (None, None) if !shaped => return Ok(()),
        (_, None) => return Err(root.fail("needs \"kind\", write kind: Ingress or whatever it is")),
    };
    let version = version.unwrap_or("");
    if let (Some(item), Some(Value::List(_))) = (kind.strip_suffix("List"), root.get("items")?.map(|items| items.value))
    {
        let typed = Some((version, item)).filter(|_| !item.is_empty());
        return root_items(node).try_for_each(|item| object(given, item, typed, objects));
    }
    objects.push(named(root, version, kind)?);
    Ok(())
}

fn root_items(node: &Node) -> impl Iterator<Item = &Node> {
    let Value::Map(entries) = &node.value else { return [].iter() };
    let items = entries.iter().find(|entry| &*entry.key == "items").map(|entry| &entry.node.value);
    if let Some(Value::List(items)) = items { items.iter() } else { [].iter() }
}

fn named<'n>(root: Field<'n>, version: &'n str, kind: &'n str) -> Result<Object<'n>, InventoryError> {
    let root = root.named(clipped(kind));
    let metadata = root.get("metadata")?;
    let word = |key| metadata.as_ref().map_or(Ok(None), |metadata| metadata.word(key));
    let (name, namespace) = (word("name")?.or(word("generateName")?).unwrap_or(""), word("namespace")?);
    let namespace = namespace.filter(|namespace| !namespace.is_empty());
    let (kind_shown, name_shown) = (clipped(kind), clipped(name));
    let label = match namespace.map(clipped) {
        Some(namespace) => format!("{kind_shown} \"{namespace}/{name_shown}\""),
        None => format!("{kind_shown} \"{name_shown}\""),
    };
    let group = version.rsplit_once('/').map_or("", |(group, _)| group);
    Ok(Object { kind, group, name, namespace, root: root.named(&label), label })
}

impl<'n> Object<'n> {
    pub(super) fn spec(&self) -> Result<Option<Field<'n>>, InventoryError> {
        self.root.get("spec")
    }

    pub(super) fn annotation(&self, key: &str) -> Result<Option<(Field<'n>, &'n str)>, InventoryError> {
        let field = self.root.at(&["metadata", "annotations"])?.map_or(Ok(None), |all| all.get(key))?;
        field.map(|field| field.text().map(|text| (field, text))).transpose()
    }

    /// Whose it is: by a label, or an annotation, or by its namespace where that is the key.
    pub(super) fn tenant(&self, key: &str) -> Result<Option<Arc<str>>, InventoryError> {
        for table in ["labels", "annotations"] {
            if let Some(field) = self.root.at(&["metadata", table])?.map_or(Ok(None), |all| all.get(key))? {
                let value = field.text()?.trim();
                return Ok(Some(value.into()).filter(|_| !value.is_empty()));
            }
        }
        Ok(self.namespace.filter(|_| key == "namespace").map(Into::into))
    }

    /// Whether a namespace is this one's, as far as both are said.
    pub(super) fn may_be_in(&self, namespace: Option<&str>) -> bool {
        match (self.namespace, namespace) {
            (Some(own), Some(named)) => own == named,
            _ => true,
        }
    }
}
