//! Chapter 2: the trust store.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use misp_onboarding::certificate::path::{MAX_SIGNATURE_CHECKS, MAX_SIGNATURE_CHECKS_PER_UPLOAD};
use misp_onboarding::certificate::{
    CertificateReport, Curve, KeyAlgorithm, PublicKey, SignatureAlgorithm as Algorithm, SignatureError,
    SignatureVerifier, default_verifier,
};
use misp_onboarding::list::ListRequest;
use misp_onboarding::store::MemoryStore;
use misp_onboarding::trust_store::{CaKind, CaOutcome, CaState, CaUploadReport, TrustDomain};
use misp_onboarding::{ErrorKind, Onboarding, Timestamp};
use misp_onboarding_testkit::pki::{
    Certificate, CertificateBuilder, Extension, Hash, Key, KeyUsage, SignatureAlgorithm, oid, pem_bundle,
    pkcs7_der,
};
use misp_onboarding_testkit::scenario::{BEGIN, ORGANIZATION, Scenario};

use crate::{code, kind};

fn upload(s: &Scenario, bytes: &[u8]) -> CaUploadReport {
    s.onboarding.upload_ca_certificates(&s.admin, &TrustDomain::auth(), bytes).unwrap()
}

/// What became of each entry: the outcome, or the codes of its findings.
fn outcomes(report: &CaUploadReport) -> Vec<String> {
    report
        .entries
        .iter()
        .map(|entry| match &entry.outcome {
            CaOutcome::Rejected(findings) => findings.iter().map(|f| f.code).collect::<Vec<_>>().join("+"),
            other => other.as_str().to_owned(),
        })
        .collect()
}

fn stored(s: &Scenario) -> usize {
    s.onboarding.list_ca_certificates(&s.admin, &ListRequest::default().page_size(100)).unwrap().items.len()
}

fn root(name: &str) -> CertificateBuilder {
    CertificateBuilder::root(name).valid_around(BEGIN, 3_650)
}

fn intermediate(name: &str) -> CertificateBuilder {
    CertificateBuilder::intermediate(name).valid_around(BEGIN, 3_000)
}

#[test]
fn a_file_is_taken_in_any_order_and_form_and_a_second_time_changes_nothing() {
    let (a, b, c) = {
        let root = root("Root").self_signed();
        let one = intermediate("One").issued_by(&root);
        let two = intermediate("Two").issued_by(&one);
        (root, one, two)
    };
    let orders: [[&Certificate; 3]; 3] = [[&a, &b, &c], [&c, &b, &a], [&b, &a, &c]];
    for order in orders {
        for form in ["pem", "p7b"] {
            let s = Scenario::in_memory();
            let bytes = match form {
                "pem" => pem_bundle(order).into_bytes(),
                _ => pkcs7_der(order),
            };
            let report = upload(&s, &bytes);
            let want: Vec<_> = order
                .iter()
                .map(|ca| if *ca == &a { "added as root" } else { "added as intermediate" })
                .collect();
            assert_eq!(outcomes(&report), want, "{form}");
            let again = upload(&s, &bytes);
            assert_eq!(outcomes(&again), ["already present"; 3], "{form}");
            assert_eq!(again.entries[0].outcome.id(), report.entries[0].outcome.id());
            assert_eq!(stored(&s), 3);
            let before = s.onboarding.events(&s.admin, Default::default(), 100).unwrap().len();
            assert_eq!(before, 3, "one event for each, none for the second upload");
        }
    }
}

