//! Events come in order, each once, as they were told.

use std::collections::BTreeMap;

use misp_onboarding::Timestamp;
use misp_onboarding::event::{Event, EventKind, EventSequence, NewEvent};
use misp_onboarding::id::Version;
use misp_onboarding::store::{ChangeSet, RecordId, Store, Unique};
use misp_onboarding::trust_store::TrustDomain;

use crate::conformance::check::{Failure, Verdict, duplicate, equal, holds};
use crate::conformance::samples::{self, literal, partner_id};
use crate::conformance::snapshot::events;

/// Subjects of every kind of record.
fn subjects() -> Vec<RecordId> {
    vec![
        RecordId::TrustDomain(TrustDomain::auth()),
        RecordId::CaCertificate(samples::ca_certificate_id(1)),
        RecordId::Partner(partner_id("Ünï-日本.1")),
        RecordId::PartnerCertificate(samples::partner_certificate_id(2)),
        RecordId::PolicyGroup(samples::policy_group_id(3)),
        RecordId::Policy(samples::policy_id(4)),
        RecordId::PolicyLink(samples::policy_link_id(5)),
        RecordId::LicenseKey(samples::license_key_id(6)),
    ]
}

fn numbered(number: u32) -> NewEvent {
    let mut event = samples::event(EventKind::PolicyGroupCreated, RecordId::Partner(partner_id("one")));
    event.version = Version::new(number);
    event
}

fn numbers(events: &[Event]) -> Vec<u32> {
    events.iter().map(|event| event.event.version.number()).collect()
}

/// Appends events numbered from 1, in commits of so many each.
fn append(store: &dyn Store, sizes: &[u32]) -> Result<(), Failure> {
    let mut number = 0;
    for size in sizes {
        let mut changes = ChangeSet::new();
        for _ in 0..*size {
            number += 1;
            changes.event(numbered(number));
        }
        store.commit(&changes)?;
    }
    Ok(())
}

pub(crate) fn events_come_back_as_told(store: &dyn Store) -> Verdict {
    store.commit(ChangeSet::new().insert(samples::partner("one")))?;
    let mut told = Vec::new();
    for (index, kind) in EventKind::ALL.iter().enumerate() {
        let subjects = subjects();
        let event = samples::event(*kind, subjects[index % subjects.len()].clone());
        told.push(event.clone());
        told.push(NewEvent {
            at: [samples::EARLIEST, Timestamp::MAX, Timestamp::from_unix_micros(-1)][index % 3],
            actor: literal("Ünï 💳 'quoted' \"twice\" \\"),
            version: Version::new(u32::MAX >> index),
            partner: Some(partner_id("one")),
            old_state: Some("inactive".to_owned()),
            new_state: (index % 2 == 0).then(|| "äctive \u{1F4B3}".to_owned()),
            facts: facts(index),
            ..event
        });
    }
    let mut changes = ChangeSet::new();
    for event in &told {
        changes.event(event.clone());
    }
    store.commit(&changes)?;
    let found: Vec<NewEvent> = events(store)?.into_iter().map(|event| event.event).collect();
    equal("how many events", found.len(), told.len())?;
    for (found, told) in found.into_iter().zip(told) {
        equal("an event", found, told)?;
    }
    Ok(())
}

fn facts(count: usize) -> BTreeMap<String, String> {
    let odd = [
        ("", "empty name"),
        ("empty value", ""),
        ("naïve 日本", "\u{1F4B3} \"quoted\" 'twice' \\ { } [ ] : , \u{1f} \u{2028}"),
        ("line\nbreak", "tab\tand\r\nbreak"),
        ("NULL", "null"),
        ("number", "1e400"),
        ("a", "b"),
        ("A", "other case"),
    ];
    let mut facts: BTreeMap<String, String> =
        odd.iter().take(count).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    if count > odd.len() {
        facts.insert("long".to_owned(), "長い".repeat(1_000 * count));
    }
    facts
}

pub(crate) fn events_come_in_the_order_of_commits_and_of_their_change_set(store: &dyn Store) -> Verdict {
    append(store, &[3, 0, 1, 5, 2])?;
    let found = events(store)?;
    equal("the order", numbers(&found), (1..=11).collect())?;
    let rising = found.windows(2).all(|pair| pair[0].sequence < pair[1].sequence);
    holds("each number is greater than the one before", rising)?;
    holds("the first is after the start", found[0].sequence > EventSequence::START)
}

