//! The suite that every store must pass.
//!
//! A store written in Rust adds one line to its tests, and each case becomes a test of its own:
//!
//! ```
//! use misp_onboarding::store::MemoryStore;
//!
//! misp_onboarding_testkit::store_conformance!(|| MemoryStore::new());
//! # fn main() {}
//! ```
//!
//! [`report`] runs the same cases for a store that is reached some other way, and tells how each went.

mod cases;
mod check;
mod layer;
pub(crate) mod list;
pub mod samples;
pub(crate) mod snapshot;
mod world;

use std::panic::{AssertUnwindSafe, catch_unwind};

use misp_onboarding::store::{Store, StoreError};

pub use check::{Failure, Verdict};
pub use layer::{Guard, Guarded, Layer, Layered};

/// Something that every store must do.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Case {
    /// What the store must do, as the name of a test.
    pub name: &'static str,
    /// Tries it with an empty store, which is of no use afterwards.
    pub run: fn(&dyn Store) -> Verdict,
}

/// How a case went.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Outcome {
    /// The case's name.
    pub case: &'static str,
    /// What the store did otherwise than it must; none where it passed.
    pub failure: Option<String>,
}

/// Runs every case, each with a store that `empty_store` makes, and reports on all of them.
///
/// A store that panics, or cannot be made, fails the case.
pub fn report(mut empty_store: impl FnMut() -> Result<Box<dyn Store>, StoreError>) -> Vec<Outcome> {
    let mut run = |case: &Case| -> Verdict {
        let store = empty_store()?;
        catch_unwind(AssertUnwindSafe(|| (case.run)(store.as_ref())))
            .unwrap_or_else(|_| Err(Failure::new("the store must not panic, it did")))
    };
    CASES
        .iter()
        .map(|case| Outcome { case: case.name, failure: run(case).err().map(|failure| failure.to_string()) })
        .collect()
}

/// Runs the case with this name, as a test does.
///
/// # Panics
/// When the store fails it.
#[track_caller]
pub fn test<S: Store>(name: &str, empty_store: impl FnOnce() -> S) {
    let Some(case) = CASES.iter().find(|case| case.name == name) else { panic!("there is no case {name}") };
    if let Err(failure) = (case.run)(&empty_store()) {
        panic!("{failure}");
    }
}

/// Makes one test of each case of the suite; takes a closure that makes an empty store.
#[macro_export]
macro_rules! store_conformance {
    ($empty_store:expr) => {
        $crate::__conformance_cases! { __conformance_tests { $empty_store } }
    };
}

