//! One behaviour: what the edge does, and the verdict that it must get.

use super::certificates::Shown;
use super::say::Say;

/// A behaviour.
pub(super) struct Row {
    pub(super) name: String,
    pub(super) act: Act,
    pub(super) due: Due,
}

/// What says what, for each request.
pub(super) type Script = Box<dyn Fn(u32) -> Vec<Say> + Send + Sync>;

/// Where it misbehaves.
pub(super) enum Act {
    /// Nobody listens.
    Nobody,
    /// Handshakes of TCP are left unanswered.
    Deaf,
    /// Before anything was read.
    Accepted(Script),
    /// After the `ClientHello`.
    Greeted(Script),
    /// By its certificate; what comes after that is sound.
    Certified(Shown),
    /// By its answers over HTTP/1.1.
    Http1(Script),
    /// By what it opens an HTTP/2 connection with, and by its answers.
    Http2(Script, Script),
    /// By what its name leads to.
    Named(Lie),
}

/// How a name server misbehaves.
#[derive(Clone, Copy)]
pub(super) enum Lie {
    /// Answers with that code.
    Code(u16),
    /// Says that the answer is longer, and has it over TCP.
    Truncated,
    /// Says so, and resets TCP.
    TruncatedOnly,
    /// Two names that are aliases of each other.
    Circle,
    /// An alias of an alias of an alias, without end.
    Chain,
    /// Another id, then the right one.
    SpoofedFirst,
    /// Another id alone.
    SpoofedOnly,
    /// An answer to another question.
    OtherQuestion,
    /// So many addresses, all of an edge that is well.
    Addresses(u16),
    /// Addresses that take connections and say nothing.
    Dead,
    /// Rubbish.
    Rubbish,
    /// Nothing.
    Silent,
}

/// What must be said of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Due {
    pub(super) verdict: &'static str,
    pub(super) phase: Option<&'static str>,
    pub(super) cause: Option<&'static str>,
    /// Part of the summary.
    pub(super) says: &'static str,
}

impl Row {
    pub(super) fn new(name: impl Into<String>, act: Act, due: Due) -> Self {
        Self { name: name.into(), act, due }
    }

    /// As `docs/reliability.md` has it: `unreachable (tls)`, `failing (rate-limited)`.
    pub(super) fn told(&self) -> String {
        let Due { verdict, phase, cause, .. } = self.due;
        let ground = match (phase, cause) {
            (Some(phase), Some("no-answer") | None) => phase.to_owned(),
            (Some(phase), Some(cause)) => format!("{phase}, {cause}"),
            (None, Some(cause)) => cause.to_owned(),
            (None, None) => return verdict.to_owned(),
        };
        format!("{verdict} ({ground})")
    }
}

/// No answer, in that phase.
pub(super) const fn silent(phase: &'static str, says: &'static str) -> Due {
    Due { verdict: "unreachable", phase: Some(phase), cause: Some("no-answer"), says }
}

/// No answer, since the edge does not serve that name.
pub(super) const fn not_served(says: &'static str) -> Due {
    Due { cause: Some("host-not-served"), ..silent("tls", says) }
}

/// A head, and a body that cannot be had or not be decoded.
pub(super) const fn bodiless(says: &'static str) -> Due {
    judged("unverifiable", "body-unavailable", says)
}

/// An answer that is not the reference.
pub(super) const fn judged(verdict: &'static str, cause: &'static str, says: &'static str) -> Due {
    Due { verdict, phase: None, cause: Some(cause), says }
}

/// Odd, and none the worse for it.
pub(super) const FRESH: Due = Due { verdict: "fresh", phase: None, cause: None, says: "" };
