use super::{Rule, Severity};
use crate::model::Trouble;

/// Neither side gives anything to compare by.
pub(super) static RULE: Rule = Rule {
    id: "nothing-to-compare",
    severity: Severity::Inconclusive,
    applies: |facts| facts.trouble == Some(Trouble::NothingToCompare),
    summary: |facts| format!("nothing to compare {} by", facts.object()),
    why: "The answers carry no entity tag, no usable date, and their bodies were not to be compared, though a cache may be serving them.",
    fix: |_| "Let the origin send an ETag or Last-Modified, or allow bodies to be compared (--body auto).".to_owned(),
};
