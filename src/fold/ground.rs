//! What a run was about: which tenant, host, path and variant stand behind an object's number. It judges nothing.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::Frame;
use crate::model::{Draft, Found, FoundLane, FoundTenant, Names, Priority, Remark, Verdict};

/// The names behind the numbers, and what was asked of the run.
#[expect(clippy::struct_excessive_bools, reason = "each is a fact of its own")]
pub(super) struct Ground {
    pub(super) environments: Vec<String>,
    pub(super) tenants: Vec<FoundTenant>,
    /// For each environment, the number of each tenant's first object, and at the end the number of all.
    starts: Vec<Vec<u32>>,
    pub(super) waited: bool,
    levels_ms: BTreeMap<Priority, u64>,
    pub(super) max_findings: usize,
    pub(super) keep_all: bool,
    /// The time of the purge is known.
    pub(super) purged: bool,
    fails_on_unpurged: bool,
}

/// What a number stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Object<'g> {
    pub(super) tenant: usize,
    /// Which of the tenant's hosts.
    pub(super) nth_host: usize,
    pub(super) host: &'g str,
    pub(super) path: &'g str,
    /// Which of the tenant's variants.
    pub(super) nth_variant: usize,
    pub(super) variant: &'g str,
}

impl Ground {
    pub(super) fn of(found: Found, frame: &Frame) -> (Self, Vec<FoundLane>, Vec<Draft>, BTreeMap<String, Remark>) {
        let Found { environments, tenants, lanes, drafts, remarks, waited, max_findings, keep_all, .. } = found;
        let starts = (0..environments.len()).map(|nth| starts(nth, &tenants)).collect();
        let (purged, fails_on_unpurged) =
            (frame.run.purged_at.is_some(), frame.policy.fail_on.contains(&Verdict::Unpurged));
        let ground = Self {
            environments,
            tenants,
            starts,
            waited,
            levels_ms: frame.policy.service_levels_ms.clone(),
            max_findings,
            keep_all,
            purged,
            fails_on_unpurged,
        };
        (ground, lanes, drafts, remarks)
    }

    /// How many objects an environment has.
    pub(super) fn objects(&self, environment: usize) -> u32 {
        self.starts[environment].last().copied().unwrap_or(0)
    }

    /// Index of the tenant that an object belongs to.
    pub(super) fn tenant(&self, environment: usize, object: u32) -> usize {
        self.starts[environment].partition_point(|start| *start <= object).saturating_sub(1)
    }

    pub(super) fn priority(&self, environment: usize, object: u32) -> Priority {
        self.tenants[self.tenant(environment, object)].priority
    }

    /// The object of a number below [`objects`](Self::objects); others are out of bounds.
    pub(super) fn object(&self, environment: usize, number: u32) -> Object<'_> {
        let tenant = self.tenant(environment, number);
        let known = &self.tenants[tenant];
        let hosts = &known.hosts[environment];
        let rest = (number - self.starts[environment][tenant]) as usize;
        let (rest, nth_variant) = (rest / known.variants.len(), rest % known.variants.len());
        let paths = hosts[0].paths.len();
        let (nth_host, nth_path) = (rest / paths, rest % paths);
        let host = &hosts[nth_host];
        let variant = &known.variants[nth_variant];
        Object { tenant, nth_host, host: &host.host, path: &host.paths[nth_path], nth_variant, variant }
    }

    /// A tenant's paths as they are at every host.
    pub(super) fn paths(&self, tenant: usize) -> Vec<Arc<str>> {
        let known = &self.tenants[tenant];
        if !known.paths.is_empty() {
            return known.paths.clone();
        }
        let host = known.hosts.iter().flatten().next();
        host.map(|host| host.paths.iter().map(|path| Arc::from(path.as_str())).collect()).unwrap_or_default()
    }

    /// The numbers of one path in one variant at all hosts of a tenant.
    pub(super) fn at_all_hosts(
        &self,
        environment: usize,
        tenant: usize,
        nth_path: usize,
        nth_variant: usize,
    ) -> impl Iterator<Item = u32> {
        let known = &self.tenants[tenant];
        let (hosts, variants) = (&known.hosts[environment], known.variants.len());
        let paths = hosts.first().map_or(0, |host| host.paths.len());
        let first = self.starts[environment][tenant] as usize;
        let number = move |nth_host| first + (nth_host * paths + nth_path) * variants + nth_variant;
        let there = if nth_path < paths { hosts.len() } else { 0 };
        (0..there).filter_map(move |nth_host| u32::try_from(number(nth_host)).ok())
    }

    /// Whether nothing better need be waited for.
    pub(super) fn is_settled(&self, verdict: Verdict) -> bool {
        verdict.is_good() || (verdict == Verdict::Unpurged && !self.fails_on_unpurged)
    }

    pub(super) fn level(&self, priority: Priority) -> Duration {
        self.levels_ms.get(&priority).map_or(Duration::MAX, |ms| Duration::from_millis(*ms))
    }

    /// Drafts kept until the end.
    pub(super) const fn drafts(&self) -> usize {
        if self.keep_all { usize::MAX } else { self.max_findings }
    }

    /// A draft of one check that says no more than its names.
    pub(super) fn draft(&self, lane: &FoundLane, object: u32, verdict: Verdict) -> Draft {
        let known = self.object(lane.berth.environment, object);
        let tenant = &self.tenants[known.tenant];
        let names = Names {
            environment: &self.environments[lane.berth.environment],
            region: &lane.region,
            edge: &lane.edge,
            tenant: &tenant.id,
            host: known.host,
            path: known.path,
            variant: known.variant,
            priority: tenant.priority,
            pop_expected: lane.pop.as_deref(),
            provider_expected: lane.provider.as_deref(),
        };
        Draft::named(lane.berth, object, known.tenant, verdict, &names)
    }
}

/// Where each tenant's objects begin in one environment.
pub(super) fn starts(environment: usize, tenants: &[FoundTenant]) -> Vec<u32> {
    let mut starts = vec![0_u32];
    for tenant in tenants {
        let paths = tenant.hosts[environment].iter().map(|host| host.paths.len()).sum::<usize>();
        let objects = u32::try_from(paths * tenant.variants.len()).unwrap_or(u32::MAX);
        starts.push(starts.last().map_or(0, |start| start.saturating_add(objects)));
    }
    starts
}
