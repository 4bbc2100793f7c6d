//! The law in `src/policy_documents.rs`.
#![no_main]
use libfuzzer_sys::fuzz_target;
use misp_onboarding_fuzz::{policy_documents as law, write_seeds_if_asked};

fuzz_target!(init: write_seeds_if_asked(law::seeds), |data: &[u8]| law::check(data));
