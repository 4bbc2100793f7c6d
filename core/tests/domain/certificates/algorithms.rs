//! Which keys and signature algorithms are good, each with each.

use std::sync::Arc;

use misp_onboarding::certificate::{
    Certificate, CertificateReport, CertificateRules, PublicKey, SignatureAlgorithm as Named, SignatureError,
    SignatureVerifier, TrustAnchors, Validator, default_verifier, validate,
};
use misp_onboarding_testkit::pki::{
    Certificate as Made, CertificateBuilder, Hash, Key, KeyKind, SignatureAlgorithm, der, oid,
};
use misp_onboarding_testkit::scenario::{BEGIN, ORGANIZATION};

use super::codes;

/// The report on a certificate that a root with this key has signed in this way.
fn report(
    kind: KeyKind,
    algorithm: &SignatureAlgorithm,
    verifier: &Arc<dyn SignatureVerifier>,
) -> CertificateReport {
    let root = CertificateBuilder::root("Root").key(Key::new(kind, "root")).valid_around(BEGIN, 3_650);
    let root = root.algorithm(algorithm.clone()).self_signed();
    let leaf = CertificateBuilder::partner(ORGANIZATION).valid_around(BEGIN, 730);
    let leaf = leaf.algorithm(algorithm.clone()).issued_by(&root);
    let root = Certificate::from_der(root.der()).unwrap();
    let anchors = TrustAnchors::load([root], [], [], &**verifier);
    let validator = Validator { anchors: &anchors, rules: &CertificateRules::default(), verifier };
    validator.validate(leaf.der(), ORGANIZATION, BEGIN)
}

#[test]
fn each_allowed_algorithm_is_accepted_from_each_key_that_it_goes_with() {
    use Hash::{Sha256, Sha384, Sha512};
    let pss = SignatureAlgorithm::rsa_pss_with;
    // Each with its name, and whether ring offers it too.
    let rsa = [
        (SignatureAlgorithm::rsa_pkcs1(Sha256), "SHA256withRSA", true),
        (SignatureAlgorithm::rsa_pkcs1(Sha384), "SHA384withRSA", true),
        (SignatureAlgorithm::rsa_pkcs1(Sha512), "SHA512withRSA", true),
        (SignatureAlgorithm::rsa_pss(Sha256), "SHA256withRSAandMGF1", true),
        (SignatureAlgorithm::rsa_pss(Sha384), "SHA384withRSAandMGF1", true),
        (SignatureAlgorithm::rsa_pss(Sha512), "SHA512withRSAandMGF1", true),
        // The longest salt that fits 2,048 bits, and the one that is meant where none is written.
        (pss(Sha256, Sha256, 222), "SHA256withRSAandMGF1", false),
        (pss(Sha384, Sha384, 206), "SHA384withRSAandMGF1", false),
        (pss(Sha512, Sha512, 190), "SHA512withRSAandMGF1", false),
        (pss(Sha256, Sha256, 20), "SHA256withRSAandMGF1", false),
        (pss(Sha384, Sha384, 20), "SHA384withRSAandMGF1", false),
        (pss(Sha512, Sha512, 20), "SHA512withRSAandMGF1", false),
    ];
    let ecdsa = |by_ring: [bool; 3]| {
        [
            (SignatureAlgorithm::ecdsa(Sha256), "SHA256withECDSA", by_ring[0]),
            (SignatureAlgorithm::ecdsa(Sha384), "SHA384withECDSA", by_ring[1]),
            (SignatureAlgorithm::ecdsa(Sha512), "SHA512withECDSA", by_ring[2]),
        ]
    };
    let verifiers: &[(Arc<dyn SignatureVerifier>, bool)] = &[
        (default_verifier(), false),
        #[cfg(feature = "ring")]
        (Arc::new(misp_onboarding::certificate::Ring), true),
    ];
    for (kind, algorithms) in [
        (KeyKind::Rsa2048, &rsa[..]),
        (KeyKind::P256, &ecdsa([true, true, false])[..]),
        (KeyKind::P384, &ecdsa([true, true, false])),
        (KeyKind::P521, &ecdsa([false; 3])),
        (KeyKind::Ed25519, &[(SignatureAlgorithm::ed25519(), "Ed25519", true)]),
    ] {
        for (algorithm, name, by_ring) in algorithms {
            for (verifier, is_ring) in verifiers {
                let report = report(kind, algorithm, verifier);
                let offered = !is_ring || *by_ring;
                assert_eq!(report.accepted(), offered, "{name} by {kind:?}, ring {is_ring}: {report}");
                assert_eq!(report.chain.len(), usize::from(offered), "{name} by {kind:?}");
                assert_eq!(report.details.unwrap().signature_algorithm.to_string(), *name);
            }
        }
    }
}

#[test]
fn a_salt_that_nobody_checks_leaves_the_path_unproven() {
    for salt in [0, 21, 33, 221] {
        let algorithm = SignatureAlgorithm::rsa_pss_with(Hash::Sha256, Hash::Sha256, salt);
        let report = report(KeyKind::Rsa2048, &algorithm, &default_verifier());
        assert!(!report.accepted(), "{salt}: {report}");
        assert!(report.to_string().contains("cannot be checked"), "{salt}: {report}");
    }
}

/// A verifier of a host, which leaves unusual salts to the default.
struct Simple;

impl SignatureVerifier for Simple {
    fn verify(&self, _: &Named, _: &PublicKey, _: &[u8], _: &[u8]) -> Result<(), SignatureError> {
        Ok(())
    }
}