#[test]
fn one_certificate_after_the_other_needs_its_issuer_first() {
    let s = Scenario::in_memory();
    let root = root("Root").self_signed();
    let one = intermediate("One").issued_by(&root);
    let report = upload(&s, one.pem().as_bytes());
    assert_eq!(outcomes(&report), ["certificate.path.missing_issuer"]);
    assert!(report.to_string().contains("Root"), "names the missing issuer: {report}");
    assert_eq!(stored(&s), 0);
    assert_eq!(outcomes(&upload(&s, root.der())), ["added as root"]);
    assert_eq!(outcomes(&upload(&s, one.pem().as_bytes())), ["added as intermediate"]);
    // A root of another domain does not count.
    let device: TrustDomain = "device".parse().unwrap();
    let report = s.onboarding.upload_ca_certificates(&s.admin, &device, one.pem().as_bytes()).unwrap();
    assert_eq!(outcomes(&report), ["certificate.path.missing_issuer"]);
    let report =
        s.onboarding.upload_ca_certificates(&s.admin, &device, pem_bundle([&one, &root]).as_bytes()).unwrap();
    assert_eq!(
        outcomes(&report),
        ["added as intermediate", "added as root"],
        "the same ones in another domain"
    );
}

#[test]
fn each_rule_for_ca_certificates_has_its_finding() {
    let seconds = |at: Timestamp, by: i64| Timestamp::from_unix_seconds(at.unix_seconds() + by);
    let year = BEGIN.plus_calendar_months(12);
    let cases: Vec<(&str, Certificate, &str)> = vec![
        ("12 months left", root("R").not_after(year).self_signed(), "added as root"),
        (
            "a second less",
            root("R").not_after(seconds(year, -1)).self_signed(),
            "certificate.ca_validity_too_short",
        ),
        ("not yet valid", root("R").not_before(seconds(BEGIN, 1)).self_signed(), "certificate.not_yet_valid"),
        ("valid from now", root("R").not_before(BEGIN).self_signed(), "added as root"),
        (
            "expired",
            root("R").valid(BEGIN.plus_days(-100), seconds(BEGIN, -1)).self_signed(),
            "certificate.expired",
        ),
        (
            "version 1",
            root("R").without_extensions().version(1).self_signed(),
            "certificate.version+certificate.not_ca",
        ),
        (
            "no BasicConstraints",
            root("R").without(oid::BASIC_CONSTRAINTS).self_signed(),
            "certificate.not_ca",
        ),
        (
            "an end-entity certificate",
            CertificateBuilder::partner("P").valid_around(BEGIN, 3_000).self_signed(),
            "certificate.not_ca+certificate.no_key_cert_sign",
        ),
        (
            "KeyUsage without keyCertSign",
            root("R").key_usage(&[KeyUsage::CrlSign]).self_signed(),
            "certificate.no_key_cert_sign",
        ),
        ("no KeyUsage", root("R").without(oid::KEY_USAGE).self_signed(), "added as root"),
        ("RSA of 1024 bits", root("R").key(Key::rsa1024("weak")).self_signed(), "certificate.key"),
        ("RSA of 2047 bits", root("R").key(Key::rsa2047("R")).self_signed(), "certificate.key"),
        ("RSA of 2048 bits", root("R").key(Key::rsa2048("R")).self_signed(), "added as root"),
        ("a curve not allowed", root("R").key(Key::secp256k1("R")).self_signed(), "certificate.key"),
        (
            "SHA-1",
            root("R")
                .key(Key::rsa2048("R"))
                .algorithm(SignatureAlgorithm::rsa_pkcs1(Hash::Sha1))
                .self_signed(),
            "certificate.signature_algorithm",
        ),
        (
            "unknown critical extension",
            root("R").with(Extension::unknown(true)).self_signed(),
            "certificate.path.unknown_critical_extension",
        ),
    ];
    for (name, certificate, want) in cases {
        let s = Scenario::in_memory();
        let report = upload(&s, certificate.pem().as_bytes());
        assert_eq!(outcomes(&report), [want], "{name}: {report}");
    }
}

#[test]
fn twelve_months_are_calendar_months_across_month_ends_and_leap_years() {
    for (now, ends, ok) in [
        ("2028-02-29T12:00:00Z", "2029-02-28T12:00:00Z", true),
        ("2028-02-29T12:00:00Z", "2029-02-28T11:59:59Z", false),
        ("2027-02-28T12:00:00Z", "2028-02-28T12:00:00Z", true),
        ("2027-02-28T12:00:00Z", "2028-02-28T11:59:59Z", false),
        ("2026-12-31T00:00:00Z", "2027-12-31T00:00:00Z", true),
        ("2026-12-31T00:00:00Z", "2027-12-30T23:59:59Z", false),
    ] {
        let s = Scenario::in_memory();
        let now: Timestamp = now.parse().unwrap();
        s.clock.set(now);
        let ends: Timestamp = ends.parse().unwrap();
        let ca = CertificateBuilder::root("R").valid(now.plus_days(-1), ends).self_signed();
        assert_eq!(upload(&s, ca.der()).all_accepted(), ok, "{now} to {ends}");
    }
}

