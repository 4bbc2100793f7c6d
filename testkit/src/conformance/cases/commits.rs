//! A change set is applied whole or not at all, on the versions it was decided on.

use misp_onboarding::event::EventKind;
use misp_onboarding::id::Version;
use misp_onboarding::license_key::{LicenseKeyRecord, LicenseKeyState};
use misp_onboarding::partner::{Partner, PartnerState};
use misp_onboarding::policy::{PolicyGroup, PolicyGroupState, PolicyState};
use misp_onboarding::policy_link::PolicyLinkState;
use misp_onboarding::store::{Change, ChangeSet, Record, RecordId, Store, StoreError, Unique};
use misp_onboarding::trust_store::{CaCertificate, CaState, TrustDomainRecord};

use crate::conformance::check::{Failure, Verdict, conflict, duplicate, equal, holds, missing_reference};
use crate::conformance::samples::{self, InState, Successor, after, literal, partner_id, set_version};
use crate::conformance::snapshot::{Snapshot, events, stored};

/// One record of each kind, and events.
fn base(store: &dyn Store) -> Result<(), Failure> {
    let mut changes = ChangeSet::new();
    for record in one_of_each(1, "one") {
        changes.insert(record);
    }
    for kind in [EventKind::PartnerCreated, EventKind::LicenseKeyGenerated] {
        changes.event(samples::event(kind, RecordId::Partner(partner_id("one"))));
    }
    store.commit(&changes)?;
    Ok(())
}

/// Records of a partner and everything it needs, in an order in which each names only earlier ones.
fn one_of_each(number: u32, partner: &str) -> Vec<Record> {
    let domain = samples::trust_domain(&format!("DOMAIN_{number}"));
    let ca = CaCertificate { domain: domain.domain.clone(), ..samples::ca_certificate(number) };
    let mut certificate = samples::partner_certificate(number, partner);
    certificate.domain = domain.domain.clone();
    certificate.path = vec![ca.fingerprint];
    vec![
        domain.into(),
        ca.into(),
        samples::policy_group(number, &format!("Group {number}")).into(),
        samples::policy(number, number, &format!("Policy {number}")).into(),
        Partner {
            policy_group: Some(samples::policy_group_id(number)),
            certificate: Some(certificate.id),
            state: PartnerState::Active,
            ..samples::partner(partner)
        }
        .into(),
        certificate.into(),
        samples::policy_link(number, partner, number).in_state(PolicyLinkState::Approved).into(),
        LicenseKeyRecord {
            policy: Some(samples::policy_id(number)),
            ..samples::license_key(number, partner)
        }
        .into(),
    ]
}

/// Changes of every record of [`base`] that free names, take names and move counts, new records, and events.
fn everything() -> ChangeSet {
    let mut changes = ChangeSet::new();
    let domain = literal("DOMAIN_1");
    changes.update(TrustDomainRecord { domain, ..samples::trust_domain("AUTH") }.next());
    let distrusted = CaCertificate {
        domain: literal("DOMAIN_1"),
        fingerprint: samples::fingerprint(77),
        ..samples::ca_certificate(1)
    }
    .in_state(CaState::Distrusted);
    changes.update(distrusted.next());
    let group =
        PolicyGroup { state: PolicyGroupState::Deactivated, ..samples::policy_group(1, "Renamed group") };
    changes.update(group.next());
    let policy = samples::policy(1, 1, "Renamed policy").in_state(PolicyState::Deactivated);
    changes.update(policy.next());
    for record in one_of_each(2, "two") {
        changes.insert(record);
    }
    let mut certificate = samples::partner_certificate(1, "one");
    certificate.replaced_at = Some(after(1));
    certificate.not_after = after(2);
    certificate.path = vec![samples::fingerprint(77)];
    changes.update(certificate.next());
    let partner = Partner {
        organization: literal("Renamed organization"),
        email: literal("renamed@example.org"),
        policy_group: Some(samples::policy_group_id(2)),
        certificate: Some(samples::partner_certificate_id(2)),
        state: PartnerState::Deactivated,
        ..samples::partner("one")
    };
    changes.update(partner.next());
    let link = samples::policy_link(1, "one", 1).in_state(PolicyLinkState::Rejected);
    changes.update(link.next());
    let key = LicenseKeyRecord {
        digest: samples::digest(77),
        replaced_by: Some(samples::license_key_id(3)),
        ..samples::license_key(1, "one")
    }
    .in_state(LicenseKeyState::Replaced);
    changes.update(key.next());
    // Takes what the changes above freed.
    changes.insert(LicenseKeyRecord {
        name: literal("KEY 1"),
        digest: samples::digest(1),
        replaces: Some(samples::license_key_id(1)),
        ..samples::license_key(3, "one")
    });
    changes.insert(Partner { email: literal("one@example.org"), ..samples::partner("three") });
    changes.insert(samples::policy_group(3, "Group 1")).insert(samples::policy(3, 1, "Policy 1"));
    changes.insert(samples::policy_link(3, "one", 1));
    for kind in [EventKind::PartnerUpdated, EventKind::PartnerDeactivated] {
        changes.event(samples::event(kind, RecordId::Partner(partner_id("one"))));
    }
    changes
}

