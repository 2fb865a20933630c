//! Where variables come from: our environment, then `.env` of each project on the way; it prints none of their values.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::rc::Rc;

use super::dotenv::Dotenv;
use super::interpolate::{Filled, fill};
use crate::inventory::tree::Env;

/// Bytes by which variables may make all texts longer.
const LARGEST: usize = 16 * 1024 * 1024;

/// The variables of one project.
pub(super) struct Variables<'g> {
    env: &'g Env<'g>,
    /// Of the outermost project first, which wins.
    files: Vec<Rc<Dotenv>>,
    env_files: RefCell<BTreeMap<PathBuf, Option<Rc<Dotenv>>>>,
    /// Bytes by which they made texts longer.
    written: Rc<Cell<usize>>,
}

impl<'g> Variables<'g> {
    /// Of a project whose files stand in this folder.
    pub(super) fn of(env: &'g Env<'g>, folder: &Path) -> Self {
        Self { env, files: Vec::new(), env_files: RefCell::default(), written: Rc::default() }
            .with(&folder.join(".env"))
    }

    /// Of a project within this one, which has these files of its own.
    pub(super) fn within(&self, files: &[PathBuf]) -> Self {
        let project = Self {
            env: self.env,
            files: self.files.clone(),
            env_files: RefCell::default(),
            written: Rc::clone(&self.written),
        };
        files.iter().fold(project, |project, file| project.with(file))
    }

    fn with(mut self, file: &Path) -> Self {
        let read = Dotenv::read(file, &|name| self.known(name));
        self.files.extend(read);
        self
    }

    /// The value of a variable, none where it is not set, or why that cannot be said.
    pub(super) fn get(&self, name: &str) -> Result<Option<String>, String> {
        if let Some(value) = (self.env)(name) {
            return Ok(Some(value));
        }
        self.files.iter().map(|file| file.get(name)).find(|value| *value != Ok(None)).unwrap_or(Ok(None))
    }

    fn known(&self, name: &str) -> Option<String> {
        self.get(name).ok().flatten()
    }

    pub(super) fn fill(&self, text: &str) -> Result<Filled, String> {
        let filled = fill(text, &|name| self.get(name))?;
        self.written.set(self.written.get().saturating_add(filled.text.len().saturating_sub(text.len())));
        if self.written.get() > LARGEST {
            return Err("variables blow this file up beyond measure, shorten them".to_owned());
        }
        Ok(filled)
    }

    /// The text filled in, or as it is written where that cannot be.
    pub(super) fn fill_or_keep(&self, text: &str) -> String {
        if text.contains('$') {
            self.fill(text).map_or_else(|_| text.to_owned(), |filled| filled.text)
        } else {
            text.to_owned()
        }
    }

    /// What a service's `env_file` says, none where it is not there.
    pub(super) fn env_file(&self, path: &Path) -> Option<Rc<Dotenv>> {
        let known = self.env_files.borrow().get(path).cloned();
        known.unwrap_or_else(|| {
            let read = Dotenv::read(path, &|name| self.known(name));
            self.env_files.borrow_mut().insert(path.to_owned(), read.clone());
            read
        })
    }
}
