//! Advice as data: what in an object's headers makes purges fail, or staleness likely. It never changes a verdict.

mod browsers_keep_it;
mod cookie_is_cached;
mod critical_served_stale;
mod etags_by_server;
mod given;
mod no_validator;
#[cfg(test)]
mod tests;
mod varies_by_everything;
mod varies_by_user_agent;
mod versioned;

pub use given::Given;

/// Every piece; each that applies speaks.
pub static ALL: &[&Advice] = &[
    &cookie_is_cached::ADVICE,
    &browsers_keep_it::ADVICE,
    &critical_served_stale::ADVICE,
    &varies_by_everything::ADVICE,
    &varies_by_user_agent::ADVICE,
    &etags_by_server::ADVICE,
    &no_validator::ADVICE,
];

/// One piece of advice.
#[derive(Debug)]
pub struct Advice {
    /// Kebab-case; says the condition.
    pub id: &'static str,
    /// What it is about, as it came; nothing where it keeps quiet.
    pub speaks: fn(&Given<'_>) -> Option<String>,
    /// One line.
    pub summary: &'static str,
    /// A paragraph.
    pub why: &'static str,
    /// What mends it.
    pub fix: &'static str,
    /// A clause of an RFC, or a vendor's page.
    pub source: &'static str,
}