/// Commits everything with one more change that cannot be, at the end and in the middle, and looks for what is left
/// of it; then commits everything without that change, which must find all names, ids and versions as they were.
fn leaves_nothing(
    store: &dyn Store,
    change: Change,
    refused: impl Fn(Result<(), StoreError>) -> Verdict,
) -> Verdict {
    base(store)?;
    let before = Snapshot::take(store)?;
    let whole = everything();
    for place in [whole.changes.len(), whole.changes.len() / 2] {
        let mut changes = whole.clone();
        changes.changes.insert(place, change.clone());
        refused(store.commit(&changes))?;
        equal("what the store holds after the refusal", Snapshot::take(store)?, before.clone())?;
        for change in &whole.changes {
            if let Change::Insert(record) = change {
                let id = record.record_id();
                equal(format_args!("{id} after the refusal"), stored(store, &id)?, None)?;
            }
        }
    }
    store.commit(&whole)?;
    holds("the change set without that change is applied", Snapshot::take(store)? != before)?;
    equal("events", events(store)?.len(), 4)
}

pub(crate) fn a_duplicate_leaves_nothing_of_its_change_set(store: &dyn Store) -> Verdict {
    // The id of a record that was there before everything.
    let taken = samples::policy_group(1, "Something else");
    leaves_nothing(store, Change::Insert(taken.into()), |result| {
        duplicate("an id that is taken", result, Unique::RecordId)
    })
}

pub(crate) fn a_conflict_leaves_nothing_of_its_change_set(store: &dyn Store) -> Verdict {
    let missing = samples::partner("nobody").next();
    let id = RecordId::Partner(missing.id.clone());
    leaves_nothing(store, Change::Update(missing.into()), |result| {
        conflict("an update of no record", result, &id, (1, None))
    })
}

pub(crate) fn an_expectation_leaves_nothing_of_its_change_set(store: &dyn Store) -> Verdict {
    let id = RecordId::Partner(partner_id("nobody"));
    leaves_nothing(store, Change::Expect(id.clone(), Version::FIRST), |result| {
        conflict("an expectation of no record", result, &id, (1, None))
    })
}

pub(crate) fn a_missing_reference_leaves_nothing_of_its_change_set(store: &dyn Store) -> Verdict {
    let dangling = samples::policy_link(9, "nobody", 1);
    leaves_nothing(store, Change::Insert(dangling.into()), |result| {
        missing_reference("a link of no partner", result)
    })
}

pub(crate) fn a_missing_reference_found_at_the_end_leaves_nothing_of_its_change_set(
    store: &dyn Store,
) -> Verdict {
    let dangling = samples::certified_partner("four", samples::partner_certificate_id(99));
    leaves_nothing(store, Change::Insert(dangling.into()), |result| {
        missing_reference("a partner with no such certificate", result)
    })
}

/// Each record of [`base`] at the version after the one that is stored.
fn successors() -> Vec<Record> {
    one_of_each(1, "one").iter().map(|record| at_version(record, 2)).collect()
}

fn at_version(record: &Record, version: u32) -> Record {
    let mut record = record.clone();
    set_version(&mut record, Version::new(version));
    record
}

pub(crate) fn an_update_needs_the_version_just_before(store: &dyn Store) -> Verdict {
    base(store)?;
    for record in successors() {
        let id = record.record_id();
        let update = |version| store.commit(ChangeSet::new().update(at_version(&record, version)));
        conflict(format_args!("{id} written over itself"), update(1), &id, (0, Some(1)))?;
        conflict(format_args!("{id} too far ahead"), update(3), &id, (2, Some(1)))?;
        update(2)?;
        conflict(format_args!("{id} written twice"), update(2), &id, (1, Some(2)))?;
        equal(format_args!("{id}"), stored(store, &id)?, Some(at_version(&record, 2)))?;
        update(3)?;
        equal(format_args!("{id}"), stored(store, &id)?, Some(at_version(&record, 3)))?;
    }
    Ok(())
}

