//! Formats as flags name them: each with what it is for, in help and completions alike.

use std::ffi::OsStr;

use clap::builder::{PossibleValue, StringValueParser, TypedValueParser};
use clap::{Arg, Command, Error};

use crate::report::{self, Format};

/// Reads `--format`.
#[derive(Debug, Clone, Copy)]
pub(super) struct Formats {
    /// The one that only `diagnose` has, too.
    pub(super) diagnosis: bool,
}

impl Formats {
    fn all(self) -> impl Iterator<Item = &'static Format> {
        self.diagnosis.then_some(report::DIAGNOSIS).into_iter().chain(report::ALL.iter().copied())
    }

    /// The format of that name.
    pub(super) fn named(self, id: &str) -> Result<&'static Format, String> {
        self.all().find(|format| format.id == id).ok_or_else(|| {
            let known: Vec<&str> = self.all().map(|format| format.id).collect();
            format!("write one of {}", known.join(", "))
        })
    }
}

impl TypedValueParser for Formats {
    type Value = &'static Format;

    fn parse_ref(&self, command: &Command, flag: Option<&Arg>, value: &OsStr) -> Result<Self::Value, Error> {
        let formats = *self;
        StringValueParser::new().try_map(move |id| formats.named(&id)).parse_ref(command, flag, value)
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        Some(Box::new(self.all().map(|format| PossibleValue::new(format.id).help(format.about))))
    }
}
