//! Every record comes back to the last digit, whatever was there before.

use std::sync::Arc;

use misp_onboarding::Timestamp;
use misp_onboarding::certificate::PartnerCertificate;
use misp_onboarding::id::Version;
use misp_onboarding::license_key::{LicenseKeyOrigin, LicenseKeyRecord, LicenseKeyState};
use misp_onboarding::list::{Direction, SortKey};
use misp_onboarding::partner::{Partner, PartnerFilter, PartnerState};
use misp_onboarding::policy::{Policy, PolicyFilter, PolicyGroup, PolicyGroupState, PolicyState};
use misp_onboarding::policy_link::{PolicyLink, PolicyLinkFilter, PolicyLinkState};
use misp_onboarding::store::{ChangeSet, Record, Store};
use misp_onboarding::trust_store::{CaCertificate, CaKind, CaState};

use crate::conformance::check::{Verdict, equal, holds};
use crate::conformance::list::{
    CaCertificates, LicenseKeys, List, Partners, Policies, PolicyGroups, PolicyLinks, query,
};
use crate::conformance::samples::{self, literal, partner_id};
use crate::conformance::snapshot::stored;

/// Instants that a store may round, shift or cut off: the ends of what it must keep, microseconds on both sides of 1970, a
/// leap day, and the last microsecond of a day.
const INSTANTS: [Timestamp; 6] = [
    Timestamp::from_unix_micros(1_709_251_199_999_999),
    samples::EARLIEST,
    Timestamp::MAX,
    Timestamp::from_unix_micros(-1),
    Timestamp::from_unix_micros(1),
    Timestamp::UNIX_EPOCH,
];

/// Characters of one to four octets, quotes, and what SQL or `LIKE` gives a meaning to.
const ODD: &str = "Ünï 💳 'quoted' \"twice\" \\ % _ -- ; 日本 ﷽";

fn instant(number: usize) -> Timestamp {
    INSTANTS[number % INSTANTS.len()]
}

/// Writes each variant as the first version of a record, then every other variant over it, and reads it back after
/// each write by its own lookup and from its list.
fn every_variant_after_every_other<R: Clone + Into<Record>>(
    store: &dyn Store,
    variants: &[fn(u32) -> R],
    with_version: fn(R, Version) -> R,
    read_list: impl Fn(&Record) -> Result<Vec<Record>, crate::conformance::Failure>,
) -> Verdict {
    for first in 0..variants.len() {
        for step in 0..variants.len() {
            let number = 100 + first as u32;
            let variant = variants[(first + step) % variants.len()](number);
            let version = Version::new(step as u32 + 1);
            let record: Record = with_version(variant, version).into();
            let mut changes = ChangeSet::new();
            if step == 0 {
                changes.insert(record.clone())
            } else {
                changes.update(record.clone())
            };
            store.commit(&changes)?;
            let id = record.record_id();
            equal(format_args!("{id} after write {step}"), stored(store, &id)?, Some(record.clone()))?;
            if let Record::Partner(wanted) = &record {
                contact_data_is_kept(store, wanted)?;
            }
            equal(format_args!("{id} in its list"), read_list(&record)?, vec![record])?;
        }
    }
    Ok(())
}

/// Contact data does not print itself, so a difference is found field by field.
fn contact_data_is_kept(store: &dyn Store, wanted: &Partner) -> Verdict {
    let found = store.partner(&wanted.id)?;
    holds("the address is kept", found.as_ref().is_some_and(|found| found.address == wanted.address))?;
    holds("the email is kept", found.as_ref().is_some_and(|found| found.email == wanted.email))?;
    holds(
        "the contact number is kept",
        found.as_ref().is_some_and(|found| found.contact_number == wanted.contact_number),
    )
}

fn listed<L: List>(
    store: &dyn Store,
    filter: L::Filter,
    record: impl Fn(L::Row) -> Record,
) -> Result<Vec<Record>, crate::conformance::Failure> {
    let rows = L::list(store, &query(filter, L::Sort::NEWEST, Direction::Ascending, 10))?;
    Ok(rows.into_iter().map(record).collect())
}

fn others(store: &dyn Store) -> Verdict {
    let mut changes = ChangeSet::new();
    changes.insert(samples::policy_group(1, "Group 1")).insert(samples::policy_group(2, "Group 2"));
    changes.insert(samples::policy(1, 1, "Policy 1")).insert(samples::policy(2, 2, "Policy 2"));
    changes.insert(samples::partner("one")).insert(samples::partner("two"));
    changes.insert(samples::partner_certificate(1, "one")).insert(samples::partner_certificate(2, "two"));
    changes.insert(samples::license_key(1, "one")).insert(samples::license_key(2, "one"));
    store.commit(&changes)?;
    Ok(())
}

