//! The one read of every request tells the state of everything it rests on, as it is now.

use misp_onboarding::Timestamp;
use misp_onboarding::id::Version;
use misp_onboarding::license_key::{
    AuthenticationFacts, AuthenticationPolicy, AuthenticationRecord, LicenseKeyDigest, LicenseKeyRecord,
    LicenseKeyState,
};
use misp_onboarding::partner::{Partner, PartnerState};
use misp_onboarding::policy::{Policy, PolicyGroup, PolicyGroupState, PolicyState};
use misp_onboarding::policy_link::{PolicyLink, PolicyLinkState};
use misp_onboarding::store::{ChangeSet, RecordId, Store};

use crate::conformance::check::{Failure, Verdict, equal, holds};
use crate::conformance::samples::{self, InState, Successor, after, literal, partner_id};
use crate::conformance::world::World;

fn found(store: &dyn Store, digest: LicenseKeyDigest) -> Result<Option<AuthenticationRecord>, Failure> {
    let found = store.find_by_digest(&digest)?.map(|record| (*record).clone());
    let mut shown = Vec::new();
    store.show_by_digest(&digest, &mut |facts| shown.push(facts.map(AuthenticationFacts::to_record)))?;
    equal("what is shown, and how often", &shown, &vec![found.clone()])?;
    Ok(found)
}

/// What must be found for a key, from the records themselves.
fn answer(
    key: &LicenseKeyRecord,
    partner: &Partner,
    policy: Option<AuthenticationPolicy>,
) -> AuthenticationRecord {
    AuthenticationRecord {
        key_id: key.id,
        digest: key.digest,
        name: key.name.clone(),
        state: key.state,
        expires_at: key.expires_at,
        overlap_ends_at: key.overlap_ends_at,
        partner: partner.id.clone(),
        organization: partner.organization.clone(),
        partner_state: partner.state,
        policy,
    }
}

fn policy_answer(policy: &Policy, group: &PolicyGroup, link_approved: bool) -> AuthenticationPolicy {
    AuthenticationPolicy {
        id: policy.id,
        permissions: policy.document.permissions(),
        state: policy.state,
        valid_until: policy.valid_until,
        group_state: group.state,
        link_approved,
    }
}

/// What must be found for a key of a world.
pub(super) fn expected_for(world: &World, key: &LicenseKeyRecord) -> Option<AuthenticationRecord> {
    let partner = world.partners.iter().find(|partner| partner.id == key.partner)?;
    let policy = world.policies.iter().find(|policy| Some(policy.id) == key.policy);
    let policy = policy.and_then(|policy| {
        let group = world.groups.iter().find(|group| group.id == policy.group)?;
        let link_approved = world.links.iter().any(|link| {
            link.partner == key.partner && link.policy == policy.id && link.state == PolicyLinkState::Approved
        });
        Some(policy_answer(policy, group, link_approved))
    });
    Some(answer(key, partner, policy))
}

pub(crate) fn a_key_without_a_policy_is_found_by_its_digest(store: &dyn Store) -> Verdict {
    let partner = Partner { organization: literal("Ünï 日本"), ..samples::partner("one") };
    let mut key = LicenseKeyRecord {
        expires_at: Timestamp::from_unix_micros(1_768_478_400_000_001),
        ..samples::license_key(1, "one")
    };
    store.commit(ChangeSet::new().insert(partner.clone()).insert(key.clone()))?;
    equal("the key", found(store, key.digest)?, Some(answer(&key, &partner, None)))?;
    for place in [0, 7, 8, 31] {
        let mut octets = *key.digest.as_bytes();
        octets[place] ^= 0x80;
        let other = LicenseKeyDigest::from_bytes(octets);
        equal(format_args!("a digest that differs in octet {place}"), found(store, other)?, None)?;
    }
    for state in [LicenseKeyState::Replaced, LicenseKeyState::Deactivated, LicenseKeyState::Active] {
        let overlap = (state == LicenseKeyState::Replaced).then(|| after(60));
        key = LicenseKeyRecord { overlap_ends_at: overlap, ..key }.in_state(state).next();
        store.commit(ChangeSet::new().update(key.clone()))?;
        equal(
            format_args!("the {state} key"),
            found(store, key.digest)?,
            Some(answer(&key, &partner, None)),
        )?;
    }
    let former = key.digest;
    key = LicenseKeyRecord { digest: samples::digest(2), name: literal("renamed"), ..key }.next();
    store.commit(ChangeSet::new().update(key.clone()))?;
    equal("the former digest", found(store, former)?, None)?;
    equal("the new digest", found(store, key.digest)?, Some(answer(&key, &partner, None)))
}

