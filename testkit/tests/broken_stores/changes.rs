//! Stores that apply change sets otherwise.

use std::collections::HashSet;

use misp_onboarding::Timestamp;
use misp_onboarding::event::EventKind;
use misp_onboarding::id::Version;
use misp_onboarding::policy::PolicyFilter;
use misp_onboarding::store::{
    CertificateRepository, Change, ChangeSet, PolicyRepository, Record, RecordId, Store, StoreError, Unique,
};
use misp_onboarding_testkit::conformance::samples::{self, set_version};

use crate::{Flaw, all_caught, flaw};

pub(crate) const FLAWS: &[Flaw] = &[
    CutsMicroseconds::FLAW,
    KeepsTextShort::FLAW,
    AllowsDuplicates::FLAW,
    ChecksNamesBeforehand::FLAW,
    ChecksNamesAfterwards::FLAW,
    KeepsPolicyNamesUniqueEverywhere::FLAW,
    AppliesOneByOne::FLAW,
    IgnoresExpectations::FLAW,
    LetsTheLastWriterWin::FLAW,
    InsertsWhatItCannotUpdate::FLAW,
    ChecksVersionsBeforehand::FLAW,
    AllowsMissingReferences::FLAW,
    AllowsNoForwardReferences::FLAW,
    TellsOfExpectations::FLAW,
    TellsEventsBackwards::FLAW,
    TellsOfWhatItRefused::FLAW,
    BeginsWithTheFirstVersion::FLAW,
    NumbersRestoredEventsAnew::FLAW,
    LeavesOutEventsOutOfOrder::FLAW,
];

#[test]
fn broken_commits_are_caught() {
    all_caught(FLAWS);
}

/// The change set with every record changed.
fn mapped(changes: &ChangeSet, change: impl Fn(&mut Record)) -> ChangeSet {
    let mut changes = changes.clone();
    for written in &mut changes.changes {
        if let Change::Insert(record) | Change::Update(record) = written {
            change(record);
        }
    }
    changes
}

fn version(store: &dyn Store, id: &RecordId) -> Result<Option<Version>, StoreError> {
    Ok(match id {
        RecordId::TrustDomain(id) => store.trust_domain(id)?.map(|record| record.version),
        RecordId::CaCertificate(id) => store.ca_certificate(*id)?.map(|record| record.version),
        RecordId::Partner(id) => store.partner(id)?.map(|record| record.version),
        RecordId::PartnerCertificate(id) => store.partner_certificate(*id)?.map(|record| record.version),
        RecordId::PolicyGroup(id) => store.policy_group(*id)?.map(|record| record.version),
        RecordId::Policy(id) => store.policy(*id)?.map(|record| record.version),
        RecordId::PolicyLink(id) => store.policy_link(*id)?.map(|record| record.version),
        RecordId::LicenseKey(id) => store.license_key(*id)?.map(|row| row.key.version),
        _ => None,
    })
}

fn milliseconds(instant: &mut Timestamp) {
    *instant = Timestamp::from_unix_micros(instant.unix_micros() / 1_000 * 1_000);
}

flaw!(CutsMicroseconds, caught by [
    ca_certificates_come_back_as_written,
    partners_come_back_as_written,
    partner_certificates_come_back_as_written,
    policy_groups_come_back_as_written,
    policies_come_back_as_written,
    policy_links_come_back_as_written,
    license_keys_come_back_as_written,
] {
    fn commit(&self, changes: &ChangeSet) -> Result<(), StoreError> {
        self.0.commit(&mapped(changes, |record| match record {
            Record::CaCertificate(record) => milliseconds(&mut record.not_after),
            Record::Partner(record) => milliseconds(&mut record.updated_at),
            Record::PartnerCertificate(record) => milliseconds(&mut record.not_before),
            Record::PolicyGroup(record) => milliseconds(&mut record.created_at),
            Record::Policy(record) => record.published_at.iter_mut().for_each(milliseconds),
            Record::PolicyLink(record) => record.decided_at.iter_mut().for_each(milliseconds),
            Record::LicenseKey(record) => record.overlap_ends_at.iter_mut().for_each(milliseconds),
            _ => {}
        }))
    }
});

flaw!(KeepsTextShort, caught by [
    ca_certificates_come_back_as_written,
    partners_come_back_as_written,
    partner_certificates_come_back_as_written,
] {
    fn commit(&self, changes: &ChangeSet) -> Result<(), StoreError> {
        self.0.commit(&mapped(changes, |record| match record {
            Record::CaCertificate(record) => record.issuer = record.issuer.chars().take(3_000).collect(),
            Record::Partner(record) => {
                let kept: String = record.address.as_str().chars().take(1_999).collect();
                record.address = kept.parse().unwrap();
            }
            Record::PartnerCertificate(record) => record.path.sort(),
            _ => {}
        }))
    }
});

