//! Looks for bytes that break what `fuzz/src/fields.rs` holds.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| purgeproof_fuzz::fields(bytes));