pub(crate) fn what_is_found_by_a_digest_follows_the_partner(store: &dyn Store) -> Verdict {
    let mut partner = samples::partner("one");
    let certificate = samples::partner_certificate(1, "one");
    let other = samples::partner("two");
    let (key, of_other) = (samples::license_key(1, "one"), samples::license_key(2, "two"));
    let mut changes = ChangeSet::new();
    changes.insert(partner.clone()).insert(other.clone()).insert(key.clone()).insert(of_other.clone());
    changes.insert(certificate.clone());
    store.commit(&changes)?;
    for state in [PartnerState::Active, PartnerState::Deactivated, PartnerState::Inactive] {
        let current = (state != PartnerState::Inactive).then_some(certificate.id);
        partner = Partner { state, certificate: current, ..partner }.next();
        store.commit(ChangeSet::new().update(partner.clone()))?;
        let what = format!("a key of the {state} partner");
        equal(what, found(store, key.digest)?, Some(answer(&key, &partner, None)))?;
    }
    partner = Partner { organization: literal("Renamed"), ..partner }.next();
    store.commit(ChangeSet::new().update(partner.clone()))?;
    let renamed = answer(&key, &partner, None);
    equal("a key of the renamed partner", found(store, key.digest)?, Some(renamed))?;
    let untouched = answer(&of_other, &other, None);
    equal("a key of the other partner", found(store, of_other.digest)?, Some(untouched))?;
    // The key moves to the other partner.
    let moved = LicenseKeyRecord { partner: partner_id("two"), ..key }.next();
    store.commit(ChangeSet::new().update(moved.clone()))?;
    equal("a key that moved", found(store, moved.digest)?, Some(answer(&moved, &other, None)))
}

pub(crate) fn what_is_found_by_a_digest_follows_the_policy_and_its_group(store: &dyn Store) -> Verdict {
    let partner = samples::partner("one");
    let (mut group, other_group) = (samples::policy_group(1, "Group 1"), samples::policy_group(2, "Group 2"));
    let mut policy = samples::policy(1, 1, "Policy 1");
    let mut other = samples::policy(2, 2, "Policy 2").in_state(PolicyState::Draft);
    let key = |number, policy| LicenseKeyRecord {
        policy: Some(samples::policy_id(policy)),
        ..samples::license_key(number, "one")
    };
    let (mut first, second) = (key(1, 1), key(2, 2));
    let mut changes = ChangeSet::new();
    changes.insert(partner.clone()).insert(group.clone()).insert(other_group.clone());
    changes.insert(policy.clone()).insert(other.clone()).insert(first.clone()).insert(second.clone());
    store.commit(&changes)?;
    let check = |what: &str, key: &LicenseKeyRecord, policy: &Policy, group: &PolicyGroup| {
        let wanted = answer(key, &partner, Some(policy_answer(policy, group, false)));
        equal(what, found(store, key.digest)?, Some(wanted))
    };
    check("a key with a policy", &first, &policy, &group)?;
    check("a key with a draft", &second, &other, &other_group)?;
    let documents = [
        r#"{"allowAuthRequestDelegation":false,"allowKycRequestDelegation":true}"#,
        r#"{"allowAuthRequestDelegation":false,"allowKycRequestDelegation":false,"trustBindedAuthVerificationToken":true}"#,
        r#"{"allowAuthRequestDelegation":false,"allowKycRequestDelegation":false,"allowKeyBindingDelegation":true}"#,
    ];
    for document in documents {
        policy = Policy { document: literal(document), ..policy }.next();
        store.commit(ChangeSet::new().update(policy.clone()))?;
        check("a key with an edited policy", &first, &policy, &group)?;
    }
    for state in [PolicyState::Deactivated, PolicyState::Draft, PolicyState::Active] {
        policy = Policy { valid_until: Some(after(state as i64)), ..policy }.in_state(state).next();
        store.commit(ChangeSet::new().update(policy.clone()))?;
        check(&format!("a key with a {state} policy"), &first, &policy, &group)?;
    }
    policy = Policy { valid_until: None, ..policy }.next();
    other = Policy { valid_until: Some(Timestamp::MAX), ..other }.in_state(PolicyState::Active).next();
    store.commit(ChangeSet::new().update(policy.clone()).update(other.clone()))?;
    check("a key with a policy without an end", &first, &policy, &group)?;
    check("a key with a policy just published", &second, &other, &other_group)?;
    for state in [PolicyGroupState::Deactivated, PolicyGroupState::Active, PolicyGroupState::Deactivated] {
        group = PolicyGroup { state, ..group }.next();
        store.commit(ChangeSet::new().update(group.clone()))?;
        check(&format!("a key in a {state} group"), &first, &policy, &group)?;
        check("a key in the other group", &second, &other, &other_group)?;
    }
    policy = Policy { group: other_group.id, ..policy }.next();
    store.commit(ChangeSet::new().update(policy.clone()))?;
    check("a key whose policy moved to the other group", &first, &policy, &other_group)?;
    first = LicenseKeyRecord { policy: Some(other.id), ..first }.next();
    store.commit(ChangeSet::new().update(first.clone()))?;
    check("a key that was given the other policy", &first, &other, &other_group)?;
    first = LicenseKeyRecord { policy: None, ..first }.next();
    store.commit(ChangeSet::new().update(first.clone()))?;
    equal("a key whose policy was taken", found(store, first.digest)?, Some(answer(&first, &partner, None)))
}

