//! Export and import: what goes out comes in again, whatever is cut, damaged or made up on the way.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod damage;
mod export;
mod large;

use misp_onboarding::store::MemoryStore;
use misp_onboarding::transfer::{self, Counts, TransferError};
use misp_onboarding_testkit::transfers;

#[test]
fn a_file_comes_back_as_it_was() {
    transfers::a_file_comes_back_as_it_was(MemoryStore::new);
}

#[test]
fn an_import_broken_off_after_any_line_is_begun_again() {
    transfers::a_broken_off_import_is_begun_again(MemoryStore::new, 1);
}

#[test]
fn a_store_in_use_is_refused() {
    transfers::a_store_in_use_is_refused(MemoryStore::new);
}

#[test]
fn an_empty_store_makes_a_file_without_records() {
    let file = transfers::exported(&MemoryStore::new());
    assert_eq!(String::from_utf8_lossy(&file).lines().count(), 2);
    assert_eq!(transfer::verify(&file[..]).unwrap(), Counts::default());
    assert_eq!(transfer::import(&MemoryStore::new(), &file[..], |_| {}).unwrap().read, Counts::default());
}

/// The code that reading a file fails with; verifying and importing must agree.
fn refusal(file: &[u8]) -> (&'static str, TransferError) {
    let verified = transfer::verify(file).expect_err("the file must be refused");
    let imported = transfer::import(&MemoryStore::new(), file, |_| {}).expect_err("the file must be refused");
    assert_eq!(imported.to_string(), verified.to_string());
    (verified.code(), verified)
}
