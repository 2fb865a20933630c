//! How large a lab is, how its caches are arranged, and what its origin is like. It never starts anything.

use std::time::Duration;

use super::origin::{Methods, Tags, Validators};
use super::page::Page;
use super::voice::Voice;

/// What to start.
#[derive(Debug, Clone)]
pub struct Options {
    /// `tenant-001` and so on, at `{id}.lab.example`.
    pub tenants: usize,
    /// The paths of every tenant.
    pub paths: Vec<String>,
    /// Regions and their edges.
    pub regions: Vec<RegionPlan>,
    /// What stands between edges and origin.
    pub shields: Shields,
    /// TLS, or plain HTTP.
    pub tls: bool,
    /// Whom each certificate is for.
    pub certificates: Certificates,
    /// No HTTP/2.
    pub http1_only: bool,
    /// What is at each path.
    pub page: Page,
    /// Which validators the origin sends.
    pub validators: Validators,
    /// What its entity tags are made of.
    pub tags: Tags,
    /// Which methods are answered.
    pub methods: Methods,
    /// How long before the start every edge was filled; none for empty caches.
    pub filled_ago: Option<Duration>,
}

/// Whom each certificate is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Certificates {
    /// `*.lab.example`: one connection may serve every tenant.
    #[default]
    Wildcard,
    /// One tenant each, by SNI; a name that is no tenant's gets none.
    PerTenant,
}

/// What stands between edges and origin.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Shields {
    /// Edges ask the origin.
    None,
    /// One shield, named `shield`, behind all edges.
    One,
    /// A shield in each region, named `{region}-shield`.
    #[default]
    PerRegion,
    /// A shield in each region, and one behind them.
    Tiered,
}

/// One region.
#[derive(Debug, Clone)]
pub struct RegionPlan {
    /// Its key in the regions file.
    pub key: &'static str,
    /// Its name in words.
    pub title: &'static str,
    /// Its edges.
    pub edges: Vec<EdgePlan>,
}

/// One edge.
#[derive(Debug, Clone, Copy)]
pub struct EdgePlan {
    /// Its POP's code; its name is the same in lower case.
    pub pop: &'static str,
    /// Whose words it uses.
    pub voice: Voice,
    /// Servers, each with a store of its own, which answer in turns; at least one.
    pub servers: u8,
}

impl EdgePlan {
    /// One server at that POP.
    pub const fn new(pop: &'static str, voice: Voice) -> Self {
        Self { pop, voice, servers: 1 }
    }

    /// Its name: the POP's code in lower case.
    pub fn name(&self) -> String {
        self.pop.to_ascii_lowercase()
    }
}

impl Default for Options {
    fn default() -> Self {
        Self {
            tenants: 24,
            paths: vec!["/assets/app.js".to_owned()],
            regions: default_regions(),
            shields: Shields::default(),
            tls: true,
            certificates: Certificates::default(),
            http1_only: false,
            page: Page::default(),
            validators: Validators::default(),
            tags: Tags::default(),
            methods: Methods::default(),
            filled_ago: Some(Duration::from_secs(20 * 60)),
        }
    }
}

impl Options {
    /// The id of each tenant.
    pub fn tenant_ids(&self) -> impl Iterator<Item = String> + use<> {
        (1..=self.tenants).map(|number| format!("tenant-{number:03}"))
    }

    /// Region and edge of each edge, in order.
    pub fn edges(&self) -> impl Iterator<Item = (&RegionPlan, &EdgePlan)> {
        self.regions.iter().flat_map(|region| region.edges.iter().map(move |edge| (region, edge)))
    }

    /// The shield that a region's edges ask.
    pub fn shield_of(&self, region: &str) -> Option<String> {
        match self.shields {
            Shields::None => None,
            Shields::One => Some("shield".to_owned()),
            Shields::PerRegion | Shields::Tiered => Some(format!("{region}-shield")),
        }
    }
}

/// The host of a tenant.
pub fn host_of(tenant: &str) -> String {
    format!("{tenant}.lab.example")
}

/// Four regions of three edges. The second speaks of its shield, so that a stale one can be named.
pub fn default_regions() -> Vec<RegionPlan> {
    let region = |key, title, edges: [(&'static str, Voice); 3]| {
        let edges = edges.into_iter().map(|(pop, voice)| EdgePlan::new(pop, voice)).collect();
        RegionPlan { key, title, edges }
    };
    let all = |pops: [&'static str; 3], voice| pops.map(|pop| (pop, voice));
    vec![
        region("us-east", "US East", all(["IAD", "EWR", "ATL"], Voice::CloudFront)),
        region("eu-central", "Europe, central", all(["FRA", "AMS", "WAW"], Voice::Fastly)),
        region("ap-northeast", "Asia Pacific, northeast", all(["NRT", "KIX", "ICN"], Voice::Cloudflare)),
        region(
            "sa-east",
            "South America, east",
            [("GRU", Voice::Varnish), ("SCL", Voice::Akamai), ("EZE", Voice::Nginx)],
        ),
    ]
}
