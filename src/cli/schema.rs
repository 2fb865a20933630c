//! `purgeproof schema [OF]`: the JSON Schema of what is written, and of the files that are read.

use clap::ValueEnum;
use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, schema_for};
use serde_json::Value;

use super::AppError;
use super::dry_run::Planned;
use super::edges::Edges;
use super::inspect::Inspected;
use super::output::to_stdout;
use crate::model::Report;
use crate::verify::Event;
use crate::{dialect, exit, inventory};

/// Print the JSON Schema (draft 2020-12) of what is written as JSON, or of a file that is read.
#[derive(Debug, Clone, clap::Args)]
#[command(after_help = "\
Examples:
  purgeproof schema > report.schema.json
  purgeproof schema regions > regions.schema.json       for an editor: completion and errors while typing

Reports grow by new keys: readers ignore those they do not know. In files, an unknown key is an error.")]
pub(super) struct Args {
    /// Of what
    #[arg(value_name = "OF", value_enum, default_value_t)]
    of: Of,
}

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
enum Of {
    /// The JSON report
    #[default]
    Report,
    /// regions.toml
    Regions,
    /// A tenants file, in YAML, TOML or JSON
    Tenants,
    /// One line of --events
    Events,
    /// One line of inspect --format json
    Inspect,
    /// The list of edges --format json
    Edges,
    /// The plan that verify --dry-run --format json shows
    Plan,
}

pub(super) fn run(args: &Args) -> Result<u8, AppError> {
    let schema: Value = match args.of {
        Of::Report => schema_for!(Report).into(),
        Of::Events => schema_for!(Event).into(),
        Of::Inspect => written::<Inspected<'_>>(),
        Of::Edges => written::<Edges<'_>>(),
        Of::Plan => written::<Planned<'_>>(),
        Of::Regions => inventory::regions_schema(&dialect::ids().collect::<Vec<_>>()),
        Of::Tenants => inventory::tenants_schema(),
    };
    let shown = serde_json::to_string_pretty(&schema).map_err(|error| AppError::Internal(error.to_string()))?;
    let written = to_stdout(format!("{shown}\n").as_bytes());
    written.map(|()| exit::PASS).map_err(|error| AppError::Unwritten(format!("standard output: {error}")))
}

/// Of what is only ever written: each key that is always there is required.
fn written<T: JsonSchema>() -> Value {
    SchemaSettings::draft2020_12().for_serialize().into_generator().into_root_schema_for::<T>().into()
}