#[test]
fn a_bad_member_of_a_file_is_told_and_the_rest_goes_in() {
    let s = Scenario::in_memory();
    let root = root("Root").self_signed();
    let bad = intermediate("Bad").corrupted_signature().issued_by(&root);
    let orphan = intermediate("Orphan")
        .issued_by(&CertificateBuilder::root("Gone").valid_around(BEGIN, 3_000).self_signed());
    let below_bad = intermediate("Below bad").issued_by(&bad);
    let broken = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n";
    let file = format!("{broken}{}", pem_bundle([&below_bad, &bad, &root, &orphan, &root]));
    let report = upload(&s, file.as_bytes());
    let got = outcomes(&report);
    assert_eq!(got.len(), 6, "nothing is dropped: {report}");
    assert!(got[0].starts_with("certificate."), "{got:?}");
    assert!(got[1].starts_with("certificate.path."), "{got:?}");
    assert_eq!(got[2], "certificate.path.signature");
    assert_eq!(got[3], "added as root");
    assert_eq!(got[4], "certificate.path.missing_issuer");
    assert_eq!(got[5], "already present", "the second copy in one file");
    assert_eq!(stored(&s), 1);
}

#[test]
fn a_path_length_of_the_root_binds_the_intermediates() {
    let s = Scenario::in_memory();
    let root = root("Root").path_len(1).self_signed();
    let one = intermediate("One").issued_by(&root);
    let two = intermediate("Two").issued_by(&one);
    let report = upload(&s, pem_bundle([&root, &one, &two]).as_bytes());
    // "Two" is itself judged as the end of a path with one intermediate: allowed. Below it nothing is.
    assert_eq!(outcomes(&report)[..2], ["added as root", "added as intermediate"]);
}

#[test]
fn the_chain_of_a_ca_goes_up_to_its_root_also_as_pkcs7() {
    let s = Scenario::in_memory();
    let root = root("Root").self_signed();
    let one = intermediate("One").issued_by(&root);
    let two = intermediate("Two").issued_by(&one);
    let report = upload(&s, pem_bundle([&two, &root, &one]).as_bytes());
    let id = report.entries[0].outcome.id().unwrap();
    let chain = s.onboarding.ca_chain(&s.admin, id).unwrap();
    let ders: Vec<&[u8]> = chain.certificates.iter().map(|ca| &*ca.der).collect();
    assert_eq!(ders, [two.der(), one.der(), root.der()]);
    let file = misp_onboarding::certificate::file::read(&chain.to_pkcs7()).unwrap();
    let read: Vec<&[u8]> = file.certificates().map(|der| &**der).collect();
    assert_eq!(read, ders);
    let root_id = report.entries[1].outcome.id().unwrap();
    assert_eq!(s.onboarding.ca_chain(&s.admin, root_id).unwrap().certificates.len(), 1);
    assert_eq!(s.onboarding.ca_certificate(&s.admin, root_id).unwrap().kind, CaKind::Root);
    let nothing = "018f0000-0000-7000-8000-000000000000".parse().unwrap();
    assert_eq!(
        kind(s.onboarding.ca_chain(&s.admin, nothing)),
        (ErrorKind::NotFound, "ca_certificate.not_found")
    );
    // Distrusted ones keep their chain, for the record.
    s.onboarding.distrust_ca_certificate(&s.admin, root_id, "compromised").unwrap();
    assert_eq!(s.onboarding.ca_chain(&s.admin, id).unwrap().certificates.len(), 3);
}

