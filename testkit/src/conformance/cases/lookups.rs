//! What lookups find, and what they do not.

use misp_onboarding::license_key::{LicenseKeyRecord, LicenseKeyState};
use misp_onboarding::partner::Partner;
use misp_onboarding::policy::PolicyState;
use misp_onboarding::policy_link::{PolicyLink, PolicyLinkState};
use misp_onboarding::store::{ChangeSet, LinkCounts, PolicyCounts, RecordId, Store};
use misp_onboarding::trust_store::{CaCertificate, TrustDomain};

use crate::conformance::check::{Verdict, equal};
use crate::conformance::samples::{self, InState, Successor, after, literal, partner_id};
use crate::conformance::snapshot::{events, stored};

pub(crate) fn an_empty_store_finds_nothing(store: &dyn Store) -> Verdict {
    for id in [
        RecordId::TrustDomain(TrustDomain::auth()),
        RecordId::CaCertificate(samples::ca_certificate_id(1)),
        RecordId::Partner(partner_id("acme")),
        RecordId::PartnerCertificate(samples::partner_certificate_id(1)),
        RecordId::PolicyGroup(samples::policy_group_id(1)),
        RecordId::Policy(samples::policy_id(1)),
        RecordId::PolicyLink(samples::policy_link_id(1)),
        RecordId::LicenseKey(samples::license_key_id(1)),
    ] {
        equal(&id, stored(store, &id)?, None)?;
    }
    let acme = partner_id("acme");
    equal("by id without case", store.partner_id_like(&acme)?, None)?;
    equal("by email", store.partner_id_by_email(&literal("acme@example.org"))?, None)?;
    equal("CA certificates", store.ca_certificates(&TrustDomain::auth())?, Vec::new())?;
    equal("certificates of a partner", store.partner_certificates(&acme)?, Vec::new())?;
    let relying = store.partners_relying_on(&TrustDomain::auth(), &samples::fingerprint(1))?;
    equal("relying partners", relying, Vec::new())?;
    equal("by group name", store.policy_group_named(&literal("Group"))?, None)?;
    equal("by policy name", store.policy_named(samples::policy_group_id(1), &literal("Policy"))?, None)?;
    let counts = store.policy_counts(samples::policy_group_id(1))?;
    equal("policies of a group", counts, PolicyCounts::default())?;
    equal("open link", store.open_policy_link(&acme, samples::policy_id(1))?, None)?;
    equal("pending links", store.pending_policy_links(&acme)?, Vec::new())?;
    equal("links of a policy", store.link_counts(samples::policy_id(1))?, LinkCounts::default())?;
    equal("by digest", store.find_by_digest(&samples::digest(1))?, None)?;
    equal("by key name", store.live_license_key_named(&acme, &literal("key 1"))?, None)?;
    equal("keys to deactivate", store.license_keys_to_deactivate(&acme)?, Vec::new())?;
    equal("events", events(store)?, Vec::new())
}

pub(crate) fn partners_are_found_without_regard_to_case(store: &dyn Store) -> Verdict {
    let mut changes = ChangeSet::new();
    for (id, email) in [("Straße.1", "Müller@Example.org"), ("straße.10", "muller@example.org")] {
        let partner = Partner { id: partner_id(id), email: literal(email), ..samples::partner("p") };
        changes.insert(partner);
    }
    store.commit(&changes)?;
    for (asked, found) in [
        ("Straße.1", Some("Straße.1")),
        ("STRASSE.1", Some("Straße.1")),
        ("strasse.10", Some("straße.10")),
        ("Strase.1", None),
        ("Straße.", None),
        ("Straße.100", None),
        ("Straße_1", None),
    ] {
        let wanted = found.map(partner_id);
        equal(format_args!("id like {asked}"), store.partner_id_like(&partner_id(asked))?, wanted)?;
    }
    equal("only the very id", store.partner(&partner_id("STRASSE.1"))?, None)?;
    for (asked, found) in [
        ("MÜLLER@example.ORG", Some("Straße.1")),
        ("mu\u{308}ller@example.org", Some("Straße.1")),
        ("Muller@Example.org", Some("straße.10")),
        ("m_ller@example.org", None),
        ("muller@example.or", None),
    ] {
        let wanted = found.map(partner_id);
        equal(format_args!("email {asked}"), store.partner_id_by_email(&literal(asked))?, wanted)?;
    }
    Ok(())
}

