//! Contents that are wrong in one way each.

use misp_onboarding::event::EventKind;
use misp_onboarding::id::Version;
use misp_onboarding::license_key::{LicenseKeyRecord, LicenseKeyState};
use misp_onboarding::partner::{Partner, PartnerState};
use misp_onboarding::policy::{Policy, PolicyGroupState, PolicyState};
use misp_onboarding::policy_link::{PolicyLink, PolicyLinkState};
use misp_onboarding::trust_store::CaState;
use misp_onboarding_testkit::conformance::samples::literal;
use misp_onboarding_testkit::invariants::Contents;

use crate::healthy;

/// A way to break them, and a part of what must be said of it.
struct Flaw {
    name: &'static str,
    breaks: fn(&mut Contents),
    told: &'static str,
}

const FLAWS: &[Flaw] = &[
    // Changes that are there in part.
    Flaw { name: "no event at all", breaks: |c| c.events.clear(), told: "must be told of, found no event" },
    Flaw { name: "last event lost", breaks: |c| drop(c.events.pop()), told: "its version must be" },
    Flaw {
        name: "creation not told",
        breaks: |c| lose_event(c, EventKind::PartnerCreated),
        told: "its old state must be",
    },
    Flaw {
        name: "replaced without its successor",
        breaks: |c| lose_event(c, EventKind::LicenseKeyGenerated),
        told: "must be told of, found no event",
    },
    Flaw {
        name: "successor without what it replaces",
        breaks: |c| lose_event(c, EventKind::LicenseKeyReplaced),
        told: "the license key that it replaces must be told of before",
    },
    Flaw {
        name: "first certificate without the activation",
        breaks: |c| lose_event(c, EventKind::PartnerActivated),
        told: "a first certificate must activate its partner",
    },
    Flaw {
        name: "activation without the certificate",
        breaks: |c| lose_event(c, EventKind::PartnerCertificateUploaded),
        told: "the certificate that activates it must be told of before",
    },
    Flaw {
        name: "keys went down, the partner's end is not told",
        breaks: |c| lose_event(c, EventKind::PartnerDeactivated),
        told: "its partner's end must be told of before",
    },
    Flaw {
        name: "a key's end told between others",
        breaks: |c| {
            let place = place(c, EventKind::PartnerDeactivated);
            let event = c.events.remove(place + 1);
            c.events.push(event);
        },
        told: "must come after event",
    },
    Flaw {
        name: "record lost",
        breaks: |c| drop(c.policy_groups.pop()),
        told: "must be there, as events tell of it",
    },
    Flaw {
        name: "key lost",
        breaks: |c| drop(c.license_keys.pop()),
        told: "must be there, as events tell of it",
    },
    Flaw {
        name: "change lost",
        breaks: |c| {
            let key = key(c, LicenseKeyState::Deactivated);
            (key.state, key.deactivated_at) = (LicenseKeyState::Active, None);
            key.version = Version::FIRST;
        },
        told: "its state must be",
    },
    // Versions and the order of events.
    Flaw {
        name: "event told twice",
        breaks: |c| c.events.push(c.events[0].clone()),
        told: "must come after event",
    },
    Flaw {
        name: "version skipped",
        breaks: |c| partner(c, PartnerState::Active).version = Version::new(99),
        told: "its version must be",
    },
    Flaw {
        name: "event of another version",
        breaks: |c| c.events[2].event.version = Version::new(7),
        told: "its version must be",
    },
    Flaw {
        name: "forbidden arrow",
        breaks: |c| {
            let place = place(c, EventKind::PolicyPublished);
            c.events[place].event.new_state = Some("draft".to_owned());
        },
        told: "must not lead from draft to draft",
    },
    Flaw {
        name: "event of another partner",
        breaks: |c| {
            let place = place(c, EventKind::PolicyLinkRequested);
            c.events[place].event.partner = Some(literal("new"));
        },
        told: "must name the record's partner",
    },
    Flaw {
        name: "trust domain not moved",
        breaks: |c| c.trust_domains[0].version = Version::FIRST,
        told: "trust_domain AUTH: its version must be",
    },
    // What may not outlive what.
    Flaw {
        name: "active key of a deactivated partner",
        breaks: |c| of_deactivated(c, LicenseKeyState::Active),
        told: "must be deactivated as its partner is",
    },
    Flaw {
        name: "replaced key of a deactivated partner",
        breaks: |c| of_deactivated(c, LicenseKeyState::Replaced),
        told: "must be deactivated as its partner is",
    },
    Flaw {
        name: "pending link of a deactivated partner",
        breaks: |c| {
            let link = c.policy_links.iter_mut().map(|row| &mut row.link);
            let mut links = link.filter(|link| link.partner.as_str() == "gone");
            let link = links.find(|link| link.state == PolicyLinkState::Rejected).unwrap();
            (link.state, link.decided_at, link.decided_by) = (PolicyLinkState::Pending, None, None);
        },
        told: "must not be pending, as its partner is deactivated",
    },
    Flaw {
        name: "deactivated policy with an open link",
        breaks: |c| policy(c, PolicyState::Active).state = PolicyState::Deactivated,
        told: "must be active while links to it are open",
    },
    Flaw {
        name: "deactivated group with a policy",
        breaks: |c| c.policy_groups[0].state = PolicyGroupState::Deactivated,
        told: "must be deactivated as its group is",
    },
    // What is there only once.
    Flaw {
        name: "one name of two live keys",
        breaks: |c| {
            for row in &mut c.license_keys {
                row.key.name = literal(if row.key.last4 == "1111" { "Straße" } else { "STRASSE" });
            }
        },
        told: "its name among its partner's live keys must be its own",
    },
    Flaw {
        name: "one digest",
        breaks: |c| c.license_keys[0].key.digest = c.license_keys[1].key.digest,
        told: "its digest must be its own",
    },
    Flaw {
        name: "one partner id in two cases",
        breaks: |c| partner(c, PartnerState::Inactive).id = literal("BANK"),
        told: "its id without regard to case must be its own",
    },
    Flaw {
        name: "one email address",
        breaks: |c| partner(c, PartnerState::Inactive).email = literal("Bank@Example.org"),
        told: "its email address must be its own",
    },
    Flaw {
        name: "one group name",
        breaks: |c| c.policy_groups[0].name = literal("CLOSED"),
        told: "its name must be its own",
    },
    Flaw {
        name: "one policy name in a group",
        breaks: |c| policy(c, PolicyState::Active).name = literal("Draft"),
        told: "its name in the group must be its own",
    },
    Flaw {
        name: "two open links",
        breaks: |c| {
            let approved = link(c, PolicyLinkState::Approved).policy;
            link(c, PolicyLinkState::Pending).policy = approved;
        },
        told: "its partner and policy among open links must be its own",
    },
    Flaw {
        name: "one CA fingerprint",
        breaks: |c| c.ca_certificates[0].fingerprint = c.ca_certificates[1].fingerprint,
        told: "its fingerprint in the domain must be its own",
    },
    // States and what goes with them.
    Flaw {
        name: "deactivated key without the instant",
        breaks: |c| key(c, LicenseKeyState::Deactivated).deactivated_at = None,
        told: "whether it was deactivated must be true, found false",
    },
    Flaw {
        name: "overlap longer than the key",
        breaks: |c| {
            let key = key(c, LicenseKeyState::Replaced);
            key.overlap_ends_at = Some(key.expires_at.plus_days(1));
        },
        told: "its overlap must end no later than its validity",
    },
    Flaw {
        name: "replaced key without successor",
        breaks: |c| key(c, LicenseKeyState::Replaced).replaced_by = None,
        told: "must have a successor, as it is replaced",
    },
    Flaw {
        name: "successor that does not know what it replaces",
        breaks: |c| {
            let key = c.license_keys.iter_mut().map(|row| &mut row.key).find(|key| key.replaces.is_some());
            key.unwrap().replaces = None;
        },
        told: "the key that replaces it must be there and know it",
    },
    Flaw {
        name: "link decided by nobody",
        breaks: |c| link(c, PolicyLinkState::Approved).decided_by = None,
        told: "its decision must be",
    },
    Flaw {
        name: "draft that was published",
        breaks: |c| policy(c, PolicyState::Active).state = PolicyState::Draft,
        told: "whether it was published must be false, found true",
    },
    Flaw {
        name: "distrusted CA without a reason",
        breaks: |c| distrusted(c).distrust_reason = None,
        told: "whether instant and reason of distrust are there",
    },
    Flaw {
        name: "active partner without certificate",
        breaks: |c| partner(c, PartnerState::Active).certificate = None,
        told: "must be inactive without a certificate",
    },
    Flaw {
        name: "two current certificates",
        breaks: |c| c.partner_certificates.iter_mut().for_each(|one| one.replaced_at = None),
        told: "whether it is its partner's current one must be true, found false",
    },
    Flaw {
        name: "current certificate replaced",
        breaks: |c| c.partner_certificates.iter_mut().for_each(|one| one.replaced_at = Some(one.uploaded_at)),
        told: "its certificate must not be replaced",
    },
    Flaw {
        name: "changed by somebody who is not told of",
        breaks: |c| partner(c, PartnerState::Active).updated_by = literal("nobody"),
        told: "its last change must be",
    },
    // References, and what rows repeat.
    Flaw {
        name: "no certificate",
        breaks: |c| c.partner_certificates.clear(),
        told: "its certificate must be there, found none",
    },
    Flaw {
        name: "no partner",
        breaks: |c| c.partners.clear(),
        told: "its partner must be there, found none",
    },
    Flaw { name: "no policy", breaks: |c| c.policies.clear(), told: "its policy must be there, found none" },
    Flaw {
        name: "no group",
        breaks: |c| c.policy_groups.clear(),
        told: "its group must be there, found none",
    },
    Flaw {
        name: "no trust domain",
        breaks: |c| c.trust_domains.clear(),
        told: "its trust domain must be there, found none",
    },
    Flaw {
        name: "no CA certificate",
        breaks: |c| c.ca_certificates.clear(),
        told: "of its path must be there",
    },
    Flaw {
        name: "certificate that does not read",
        breaks: |c| c.partner_certificates[0].der = vec![0x30, 0].into(),
        told: "must read and have its fingerprint",
    },
    Flaw {
        name: "key without approval",
        breaks: |c| c.policy_links.clear(),
        told: "its policy must be approved for its partner",
    },
    Flaw {
        name: "link to a policy of another group",
        breaks: |c| partner(c, PartnerState::Active).policy_group = None,
        told: "its policy's group must be",
    },
    Flaw {
        name: "row with an old name",
        breaks: |c| c.license_keys[0].organization = literal("Renamed"),
        told: "what its row shows of its partner must be",
    },
];

