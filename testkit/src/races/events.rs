//! Events that are read while others commit.

use std::sync::Arc;
use std::thread;

use misp_onboarding::event::{EventKind, EventSequence};
use misp_onboarding::store::Store;

use crate::scenario::Scenario;

/// Follows the events while `writers` partners are created on each of several threads, and checks that the follower
/// got each event once and in order.
pub fn follow_events_while_writing(store: &Arc<dyn Store>, threads: usize, writers: usize) {
    let scenarios: Vec<Scenario> = (0..threads).map(|_| Scenario::new(store.clone())).collect();
    let reader = Scenario::new(store.clone());
    let begin = last_event(&reader);
    let followed = thread::scope(|scope| {
        let tasks: Vec<_> = scenarios
            .iter()
            .enumerate()
            .map(|(thread, s)| {
                scope.spawn(move || {
                    for number in 0..writers {
                        s.partner(&format!("follow-{thread}-{number}"));
                    }
                })
            })
            .collect();
        let mut followed = Vec::new();
        let mut cursor = begin;
        loop {
            let done = tasks.iter().all(thread::ScopedJoinHandle::is_finished);
            let events = reader.onboarding.events(&reader.admin, cursor, 7).expect("events are read");
            if let Some(last) = events.last() {
                cursor = last.sequence;
            } else if done {
                break;
            }
            followed.extend(events);
        }
        followed
    });
    let created: Vec<_> =
        followed.iter().filter(|event| event.event.kind == EventKind::PartnerCreated).collect();
    assert_eq!(created.len(), threads * writers, "none is missed and none comes twice");
    assert!(followed.windows(2).all(|pair| pair[0].sequence < pair[1].sequence));
    let read_again = reader.onboarding.events(&reader.admin, begin, 1_000).expect("events are read");
    assert_eq!(read_again[..], followed[..read_again.len()], "what was read does not change");
}

fn last_event(s: &Scenario) -> EventSequence {
    let mut cursor = EventSequence::START;
    while let Some(last) = s
        .onboarding
        .events(&s.admin, cursor, 1_000)
        .expect("events are read")
        .last()
        .map(|event| event.sequence)
    {
        cursor = last;
    }
    cursor
}