pub(crate) fn trust_domains_come_back_as_written(store: &dyn Store) -> Verdict {
    equal("a domain not there", store.trust_domain(&literal("AUTH"))?, None)?;
    let mut auth = samples::trust_domain("AUTH");
    let other = samples::trust_domain("A_VERY_LONG_DOMAIN_NAME_OF_36_LETTER");
    store.commit(ChangeSet::new().insert(auth.clone()).insert(other.clone()))?;
    auth.version = auth.version.next();
    store.commit(ChangeSet::new().update(auth.clone()))?;
    equal("a domain", store.trust_domain(&auth.domain)?, Some(auth))?;
    equal("another domain", store.trust_domain(&other.domain)?, Some(other))
}

pub(crate) fn ca_certificates_come_back_as_written(store: &dyn Store) -> Verdict {
    store.commit(
        ChangeSet::new().insert(samples::trust_domain("AUTH")).insert(samples::trust_domain("DEVICE_2")),
    )?;
    let variants: [fn(u32) -> CaCertificate; 3] = [
        samples::ca_certificate,
        |number| CaCertificate {
            domain: literal("DEVICE_2"),
            kind: CaKind::Intermediate,
            state: CaState::Distrusted,
            der: (0..20_000_u32).map(|octet| (octet % 251) as u8).collect(),
            fingerprint: samples::fingerprint(number + 1_000),
            subject: format!("CN={ODD}"),
            issuer: "O=".to_owned() + &"長".repeat(3_000),
            not_before: instant(1),
            not_after: instant(2),
            uploaded_at: instant(0),
            uploaded_by: literal(&"ü".repeat(128)),
            distrusted_at: Some(instant(3)),
            distrust_reason: Some(literal(&"\u{1F4B3}".repeat(500))),
            ..samples::ca_certificate(number)
        },
        |number| CaCertificate {
            state: CaState::Distrusted,
            der: Arc::from([]),
            subject: String::new(),
            issuer: String::new(),
            not_before: instant(4),
            not_after: instant(5),
            distrusted_at: Some(instant(2)),
            distrust_reason: Some(literal("x")),
            ..samples::ca_certificate(number)
        },
    ];
    every_variant_after_every_other(
        store,
        &variants,
        |record, version| CaCertificate { version, ..record },
        |record| match record {
            Record::CaCertificate(ca) => listed::<CaCertificates>(
                store,
                misp_onboarding::trust_store::CaCertificateFilter { id: Some(ca.id), ..Default::default() },
                Record::from,
            ),
            _ => Ok(Vec::new()),
        },
    )
}

pub(crate) fn partners_come_back_as_written(store: &dyn Store) -> Verdict {
    others(store)?;
    let variants: [fn(u32) -> Partner; 4] = [
        |number| samples::partner(&name(number)),
        |number| Partner {
            organization: literal(ODD),
            address: literal(&"\u{1F3E0}".repeat(2_000)),
            contact_number: literal("+49(0)30 12345-6"),
            email: literal(&format!("{}@{}.example", name(number), "a".repeat(60))),
            language: literal("fra"),
            policy_group: Some(samples::policy_group_id(1)),
            state: PartnerState::Active,
            certificate: Some(samples::partner_certificate_id(1)),
            created_at: instant(1),
            created_by: literal(ODD),
            updated_at: instant(2),
            updated_by: literal(&"名".repeat(128)),
            ..samples::partner(&name(number))
        },
        |number| Partner {
            organization: literal(&"Ω".repeat(128)),
            email: literal(&format!("{}@xn--bcher-kva.example", name(number).to_uppercase())),
            policy_group: Some(samples::policy_group_id(2)),
            state: PartnerState::Deactivated,
            certificate: None,
            created_at: instant(3),
            updated_at: instant(4),
            ..samples::partner(&name(number))
        },
        |number| Partner {
            policy_group: None,
            state: PartnerState::Deactivated,
            certificate: Some(samples::partner_certificate_id(2)),
            ..samples::partner(&name(number))
        },
    ];
    every_variant_after_every_other(
        store,
        &variants,
        |record, version| Partner { version, ..record },
        |record| match record {
            Record::Partner(partner) => listed::<Partners>(
                store,
                PartnerFilter { id: Some(partner.id.clone()), ..Default::default() },
                |row| row.partner.into(),
            ),
            _ => Ok(Vec::new()),
        },
    )?;
    let longest = Partner {
        id: partner_id("P-.٣éß日本語ธทि_abcdefghijklmnopqrstuvw"),
        ..samples::partner("longest")
    };
    store.commit(ChangeSet::new().insert(longest.clone()))?;
    equal("a partner with an id of every script", store.partner(&longest.id)?, Some(longest))
}

