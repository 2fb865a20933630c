//! Looks for bytes that break what `fuzz/src/discover.rs` holds.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| purgeproof_fuzz::discover(bytes));