pub(crate) fn what_is_found_by_a_digest_follows_the_link_of_partner_and_policy(store: &dyn Store) -> Verdict {
    let mut changes = ChangeSet::new();
    changes.insert(samples::policy_group(1, "Group 1"));
    changes.insert(samples::policy(1, 1, "Policy 1")).insert(samples::policy(2, 1, "Policy 2"));
    changes.insert(samples::partner("one")).insert(samples::partner("two"));
    let key = |number, partner, policy| LicenseKeyRecord {
        policy: Some(samples::policy_id(policy)),
        ..samples::license_key(number, partner)
    };
    for key in [key(1, "one", 1), key(2, "one", 2), key(3, "two", 1)] {
        changes.insert(key);
    }
    store.commit(&changes)?;
    let approved = |number: u32| -> Result<Option<bool>, Failure> {
        let record = found(store, samples::digest(number))?;
        Ok(record.and_then(|record| record.policy).map(|policy| policy.link_approved))
    };
    // Key 1 alone follows the link of its partner to its policy.
    let check = |what: &str, wanted: bool| {
        equal(what, approved(1)?, Some(wanted))?;
        equal(format_args!("{what}: the key of another policy"), approved(2)?, Some(false))?;
        equal(format_args!("{what}: the key of another partner"), approved(3)?, Some(false))
    };
    let link = |number, state| samples::policy_link(number, "one", 1).in_state(state);
    check("no link", false)?;
    store.commit(ChangeSet::new().insert(link(9, PolicyLinkState::Rejected)))?;
    check("a rejected link", false)?;
    store.commit(ChangeSet::new().insert(link(5, PolicyLinkState::Pending)))?;
    check("a pending link", false)?;
    store.commit(ChangeSet::new().update(link(5, PolicyLinkState::Approved).next()))?;
    check("an approved link", true)?;
    store.commit(ChangeSet::new().insert(link(1, PolicyLinkState::Rejected)))?;
    check("an approved link beside an older and a newer rejected one", true)?;
    store.commit(ChangeSet::new().update(link(5, PolicyLinkState::Rejected).next().next()))?;
    check("a link rejected after all", false)?;
    store.commit(ChangeSet::new().insert(link(6, PolicyLinkState::Approved)))?;
    check("a link approved at once", true)?;
    // The link moves to the other policy: now key 2 alone follows it.
    let moved = PolicyLink { policy: samples::policy_id(2), ..link(6, PolicyLinkState::Approved) }.next();
    store.commit(ChangeSet::new().update(moved))?;
    equal("a link that moved: key 1", approved(1)?, Some(false))?;
    equal("a link that moved: key 2", approved(2)?, Some(true))
}

