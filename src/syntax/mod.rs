//! Header grammars, as servers really write them, and response heads as text. They say what stands there, never what
//! it means for a verdict.

pub mod age;
pub mod cache_control;
pub mod cache_status;
pub mod certificate;
mod copied;
pub mod entity_tag;
mod har;
pub mod heads;
pub mod http_date;
pub mod list;
pub mod retry_after;
pub mod targeted;
pub mod via;
