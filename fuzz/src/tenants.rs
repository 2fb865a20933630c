//! Any text as a tenants file.

use purgeproof::inventory::{Overrides, Texts};

use super::texts::{REGIONS, load, text};

/// The first byte chooses the syntax, and whether tenants are only listed.
pub fn tenants(bytes: &[u8]) {
    let Some((first, rest)) = bytes.split_first() else { return };
    let Ok(said) = str::from_utf8(rest) else { return };
    let file = ["none/t.yaml", "none/t.toml", "none/t.json"][usize::from(first % 3)];
    let overrides = Overrides { only_listed: first / 3 % 2 == 1, ..Overrides::default() };
    let regions = vec![text("none/r.toml", REGIONS)];
    let texts = Texts { regions, tenants: vec![text(file, said)], ..Texts::default() };
    load(&texts, &overrides, file);
}