pub(crate) fn a_changed_email_is_found_and_the_former_one_is_not(store: &dyn Store) -> Verdict {
    let partner = samples::partner("acme");
    store.commit(ChangeSet::new().insert(partner.clone()))?;
    let changed = Partner { email: literal("new@example.org"), ..partner.clone() }.next();
    store.commit(ChangeSet::new().update(changed.clone()))?;
    equal("the former email", store.partner_id_by_email(&partner.email)?, None)?;
    equal("the new email", store.partner_id_by_email(&changed.email)?, Some(partner.id))
}

pub(crate) fn groups_and_policies_are_found_by_name_without_regard_to_case(store: &dyn Store) -> Verdict {
    let mut changes = ChangeSet::new();
    changes.insert(samples::policy_group(1, "Große Gruppe")).insert(samples::policy_group(2, "ΣΊΣΥΦΟΣ"));
    changes.insert(samples::policy(1, 1, "Prüfung")).insert(samples::policy(2, 2, "prüfung"));
    changes.insert(samples::policy(3, 1, "100%"));
    store.commit(&changes)?;
    for (asked, found) in [
        ("GROSSE GRUPPE", Some(1)),
        ("große gruppe", Some(1)),
        ("σίσυφος", Some(2)),
        ("Große", None),
        ("Große%", None),
        ("Große_Gruppe", None),
    ] {
        let wanted = found.map(samples::policy_group_id);
        equal(format_args!("group {asked}"), store.policy_group_named(&literal(asked))?, wanted)?;
    }
    for (group, asked, found) in [
        (1, "PRU\u{308}FUNG", Some(1)),
        (2, "Prüfung", Some(2)),
        (1, "100%", Some(3)),
        (2, "100%", None),
        (3, "Prüfung", None),
        (1, "1000", None),
    ] {
        let found_now = store.policy_named(samples::policy_group_id(group), &literal(asked))?;
        equal(format_args!("policy {asked} of group {group}"), found_now, found.map(samples::policy_id))?;
    }
    Ok(())
}

pub(crate) fn policies_of_a_group_are_counted_by_state(store: &dyn Store) -> Verdict {
    let mut changes = ChangeSet::new();
    changes.insert(samples::policy_group(1, "Group 1")).insert(samples::policy_group(2, "Group 2"));
    for (number, state) in [
        (1, PolicyState::Draft),
        (2, PolicyState::Draft),
        (3, PolicyState::Draft),
        (4, PolicyState::Active),
        (5, PolicyState::Active),
        (6, PolicyState::Deactivated),
    ] {
        changes.insert(samples::policy(number, 1, &format!("Policy {number}")).in_state(state));
    }
    let elsewhere = samples::policy(7, 2, "Policy 1").in_state(PolicyState::Active);
    changes.insert(elsewhere.clone());
    store.commit(&changes)?;
    let counts = |group| store.policy_counts(samples::policy_group_id(group));
    equal("group 1", counts(1)?, PolicyCounts { draft: 3, active: 2 })?;
    equal("group 2", counts(2)?, PolicyCounts { draft: 0, active: 1 })?;
    equal("a group not there", counts(3)?, PolicyCounts::default())?;
    let published = samples::policy(1, 1, "Policy 1").in_state(PolicyState::Active);
    let ended = elsewhere.in_state(PolicyState::Deactivated);
    store.commit(ChangeSet::new().update(published.next()).update(ended.next()))?;
    equal("group 1 after one was published", counts(1)?, PolicyCounts { draft: 2, active: 3 })?;
    equal("group 2 after its only one ended", counts(2)?, PolicyCounts::default())
}

