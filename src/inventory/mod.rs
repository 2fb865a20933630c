//! What to check: regions files, tenants files and flags become one sorted inventory and a plan over it; it sends
//! nothing and asks no clock.

mod discover;
mod document;
mod error;
mod expect;
pub mod given;
mod hosts;
mod layer;
mod levels;
mod load;
mod one;
mod origin;
mod partition;
mod paths;
mod pins;
mod place;
mod plan;
mod proxy;
mod rate;
mod reader;
mod regions;
mod schema;
mod select;
mod template;
mod tenants;
mod texts;
mod tree;
mod urls;
mod vantage;
mod variants;
mod wire;

pub use discover::{Discover, SampleHost};
pub use error::InventoryError;
pub use load::{Files, load};
pub use one::{NO_FILE, One, Target, target};
pub use partition::{By, Partition, Share};
pub use paths::PathsFrom;
pub use plan::{Check, Object, Plan};
pub use rate::Rate;
pub use schema::{regions_schema, tenants_schema};
pub use select::{Choice, Key, Overrides, PaceOverrides};
pub use template::{fill, fill_around};
pub use texts::{Text, Texts, load_texts};
pub use tree::{Env, from_environment};
pub use wire::{check_host, check_path};
