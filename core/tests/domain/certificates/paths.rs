//! The path from a certificate to a root of the trust store.

use misp_onboarding::Rules;
use misp_onboarding::certificate::{PathOptions, TrustAnchors, Validator, verify_path};
use misp_onboarding::trust_store::TrustDomain;
use misp_onboarding_testkit::pki::{
    Certificate, CertificateBuilder, Extension, GeneralName, Key, KeyUsage, Name,
};
use misp_onboarding_testkit::scenario::{BEGIN, ORGANIZATION, Scenario};

use super::{codes, inspect};

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
    let no_sign = ca("No sign").key_usage(&[KeyUsage::CrlSign]).issued_by(&root);
    let not_ca = ca("Not CA").with(Extension::basic_constraints(false, None)).issued_by(&root);
    type Case<'a> = (&'a str, Certificate, Vec<&'a Certificate>, Vec<&'a Certificate>, Option<&'a str>);
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
    let read = |list: &[&Certificate]| -> Vec<_> {
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
    let read = |c: &Certificate| misp_onboarding::certificate::Certificate::from_der(c.der()).unwrap();
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
    for part in ["    path:        1. CN=", "other path:", "CN=Root", "CN=Issuer", &root_fingerprint(&root)] {
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
    assert!(!report.to_string().contains("and 0 more"), "{report}");
}

#[test]
fn of_many_paths_that_failed_a_few_are_told_and_the_others_counted() {
    let root = CertificateBuilder::root("Root").valid_around(BEGIN, 4_000).self_signed();
    let ended: Vec<_> = (1..=12)
        .map(|days| {
            let issuer = CertificateBuilder::intermediate("Issuer");
            issuer.valid(BEGIN.plus_days(-900), BEGIN.plus_days(-days)).issued_by(&root)
        })
        .collect();
    let leaf = CertificateBuilder::partner(ORGANIZATION).valid_around(BEGIN, 730).issued_by(&ended[0]);
    let read = |c: &Certificate| misp_onboarding::certificate::Certificate::from_der(c.der()).unwrap();
    let intermediates: Vec<_> = ended.iter().map(read).collect();
    let rules = Rules::default().certificate;
    let validate = misp_onboarding::certificate::validate;
    let report = validate(leaf.pem().as_bytes(), &[read(&root)], &intermediates, &rules, ORGANIZATION, BEGIN);
    let path = report.findings[0].path.as_ref().unwrap();
    assert_eq!(1 + path.others.len() + path.others_left_off, ended.len(), "{report}");
    assert!(path.others_left_off > 0, "{report}");
    assert!(report.to_string().contains(&format!(" and {} more\n", path.others_left_off)), "{report}");
}

#[test]
fn a_path_knows_its_root_and_what_it_was_asked_for_can_be_printed() {
    let root = CertificateBuilder::root("Root").valid_around(BEGIN, 4_000).self_signed();
    let leaf = CertificateBuilder::partner(ORGANIZATION).valid_around(BEGIN, 730).issued_by(&root);
    let read = |c: &Certificate| misp_onboarding::certificate::Certificate::from_der(c.der()).unwrap();
    let options = PathOptions::at(BEGIN);
    let path = verify_path(&read(&leaf), &[read(&root)], &[], &options).unwrap();
    assert_eq!(path.root(), Some(&read(&root)));
    assert!(format!("{options:?}").starts_with("PathOptions { at: "), "{options:?}");
    let anchors = TrustAnchors::load([read(&root)], [], [], &*options.verifier);
    assert_eq!(format!("{anchors:?}"), "TrustAnchors { certificates: 1, remembered_signatures: 0 }");
    let rules = Rules::default().certificate;
    let validator = Validator { anchors: &anchors, rules: &rules, verifier: &options.verifier };
    assert!(format!("{validator:?}").contains("certificates: 1"), "{validator:?}");
    assert_eq!(format!("{:?}", read(&root).key_usage().unwrap()), "KeyUsage(keyCertSign, cRLSign)");
}

fn root_fingerprint(root: &Certificate) -> String {
    misp_onboarding::certificate::Certificate::from_der(root.der()).unwrap().sha256().to_string()
}

/// Uploads CA certificates, all of which must be accepted.
fn trust(s: &Scenario, cas: &[&Certificate]) {
    for ca in cas {
        let report =
            s.onboarding.upload_ca_certificates(&s.admin, &TrustDomain::auth(), ca.pem().as_bytes()).unwrap();
        assert!(report.all_accepted(), "{report}");
    }
}

#[test]
fn name_constraints_of_stored_cas_hold_for_partners() {
    let s = Scenario::in_memory();
    let dns = |name: &str| GeneralName::dns(name);
    let country = |country: &str| Name::empty().country(country);
    let in_country = GeneralName::Directory(country("AA"));
    let root = CertificateBuilder::root("Constrained Root")
        .valid_around(BEGIN, 4_000)
        .with(Extension::name_constraints(&[], &[dns("blocked.example")]))
        .self_signed();
    let ca = CertificateBuilder::intermediate("Constrained CA")
        .subject(country("AA").organization("Authority").common_name("Constrained CA"))
        .valid_around(BEGIN, 3_000)
        .with(Extension::name_constraints(&[in_country, dns("misp.example")], &[]))
        .issued_by(&root);
    trust(&s, &[&root, &ca]);
    let violated: &[&str] = &["certificate.path.name_constraints"];
    for (name, subject, host, want) in [
        ("within both", "AA", Some("bank.misp.example"), &[][..]),
        ("without a host", "AA", None, &[]),
        ("another country", "BB", Some("bank.misp.example"), violated),
        ("another domain", "AA", Some("bank.example"), violated),
        ("what the root excludes", "AA", Some("www.blocked.example"), violated),
    ] {
        let mut leaf = CertificateBuilder::partner(ORGANIZATION)
            .subject(country(subject).organization(ORGANIZATION).common_name("bank"))
            .valid_around(BEGIN, 730);
        if let Some(host) = host {
            leaf = leaf.with(Extension::subject_alt_name(&[dns(host)]));
        }
        let report = inspect(&s, leaf.issued_by(&ca).pem().as_bytes());
        assert_eq!(codes(&report), want, "{name}: {report}");
    }
    // They hold for CA certificates below, too.
    let stray = CertificateBuilder::intermediate("Stray CA")
        .subject(country("BB").organization("Authority").common_name("Stray CA"))
        .valid_around(BEGIN, 3_000)
        .issued_by(&ca);
    let report =
        s.onboarding.upload_ca_certificates(&s.admin, &TrustDomain::auth(), stray.pem().as_bytes()).unwrap();
    assert!(report.to_string().contains("certificate.path.name_constraints"), "{report}");
}

#[test]
fn policy_constraints_of_stored_cas_hold_for_partners() {
    const ONE: &str = "1.3.6.1.4.1.99999.1";
    const OTHER: &str = "1.3.6.1.4.1.99999.2";
    let s = Scenario::in_memory();
    let root = CertificateBuilder::root("Policy Root").valid_around(BEGIN, 4_000).self_signed();
    // Whatever is below must be issued under a policy that everything above allows.
    let strict = CertificateBuilder::intermediate("Strict CA")
        .valid_around(BEGIN, 3_000)
        .with(Extension::certificate_policies(&[ONE]))
        .with(Extension::policy_constraints(Some(0), None))
        .issued_by(&root);
    let lax = CertificateBuilder::intermediate("Lax CA")
        .valid_around(BEGIN, 3_000)
        .with(Extension::certificate_policies(&[ONE]))
        .issued_by(&root);
    trust(&s, &[&root, &strict, &lax]);
    let violated: &[&str] = &["certificate.path.policy"];
    for (name, ca, policies, want) in [
        ("the CA's policy", &strict, Some(ONE), &[][..]),
        ("another policy", &strict, Some(OTHER), violated),
        ("no policy", &strict, None, violated),
        ("another policy where none is asked for", &lax, Some(OTHER), &[]),
        ("no policy where none is asked for", &lax, None, &[]),
    ] {
        let mut leaf = CertificateBuilder::partner(ORGANIZATION).valid_around(BEGIN, 730);
        if let Some(policy) = policies {
            leaf = leaf.with(Extension::certificate_policies(&[policy]));
        }
        let report = inspect(&s, leaf.issued_by(ca).pem().as_bytes());
        assert_eq!(codes(&report), want, "{name}: {report}");
    }
}
