//! How soon each priority must be fresh, by tenants files and flags; it knows no tenant.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use super::document::Document;
use super::reader::Item;
use super::tenants::TOP;
use super::{InventoryError, Overrides};
use crate::model::{Priority, ServiceLevels, human};

/// What files said so far, and where.
#[derive(Default)]
pub(super) struct Levels(BTreeMap<Priority, (Duration, Arc<str>)>);

impl Levels {
    /// Takes in what a tenants file says; another one may say the same, and nothing else.
    pub(super) fn read(&mut self, doc: &Document) -> Result<(), InventoryError> {
        let top = Item::root(doc).fields(&TOP)?;
        top.read("service_levels", |table| {
            let known = Priority::ALL.map(Priority::id);
            table.entries().map(drop)?;
            let fields = table.clone().placed("service_levels".to_owned()).fields(&known)?;
            for priority in Priority::ALL {
                if let Some(item) = fields.get(priority.id()) {
                    self.note(priority, &item)?;
                }
            }
            Ok(())
        })
        .map(drop)
    }

    fn note(&mut self, priority: Priority, item: &Item<'_>) -> Result<(), InventoryError> {
        let level = item.duration()?;
        match self.0.get(&priority) {
            Some((other, source)) if *other != level => {
                let other = human(*other);
                Err(item.wrong(format_args!("{} here and {other} at {source}, keep one of them", human(level))))
            }
            _ => {
                self.0.insert(priority, (level, item.source()));
                Ok(())
            }
        }
    }

    /// With flags before files, and files before what is usual.
    pub(super) fn under(self, overrides: &Overrides) -> ServiceLevels {
        let mut levels = ServiceLevels::default();
        let files = self.0.into_iter().map(|(priority, (level, _))| (priority, level));
        for (priority, level) in files.chain(overrides.service_levels.iter().copied()) {
            levels.set(priority, level);
        }
        levels
    }
}

#[cfg(test)]
mod tests {
    use super::super::load::assemble;
    use super::*;

    fn of(files: &[&str], overrides: &Overrides) -> Result<ServiceLevels, String> {
        let read = |(nth, text): (usize, &&str)| Document::inline(&format!("t{nth}.yaml"), text);
        let documents = files.iter().enumerate().map(read).collect::<Result<_, _>>();
        let inventory = documents.and_then(|tenants| assemble(Vec::new(), tenants, overrides, &[]));
        inventory.map(|inventory| inventory.levels).map_err(|error| error.to_string())
    }

    fn file(levels: &str) -> String {
        format!("schema: 1\n{levels}\ntenants: []\n")
    }

    #[test]
    fn flags_stand_before_files_and_files_before_what_is_usual() {
        let text = file("service_levels: { critical: 2s, low: 10m }");
        let flagged = [(Priority::Low, Duration::from_secs(120))].to_vec();
        let levels = of(&[&text], &Overrides { service_levels: flagged, ..Overrides::default() }).unwrap();
        let seconds = Priority::ALL.map(|priority| levels.of(priority).as_secs());
        assert_eq!(seconds, [2, 10, 60, 120]);
    }

    #[test]
    fn two_files_may_say_the_same_and_nothing_else() {
        let (one, same, other) = (
            file("service_levels: { high: 5s }"),
            file("service_levels: { high: 5000ms }"),
            file("service_levels: { high: 6s }"),
        );
        assert_eq!(of(&[&one, &same], &Overrides::default()).unwrap().of(Priority::High), Duration::from_secs(5));
        assert_eq!(
            of(&[&one, &other], &Overrides::default()).unwrap_err(),
            "t1.yaml:2: service_levels: \"high\": 6 s here and 5 s at t0.yaml:2, keep one of them"
        );
    }

    #[test]
    fn every_bad_level_has_its_message() {
        for (levels, message) in [
            ("service_level: { high: 5s }", "unknown key \"service_level\", did you mean \"service_levels\"?"),
            ("service_levels: { hihg: 5s }", "service_levels: unknown key \"hihg\", did you mean \"high\"?"),
            ("service_levels: { high: 5 }", "service_levels: \"high\": 5 has no unit, write \"5s\""),
            ("service_levels: { high: 0s }", "service_levels: \"high\": nothing ends in no time, write \"5s\""),
            ("service_levels: 5s", "\"service_levels\" is a string, write a table"),
        ] {
            assert_eq!(of(&[&file(levels)], &Overrides::default()).unwrap_err(), format!("t0.yaml:2: {message}"));
        }
    }
}
