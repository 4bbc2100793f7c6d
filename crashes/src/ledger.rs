//! Which commits were told of, and whether the store holds exactly those.

use std::collections::{BTreeMap, HashMap};

use misp_onboarding_testkit::invariants::Contents;

use crate::journal::{Attempt, Line, Written, told};

/// Every commit that the processes on one store told of.
#[derive(Debug, Default)]
pub struct Ledger {
    attempts: Vec<Entry>,
    /// By the text of an attempt's first event, the attempts that begin with it.
    beginnings: HashMap<String, Vec<usize>>,
    /// What each process attempted last and has not told the outcome of.
    open: HashMap<String, usize>,
}

#[derive(Debug)]
struct Entry {
    by: String,
    attempt: Attempt,
    fate: Fate,
    /// Whether it was found in the store.
    seen: bool,
}

/// What a process told of what became of a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Fate {
    Acknowledged,
    Refused,
    /// The process was killed before it told, or the store could not say.
    Unknown,
}

/// How many commits there were.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Told of as done.
    pub acknowledged: usize,
    /// Told of as refused.
    pub refused: usize,
    /// Neither, and found in the store.
    pub unknown_there: usize,
    /// Neither, and not found in the store.
    pub unknown_gone: usize,
}

impl Ledger {
    /// Takes down a line of the process with this name.
    pub fn write(&mut self, by: &str, line: &Line) {
        match line {
            Line::Attempt(attempt) => {
                let number = self.attempts.len();
                if let Some(first) = attempt.events.first() {
                    self.beginnings.entry(first.clone()).or_default().push(number);
                }
                let entry =
                    Entry { by: by.to_owned(), attempt: attempt.clone(), fate: Fate::Unknown, seen: false };
                self.attempts.push(entry);
                self.open.insert(by.to_owned(), number);
            }
            Line::Committed => self.close(by, Fate::Acknowledged),
            Line::Refused => self.close(by, Fate::Refused),
            Line::Unknown { .. } => self.close(by, Fate::Unknown),
            Line::Ready | Line::Failed { .. } | Line::Paused | Line::Raced(_) => {}
        }
    }

    fn close(&mut self, by: &str, fate: Fate) {
        if let Some(number) = self.open.remove(by) {
            self.attempts[number].fate = fate;
        }
    }

    /// Takes down that the process with this name is no more. Says whether it ended within a commit.
    pub fn killed(&mut self, by: &str) -> bool {
        self.open.remove(by).is_some()
    }

    /// Compares what the store holds with what was told. The answer is everything that is wrong, one text for each.
    pub fn judge(&mut self, contents: &Contents) -> Vec<String> {
        let mut wrong = Vec::new();
        let events: Vec<String> = contents.events.iter().map(|event| told(&event.event)).collect();
        let mut records: BTreeMap<String, Written> = BTreeMap::new();
        let seen_before: Vec<bool> = self.attempts.iter().map(|entry| entry.seen).collect();
        self.attempts.iter_mut().for_each(|entry| entry.seen = false);
        let mut rest = &events[..];
        while let Some(first) = rest.first() {
            let Some(number) = self.attempt_of(rest) else {
                wrong.push(format!("an event is there that is no part of a whole commit: {first}"));
                rest = &rest[1..];
                continue;
            };
            let entry = &mut self.attempts[number];
            entry.seen = true;
            for written in &entry.attempt.records {
                records.insert(written.record.clone(), written.clone());
            }
            rest = &rest[entry.attempt.events.len()..];
        }
        for (entry, seen_before) in self.attempts.iter().zip(seen_before) {
            let what = match (entry.fate, entry.seen) {
                (Fate::Acknowledged, false) => "acknowledged and not there",
                (Fate::Refused, true) => "refused and there",
                (Fate::Unknown, false) if seen_before => "there once and not any more",
                _ => continue,
            };
            wrong.push(format!("a commit of {} is {what}: {:?}", entry.by, entry.attempt.events));
        }
        for record in contents.records() {
            let found = Written::from(&record);
            match records.remove(&found.record) {
                Some(wanted) if wanted == found => {}
                wanted => wrong.push(format!(
                    "{} must be as the last commit wrote it, at version {:?}; found version {}: {record:?}",
                    found.record,
                    wanted.map(|wanted| wanted.version),
                    found.version
                )),
            }
        }
        wrong.extend(records.into_keys().map(|record| format!("{record} must be there, found none")));
        wrong
    }

    /// The attempt that the events begin with, whole; one that was not refused where there are several.
    fn attempt_of(&self, events: &[String]) -> Option<usize> {
        let candidates = self.beginnings.get(events.first()?)?;
        let whole = candidates.iter().copied().filter(|number| {
            let entry = &self.attempts[*number];
            !entry.seen && events.starts_with(&entry.attempt.events)
        });
        whole.min_by_key(|number| self.attempts[*number].fate == Fate::Refused)
    }

    /// How many commits there were, as of the last time they were compared with the store.
    pub fn tally(&self) -> Tally {
        let mut tally = Tally::default();
        for entry in &self.attempts {
            *match (entry.fate, entry.seen) {
                (Fate::Acknowledged, _) => &mut tally.acknowledged,
                (Fate::Refused, _) => &mut tally.refused,
                (Fate::Unknown, true) => &mut tally.unknown_there,
                (Fate::Unknown, false) => &mut tally.unknown_gone,
            } += 1;
        }
        tally
    }
}

impl std::ops::AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.acknowledged += other.acknowledged;
        self.refused += other.refused;
        self.unknown_there += other.unknown_there;
        self.unknown_gone += other.unknown_gone;
    }
}
