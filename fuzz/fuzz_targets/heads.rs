//! Any bytes as `purgeproof inspect` gets them: read, and printed both ways.
#![no_main]

use libfuzzer_sys::fuzz_target;
use purgeproof::cli::inspect::{Format, print};
use purgeproof::model::Timestamp;
use purgeproof::syntax::heads;

fuzz_target!(|text: &[u8]| {
    let all = heads::parse(text);
    for format in [Format::Text, Format::Json] {
        let mut out = Vec::new();
        print(&all, format, Timestamp::UNIX_EPOCH, &mut out).unwrap();
        let out = String::from_utf8(out).unwrap();
        assert!(!out.contains(|char: char| char.is_control() && char != '\n'), "it can steer a terminal: {out:?}");
        if format == Format::Json {
            assert_eq!(out.lines().count(), all.len());
        }
    }
});
