//! Events.

use misp_onboarding::event::{Event, EventSequence, NewEvent};
use misp_onboarding::partner::PartnerId;
use misp_onboarding::store::{EventRepository, StoreError, Unique};
use misp_onboarding_sql::{events, tables};
use rusqlite::{Connection, Statement, params};

use crate::SqliteStore;
use crate::error::{failed, failed_write};
use crate::row;

/// Appends the events. Their numbers are greater than any before; one commit runs at a time, so none is filled in later.
pub(crate) fn append(connection: &Connection, events: &[NewEvent]) -> Result<(), StoreError> {
    let mut statement = connection.prepare_cached(INSERT).map_err(failed)?;
    events.iter().try_for_each(|event| insert(&mut statement, None, event))
}

/// Puts an event in the place it had in another store, which must lie beyond the last one.
pub(crate) fn restore(connection: &Connection, event: &Event) -> Result<(), StoreError> {
    let sequence = event.sequence.number();
    let sql = "SELECT coalesce(max(sequence), 0) FROM events";
    let last = row::one(connection, sql, [], tables::EVENTS, |fields| fields.count())?.unwrap_or(0);
    // SQLite counts in 63 bits.
    match i64::try_from(sequence) {
        Ok(place) if sequence > last => {
            let mut statement = connection.prepare_cached(INSERT).map_err(failed)?;
            insert(&mut statement, Some(place), &event.event)
        }
        _ => Err(StoreError::Duplicate { unique: Unique::EventSequence }),
    }
}

/// Adds an event; without a sequence number it gets the next one.
const INSERT: &str = "INSERT INTO events (sequence, \
     at, actor, kind, subject_kind, subject_id, version, partner_id, old_state, new_state, facts) \
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)";

/// Adds the event in a place, or in the next one.
fn insert(insert: &mut Statement<'_>, place: Option<i64>, event: &NewEvent) -> Result<(), StoreError> {
    let facts = serde_json::to_string(&event.facts).map_err(StoreError::backend)?;
    let params = params![
        place,
        event.at.unix_micros(),
        event.actor.as_str(),
        event.kind.as_str(),
        event.subject.kind(),
        event.subject.id(),
        event.version.number(),
        event.partner.as_ref().map(PartnerId::as_str),
        event.old_state,
        event.new_state,
        facts,
    ];
    insert.execute(params).map_err(failed_write)?;
    Ok(())
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
