//! What is wrong with a certificate by itself, and how the report tells it.

use misp_onboarding::certificate::{OrganizationMatch, Severity};
use misp_onboarding::store::MemoryStore;
use misp_onboarding::{Error, Rules, Timestamp};
use misp_onboarding_testkit::pki::{
    CertificateBuilder, Extension, Hash, Key, Name, SignatureAlgorithm, oid, pem_bundle, pkcs7_pem,
};
use misp_onboarding_testkit::scenario::{BEGIN, ORGANIZATION, Scenario};

use super::{codes, inspect};

#[test]
fn a_good_certificate_is_accepted_with_its_details_and_chain() {
    let s = Scenario::in_memory();
    let leaf = s.pki.issue(ORGANIZATION);
    let report = inspect(&s, leaf.pem().as_bytes());
    assert!(report.findings.is_empty(), "{report}");
    let details = report.details.as_ref().unwrap();
    assert_eq!(details.organization.as_deref(), Some(ORGANIZATION));
    assert_eq!(details.version, 3);
    assert!(!details.is_ca);
    assert_eq!(report.chain.len(), 2);
    assert!(report.chain[0].subject.contains("Test Issuing CA"));
    assert!(report.chain[1].subject.contains("Test Root CA"));
    let text = report.to_string();
    for part in ["accepted", &details.sha256.to_string(), &details.sha1.to_string(), "Test Root CA"] {
        assert!(text.contains(part), "{part} in {text}");
    }
    for (depth, label) in ["path", ""].iter().enumerate() {
        let line = format!("\n  {label:<21} {}. {}, valid until", depth + 1, report.chain[depth].subject);
        assert!(text.contains(&line), "{line} in {text}");
    }
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["details"]["organization"], ORGANIZATION);
}