#[test]
fn a_verifier_that_knows_no_other_salt_accepts_none() {
    let root = CertificateBuilder::root("Root").key(Key::rsa2048("root")).valid_around(BEGIN, 3_650);
    let root = Certificate::from_der(root.self_signed().der()).unwrap();
    let refused = Simple.verify_pss_with_salt(&Named::RsaPssSha256, 20, root.public_key(), b"", b"");
    assert!(matches!(refused, Err(SignatureError::Unsupported { .. })), "{refused:?}");
}

#[test]
fn what_signed_itself_is_told_from_what_only_has_the_same_name() {
    let verifier = default_verifier();
    let root = CertificateBuilder::root("Root").valid_around(BEGIN, 3_650);
    let itself = root.clone().self_signed();
    let another_key = root.clone().signing_key(Key::p256("another")).self_signed();
    let issued = CertificateBuilder::partner(ORGANIZATION).issued_by(&itself);
    for (name, certificate, want) in
        [("itself", &itself, true), ("another key", &another_key, false), ("issued", &issued, false)]
    {
        let certificate = Certificate::from_der(certificate.der()).unwrap();
        assert_eq!(certificate.is_self_signed(&*verifier), want, "{name}");
    }
}

#[test]
fn a_wrong_signature_is_invalid_and_one_by_a_key_of_unusual_size_unchecked() {
    let verifier = default_verifier();
    let key = |key: Key| {
        let root = CertificateBuilder::root("Root").key(key).self_signed();
        Certificate::from_der(root.der()).unwrap()
    };
    let (small, usual) = (key(Key::rsa1024("root")), key(Key::rsa2048("root")));
    for (name, checked_from_1024) in [
        ("SHA256withRSA", true),
        ("SHA384withRSA", false),
        ("SHA512withRSA", true),
        ("SHA256withRSAandMGF1", false),
    ] {
        let algorithm: Named = name.parse().unwrap();
        let verify =
            |root: &Certificate| verifier.verify(&algorithm, root.public_key(), b"message", &[0; 256]);
        assert_eq!(verify(&usual), Err(SignatureError::Invalid), "{name}");
        assert_eq!(verify(&small) == Err(SignatureError::Invalid), checked_from_1024, "{name}");
        assert!(verify(&small).is_err(), "{name}");
    }
}

#[test]
fn a_key_is_called_by_its_kind_and_size() {
    for (kind, name) in [
        (KeyKind::Rsa1024, "RSA 1024"),
        (KeyKind::Rsa2047, "RSA 2047"),
        (KeyKind::Rsa2048, "RSA 2048"),
        (KeyKind::P256, "EC P-256"),
        (KeyKind::P384, "EC P-384"),
        (KeyKind::P521, "EC P-521"),
        (KeyKind::Secp256k1, "EC 1.3.132.0.10"),
        (KeyKind::Ed25519, "Ed25519"),
    ] {
        let root = CertificateBuilder::root("Root").key(Key::new(kind, "root")).self_signed();
        let root = Certificate::from_der(root.der()).unwrap();
        assert_eq!(root.public_key().algorithm().to_string(), name);
    }
}

#[test]
fn a_key_shows_its_kind_and_not_its_octets() {
    let root = CertificateBuilder::root("Root").key(Key::rsa2048("root")).self_signed();
    let root = Certificate::from_der(root.der()).unwrap();
    assert_eq!(format!("{:?}", root.public_key()), "PublicKey(RSA 2048)");
}

#[test]
fn a_self_signed_certificate_of_unknown_make_is_called_so() {
    let partner = || CertificateBuilder::partner(ORGANIZATION).valid_around(BEGIN, 730);
    let unknown = [0x30, 5, 6, 3, 0x2a, 3, 4];
    let strange_key = der::sequence(&[unknown.to_vec(), der::bit_string(&[1, 2, 3])]);
    let by_unknown = SignatureAlgorithm::ecdsa(Hash::Sha256).with_identifier(&unknown);
    for (name, leaf) in [
        ("an unknown key", partner().raw_public_key(&strange_key)),
        ("an unknown algorithm", partner().algorithm(by_unknown)),
    ] {
        assert!(called_self_signed(&leaf.self_signed()), "{name}");
    }
}

#[test]
fn a_certificate_that_names_another_key_is_not_called_self_signed() {
    let ca = CertificateBuilder::root("Same").valid_around(BEGIN, 3_650).self_signed();
    let same = |key| {
        let partner = CertificateBuilder::partner(ORGANIZATION).valid_around(BEGIN, 730);
        partner.subject(ca.subject().clone()).key(key)
    };
    let silent = |key| same(key).without(oid::AUTHORITY_KEY_IDENTIFIER);
    for (name, leaf, want) in [
        ("the identifier of another key", same(Key::secp256k1("p")), false),
        ("a signature of another kind of key", silent(Key::rsa2048("p")), false),
        ("nothing of another key", silent(Key::secp256k1("p")), true),
    ] {
        assert_eq!(called_self_signed(&leaf.issued_by(&ca)), want, "{name}");
    }
}

/// Whether that is found, and not that an issuer is missing, where no CA is trusted.
fn called_self_signed(leaf: &Made) -> bool {
    let report = validate(leaf.der(), &[], &[], &CertificateRules::default(), ORGANIZATION, BEGIN);
    let codes = codes(&report);
    let found = codes.contains(&"certificate.self_signed");
    assert_ne!(found, codes.contains(&"certificate.path.missing_issuer"), "{report}");
    found
}
