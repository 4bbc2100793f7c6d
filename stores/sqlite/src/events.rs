//! Events.

use std::{iter, slice};

use misp_onboarding::event::{Event, EventSequence, NewEvent};
use misp_onboarding::partner::PartnerId;
use misp_onboarding::store::{EventRepository, StoreError, Unique};
use misp_onboarding_sql::{events, tables};
use rusqlite::types::{ToSqlOutput, Value};
use rusqlite::{Connection, params, params_from_iter};

use crate::SqliteStore;
use crate::error::{failed, failed_write};
use crate::row;

/// How many events one statement adds where there are many: each statement keeps books of the numbers given.
const ADDED_AT_ONCE: usize = 32;
const COLUMNS: usize = 11;

/// Appends the events. Their numbers are greater than any before; one commit runs at a time, so none is filled in later.
pub(crate) fn append(connection: &Connection, events: &[NewEvent]) -> Result<(), StoreError> {
    let (many, few) = events.as_chunks::<ADDED_AT_ONCE>();
    many.iter().try_for_each(|events| insert(connection, None, events))?;
    few.iter().try_for_each(|event| insert(connection, None, slice::from_ref(event)))
}

/// Puts an event in the place it had in another store, which must lie beyond the last one.
pub(crate) fn restore(connection: &Connection, event: &Event) -> Result<(), StoreError> {
    let sequence = event.sequence.number();
    let sql = "SELECT coalesce(max(sequence), 0) FROM events";
    let last = row::one(connection, sql, [], tables::EVENTS, |fields| fields.count())?.unwrap_or(0);
    // SQLite counts in 63 bits.
    match i64::try_from(sequence) {
        Ok(place) if sequence > last => insert(connection, Some(place), slice::from_ref(&event.event)),
        _ => Err(StoreError::Duplicate { unique: Unique::EventSequence }),
    }
}

/// Adds events in their order, the first in a place of its own where one is given, the others in the next ones.
fn insert(connection: &Connection, place: Option<i64>, events: &[NewEvent]) -> Result<(), StoreError> {
    // No row of a statement that fails is to be taken back by itself: the commit is, as a whole.
    let sql = format!(
        "INSERT OR FAIL INTO events (sequence, \
         at, actor, kind, subject_kind, subject_id, version, partner_id, old_state, new_state, facts) \
         VALUES {}",
        vec!["(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"; events.len()].join(", ")
    );
    let mut insert = connection.prepare_cached(&sql).map_err(failed)?;
    let mut values: Vec<ToSqlOutput<'_>> = Vec::with_capacity(events.len() * COLUMNS);
    for (event, place) in events.iter().zip(iter::once(place).chain(iter::repeat(None))) {
        let facts = serde_json::to_string(&event.facts).map_err(StoreError::backend)?;
        values.extend([
            ToSqlOutput::Owned(place.into()),
            event.at.unix_micros().into(),
            event.actor.as_str().into(),
            event.kind.as_str().into(),
            event.subject.kind().into(),
            event.subject.id().into(),
            i64::from(event.version.number()).into(),
            text(event.partner.as_ref().map(PartnerId::as_str)),
            text(event.old_state.as_deref()),
            text(event.new_state.as_deref()),
            facts.into(),
        ]);
    }
    insert.execute(params_from_iter(values)).map_err(failed_write)?;
    Ok(())
}

fn text(text: Option<&str>) -> ToSqlOutput<'_> {
    text.map_or(ToSqlOutput::Owned(Value::Null), Into::into)
}

impl EventRepository for SqliteStore {
    fn events_after(&self, after: EventSequence, limit: u32) -> Result<Vec<Event>, StoreError> {
        let sql =
            format!("SELECT {} FROM events WHERE sequence > ?1 ORDER BY sequence LIMIT ?2", events::COLUMNS);
        // SQLite counts in 63 bits; no event has a greater number.
        let after = i64::try_from(after.number()).unwrap_or(i64::MAX);
        self.read(|connection| {
            row::many(connection, &sql, params![after, limit], tables::EVENTS, events::read)
        })
    }
}
