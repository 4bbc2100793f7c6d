//! Applying a change set: one transaction.
//!
//! What the change set rests on is locked first, in one statement and in an order that is the same for every commit,
//! and stays locked until the end: rows that are updated for this commit alone, rows that are expected at a version or
//! named by another row against changes. So a version that was right stays right, what is copied stays what it was,
//! and two commits hardly ever wait for each other in a circle. Events come last, as their counter is held by one
//! commit at a time.

use std::collections::{BTreeMap, HashMap, HashSet};

use misp_onboarding::id::Version;
use misp_onboarding::store::{Change, ChangeSet, Record, RecordId, StoreError};
use misp_onboarding_sql::tables::Table;
use misp_onboarding_sql::{TableRow, Unsupported};

use crate::connection::Connection;
use crate::value::Value;
use crate::write::{self, RowId, references};
use crate::{certificates, copies, events, row};

/// A change set, ready to be applied as often as needed.
pub(crate) struct Commit<'a> {
    steps: Vec<Step<'a>>,
    /// What is locked, and whether for this commit alone.
    locks: BTreeMap<RowId, bool>,
    restored: events::Restored,
    events: events::Appended,
}

struct Step<'a> {
    record: RecordId,
    row: RowId,
    action: Action<'a>,
}

enum Action<'a> {
    Insert(&'a Record, TableRow<'a>),
    Update(&'a Record, TableRow<'a>),
    Expect(Version),
}

impl Step<'_> {
    /// The row that is added.
    fn inserted(&self) -> Option<&TableRow<'_>> {
        match &self.action {
            Action::Insert(_, row) => Some(row),
            Action::Update(..) | Action::Expect(_) => None,
        }
    }

    /// Whether both add rows, of one table.
    fn is_inserted_with(&self, other: &Self) -> bool {
        self.inserted().zip(other.inserted()).is_some_and(|(one, other)| one.table == other.table)
    }
}

impl<'a> Commit<'a> {
    pub(crate) fn new(changes: &'a ChangeSet) -> Result<Self, StoreError> {
        let mut locks = BTreeMap::new();
        let mut steps = Vec::with_capacity(changes.changes.len());
        let mut restored = Vec::new();
        for change in &changes.changes {
            let (record, action) = match change {
                Change::Insert(record) => (record.record_id(), Action::Insert(record, TableRow::of(record)?)),
                Change::Update(record) => (record.record_id(), Action::Update(record, TableRow::of(record)?)),
                Change::Expect(record, version) => (record.clone(), Action::Expect(*version)),
                Change::RestoreEvent(event) => {
                    restored.push(event);
                    continue;
                }
                _ => return Err(Unsupported("kind of change").into()),
            };
            let id = RowId::of(&record)?;
            match &action {
                Action::Insert(_, row) => lock_references(&mut locks, row),
                Action::Update(_, row) => {
                    locks.insert(id.clone(), true);
                    lock_references(&mut locks, row);
                }
                Action::Expect(_) => {
                    locks.entry(id.clone()).or_insert(false);
                }
            }
            steps.push(Step { record, row: id, action });
        }
        let (restored, events) = (events::Restored::new(&restored)?, events::Appended::new(&changes.events)?);
        Ok(Self { steps, locks, restored, events })
    }

