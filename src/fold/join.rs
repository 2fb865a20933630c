//! Joins the reports of all partitions of a run into the report of the whole. What was lost is told, never guessed.

mod numbers;
mod parts;

use numbers::{Numbers, OfPart};
use parts::Part;
use sha2::{Digest as _, Sha256};

use super::{Frame, SWEPT_PER_EDGE, Tallies, tally};
use crate::gate::Ending;
use crate::model::{Draft, Found, FoundLane, Report, Run, Tallied, Timestamp, hex};

/// Why reports cannot be joined; it names the files.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct JoinError(String);

/// The report of the whole, from those of its partitions, each with the name of its file. In whatever order they come.
pub fn join(reports: Vec<(String, Report)>) -> Result<Report, JoinError> {
    let (parts, of) = parts::agreeing(reports)?;
    let numbers = Numbers::of(&parts)?;
    let Some(first) = parts.first() else { return Err(JoinError("no report is named".to_owned())) };
    let policy = first.report.gate.policy.clone();
    let lost = lost(&parts, of);
    let run = run(&parts, lost.is_empty());
    let deadline_passed = parts.iter().any(|part| Ending::of(&part.report.gate).deadline_passed);
    let reports = || parts.iter().map(|part| &part.report);
    let mut references: Vec<_> = reports().flat_map(|report| report.references.iter().cloned()).collect();
    references.sort_by(|one, other| one.object().cmp(&other.object()));
    // Those of one tenant come from one partition, in order.
    let mut origins: Vec<_> = reports().flat_map(|report| report.origins.iter().cloned()).collect();
    origins.sort_by(|one, other| (&one.environment, &one.tenant).cmp(&(&other.environment, &other.tenant)));
    let found = found(parts, numbers);
    origins.truncate(found.max_findings);
    let ending = Ending { deadline_passed, lost, ..Ending::default() };
    Ok(super::report(Frame { run, policy, ending, origins, references, asked: Vec::new() }, found))
}

/// What is missing, or was not carried through, in words.
fn lost(parts: &[Part], of: u32) -> Vec<String> {
    /// Partitions that are named one by one.
    const NAMED: usize = 100;
    let missing = of as usize - parts.len();
    let is_there = |nth: &u32| parts.binary_search_by_key(nth, |part| part.nth).is_ok();
    let named: Vec<String> =
        (1..=of).filter(|nth| !is_there(nth)).take(NAMED).map(|nth| format!("{nth}/{of}")).collect();
    let mut lost = Vec::new();
    if missing > 0 {
        let more = match missing - named.len() {
            0 => String::new(),
            more => format!(" and {more} more"),
        };
        let (noun, is) = if missing == 1 { ("partition", "is") } else { ("partitions", "are") };
        lost.push(format!("{noun} {}{more} {is} missing", named.join(", ")));
    }
    let interrupted = parts.iter().filter(|part| Ending::of(&part.report.gate).interrupted.is_some());
    lost.extend(interrupted.map(|part| format!("partition {}/{of} was interrupted before it was done", part.nth)));
    lost
}

/// The run of which they are the partitions: from the first start to the last end.
fn run(parts: &[Part], all_there: bool) -> Run {
    let runs = || parts.iter().map(|part| &part.report.run);
    let started_at = runs().map(|run| run.started_at.clone()).min().unwrap_or_default();
    let finished_at = runs().map(|run| run.finished_at.clone()).max().unwrap_or_default();
    let mut id = Sha256::new();
    runs().for_each(|run| id.update(&run.id));
    let first = runs().next();
    Run {
        id: hex(&id.finalize()[..8]),
        duration_ms: between(&started_at, &finished_at),
        started_at,
        finished_at,
        complete: all_there && runs().all(|run| run.complete),
        purged_at: runs().filter_map(|run| run.purged_at.clone()).min(),
        within_ms: first.and_then(|run| run.within_ms),
        partition: None,
        plan_hash: first.map(|run| run.plan_hash.clone()).unwrap_or_default(),
        insecure: runs().any(|run| run.insecure),
        method: runs().find_map(|run| run.method.clone()),
        body: runs().find_map(|run| run.body.clone()),
        seed: first.map(|run| run.seed).unwrap_or_default(),
        last_passed_at: None,
    }
}

