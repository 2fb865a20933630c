//! `--dry-run`: what would be done, and what it would cost.

use std::fmt::Write as _;
use std::time::Duration;

use crate::inventory::Plan;
use crate::model::{Edge, Inventory, LeftOut, Origin, Place, counted, human};
use crate::report::{Format, defused, unheard};
use crate::verify::{self, Options, budgets};

mod json;

pub(super) use json::Planned;

/// One line on the whole.
pub(super) fn headline(plan: &Plan) -> String {
    let inventory = plan.inventory();
    format!(
        "{}, {} in {}, {}: {}",
        counted(inventory.tenants.len() as u64, "tenant"),
        counted(plan.total_edges(), "edge"),
        counted(plan.total_regions(), "region"),
        counted(plan.total_objects(), "object"),
        counted(plan.total_checks(), "check"),
    )
}

/// What sources name and nobody can ask for, the first by name.
pub(super) fn unprobeable(inventory: &Inventory) -> Option<String> {
    let first = inventory.unprobeable.first()?;
    let names = counted(inventory.unprobeable.len() as u64, "name");
    let told = format!(
        "{names} cannot be asked for and lower the coverage, the first is \"{}\" ({}); purgeproof tenants lists them",
        first.pattern, first.source
    );
    Some(defused(&inventory.secrets.mask(&told)))
}

/// What sources of paths name and is not asked for, the first few.
pub(super) fn left_out(inventory: &Inventory) -> Vec<String> {
    const SHOWN: usize = 5;
    let line =
        |lost: &LeftOut| defused(&inventory.secrets.mask(&format!("left out: {}: {}", lost.source, lost.reason)));
    let all = &inventory.left_out;
    let shown = if all.len() > SHOWN { SHOWN - 1 } else { all.len() };
    let more =
        (all.len() > shown).then(|| format!("left out: {} more, purgeproof tenants lists them", all.len() - shown));
    all[..shown].iter().map(line).chain(more).collect()
}

/// The plan and its cost: JSON where that is asked for, else for people.
pub(super) fn shown(plan: &Plan, options: &Options, format: &Format) -> String {
    if format.id == "json" { json::json(plan, options) } else { text(plan, options) }
}

fn text(plan: &Plan, options: &Options) -> String {
    let mut out = format!("{}\n", headline(plan));
    if let Some(lost) = unprobeable(plan.inventory()) {
        let _ = writeln!(out, "{lost}");
    }
    for lost in left_out(plan.inventory()) {
        let _ = writeln!(out, "{lost}");
    }
    for (nth, environment) in plan.inventory().environments.iter().enumerate() {
        let objects = plan.objects(nth);
        let _ = writeln!(out, "\nenvironment {} ({})", defused(&environment.name), environment.source);
        if let Some(origin) = &environment.origin {
            let requests = looks(origin, objects);
            let _ = writeln!(
                out,
                "  origin {}://{}{}: {} at least, {}",
                origin.scheme.id(),
                origin.authority,
                origin.base_path,
                counted(requests, "request"),
                at_least(requests, origin.pace.rate.map(u32::from)),
            );
        }
        for edge in &environment.edges {
            let rate = at_least(objects.into(), edge.pace.rate.map(u32::from));
            let _ = writeln!(
                out,
                "  edge {} ({}) at {}: {}, {rate}",
                defused(&edge.id.edge),
                defused(&edge.id.region),
                place(edge),
                counted(objects.into(), "check"),
            );
        }
    }
    if plan.inventory().environments.len() > 1 {
        let more = counted(verify::most_by_get(plan), "GET");
        let _ = writeln!(out, "\nto hold environments against each other: at most {more} on top, without bodies");
    }
    let budgets = budgets(plan, options);
    if !budgets.is_empty() {
        out.push('\n');
    }
    for budget in budgets {
        let _ = writeln!(out, "{}", defused(&budget));
    }
    if let Some(deadline) = options.deadline {
        let _ = writeln!(out, "\nends after {} at the latest (--deadline)", human(deadline));
    }
    out.push_str("\nnothing was sent (--dry-run)\n");
    unheard(&plan.inventory().secrets.mask(&out))
}

fn place(edge: &Edge) -> String {
    match &edge.place {
        Place::Address(address, port) => std::net::SocketAddr::new(*address, port.unwrap_or(edge.port)).to_string(),
        Place::Hostname { name, .. } => format!("{name}:{}", edge.port),
        Place::Tenant(_) => format!("the tenant's own name:{}", edge.port),
        Place::Vantage(vantage) => vantage.authority().to_owned(),
        Place::Proxy(proxy) => format!("the tenant's own name:{} through {proxy}", edge.port),
    }
}

/// Requests to the origin: those at the start, and one at the end.
fn looks(origin: &Origin, objects: u32) -> u64 {
    u64::from(objects) * (u64::from(origin.samples) + 1)
}

/// What a rate makes of so many requests.
fn shortest(requests: u64, rate: Option<u32>) -> Option<Duration> {
    rate.map(|rate| Duration::from_millis(requests * 1_000 / u64::from(rate)))
}

fn at_least(requests: u64, rate: Option<u32>) -> String {
    match shortest(requests, rate) {
        Some(time) => format!("{} or more", human(time)),
        None => "no rate limit".to_owned(),
    }
}
