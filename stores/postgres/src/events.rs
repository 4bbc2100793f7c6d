//! Events.

use misp_onboarding::event::{Event, EventSequence, NewEvent};
use misp_onboarding::partner::PartnerId;
use misp_onboarding::store::{EventRepository, StoreError, Unique};
use misp_onboarding_sql::{events, tables};

use crate::PostgresStore;
use crate::connection::Connection;
use crate::row;
use crate::value::Value;

/// What a row holds beside its number, with the types that bound values have.
const COLUMNS: [(&str, &str); 10] = [
    ("at", "BIGINT"),
    ("actor", "TEXT"),
    ("kind", "TEXT"),
    ("subject_kind", "TEXT"),
    ("subject_id", "TEXT"),
    ("version", "BIGINT"),
    ("partner_id", "TEXT"),
    ("old_state", "TEXT"),
    ("new_state", "TEXT"),
    ("facts", "TEXT"),
];
/// Events written by one statement.
const BATCH: usize = 100;

/// Events, ready to be appended as often as needed.
pub(crate) struct Appended(Vec<Vec<Value>>);

impl Appended {
    pub(crate) fn new(events: &[NewEvent]) -> Result<Self, StoreError> {
        events.iter().map(values).collect::<Result<_, _>>().map(Self)
    }

    /// Appends the events under the next numbers. The counter's row is locked by the first number taken and until the
    /// transaction ends, so numbers become visible in their order and none is left out: ADR-0009.
    pub(crate) fn append(&self, connection: &mut Connection) -> Result<(), StoreError> {
        for events in self.0.chunks(BATCH) {
            let mut values = vec![Value::Integer(i64::try_from(events.len()).unwrap_or(i64::MAX))];
            values.extend(events.iter().flatten().cloned());
            connection.execute(&insert(events.len()), &values)?;
        }
        Ok(())
    }
}

/// Events of another store, ready to be put in the places they had there.
pub(crate) struct Restored {
    /// The first and the last place; none where there is nothing to restore.
    places: Option<(Value, Value)>,
    rows: Vec<Vec<Value>>,
}

impl Restored {
    pub(crate) fn new(events: &[&Event]) -> Result<Self, StoreError> {
        let mut rows = Vec::with_capacity(events.len());
        let mut last = 0;
        for event in events {
            // PostgreSQL counts in 63 bits.
            let place = i64::try_from(event.sequence.number()).ok().filter(|place| *place > last);
            last = place.ok_or(OUT_OF_ORDER)?;
            let mut row = vec![Value::Integer(last)];
            row.extend(values(&event.event)?);
            rows.push(row);
        }
        let places = rows.first().zip(rows.last()).map(|(first, last)| (first[0].clone(), last[0].clone()));
        Ok(Self { places, rows })
    }

    /// Puts the events in their places, which must lie beyond the last one, and moves the counter there.
    pub(crate) fn append(&self, connection: &mut Connection) -> Result<(), StoreError> {
        let Some((first, last)) = &self.places else { return Ok(()) };
        let sql = "UPDATE event_counter SET last = $2 WHERE id = 1 AND last < $1";
        if connection.execute(sql, &[first.clone(), last.clone()])? == 0 {
            return Err(OUT_OF_ORDER);
        }
        let columns = COLUMNS.map(|(name, _)| name).join(", ");
        for rows in self.rows.chunks(BATCH) {
            let row = |number: usize| {
                let cells: Vec<String> = (1..=COLUMNS.len() + 1)
                    .map(|cell| format!("${}", number * (COLUMNS.len() + 1) + cell))
                    .collect();
                format!("({})", cells.join(", "))
            };
            let places: Vec<String> = (0..rows.len()).map(row).collect();
            let sql = format!("INSERT INTO events (sequence, {columns}) VALUES {}", places.join(", "));
            let values: Vec<Value> = rows.iter().flatten().cloned().collect();
            connection.execute(&sql, &values)?;
        }
        Ok(())
    }
}

const OUT_OF_ORDER: StoreError = StoreError::Duplicate { unique: Unique::EventSequence };

/// The statement that takes as many numbers as there are events, and writes them.
fn insert(events: usize) -> String {
    let mut place = 1;
    let mut rows = Vec::with_capacity(events);
    for number in 1..=events {
        let mut cells = vec![format!("CAST({number} AS BIGINT)")];
        for (_, kind) in COLUMNS {
            place += 1;
            cells.push(format!("CAST(${place} AS {kind})"));
        }
        rows.push(format!("({})", cells.join(", ")));
    }
    let columns = COLUMNS.map(|(name, _)| name).join(", ");
    format!(
        "WITH counter AS (UPDATE event_counter SET last = last + CAST($1 AS BIGINT) WHERE id = 1 RETURNING last) \
         INSERT INTO events (sequence, {columns}) \
         SELECT counter.last - CAST($1 AS BIGINT) + told.number, {columns} \
         FROM counter CROSS JOIN (VALUES {}) AS told (number, {columns})",
        rows.join(", ")
    )
}

fn values(event: &NewEvent) -> Result<Vec<Value>, StoreError> {
    let facts = serde_json::to_string(&event.facts).map_err(StoreError::backend)?;
    Ok(vec![
        event.at.unix_micros().into(),
        event.actor.as_str().into(),
        event.kind.as_str().into(),
        event.subject.kind().into(),
        event.subject.id().into(),
        event.version.number().into(),
        event.partner.as_ref().map(PartnerId::as_str).into(),
        event.old_state.as_deref().into(),
        event.new_state.as_deref().into(),
        facts.into(),
    ])
}

impl EventRepository for PostgresStore {
    fn events_after(&self, after: EventSequence, limit: u32) -> Result<Vec<Event>, StoreError> {
        let sql =
            format!("SELECT {} FROM events WHERE sequence > $1 ORDER BY sequence LIMIT $2", events::COLUMNS);
        // PostgreSQL counts in 63 bits; no event has a greater number.
        let after = i64::try_from(after.number()).unwrap_or(i64::MAX);
        self.list(|connection| {
            row::many(connection, &sql, &[after.into(), limit.into()], tables::EVENTS, events::read)
        })
    }
}
