//! Header grammars, as servers really write them. They say what stands there, never what it means for a verdict.

pub mod cache_control;
pub mod entity_tag;
pub mod http_date;
