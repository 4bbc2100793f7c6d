//! Whatever is done in whatever order, no record takes a step that the definition does not have, and every step that it
//! has can be taken.
#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;

use misp_onboarding::event::EventSequence;
use misp_onboarding::license_key::LicenseKeyState;
use misp_onboarding::partner::PartnerState;
use misp_onboarding::policy::{PolicyGroupState, PolicyState};
use misp_onboarding::policy_link::PolicyLinkState;
use misp_onboarding::store::{MemoryStore, RecordId, Store};
use misp_onboarding::trust_store::CaState;
use misp_onboarding_testkit::{invariants, model};

/// From which state a record goes to which; from `-` where it is made. Many changes leave the state as it is.
const STEPS: &[(&str, &[(&str, &str)])] = &[
    ("ca_certificate", &[("-", "trusted"), ("trusted", "distrusted")]),
    (
        "partner",
        &[
            ("-", "inactive"),
            ("inactive", "inactive"),
            ("inactive", "active"),
            ("inactive", "deactivated"),
            ("active", "active"),
            ("active", "deactivated"),
        ],
    ),
    ("partner_certificate", &[("-", "current"), ("current", "replaced")]),
    ("policy_group", &[("-", "active"), ("active", "deactivated")]),
    ("policy", &[("-", "draft"), ("draft", "draft"), ("draft", "active"), ("active", "deactivated")]),
    ("policy_link", &[("-", "pending"), ("pending", "approved"), ("pending", "rejected")]),
    (
        "license_key",
        &[("-", "active"), ("active", "replaced"), ("active", "deactivated"), ("replaced", "deactivated")],
    ),
];

/// The noun of a record, as in [`STEPS`].
fn noun(record: &RecordId) -> &'static str {
    match record {
        RecordId::CaCertificate(_) => "ca_certificate",
        RecordId::Partner(_) => "partner",
        RecordId::PartnerCertificate(_) => "partner_certificate",
        RecordId::PolicyGroup(_) => "policy_group",
        RecordId::Policy(_) => "policy",
        RecordId::PolicyLink(_) => "policy_link",
        RecordId::LicenseKey(_) => "license_key",
        other => panic!("{other} has no states"),
    }
}

#[test]
fn records_take_the_steps_of_the_definition_and_no_others() {
    let mut taken: BTreeSet<(&str, String, String)> = BTreeSet::new();
    for sequence in 0..150 {
        let lines: Vec<_> = (0..50).map(|line| format!("{sequence} {line}")).collect();
        let (mut told, mut commands) = (EventSequence::START, 0);
        let look = |store: &dyn Store, _| {
            for event in store.events_after(told, 1_000).unwrap() {
                let (old, new) = (event.event.old_state, event.event.new_state.unwrap());
                taken.insert((noun(&event.event.subject), old.unwrap_or("-".to_owned()), new));
                told = event.sequence;
            }
            commands += 1;
            if commands % 20 == 0 {
                assert_eq!(invariants::check(store).unwrap(), Vec::<String>::new());
            }
        };
        model::play_lines(lines.join("\n").as_bytes(), MemoryStore::new(), look).unwrap();
    }
    let steps = STEPS.iter().flat_map(|(noun, steps)| {
        steps.iter().map(|(old, new)| (*noun, (*old).to_owned(), (*new).to_owned()))
    });
    assert_eq!(taken, steps.collect());
}

#[test]
fn every_state_of_every_noun_has_a_step_to_it() {
    fn to<T: ToString>(noun: &str, states: &[T]) -> Vec<(String, String)> {
        states.iter().map(|state| (noun.to_owned(), state.to_string())).collect()
    }
    let every = [
        to("ca_certificate", CaState::ALL),
        to("partner", PartnerState::ALL),
        // Partner certificates have no type for it: one is the partner's, or was.
        to("partner_certificate", &["current", "replaced"]),
        to("policy_group", PolicyGroupState::ALL),
        to("policy", PolicyState::ALL),
        to("policy_link", PolicyLinkState::ALL),
        to("license_key", LicenseKeyState::ALL),
    ];
    let reached: BTreeSet<_> =
        STEPS.iter().flat_map(|(noun, steps)| steps.iter().flat_map(|(_, new)| to(noun, &[new]))).collect();
    assert_eq!(reached, every.concat().into_iter().collect());
}