    /// Applies all of it within the transaction that the connection is in.
    pub(crate) fn apply(&self, connection: &mut Connection) -> Result<(), StoreError> {
        let mut versions = self.lock(connection)?;
        let mut named: HashSet<RowId> = HashSet::new();
        // Rows of one table that are added one after the other go to the server together.
        for steps in self.steps.chunk_by(|one, next| one.is_inserted_with(next)) {
            let inserted: Vec<&TableRow<'_>> = steps.iter().filter_map(Step::inserted).collect();
            write::insert(&inserted, connection)?;
            for Step { record, row: id, action } in steps {
                let found = versions.get(id).copied();
                match action {
                    Action::Insert(inserted, row) => {
                        put_parts(connection, inserted, true)?;
                        versions.insert(id.clone(), inserted.version());
                        named.extend(references(row));
                        // What came before repeats nothing of it yet.
                        if named.contains(id) {
                            copies::follow(connection, id)?;
                        }
                    }
                    Action::Update(updated, row) => {
                        let required = Version::new(updated.version().number().saturating_sub(1));
                        require(record, required, found)?;
                        match write::update(row, connection, required)? {
                            None => return Err(conflict(record, required, None)),
                            Some(true) => copies::follow(connection, id)?,
                            Some(false) => {}
                        }
                        put_parts(connection, updated, false)?;
                        versions.insert(id.clone(), updated.version());
                        named.extend(references(row));
                    }
                    Action::Expect(required) => require(record, *required, found)?,
                }
            }
        }
        // A record may name one that comes later; now all that will ever be there is.
        if let Some(missing) = self.references().find(|id| !versions.contains_key(id)) {
            let reference = format!("{} {}", missing.table.kind, missing.key);
            return Err(StoreError::MissingReference { reference });
        }
        self.restored.append(connection)?;
        self.events.append(connection)
    }

    fn references(&self) -> impl Iterator<Item = RowId> {
        let rows = self.steps.iter().filter_map(|step| match &step.action {
            Action::Insert(_, row) | Action::Update(_, row) => Some(row),
            Action::Expect(_) => None,
        });
        rows.flat_map(references)
    }

    /// Locks the rows table by table, each table's in the order of their keys, and gives the versions of those that
    /// are there. Where one row of a table is locked for this commit alone, all are: locking some of them twice as
    /// strongly is cheaper than waiting for each other.
    fn lock(&self, connection: &mut Connection) -> Result<HashMap<RowId, Version>, StoreError> {
        let mut tables: BTreeMap<&'static Table, (bool, Vec<String>)> = BTreeMap::new();
        for (id, alone) in &self.locks {
            let (strong, keys) = tables.entry(id.table).or_default();
            *strong |= alone;
            keys.push(id.key.clone());
        }
        if tables.is_empty() {
            return Ok(HashMap::new());
        }
        let (mut locking, mut found) = (Vec::new(), Vec::new());
        for (number, (Table { name, key, .. }, (strong, _))) in tables.iter().enumerate() {
            let (place, mode) = (number + 1, if *strong { "UPDATE" } else { "SHARE" });
            locking.push(format!(
                "t{number} AS (SELECT {key} AS key, version FROM {name} WHERE {key} = ANY(${place}) \
                 ORDER BY {key} FOR {mode})"
            ));
            found.push(format!("SELECT CAST({number} AS BIGINT) AS number, key, version FROM t{number}"));
        }
        let sql = format!("WITH {} {}", locking.join(", "), found.join(" UNION ALL "));
        let values: Vec<Value> = tables.values().map(|(_, keys)| Value::Texts(keys.clone())).collect();
        let tables: Vec<&'static Table> = tables.into_keys().collect();
        let rows = row::many(connection, &sql, &values, "locks", |fields| {
            let number = fields.count()?;
            let table = usize::try_from(number).ok().and_then(|number| tables.get(number).copied());
            Ok((table, fields.text()?.to_owned(), fields.version()?))
        })?;
        let rows = rows.into_iter();
        Ok(rows.filter_map(|(table, key, version)| Some((RowId { table: table?, key }, version))).collect())
    }
}

fn lock_references(locks: &mut BTreeMap<RowId, bool>, row: &TableRow<'_>) {
    for reference in references(row) {
        locks.entry(reference).or_insert(false);
    }
}

fn require(record: &RecordId, required: Version, found: Option<Version>) -> Result<(), StoreError> {
    if found == Some(required) { Ok(()) } else { Err(conflict(record, required, found)) }
}

fn conflict(record: &RecordId, required: Version, found: Option<Version>) -> StoreError {
    StoreError::Conflict { record: record.to_string(), required, found }
}

/// Writes what of a record is kept in a table of its own.
fn put_parts(connection: &mut Connection, record: &Record, new: bool) -> Result<(), StoreError> {
    match record {
        Record::PartnerCertificate(certificate) => certificates::put_path(connection, certificate, new),
        _ => Ok(()),
    }
}
