//! Certificate files in every form. What reads holds at most so many entries; each certificate in it, by itself or
//! wrapped in DER, PEM, base64 or PKCS#7, reads as the same again; what its parser takes it gives back unchanged. The
//! report of inspect is that of upload, and a refused upload changes nothing.

use std::sync::{Arc, LazyLock};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use misp_onboarding::certificate::file::{self, FileForm, MAX_CERTIFICATES_PER_FILE, MAX_FILE_BYTES};
use misp_onboarding::certificate::{Certificate, pem, pkcs7};
use misp_onboarding::event::EventSequence;
use misp_onboarding::partner::PartnerId;
use misp_onboarding::trust_store::TrustDomain;
use misp_onboarding::{Error, Onboarding};
use misp_onboarding_testkit::pki::{CertificateBuilder, TestPki, pem_bundle, pkcs7_der, pkcs7_pem};
use misp_onboarding_testkit::scenario::{BEGIN, ORGANIZATION, Scenario};

use crate::{Seed, texts};

/// Checks the law for a file.
pub fn check(data: &[u8]) {
    match file::read(data) {
        Ok(file) => {
            assert!((1..=MAX_CERTIFICATES_PER_FILE).contains(&file.entries.len()));
            let all: Vec<_> = file.certificates().cloned().collect();
            assert!(!all.is_empty());
            check_wrapped(&all);
            all.iter().for_each(check_certificate);
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
    check_partner_upload(data);
    check_ca_upload(data);
}

/// Any way to write certificates gives the same certificates, and nothing else.
fn check_wrapped(all: &[Arc<[u8]>]) {
    let ders: Vec<&[u8]> = all.iter().map(|der| &**der).collect();
    let bundle = pkcs7::certs_only(&ders);
    for der in &ders {
        reads_as(der, FileForm::Der, &[der]);
    }
    let blocks: String = ders.iter().map(|der| pem::encode("CERTIFICATE", der)).collect();
    reads_as(blocks.as_bytes(), FileForm::Pem, &ders);
    reads_as(STANDARD.encode(ders.concat()).as_bytes(), FileForm::Base64, &ders);
    reads_as(&bundle, FileForm::Pkcs7Der, &ders);
    reads_as(pem::encode("PKCS7", &bundle).as_bytes(), FileForm::Pkcs7Pem, &ders);
    reads_as(STANDARD.encode(&bundle).as_bytes(), FileForm::Pkcs7Base64, &ders);
}

fn reads_as(bytes: &[u8], form: FileForm, ders: &[&[u8]]) {
    if bytes.len() > MAX_FILE_BYTES {
        return;
    }
    let file = file::read(bytes).unwrap_or_else(|error| panic!("{form:?}: {error}"));
    assert_eq!(file.form, form);
    assert_eq!(file.entries.len(), ders.len(), "{form:?}");
    assert!(file.certificates().map(|der| &**der).eq(ders.iter().copied()), "{form:?}");
}

fn check_certificate(der: &Arc<[u8]>) {
    match Certificate::from_der(der.clone()) {
        Ok(certificate) => {
            assert_eq!(certificate.der(), &**der);
            let again = Certificate::from_der(certificate.der()).expect("what was parsed parses");
            assert_eq!(again, certificate);
            assert_eq!(again.sha256(), certificate.sha256());
            assert_eq!((again.issuer(), again.subject()), (certificate.issuer(), certificate.subject()));
        }
        Err(error) => assert!(!error.to_string().is_empty()),
    }
}

fn check_partner_upload(data: &[u8]) {
    let (scenario, partner) = &*REFUSING;
    let inspected = inspect(scenario, partner, data);
    assert!(!inspected.to_string().is_empty());
    if inspected.accepted() {
        // One that is not used again: an accepted file changes it.
        let (scenario, partner) = ready();
        let uploaded = scenario.onboarding.upload_certificate(&scenario.admin, &partner, data);
        assert_eq!(uploaded.expect("what inspect accepts is uploaded").report, inspected);
        return;
    }
    let before = last_event(&scenario.onboarding, scenario);
    match scenario.onboarding.upload_certificate(&scenario.admin, partner, data) {
        Err(Error::CertificateRejected(report)) => assert_eq!(*report, inspected),
        other => panic!("inspect refuses with {inspected}, upload answers {other:?}"),
    }
    assert_eq!(last_event(&scenario.onboarding, scenario), before, "a refused upload changes something");
}

/// Nothing is left out, and what is uploaded again is there already.
fn check_ca_upload(data: &[u8]) {
    let (scenario, _) = &*REFUSING;
    let domain: TrustDomain = "DEVICE".parse().expect("a domain of the default rules");
    let upload = || scenario.onboarding.upload_ca_certificates(&scenario.admin, &domain, data);
    let Ok(first) = upload() else {
        assert!(file::read(data).is_err());
        return;
    };
    let file = file::read(data).expect("what is uploaded reads");
    assert!(first.entries.iter().map(|entry| entry.line).eq(file.entries.iter().map(|entry| entry.line)));
    let before = last_event(&scenario.onboarding, scenario);
    let second = upload().expect("what was uploaded once is uploaded again");
    assert_eq!(second.entries.len(), first.entries.len());
    assert_eq!(second.all_accepted(), first.all_accepted(), "{first}\n{second}");
    assert_eq!(last_event(&scenario.onboarding, scenario), before, "the same file changes something again");
}

fn inspect(
    scenario: &Scenario,
    partner: &PartnerId,
    data: &[u8],
) -> misp_onboarding::certificate::CertificateReport {
    scenario.onboarding.inspect_certificate(&scenario.admin, partner, data).expect("the partner is there")
}

/// How many events there are. Only a few certificates of the seeds can ever be uploaded, so it stays small.
fn last_event(engine: &Onboarding, scenario: &Scenario) -> usize {
    engine.events(&scenario.admin, EventSequence::START, 1_000).expect("events are read").len()
}

/// An engine on which no partner certificate was ever accepted.
static REFUSING: LazyLock<(Scenario, PartnerId)> = LazyLock::new(ready);

fn ready() -> (Scenario, PartnerId) {
    let scenario = Scenario::in_memory();
    scenario.trust_ca();
    let partner = scenario.partner("bank");
    (scenario, partner)
}

/// A partner's certificate that is accepted in every form, CA certificates, one with every extension, and what people
/// upload by mistake.
pub fn seeds() -> Vec<Seed> {
    let pki = TestPki::new(BEGIN);
    let leaf = pki.issue(ORGANIZATION);
    let all = [&leaf, &pki.issuing, &pki.root];
    let bare = CertificateBuilder::partner("Other").without_extensions().version(1).issued_by(&pki.issuing);
    let mut seeds = texts(&[
        ("private-key.pem", "-----BEGIN PRIVATE KEY-----\nMAUCAQAEAA==\n-----END PRIVATE KEY-----\n"),
        ("no-end.pem", "note\n-----BEGIN CERTIFICATE-----\nMAMCAQA=\n"),
        ("two-lines.pem", "-----BEGIN CMS-----\r\nMAMC\r\nAQA=\r\n-----END CMS-----\r\n"),
        ("page.html", "<html><body>Not found</body></html>"),
    ]);
    seeds.extend([
        ("leaf.der", leaf.der().to_vec()),
        ("leaf.pem", leaf.pem().into()),
        ("leaf.base64", STANDARD.encode(leaf.der()).into()),
        ("leaf.p7c", pkcs7_der([&leaf])),
        ("bundle.pem", pem_bundle(all).into()),
        ("bundle.p7c", pkcs7_der(all)),
        ("bundle.p7b", pkcs7_pem(all).into()),
        ("cas.pem", pki.ca_pem().into()),
        ("version-1.der", bare.der().to_vec()),
        ("joined.der", all.map(|one| one.der()).concat()),
    ]);
    seeds
}
