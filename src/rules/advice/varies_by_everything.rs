use super::Advice;

/// `Vary: *`.
pub(super) static ADVICE: Advice = Advice {
    id: "varies-by-everything",
    speaks: |given| given.varies_by("*").then(|| given.shown("Vary")),
    summary: "no request may be answered from a stored copy",
    why: "Vary: * never matches: a cache that keeps to the standard asks the origin each time, so that caching is lost; one that does not may serve a copy that was made for somebody else.",
    fix: "Name the request fields that select the content, or forbid storing with Cache-Control: no-store where that is what is meant.",
    source: "RFC 9111 section 4.1",
};
