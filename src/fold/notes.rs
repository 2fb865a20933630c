//! What is worth a line though nothing is wrong with the verdicts, counted over all edges. It decides nothing.

use std::collections::{BTreeMap, BTreeSet};

use super::ground::Ground;
use crate::model::{FoundLane, NoteExample, NoteRow, Remark};
use crate::rules::{NOTES, Note};

/// All notes of a run, in the order of the rules.
pub(super) fn notes(ground: &Ground, lanes: &[FoundLane], of_objects: &BTreeMap<String, Remark>) -> Vec<NoteRow> {
    NOTES.iter().filter_map(|note| row(ground, lanes, of_objects, note)).collect()
}

fn row(ground: &Ground, lanes: &[FoundLane], of_objects: &BTreeMap<String, Remark>, note: &Note) -> Option<NoteRow> {
    let of_lanes = lanes.iter().filter_map(|lane| Some((Some(lane), lane.remarks.get(note.id)?)));
    let of_objects = of_objects.get(note.id).map(|remark| (None, remark));
    let remarks: Vec<(Option<&FoundLane>, &Remark)> = of_lanes.chain(of_objects).collect();
    let checks = remarks.iter().map(|(_, remark)| remark.checks).fold(0, u64::saturating_add);
    let objects = remarks.iter().flat_map(|(lane, remark)| remark.objects.iter().map(|object| (*lane, *object)));
    let fields: BTreeSet<&str> =
        remarks.iter().flat_map(|(_, remark)| remark.fields.iter().map(String::as_str)).collect();
    let more = (fields.len() > Remark::FIELDS).then_some("…");
    let named: Vec<&str> = fields.into_iter().take(Remark::FIELDS).chain(more).collect();
    let summary = match named.len() {
        0 => note.summary.to_owned(),
        _ => format!("{}: {}", note.summary, named.join(", ")),
    };
    let examples = objects.take(Remark::EXAMPLES).map(|(lane, object)| example(ground, lane, object)).collect();
    (checks > 0).then(|| NoteRow {
        id: note.id.to_owned(),
        summary,
        why: note.why.to_owned(),
        fix: note.fix.to_owned(),
        checks,
        examples,
    })
}

fn example(ground: &Ground, lane: Option<&FoundLane>, (environment, object): (usize, u32)) -> NoteExample {
    let known = ground.object(environment, object);
    NoteExample {
        environment: ground.environments[environment].clone(),
        region: lane.map(|lane| lane.region.clone()).unwrap_or_default(),
        edge: lane.map(|lane| lane.edge.clone()).unwrap_or_default(),
        tenant: ground.tenants[known.tenant].id.clone(),
        host: known.host.to_owned(),
        path: known.path.to_owned(),
        variant: known.variant.to_owned(),
    }
}
