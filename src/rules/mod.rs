//! Diagnoses as data: what is wrong, why, and what mends it. A rule never changes a verdict.

pub mod advice;
mod blocked_by_waf;
mod body_unavailable;
mod content_differs;
mod copy_predates_purge;
mod directory_alias;
mod edge_error;
mod edge_not_purged;
mod etag_differs_content_same;
mod facts;
mod head_get_differ;
mod host_not_served;
mod inconsistent_servers_in_pop;
mod lower_layer_stale;
mod metadata_changed_etag_same;
mod negative_cached;
mod no_answer;
mod no_origin;
mod not_asked;
mod not_told_apart;
mod note;
mod nothing_to_compare;
mod origin_failing;
mod origin_inconsistent;
mod origin_unreachable;
mod path_encoding;
mod policy_overridden;
mod purge_raced_deploy;
mod purged_everywhere_but_nothing_moved;
mod query_key;
mod rate_limited;
mod redirect_stale;
mod reference_is_an_error;
mod region_cut_off;
mod revalidation_failed;
mod scheme_keyed;
mod shield_refilled_stale;
mod stale_copy;
mod stale_while_revalidate;
mod tenant_hostname_missed;
mod variant_missed;
mod vary_not_asked;
mod vendor_not_asked;
mod weak_etag_only;
mod wrong_pop;
mod wrong_provider;

pub use facts::{Facts, Nearby, Parent, Share};
pub use note::{Note, Signs};

use crate::model::Cause;

/// Every rule; the first that applies speaks.
pub static ALL: &[&Rule] = &[
    &no_origin::RULE,
    &origin_unreachable::RULE,
    &origin_failing::RULE,
    &origin_inconsistent::RULE,
    &body_unavailable::RULE,
    &wrong_pop::RULE,
    &wrong_provider::RULE,
    &not_told_apart::RULE,
    &rate_limited::RULE,
    &host_not_served::RULE,
    &blocked_by_waf::RULE,
    &nothing_to_compare::RULE,
    &not_asked::RULE,
    &vendor_not_asked::RULE,
    &no_answer::RULE,
    &inconsistent_servers_in_pop::RULE,
    &shield_refilled_stale::RULE,
    &lower_layer_stale::RULE,
    &variant_missed::RULE,
    &query_key::RULE,
    &path_encoding::RULE,
    &directory_alias::RULE,
    &scheme_keyed::RULE,
    &purged_everywhere_but_nothing_moved::RULE,
    &tenant_hostname_missed::RULE,
    &region_cut_off::RULE,
    &negative_cached::RULE,
    &redirect_stale::RULE,
    &metadata_changed_etag_same::RULE,
    &revalidation_failed::RULE,
    &stale_while_revalidate::RULE,
    &edge_not_purged::RULE,
    &purge_raced_deploy::RULE,
    &stale_copy::RULE,
    &copy_predates_purge::RULE,
    &edge_error::RULE,
    &content_differs::RULE,
];

/// Every note; each that applies speaks.
pub static NOTES: &[&Note] = &[
    &reference_is_an_error::NOTE,
    &etag_differs_content_same::NOTE,
    &weak_etag_only::NOTE,
    &head_get_differ::NOTE,
    &policy_overridden::NOTE,
    &vary_not_asked::NOTE,
];

/// One diagnosis.
#[derive(Debug)]
pub struct Rule {
    /// Kebab-case; says the condition.
    pub id: &'static str,
    /// How bad it is.
    pub severity: Severity,
    /// Whether it speaks.
    pub applies: fn(&Facts<'_>) -> bool,
    /// One line with its facts.
    pub summary: fn(&Facts<'_>) -> String,
    /// A paragraph.
    pub why: &'static str,
    /// What mends it.
    pub fix: fn(&Facts<'_>) -> String,
}

/// How bad a diagnosis is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Somebody sees the wrong thing.
    Failure,
    /// Nobody is harmed yet.
    Notice,
    /// Nothing could be said.
    Inconclusive,
}

/// The diagnosis of a finding; nothing where no rule speaks.
pub fn diagnose(facts: &Facts<'_>) -> Option<Cause> {
    let rule = ALL.iter().find(|rule| (rule.applies)(facts))?;
    Some(Cause {
        id: rule.id.to_owned(),
        summary: (rule.summary)(facts),
        why: rule.why.to_owned(),
        fix: match facts.how_to_purge.filter(|_| facts.is_old()) {
            Some(how) => format!("{} For example: {how}", (rule.fix)(facts)),
            None => (rule.fix)(facts),
        },
    })
}

#[cfg(test)]
mod tests;
