use std::ops::Index;
use std::sync::Arc;

use serde::{Serialize, Serializer};

/// A tenant's hosts by environment, in the order of the environments' names. A list: a run knows a few environments and a
/// million tenants.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Hosts(Vec<(Arc<str>, Vec<Arc<str>>)>);

impl Hosts {
    fn place(&self, environment: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|(name, _)| (**name).cmp(environment))
    }

    /// Those in one environment.
    pub fn get(&self, environment: &str) -> Option<&Vec<Arc<str>>> {
        self.place(environment).ok().and_then(|at| self.0.get(at)).map(|(_, hosts)| hosts)
    }

    /// Whether there are any in that environment.
    pub fn contains_key(&self, environment: &str) -> bool {
        self.place(environment).is_ok()
    }

    /// Sets those in one environment.
    pub fn insert(&mut self, environment: Arc<str>, hosts: Vec<Arc<str>>) {
        match self.place(&environment) {
            Ok(at) => self.0[at].1 = hosts,
            Err(at) => self.0.insert(at, (environment, hosts)),
        }
    }

    /// Keeps the environments that are wanted.
    pub fn retain(&mut self, mut keep: impl FnMut(&Arc<str>, &mut Vec<Arc<str>>) -> bool) {
        self.0.retain_mut(|(environment, hosts)| keep(environment, hosts));
    }

    /// Each environment, and its hosts.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&Arc<str>, &Vec<Arc<str>>)> {
        self.0.iter().map(|(environment, hosts)| (environment, hosts))
    }

    /// The environments.
    pub fn keys(&self) -> impl ExactSizeIterator<Item = &Arc<str>> {
        self.0.iter().map(|(environment, _)| environment)
    }

    /// The hosts of each environment.
    pub fn values(&self) -> impl ExactSizeIterator<Item = &Vec<Arc<str>>> {
        self.0.iter().map(|(_, hosts)| hosts)
    }

    /// The same, to be changed.
    pub fn values_mut(&mut self) -> impl ExactSizeIterator<Item = &mut Vec<Arc<str>>> {
        self.0.iter_mut().map(|(_, hosts)| hosts)
    }

    /// Whether there is no environment.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// None where there are none.
impl Index<&str> for Hosts {
    type Output = Vec<Arc<str>>;

    fn index(&self, environment: &str) -> &Vec<Arc<str>> {
        static NONE: Vec<Arc<str>> = Vec::new();
        self.get(environment).unwrap_or(&NONE)
    }
}

impl FromIterator<(Arc<str>, Vec<Arc<str>>)> for Hosts {
    fn from_iter<I: IntoIterator<Item = (Arc<str>, Vec<Arc<str>>)>>(all: I) -> Self {
        let all = all.into_iter();
        let mut hosts = Self(Vec::with_capacity(all.size_hint().0));
        all.for_each(|(environment, known)| hosts.insert(environment, known));
        hosts
    }
}

impl Serialize for Hosts {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.iter())
    }
}