flaw!(AllowsDuplicates, caught by [
    a_record_id_is_unique_in_its_kind,
    a_partner_id_is_unique_without_regard_to_case,
    an_email_is_unique_without_regard_to_case,
    a_ca_certificate_is_unique_in_its_domain,
    a_group_name_is_unique_without_regard_to_case,
    a_policy_name_is_unique_in_its_group_without_regard_to_case,
    a_partner_has_one_open_link_to_a_policy,
    a_digest_is_unique,
    a_live_key_name_is_unique_for_its_partner_without_regard_to_case,
    a_change_set_is_not_applied_twice,
    a_duplicate_leaves_nothing_of_its_change_set,
    of_those_who_take_a_name_at_once_exactly_one_wins,
] {
    fn commit(&self, changes: &ChangeSet) -> Result<(), StoreError> {
        match self.0.commit(changes) {
            Err(StoreError::Duplicate { .. }) => Ok(()),
            answer => answer,
        }
    }
});

flaw!(ChecksNamesBeforehand, caught by [what_a_change_set_frees_it_may_take] {
    fn commit(&self, changes: &ChangeSet) -> Result<(), StoreError> {
        for change in &changes.changes {
            if let Change::Insert(Record::PolicyGroup(group)) = change
                && self.0.policy_group_named(&group.name)?.is_some_and(|id| id != group.id)
            {
                return Err(StoreError::Duplicate { unique: Unique::PolicyGroupName });
            }
        }
        self.0.commit(changes)
    }
});

flaw!(ChecksNamesAfterwards, caught by [what_a_change_set_takes_before_it_frees_it_is_a_duplicate] {
    fn commit(&self, changes: &ChangeSet) -> Result<(), StoreError> {
        let mut changes = changes.clone();
        changes.changes.sort_by_key(|change| matches!(change, Change::Insert(_)));
        self.0.commit(&changes)
    }
});

flaw!(KeepsPolicyNamesUniqueEverywhere, caught by [
    a_policy_name_is_unique_in_its_group_without_regard_to_case
] {
    fn commit(&self, changes: &ChangeSet) -> Result<(), StoreError> {
        for change in &changes.changes {
            if let Change::Insert(Record::Policy(policy)) = change {
                let name = Some(policy.name.as_str().parse().unwrap());
                if self.0.count_policies(&PolicyFilter { name, ..Default::default() })? > 0 {
                    return Err(StoreError::Duplicate { unique: Unique::PolicyName });
                }
            }
        }
        self.0.commit(changes)
    }
});

/// Each change in a commit of its own; the events with the last one.
fn one_by_one(store: &dyn Store, changes: &ChangeSet, between: impl Fn()) -> Result<(), StoreError> {
    for change in &changes.changes {
        store.commit(&ChangeSet { changes: vec![change.clone()], events: Vec::new() })?;
        between();
    }
    store.commit(&ChangeSet { changes: Vec::new(), events: changes.events.clone() })
}

flaw!(AppliesOneByOne, caught by [
    random_change_sets_do_what_a_simple_store_does,
    a_duplicate_leaves_nothing_of_its_change_set,
    a_conflict_leaves_nothing_of_its_change_set,
    an_expectation_leaves_nothing_of_its_change_set,
    a_missing_reference_leaves_nothing_of_its_change_set,
    a_missing_reference_found_at_the_end_leaves_nothing_of_its_change_set,
    what_a_change_set_takes_before_it_frees_it_is_a_duplicate,
    what_a_refused_change_set_said_is_not_found_by_a_digest,
    an_expectation_holds_at_its_version_only,
] {
    fn commit(&self, changes: &ChangeSet) -> Result<(), StoreError> {
        // Ends first, so that most of it is there before something fails.
        let mut turned = changes.clone();
        turned.changes.sort_by_key(|change| matches!(change, Change::Expect(..)));
        one_by_one(&self.0, &turned, || {})
    }
});

flaw!(IgnoresExpectations, caught by [
    an_expectation_leaves_nothing_of_its_change_set,
    an_expectation_holds_at_its_version_only,
    what_a_refused_change_set_said_is_not_found_by_a_digest,
    events_of_a_refused_change_set_are_not_told,
    an_expectation_and_an_update_at_once_do_not_both_hold,
] {
    fn commit(&self, changes: &ChangeSet) -> Result<(), StoreError> {
        let mut changes = changes.clone();
        changes.changes.retain(|change| !matches!(change, Change::Expect(..)));
        self.0.commit(&changes)
    }
});

flaw!(LetsTheLastWriterWin, caught by [
    an_update_needs_the_version_just_before,
    of_updates_at_once_exactly_one_wins,
] {
    fn commit(&self, changes: &ChangeSet) -> Result<(), StoreError> {
        let mut answer = Ok(());
        for _ in 0..10 {
            let mut current = changes.clone();
            for change in &mut current.changes {
                if let Change::Update(record) = change
                    && let Some(found) = version(&self.0, &record.record_id())?
                {
                    set_version(record, found.next());
                }
            }
            answer = self.0.commit(&current);
            if !matches!(answer, Err(StoreError::Conflict { .. })) {
                break;
            }
        }
        answer
    }
});

