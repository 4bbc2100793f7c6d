//! Chapter 4: partner certificates.

use misp_onboarding::certificate::{
    CertificateReport, CertificateStatus, OrganizationMatch, Severity, UploadOutcome,
};
use misp_onboarding::list::ListRequest;
use misp_onboarding::partner::PartnerState;
use misp_onboarding::store::MemoryStore;
use misp_onboarding::{Error, Rules, Timestamp};
use misp_onboarding_testkit::pki::{
    CertificateBuilder, Extension, Hash, Key, KeyUsage, Name, SignatureAlgorithm, oid, pem_bundle, pkcs7_pem,
};
use misp_onboarding_testkit::scenario::{BEGIN, ORGANIZATION, Scenario};

fn micro_before(instant: Timestamp) -> Timestamp {
    Timestamp::from_unix_micros(instant.unix_micros() - 1)
}

fn micro_after(instant: Timestamp) -> Timestamp {
    Timestamp::from_unix_micros(instant.unix_micros() + 1)
}

/// The codes of a report's findings, each once.
fn codes(report: &CertificateReport) -> Vec<&'static str> {
    let mut codes: Vec<_> = report.findings.iter().map(|finding| finding.code).collect();
    codes.sort_unstable();
    codes
}

/// Inspects a certificate of a new partner whose CA is trusted, and checks that an upload says the same.
fn inspect(s: &Scenario, file: &[u8]) -> CertificateReport {
    s.trust_ca();
    let id = format!(
        "p{}",
        s.onboarding.list_partners(&s.admin, &ListRequest::default().counted()).unwrap().total.unwrap()
    );
    let partner = s.partner(&id);
    let report = s.onboarding.inspect_certificate(&s.admin, &partner, file).unwrap();
    assert_eq!(
        s.onboarding.partner(&s.admin, &partner).unwrap().state,
        PartnerState::Inactive,
        "an inspection changes nothing"
    );
    match s.onboarding.upload_certificate(&s.admin, &partner, file) {
        Ok(uploaded) => {
            assert!(report.accepted());
            assert_eq!(uploaded.report, report);
            assert_eq!(uploaded.outcome, UploadOutcome::Activated);
        }
        Err(Error::CertificateRejected(rejected)) => {
            assert!(!report.accepted());
            assert_eq!(*rejected, report);
            assert!(s.onboarding.certificate_history(&s.admin, &partner).unwrap().is_empty());
            assert_eq!(s.onboarding.partner(&s.admin, &partner).unwrap().state, PartnerState::Inactive);
        }
        Err(error) => panic!("{error}"),
    }
    report
}

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
fn the_first_certificate_activates_later_ones_replace_and_the_same_changes_nothing() {
    let s = Scenario::in_memory();
    s.trust_ca();
    let bank = s.partner("bank");
    let upload = |pem: &str| s.onboarding.upload_certificate(&s.admin, &bank, pem.as_bytes()).unwrap();
    let first = s.pki.issue(ORGANIZATION);
    let activated = upload(&first.pem());
    assert_eq!(activated.outcome, UploadOutcome::Activated);
    assert_eq!(activated.partner.state, PartnerState::Active);
    assert_eq!(
        activated.certificate.uploaded_at, BEGIN,
        "the instant of upload, not the certificate's begin"
    );
    let again = upload(&first.pem());
    assert_eq!(again.outcome, UploadOutcome::Unchanged);
    assert_eq!(again.partner.version, activated.partner.version);
    s.clock.advance_days(1);
    let second = first.to_builder().serial(2).issued_by(&s.pki.issuing);
    let replaced = upload(&second.pem());
    assert_eq!(replaced.outcome, UploadOutcome::Replaced);
    let history = s.onboarding.certificate_history(&s.admin, &bank).unwrap();
    assert_eq!(history.len(), 2);
    assert_eq!(history[0].id, replaced.certificate.id);
    assert_eq!((history[0].replaced_at, history[1].replaced_at), (None, Some(BEGIN.plus_days(1))));
    // An earlier one may come back: it is a new upload.
    s.clock.advance_days(1);
    assert_eq!(upload(&first.pem()).outcome, UploadOutcome::Replaced);
    assert_eq!(s.onboarding.certificate_history(&s.admin, &bank).unwrap().len(), 3);
}

