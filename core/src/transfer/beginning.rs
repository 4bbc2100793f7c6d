//! What is known before anything is exported.

use super::Counts;
use super::line::Begin;
use crate::Timestamp;
use crate::event::EventSequence;
use crate::license_key::LicenseKeyFilter;
use crate::partner::PartnerFilter;
use crate::policy::{PolicyFilter, PolicyGroupFilter};
use crate::policy_link::PolicyLinkFilter;
use crate::store::{Store, StoreError};
use crate::trust_store::CaCertificateFilter;

/// What there is to export: the last event, and how much there is of what the store can count.
pub(super) fn begin(store: &dyn Store, at: Timestamp) -> Result<Begin, StoreError> {
    let last_event = last_event(store)?;
    let expected = Counts {
        // As many as there are where no place was left out.
        events: last_event.number(),
        ca_certificates: store.count_ca_certificates(&CaCertificateFilter::default(), at)?,
        policy_groups: store.count_policy_groups(&PolicyGroupFilter::default())?,
        policies: store.count_policies(&PolicyFilter::default())?,
        partners: store.count_partners(&PartnerFilter::default(), at)?,
        policy_links: store.count_policy_links(&PolicyLinkFilter::default())?,
        license_keys: store.count_license_keys(&LicenseKeyFilter::default(), at)?,
        ..Counts::default()
    };
    Ok(Begin::new(at, last_event, expected))
}

/// The place of the last event, found by doubling and halving.
fn last_event(store: &dyn Store) -> Result<EventSequence, StoreError> {
    let next = |after: u64| -> Result<Option<u64>, StoreError> {
        let page = store.events_after(EventSequence::new(after), 1)?;
        Ok(page.first().map(|event| event.sequence.number()))
    };
    let Some(mut last) = next(0)? else { return Ok(EventSequence::START) };
    // An event is at `last`, none is beyond `last + step` in the end.
    let mut step: u64 = 1;
    while let Some(found) = next(last.saturating_add(step))? {
        (last, step) = (found, step.saturating_mul(2));
    }
    let mut beyond = last.saturating_add(step);
    while last < beyond {
        let middle = last + (beyond - last) / 2;
        match next(middle)? {
            Some(found) => last = found,
            None => beyond = middle,
        }
    }
    Ok(EventSequence::new(last))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Event, EventKind, NewEvent};
    use crate::id::{ActorId, Version};
    use crate::partner::PartnerId;
    use crate::store::{ChangeSet, MemoryStore, RecordId};

    #[test]
    fn the_last_event_is_found_also_among_gaps() {
        for places in [&[][..], &[1], &[1, 2, 3, 4, 5, 6, 7], &[5], &[3, 900, 901, 70_000], &[u64::MAX]] {
            let store = MemoryStore::new();
            let mut changes = ChangeSet::new();
            for place in places {
                let event = NewEvent {
                    at: Timestamp::UNIX_EPOCH,
                    actor: ActorId::from_stored("ana"),
                    kind: EventKind::PartnerCreated,
                    subject: RecordId::Partner(PartnerId::from_stored("bank")),
                    version: Version::FIRST,
                    partner: None,
                    old_state: None,
                    new_state: None,
                    facts: Default::default(),
                };
                changes.restore_event(Event { sequence: EventSequence::new(*place), event });
            }
            store.commit(&changes).unwrap();
            let wanted = places.last().copied().unwrap_or_default();
            assert_eq!(last_event(&store).unwrap().number(), wanted, "{places:?}");
        }
    }
}