fn name(number: u32) -> String {
    format!("partner{number}")
}

pub(crate) fn partner_certificates_come_back_as_written(store: &dyn Store) -> Verdict {
    others(store)?;
    // Each number has a partner of its own, since a partner has only one current certificate.
    let mut changes = ChangeSet::new();
    for number in 100..103 {
        changes.insert(samples::partner(&name(number)));
    }
    store.commit(&changes)?;
    let variants: [fn(u32) -> PartnerCertificate; 3] = [
        |number| samples::partner_certificate(number, &name(number)),
        |number| PartnerCertificate {
            partner: partner_id("two"),
            der: (0..20_000_u32).map(|octet| (octet % 253) as u8).collect(),
            fingerprint: samples::fingerprint(number + 1_000),
            subject: format!("CN={ODD}"),
            issuer: "O=".to_owned() + &"長".repeat(3_000),
            serial_number: "00ff".repeat(10),
            not_before: instant(1),
            not_after: instant(2),
            domain: literal("DEVICE_2"),
            // Neither sorted nor without repetition: the order is the path's.
            path: [9, 3, 7, 3].map(samples::fingerprint).to_vec(),
            uploaded_at: instant(0),
            uploaded_by: literal(ODD),
            replaced_at: Some(instant(3)),
            ..samples::partner_certificate(number, "two")
        },
        |number| PartnerCertificate {
            path: vec![samples::fingerprint(5)],
            subject: String::new(),
            not_before: instant(4),
            not_after: instant(5),
            replaced_at: Some(instant(2)),
            ..samples::partner_certificate(number, "one")
        },
    ];
    every_variant_after_every_other(
        store,
        &variants,
        |record, version| PartnerCertificate { version, ..record },
        |record| match record {
            Record::PartnerCertificate(certificate) => {
                let mut history = store.partner_certificates(&certificate.partner)?;
                history.retain(|found| found.id == certificate.id);
                Ok(history.into_iter().map(Record::from).collect())
            }
            _ => Ok(Vec::new()),
        },
    )
}

pub(crate) fn policy_groups_come_back_as_written(store: &dyn Store) -> Verdict {
    let variants: [fn(u32) -> PolicyGroup; 2] = [
        |number| samples::policy_group(number, &format!("Group {number}")),
        |number| PolicyGroup {
            description: literal(&"說".repeat(256)),
            state: PolicyGroupState::Deactivated,
            created_at: instant(1),
            created_by: literal(ODD),
            ..samples::policy_group(number, &format!("{ODD} {number}"))
        },
    ];
    every_variant_after_every_other(
        store,
        &variants,
        |record, version| PolicyGroup { version, ..record },
        |record| match record {
            Record::PolicyGroup(group) => listed::<PolicyGroups>(
                store,
                misp_onboarding::policy::PolicyGroupFilter { id: Some(group.id), ..Default::default() },
                Record::from,
            ),
            _ => Ok(Vec::new()),
        },
    )
}

pub(crate) fn policies_come_back_as_written(store: &dyn Store) -> Verdict {
    others(store)?;
    let variants: [fn(u32) -> Policy; 3] = [
        |number| samples::policy(number, 1, &format!("Policy {number}")),
        |number| Policy {
            description: literal(ODD),
            // Kept to the letter: order, spaces, line breaks, escapes, numbers that a parser would round.
            document: literal(
                "{ \"z\": 1.50,\n\t\"allowKycRequestDelegation\" : true,\r\n \"allowAuthRequestDelegation\":false, \
                 \"trustBindedAuthVerificationToken\": true, \"allowKeyBindingDelegation\": true,\
                 \"\\u00e9\": \"é\", \"big\": 12345678901234567890123 }",
            ),
            valid_until: Some(instant(1)),
            state: PolicyState::Draft,
            created_at: instant(2),
            created_by: literal(ODD),
            published_at: None,
            ..samples::policy(number, 2, &format!("{ODD} {number}"))
        },
        |number| Policy {
            document: literal(&format!(
                "{{\"allowAuthRequestDelegation\":true,\"allowKycRequestDelegation\":true,\"x\":\"{}\"}}",
                "\u{1F512}".repeat(5_000)
            )),
            valid_until: Some(instant(2)),
            state: PolicyState::Deactivated,
            published_at: Some(instant(4)),
            ..samples::policy(number, 1, &format!("{} {number}", "Ж".repeat(124)))
        },
    ];
    every_variant_after_every_other(
        store,
        &variants,
        |record, version| Policy { version, ..record },
        |record| match record {
            Record::Policy(policy) => {
                listed::<Policies>(store, PolicyFilter { id: Some(policy.id), ..Default::default() }, |row| {
                    row.policy.into()
                })
            }
            _ => Ok(Vec::new()),
        },
    )
}

