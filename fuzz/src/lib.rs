//! What must hold whatever comes from outside, a function for each target: `fuzz/run` looks for bytes that break it, and
//! the tests replay those that are kept in `fuzz/corpus`. It touches no network, and of files only what an input names.

mod body;
mod certificate;
mod discover;
mod expect;
mod fields;
mod flags;
mod heads;
mod merge;
mod readings;
mod regions;
mod report;
mod safe;
mod tenants;
mod texts;
mod vendors;

pub use body::body;
pub use certificate::certificate;
pub use discover::discover;
pub use expect::expect;
pub use fields::fields;
pub use flags::flags;
pub use heads::heads;
pub use merge::merge;
pub use readings::readings;
pub use regions::regions;
pub use report::report;
pub use tenants::tenants;
pub use vendors::vendors;

/// Takes any bytes, and panics where something does not hold.
pub type Target = fn(&[u8]);

/// Every target by its name.
pub const ALL: [(&str, Target); 13] = [
    ("body", body),
    ("certificate", certificate),
    ("discover", discover),
    ("expect", expect),
    ("fields", fields),
    ("flags", flags),
    ("heads", heads),
    ("merge", merge),
    ("readings", readings),
    ("regions", regions),
    ("report", report),
    ("tenants", tenants),
    ("vendors", vendors),
];
