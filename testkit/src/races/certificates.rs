//! Races about certificates and those who are trusted to issue them.

use misp_onboarding::Error;
use misp_onboarding::partner::PartnerId;
use misp_onboarding::trust_store::TrustDomain;

use super::license_keys::{active_keys, made_key};
use super::{Race, Side, Subject};
use crate::pki::CertificateBuilder;
use crate::scenario::{BEGIN, ORGANIZATION, Scenario, generate};

pub(super) const RACES: &[Race] = &[
    Race {
        name: "two first uploads",
        prepare: |s, name| {
            s.trust_ca();
            let leaf = |serial| s.pki.issue_with(ORGANIZATION, |leaf| leaf.serial(serial)).pem();
            let subject = Subject::default().with("partner", s.partner(&format!("upload-{name}")));
            subject.with("one", leaf(1)).with("two", leaf(2))
        },
        one: |s, subject| upload(s, subject, "one"),
        two: |s, subject| upload(s, subject, "two"),
        check: |s, subject, outcomes| {
            outcomes.lose_with(Side::One, &[]);
            outcomes.lose_with(Side::Two, &[]);
            let made = [outcomes.made(Side::One), outcomes.made(Side::Two)].concat();
            let count = |outcome: &str| made.iter().filter(|made| **made == outcome).count();
            assert_eq!(count("activated"), 1, "one activates: {outcomes:?}");
            assert!(count("replaced") >= 1, "the other one replaces: {outcomes:?}");
            let partner: PartnerId = subject.get("partner");
            let history = s.onboarding.certificate_history(&s.admin, &partner).expect("history is read");
            assert_eq!(history.len(), 1 + count("replaced"), "{outcomes:?}");
            let current: Vec<_> =
                history.iter().filter(|one| one.replaced_at.is_none()).map(|one| one.id).collect();
            let partner = s.onboarding.partner(&s.admin, &partner).expect("partner is there");
            assert_eq!(current, partner.certificate.into_iter().collect::<Vec<_>>());
        },
    },
    Race {
        name: "distrust a CA and upload a certificate",
        prepare: |s, name| {
            let (subject, leaf) = with_own_ca(s, &format!("distrust-{name}"));
            subject.with("one", leaf)
        },
        one: distrust,
        two: |s, subject| upload(s, subject, "one"),
        check: |_, subject, outcomes| {
            outcomes.one_of_side_wins(Side::One, &["ca_certificate.not_trusted"]);
            outcomes.lose_with(Side::Two, &["certificate.rejected"]);
            let affected = outcomes.made(Side::One).concat();
            let accepted = !outcomes.made(Side::Two).is_empty();
            let wanted = if accepted { subject.text("partner") } else { "" };
            assert_eq!(affected, wanted, "who was accepted over it just before is listed: {outcomes:?}");
        },
    },
    Race {
        name: "distrust a CA and generate a key",
        prepare: |s, name| {
            let (subject, leaf) = with_own_ca(s, &format!("distrust-key-{name}"));
            let partner: PartnerId = subject.get("partner");
            s.onboarding.upload_certificate(&s.admin, &partner, leaf.as_bytes()).expect("it is accepted");
            subject
        },
        one: distrust,
        two: |s, subject| {
            s.onboarding.generate_license_key(&s.admin, &generate(&subject.get("partner"), "x")).map(made_key)
        },
        check: |s, subject, outcomes| {
            outcomes.one_of_side_wins(Side::One, &["ca_certificate.not_trusted"]);
            outcomes.lose_with(Side::Two, &["license_key.certificate_not_trusted", "input.taken"]);
            let partner: PartnerId = subject.get("partner");
            assert_eq!(active_keys(s, &partner), outcomes.made(Side::Two).len(), "{outcomes:?}");
            // Whoever came first, nothing is made over it afterwards.
            let late = s.onboarding.generate_license_key(&s.admin, &generate(&partner, "late"));
            let late = late.expect_err("not trusted any more");
            assert_eq!(late.code(), "license_key.certificate_not_trusted");
        },
    },
];

fn upload(s: &Scenario, subject: &Subject, leaf: &str) -> Result<String, Error> {
    let leaf = subject.text(leaf).as_bytes();
    let uploaded = s.onboarding.upload_certificate(&s.admin, &subject.get("partner"), leaf)?;
    Ok(uploaded.outcome.to_string())
}

/// The partners that it concerns.
fn distrust(s: &Scenario, subject: &Subject) -> Result<String, Error> {
    let distrusted = s.onboarding.distrust_ca_certificate(&s.admin, subject.get("ca"), "gone")?;
    Ok(distrusted.affected_partners.iter().map(ToString::to_string).collect())
}

/// A partner, and a certificate for it from a root that nobody else has anything from.
fn with_own_ca(s: &Scenario, name: &str) -> (Subject, String) {
    let root = CertificateBuilder::root(&format!("Root of {name}")).valid_around(BEGIN, 3_650).self_signed();
    let report = s.onboarding.upload_ca_certificates(&s.admin, &TrustDomain::auth(), root.der());
    let report = report.expect("CA certificate uploads");
    let ca = report.entries.first().and_then(|entry| entry.outcome.id()).expect("root is added");
    let leaf = CertificateBuilder::partner(ORGANIZATION).valid_around(BEGIN, 730).issued_by(&root).pem();
    (Subject::default().with("partner", s.partner(name)).with("ca", ca), leaf)
}
