//! Any text as a file of pins.

use purgeproof::inventory::{Overrides, Texts};

use super::texts::{REGIONS, load, text};

const TENANTS: &str = "schema: 1
tenants:
- { id: a, host: a.example, paths: [/a.js, '/{id}/b'], expect: { status: 200, paths: { /a.js: { etag: '\"x\"' } } } }
- { id: b, host: b.example, paths: [/a.js, /c] }
";

/// The first byte chooses the syntax, and whether the run is narrowed.
pub fn expect(bytes: &[u8]) {
    let Some((first, rest)) = bytes.split_first() else { return };
    let Ok(said) = str::from_utf8(rest) else { return };
    let file = ["none/e.yaml", "none/e.toml", "none/e.json"][usize::from(first % 3)];
    let paths = if first / 3 % 2 == 1 { vec!["/a.js".to_owned()] } else { Vec::new() };
    let texts = Texts {
        regions: vec![text("none/r.toml", REGIONS)],
        tenants: vec![text("none/t.yaml", TENANTS)],
        expect: Some(text(file, said)),
        ..Texts::default()
    };
    load(&texts, &Overrides { paths, ..Overrides::default() }, file);
}
