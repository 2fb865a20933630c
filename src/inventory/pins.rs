//! One table of pins: what a deploy says an object must be, value by value.

use std::collections::BTreeMap;
use std::sync::Arc;

use http::{HeaderName, HeaderValue};

use super::InventoryError;
use super::reader::Item;
use crate::model::{Expect, sha256_of};
use crate::syntax::{entity_tag, http_date};

pub(super) const PINS: [&str; 5] = ["status", "etag", "last_modified", "sha256", "headers"];
/// Where paths may have pins of their own.
pub(super) const PINS_AND_PATHS: [&str; 6] = ["status", "etag", "last_modified", "sha256", "headers", "paths"];

/// A table that pins something, and nothing else.
pub(super) fn some_pins(item: &Item<'_>) -> Result<Expect, InventoryError> {
    let expect = pins(item, &PINS)?;
    if expect.is_empty() { Err(nothing_pinned(item)) } else { Ok(expect) }
}

/// A table that looks like a gate and is none.
pub(super) fn nothing_pinned(item: &Item<'_>) -> InventoryError {
    item.wrong(format_args!("pins nothing, write one or more of: {}", PINS.join(", ")))
}

/// Every pin in a table of those keys.
pub(super) fn pins(item: &Item<'_>, known: &[&str]) -> Result<Expect, InventoryError> {
    let fields = item.fields(known)?;
    Ok(Expect {
        status: fields.read("status", |item| item.whole(200..=599))?,
        etag: fields.read("etag", tag)?,
        last_modified: fields.read("last_modified", date)?,
        sha256: fields.read("sha256", hash)?,
        headers: fields.read("headers", headers)?.unwrap_or_default(),
    })
}

fn tag(item: &Item<'_>) -> Result<Arc<str>, InventoryError> {
    let text = item.text()?;
    match entity_tag::parse(&text) {
        Some(_) => Ok(text.trim().into()),
        None => {
            Err(item.wrong(format_args!("\"{text}\" is no entity tag, write it as the header does: '\"33a64df5\"'")))
        }
    }
}

fn date(item: &Item<'_>) -> Result<Arc<str>, InventoryError> {
    let text = item.text()?;
    match http_date::parse(&text) {
        Some(_) => Ok(text.trim().into()),
        None => Err(item.wrong(format_args!("\"{text}\" is no date of HTTP, write \"Sun, 06 Nov 1994 08:49:37 GMT\""))),
    }
}

fn hash(item: &Item<'_>) -> Result<[u8; 32], InventoryError> {
    let text = item.text()?;
    sha256_of(&text).ok_or_else(|| item.wrong(format_args!("\"{text}\" is no SHA-256, write 64 hexadecimal digits")))
}

fn headers(table: &Item<'_>) -> Result<BTreeMap<Arc<str>, Arc<str>>, InventoryError> {
    let mut lines = BTreeMap::new();
    for (name, item) in table.entries()? {
        let fail = |what: String| Err(item.fail(what));
        let Ok(parsed) = HeaderName::try_from(name) else {
            return fail(format!("\"{}\" is no header name, write a token such as X-Build", name.escape_debug()));
        };
        match parsed.as_str() {
            "etag" | "last-modified" => {
                let key = parsed.as_str().replace('-', "_");
                return fail(format!("the header \"{name}\" has a key of its own, use \"{key}\""));
            }
            "set-cookie" => return fail(format!("the header \"{name}\" is never shown, pin another one")),
            "age" | "date" => {
                return fail(format!("the header \"{name}\" is another in every answer, pin another one"));
            }
            _ => {}
        }
        let text = item.text()?;
        if HeaderValue::from_str(&text).is_err() {
            return fail(format!("the value of the header \"{name}\" is not visible ASCII, no answer can match it"));
        }
        if lines.insert(parsed.as_str().into(), text.trim().into()).is_some() {
            return fail(format!("the header \"{name}\" stands twice, keep one of them"));
        }
    }
    Ok(lines)
}
