/// A point in time, in UTC.
pub use jiff::Timestamp;

/// RFC 3339 in UTC with milliseconds, as reports print it.
pub fn stamp(at: Timestamp) -> String {
    format!("{at:.3}")
}