/// Two partners and three links each: pending, approved and rejected.
fn links(store: &dyn Store) -> Result<Vec<PolicyLink>, crate::conformance::Failure> {
    let mut changes = ChangeSet::new();
    changes.insert(samples::policy_group(1, "Group 1"));
    for policy in 1..=4 {
        changes.insert(samples::policy(policy, 1, &format!("Policy {policy}")));
    }
    changes.insert(samples::partner("one")).insert(samples::partner("two"));
    let links: Vec<PolicyLink> = [
        (6, "one", 1, PolicyLinkState::Pending),
        (5, "one", 2, PolicyLinkState::Approved),
        (4, "one", 3, PolicyLinkState::Rejected),
        (3, "one", 4, PolicyLinkState::Pending),
        (2, "two", 1, PolicyLinkState::Pending),
        (1, "two", 2, PolicyLinkState::Rejected),
    ]
    .into_iter()
    .map(|(number, partner, policy, state)| samples::policy_link(number, partner, policy).in_state(state))
    .collect();
    for link in &links {
        changes.insert(link.clone());
    }
    store.commit(&changes)?;
    Ok(links)
}

pub(crate) fn the_open_link_is_the_pending_or_approved_one(store: &dyn Store) -> Verdict {
    let links = links(store)?;
    for link in &links {
        let open = link.state != PolicyLinkState::Rejected;
        let found = store.open_policy_link(&link.partner, link.policy)?;
        equal(format_args!("link {}", link.id), found, open.then(|| link.clone()))?;
    }
    equal("no link", store.open_policy_link(&partner_id("two"), samples::policy_id(3))?, None)?;
    // A new request after the rejection, then its approval, then a rejection again.
    let request = samples::policy_link(7, "one", 3);
    store.commit(ChangeSet::new().insert(request.clone()))?;
    let open = || store.open_policy_link(&request.partner, request.policy);
    equal("requested again", open()?, Some(request.clone()))?;
    let approved = request.clone().in_state(PolicyLinkState::Approved).next();
    store.commit(ChangeSet::new().update(approved.clone()))?;
    equal("approved", open()?, Some(approved.clone()))?;
    let rejected = approved.in_state(PolicyLinkState::Rejected).next();
    store.commit(ChangeSet::new().update(rejected))?;
    equal("rejected", open()?, None)
}

pub(crate) fn pending_links_of_a_partner_come_by_id(store: &dyn Store) -> Verdict {
    let links = links(store)?;
    let pending = |partner: &str| store.pending_policy_links(&partner_id(partner));
    equal("of one", pending("one")?, vec![links[3].clone(), links[0].clone()])?;
    equal("of two", pending("two")?, vec![links[4].clone()])?;
    let decided = links[3].clone().in_state(PolicyLinkState::Approved).next();
    store.commit(ChangeSet::new().update(decided))?;
    equal("of one, after an approval", pending("one")?, vec![links[0].clone()])
}

pub(crate) fn links_to_a_policy_are_counted_by_state(store: &dyn Store) -> Verdict {
    let links = links(store)?;
    let counts = |policy| store.link_counts(samples::policy_id(policy));
    for (policy, pending, approved) in [(1, 2, 0), (2, 0, 1), (3, 0, 0), (4, 1, 0), (5, 0, 0)] {
        equal(format_args!("policy {policy}"), counts(policy)?, LinkCounts { pending, approved })?;
    }
    let approved = links[0].clone().in_state(PolicyLinkState::Approved).next();
    let rejected = links[4].clone().in_state(PolicyLinkState::Rejected).next();
    store.commit(ChangeSet::new().update(approved).update(rejected))?;
    equal("policy 1 after both were decided", counts(1)?, LinkCounts { pending: 0, approved: 1 })
}