/// The cases, listed once.
#[doc(hidden)]
#[macro_export]
macro_rules! __conformance_cases {
    ($callback:ident { $($argument:tt)* }) => {
        $crate::$callback! { { $($argument)* }
            round_trip: [
                trust_domains_come_back_as_written,
                ca_certificates_come_back_as_written,
                partners_come_back_as_written,
                partner_certificates_come_back_as_written,
                policy_groups_come_back_as_written,
                policies_come_back_as_written,
                policy_links_come_back_as_written,
                license_keys_come_back_as_written,
            ]
            lookups: [
                an_empty_store_finds_nothing,
                partners_are_found_without_regard_to_case,
                a_changed_email_is_found_and_the_former_one_is_not,
                groups_and_policies_are_found_by_name_without_regard_to_case,
                policies_of_a_group_are_counted_by_state,
                the_open_link_is_the_pending_or_approved_one,
                pending_links_of_a_partner_come_by_id,
                links_to_a_policy_are_counted_by_state,
                live_keys_are_found_by_name_and_partner,
                keys_to_deactivate_are_those_that_are_not_yet,
                ca_certificates_of_a_domain_come_oldest_first,
                certificates_of_a_partner_come_newest_first,
                partners_rely_on_the_path_of_their_current_certificate_only,
            ]
            uniqueness: [
                a_record_id_is_unique_in_its_kind,
                a_partner_id_is_unique_without_regard_to_case,
                an_email_is_unique_without_regard_to_case,
                a_ca_certificate_is_unique_in_its_domain,
                a_group_name_is_unique_without_regard_to_case,
                a_policy_name_is_unique_in_its_group_without_regard_to_case,
                a_partner_has_one_open_link_to_a_policy,
                a_digest_is_unique,
                a_live_key_name_is_unique_for_its_partner_without_regard_to_case,
                what_a_change_set_frees_it_may_take,
                what_a_change_set_takes_before_it_frees_it_is_a_duplicate,
            ]
            commits: [
                a_duplicate_leaves_nothing_of_its_change_set,
                a_conflict_leaves_nothing_of_its_change_set,
                an_expectation_leaves_nothing_of_its_change_set,
                a_missing_reference_leaves_nothing_of_its_change_set,
                a_missing_reference_found_at_the_end_leaves_nothing_of_its_change_set,
                an_update_needs_the_version_just_before,
                an_update_needs_a_record,
                a_change_set_may_write_a_record_more_than_once,
                a_change_set_is_not_applied_twice,
                a_record_of_another_store_keeps_its_version,
                an_expectation_holds_at_its_version_only,
                an_expectation_changes_nothing,
                what_a_record_names_must_be_there,
                a_certificate_or_key_may_be_named_before_it_is_inserted,
            ]
            event_log: [
                events_come_back_as_told,
                events_come_in_the_order_of_commits_and_of_their_change_set,
                a_reader_goes_on_after_any_event,
                events_of_a_refused_change_set_are_not_told,
                an_event_of_another_store_keeps_its_place,
                an_event_is_not_restored_at_or_before_the_last_one,
            ]
            authentication: [
                a_key_without_a_policy_is_found_by_its_digest,
                what_is_found_by_a_digest_follows_the_partner,
                what_is_found_by_a_digest_follows_the_policy_and_its_group,
                what_is_found_by_a_digest_follows_the_link_of_partner_and_policy,
                what_a_refused_change_set_said_is_not_found_by_a_digest,
                what_is_found_by_a_digest_is_put_together_of_one_commit,
            ]
            filters: [
                partners_are_filtered,
                ca_certificates_are_filtered,
                policy_groups_are_filtered,
                policies_are_filtered,
                policy_links_are_filtered,
                license_keys_are_filtered,
                a_part_of_a_name_is_taken_to_the_letter,
            ]
            paging: [
                partners_come_in_every_order,
                ca_certificates_come_in_every_order,
                policy_groups_come_in_every_order,
                policies_come_in_every_order,
                policy_links_come_in_every_order,
                license_keys_come_in_every_order,
                rows_follow_the_records_they_show,
                a_place_need_not_be_that_of_a_row,
                pages_stay_whole_while_rows_come_and_go,
            ]
            long_list: [
                a_page_of_a_long_list_is_found_wherever_its_rows_are,
            ]
            boundaries: [
                a_key_expires_at_its_very_instant,
                a_partner_certificate_changes_its_status_at_its_very_instants,
                a_ca_certificate_changes_its_status_at_its_very_instants,
                a_time_range_holds_both_its_ends,
            ]
            model: [
                random_change_sets_do_what_a_simple_store_does,
            ]
            concurrency: [
                of_updates_at_once_exactly_one_wins,
                of_those_who_take_a_name_at_once_exactly_one_wins,
                an_expectation_and_an_update_at_once_do_not_both_hold,
                no_reader_sees_half_a_commit,
                a_reader_of_events_misses_none_while_others_commit,
            ]
        }
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __conformance_tests {
    ({ $empty_store:expr } $($module:ident: [$($case:ident,)+])+) => {
        $($(
            #[test]
            fn $case() {
                $crate::conformance::test(stringify!($case), $empty_store);
            }
        )+)+
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! __conformance_table {
    ({} $($module:ident: [$($case:ident,)+])+) => {
        /// Every case of the suite.
        pub const CASES: &[Case] = &[
            $($(Case { name: stringify!($case), run: cases::$module::$case },)+)+
        ];
    };
}

__conformance_cases! { __conformance_table {} }
