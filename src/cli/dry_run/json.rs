//! The plan as other programs read it; its types are what `purgeproof schema plan` describes. Nothing is decided here.

use std::time::Duration;

use schemars::JsonSchema;
use serde::Serialize;

use super::super::edges::masked;
use super::{looks, place, shortest};
use crate::inventory::Plan;
use crate::model::{self, Edge};
use crate::report::unspoken;
use crate::verify::{Options, budgets};

const SCHEMA: &str = "purgeproof.plan/1";

/// What `--dry-run --format json` shows.
#[derive(Serialize, JsonSchema)]
pub(in crate::cli) struct Planned<'p> {
    #[schemars(extend("const" = SCHEMA))]
    schema: &'static str,
    tenants: usize,
    regions: u64,
    edges: u64,
    objects: u64,
    checks: u64,
    /// Names that nobody can ask for.
    unprobeable: usize,
    /// By name.
    environments: Vec<Environment<'p>>,
    /// What is spent at vendors that ask for us.
    budgets: Vec<String>,
    /// When the run ends at the latest.
    deadline_ms: Option<u64>,
}

/// One environment.
#[derive(Serialize, JsonSchema)]
struct Environment<'p> {
    name: &'p str,
    /// The file that says so.
    source: &'p str,
    objects: u32,
    origin: Option<Origin>,
    edges: Vec<Asked<'p>>,
}

/// What the origin is asked for.
#[derive(Serialize, JsonSchema)]
struct Origin {
    url: String,
    /// At least so many.
    requests: u64,
    /// The shortest time that its rate allows; none without a rate.
    at_least_ms: Option<u64>,
}

/// What an edge is asked for.
#[derive(Serialize, JsonSchema)]
struct Asked<'p> {
    region: &'p str,
    name: &'p str,
    /// Where it is, as far as that is known before anything is sent.
    at: String,
    checks: u32,
    /// The shortest time that its rate allows; none without a rate.
    at_least_ms: Option<u64>,
}

pub(super) fn json(plan: &Plan, options: &Options) -> String {
    let inventory = plan.inventory();
    let environments = inventory.environments.iter().enumerate().map(|(nth, environment)| {
        let objects = plan.objects(nth);
        Environment {
            name: &environment.name,
            source: &environment.source,
            objects,
            origin: environment.origin.as_ref().map(|origin| reference(origin, objects)),
            edges: environment.edges.iter().map(|edge| asked(edge, objects)).collect(),
        }
    });
    let planned = Planned {
        schema: SCHEMA,
        tenants: inventory.tenants.len(),
        regions: plan.total_regions(),
        edges: plan.total_edges(),
        objects: plan.total_objects(),
        checks: plan.total_checks(),
        unprobeable: inventory.unprobeable.len(),
        environments: environments.collect(),
        budgets: budgets(plan, options),
        deadline_ms: options.deadline.map(whole_ms),
    };
    // Strings and numbers always serialize.
    let planned = masked(serde_json::to_value(&planned).unwrap_or_default(), &inventory.secrets);
    format!("{}\n", unspoken(&serde_json::to_string_pretty(&planned).unwrap_or_default()))
}

fn reference(origin: &model::Origin, objects: u32) -> Origin {
    let requests = looks(origin, objects);
    Origin {
        url: format!("{}://{}{}", origin.scheme.id(), origin.authority, origin.base_path),
        requests,
        at_least_ms: shortest(requests, origin.pace.rate.map(u32::from)).map(whole_ms),
    }
}

fn asked(edge: &Edge, objects: u32) -> Asked<'_> {
    let at_least_ms = shortest(objects.into(), edge.pace.rate.map(u32::from)).map(whole_ms);
    Asked { region: &edge.id.region, name: &edge.id.edge, at: place(edge), checks: objects, at_least_ms }
}

fn whole_ms(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