pub(crate) fn an_update_needs_a_record(store: &dyn Store) -> Verdict {
    for record in successors() {
        let id = record.record_id();
        let result = store.commit(ChangeSet::new().update(record));
        conflict(format_args!("an update of {id}, which is not there"), result, &id, (1, None))?;
        equal(format_args!("{id}"), stored(store, &id)?, None)?;
    }
    Ok(())
}

pub(crate) fn a_change_set_may_write_a_record_more_than_once(store: &dyn Store) -> Verdict {
    let mut changes = ChangeSet::new();
    for record in one_of_each(1, "one") {
        changes.insert(record.clone()).expect(record.record_id(), Version::FIRST);
        changes.update(at_version(&record, 2)).expect(record.record_id(), Version::new(2));
        changes.update(at_version(&record, 3));
    }
    store.commit(&changes)?;
    for record in one_of_each(1, "one") {
        let id = record.record_id();
        equal(&id, stored(store, &id)?, Some(at_version(&record, 3)))?;
    }
    let mut changes = ChangeSet::new();
    changes.update(at_version(&successors()[0], 4)).update(at_version(&successors()[0], 4));
    let id = successors()[0].record_id();
    conflict("the same version twice in one change set", store.commit(&changes), &id, (3, Some(4)))
}

pub(crate) fn a_change_set_is_not_applied_twice(store: &dyn Store) -> Verdict {
    base(store)?;
    let whole = everything();
    store.commit(&whole)?;
    let before = Snapshot::take(store)?;
    match store.commit(&whole) {
        Err(StoreError::Conflict { .. } | StoreError::Duplicate { .. }) => {}
        Ok(()) => return Err(Failure::new("the second time must be refused, found success")),
        Err(error) => return Err(error.into()),
    }
    equal("what the store holds after the second time", Snapshot::take(store)?, before.clone())?;
    // Only inserts: what is there already is a duplicate.
    let mut inserts = ChangeSet::new();
    for record in one_of_each(2, "two") {
        inserts.insert(record);
    }
    match store.commit(&inserts) {
        Err(StoreError::Duplicate { .. }) => {}
        Ok(()) => return Err(Failure::new("the same inserts again must be a duplicate, found success")),
        Err(error) => return Err(error.into()),
    }
    equal("what the store holds after the inserts again", Snapshot::take(store)?, before)
}

pub(crate) fn an_expectation_holds_at_its_version_only(store: &dyn Store) -> Verdict {
    base(store)?;
    let group = |number: u32| samples::policy_group(number, &format!("Group {number}"));
    let expecting = |id: &RecordId, version: u32, number: u32| {
        store.commit(ChangeSet::new().expect(id.clone(), Version::new(version)).insert(group(number)))
    };
    for (index, record) in (0..).zip(successors()) {
        let id = record.record_id();
        let (unwanted, wanted) = (1_000 + index, 2_000 + index);
        conflict(format_args!("{id} at 2"), expecting(&id, 2, unwanted), &id, (2, Some(1)))?;
        conflict(format_args!("{id} at 0"), expecting(&id, 0, unwanted), &id, (0, Some(1)))?;
        expecting(&id, 1, wanted)?;
        store.commit(ChangeSet::new().update(record))?;
        conflict(format_args!("{id} at 1, updated since"), expecting(&id, 1, unwanted), &id, (1, Some(2)))?;
        equal("a group that was not to be", store.policy_group(group(unwanted).id)?, None)?;
        equal("a group that was to be", store.policy_group(group(wanted).id)?, Some(group(wanted)))?;
    }
    let nobody = RecordId::Partner(partner_id("nobody"));
    let result = store.commit(ChangeSet::new().expect(nobody.clone(), Version::FIRST));
    conflict("a partner not there", result, &nobody, (1, None))?;
    let other_case = RecordId::Partner(partner_id("ONE"));
    let result = store.commit(ChangeSet::new().expect(other_case.clone(), Version::new(2)));
    conflict("a partner of another case", result, &other_case, (2, None))
}

pub(crate) fn an_expectation_changes_nothing(store: &dyn Store) -> Verdict {
    base(store)?;
    let before = Snapshot::take(store)?;
    let mut changes = ChangeSet::new();
    for record in one_of_each(1, "one") {
        changes.expect(record.record_id(), Version::FIRST);
    }
    store.commit(&changes)?;
    equal("what the store holds", Snapshot::take(store)?, before.clone())?;
    store.commit(&ChangeSet::new())?;
    equal("what the store holds after no change", Snapshot::take(store)?, before)
}

