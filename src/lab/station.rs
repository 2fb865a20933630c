//! A cache's name and place, and the names its vendor would give it. It never changes once made.

use super::cache::CacheId;
use super::voice::Voice;

/// Where a cache stands, and whose words it uses.
#[derive(Debug, Clone)]
pub struct Station {
    /// Unique in its CDN: `fra`.
    pub name: Box<str>,
    /// The POP's code: `FRA`.
    pub pop: Box<str>,
    /// Whose words it uses.
    pub voice: Voice,
    /// The cache's name among its vendor's servers.
    pub(super) node: Box<str>,
    pub(super) parent: Option<CacheId>,
}

impl Station {
    /// A cache of that name at that POP.
    pub fn new(name: &str, pop: &str, voice: Voice) -> Self {
        let node = voice.node(name, pop).into();
        Self { name: name.into(), pop: pop.into(), voice, node, parent: None }
    }
}
