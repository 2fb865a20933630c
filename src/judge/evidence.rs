//! What a ruling rests on, written out for people. It decides nothing.

use super::{Question, Ruling};
use crate::compare::{self, Says};
use crate::model::{Evidence, Reference, Validators, human, stamp};

/// One row for each comparison that spoke, strongest first, then age and cache status.
pub fn evidence(question: &Question<'_>, ruling: &Ruling) -> Vec<Evidence> {
    let observation = question.observation;
    let edge = Validators::of(&observation.head, &observation.body);
    let mut rows = pinned(question);
    if let (Reference::Sound { validators, .. }, Some(metadata), Some(ladder)) =
        (question.reference, ruling.metadata, ruling.ladder)
    {
        let validators = validators.view();
        let differing = metadata.rungs().into_iter().filter(|(_, says)| *says == Says::Different);
        let differing = differing.filter(|(rung, _)| *rung != "status" || !is_status_pinned(question));
        let spoken = ladder.rungs().into_iter().filter(|(rung, says)| says.speaks() && *rung != "pinned");
        for (rung, says) in differing.chain(spoken) {
            rows.push(Evidence {
                rung: rung.to_owned(),
                says: says.id().to_owned(),
                edge: value(rung, &edge),
                reference: value(rung, &validators),
            });
        }
        if ladder.etag_weakened {
            rows.push(Evidence {
                rung: "etag".to_owned(),
                says: "weakened on the way".to_owned(),
                edge: value("etag", &edge),
                reference: value("etag", &validators),
            });
        }
    }
    rows.extend(question.baseline.filter(|_| ruling.baseline == Says::Same).map(|old| before(old, &edge)));
    rows.extend(age(question, ruling));
    rows
}

/// Each pinned value, those that differ first.
fn pinned(question: &Question<'_>) -> Vec<Evidence> {
    let Some(expect) = question.expect else { return Vec::new() };
    let observation = question.observation;
    let edge = Validators::of(&observation.head, &observation.body);
    let mut pins = compare::pins(expect, &observation.head, &edge);
    pins.sort_by_key(|pin| pin.says != Says::Different);
    let named = |name: &str, value: &str| format!("{name}: {value}");
    let row = |pin: compare::Pin<'_>| Evidence {
        rung: "pinned".to_owned(),
        says: pin.says.id().to_owned(),
        edge: pin.found.map(|found| named(pin.name, &found)),
        reference: Some(named(pin.name, &pin.expected)),
    };
    pins.into_iter().map(row).collect()
}

fn is_status_pinned(question: &Question<'_>) -> bool {
    question.expect.is_some_and(|expect| expect.status.is_some())
}

/// The edge still has what was there before the deploy.
fn before(old: &Validators<'_>, edge: &Validators<'_>) -> Evidence {
    let shared = ["digest", "etag", "last-modified"]
        .into_iter()
        .find(|rung| value(rung, old).is_some() && value(rung, edge).is_some());
    let rung = shared.unwrap_or("status");
    Evidence {
        rung: "baseline".to_owned(),
        says: Says::Same.id().to_owned(),
        edge: value(rung, edge),
        reference: value(rung, old),
    }
}

fn age(question: &Question<'_>, ruling: &Ruling) -> Option<Evidence> {
    let moment = ruling.age.stored_by;
    let purged = question.purge.at;
    let says = match (moment, purged) {
        (Some(moment), Some(purged)) if ruling.age.predates_purge => {
            format!("predates the purge by {}", human(purged.duration_since(moment).unsigned_abs()))
        }
        (Some(moment), Some(purged)) if moment >= purged => "stored after the purge".to_owned(),
        (Some(_), Some(_)) => "stored at the time of the purge, within the tolerance".to_owned(),
        _ if ruling.age.says_stale => "the cache itself says that the copy is out of date".to_owned(),
        (Some(_), None) => "purge time unknown".to_owned(),
        (None, _) => return None,
    };
    Some(Evidence {
        rung: "age".to_owned(),
        says,
        edge: match (question.reading.age_seconds, moment) {
            (Some(age), Some(moment)) => Some(format!("{age} s, stored by {}", stamp(moment))),
            (None, Some(moment)) => Some(format!("stored by {}", stamp(moment))),
            (age, None) => age.map(|age| format!("{age} s")),
        },
        reference: purged.map(|at| format!("purged at {}", stamp(at))),
    })
}

fn value(rung: &str, of: &Validators<'_>) -> Option<String> {
    let text = |value: &Option<std::borrow::Cow<'_, str>>| value.as_deref().map(ToOwned::to_owned);
    match rung {
        "status" => Some(of.status.to_string()),
        "location" => text(&of.location),
        "content-type" => text(&of.content_type),
        "digest" => of.digest.map(|digest| format!("sha256:{}", digest.hex())).or_else(|| text(&of.repr_digest)),
        "etag" => text(&of.etag),
        "last-modified" => text(&of.last_modified),
        "content-length" => text(&of.content_length),
        _ => None,
    }
}
