//! What a purge is made to miss, and what a probe must therefore find. It never purges anything itself.

use std::time::Duration;

use super::options::{Options, RegionPlan, Shields};

/// What a purge misses.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Planted {
    /// An edge that the purge never reaches, by name.
    pub missed_edge: Option<String>,
    /// A tenant whose hostname the purge leaves out everywhere, by id.
    pub missed_tenant: Option<String>,
    /// A shield that the purge never reaches, so that purged edges refill from old copies, by name.
    pub missed_shield: Option<String>,
    /// How long it takes to arrive at the slowest edge, which each reaches at a time of its own; none: it is everywhere at
    /// once. Shields get it at once.
    pub arrives_within: Option<Duration>,
}

/// How many checks a probe must find stale, and how many fresh.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expected {
    /// All of them: tenants x paths x edges.
    pub checks: u64,
    /// Of the version before the deploy.
    pub stale: u64,
    /// Of the version deployed.
    pub fresh: u64,
}

impl Planted {
    /// Nothing is missed.
    pub fn nothing() -> Self {
        Self::default()
    }

    /// One edge, one tenant and one region's shield are missed, as far as there are any.
    pub fn demo(options: &Options) -> Self {
        let regional = matches!(options.shields, Shields::PerRegion | Shields::Tiered);
        let speaking = |region: &&RegionPlan| regional && region.edges.iter().all(|edge| edge.voice.names_layers());
        let shielded = options.regions.iter().find(speaking).map(|region| region.key);
        let missed_shield = shielded.and_then(|region| options.shield_of(region));
        let other = options.edges().filter(|(region, _)| Some(region.key) != shielded);
        Self {
            missed_edge: other.map(|(_, edge)| edge.name()).nth(4),
            missed_tenant: options.tenant_ids().take(7).last(),
            missed_shield,
            arrives_within: None,
        }
    }

    /// Whether a tenant's objects are old at an edge after the purge.
    pub fn is_stale(&self, options: &Options, region: &str, edge: &str, tenant: &str) -> bool {
        let missed = |planted: &Option<String>, name: &str| planted.as_deref() == Some(name);
        missed(&self.missed_edge, edge)
            || missed(&self.missed_tenant, tenant)
            || options.shield_of(region).is_some_and(|shield| missed(&self.missed_shield, &shield))
    }

    /// What a probe of every tenant, path and edge, one variant of each, must find.
    pub fn expected(&self, options: &Options) -> Expected {
        let paths = options.paths.len() as u64;
        let mut expected = Expected { checks: 0, stale: 0, fresh: 0 };
        for (region, edge) in options.edges() {
            let name = edge.name();
            for tenant in options.tenant_ids() {
                let stale = self.is_stale(options, region.key, &name, &tenant);
                expected.checks += paths;
                expected.stale += if stale { paths } else { 0 };
            }
        }
        expected.fresh = expected.checks - expected.stale;
        expected
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missed_twice_is_counted_once() {
        let options = Options { tenants: 847, ..Options::default() };
        let planted = Planted::demo(&options);
        assert_eq!(planted.missed_edge.as_deref(), Some("kix"));
        assert_eq!(planted.missed_tenant.as_deref(), Some("tenant-007"));
        assert_eq!(planted.missed_shield.as_deref(), Some("eu-central-shield"));
        // One missed edge, three behind the missed shield, and one tenant at the eight others.
        let stale = 847 * 4 + 8;
        assert_eq!(planted.expected(&options), Expected { checks: 10_164, stale, fresh: 10_164 - stale });
    }

    #[test]
    fn nothing_planted_is_nothing_stale() {
        let options = Options::default();
        assert_eq!(Planted::nothing().expected(&options), Expected { checks: 288, stale: 0, fresh: 288 });
    }

    #[test]
    fn a_single_shield_that_is_missed_makes_everything_stale() {
        let options = Options { shields: Shields::One, ..Options::default() };
        let planted = Planted { missed_shield: Some("shield".to_owned()), ..Planted::default() };
        assert_eq!(planted.expected(&options).fresh, 0);
    }
}