flaw!(InsertsWhatItCannotUpdate, caught by [
    an_update_needs_a_record,
    a_conflict_leaves_nothing_of_its_change_set,
] {
    fn commit(&self, changes: &ChangeSet) -> Result<(), StoreError> {
        let mut changes = changes.clone();
        let mut there: HashSet<RecordId> = HashSet::new();
        for change in &mut changes.changes {
            match change {
                Change::Insert(record) => drop(there.insert(record.record_id())),
                Change::Update(record) => {
                    let id = record.record_id();
                    if there.insert(id.clone()) && version(&self.0, &id)?.is_none() {
                        *change = Change::Insert(record.clone());
                    }
                }
                _ => {}
            }
        }
        self.0.commit(&changes)
    }
});

flaw!(ChecksVersionsBeforehand, caught by [a_change_set_may_write_a_record_more_than_once] {
    fn commit(&self, changes: &ChangeSet) -> Result<(), StoreError> {
        for change in &changes.changes {
            if let Change::Expect(id, required) = change {
                let found = version(&self.0, id)?;
                if found != Some(*required) {
                    let record = id.to_string();
                    return Err(StoreError::Conflict { record, required: *required, found });
                }
            }
        }
        self.0.commit(changes)
    }
});

flaw!(AllowsMissingReferences, caught by [
    random_change_sets_do_what_a_simple_store_does,
    what_a_record_names_must_be_there,
    a_missing_reference_leaves_nothing_of_its_change_set,
    a_missing_reference_found_at_the_end_leaves_nothing_of_its_change_set,
] {
    fn commit(&self, changes: &ChangeSet) -> Result<(), StoreError> {
        match self.0.commit(changes) {
            Err(StoreError::MissingReference { .. }) => Ok(()),
            answer => answer,
        }
    }
});

flaw!(AllowsNoForwardReferences, caught by [a_certificate_or_key_may_be_named_before_it_is_inserted] {
    fn commit(&self, changes: &ChangeSet) -> Result<(), StoreError> {
        let mut there = HashSet::new();
        for change in &changes.changes {
            let (Change::Insert(record) | Change::Update(record)) = change else { continue };
            there.insert(record.record_id());
            if let Record::Partner(partner) = record
                && let Some(id) = partner.certificate
                && !there.contains(&RecordId::PartnerCertificate(id))
                && self.0.partner_certificate(id)?.is_none()
            {
                return Err(StoreError::MissingReference { reference: id.to_string() });
            }
        }
        self.0.commit(changes)
    }
});

flaw!(TellsOfExpectations, caught by [an_expectation_changes_nothing] {
    fn commit(&self, changes: &ChangeSet) -> Result<(), StoreError> {
        let mut changes = changes.clone();
        for change in &changes.changes {
            if let Change::Expect(id, _) = change {
                changes.events.push(samples::event(EventKind::PartnerUpdated, id.clone()));
            }
        }
        self.0.commit(&changes)
    }
});

flaw!(TellsEventsBackwards, caught by [
    events_come_in_the_order_of_commits_and_of_their_change_set,
    events_come_back_as_told,
] {
    fn commit(&self, changes: &ChangeSet) -> Result<(), StoreError> {
        let mut changes = changes.clone();
        changes.events.reverse();
        self.0.commit(&changes)
    }
});

flaw!(TellsOfWhatItRefused, caught by [
    events_of_a_refused_change_set_are_not_told,
    a_duplicate_leaves_nothing_of_its_change_set,
] {
    fn commit(&self, changes: &ChangeSet) -> Result<(), StoreError> {
        let answer = self.0.commit(changes);
        if answer.is_err() {
            self.0.commit(&ChangeSet { changes: Vec::new(), events: changes.events.clone() })?;
        }
        answer
    }
});

flaw!(BeginsWithTheFirstVersion, caught by [a_record_of_another_store_keeps_its_version] {
    fn commit(&self, changes: &ChangeSet) -> Result<(), StoreError> {
        let mut changes = changes.clone();
        for change in &mut changes.changes {
            if let Change::Insert(record) = change {
                set_version(record, Version::FIRST);
            }
        }
        self.0.commit(&changes)
    }
});

flaw!(NumbersRestoredEventsAnew, caught by [an_event_of_another_store_keeps_its_place] {
    fn commit(&self, changes: &ChangeSet) -> Result<(), StoreError> {
        let mut told = changes.clone();
        told.changes.retain(|change| !matches!(change, Change::RestoreEvent(_)));
        let restored = changes.changes.iter().filter_map(|change| match change {
            Change::RestoreEvent(event) => Some(event.event.clone()),
            _ => None,
        });
        told.events.splice(0..0, restored);
        self.0.commit(&told)
    }
});

flaw!(LeavesOutEventsOutOfOrder, caught by [an_event_is_not_restored_at_or_before_the_last_one] {
    fn commit(&self, changes: &ChangeSet) -> Result<(), StoreError> {
        match self.0.commit(changes) {
            Err(StoreError::Duplicate { unique: Unique::EventSequence }) => {
                let mut others = changes.clone();
                others.changes.retain(|change| !matches!(change, Change::RestoreEvent(_)));
                self.0.commit(&others)
            }
            result => result,
        }
    }
});