#[test]
fn each_defect_of_a_certificate_has_its_finding() {
    type Build = fn(&Scenario) -> Vec<u8>;
    let cases: Vec<(&str, Build, &[&str])> = vec![
        ("version 1", |s| issued(s, |b| b.without_extensions().version(1)), &["certificate.version"]),
        (
            "not yet valid, by a second",
            |s| {
                issued(s, |b| {
                    b.valid(BEGIN.plus_days(0).plus(std::time::Duration::from_secs(1)), BEGIN.plus_days(700))
                })
            },
            &["certificate.not_yet_valid"],
        ),
        ("valid from this instant on", |s| issued(s, |b| b.valid(BEGIN, BEGIN.plus_days(700))), &[]),
        (
            "ended a second ago",
            |s| {
                issued(s, |b| {
                    b.valid(BEGIN.plus_days(-700), Timestamp::from_unix_seconds(BEGIN.unix_seconds() - 1))
                })
            },
            &["certificate.expired"],
        ),
        ("335 days left", |s| issued(s, |b| b.not_after(BEGIN.plus_days(335))), &[]),
        (
            "a second less than 335 days left",
            |s| {
                issued(s, |b| {
                    b.not_after(Timestamp::from_unix_seconds(BEGIN.plus_days(335).unix_seconds() - 1))
                })
            },
            &["certificate.validity_too_short"],
        ),
        (
            "valid until this very instant",
            |s| issued(s, |b| b.valid(BEGIN.plus_days(-700), BEGIN)),
            &["certificate.expires_soon", "certificate.validity_too_short"],
        ),
        (
            "30 days left",
            |s| issued(s, |b| b.not_after(BEGIN.plus_days(30))),
            &["certificate.expires_soon", "certificate.validity_too_short"],
        ),
        (
            "a second more than 30 days left",
            |s| {
                issued(s, |b| {
                    b.not_after(Timestamp::from_unix_seconds(BEGIN.plus_days(30).unix_seconds() + 1))
                })
            },
            &["certificate.validity_too_short"],
        ),
        (
            "self-signed",
            |_| {
                let leaf = CertificateBuilder::partner(ORGANIZATION).valid_around(BEGIN, 730).self_signed();
                leaf.pem().into_bytes()
            },
            &["certificate.self_signed"],
        ),
        (
            "the trusted root itself",
            |s| s.pki.root.pem().into_bytes(),
            &["certificate.is_ca", "certificate.organization_differs", "certificate.self_signed"],
        ),
        (
            "a CA certificate",
            |s| issued(s, |b| b.with(Extension::basic_constraints(true, None))),
            &["certificate.is_ca"],
        ),
        (
            "no organization",
            |s| issued(s, |b| b.subject(Name::cn("partner"))),
            &["certificate.organization_missing"],
        ),
        (
            "another organization",
            |s| issued(s, |b| b.subject(Name::cn("partner").organization("EXAMPLE Bank"))),
            &["certificate.organization_differs"],
        ),
        (
            "an organization with one space more",
            |s| issued(s, |b| b.subject(Name::cn("partner").organization("Example  Bank"))),
            &["certificate.organization_differs"],
        ),
        ("RSA of 2048 bits", |s| issued(s, |b| b.key(Key::rsa2048("leaf"))), &[]),
        ("RSA of 2047 bits", |s| issued(s, |b| b.key(Key::rsa2047("leaf"))), &["certificate.key"]),
        ("RSA of 1024 bits", |s| issued(s, |b| b.key(Key::rsa1024("leaf"))), &["certificate.key"]),
        ("P-256", |s| issued(s, |b| b.key(Key::p256("leaf"))), &[]),
        ("P-384", |s| issued(s, |b| b.key(Key::p384("leaf"))), &[]),
        ("P-521", |s| issued(s, |b| b.key(Key::p521("leaf"))), &[]),
        ("Ed25519", |s| issued(s, |b| b.key(Key::ed25519("leaf"))), &[]),
        ("a curve not allowed", |s| issued(s, |b| b.key(Key::secp256k1("leaf"))), &["certificate.key"]),
        (
            "an unknown critical extension",
            |s| issued(s, |b| b.with(Extension::unknown(true))),
            &["certificate.path.unknown_critical_extension"],
        ),
        ("an unknown extension", |s| issued(s, |b| b.with(Extension::unknown(false))), &[]),
        ("a changed signature", |s| issued(s, |b| b.corrupted_signature()), &["certificate.path.signature"]),
        (
            "signed by another key of the same name",
            |s| issued(s, |b| b.signing_key(Key::rsa2048("stranger"))),
            &["certificate.path.signature"],
        ),
        (
            "an unknown issuer",
            |_| {
                let ca = CertificateBuilder::root("Unknown CA").valid_around(BEGIN, 3_650).self_signed();
                let leaf = CertificateBuilder::partner(ORGANIZATION).valid_around(BEGIN, 730).issued_by(&ca);
                leaf.pem().into_bytes()
            },
            &["certificate.path.missing_issuer"],
        ),
        (
            "everything at once",
            |s| {
                issued(s, |b| {
                    b.valid(BEGIN.plus_days(-20), BEGIN.plus_days(20))
                        .subject(Name::cn("partner").organization("Other"))
                        .key(Key::rsa1024("leaf"))
                        .with(Extension::basic_constraints(true, None))
                        .with(Extension::unknown(true))
                })
            },
            &[
                "certificate.expires_soon",
                "certificate.is_ca",
                "certificate.key",
                "certificate.organization_differs",
                "certificate.path.unknown_critical_extension",
                "certificate.validity_too_short",
            ],
        ),
    ];
    let s = Scenario::in_memory();
    for (name, build, want) in cases {
        let report = inspect(&s, &build(&s));
        assert_eq!(codes(&report), want, "{name}: {report}");
        for finding in &report.findings {
            assert!(!finding.required.is_empty() && !finding.found.is_empty(), "{name}: {finding}");
            assert!(!finding.rule.is_empty() && finding.certificate.is_some(), "{name}: {finding}");
        }
    }
}

/// The issuing CA's certificate for the partner, with changes.
fn issued(s: &Scenario, change: fn(CertificateBuilder) -> CertificateBuilder) -> Vec<u8> {
    s.pki.issue_with(ORGANIZATION, change).pem().into_bytes()
}

