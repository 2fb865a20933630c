//! Kind `hosts`: a list of names, one on a line, or a hosts file; addresses in it are left out of account.

use std::net::IpAddr;

use super::{Given, Kind, Told, one_by_one};
use crate::inventory::InventoryError;
use crate::inventory::origin::split_scheme;

pub(super) const HOSTS: Kind =
    Kind { id: "hosts", endings: &["txt", "hosts", "list"], read: |given| one_by_one(given, read) };

/// What the machine itself is called in a hosts file; nobody else reaches it by that name.
const OWN: [&str; 9] = [
    "localhost",
    "localhost.localdomain",
    "localhost4",
    "localhost6",
    "ip6-localhost",
    "ip6-loopback",
    "ip6-localnet",
    "ip6-allnodes",
    "ip6-allrouters",
];

/// One name on a line, or an address with names behind it, or a URL, whose host counts. `#` begins a comment.
fn read(given: &Given<'_>) -> Result<Vec<Told>, InventoryError> {
    let text = given.text.strip_prefix('\u{feff}').unwrap_or(given.text);
    let mut told = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.split('#').next().unwrap_or_default();
        let mut words = line.split_ascii_whitespace();
        let Some(first) = words.next() else { continue };
        if first.parse::<IpAddr>().is_ok() && line.split_ascii_whitespace().nth(1).is_some() {
            for name in words.filter(|name| !OWN.contains(&name.to_ascii_lowercase().as_str())) {
                told.push(given.listed(number, name)?);
            }
            continue;
        }
        if let Some(more) = words.next() {
            let what =
                format!("\"{more}\" stands behind \"{first}\", write one name on a line, or begin it with an address");
            return Err(given.fail(number, what));
        }
        let name = named(first).map_err(|what| given.fail(number, what))?;
        told.push(given.listed(number, name)?);
    }
    Ok(told)
}

/// The host of a URL, or the name itself.
fn named(word: &str) -> Result<&str, String> {
    if !word.contains("://") {
        return Ok(word);
    }
    let (_, rest) = split_scheme(word)?;
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.contains('@') {
        return Err("a URL with credentials would show them to everyone, write the name alone".to_owned());
    }
    Ok(authority)
}
