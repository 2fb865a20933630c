//! Any text as a regions file.

use purgeproof::inventory::{Overrides, Texts};

use super::texts::{load, text};

/// TOML; a first line `#json` or `#yaml` makes it that, which a regions file may be, too.
pub fn regions(bytes: &[u8]) {
    let Ok(said) = str::from_utf8(bytes) else { return };
    let (file, said) = match said.split_once('\n') {
        Some(("#json", rest)) => ("none/r.json", rest),
        Some(("#yaml", rest)) => ("none/r.yaml", rest),
        _ => ("none/r.toml", said),
    };
    let tenants = "schema: 1\ntenants: [{ id: a, host: a.example, paths: ['/x?id={id}'] }]";
    let texts =
        Texts { regions: vec![text(file, said)], tenants: vec![text("none/t.yaml", tenants)], ..Texts::default() };
    if let Some(inventory) = load(&texts, &Overrides::default(), file) {
        assert!(inventory.environments.iter().all(|environment| !environment.edges.is_empty()));
    }
}