pub(crate) fn a_reader_goes_on_after_any_event(store: &dyn Store) -> Verdict {
    append(store, &[4, 4, 2])?;
    let found = store.events_after(EventSequence::START, 1_000)?;
    equal("from the start", numbers(&found), (1..=10).collect())?;
    for (index, event) in found.iter().enumerate() {
        for limit in [1, 2, 3, 100] {
            let rest = store.events_after(event.sequence, limit)?;
            let wanted: Vec<Event> = found.iter().skip(index + 1).take(limit as usize).cloned().collect();
            equal(format_args!("at most {limit} after event {}", index + 1), rest, wanted)?;
        }
    }
    equal("at most none", store.events_after(EventSequence::START, 0)?, Vec::new())?;
    for beyond in [found[9].sequence.number() + 1, i64::MAX as u64, u64::MAX] {
        let rest = store.events_after(EventSequence::new(beyond), 100)?;
        equal(format_args!("after number {beyond}"), rest, Vec::new())?;
    }
    // Later events follow, and those that were read keep their numbers.
    store.commit(ChangeSet::new().event(numbered(11)))?;
    let rest = store.events_after(found[9].sequence, 100)?;
    equal("after the last one", numbers(&rest), vec![11])?;
    equal("what was read before", store.events_after(EventSequence::START, 10)?, found)
}

pub(crate) fn events_of_a_refused_change_set_are_not_told(store: &dyn Store) -> Verdict {
    append(store, &[2])?;
    let mut changes = ChangeSet::new();
    changes.expect(RecordId::Partner(partner_id("nobody")), Version::FIRST).event(numbered(99));
    for _ in 0..3 {
        holds("the change set is refused", store.commit(&changes).is_err())?;
    }
    store.commit(ChangeSet::new().event(numbered(3)))?;
    equal("the events", numbers(&events(store)?), vec![1, 2, 3])
}

fn placed(place: u64) -> Event {
    Event { sequence: EventSequence::new(place), event: numbered(place as u32) }
}

pub(crate) fn an_event_of_another_store_keeps_its_place(store: &dyn Store) -> Verdict {
    store.commit(ChangeSet::new().restore_event(placed(3)).restore_event(placed(4)))?;
    store.commit(ChangeSet::new().restore_event(placed(9)).insert(samples::partner("one")))?;
    let many: Vec<Event> = (10..260).map(placed).collect();
    let mut changes = ChangeSet::new();
    for event in &many {
        changes.restore_event(event.clone());
    }
    store.commit(&changes)?;
    let restored: Vec<Event> = [3, 4, 9].map(placed).into_iter().chain(many).collect();
    equal("the restored events", events(store)?, restored)?;
    equal(
        "those after a place without an event",
        store.events_after(EventSequence::new(6), 1)?,
        vec![placed(9)],
    )?;
    // What is told afterwards comes after them.
    store.commit(ChangeSet::new().event(numbered(1)).event(numbered(2)))?;
    let told = store.events_after(EventSequence::new(259), 10)?;
    equal("what is told afterwards", numbers(&told), vec![1, 2])
}

pub(crate) fn an_event_is_not_restored_at_or_before_the_last_one(store: &dyn Store) -> Verdict {
    store.commit(ChangeSet::new().restore_event(placed(5)))?;
    for places in [&[5][..], &[4], &[6, 6], &[7, 6], &[6, 5]] {
        let mut changes = ChangeSet::new();
        changes.insert(samples::partner("one"));
        for place in places {
            changes.restore_event(placed(*place));
        }
        changes.event(numbered(1));
        duplicate(format!("events restored at {places:?}"), store.commit(&changes), Unique::EventSequence)?;
        equal("the events", events(store)?, vec![placed(5)])?;
        equal("what came with them", store.partner(&partner_id("one"))?, None)?;
    }
    store.commit(ChangeSet::new().event(numbered(1)))?;
    let told = events(store)?;
    let last = told.last().map_or(EventSequence::START, |event| event.sequence);
    let taken = store.commit(ChangeSet::new().restore_event(placed(last.number())));
    duplicate("an event restored where one was told", taken, Unique::EventSequence)
}