#[test]
fn a_chain_goes_to_the_ca_that_signed_by_name_and_by_key() {
    for (what, stranger) in [
        ("the same name with another key", root("Root").key(Key::p256("another key"))),
        ("the same key under another name", root("Renamed").key(Key::p256("Root"))),
    ] {
        let s = Scenario::in_memory();
        let issuer = root("Root").key(Key::p256("Root")).self_signed();
        let issuing = intermediate("Issuing").issued_by(&issuer);
        // It is stored first, so it would be found first.
        for certificate in [&stranger.self_signed(), &issuer] {
            assert_eq!(outcomes(&upload(&s, certificate.der())), ["added as root"], "{what}");
            s.clock.advance(std::time::Duration::from_secs(1));
        }
        let report = upload(&s, issuing.der());
        let id = report.entries[0].outcome.id().unwrap();
        let chain = s.onboarding.ca_chain(&s.admin, id).unwrap().certificates;
        let ders: Vec<_> = chain.iter().map(|ca| &*ca.der).collect();
        assert_eq!(ders, [issuing.der(), issuer.der()], "{what}");
    }
}

#[test]
fn a_distrusted_ca_neither_anchors_nor_links_and_names_who_relied_on_it() {
    for distrust_root in [true, false] {
        let s = Scenario::in_memory();
        let (bank, telecom) = (s.active_partner("bank"), s.active_partner("telecom"));
        let cas = s.onboarding.list_ca_certificates(&s.admin, &ListRequest::default()).unwrap().items;
        let wanted = if distrust_root { CaKind::Root } else { CaKind::Intermediate };
        let ca = cas.iter().find(|ca| ca.kind == wanted).unwrap();
        let distrusted = s.onboarding.distrust_ca_certificate(&s.admin, ca.id, "key lost").unwrap();
        assert_eq!(distrusted.affected_partners, [bank.clone(), telecom]);
        assert_eq!(distrusted.ca_certificate.state, CaState::Distrusted);
        assert_eq!(distrusted.ca_certificate.distrust_reason.as_ref().unwrap().as_str(), "key lost");

        let report: CertificateReport = s
            .onboarding
            .inspect_certificate(&s.admin, &bank, s.pki.issue(ORGANIZATION).pem().as_bytes())
            .unwrap();
        assert_eq!(report.findings.len(), 1, "{report}");
        assert_eq!(report.findings[0].code, "certificate.path.distrusted", "{report}");
        let again = s.onboarding.distrust_ca_certificate(&s.admin, ca.id, "again");
        assert_eq!(kind(again), (ErrorKind::WrongState, "ca_certificate.not_trusted"));
        // Neither a new key nor a new intermediate rests on it.
        let key = s
            .onboarding
            .generate_license_key(&s.admin, &misp_onboarding_testkit::scenario::generate(&bank, "new"));
        assert_eq!(code(key), "license_key.certificate_not_trusted");
        let report = upload(&s, s.pki.ca_pem().as_bytes());
        assert!(outcomes(&report).contains(&"certificate.distrusted".to_owned()), "{report}");
        let sub = intermediate("Sub").issued_by(if distrust_root { &s.pki.root } else { &s.pki.issuing });
        let got = outcomes(&upload(&s, sub.der()));
        assert!(got[0].starts_with("certificate.path."), "{got:?}");
    }
}

#[test]
fn whom_a_distrusted_ca_certified_is_told_so_also_when_a_ca_of_its_name_took_its_place() {
    let s = Scenario::in_memory();
    let bank = s.active_partner("bank");
    let cas = s.onboarding.list_ca_certificates(&s.admin, &ListRequest::default()).unwrap().items;
    let issuing = cas.iter().find(|ca| ca.kind == CaKind::Intermediate).unwrap();
    s.onboarding.distrust_ca_certificate(&s.admin, issuing.id, "key lost").unwrap();
    let successor = s.pki.issuing.to_builder().key(Key::p256("new key")).issued_by(&s.pki.root);
    assert_eq!(outcomes(&upload(&s, successor.der())), ["added as intermediate"]);
    let certificate = s.pki.issue(ORGANIZATION);
    let report = s.onboarding.inspect_certificate(&s.admin, &bank, certificate.pem().as_bytes()).unwrap();
    let told: Vec<_> = report.findings.iter().map(|finding| finding.code).collect();
    assert_eq!(told, ["certificate.path.distrusted"], "{report}");
}