#[test]
fn each_flaw_is_found() {
    let sound = Contents::read(&healthy()).unwrap();
    assert_eq!(sound.violations(), Vec::<String>::new());
    let mut missed = Vec::new();
    for Flaw { name, breaks, told } in FLAWS {
        let mut contents = sound.clone();
        breaks(&mut contents);
        assert_ne!(contents, sound, "{name} changes something");
        let found = contents.violations();
        if !found.iter().any(|violation| violation.contains(told)) {
            missed.push(format!("{name}: {found:#?}"));
        }
    }
    assert!(missed.is_empty(), "{}", missed.join("\n"));
}

fn place(contents: &Contents, kind: EventKind) -> usize {
    contents.events.iter().position(|event| event.event.kind == kind).unwrap()
}

fn lose_event(contents: &mut Contents, kind: EventKind) {
    contents.events.retain(|event| event.event.kind != kind);
}

fn partner(contents: &mut Contents, state: PartnerState) -> &mut Partner {
    contents.partners.iter_mut().map(|row| &mut row.partner).find(|one| one.state == state).unwrap()
}

fn policy(contents: &mut Contents, state: PolicyState) -> &mut Policy {
    contents.policies.iter_mut().map(|row| &mut row.policy).find(|one| one.state == state).unwrap()
}

fn link(contents: &mut Contents, state: PolicyLinkState) -> &mut PolicyLink {
    let links = contents.policy_links.iter_mut().map(|row| &mut row.link);
    let mut links = links.filter(|link| link.partner.as_str() == "bank");
    links.find(|link| link.state == state).unwrap()
}

fn key(contents: &mut Contents, state: LicenseKeyState) -> &mut LicenseKeyRecord {
    contents.license_keys.iter_mut().map(|row| &mut row.key).find(|one| one.state == state).unwrap()
}

fn of_deactivated(contents: &mut Contents, state: LicenseKeyState) {
    let keys = contents.license_keys.iter_mut().map(|row| &mut row.key);
    keys.filter(|key| key.partner.as_str() == "gone").for_each(|key| key.state = state);
}

fn distrusted(contents: &mut Contents) -> &mut misp_onboarding::trust_store::CaCertificate {
    contents.ca_certificates.iter_mut().find(|ca| ca.state == CaState::Distrusted).unwrap()
}
