//! Whether standard output leads nowhere. It writes nothing.

/// Whether standard output was closed, as far as that can be seen: Rust's runtime opens the null device in its place, for
/// reading and writing, and so do some who mean to throw away what is printed. A shell's `>/dev/null` only writes.
#[cfg(unix)]
pub(super) fn leads_nowhere() -> bool {
    use std::os::unix::fs::MetadataExt as _;
    let out = rustix::stdio::stdout();
    let (Ok(flags), Ok(about)) = (rustix::fs::fcntl_getfl(out), rustix::fs::fstat(out)) else { return true };
    let is_null = std::fs::metadata("/dev/null").is_ok_and(|null| null.rdev() == about.st_rdev);
    is_null && flags.contains(rustix::fs::OFlags::RDWR)
}

#[cfg(not(unix))]
pub(super) const fn leads_nowhere() -> bool {
    false
}