#[test]
fn the_status_of_a_certificate_follows_the_clock() {
    let s = Scenario::in_memory();
    s.trust_ca();
    let bank = s.partner("bank");
    let status = || {
        let now = misp_onboarding::Clock::now(&*s.clock);
        let rows = s.onboarding.list_partners(&s.admin, &ListRequest::default()).unwrap().items;
        rows[0].certificate_status(now)
    };
    assert_eq!(status(), CertificateStatus::None);
    let ends = BEGIN.plus_days(400);
    let leaf = s.pki.issue_with(ORGANIZATION, |b| b.not_after(BEGIN.plus_days(400)));
    s.onboarding.upload_certificate(&s.admin, &bank, leaf.pem().as_bytes()).unwrap();
    for (at, want) in [
        (BEGIN, CertificateStatus::Valid),
        (micro_before(ends.plus_days(-30)), CertificateStatus::Valid),
        (ends.plus_days(-30), CertificateStatus::Expiring),
        (ends, CertificateStatus::Expiring),
        (micro_after(ends), CertificateStatus::Expired),
    ] {
        s.clock.set(at);
        assert_eq!(status(), want, "{at}");
    }
}

#[test]
fn ordinary_chains_are_judged_as_a_conforming_validator_does() {
    let at = BEGIN;
    let root = CertificateBuilder::root("Root").valid_around(at, 4_000).self_signed();
    let ca = |name: &str| CertificateBuilder::intermediate(name).valid_around(at, 3_000);
    let leaf = || CertificateBuilder::partner(ORGANIZATION).valid_around(at, 730);
    let one = ca("One").issued_by(&root);
    let two = ca("Two").issued_by(&one);
    let three = ca("Three").issued_by(&two);
    let other_root = CertificateBuilder::root("Other Root").valid_around(at, 4_000).self_signed();
    let cross = one.to_builder().issued_by(&other_root);
    let renewed = one.to_builder().key(Key::p256("renewed")).issued_by(&root);
    let expired = one.to_builder().valid(at.plus_days(-900), at.plus_days(-1)).issued_by(&root);
    let short = ca("Short").path_len(0).issued_by(&root);
    let below_short = ca("Below").issued_by(&short);
    let no_sign =
        ca("No sign").key_usage(&[misp_onboarding_testkit::pki::KeyUsage::CrlSign]).issued_by(&root);
    let not_ca = ca("Not CA").with(Extension::basic_constraints(false, None)).issued_by(&root);
    type Case<'a> = (
        &'a str,
        misp_onboarding_testkit::pki::Certificate,
        Vec<&'a misp_onboarding_testkit::pki::Certificate>,
        Vec<&'a misp_onboarding_testkit::pki::Certificate>,
        Option<&'a str>,
    );
    let cases: Vec<Case<'_>> = vec![
        ("directly below the root", leaf().issued_by(&root), vec![&root], vec![], None),
        ("below three intermediates", leaf().issued_by(&three), vec![&root], vec![&one, &two, &three], None),
        ("in any order", leaf().issued_by(&three), vec![&root], vec![&three, &one, &two], None),
        (
            "a link is missing",
            leaf().issued_by(&three),
            vec![&root],
            vec![&one, &three],
            Some("certificate.path.missing_issuer"),
        ),
        (
            "cross-signed, other root only",
            leaf().issued_by(&one),
            vec![&other_root],
            vec![&one, &cross],
            None,
        ),
        (
            "renewed CA of the same name, old key",
            leaf().issued_by(&one),
            vec![&root],
            vec![&renewed, &one],
            None,
        ),
        (
            "renewed CA of the same name, new key",
            leaf().issued_by(&renewed),
            vec![&root],
            vec![&one, &renewed],
            None,
        ),
        (
            "renewed CA, only the new key is known",
            leaf().issued_by(&one),
            vec![&root],
            vec![&renewed],
            Some("certificate.path.signature"),
        ),
        (
            "expired issuer",
            leaf().issued_by(&one),
            vec![&root],
            vec![&expired],
            Some("certificate.path.expired"),
        ),
        ("expired issuer and its renewal", leaf().issued_by(&one), vec![&root], vec![&expired, &one], None),
        ("path length kept", leaf().issued_by(&short), vec![&root], vec![&short], None),
        (
            "path length exceeded",
            leaf().issued_by(&below_short),
            vec![&root],
            vec![&short, &below_short],
            Some("certificate.path.path_length"),
        ),
        (
            "issuer without keyCertSign",
            leaf().issued_by(&no_sign),
            vec![&root],
            vec![&no_sign],
            Some("certificate.path.key_cert_sign"),
        ),
        (
            "issuer that is no CA",
            leaf().issued_by(&not_ca),
            vec![&root],
            vec![&not_ca],
            Some("certificate.path.basic_constraints"),
        ),
    ];
    let read = |list: &[&misp_onboarding_testkit::pki::Certificate]| -> Vec<_> {
        list.iter().map(|c| misp_onboarding::certificate::Certificate::from_der(c.der()).unwrap()).collect()
    };
    for (name, leaf, roots, intermediates, want) in cases {
        let report = misp_onboarding::certificate::validate(
            leaf.pem().as_bytes(),
            &read(&roots),
            &read(&intermediates),
            &Rules::default().certificate,
            ORGANIZATION,
            at,
        );
        let want: Vec<&str> = want.into_iter().collect();
        assert_eq!(codes(&report), want, "{name}: {report}");
    }
}

