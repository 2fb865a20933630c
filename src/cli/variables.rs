//! Variables that look like a flag's and are none. It never shows what they hold.

use std::collections::BTreeSet;

use super::output::say;
use crate::report::defused;

const PREFIX: &str = "PURGEPROOF_";

/// The variable of a flag.
pub(super) fn of_flag(long: &str) -> String {
    format!("{PREFIX}{}", long.to_uppercase().replace(['-', '.'], "_"))
}

/// Says which are probably misspelt. What resembles none may be somebody's own, for `${NAME}` in a file.
pub(super) fn warn_of_misspelt(command: &clap::Command) {
    let known: BTreeSet<String> = command.get_subcommands().flat_map(variables).collect();
    let set = std::env::vars_os().filter_map(|(name, _)| name.into_string().ok());
    let set: BTreeSet<String> = set.filter(|name| name.to_uppercase().starts_with(PREFIX)).collect();
    for name in set.difference(&known) {
        if let Some(meant) = meant(name, &known) {
            say(&format!("warning: the environment variable {} means nothing, did you mean {meant}?", defused(name)));
        }
    }
}

fn variables(command: &clap::Command) -> impl Iterator<Item = String> + '_ {
    command.get_arguments().filter_map(|flag| Some(flag.get_env()?.to_str()?.to_owned()))
}

/// The known one that differs by a letter or two of its own part, by its dashes, or by case.
fn meant<'k>(name: &str, known: &'k BTreeSet<String>) -> Option<&'k str> {
    let own = |name: &str| name.to_uppercase().trim_start_matches(PREFIX).replace(['-', '_'], "");
    let written = own(name);
    let candidates = known.iter().map(|known| (strsim::damerau_levenshtein(&written, &own(known)), known.as_str()));
    let nearest = candidates.min_by_key(|(distance, _)| *distance)?;
    (nearest.0 <= written.chars().count() / 4).then_some(nearest.1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_of_ones_own_is_no_misspelling() {
        let known = ["URL", "TENANTS", "HTTP1_1", "ORIGIN"].map(|flag| format!("{PREFIX}{flag}")).into();
        for (name, expected) in [
            ("PURGEPROOF_TENNANTS", Some("PURGEPROOF_TENANTS")),
            ("PURGEPROOF_TENANT", Some("PURGEPROOF_TENANTS")),
            ("PURGEPROOF_HTTP11", Some("PURGEPROOF_HTTP1_1")),
            ("purgeproof_origin", Some("PURGEPROOF_ORIGIN")),
            ("PURGEPROOF_TOKEN", None),
            ("PURGEPROOF_ORIGIN_AUTH", None),
            ("PURGEPROOF_KEY", None),
        ] {
            assert_eq!(meant(name, &known), expected, "{name}");
        }
    }
}
