use super::Advice;
use crate::model::Priority;

/// Something critical that may be served stale.
pub(super) static ADVICE: Advice = Advice {
    id: "critical-served-stale",
    speaks: |given| {
        let mut fields = given.policies.iter();
        let allows = fields.find(|(_, said)| said.stale_while_revalidate.is_some_and(|s| s > 0) && !said.no_store);
        let (name, _) = allows.filter(|_| given.priority == Priority::Critical)?;
        Some(given.shown(name))
    },
    summary: "it is critical, and caches may serve it stale while they fetch the new one",
    why: "Within stale-while-revalidate the first users after a soft purge, or after the lifetime, still get the old version: that is what the directive asks for, and it does not go with the priority critical.",
    fix: "Leave stale-while-revalidate out for critical objects, or purge them hard.",
    source: "RFC 5861 section 3",
};
