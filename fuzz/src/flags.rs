//! Any text as values of flags.

use purgeproof::cli;
use purgeproof::inventory::{Choice, One, Overrides, Texts, target};

use super::texts::{REGIONS, load, text};

/// An argument a line, of which the first is the command; what flags say is laid over a small inventory.
pub fn flags(bytes: &[u8]) {
    let Ok(said) = str::from_utf8(bytes) else { return };
    let arguments: Vec<&str> = said.lines().take(16).filter(|line| !line.contains('\0')).collect();
    // Help is as it is, and long.
    if arguments.iter().any(|argument| argument.contains("help") || argument.starts_with("-h")) {
        return;
    }
    let _ = cli::command().try_get_matches_from(["purgeproof"].iter().chain(&arguments));
    laid_over(&arguments);
}

fn laid_over(arguments: &[&str]) {
    let values = |flag: &str| -> Vec<String> {
        let values = arguments.iter().filter_map(|argument| argument.strip_prefix(flag)?.strip_prefix('='));
        values.map(ToOwned::to_owned).collect()
    };
    let choices = |flag| values(flag).iter().filter_map(|value| value.parse::<Choice>().ok()).collect();
    let urls = values("--url");
    let one = urls.first().filter(|url| target(url).is_ok());
    let overrides = Overrides {
        one: one.map(|url| One { url: url.clone(), addresses: Vec::new() }),
        paths: values("--path"),
        only: choices("--only"),
        skip: choices("--skip"),
        origin: values("--origin").pop(),
        headers: values("--header"),
        variants: values("--variant"),
        ..Overrides::default()
    };
    let regions = vec![text("none/r.toml", REGIONS)];
    let tenants = vec![text("none/t.yaml", "schema: 1\ntenants: [{ id: a, host: a.example, paths: [/x] }]")];
    // Tenants, then one URL, then URLs in the tenants' place.
    let texts = Texts { regions: regions.clone(), tenants, ..Texts::default() };
    load(&texts, &overrides, "none/");
    load(&Texts { regions, ..Texts::default() }, &Overrides { urls, one: None, ..overrides }, "none/");
}