#[test]
fn domains_are_those_configured_read_in_any_case() {
    let s = Scenario::in_memory();
    let other: TrustDomain = "OTHER".parse().unwrap();
    let result = s.onboarding.upload_ca_certificates(&s.admin, &other, s.pki.ca_pem().as_bytes());
    assert_eq!(kind(result), (ErrorKind::InvalidInput, "trust_store.unknown_domain"));
    let auth: TrustDomain = " auth ".parse().unwrap();
    assert_eq!(auth, TrustDomain::auth());
    for bad in ["", "a b", "É", &"A".repeat(37)] {
        assert!(bad.parse::<TrustDomain>().is_err(), "{bad}");
    }
    assert!("A".repeat(36).parse::<TrustDomain>().is_ok());
}

#[test]
fn a_distrust_needs_a_reason_of_1_to_500_characters() {
    let s = Scenario::in_memory();
    s.trust_ca();
    let ca = s.onboarding.list_ca_certificates(&s.admin, &ListRequest::default()).unwrap().items[0].id;
    for reason in ["", &"x".repeat(501)] {
        assert_eq!(code(s.onboarding.distrust_ca_certificate(&s.admin, ca, reason)), "input.invalid");
    }
    assert!(s.onboarding.distrust_ca_certificate(&s.admin, ca, &"x".repeat(500)).is_ok());
}

/// Counts signature checks, cannot do those with P-521 keys if told so, and does something else before one of them.
#[derive(Default)]
struct Counting {
    checks: AtomicUsize,
    without_p521: bool,
    before: Mutex<Option<Box<dyn FnOnce() + Send>>>,
}

impl SignatureVerifier for Counting {
    fn verify(
        &self,
        algorithm: &Algorithm,
        key: &PublicKey,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), SignatureError> {
        let before = self.before.lock().unwrap().take();
        if let Some(before) = before {
            before();
        }
        self.checks.fetch_add(1, Ordering::Relaxed);
        if self.without_p521 && *key.algorithm() == (KeyAlgorithm::Ec { curve: Curve::P521 }) {
            let (algorithm, key) = (algorithm.clone(), key.algorithm().to_string());
            return Err(SignatureError::Unsupported { algorithm, key });
        }
        default_verifier().verify(algorithm, key, message, signature)
    }
}

/// A scenario with a verifier of its own.
fn scenario(verifier: Counting) -> (Scenario, Arc<Counting>) {
    let verifier = Arc::new(verifier);
    let mut s = Scenario::in_memory();
    let builder = Onboarding::builder_with_verifier(Arc::new(MemoryStore::new()), verifier.clone());
    s.onboarding = Arc::new(builder.clock(s.clock.clone()).build().unwrap());
    (s, verifier)
}

/// Uploads to an empty trust store; the outcomes and the number of signature checks that they took.
fn counted(cas: &[Certificate]) -> (Vec<String>, usize) {
    let (s, verifier) = scenario(Counting::default());
    let report = upload(&s, pem_bundle(cas).as_bytes());
    (outcomes(&report), verifier.checks.load(Ordering::Relaxed))
}

#[test]
fn each_certificate_of_a_good_file_costs_one_signature_check() {
    let roots: Vec<_> = (0..1_000).map(|number| root(&format!("Root {number}")).self_signed()).collect();
    for count in [150, 1_000] {
        assert_eq!(counted(&roots[..count]), (vec!["added as root".to_owned(); count], count));
    }

    let mut chain = vec![root("Root 0").self_signed()];
    for depth in 1..8 {
        chain.push(intermediate(&format!("CA {depth}")).issued_by(&chain[depth - 1]));
    }
    chain.reverse();
    let (outcomes, checks) = counted(&chain);
    assert_eq!(
        (&outcomes[..7], &*outcomes[7]),
        (&vec!["added as intermediate".to_owned(); 7][..], "added as root")
    );
    assert_eq!(checks, 8);

    // Roots of one name without key identifiers: each is first taken for its own issuer.
    let same: Vec<_> = (0..100)
        .map(|number| {
            root("Same").key(Key::p256(&format!("same {number}"))).without(oid::SUBJECT_KEY_IDENTIFIER)
        })
        .map(CertificateBuilder::self_signed)
        .collect();
    assert_eq!(counted(&same), (vec!["added as root".to_owned(); 100], 100));
}

