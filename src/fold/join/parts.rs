//! Reports that belong together: partitions of one plan, run alike, each once. It names the files that do not fit.

use std::collections::BTreeMap;

use super::JoinError;
use super::tally;
use crate::fold::ground::starts;
use crate::model::{Draft, Found, Remark, Report};

/// One partition.
pub(super) struct Part {
    pub(super) name: String,
    pub(super) nth: u32,
    pub(super) report: Report,
    pub(super) found: Found,
}

/// The partitions in their order, and how many there should be.
pub(super) fn agreeing(reports: Vec<(String, Report)>) -> Result<(Vec<Part>, u32), JoinError> {
    let mut parts = Vec::with_capacity(reports.len());
    for (name, report) in reports {
        parts.push(part(name, report)?);
    }
    // Told in the same words whatever order they are named in.
    parts.sort_by(|(one, _), (other, _)| (one.nth, &one.name).cmp(&(other.nth, &other.name)));
    for pair in parts.windows(2) {
        let [(one, of), (other, other_of)] = pair else { continue };
        fits(one, *of, other, *other_of)?;
    }
    let of = parts.first().map_or(0, |(_, of)| *of);
    Ok((parts.into_iter().map(|(part, _)| part).collect(), of))
}

fn part(name: String, mut report: Report) -> Result<(Part, u32), JoinError> {
    let no_partition = || {
        JoinError(format!(
            "{name}: is no partition of a run, name JSON reports of verify --partition, all of them at once; \
             what was merged is not merged again"
        ))
    };
    let numbers = report.run.partition.as_deref().and_then(|text| text.split_once('/'));
    let numbers = numbers.and_then(|(nth, of)| Some((nth.parse::<u32>().ok()?, of.parse::<u32>().ok()?)));
    let (nth, of) = numbers.filter(|(nth, of)| (1..=*of).contains(nth)).ok_or_else(no_partition)?;
    let found = *report.partial.take().ok_or_else(no_partition)?;
    if !is_whole(&found) {
        return Err(JoinError(format!("{name}: its \"partial\" contradicts itself, save the partition again")));
    }
    Ok((Part { name, nth, report, found }, of))
}

/// Whether both are partitions of one run.
fn fits(one: &Part, of: u32, other: &Part, other_of: u32) -> Result<(), JoinError> {
    let fail = |what: String| Err(JoinError(format!("{} and {}: {what}", one.name, other.name)));
    let (run, other_run) = (&one.report.run, &other.report.run);
    if run.plan_hash != other_run.plan_hash {
        return fail("are of different plans (plan_hash), merge partitions of one plan".to_owned());
    }
    if of != other_of {
        return fail(format!("are of {of} and of {other_of} partitions, merge those of one division"));
    }
    if one.nth == other.nth {
        return fail(format!("both are partition {}/{of}, name one of them", one.nth));
    }
    if one.found.divided_by != other.found.divided_by {
        return fail("are divided by hash and by slice, give every partition the same --partition".to_owned());
    }
    // Reports of earlier versions do not say.
    let says_other = |one: &Option<String>, other: &Option<String>| one.is_some() && other.is_some() && one != other;
    let differs = [
        ("--method", says_other(&run.method, &other_run.method)),
        ("--body", says_other(&run.body, &other_run.body)),
        ("--insecure", run.insecure != other_run.insecure),
        ("gate flags or service levels", one.report.gate.policy != other.report.gate.policy),
        ("--within", run.within_ms != other_run.within_ms || one.found.waited != other.found.waited),
        ("--advise", one.found.advised.is_some() != other.found.advised.is_some()),
        ("--purged-at", run.purged_at.is_some() != other_run.purged_at.is_some()),
        ("--regions", !is_same_fleet(&one.found, &other.found)),
    ];
    match differs.iter().find(|(_, differs)| *differs) {
        Some((flags, _)) => fail(format!("were run with different {flags}, run every partition with the same")),
        None => Ok(()),
    }
}

fn is_same_fleet(one: &Found, other: &Found) -> bool {
    let edges = |found: &Found| {
        let edges = found.lanes.iter().map(|lane| (lane.berth, lane.region.clone(), lane.edge.clone()));
        edges.collect::<Vec<_>>()
    };
    one.environments == other.environments && edges(one) == edges(other)
}

/// Whether every number in it stands for something.
fn is_whole(found: &Found) -> bool {
    let environments = found.environments.len();
    let is_sound = |tenant: &crate::model::FoundTenant| {
        let paths = tenant.hosts.iter().flatten().map(|host| host.paths.len());
        let even =
            tenant.hosts.iter().all(|hosts| hosts.windows(2).all(|two| two[0].paths.len() == two[1].paths.len()));
        tenant.hosts.len() == environments && even && !tenant.variants.is_empty() && paths.min() != Some(0)
    };
    if !found.tenants.iter().all(is_sound) {
        return false;
    }
    let starts: Vec<Vec<u32>> = (0..environments).map(|nth| starts(nth, &found.tenants)).collect();
    let objects = |environment: usize| starts.get(environment).and_then(|starts| starts.last()).copied();
    let knows = |environment: usize, object: u32| objects(environment).is_some_and(|objects| object < objects);
    let remarked = |remarks: &BTreeMap<String, Remark>| {
        remarks.values().flat_map(|remark| &remark.objects).all(|(environment, object)| knows(*environment, *object))
    };
    let drafted = |draft: &Draft| {
        let lane = found.lanes.get(draft.berth.number as usize);
        lane.is_some_and(|lane| lane.berth == draft.berth)
            && draft.tenant < found.tenants.len()
            && knows(draft.berth.environment, draft.object)
    };
    let lanes = (0..).zip(&found.lanes).all(|(number, lane)| {
        let all = objects(lane.berth.environment).map(|objects| objects as usize);
        lane.berth.number == number
            && all == Some(lane.verdicts.0.len())
            && lane.spans.as_ref().map(|spans| spans.len()) == all.filter(|_| found.waited)
            && remarked(&lane.remarks)
            && lane.unreached.iter().all(|draft| drafted(draft))
    });
    let sizes: Vec<u32> = (0..environments).filter_map(objects).collect();
    let tallied = found.policies.iter().all(|policies| tally::is_whole(policies, &sizes))
        && found.advised.iter().all(|advised| tally::is_whole(advised, &sizes));
    lanes && tallied && remarked(&found.remarks) && found.drafts.iter().all(drafted)
}
