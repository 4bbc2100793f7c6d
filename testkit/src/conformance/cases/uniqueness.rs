//! What may be there only once, and what looks alike but may be there twice.

use misp_onboarding::license_key::{LicenseKeyDigest, LicenseKeyRecord, LicenseKeyState};
use misp_onboarding::partner::{Partner, PartnerState};
use misp_onboarding::policy::{PolicyGroup, PolicyGroupState, PolicyState};
use misp_onboarding::policy_link::PolicyLinkState;
use misp_onboarding::store::{Change, ChangeSet, Record, Store, StoreError, Unique};
use misp_onboarding::trust_store::{CaCertificate, CaState};

use crate::conformance::check::{Failure, Verdict, duplicate, equal};
use crate::conformance::samples::{self, InState, Successor, after, literal, partner_id};
use crate::conformance::snapshot::Snapshot;

fn insert(store: &dyn Store, record: impl Into<Record>) -> Result<(), StoreError> {
    store.commit(ChangeSet::new().insert(record))
}

fn update(store: &dyn Store, record: impl Into<Record>) -> Result<(), StoreError> {
    store.commit(ChangeSet::new().update(record))
}

/// The commit must be refused as a duplicate, and change nothing.
#[track_caller]
fn refused(store: &dyn Store, what: &str, change: Change, unique: Unique) -> Verdict {
    let before = Snapshot::take(store)?;
    let result = store.commit(&ChangeSet { changes: vec![change], events: Vec::new() });
    duplicate(what, result, unique)?;
    equal(format_args!("what the store holds after {what}"), Snapshot::take(store)?, before)
}

fn clash(store: &dyn Store, what: &str, record: impl Into<Record>, unique: Unique) -> Verdict {
    refused(store, what, Change::Insert(record.into()), unique)
}

fn update_clash(store: &dyn Store, what: &str, record: impl Into<Record>, unique: Unique) -> Verdict {
    refused(store, what, Change::Update(record.into()), unique)
}

/// Two groups, two policies, two partners, a link and a key.
fn base(store: &dyn Store) -> Result<(), Failure> {
    let mut changes = ChangeSet::new();
    changes.insert(samples::trust_domain("AUTH")).insert(samples::trust_domain("DEVICE"));
    changes.insert(samples::ca_certificate(1));
    changes.insert(samples::policy_group(1, "Group 1")).insert(samples::policy_group(2, "Group 2"));
    changes.insert(samples::policy(1, 1, "Policy 1")).insert(samples::policy(2, 1, "Policy 2"));
    changes.insert(samples::partner("one")).insert(samples::partner("two"));
    changes.insert(samples::partner_certificate(1, "one"));
    changes.insert(samples::policy_link(1, "one", 1));
    changes.insert(samples::license_key(1, "one"));
    store.commit(&changes)?;
    Ok(())
}

pub(crate) fn a_record_id_is_unique_in_its_kind(store: &dyn Store) -> Verdict {
    base(store)?;
    let ca = CaCertificate { fingerprint: samples::fingerprint(99), ..samples::ca_certificate(1) };
    clash(store, "the id of a CA certificate", ca, Unique::RecordId)?;
    clash(store, "the name of a trust domain", samples::trust_domain("AUTH"), Unique::RecordId)?;
    let certificate = samples::partner_certificate(1, "two");
    clash(store, "the id of a partner certificate", certificate, Unique::RecordId)?;
    clash(store, "the id of a policy group", samples::policy_group(1, "Another"), Unique::RecordId)?;
    clash(store, "the id of a policy", samples::policy(1, 2, "Another"), Unique::RecordId)?;
    clash(store, "the id of a policy link", samples::policy_link(1, "two", 2), Unique::RecordId)?;
    let key = LicenseKeyRecord {
        digest: samples::digest(99),
        name: literal("another"),
        ..samples::license_key(1, "two")
    };
    clash(store, "the id of a license key", key, Unique::RecordId)?;
    // Every kind above has a record of this number: the kinds do not share their ids.
    Ok(())
}