/// Milliseconds; 0 where these are no times.
fn between(start: &str, end: &str) -> u64 {
    let time = |text: &str| text.parse::<Timestamp>().ok();
    let passed = time(start).zip(time(end)).map(|(start, end)| end.duration_since(start).as_millis());
    passed.and_then(|ms| u64::try_from(ms).ok()).unwrap_or_default()
}

/// What was found in all of them, with the numbers that it has in the whole.
fn found(parts: Vec<Part>, mut numbers: Numbers) -> Found {
    let sizes = numbers.sizes();
    let mut policies = parts.iter().any(|part| part.found.policies.is_some()).then(|| Tallies::new(sizes.clone()));
    let mut advised = parts.iter().any(|part| part.found.advised.is_some()).then(|| Tallies::new(sizes));
    let mut all = Found { tenants: std::mem::take(&mut numbers.tenants), ..Found::default() };
    for (nth, part) in parts.into_iter().enumerate() {
        let numbers = numbers.of_part(nth);
        let numbers = &numbers;
        let Found { environments, lanes, drafts, remarks, waited, max_findings, requests, .. } = part.found;
        for (at, lane) in lanes.into_iter().enumerate() {
            if all.lanes.len() == at {
                all.lanes.push(numbers.nothing_yet(&lane));
            }
            numbers.add(&mut all.lanes[at], lane, &mut all.drafts);
        }
        all.drafts.extend(drafts.into_iter().map(|draft| numbers.draft(draft)));
        add(&mut policies, part.found.policies.as_ref(), numbers);
        add(&mut advised, part.found.advised.as_ref(), numbers);
        for (note, remark) in remarks {
            all.remarks.entry(note).or_default().add(numbers.remark(remark));
        }
        (all.environments, all.waited) = (environments, waited);
        all.max_findings = all.max_findings.max(max_findings);
        all.unprobeable.extend(part.found.unprobeable);
        all.unprobeable_checks = all.unprobeable_checks.saturating_add(part.found.unprobeable_checks);
        all.requests = all.requests.saturating_add(requests);
        all.origin_connections = all.origin_connections.saturating_add(part.found.origin_connections);
    }
    all.policies = policies.map(|policies| policies.tallied());
    all.advised = advised.map(|advised| advised.tallied());
    forget_further_sweeps(&all.lanes, &mut all.drafts);
    all.drafts.sort_by_key(Draft::rank);
    all.drafts.truncate(all.max_findings);
    all
}

/// What one partition saw of its objects, under the numbers that they have in the whole.
fn add<T: Ord + Clone>(all: &mut Option<Tallies<T>>, part: Option<&Tallied<T>>, numbers: &OfPart<'_>) {
    let Some((all, part)) = all.as_mut().zip(part) else { return };
    for (environment, objects) in tally::spread(part).into_iter().enumerate() {
        for (object, together) in (0..).zip(objects) {
            let object = numbers.object(environment, object);
            for (thing, many) in &part.together[together as usize] {
                all.add(environment, object, part.things[*thing as usize].clone(), *many);
            }
        }
    }
}

/// One run would have asked the neighbours of so many at each edge, the first: more knowledge would explain more.
fn forget_further_sweeps(lanes: &[FoundLane], drafts: &mut [Draft]) {
    let mut swept: Vec<Vec<u32>> = vec![Vec::new(); lanes.len()];
    for draft in drafts.iter().filter(|draft| draft.was_swept) {
        swept[draft.berth.number as usize].push(draft.object);
    }
    for objects in &mut swept {
        objects.sort_unstable();
    }
    for draft in drafts.iter_mut().filter(|draft| draft.was_swept) {
        let limit = swept[draft.berth.number as usize].get(SWEPT_PER_EDGE);
        if limit.is_some_and(|limit| draft.object >= *limit) {
            draft.was_swept = false;
            draft.swept.clear();
        }
    }
}
