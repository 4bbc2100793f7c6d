//! Everything moves into PostgreSQL and out of it.

mod support;

use misp_onboarding_testkit::transfers;
use support::guarded;

#[test]
fn a_file_comes_back_as_it_was() {
    transfers::a_file_comes_back_as_it_was(guarded);
}

#[test]
fn a_broken_off_import_is_begun_again() {
    transfers::a_broken_off_import_is_begun_again(guarded, 10);
}

#[test]
fn a_store_in_use_is_refused() {
    transfers::a_store_in_use_is_refused(guarded);
}
