use super::{Says, rungs};
use crate::model::Validators;
use crate::syntax::http_date;

/// Whether an answer that differs from the reference is what was there before the deploy: *same* where it equals the
/// baseline by the strongest that both have, and the reference does not; else silent, for it may be anything.
pub fn baseline(baseline: &Validators<'_>, reference: &Validators<'_>, edge: &Validators<'_>) -> Says {
    if baseline.status != edge.status {
        return Says::Silent;
    }
    // What is no page is its status.
    if baseline.status >= 300 && baseline.status != reference.status {
        return Says::Same;
    }
    let decisive = [digest, tag, date]
        .into_iter()
        .find_map(|agreement| Some((agreement(baseline, edge)?, agreement(baseline, reference))));
    match decisive {
        Some((true, None | Some(false))) => Says::Same,
        _ => Says::Silent,
    }
}

fn digest(one: &Validators<'_>, other: &Validators<'_>) -> Option<bool> {
    Some(one.digest?.sha256 == other.digest?.sha256)
}

fn tag(one: &Validators<'_>, other: &Validators<'_>) -> Option<bool> {
    let (says, _) = rungs::etag(one.etag.as_deref(), other.etag.as_deref());
    says.speaks().then_some(says == Says::Same)
}

fn date(one: &Validators<'_>, other: &Validators<'_>) -> Option<bool> {
    let read = |of: &Validators<'_>| http_date::parse(of.last_modified.as_deref()?);
    Some(read(one)? == read(other)?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Digest;

    fn tagged(tag: &'static str) -> Validators<'static> {
        Validators { status: 200, etag: Some(tag.into()), ..Validators::default() }
    }

    fn dated(second: u8) -> Validators<'static> {
        let date = format!("Sun, 06 Nov 1994 08:49:{second:02} GMT");
        Validators { status: 200, last_modified: Some(date.into()), ..Validators::default() }
    }

    fn both(tag: &'static str, second: u8) -> Validators<'static> {
        Validators { etag: Some(tag.into()), ..dated(second) }
    }

    fn read(byte: u8, tag: &'static str) -> Validators<'static> {
        Validators { digest: Some(Digest { sha256: [byte; 32], length: u64::from(byte) }), ..tagged(tag) }
    }

    fn status(status: u16) -> Validators<'static> {
        Validators { status, ..Validators::default() }
    }

    #[test]
    fn the_edge_has_what_was_there_before() {
        for (before, now, edge) in [
            (tagged("\"old\""), tagged("\"new\""), tagged("W/\"old\"")),
            (dated(1), dated(2), dated(1)),
            (read(1, "\"x\""), read(2, "\"y\""), read(1, "\"z\"")),
            (tagged("\"old\""), read(2, "\"new\""), read(1, "\"old\"")),
            (tagged("\"old\""), status(200), tagged("\"old\"")),
            (status(404), tagged("\"new\""), status(404)),
        ] {
            assert_eq!(baseline(&before, &now, &edge), Says::Same, "{before:?} {now:?} {edge:?}");
        }
    }

    #[test]
    fn a_baseline_that_shows_nothing_is_silent() {
        for (before, now, edge) in [
            (tagged("\"old\""), tagged("\"new\""), tagged("\"other\"")),
            (tagged("\"same\""), tagged("\"same\""), tagged("\"same\"")),
            (both("\"old\"", 1), dated(2), both("\"new\"", 1)),
            (read(1, "\"x\""), read(2, "\"y\""), read(3, "\"x\"")),
            (status(200), tagged("\"new\""), tagged("\"old\"")),
            (status(404), status(404), status(404)),
            (status(404), tagged("\"new\""), status(410)),
        ] {
            assert_eq!(baseline(&before, &now, &edge), Says::Silent, "{before:?} {now:?} {edge:?}");
        }
    }
}
