//! Any text as something that tenants are discovered in.

use purgeproof::inventory::{Discover, Overrides, Texts};

use super::texts::{REGIONS, load, text};

const NAMES: [&str; 3] = ["none/file-0", "none/file-1", "none/file-2"];

/// The first byte chooses the kind of source, the second whether a tenant key is told; a NUL begins a further file.
pub fn discover(bytes: &[u8]) {
    let [kind, key, rest @ ..] = bytes else { return };
    let Ok(said) = str::from_utf8(rest) else { return };
    let kinds: Vec<&str> = Discover::kinds().collect();
    let files = said.splitn(NAMES.len(), '\0').zip(NAMES).map(|(said, name)| text(name, said)).collect();
    let texts = Texts {
        regions: vec![text("none/r.toml", REGIONS)],
        discover: vec![(kinds[usize::from(*kind) % kinds.len()], files)],
        ..Texts::default()
    };
    let tenant_key = (key % 2 == 1).then(|| "tenant".to_owned());
    load(&texts, &Overrides { tenant_key, only_listed: true, ..Overrides::default() }, "none/file-");
}
