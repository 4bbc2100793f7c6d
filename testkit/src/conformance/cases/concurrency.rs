//! What several threads do at once looks as if it had been done one after the other.

use std::collections::BTreeSet;
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::thread;

use misp_onboarding::event::{EventKind, EventSequence};
use misp_onboarding::id::Version;
use misp_onboarding::license_key::{LicenseKeyFilter, LicenseKeyRecord, LicenseKeySort, LicenseKeyState};
use misp_onboarding::list::Direction;
use misp_onboarding::partner::{Partner, PartnerState};
use misp_onboarding::policy::{Policy, PolicyState};
use misp_onboarding::store::{ChangeSet, PolicyCounts, RecordId, Store, StoreError, Unique};

use crate::conformance::check::{Failure, Verdict, equal, holds};
use crate::conformance::list::query;
use crate::conformance::samples::{self, InState, literal, partner_id};

const THREADS: u32 = 4;
const ROUNDS: u32 = 25;

/// Lets every thread commit its change set at once; the answers in the order of the threads.
fn at_once(
    store: &dyn Store,
    changes: impl Fn(u32) -> ChangeSet + Sync,
) -> Result<Vec<Result<(), StoreError>>, Failure> {
    let start = Barrier::new(THREADS as usize);
    let commit = |number: u32| {
        let changes = changes(number);
        start.wait();
        store.commit(&changes)
    };
    thread::scope(|scope| {
        let commit = &commit;
        let threads: Vec<_> = (0..THREADS).map(|number| scope.spawn(move || commit(number))).collect();
        threads.into_iter().map(joined).collect()
    })
}

fn joined<T>(thread: thread::ScopedJoinHandle<'_, T>) -> Result<T, Failure> {
    thread.join().map_err(|_| Failure::new("no thread may panic, one did"))
}

/// Runs `read` on two threads, again and again, until `write` has come to its end.
fn while_writing(read: impl Fn() -> Verdict + Sync, write: impl FnOnce() -> Verdict) -> Verdict {
    let done = AtomicBool::new(false);
    let reading = || -> Verdict {
        while !done.load(Ordering::Acquire) {
            read()?;
        }
        read()
    };
    thread::scope(|scope| {
        let reading = &reading;
        let readers = [scope.spawn(reading), scope.spawn(reading)];
        let written = write();
        done.store(true, Ordering::Release);
        for reader in readers {
            joined(reader)??;
        }
        written
    })
}

/// How many were done; all others must have been refused as `refused` says.
fn winners(
    results: &[Result<(), StoreError>],
    refused: impl Fn(&StoreError) -> bool,
) -> Result<Vec<u32>, Failure> {
    let mut winners = Vec::new();
    for (number, result) in (0..).zip(results) {
        match result {
            Ok(()) => winners.push(number),
            Err(error) if refused(error) => {}
            Err(error) => return Err(Failure::new(format!("the others must lose the race, found {error}"))),
        }
    }
    Ok(winners)
}

pub(crate) fn of_updates_at_once_exactly_one_wins(store: &dyn Store) -> Verdict {
    store.commit(ChangeSet::new().insert(samples::partner("one")))?;
    for round in 1..=ROUNDS {
        let update = |number: u32| Partner {
            organization: literal(&format!("Thread {number} of round {round}")),
            version: Version::new(round + 1),
            ..samples::partner("one")
        };
        let results = at_once(store, |number| {
            let mut changes = ChangeSet::new();
            changes.update(update(number)).insert(samples::license_key(round * 100 + number, "one"));
            changes.event(samples::event(EventKind::PartnerUpdated, RecordId::Partner(partner_id("one"))));
            changes
        })?;
        let won = winners(&results, |error| {
            matches!(error, StoreError::Conflict { required, found, .. }
                if *required == Version::new(round) && *found == Some(Version::new(round + 1)))
        })?;
        equal(format_args!("winners of round {round}"), won.len(), 1)?;
        equal("the partner", store.partner(&partner_id("one"))?, won.first().copied().map(update))?;
    }
    let keys = store.license_keys_to_deactivate(&partner_id("one"))?;
    equal("keys, one of each winner", keys.len(), ROUNDS as usize)?;
    let events = store.events_after(EventSequence::START, 1_000)?;
    equal("events, one of each winner", events.len(), ROUNDS as usize)
}