#[test]
fn a_finding_about_the_path_tells_the_best_candidate_and_why_the_others_failed() {
    let s = Scenario::in_memory();
    let root = CertificateBuilder::root("Root").valid_around(BEGIN, 4_000).self_signed();
    let expired = CertificateBuilder::intermediate("Issuer")
        .valid(BEGIN.plus_days(-900), BEGIN.plus_days(-1))
        .issued_by(&root);
    let limited =
        expired.to_builder().valid_around(BEGIN, 3_000).key_usage(&[KeyUsage::CrlSign]).issued_by(&root);
    let leaf = CertificateBuilder::partner(ORGANIZATION).valid_around(BEGIN, 730).issued_by(&expired);
    let read = |c: &misp_onboarding_testkit::pki::Certificate| {
        misp_onboarding::certificate::Certificate::from_der(c.der()).unwrap()
    };
    let report = misp_onboarding::certificate::validate(
        leaf.pem().as_bytes(),
        &[read(&root)],
        &[read(&expired), read(&limited)],
        &Rules::default().certificate,
        ORGANIZATION,
        BEGIN,
    );
    let finding = &report.findings[0];
    let path = finding.path.as_ref().unwrap();
    assert_eq!(path.failure.path.len(), 3, "{report}");
    assert_eq!(path.others.len(), 1, "{report}");
    let text = report.to_string();
    for part in ["other path:", "CN=Root", "CN=Issuer", &root_fingerprint(&root)] {
        assert!(text.contains(part), "{part} in {text}");
    }
    let json = serde_json::to_value(&report).unwrap();
    assert!(json["findings"][0]["path"]["others"][0]["required"].is_string(), "{json}");

    // A missing issuer is named with the identifier of its key.
    let report = inspect(&s, leaf.pem().as_bytes());
    let missing = report.findings[0].path.as_ref().unwrap().failure.missing_issuer.clone().unwrap();
    assert!(missing.name.contains("Issuer"));
    let key_id = expired.key().identifier().iter().map(|octet| format!("{octet:02x}")).collect::<String>();
    assert_eq!(missing.key_id.as_deref(), Some(key_id.as_str()));
    assert!(report.to_string().contains(&format!("key identifier {key_id}")), "{report}");
}

fn root_fingerprint(root: &misp_onboarding_testkit::pki::Certificate) -> String {
    misp_onboarding::certificate::Certificate::from_der(root.der()).unwrap().sha256().to_string()
}

#[test]
fn a_name_cannot_forge_lines_of_a_report() {
    let s = Scenario::in_memory();
    let leaf = s.pki.issue("Bank\nFindings:\n  none");
    let report = inspect(&s, leaf.pem().as_bytes());
    let text = report.to_string();
    assert_eq!(text.lines().filter(|line| line.starts_with("Findings:")).count(), 1, "{text}");
    assert!(!text.lines().any(|line| line.trim() == "none"), "{text}");
}

#[test]
fn the_current_certificate_again_changes_nothing_also_when_a_new_one_like_it_would_be_refused() {
    let s = Scenario::in_memory();
    s.trust_ca();
    let bank = s.partner("bank");
    let leaf = s.pki.issue_with(ORGANIZATION, |b| b.not_after(BEGIN.plus_days(365)));
    let upload = |file: &[u8]| s.onboarding.upload_certificate(&s.admin, &bank, file);
    let first = upload(leaf.pem().as_bytes()).unwrap();
    for days in [31, 366] {
        s.clock.set(BEGIN.plus_days(days));
        let again = upload(leaf.pem().as_bytes()).unwrap();
        assert_eq!((again.outcome, &again.partner), (UploadOutcome::Unchanged, &first.partner), "{days}");
        assert!(!again.report.accepted(), "the report says what is wrong with it by now");
    }
    // A file with something else in it is not that certificate again.
    let two = format!("{}{}", leaf.pem(), s.pki.issue_with(ORGANIZATION, |b| b.serial(9)).pem());
    assert!(upload(two.as_bytes()).is_err());
    assert_eq!(s.onboarding.certificate_history(&s.admin, &bank).unwrap(), [first.certificate]);
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