pub(crate) fn a_partner_id_is_unique_without_regard_to_case(store: &dyn Store) -> Verdict {
    let partner = |id: &str, email: &str| Partner {
        id: partner_id(id),
        email: literal(email),
        ..samples::partner("p")
    };
    insert(store, partner("Straße", "a@example.org"))?;
    for id in ["Straße", "straße", "STRASSE", "strasse"] {
        clash(store, &format!("partner id {id}"), partner(id, "b@example.org"), Unique::PartnerId)?;
    }
    for (number, id) in ["Strase", "Straße.", "Straß", "Strässe"].into_iter().enumerate() {
        insert(store, partner(id, &format!("c{number}@example.org")))?;
    }
    Ok(())
}

pub(crate) fn an_email_is_unique_without_regard_to_case(store: &dyn Store) -> Verdict {
    let partner = |id: &str, email: &str| Partner { email: literal(email), ..samples::partner(id) };
    let first = partner("first", "Grüße@Example.org");
    insert(store, first.clone())?;
    for email in ["Grüße@Example.org", "GRÜSSE@EXAMPLE.ORG", "gru\u{308}sse@example.org"] {
        clash(store, &format!("email {email}"), partner("next", email), Unique::PartnerEmail)?;
    }
    insert(store, partner("second", "grusse@example.org"))?;
    let taken = partner("second", "grüsse@example.org").next();
    update_clash(store, "an update to an email that is taken", taken, Unique::PartnerEmail)?;
    // A deactivated partner keeps its email; its own email in another case is no clash.
    let gone = Partner { state: PartnerState::Deactivated, ..partner("first", "GRÜSSE@example.org") }.next();
    update(store, gone)?;
    let again = partner("third", "grüße@example.org");
    clash(store, "the email of a deactivated partner", again, Unique::PartnerEmail)
}

pub(crate) fn a_ca_certificate_is_unique_in_its_domain(store: &dyn Store) -> Verdict {
    base(store)?;
    let ca = |number, fingerprint| CaCertificate {
        fingerprint: samples::fingerprint(fingerprint),
        ..samples::ca_certificate(number)
    };
    clash(store, "the same certificate", ca(2, 1), Unique::CaFingerprint)?;
    insert(store, CaCertificate { domain: literal("DEVICE"), ..ca(3, 1) })?;
    insert(store, ca(4, 4))?;
    update_clash(store, "a change into the same certificate", ca(4, 1).next(), Unique::CaFingerprint)?;
    update(store, ca(1, 1).in_state(CaState::Distrusted).next())?;
    clash(store, "a distrusted certificate again", ca(5, 1), Unique::CaFingerprint)
}

pub(crate) fn a_group_name_is_unique_without_regard_to_case(store: &dyn Store) -> Verdict {
    insert(store, samples::policy_group(1, "Straße"))?;
    for name in ["Straße", "STRASSE", "strasse", "  straße "] {
        let group = samples::policy_group(2, name);
        clash(store, &format!("group {name}"), group, Unique::PolicyGroupName)?;
    }
    insert(store, samples::policy_group(2, "Strasse 2"))?;
    let taken = samples::policy_group(2, "STRASSE").next();
    update_clash(store, "an update to a name that is taken", taken, Unique::PolicyGroupName)?;
    let gone =
        PolicyGroup { state: PolicyGroupState::Deactivated, ..samples::policy_group(1, "STRASSE") }.next();
    update(store, gone)?;
    let again = samples::policy_group(3, "Straße");
    clash(store, "the name of a deactivated group", again, Unique::PolicyGroupName)
}

pub(crate) fn a_policy_name_is_unique_in_its_group_without_regard_to_case(store: &dyn Store) -> Verdict {
    base(store)?;
    insert(store, samples::policy(3, 1, "Straße"))?;
    for name in ["Straße", "STRASSE", "strasse"] {
        clash(store, &format!("policy {name}"), samples::policy(4, 1, name), Unique::PolicyName)?;
    }
    insert(store, samples::policy(4, 2, "STRASSE"))?;
    let moved = samples::policy(4, 1, "strasse").next();
    update_clash(store, "a move to a group where the name is taken", moved, Unique::PolicyName)?;
    insert(store, samples::policy(5, 1, "Strasse 5"))?;
    let renamed = samples::policy(5, 1, "Strasse").next();
    update_clash(store, "an update to a name that is taken", renamed, Unique::PolicyName)?;
    update(store, samples::policy(3, 1, "STRASSE").in_state(PolicyState::Deactivated).next())?;
    let again = samples::policy(6, 1, "Straße");
    clash(store, "the name of a deactivated policy", again, Unique::PolicyName)
}

