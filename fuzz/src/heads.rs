//! Any bytes as `purgeproof inspect` gets them: read, and printed both ways.

use purgeproof::cli::inspect::{Format, print};
use purgeproof::model::Timestamp;
use purgeproof::syntax::heads as syntax;

use super::safe::steers_no_terminal;

/// Text with response heads in it, or a HAR file.
pub fn heads(text: &[u8]) {
    let all = syntax::parse(text);
    for format in [Format::Text, Format::Json] {
        let mut out = Vec::new();
        print(&all, format, Timestamp::UNIX_EPOCH, &mut out).unwrap();
        let out = String::from_utf8(out).unwrap();
        steers_no_terminal("inspect", &out);
        if format == Format::Json {
            assert_eq!(out.lines().count(), all.len());
        }
    }
}
