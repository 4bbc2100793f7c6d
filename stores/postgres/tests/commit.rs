//! What is in the way of a change set is told in full, and nothing of a refused one is left in the schema.

mod support;

use misp_onboarding_testkit::commits;
use support::{Schema, guarded};

#[test]
fn a_record_inserted_again_is_told_by_its_id() {
    commits::a_record_inserted_again_is_told_by_its_id(&guarded());
}

#[test]
fn a_missing_record_is_named_with_its_kind() {
    commits::a_missing_record_is_named_with_its_kind(&guarded());
}

#[test]
fn when_the_last_change_fails_nothing_is_there_also_after_opening_again() {
    let schema = Schema::new();
    commits::when_the_last_change_fails_nothing_is_there_also_after_opening_again(|| schema.store());
}

#[test]
fn a_row_is_listed_by_a_name_that_came_after_it() {
    commits::a_row_is_listed_by_a_name_that_came_after_it(&guarded());
}

#[test]
fn rows_are_sorted_by_names_that_change_between_them() {
    commits::rows_are_sorted_by_names_that_change_between_them(&guarded());
}