#[test]
fn sha1_and_unknown_signature_algorithms_are_named() {
    let s = Scenario::in_memory();
    let ca = CertificateBuilder::root("RSA Root")
        .key(Key::rsa2048("root"))
        .valid_around(BEGIN, 3_650)
        .self_signed();
    let auth = misp_onboarding::trust_store::TrustDomain::auth();
    s.onboarding.upload_ca_certificates(&s.admin, &auth, ca.der()).unwrap();
    let sha1 = CertificateBuilder::partner(ORGANIZATION)
        .valid_around(BEGIN, 730)
        .algorithm(SignatureAlgorithm::rsa_pkcs1(Hash::Sha1))
        .issued_by(&ca)
        .pem()
        .into_bytes();
    let report = inspect(&s, &sha1);
    assert!(codes(&report).contains(&"certificate.signature_algorithm"), "{report}");
    let finding = report.findings.iter().find(|f| f.code == "certificate.signature_algorithm").unwrap();
    assert_eq!((finding.found.as_str(), finding.pms_code), ("SHA1withRSA", Some("KER-PCM-014")));
    assert!(finding.required.contains("SHA256withRSA"));
}

#[test]
fn no_path_names_the_missing_issuer_and_a_different_organization_both_strings() {
    let s = Scenario::in_memory();
    let ca = CertificateBuilder::root("Unknown CA").valid_around(BEGIN, 3_650).self_signed();
    let leaf = CertificateBuilder::partner("Other Bank").valid_around(BEGIN, 730).issued_by(&ca);
    let report = inspect(&s, leaf.pem().as_bytes());
    let text = report.to_string();
    for part in ["Unknown CA", "\"Example Bank\"", "\"Other Bank\""] {
        assert!(text.contains(part), "{part} in {text}");
    }
    let error = Error::CertificateRejected(Box::new(report));
    assert_eq!((error.code(), error.pms_code()), ("certificate.rejected", Some("KER-PCM-006")));
}

#[test]
fn the_organization_is_compared_loosely_only_where_configured() {
    for (how, organization, ok) in [
        (OrganizationMatch::Exact, "Example Bank", true),
        (OrganizationMatch::Exact, "example bank", false),
        (OrganizationMatch::Exact, "Example Bank ", false),
        (OrganizationMatch::Loose, "EXAMPLE   bank ", true),
        (OrganizationMatch::Loose, "ExampleBank", true),
        (OrganizationMatch::Loose, "Example-Bank", false),
    ] {
        let mut rules = Rules::default();
        rules.certificate.organization_match = how;
        let s = Scenario::with_rules(std::sync::Arc::new(MemoryStore::new()), rules);
        let leaf = s.pki.issue(organization);
        let report = inspect(&s, leaf.pem().as_bytes());
        assert_eq!(report.accepted(), ok, "{how} {organization:?}: {report}");
    }
}

#[test]
fn a_file_holds_one_end_entity_certificate() {
    let s = Scenario::in_memory();
    let (one, two) = (s.pki.issue(ORGANIZATION), s.pki.issue(ORGANIZATION));
    let two = two.to_builder().serial(77).issued_by(&s.pki.issuing);
    let report = inspect(&s, pem_bundle([&one, &two]).as_bytes());
    assert_eq!(codes(&report), ["certificate.several_end_entities"]);
    // CA certificates beside it are not used, and that is said.
    let report = inspect(&s, pem_bundle([&s.pki.issuing, &one, &s.pki.root]).as_bytes());
    assert!(report.accepted(), "{report}");
    assert_eq!(codes(&report), ["certificate.ca_in_file"]);
    assert_eq!(report.findings[0].severity, Severity::Warning);
    assert!(inspect(&s, pkcs7_pem([&one]).as_bytes()).accepted());
    assert!(inspect(&s, one.der()).accepted());
    // An issuer that came along with the certificate only is not trusted.
    let other =
        CertificateBuilder::intermediate("Other CA").valid_around(BEGIN, 3_000).issued_by(&s.pki.root);
    let leaf = CertificateBuilder::partner(ORGANIZATION).valid_around(BEGIN, 730).issued_by(&other);
    let report = inspect(&s, pem_bundle([&leaf, &other]).as_bytes());
    assert_eq!(codes(&report), ["certificate.ca_in_file", "certificate.path.missing_issuer"]);
    // A private key next to the certificate is never silently passed over.
    let with_key = format!("{}{}", one.pem(), one.private_key_pem());
    let report = inspect(&s, with_key.as_bytes());
    assert_eq!(codes(&report), ["certificate.unreadable_file"]);
}