pub(crate) fn of_those_who_take_a_name_at_once_exactly_one_wins(store: &dyn Store) -> Verdict {
    let mut changes = ChangeSet::new();
    changes.insert(samples::policy_group(1, "Group 1")).insert(samples::partner("one"));
    for round in 1..=ROUNDS {
        changes.insert(samples::policy(round, 1, &format!("Policy {round}")));
    }
    store.commit(&changes)?;
    for round in 1..=ROUNDS {
        let named = |number: u32| LicenseKeyRecord {
            name: literal(&format!(
                "{} {round}",
                if number.is_multiple_of(2) { "Straße" } else { "STRASSE" }
            )),
            ..samples::license_key(round * 100 + number, "one")
        };
        let group = |number: u32| samples::policy_group(round * 100 + number, &format!("Name {round}"));
        let link = |number: u32| samples::policy_link(round * 100 + number, "one", round);
        let keys = at_once(store, |number| ChangeSet::new().insert(named(number)).clone())?;
        let groups = at_once(store, |number| ChangeSet::new().insert(group(number)).clone())?;
        let links = at_once(store, |number| ChangeSet::new().insert(link(number)).clone())?;
        for (results, wanted) in [
            (keys, Unique::LicenseKeyName),
            (groups, Unique::PolicyGroupName),
            (links, Unique::OpenPolicyLink),
        ] {
            let duplicate =
                |error: &StoreError| matches!(error, StoreError::Duplicate { unique } if *unique == wanted);
            equal(format_args!("winners of {wanted}"), winners(&results, duplicate)?.len(), 1)?;
        }
    }
    Ok(())
}

pub(crate) fn an_expectation_and_an_update_at_once_do_not_both_hold(store: &dyn Store) -> Verdict {
    store.commit(ChangeSet::new().insert(samples::partner("one")))?;
    let partner = RecordId::Partner(partner_id("one"));
    for round in 1..=ROUNDS {
        let place = store.events_after(EventSequence::START, 10_000)?;
        let place = place.last().map_or(EventSequence::START, |event| event.sequence);
        // Thread 0 deactivates the partner; the others make it a key, on the condition that nobody has.
        let results = at_once(store, |number| {
            let mut changes = ChangeSet::new();
            let kind = if number == 0 {
                changes.update(Partner { version: Version::new(round + 1), ..samples::partner("one") });
                EventKind::PartnerDeactivated
            } else {
                changes.expect(partner.clone(), Version::new(round));
                changes.insert(samples::license_key(round * 100 + number, "one"));
                EventKind::LicenseKeyGenerated
            };
            changes.event(samples::event(kind, partner.clone()));
            changes
        })?;
        let won = winners(&results, |error| matches!(error, StoreError::Conflict { .. }))?;
        holds("the update wins", won.first() == Some(&0))?;
        let told = store.events_after(place, 100)?;
        equal("events of the round", told.len(), won.len())?;
        let last = told.last().map(|event| event.event.kind);
        equal("the last event of the round", last, Some(EventKind::PartnerDeactivated))?;
    }
    Ok(())
}

pub(crate) fn no_reader_sees_half_a_commit(store: &dyn Store) -> Verdict {
    let mut changes = ChangeSet::new();
    changes.insert(samples::policy_group(1, "Group 1")).insert(samples::partner("one"));
    changes.insert(samples::policy(1, 1, "Policy 1"));
    changes.insert(samples::policy(2, 1, "Policy 2").in_state(PolicyState::Draft));
    changes.insert(samples::license_key(1, "one")).insert(samples::license_key(2, "one"));
    store.commit(&changes)?;
    // In each commit the partner, both keys and both policies move together.
    let change = |round: u32| -> ChangeSet {
        let version = Version::new(round + 1);
        let odd = round % 2 == 1;
        let key = |number| {
            LicenseKeyRecord { version, ..samples::license_key(number, "one") }.in_state(if odd {
                LicenseKeyState::Replaced
            } else {
                LicenseKeyState::Active
            })
        };
        let policy =
            |number: u32, draft: bool| {
                Policy { version, ..samples::policy(number, 1, &format!("Policy {number}")) }
                    .in_state(if draft { PolicyState::Draft } else { PolicyState::Active })
            };
        let state = if odd { PartnerState::Deactivated } else { PartnerState::Inactive };
        let mut changes = ChangeSet::new();
        changes.update(key(1)).update(policy(1, odd));
        changes.update(Partner { state, version, ..samples::partner("one") });
        changes.update(policy(2, !odd)).update(key(2));
        changes
    };
    let read = || -> Verdict {
        let record = store.find_by_digest(&samples::digest(1))?;
        let states = record.map(|record| (record.state, record.partner_state));
        let whole = matches!(
            states,
            Some(
                (LicenseKeyState::Active, PartnerState::Inactive)
                    | (LicenseKeyState::Replaced, PartnerState::Deactivated)
            )
        );
        holds(format_args!("key and partner of one commit, found {states:?}"), whole)?;
        let by_name = query(LicenseKeyFilter::default(), LicenseKeySort::Name, Direction::Ascending, 10);
        let rows = store.list_license_keys(&by_name)?;
        let versions: Vec<_> = rows.iter().map(|row| (row.key.version, row.partner_state)).collect();
        holds(format_args!("rows of one commit, found {versions:?}"), all_equal(&versions, 2))?;
        let keys = store.license_keys_to_deactivate(&partner_id("one"))?;
        let versions: Vec<_> = keys.iter().map(|key| key.version).collect();
        holds(format_args!("keys of one commit, found {versions:?}"), all_equal(&versions, 2))?;
        let counts = store.policy_counts(samples::policy_group_id(1))?;
        equal("policies of one commit", counts, PolicyCounts { draft: 1, active: 1 })
    };
    while_writing(read, || {
        for round in 1..=4 * ROUNDS {
            store.commit(&change(round))?;
        }
        Ok(())
    })
}

