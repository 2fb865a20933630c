use super::Advice;

/// Neither entity tag nor date.
pub(super) static ADVICE: Advice = Advice {
    id: "no-validator",
    speaks: |given| {
        let has_one = given.head.has("etag") || given.head.has("last-modified");
        let is_stored = !given.policies.iter().any(|(_, said)| said.no_store) && !given.passed;
        (given.head.status == 200 && is_stored && !has_one).then(|| "neither etag nor last-modified".to_owned())
    },
    summary: "nothing tells one version from the next",
    why: "Without an ETag or a Last-Modified a cache cannot ask whether its copy is still right: it fetches all of it again, or keeps what it has. Nor can anyone else tell an old copy from a new one but by its whole body.",
    fix: "Send an ETag made of the content, or at least Last-Modified.",
    source: "RFC 9110 section 8.8, RFC 9111 section 4.3.1",
};