#[test]
fn the_signature_checks_for_a_file_are_bounded() {
    // CAs of one name and no key identifiers, signed by nobody among them: each may be the issuer of each.
    let outsider = Key::p256("outsider");
    let hostile = |number: usize| {
        intermediate("Same")
            .key(Key::p256(&format!("same {number}")))
            .without(oid::SUBJECT_KEY_IDENTIFIER)
            .without(oid::AUTHORITY_KEY_IDENTIFIER)
            .signing_key(outsider.clone())
            .self_signed()
    };
    let mut cas: Vec<_> = (0..120).map(hostile).collect();
    cas.insert(60, root("Root").self_signed());
    let (s, verifier) = scenario(Counting::default());
    let report = upload(&s, pem_bundle(&cas).as_bytes());
    let checks = verifier.checks.load(Ordering::Relaxed);
    assert!(checks <= MAX_SIGNATURE_CHECKS_PER_UPLOAD, "{checks}");
    assert!(checks > MAX_SIGNATURE_CHECKS, "{checks}: the bound on one validation is another");
    for (number, entry) in report.entries.iter().enumerate() {
        let CaOutcome::Rejected(findings) = &entry.outcome else {
            assert_eq!((number, entry.outcome.as_str()), (60, "added as root"));
            continue;
        };
        assert_eq!((findings[0].code, findings[0].pms_code), ("certificate.path.limit", Some("KER-PCM-005")));
        assert_eq!(findings[0].found, "more");
    }
    let needed = format!("at most {MAX_SIGNATURE_CHECKS_PER_UPLOAD} signature checks needed, found more");
    assert!(report.to_string().contains(&needed), "{report}");
}

#[test]
fn a_file_that_is_judged_again_has_its_signatures_checked_once() {
    let (s, verifier) = scenario(Counting::default());
    let roots: Vec<_> = (0..10).map(|number| root(&format!("Root {number}")).self_signed()).collect();
    let below = intermediate("CA").issued_by(&roots[0]);
    let other = root("Other").self_signed();
    let (onboarding, admin) = (s.onboarding.clone(), s.admin.clone());
    // Somebody else changes the domain while the file is judged.
    *verifier.before.lock().unwrap() = Some(Box::new(move || {
        onboarding.upload_ca_certificates(&admin, &TrustDomain::auth(), other.der()).unwrap();
    }));
    let report = upload(&s, pem_bundle(roots.iter().chain([&below])).as_bytes());
    assert!(report.all_accepted(), "{report}");
    assert_eq!(stored(&s), 12);
    assert_eq!(verifier.checks.load(Ordering::Relaxed), 12);
    // A trust store that is loaded again remembers as well: the intermediate costs one check, the next none.
    let more = |name: &str| assert!(upload(&s, root(name).self_signed().der()).all_accepted());
    more("One");
    assert_eq!(verifier.checks.load(Ordering::Relaxed), 14);
    more("Two");
    assert_eq!(verifier.checks.load(Ordering::Relaxed), 15);
}

#[test]
fn a_root_whose_signature_cannot_be_checked_is_refused_for_that() {
    let (s, _) = scenario(Counting { without_p521: true, ..Default::default() });
    let ca = root("R").key(Key::p521("R")).self_signed();
    let report = upload(&s, ca.der());
    assert_eq!(outcomes(&report), ["certificate.path.signature"]);
    let CaOutcome::Rejected(findings) = &report.entries[0].outcome else { panic!("{report}") };
    assert_eq!(findings[0].found, "SHA512withECDSA with a key EC P-521 cannot be checked");
    assert_eq!(findings[0].pms_code, Some("KER-PCM-005"));
}