pub(crate) fn what_a_refused_change_set_said_is_not_found_by_a_digest(store: &dyn Store) -> Verdict {
    let (mut group, mut other_group) =
        (samples::policy_group(1, "Group 1"), samples::policy_group(2, "Group 2"));
    let policy = samples::policy(1, 1, "Policy 1");
    let partner = samples::partner("one");
    let key = LicenseKeyRecord { policy: Some(policy.id), ..samples::license_key(1, "one") };
    let refuse = |mut changes: ChangeSet| {
        changes.expect(RecordId::Partner(partner_id("nobody")), Version::FIRST);
        holds("a change set that expects what is not there is refused", store.commit(&changes).is_err())
    };
    // The same ids as later, and other facts.
    let mut changes = ChangeSet::new();
    changes.insert(group.clone()).insert(other_group.clone());
    changes.insert(Policy { group: other_group.id, ..policy.clone() }.in_state(PolicyState::Draft));
    changes.insert(Partner { organization: literal("Refused"), ..partner.clone() }).insert(key.clone());
    refuse(changes)?;
    equal("a key that was refused", found(store, key.digest)?, None)?;

    let mut changes = ChangeSet::new();
    changes.insert(group.clone()).insert(other_group.clone()).insert(policy.clone());
    changes.insert(partner.clone()).insert(key.clone());
    store.commit(&changes)?;
    let check = |what: &str, group: &PolicyGroup| {
        let wanted = answer(&key, &partner, Some(policy_answer(&policy, group, false)));
        equal(what, found(store, key.digest)?, Some(wanted))
    };
    check("a key after it was refused with other facts", &group)?;

    let mut changes = ChangeSet::new();
    changes.update(PolicyGroup { state: PolicyGroupState::Deactivated, ..group.clone() }.next());
    changes.update(Policy { group: other_group.id, ..policy.clone() }.in_state(PolicyState::Draft).next());
    changes.update(Partner { organization: literal("Refused"), ..partner.clone() }.next());
    changes.insert(samples::policy_link(1, "one", 1).in_state(PolicyLinkState::Approved));
    changes.update(LicenseKeyRecord { policy: None, ..key.clone() }.next());
    refuse(changes)?;
    check("a key after everything around it was refused a change", &group)?;
    other_group = PolicyGroup { state: PolicyGroupState::Deactivated, ..other_group }.next();
    store.commit(ChangeSet::new().update(other_group))?;
    check("a key after a change of the group that its policy was not moved to", &group)?;
    group = PolicyGroup { state: PolicyGroupState::Deactivated, ..group }.next();
    store.commit(ChangeSet::new().update(group.clone()))?;
    check("a key after a change of the group that its policy stayed in", &group)
}

pub(crate) fn what_is_found_by_a_digest_is_put_together_of_one_commit(store: &dyn Store) -> Verdict {
    // Everything in one change set, parents changed after the key that rests on them.
    let (group, policy) = (samples::policy_group(1, "Group 1"), samples::policy(1, 1, "Policy 1"));
    let partner = samples::partner("one");
    let key = LicenseKeyRecord { policy: Some(policy.id), ..samples::license_key(1, "one") };
    let mut changes = ChangeSet::new();
    changes.insert(group.clone()).insert(policy.clone()).insert(partner.clone()).insert(key.clone());
    changes.insert(samples::policy_link(1, "one", 1).in_state(PolicyLinkState::Approved));
    let group = PolicyGroup { state: PolicyGroupState::Deactivated, ..group }.next();
    let policy = Policy { valid_until: Some(after(5)), ..policy }.next();
    let certificate = samples::partner_certificate(1, "one");
    let partner =
        Partner { state: PartnerState::Active, certificate: Some(certificate.id), ..partner }.next();
    changes.insert(certificate);
    changes.update(group.clone()).update(policy.clone()).update(partner.clone());
    store.commit(&changes)?;
    let wanted = answer(&key, &partner, Some(policy_answer(&policy, &group, true)));
    equal("the key", found(store, key.digest)?, Some(wanted))
}
