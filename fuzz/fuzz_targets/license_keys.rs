//! The law in `src/license_keys.rs`.
#![no_main]
use libfuzzer_sys::fuzz_target;
use misp_onboarding_fuzz::{license_keys as law, write_seeds_if_asked};

fuzz_target!(init: write_seeds_if_asked(law::seeds), |data: &[u8]| law::check(data));