pub(crate) fn live_keys_are_found_by_name_and_partner(store: &dyn Store) -> Verdict {
    let mut changes = ChangeSet::new();
    changes.insert(samples::partner("one")).insert(samples::partner("two"));
    let key = |number, partner, name, state| {
        LicenseKeyRecord { name: literal(name), ..samples::license_key(number, partner) }.in_state(state)
    };
    let live = key(1, "one", "Größe 1", LicenseKeyState::Active);
    changes.insert(live.clone());
    changes.insert(key(2, "one", "gone", LicenseKeyState::Deactivated));
    changes.insert(key(3, "one", "rolled", LicenseKeyState::Replaced));
    changes.insert(LicenseKeyRecord {
        expires_at: after(-1),
        ..key(4, "one", "expired", LicenseKeyState::Active)
    });
    changes.insert(key(5, "two", "grösse 1", LicenseKeyState::Active));
    changes.insert(key(6, "two", "Größe 10", LicenseKeyState::Active));
    store.commit(&changes)?;
    for (partner, name, found) in [
        ("one", "GRÖSSE 1", Some(1)),
        ("two", "Größe 1", Some(5)),
        ("one", "gone", None),
        ("one", "rolled", None),
        ("one", "Expired", Some(4)),
        ("two", "gro%1", None),
        ("two", "Größe", None),
        ("three", "Größe 1", None),
    ] {
        let key = store.live_license_key_named(&partner_id(partner), &literal(name))?;
        equal(format_args!("{name} of {partner}"), key, found.map(samples::license_key_id))?;
    }
    let ended = live.in_state(LicenseKeyState::Deactivated).next();
    store.commit(ChangeSet::new().update(ended))?;
    let key = store.live_license_key_named(&partner_id("one"), &literal("Größe 1"))?;
    equal("a key that was deactivated", key, None)
}

pub(crate) fn keys_to_deactivate_are_those_that_are_not_yet(store: &dyn Store) -> Verdict {
    let mut changes = ChangeSet::new();
    changes.insert(samples::partner("one")).insert(samples::partner("two"));
    let keys: Vec<LicenseKeyRecord> = [
        (5, "one", LicenseKeyState::Active),
        (1, "one", LicenseKeyState::Replaced),
        (3, "one", LicenseKeyState::Deactivated),
        (2, "one", LicenseKeyState::Active),
        (4, "two", LicenseKeyState::Active),
    ]
    .into_iter()
    .map(|(number, partner, state)| {
        LicenseKeyRecord { expires_at: after(i64::from(number) - 3), ..samples::license_key(number, partner) }
            .in_state(state)
    })
    .collect();
    for key in &keys {
        changes.insert(key.clone());
    }
    store.commit(&changes)?;
    let left = |partner: &str| store.license_keys_to_deactivate(&partner_id(partner));
    equal("of one", left("one")?, vec![keys[1].clone(), keys[3].clone(), keys[0].clone()])?;
    equal("of two", left("two")?, vec![keys[4].clone()])?;
    let ended = keys[3].clone().in_state(LicenseKeyState::Deactivated).next();
    store.commit(ChangeSet::new().update(ended))?;
    equal("of one, after one was", left("one")?, vec![keys[1].clone(), keys[0].clone()])
}

pub(crate) fn ca_certificates_of_a_domain_come_oldest_first(store: &dyn Store) -> Verdict {
    let mut changes = ChangeSet::new();
    changes.insert(samples::trust_domain("AUTH")).insert(samples::trust_domain("DEVICE"));
    let cas: Vec<CaCertificate> = [(1, 20), (2, 10), (4, 10), (3, 10), (5, -5_000_000_000), (6, 0)]
        .into_iter()
        .map(|(number, seconds)| CaCertificate {
            uploaded_at: after(seconds),
            ..samples::ca_certificate(number)
        })
        .collect();
    for ca in &cas {
        changes.insert(ca.clone());
    }
    let elsewhere = CaCertificate { domain: literal("DEVICE"), ..samples::ca_certificate(7) };
    changes.insert(elsewhere.clone());
    store.commit(&changes)?;
    let ordered: Vec<CaCertificate> = [4, 5, 1, 3, 2, 0].iter().map(|index| cas[*index].clone()).collect();
    equal("AUTH", store.ca_certificates(&TrustDomain::auth())?, ordered)?;
    equal("DEVICE", store.ca_certificates(&literal("DEVICE"))?, vec![elsewhere])?;
    equal("FTM", store.ca_certificates(&literal("FTM"))?, Vec::new())
}

