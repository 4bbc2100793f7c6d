//! Events.

use std::collections::BTreeMap;

use misp_onboarding::event::{Event, EventSequence, NewEvent};
use misp_onboarding::id::ActorId;
use misp_onboarding::partner::PartnerId;
use misp_onboarding::store::{RecordId, StoreError};

use crate::Fields;

/// The columns that [`read`] reads.
pub const COLUMNS: &str =
    "sequence, at, actor, kind, subject_kind, subject_id, version, partner_id, old_state, new_state, facts";

/// Reads an event.
///
/// # Errors
/// A column does not hold what it should.
pub fn read(fields: &mut Fields<'_>) -> Result<Event, StoreError> {
    Ok(Event {
        sequence: EventSequence::new(fields.count()?),
        event: NewEvent {
            at: fields.time()?,
            actor: ActorId::from_stored(fields.text()?),
            kind: fields.parsed()?,
            subject: {
                let kind = fields.text()?;
                fields.checked(|id| RecordId::from_parts(kind, id))?
            },
            version: fields.version()?,
            partner: fields.optional_text()?.map(PartnerId::from_stored),
            old_state: fields.optional_text()?.map(str::to_owned),
            new_state: fields.optional_text()?.map(str::to_owned),
            facts: fields.checked(serde_json::from_str::<BTreeMap<String, String>>)?,
        },
    })
}