pub(crate) fn what_a_record_names_must_be_there(store: &dyn Store) -> Verdict {
    base(store)?;
    let before = Snapshot::take(store)?;
    let group = Some(samples::policy_group_id(99));
    let certificate = samples::partner_certificate_id(99);
    let other_key = Some(samples::license_key_id(99));
    let key = |number| samples::license_key(number, "one");
    let nowhere = literal("NOWHERE");
    let dangling: Vec<(&str, Record)> = vec![
        ("a CA certificate's domain", CaCertificate { domain: nowhere, ..samples::ca_certificate(2) }.into()),
        ("a partner's group", Partner { policy_group: group, ..samples::partner("two") }.into()),
        ("a partner's certificate", samples::certified_partner("two", certificate).into()),
        ("a certificate's partner", samples::partner_certificate(2, "two").into()),
        ("a policy's group", samples::policy(2, 99, "Policy 2").into()),
        ("a link's partner", samples::policy_link(2, "two", 1).into()),
        ("a link's policy", samples::policy_link(2, "one", 99).into()),
        ("a key's partner", samples::license_key(2, "two").into()),
        ("a key's partner in another case", samples::license_key(2, "ONE").into()),
        ("a key's policy", LicenseKeyRecord { policy: Some(samples::policy_id(99)), ..key(2) }.into()),
        ("the key a key replaces", LicenseKeyRecord { replaces: other_key, ..key(2) }.into()),
        ("the key a key is replaced by", LicenseKeyRecord { replaced_by: other_key, ..key(2) }.into()),
    ];
    for (what, record) in dangling {
        missing_reference(what, store.commit(ChangeSet::new().insert(record)))?;
        equal(what, Snapshot::take(store)?, before.clone())?;
    }
    let certified = samples::certified_partner("one", certificate).next();
    let grouped = Partner { policy_group: group, ..samples::partner("one") }.next();
    let replaced = LicenseKeyRecord { replaced_by: other_key, ..key(1) }.next();
    let moved = samples::policy(1, 99, "Policy 1").next();
    for (what, record) in [
        ("a partner's new certificate", Record::from(certified)),
        ("a partner's new group", grouped.into()),
        ("the key a key is now replaced by", replaced.into()),
        ("a policy's new group", moved.into()),
    ] {
        missing_reference(what, store.commit(ChangeSet::new().update(record)))?;
        equal(what, Snapshot::take(store)?, before.clone())?;
    }
    Ok(())
}

pub(crate) fn a_certificate_or_key_may_be_named_before_it_is_inserted(store: &dyn Store) -> Verdict {
    base(store)?;
    let certificate = samples::partner_certificate(2, "two");
    let (old, new) = (samples::license_key_id(1), samples::license_key_id(2));
    let mut changes = ChangeSet::new();
    changes.insert(samples::certified_partner("two", certificate.id));
    changes.insert(certificate.clone());
    let replaced = LicenseKeyRecord { replaced_by: Some(new), ..samples::license_key(1, "one") }
        .in_state(LicenseKeyState::Replaced);
    changes.update(replaced.next());
    changes.insert(LicenseKeyRecord { replaces: Some(old), ..samples::license_key(2, "one") });
    store.commit(&changes)?;
    let partner = store.partner(&partner_id("two"))?;
    equal("the certificate", partner.and_then(|partner| partner.certificate), Some(certificate.id))?;
    let key = store.license_key(old)?;
    equal("the successor", key.and_then(|row| row.key.replaced_by), Some(new))
}

pub(crate) fn a_record_of_another_store_keeps_its_version(store: &dyn Store) -> Verdict {
    let mut changes = ChangeSet::new();
    let mut records = one_of_each(1, "one");
    for (record, version) in records.iter_mut().zip(2..) {
        set_version(record, Version::new(version));
        changes.insert(record.clone());
    }
    store.commit(&changes)?;
    for record in &records {
        let id = record.record_id();
        equal(format!("the restored {id}"), stored(store, &id)?, Some(record.clone()))?;
    }
    // It goes on from there.
    for record in &mut records {
        let (id, version) = (record.record_id(), record.version().number());
        set_version(record, Version::new(version + 2));
        let skipped = store.commit(ChangeSet::new().update(record.clone()));
        conflict("an update that skips a version", skipped, &id, (version + 1, Some(version)))?;
        set_version(record, Version::new(version + 1));
        store.commit(ChangeSet::new().update(record.clone()))?;
    }
    Ok(())
}
