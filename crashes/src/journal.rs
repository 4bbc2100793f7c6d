//! What a process tells of its commits: before each what it is to be, afterwards what came of it.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::io::Write;
use std::sync::Arc;

use misp_onboarding::event::NewEvent;
use misp_onboarding::store::{Change, ChangeSet, Record, Store, StoreError};
use misp_onboarding_testkit::conformance::Layer;
use serde::{Deserialize, Serialize};

/// One line on standard output.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub enum Line {
    /// The store is open.
    Ready,
    /// This is committed next.
    Attempt(Attempt),
    /// What was attempted last is there.
    Committed,
    /// What was attempted last is not there, as the store refused it.
    Refused,
    /// The store failed: what was attempted last is there or not.
    Unknown {
        /// The error's code.
        code: String,
        /// The error and its causes.
        text: String,
    },
    /// A command failed for another reason than the state of its records.
    Failed {
        /// The error's code.
        code: String,
        /// The error and its causes.
        text: String,
    },
    /// Nothing is written until told to go on.
    Paused,
    /// What one of two commands that race came to: what it made, or the code of its error.
    Raced(Result<String, String>),
}

/// A change set, as it is told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attempt {
    /// Its events, in order.
    pub events: Vec<String>,
    /// The records it writes.
    pub records: Vec<Written>,
}

/// A record that is written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Written {
    /// Kind and id.
    pub record: String,
    /// The version it gets.
    pub version: u32,
    /// Stands for all that it holds.
    pub image: u64,
}

impl From<&ChangeSet> for Attempt {
    fn from(changes: &ChangeSet) -> Self {
        let records = changes.changes.iter().filter_map(|change| match change {
            Change::Insert(record) | Change::Update(record) => Some(Written::from(record)),
            _ => None,
        });
        Self { events: changes.events.iter().map(told).collect(), records: records.collect() }
    }
}

impl From<&Record> for Written {
    fn from(record: &Record) -> Self {
        Self {
            record: record.record_id().to_string(),
            version: record.version().number(),
            image: image(record),
        }
    }
}

/// The event as text, no two alike that differ.
pub fn told(event: &NewEvent) -> String {
    format!("{event:?}")
}

/// A number that two records which differ share only by chance.
fn image(record: &Record) -> u64 {
    let mut hasher = DefaultHasher::new();
    format!("{record:?}").hash(&mut hasher);
    // Contact data does not print itself.
    if let Record::Partner(one) = record {
        (one.address.as_str(), one.contact_number.as_str(), one.email.as_str()).hash(&mut hasher);
    }
    hasher.finish()
}

/// Where lines go.
pub type Tell = dyn Fn(&Line) + Send + Sync;

/// Writes the line to standard output at once, so that it is there when the process is killed next.
///
/// # Panics
/// When nobody reads any more.
pub fn tell(line: &Line) {
    let mut text = serde_json::to_string(line).expect("a line is made of texts and numbers");
    text.push('\n');
    let mut out = std::io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).expect("the test reads what is told");
}

/// A store that tells of each commit, before and after.
pub struct Journal {
    store: Arc<dyn Store>,
    tell: Box<Tell>,
    flaw: Option<Flaw>,
}

/// A mistake that the tests must notice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Flaw {
    /// Commits the records first and the events afterwards.
    CommitsInHalves,
    /// Tells of a commit before it is done.
    TellsTooEarly,
}

impl Journal {
    /// Tells of the commits of `store`.
    pub fn new(store: Arc<dyn Store>, tell: impl Fn(&Line) + Send + Sync + 'static) -> Self {
        Self { store, tell: Box::new(tell), flaw: None }
    }

    /// The same with a mistake.
    #[must_use]
    pub fn with(mut self, flaw: Option<Flaw>) -> Self {
        self.flaw = flaw;
        self
    }

    fn apply(&self, changes: &ChangeSet) -> Result<(), StoreError> {
        if self.flaw != Some(Flaw::CommitsInHalves) {
            return self.store.commit(changes);
        }
        self.store.commit(&ChangeSet { events: Vec::new(), ..changes.clone() })?;
        self.store.commit(&ChangeSet { changes: Vec::new(), ..changes.clone() })
    }
}

impl Layer for Journal {
    fn below(&self) -> &dyn Store {
        &*self.store
    }

    fn commit(&self, changes: &ChangeSet) -> Result<(), StoreError> {
        (self.tell)(&Line::Attempt(changes.into()));
        if self.flaw == Some(Flaw::TellsTooEarly) {
            (self.tell)(&Line::Committed);
            return self.apply(changes);
        }
        let result = self.apply(changes);
        (self.tell)(&match &result {
            Ok(()) => Line::Committed,
            Err(
                StoreError::Conflict { .. }
                | StoreError::Duplicate { .. }
                | StoreError::MissingReference { .. },
            ) => Line::Refused,
            Err(error) => Line::Unknown { code: error.code().to_owned(), text: with_causes(error) },
        });
        result
    }
}

/// The error's text and those of its causes.
pub fn with_causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
