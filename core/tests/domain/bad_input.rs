//! Chapter 10: bad input gets a clear answer in bounded time and memory, and nothing is stored.

use misp_onboarding::Error;
use misp_onboarding::list::ListRequest;
use misp_onboarding::trust_store::TrustDomain;
use misp_onboarding_testkit::pki::{Key, pem_bundle};
use misp_onboarding_testkit::scenario::Scenario;

#[test]
fn a_file_that_holds_no_certificate_is_refused_by_every_call_and_nothing_is_stored() {
    let s = Scenario::in_memory();
    let leaf = s.pki.issue("Example Bank");
    let der = leaf.der();
    let pem = leaf.pem();
    let ten_thousand = {
        let one = pem_bundle([&s.pki.root]);
        one.repeat(10_000)
    };
    let cases: Vec<(&str, Vec<u8>)> = vec![
        ("empty", Vec::new()),
        ("white space", b" \r\n\t ".to_vec()),
        ("truncated DER", der[..der.len() - 1].to_vec()),
        ("half of DER", der[..der.len() / 2].to_vec()),
        ("PEM without an end", pem.as_bytes()[..pem.len() / 2].to_vec()),
        ("not UTF-8", vec![0xff, 0xfe, 0x80, 0x81]),
        ("zeros", vec![0; 4_096]),
        ("a private key", Key::rsa2048("x").private_key_pem().into_bytes()),
        ("a private key in DER", Key::rsa2048("x").private_key_der().to_vec()),
        ("text", b"This is not a certificate.".to_vec()),
        ("HTML", b"<!doctype html><html></html>".to_vec()),
        ("10,000 certificates", ten_thousand.into_bytes()),
        ("100 MB", vec![b'A'; 100_000_000]),
        ("DER that claims 4 GB", vec![0x30, 0x84, 0xff, 0xff, 0xff, 0xff, 0x30]),
        ("deep nesting", [0x30, 0x80].repeat(50_000)),
    ];
    s.trust_ca();
    let partner = s.partner("bank");
    let before = s.onboarding.events(&s.admin, Default::default(), 1_000).unwrap();
    for (name, bytes) in cases {
        let report = s.onboarding.inspect_certificate(&s.admin, &partner, &bytes).unwrap();
        assert!(!report.accepted(), "{name}");
        assert!(report.findings.len() <= 3, "{name}: {report}");
        for finding in &report.findings {
            assert!(finding.found.len() < 1_000 && !finding.found.is_empty(), "{name}: {finding}");
            assert!(!finding.required.is_empty(), "{name}: {finding}");
        }
        match s.onboarding.upload_certificate(&s.admin, &partner, &bytes) {
            Err(Error::CertificateRejected(rejected)) => assert_eq!(*rejected, report, "{name}"),
            other => panic!("{name}: {other:?}"),
        }
        match s.onboarding.upload_ca_certificates(&s.admin, &TrustDomain::auth(), &bytes) {
            Err(error) => assert_eq!(error.code(), "certificate.unreadable_file", "{name}: {error}"),
            Ok(report) => {
                assert!(report.entries.iter().all(|entry| entry.outcome.id().is_none()), "{name}: {report}");
            }
        }
    }
    assert_eq!(s.onboarding.events(&s.admin, Default::default(), 1_000).unwrap(), before);
    assert_eq!(s.onboarding.list_ca_certificates(&s.admin, &ListRequest::default()).unwrap().items.len(), 2);
}

#[test]
fn a_private_key_is_recognized_and_never_echoed() {
    let s = Scenario::in_memory();
    let partner = s.partner("bank");
    let pem = Key::rsa2048("x").private_key_pem();
    let report = s.onboarding.inspect_certificate(&s.admin, &partner, pem.as_bytes()).unwrap();
    let text = format!("{report} {report:?}");
    assert!(text.contains("PRIVATE KEY") || text.contains("private key"), "{text}");
    let body = pem.lines().nth(1).unwrap();
    assert!(!text.contains(&body[..16]), "{text}");
}

#[test]
fn every_byte_of_a_certificate_may_be_wrong_without_a_panic() {
    let s = Scenario::in_memory();
    s.trust_ca();
    let partner = s.partner("bank");
    let der = s.pki.issue("Example Bank").der().to_vec();
    for position in 0..der.len() {
        for change in [0x01, 0x80, 0xff] {
            let mut bytes = der.clone();
            bytes[position] ^= change;
            let report = s.onboarding.inspect_certificate(&s.admin, &partner, &bytes).unwrap();
            assert!(!report.accepted(), "byte {position} changed by {change:#x}");
        }
        let report = s.onboarding.inspect_certificate(&s.admin, &partner, &der[..position]).unwrap();
        assert!(!report.accepted(), "cut at {position}");
    }
}

#[test]
fn long_text_is_refused_without_being_echoed_or_normalized_at_length() {
    let s = Scenario::in_memory();
    let huge = "e\u{301}".repeat(5_000_000);
    let mut new = s.new_partner(&huge);
    new.organization = huge.clone();
    new.address = huge.clone();
    new.email = huge.clone();
    new.contact_number = huge.clone();
    new.language = Some(huge);
    let error = s.onboarding.create_partner(&s.admin, &new).unwrap_err();
    assert!(error.to_string().len() < 2_000, "{}", error.to_string().len());
}