pub(crate) fn certificates_of_a_partner_come_newest_first(store: &dyn Store) -> Verdict {
    let mut changes = ChangeSet::new();
    changes.insert(samples::partner("one")).insert(samples::partner("two"));
    let mut certificates = Vec::new();
    for (number, seconds) in [(1, 20), (2, 10), (4, 10), (3, 10), (5, -5_000_000_000)] {
        let mut certificate = samples::partner_certificate(number, "one");
        certificate.uploaded_at = after(seconds);
        // All but the newest were replaced.
        certificate.replaced_at = (number != 1).then(|| after(20));
        certificates.push(certificate.clone());
        changes.insert(certificate);
    }
    let elsewhere = samples::partner_certificate(6, "two");
    changes.insert(elsewhere.clone());
    store.commit(&changes)?;
    let ordered: Vec<_> = [0, 2, 3, 1, 4].iter().map(|index| certificates[*index].clone()).collect();
    equal("of one", store.partner_certificates(&partner_id("one"))?, ordered)?;
    equal("of two", store.partner_certificates(&partner_id("two"))?, vec![elsewhere])
}

pub(crate) fn partners_rely_on_the_path_of_their_current_certificate_only(store: &dyn Store) -> Verdict {
    let mut changes = ChangeSet::new();
    let over = |number: u32, partner: &str, path: &[u32]| {
        let mut certificate = samples::partner_certificate(number, partner);
        certificate.path = path.iter().copied().map(samples::fingerprint).collect();
        certificate
    };
    let elsewhere = {
        let mut certificate = over(4, "elsewhere", &[1, 2]);
        certificate.domain = literal("DEVICE");
        certificate
    };
    // Root 2 is above issuer 1; partner b has a certificate that is not its current one.
    for (id, certificate, current) in [
        ("c", over(1, "c", &[1, 2]), true),
        ("A", over(2, "A", &[1, 2]), true),
        ("b", over(3, "b", &[1, 2]), false),
        ("elsewhere", elsewhere, true),
        ("d", over(5, "d", &[3, 2]), true),
        ("twice", over(6, "twice", &[3, 2, 2]), true),
    ] {
        changes.insert(samples::partner(id)).insert(certificate.clone());
        if current {
            changes.update(samples::certified_partner(id, certificate.id).next());
        }
    }
    store.commit(&changes)?;
    let relying = |domain: &str, ca| store.partners_relying_on(&literal(domain), &samples::fingerprint(ca));
    let partners = |ids: &[&str]| ids.iter().copied().map(partner_id).collect::<Vec<_>>();
    equal("on issuer 1", relying("AUTH", 1)?, partners(&["A", "c"]))?;
    equal("on root 2", relying("AUTH", 2)?, partners(&["A", "c", "d", "twice"]))?;
    equal("on issuer 3", relying("AUTH", 3)?, partners(&["d", "twice"]))?;
    equal("on another CA", relying("AUTH", 4)?, Vec::new())?;
    equal("on issuer 1 elsewhere", relying("DEVICE", 1)?, partners(&["elsewhere"]))?;
    equal("in a domain not there", relying("FTM", 1)?, Vec::new())?;
    // A replaces its certificate by one over another issuer.
    let replaced = {
        let mut old = over(2, "A", &[1, 2]);
        old.replaced_at = Some(after(1));
        old
    };
    let renewed = over(7, "A", &[3, 2]);
    let mut changes = ChangeSet::new();
    changes.update(replaced.next()).insert(renewed.clone());
    changes.update(samples::certified_partner("A", renewed.id).next().next());
    store.commit(&changes)?;
    equal("on issuer 1 after A renewed", relying("AUTH", 1)?, partners(&["c"]))?;
    equal("on issuer 3 after A renewed", relying("AUTH", 3)?, partners(&["A", "d", "twice"]))
}