fn all_equal<T: PartialEq>(values: &[T], count: usize) -> bool {
    values.len() == count && values.windows(2).all(|pair| pair[0] == pair[1])
}

pub(crate) fn a_reader_of_events_misses_none_while_others_commit(store: &dyn Store) -> Verdict {
    const EVENTS: u32 = 3;
    const PAGE: u32 = 5;
    // How often the reader must have caught up with the writers for the case to tell something.
    const CATCHES: u32 = 2 * ROUNDS;
    let event = |writer: u32, number: u32| {
        let subject = RecordId::PolicyGroup(samples::policy_group_id(writer));
        let mut event = samples::event(EventKind::PolicyGroupCreated, subject);
        event.version = Version::new(number);
        event
    };
    let (done, caught_up) = (AtomicBool::new(false), AtomicU32::new(0));
    let write = |writer: u32| -> Result<u32, Failure> {
        for round in 0..20 * ROUNDS {
            if round >= ROUNDS && caught_up.load(Ordering::Relaxed) >= CATCHES {
                return Ok(round * EVENTS);
            }
            let mut changes = ChangeSet::new();
            for number in 1..=EVENTS {
                changes.event(event(writer, round * EVENTS + number));
            }
            store.commit(&changes)?;
        }
        Ok(20 * ROUNDS * EVENTS)
    };
    // Goes on from the last event it got, a few at a time, as a consumer does.
    let follow = || -> Result<Vec<_>, Failure> {
        let mut read = Vec::new();
        let mut place = EventSequence::START;
        loop {
            let finished = done.load(Ordering::Acquire);
            let page = store.events_after(place, PAGE)?;
            match page.last() {
                Some(last) => place = last.sequence,
                None if finished => return Ok(read),
                None => thread::yield_now(),
            }
            if !page.is_empty() && page.len() < PAGE as usize {
                caught_up.fetch_add(1, Ordering::Relaxed);
            }
            read.extend(page);
        }
    };
    let (read, written) = thread::scope(|scope| {
        let write = &write;
        let follower = scope.spawn(follow);
        let writers: Vec<_> = (0..THREADS).map(|writer| scope.spawn(move || write(writer))).collect();
        let written: Result<Vec<_>, Failure> = writers.into_iter().map(joined).collect();
        done.store(true, Ordering::Release);
        (joined(follower), written)
    });
    let written = written?.into_iter().collect::<Result<Vec<u32>, Failure>>()?;
    let read = read??;
    let sequences: BTreeSet<_> = read.iter().map(|event| event.sequence).collect();
    equal("events read twice", read.len() - sequences.len(), 0)?;
    equal("events read", read.len() as u32, written.iter().sum())?;
    let later = store.events_after(EventSequence::START, u32::MAX)?;
    holds("what is read later is what was read while others committed", later == read)?;
    // The events of a commit stand together and in their order, and so do the commits of each writer.
    let mut next = [1; THREADS as usize];
    for commit in read.chunks(EVENTS as usize) {
        let writer = (0..THREADS).find(|writer| {
            RecordId::PolicyGroup(samples::policy_group_id(*writer)) == commit[0].event.subject
        });
        let Some(writer) = writer else { return Err(Failure::new("events keep their subject")) };
        for found in commit {
            let wanted = event(writer, next[writer as usize]);
            equal("the events of one commit", &found.event, &wanted)?;
            next[writer as usize] += 1;
        }
    }
    Ok(())
}