pub(crate) fn a_partner_has_one_open_link_to_a_policy(store: &dyn Store) -> Verdict {
    base(store)?;
    let link = |number, partner, policy, state| samples::policy_link(number, partner, policy).in_state(state);
    let (pending, approved, rejected) =
        (PolicyLinkState::Pending, PolicyLinkState::Approved, PolicyLinkState::Rejected);
    for state in [pending, approved] {
        clash(store, "a second link", link(2, "one", 1, state), Unique::OpenPolicyLink)?;
    }
    insert(store, link(2, "two", 1, pending))?;
    insert(store, link(3, "one", 2, pending))?;
    insert(store, link(4, "one", 1, rejected))?;
    insert(store, link(5, "one", 1, rejected))?;
    let reopened = link(4, "one", 1, pending).next();
    update_clash(store, "a rejected link opened again beside another", reopened, Unique::OpenPolicyLink)?;
    let approval = link(1, "one", 1, approved).next();
    update(store, approval.clone())?;
    clash(store, "a second link beside an approved one", link(6, "one", 1, pending), Unique::OpenPolicyLink)?;
    update(store, approval.in_state(rejected).next())?;
    insert(store, link(6, "one", 1, pending))?;
    clash(store, "a second link after a rejection", link(7, "one", 1, approved), Unique::OpenPolicyLink)
}

pub(crate) fn a_digest_is_unique(store: &dyn Store) -> Verdict {
    base(store)?;
    let key = |number, digest| LicenseKeyRecord { digest, ..samples::license_key(number, "two") };
    let first = samples::digest(1);
    clash(store, "the same digest", key(2, first), Unique::LicenseKeyDigest)?;
    // Digests that agree in all octets but one.
    for (number, place) in [(2, 0), (3, 7), (4, 8), (5, 31)] {
        let mut octets = *first.as_bytes();
        octets[place] ^= 1;
        insert(store, key(number, LicenseKeyDigest::from_bytes(octets)))?;
    }
    update_clash(store, "a change into the same digest", key(2, first).next(), Unique::LicenseKeyDigest)?;
    let gone = samples::license_key(1, "one").in_state(LicenseKeyState::Deactivated);
    update(store, gone.next())?;
    clash(store, "the digest of a deactivated key", key(6, first), Unique::LicenseKeyDigest)
}

pub(crate) fn a_live_key_name_is_unique_for_its_partner_without_regard_to_case(store: &dyn Store) -> Verdict {
    base(store)?;
    let key = |number, partner, name| LicenseKeyRecord {
        name: literal(name),
        ..samples::license_key(number, partner)
    };
    let gone = |state, key: LicenseKeyRecord| key.in_state(state).next();
    insert(store, LicenseKeyRecord { expires_at: after(-1), ..key(2, "one", "Straße 1") })?;
    for name in ["Straße 1", "STRASSE 1", "straße   1"] {
        clash(store, &format!("key {name}"), key(3, "one", name), Unique::LicenseKeyName)?;
    }
    insert(store, key(3, "two", "STRASSE 1"))?;
    insert(store, key(4, "one", "Strasse"))?;
    let renamed = key(4, "one", "strasse 1").next();
    update_clash(store, "an update to a name that is taken", renamed, Unique::LicenseKeyName)?;
    for state in [LicenseKeyState::Deactivated, LicenseKeyState::Replaced] {
        let number = 10 + state as u32;
        insert(store, key(number, "one", "Strasse 1").in_state(state))?;
        let revived = key(number, "one", "Strasse 1").next();
        update_clash(store, &format!("a {state} key made active again"), revived, Unique::LicenseKeyName)?;
    }
    // The name is free once its key is deactivated, and once its key is replaced.
    update(store, gone(LicenseKeyState::Deactivated, key(2, "one", "Straße 1")))?;
    insert(store, key(5, "one", "Strasse 1"))?;
    update(store, gone(LicenseKeyState::Replaced, key(5, "one", "Strasse 1")))?;
    insert(store, key(6, "one", "STRASSE 1"))?;
    clash(store, "the name taken again", key(7, "one", "straße 1"), Unique::LicenseKeyName)
}