pub(crate) fn policy_links_come_back_as_written(store: &dyn Store) -> Verdict {
    others(store)?;
    // Each number has a partner of its own, since a partner has only one open link to a policy.
    let mut changes = ChangeSet::new();
    for number in 100..104 {
        changes.insert(samples::partner(&name(number)));
    }
    store.commit(&changes)?;
    let variants: [fn(u32) -> PolicyLink; 4] = [
        |number| samples::policy_link(number, &name(number), 1),
        |number| PolicyLink {
            policy: samples::policy_id(2),
            state: PolicyLinkState::Approved,
            request_comment: literal(ODD),
            requested_at: instant(1),
            requested_by: literal(ODD),
            decided_at: Some(instant(2)),
            decided_by: Some(literal(ODD)),
            decision_comment: Some(literal(&"\u{1F44D}".repeat(500))),
            ..samples::policy_link(number, &name(number), 2)
        },
        |number| PolicyLink {
            state: PolicyLinkState::Rejected,
            requested_at: instant(3),
            decided_at: Some(instant(4)),
            decided_by: Some(literal("paul")),
            decision_comment: None,
            ..samples::policy_link(number, &name(number), 1)
        },
        |number| PolicyLink {
            decision_comment: Some(literal("x")),
            ..samples::policy_link(number, &name(number), 1)
        },
    ];
    every_variant_after_every_other(
        store,
        &variants,
        |record, version| PolicyLink { version, ..record },
        |record| match record {
            Record::PolicyLink(link) => listed::<PolicyLinks>(
                store,
                PolicyLinkFilter { id: Some(link.id), ..Default::default() },
                |row| row.link.into(),
            ),
            _ => Ok(Vec::new()),
        },
    )
}

pub(crate) fn license_keys_come_back_as_written(store: &dyn Store) -> Verdict {
    others(store)?;
    let variants: [fn(u32) -> LicenseKeyRecord; 4] = [
        |number| samples::license_key(number, "one"),
        |number| LicenseKeyRecord {
            policy: Some(samples::policy_id(1)),
            name: literal(&format!("{ODD} {number}")),
            last4: "a_Z9".to_owned(),
            state: LicenseKeyState::Replaced,
            origin: LicenseKeyOrigin::Imported,
            created_at: instant(1),
            created_by: literal(ODD),
            expires_at: instant(2),
            overlap_ends_at: Some(instant(3)),
            replaces: Some(samples::license_key_id(1)),
            replaced_by: Some(samples::license_key_id(2)),
            ..samples::license_key(number, "two")
        },
        |number| LicenseKeyRecord {
            policy: Some(samples::policy_id(2)),
            name: literal(&format!("{} {number}", "名".repeat(124))),
            digest: digest_of_extremes(number),
            state: LicenseKeyState::Deactivated,
            expires_at: instant(0),
            deactivated_at: Some(instant(2)),
            replaced_by: Some(samples::license_key_id(1)),
            ..samples::license_key(number, "one")
        },
        |number| LicenseKeyRecord {
            overlap_ends_at: Some(instant(5)),
            replaces: Some(samples::license_key_id(2)),
            ..samples::license_key(number, "two")
        },
    ];
    every_variant_after_every_other(
        store,
        &variants,
        |record, version| LicenseKeyRecord { version, ..record },
        |record| match record {
            Record::LicenseKey(key) => listed::<LicenseKeys>(
                store,
                misp_onboarding::license_key::LicenseKeyFilter { id: Some(key.id), ..Default::default() },
                |row| row.key.into(),
            ),
            _ => Ok(Vec::new()),
        },
    )
}

/// Nothing but zeros and ones in the first octets.
fn digest_of_extremes(number: u32) -> misp_onboarding::license_key::LicenseKeyDigest {
    let mut octets = [0; 32];
    octets[1] = u8::MAX;
    octets[31] = number as u8;
    misp_onboarding::license_key::LicenseKeyDigest::from_bytes(octets)
}
