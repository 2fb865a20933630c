//! Kind `manifest`: what a build wrote down of its files, each builder's manifest known by its shape.

use super::asked::{file_name, shown, target, url};
use super::{Given, Kind, Told};
use crate::inventory::InventoryError;
use crate::inventory::tree::{Entry, Format, Node, Value};

pub(super) const MANIFEST: Kind = Kind { id: "manifest", takes_prefix: true, read };

/// One builder's manifest.
struct Shape {
    /// What stands before its paths, unless that is said.
    prefix: &'static str,
    /// How a file is asked for.
    asked: fn(&str) -> String,
    /// Its files, unless it is none.
    files: fn(&[Entry], &str) -> Option<Vec<Named>>,
}

/// A file as it is written, and its line.
struct Named {
    line: u32,
    name: String,
}

/// The more telling ones first.
const SHAPES: [Shape; 6] = [
    Shape { prefix: "/_next/", asked: file_name, files: next },
    Shape { prefix: "/assets/", asked: str::to_owned, files: sprockets },
    Shape { prefix: "/", asked: str::to_owned, files: create_react_app },
    Shape { prefix: "/", asked: str::to_owned, files: vite },
    Shape { prefix: "/assets/", asked: str::to_owned, files: propshaft },
    Shape { prefix: "/", asked: str::to_owned, files: webpack },
];

const KNOWN: &str = "known are those of Vite, webpack (webpack-manifest-plugin, webpack-assets-manifest, Create React App), \
                     Next.js (build-manifest.json, app-build-manifest.json), Propshaft and Sprockets";

fn read(given: &mut Given<'_>, told: &mut Told) -> Result<(), InventoryError> {
    let text = given.text()?;
    let root = Format::Json.parse(&text).map_err(|misread| given.fail(u64::from(misread.line), misread.what))?;
    let Value::Map(entries) = &root.value else {
        return Err(given.fail(u64::from(root.line), format!("is no manifest that is known here, {KNOWN}")));
    };
    let known = SHAPES.iter().find_map(|shape| Some((shape, (shape.files)(entries, given.file)?)));
    let Some((shape, files)) = known else {
        return Err(given.fail(u64::from(root.line), format!("is no manifest that is known here, {KNOWN}")));
    };
    if files.is_empty() {
        return Err(given.fail_whole("names no file, correct the path"));
    }
    let prefix = given.prefix.unwrap_or(shape.prefix);
    for Named { line, name } in files {
        let line = u64::from(line);
        take(shape, prefix, &name, told, || given.line(line)).map_err(|why| given.fail(line, why))?;
    }
    Ok(())
}

/// A URL is its host's, a path stands as it is, and a file is below the prefix.
fn take(
    shape: &Shape,
    prefix: &str,
    name: &str,
    told: &mut Told,
    source: impl FnOnce() -> std::sync::Arc<str>,
) -> Result<(), String> {
    let with_scheme = if name.starts_with("//") { format!("https:{name}") } else { name.to_owned() };
    let is_schemed = with_scheme.find([':', '/']).is_some_and(|at| at > 0 && with_scheme[at..].starts_with(':'));
    if is_schemed {
        told.at_host(url(&with_scheme)?, source);
        return Ok(());
    }
    let path = if name.starts_with('/') {
        target(name.as_bytes())?
    } else {
        let mut file = name;
        while let Some(rest) = file.strip_prefix("./") {
            file = rest;
        }
        if file.is_empty() || file.split('/').any(|part| part == "..") {
            return Err(format!(
                "\"{}\" is no file below \"{prefix}\", build with an absolute public path",
                shown(name)
            ));
        }
        let file = target(format!("/{}", (shape.asked)(file)).as_bytes())?;
        // The prefix may hold placeholders, what is behind it does not.
        format!("{}{file}", prefix.trim_end_matches('/')).into()
    };
    told.everywhere.add(path);
    Ok(())
}

fn map(node: &Node) -> Option<&[Entry]> {
    match &node.value {
        Value::Map(entries) => Some(entries),
        _ => None,
    }
}

fn named(node: &Node) -> Option<Named> {
    match &node.value {
        Value::Str(name) => Some(Named { line: node.line, name: name.to_string() }),
        _ => None,
    }
}

fn get<'n>(entries: &'n [Entry], key: &str) -> Option<&'n Node> {
    entries.iter().find(|entry| &*entry.key == key).map(|entry| &entry.node)
}

/// Every text of every list, at any depth.
fn listed(node: &Node) -> Vec<Named> {
    match &node.value {
        Value::List(items) => items.iter().filter_map(named).collect(),
        Value::Map(entries) => entries.iter().flat_map(|entry| listed(&entry.node)).collect(),
        _ => Vec::new(),
    }
}

/// `pages` with the chunks of each. What a development server or AMP alone needs is left out.
fn next(entries: &[Entry], _: &str) -> Option<Vec<Named>> {
    const LISTS: [&str; 5] = ["polyfillFiles", "lowPriorityFiles", "rootMainFiles", "rootMainFilesTree", "pages"];
    let pages = map(get(entries, "pages")?)?;
    let is_list = |entry: &Entry| matches!(entry.node.value, Value::List(_));
    pages.iter().all(is_list).then(|| LISTS.iter().filter_map(|key| get(entries, key)).flat_map(listed).collect())
}

/// `assets`: what is served now; `files` has what was before, too.
fn sprockets(entries: &[Entry], _: &str) -> Option<Vec<Named>> {
    let assets = map(get(entries, "assets")?)?;
    let is_known = entries.iter().all(|entry| ["assets", "files"].contains(&&*entry.key) && map(&entry.node).is_some());
    if is_known { assets.iter().map(|entry| named(&entry.node)).collect() } else { None }
}

/// `files` with the public path before each; its `entrypoints` name some of them again, without.
fn create_react_app(entries: &[Entry], _: &str) -> Option<Vec<Named>> {
    let files = map(get(entries, "files")?)?;
    let is_known = entries.iter().all(|entry| ["files", "entrypoints"].contains(&&*entry.key));
    if is_known { files.iter().map(|entry| named(&entry.node)).collect() } else { None }
}

/// Chunks, each with its `file`, and with `css` and `assets` that come with it.
fn vite(entries: &[Entry], _: &str) -> Option<Vec<Named>> {
    let mut files = Vec::new();
    for entry in entries {
        let chunk = map(&entry.node)?;
        files.push(named(get(chunk, "file")?)?);
        files.extend(["css", "assets"].iter().filter_map(|key| get(chunk, key)).flat_map(listed));
    }
    Some(files).filter(|files| !files.is_empty())
}

/// Objects with a `digested_path`; older ones have texts alone, and are known by the file's name.
fn propshaft(entries: &[Entry], file: &str) -> Option<Vec<Named>> {
    let digested = |entry: &Entry| map(&entry.node).and_then(|asset| named(get(asset, "digested_path")?));
    let is_named = file.rsplit(['/', '\\']).next() == Some(".manifest.json");
    let is_known = is_named || entries.iter().any(|entry| digested(entry).is_some());
    if is_known { entries.iter().map(|entry| digested(entry).or_else(|| named(&entry.node))).collect() } else { None }
}

/// Texts, or objects with a `src`; beside them `entrypoints` with lists of what belongs together.
fn webpack(entries: &[Entry], _: &str) -> Option<Vec<Named>> {
    let mut files = Vec::new();
    for Entry { key, node, .. } in entries {
        if &**key == "entrypoints" && map(node).is_some() {
            files.extend(listed(node));
        } else {
            files.push(named(node).or_else(|| named(get(map(node)?, "src")?))?);
        }
    }
    Some(files)
}