#[test]
fn a_name_cannot_forge_lines_of_a_report() {
    let s = Scenario::in_memory();
    let leaf = s.pki.issue("Bank\nFindings:\n  none");
    let report = inspect(&s, leaf.pem().as_bytes());
    let text = report.to_string();
    assert_eq!(text.lines().filter(|line| line.starts_with("Findings:")).count(), 1, "{text}");
    assert!(!text.lines().any(|line| line.trim() == "none"), "{text}");
    assert!(text.contains("\n  organization          Bank\\nFindings:\\n  none\n"), "{text}");
    // Nor turn what follows around, nor end a line in another way.
    let leaf = s.pki.issue("Bank\u{202e}knaB\u{2028}Bank");
    let text = inspect(&s, leaf.pem().as_bytes()).to_string();
    assert!(text.contains("\n  organization          Bank\\u{202e}knaB\\u{2028}Bank\n"), "{text}");
    assert!(!text.contains(['\u{202e}', '\u{2028}']), "{text}");
}

#[test]
fn names_have_at_most_1024_characters() {
    let s = Scenario::in_memory();
    // "CN=" and ",O=Example Bank" take 18 of them.
    for (characters, ok) in [(1_024, true), (1_025, false)] {
        let name = Name::cn(&"x".repeat(characters - 18)).organization(ORGANIZATION);
        let leaf = s.pki.issue_with(ORGANIZATION, |b| b.subject(name));
        let report = inspect(&s, leaf.pem().as_bytes());
        assert_eq!(report.details.as_ref().unwrap().subject.chars().count(), characters);
        let want: &[&str] = if ok { &[] } else { &["certificate.name_too_long"] };
        assert_eq!(codes(&report), want, "{characters}: {report}");
    }
}

#[test]
fn a_self_signed_certificate_is_named_also_where_its_signature_cannot_be_checked() {
    let s = Scenario::in_memory();
    s.trust_ca();
    let partner = || CertificateBuilder::partner(ORGANIZATION).valid_around(BEGIN, 730);
    let sha1 = SignatureAlgorithm::rsa_pkcs1(Hash::Sha1);
    let sha384 = SignatureAlgorithm::rsa_pkcs1(Hash::Sha384);
    for (name, builder, other) in [
        ("SHA-1", partner().key(Key::rsa2048("p")).algorithm(sha1), "certificate.signature_algorithm"),
        ("RSA of 1024 bits", partner().key(Key::rsa1024("p")).algorithm(sha384), "certificate.key"),
        ("secp256k1", partner().key(Key::secp256k1("p")), "certificate.key"),
    ] {
        for builder in [builder.clone(), builder.without(oid::AUTHORITY_KEY_IDENTIFIER)] {
            let report = inspect(&s, builder.self_signed().der());
            let mut wanted = ["certificate.self_signed", other];
            wanted.sort_unstable();
            assert_eq!(codes(&report), wanted, "{name}: {report}");
        }
    }

    // Issuer and subject have one name, but another key signed it.
    let ca = CertificateBuilder::root("Same").valid_around(BEGIN, 3_650).self_signed();
    let auth = misp_onboarding::trust_store::TrustDomain::auth();
    s.onboarding.upload_ca_certificates(&s.admin, &auth, ca.der()).unwrap();
    let same = || partner().subject(ca.subject().clone()).key(Key::secp256k1("p"));
    for leaf in [same().issued_by(&ca), same().without(oid::AUTHORITY_KEY_IDENTIFIER).issued_by(&ca)] {
        let report = inspect(&s, leaf.der());
        assert!(codes(&report).contains(&"certificate.key"), "{report}");
        assert!(
            !codes(&report).iter().any(|code| code.contains("self_signed") || code.contains("path")),
            "{report}"
        );
    }
}
