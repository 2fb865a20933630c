use super::Advice;

/// The origin gives one and the same content different entity tags.
pub(super) static ADVICE: Advice = Advice {
    id: "etags-by-server",
    speaks: |given| given.etags.map(|[one, other]| format!("etag: {one} and {other}")),
    summary: "the origin's servers give the same content different entity tags",
    why: "Each server makes a tag of its own, from an inode or a time of deployment. Caches that ask one server about another's copy are told that it changed: everything is fetched again, and an edge looks stale that is not.",
    fix: "Make tags of the content alone; or give files the same time on all servers, and leave the inode out (Apache: FileETag MTime Size).",
    source: "RFC 9110 section 8.8.3; https://httpd.apache.org/docs/2.4/mod/core.html#fileetag",
};