pub(crate) fn what_a_change_set_frees_it_may_take(store: &dyn Store) -> Verdict {
    base(store)?;
    // The two partners exchange their emails by way of a third, and a new one takes what became free.
    let partner = |id: &str, email: &str| Partner { email: literal(email), ..samples::partner(id) };
    let mut changes = ChangeSet::new();
    changes.update(partner("one", "spare@example.org").next());
    changes.update(partner("two", "ONE@example.org").next());
    changes.update(partner("one", "Two@example.org").next().next());
    changes.insert(partner("three", "spare@example.org"));
    // The names of a group, of a policy and of a live key, and an open link, likewise.
    changes.update(samples::policy_group(1, "Renamed").next()).insert(samples::policy_group(3, "GROUP 1"));
    changes.update(samples::policy(1, 1, "Renamed").next()).insert(samples::policy(3, 1, "POLICY 1"));
    let replaced =
        LicenseKeyRecord { replaced_by: Some(samples::license_key_id(2)), ..samples::license_key(1, "one") }
            .in_state(LicenseKeyState::Replaced);
    changes.update(replaced.next());
    changes.insert(LicenseKeyRecord {
        name: literal("KEY 1"),
        replaces: Some(samples::license_key_id(1)),
        ..samples::license_key(2, "one")
    });
    let rejected = samples::policy_link(1, "one", 1).in_state(PolicyLinkState::Rejected);
    changes.update(rejected.next()).insert(samples::policy_link(2, "one", 1));
    store.commit(&changes)?;
    for (email, id) in
        [("one@example.org", "two"), ("two@example.org", "one"), ("spare@example.org", "three")]
    {
        equal(email, store.partner_id_by_email(&literal(email))?, Some(partner_id(id)))?;
    }
    let group = store.policy_group_named(&literal("Group 1"))?;
    equal("the group of the freed name", group, Some(samples::policy_group_id(3)))?;
    let policy = store.policy_named(samples::policy_group_id(1), &literal("Policy 1"))?;
    equal("the policy of the freed name", policy, Some(samples::policy_id(3)))?;
    let key = store.live_license_key_named(&partner_id("one"), &literal("key 1"))?;
    equal("the key of the freed name", key, Some(samples::license_key_id(2)))?;
    let link = store.open_policy_link(&partner_id("one"), samples::policy_id(1))?;
    equal("the open link", link.map(|link| link.id), Some(samples::policy_link_id(2)))
}

pub(crate) fn what_a_change_set_takes_before_it_frees_it_is_a_duplicate(store: &dyn Store) -> Verdict {
    base(store)?;
    let too_early = |changes: &ChangeSet, unique: Unique| -> Verdict {
        let before = Snapshot::take(store)?;
        duplicate(format_args!("{unique} taken too early"), store.commit(changes), unique)?;
        equal(format_args!("what the store holds after {unique}"), Snapshot::take(store)?, before)
    };
    let partner = |id: &str, email: &str| Partner { email: literal(email), ..samples::partner(id) };
    let mut changes = ChangeSet::new();
    changes.insert(partner("three", "one@example.org")).update(partner("one", "new@example.org").next());
    too_early(&changes, Unique::PartnerEmail)?;
    let mut changes = ChangeSet::new();
    changes.insert(samples::policy_group(3, "Group 1")).update(samples::policy_group(1, "Renamed").next());
    too_early(&changes, Unique::PolicyGroupName)?;
    let mut changes = ChangeSet::new();
    changes.insert(samples::policy(3, 1, "Policy 1")).update(samples::policy(1, 1, "Renamed").next());
    too_early(&changes, Unique::PolicyName)?;
    let gone = samples::license_key(1, "one").in_state(LicenseKeyState::Deactivated);
    let same_name = LicenseKeyRecord { name: literal("key 1"), ..samples::license_key(2, "one") };
    let mut changes = ChangeSet::new();
    changes.insert(same_name).update(gone.next());
    too_early(&changes, Unique::LicenseKeyName)?;
    let rejected = samples::policy_link(1, "one", 1).in_state(PolicyLinkState::Rejected);
    let mut changes = ChangeSet::new();
    changes.insert(samples::policy_link(2, "one", 1)).update(rejected.next());
    too_early(&changes, Unique::OpenPolicyLink)?;
    // Two of one change set clash with each other as well.
    let mut changes = ChangeSet::new();
    changes.insert(samples::policy_group(3, "Twice")).insert(samples::policy_group(4, "TWICE"));
    too_early(&changes, Unique::PolicyGroupName)
}
