use super::Advice;

/// `Vary: User-Agent`.
pub(super) static ADVICE: Advice = Advice {
    id: "varies-by-user-agent",
    speaks: |given| given.varies_by("user-agent").then(|| given.shown("Vary")),
    summary: "there is a copy for every browser's name, and a purge must find them all",
    why: "There are thousands of User-Agent values, each with a copy of its own: most requests miss, a purge that names one URL may leave copies behind, and no probe can look at them all. Some CDNs do not store such answers at all.",
    fix: "Vary by a few classes instead (a field that the edge sets), by Client Hints, or not at all.",
    source: "RFC 9111 section 4.1; https://techdocs.akamai.com/property-mgr/reference/latest-remove-vary",
};
