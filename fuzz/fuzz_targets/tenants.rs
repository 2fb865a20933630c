//! Looks for bytes that break what `fuzz/src/tenants.rs` holds.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| purgeproof_fuzz::tenants(bytes));
