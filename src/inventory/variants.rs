//! The variants that a run knows by name; it never says which of them a tenant takes.

use http::{HeaderMap, HeaderValue, header::ACCEPT_ENCODING};

use super::InventoryError;
use super::error::suggestion;
use super::layer::headers;
use super::place::name;
use super::reader::Item;
use crate::model::{Tenant, Variant};

/// The first is taken where nothing names a variant.
const BUILT_IN: [&str; 3] = ["identity", "gzip", "br"];

/// Every variant there is, built in or written.
pub(super) struct Catalogue(Vec<Variant>);

/// Every key of a variant.
pub(super) const KEYS: [&str; 1] = ["headers"];

impl Catalogue {
    pub(super) fn built_in() -> Self {
        let coding = |name: &'static str| Variant {
            name: name.into(),
            headers: HeaderMap::from_iter([(ACCEPT_ENCODING, HeaderValue::from_static(name))]),
        };
        Self(BUILT_IN.into_iter().map(coding).collect())
    }

    /// Takes in what a file's `variants` table says.
    pub(super) fn read(&mut self, table: &Item<'_>) -> Result<(), InventoryError> {
        for (key, item) in table.entries()? {
            let item = item.placed(format!("variant \"{key}\""));
            if BUILT_IN.contains(&key) {
                return Err(item.fail("this one is built in, choose another name"));
            }
            let lines = headers(&item.fields(&KEYS)?.need("headers", "headers = { User-Agent = \"Mobile/1.0\" }")?)?;
            match self.find(key) {
                None => self.0.push(Variant { name: key.into(), headers: lines }),
                Some(known) if self.0[known].headers == lines => {}
                Some(_) => return Err(item.fail("another tenants file gives it other headers, rename one of them")),
            }
        }
        Ok(())
    }

    fn find(&self, name: &str) -> Option<usize> {
        self.0.iter().position(|variant| &*variant.name == name)
    }

    /// What is taken where nothing names a variant: `identity`.
    pub(super) fn otherwise(&self) -> Vec<usize> {
        self.find(BUILT_IN[0]).into_iter().collect()
    }

    /// Every coding: what one object is asked for where nothing names a variant.
    pub(super) fn codings(&self) -> Vec<usize> {
        BUILT_IN.iter().filter_map(|name| self.find(name)).collect()
    }

    /// A list of names as indices, in the list's order, none twice.
    pub(super) fn chosen(&self, list: &Item<'_>) -> Result<Vec<usize>, InventoryError> {
        let mut chosen = Vec::new();
        for item in list.list()? {
            let word = name(&item)?;
            let index = self.find(&word).ok_or_else(|| item.unknown(&word, self.names()))?;
            if !chosen.contains(&index) {
                chosen.push(index);
            }
        }
        Ok(chosen)
    }

    /// As [`Self::chosen`], from a flag.
    pub(super) fn flagged(&self, names: &[String]) -> Result<Vec<usize>, InventoryError> {
        let mut chosen = Vec::new();
        for name in names {
            let mend = || format!("unknown variant, {}", suggestion(name, self.names()));
            let index = self.find(name).ok_or_else(|| InventoryError::flag(format!("--variant {name}"), mend()))?;
            if !chosen.contains(&index) {
                chosen.push(index);
            }
        }
        Ok(chosen)
    }

    fn names(&self) -> impl Iterator<Item = &str> + Clone {
        self.0.iter().map(|variant| &*variant.name)
    }

    /// Those that a tenant takes, by name; the tenants' indices are set to that order.
    pub(super) fn used(self, tenants: &mut [Tenant]) -> Vec<Variant> {
        let mut taken = vec![false; self.0.len()];
        for index in tenants.iter().flat_map(|tenant| &tenant.variants) {
            taken[*index] = true;
        }
        let mut used: Vec<(usize, Variant)> =
            self.0.into_iter().enumerate().filter(|(index, _)| taken[*index]).collect();
        used.sort_by(|(_, one), (_, other)| one.name.cmp(&other.name));
        let mut place = vec![0; taken.len()];
        for (new, (old, _)) in used.iter().enumerate() {
            place[*old] = new;
        }
        for index in tenants.iter_mut().flat_map(|tenant| &mut tenant.variants) {
            *index = place[*index];
        }
        used.into_iter().map(|(_, variant)| variant).collect()
    }
}
