//! What the test PKI builds, read by OpenSSL.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod openssl;

use misp_onboarding::Timestamp;
use misp_onboarding_testkit::pki::{
    Attribute, Certificate, CertificateBuilder, Extension, GeneralName, Hash, Key, KeyKind, KeyUsage, Name,
    SignatureAlgorithm, StringType, TestPki, Time, der, oid, pem_bundle, pkcs7_der, pkcs7_pem,
};

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn now() -> Timestamp {
    at("2026-01-15T12:00:00Z")
}

#[test]
fn the_usual_chain_is_good() {
    let pki = TestPki::new(now());
    let bank = pki.issue("Example Bank");
    assert_eq!(openssl::verify(&bank, &[&pki.root], &[&pki.issuing], now()), Ok(()));
    assert_eq!(openssl::verify(&pki.root, &[&pki.root], &[], now()), Ok(()));
    assert!(openssl::verify(&bank, &[&pki.root], &[], now()).is_err(), "without the issuing CA");
    let text = openssl::text(&bank);
    for part in [
        "Version: 3 (0x2)",
        "Issuer: CN=UTF8STRING:Test Issuing CA,O=UTF8STRING:Test Authority,C=PRINTABLESTRING:XX",
        "Subject: CN=UTF8STRING:Example Bank,O=UTF8STRING:Example Bank",
        "Not Before: Jan 14 12:00:00 2026 GMT Not After : Jan 15 12:00:00 2028 GMT",
        "X509v3 Key Usage: critical Digital Signature, Key Encipherment",
    ] {
        assert!(text.contains(part), "{part:?} in {text}");
    }
}

#[test]
fn every_kind_of_key_signs_with_every_algorithm_of_its_own() {
    use Hash::{Sha1, Sha224, Sha256, Sha384, Sha512};
    let hashes = [Sha1, Sha224, Sha256, Sha384, Sha512];
    for kind in [
        KeyKind::Rsa1024,
        KeyKind::Rsa2047,
        KeyKind::Rsa2048,
        KeyKind::Rsa3072,
        KeyKind::Rsa4096,
        KeyKind::P256,
        KeyKind::P384,
        KeyKind::P521,
        KeyKind::Secp256k1,
        KeyKind::Ed25519,
    ] {
        let mut algorithms = match kind {
            KeyKind::Ed25519 => vec![SignatureAlgorithm::ed25519()],
            KeyKind::P256 | KeyKind::P384 | KeyKind::P521 | KeyKind::Secp256k1 => {
                hashes.map(SignatureAlgorithm::ecdsa).to_vec()
            }
            // 1,024 bits have no room for SHA-512 with as much salt.
            KeyKind::Rsa1024 => [
                hashes.map(SignatureAlgorithm::rsa_pkcs1).to_vec(),
                vec![SignatureAlgorithm::rsa_pss(Sha384)],
            ]
            .concat(),
            _ => {
                [hashes.map(SignatureAlgorithm::rsa_pkcs1), hashes.map(SignatureAlgorithm::rsa_pss)].concat()
            }
        };
        if kind == KeyKind::Rsa2048 || kind == KeyKind::Rsa2047 {
            algorithms.push(SignatureAlgorithm::rsa_pss_with(Sha256, Sha256, 0));
            algorithms.push(SignatureAlgorithm::rsa_pss_with(Sha256, Sha256, 222));
            algorithms.push(SignatureAlgorithm::rsa_pss_with(Sha512, Sha1, 20));
        }
        for algorithm in algorithms {
            let root = CertificateBuilder::root("Signing Root")
                .key(Key::new(kind, "signing root"))
                .algorithm(algorithm.clone())
                .self_signed();
            // Under a level that allows everything, so that only the arithmetic is judged.
            let directory = tempfile::tempdir().unwrap();
            let path = directory.path().join("root.pem");
            std::fs::write(&path, root.pem()).unwrap();
            let path = path.to_str().unwrap();
            let arguments =
                ["verify", "-check_ss_sig", "-auth_level", "0", "-no_check_time", "-CAfile", path, path];
            let (good, output) = openssl::run(&arguments, b"");
            assert!(good, "{kind:?} with {:?}: {output}", algorithm);
        }
    }
}

#[test]
fn private_keys_belong_to_their_certificates() {
    for kind in [KeyKind::Rsa1024, KeyKind::Rsa2048, KeyKind::P256, KeyKind::P521, KeyKind::Ed25519] {
        let bank = CertificateBuilder::partner("Example Bank").key(Key::new(kind, "bank")).self_signed();
        let (good, of_private) = openssl::run(&["pkey", "-pubout"], bank.private_key_pem().as_bytes());
        assert!(good, "{of_private}");
        let (good, of_certificate) = openssl::run(&["x509", "-noout", "-pubkey"], bank.pem().as_bytes());
        assert!(good, "{of_certificate}");
        assert_eq!(of_private, of_certificate, "{kind:?}");
    }
}

struct Chain {
    root: CertificateBuilder,
    issuing: CertificateBuilder,
    bank: CertificateBuilder,
}

impl Chain {
    fn new() -> Self {
        Self {
            root: CertificateBuilder::root("Table Root CA"),
            issuing: CertificateBuilder::intermediate("Table Issuing CA"),
            bank: CertificateBuilder::partner("Example Bank"),
        }
    }

    fn verdict(self) -> Result<(), String> {
        let root = self.root.self_signed();
        let issuing = self.issuing.issued_by(&root);
        let bank = self.bank.issued_by(&issuing);
        openssl::verify(&bank, &[&root], &[&issuing], now())
    }
}

#[test]
fn a_defect_is_what_openssl_calls_it() {
    type Change = fn(Chain) -> Chain;
    let cases: &[(&str, Change, &str)] = &[
        (
            "wrong key",
            |c| Chain { bank: c.bank.signing_key(Key::p256("stranger")), ..c },
            "certificate signature failure",
        ),
        (
            "corrupted signature",
            |c| Chain { issuing: c.issuing.corrupted_signature(), ..c },
            "certificate signature failure",
        ),
        (
            "corrupted RSA signature",
            |c| Chain {
                issuing: c.issuing.key(Key::rsa2048("table")),
                bank: c.bank.corrupted_signature(),
                ..c
            },
            "certificate signature failure",
        ),
        (
            "other issuer named",
            |c| Chain { bank: c.bank.issuer(Name::cn("Nobody")), ..c },
            "unable to get local issuer",
        ),
        (
            "expired",
            |c| Chain { bank: c.bank.not_after("2026-01-15T11:59:59Z"), ..c },
            "certificate has expired",
        ),
        (
            "not yet valid",
            |c| Chain { issuing: c.issuing.not_before("2026-01-15T12:00:01Z"), ..c },
            "not yet valid",
        ),
        (
            "issuing CA is none",
            |c| Chain { issuing: c.issuing.with(Extension::basic_constraints(false, None)), ..c },
            "invalid CA certificate",
        ),
        (
            "issuing CA without BasicConstraints",
            |c| Chain { issuing: c.issuing.without(oid::BASIC_CONSTRAINTS), ..c },
            "invalid CA certificate",
        ),
        (
            "root allows no intermediate",
            |c| Chain { root: c.root.path_len(0), ..c },
            "path length constraint exceeded",
        ),
        (
            "issuing CA may not sign certificates",
            |c| Chain { issuing: c.issuing.key_usage(&[KeyUsage::CrlSign]), ..c },
            "invalid CA certificate",
        ),
        (
            "unknown critical",
            |c| Chain { bank: c.bank.with(Extension::unknown(true)), ..c },
            "unhandled critical extension",
        ),
        (
            "name not permitted",
            |c| {
                let permitted = GeneralName::Directory(Name::empty().organization("Other Bank"));
                Chain { issuing: c.issuing.with(Extension::name_constraints(&[permitted], &[])), ..c }
            },
            "permitted subtree violation",
        ),
        (
            "name excluded",
            |c| Chain {
                issuing: c.issuing.with(Extension::name_constraints(&[], &[GeneralName::dns("example.com")])),
                bank: c.bank.with(Extension::subject_alt_name(&[GeneralName::dns("www.example.com")])),
                ..c
            },
            "excluded subtree violation",
        ),
        (
            "wrong authority key identifier",
            |c| Chain { bank: c.bank.with(Extension::authority_key_identifier(&[1; 20])), ..c },
            "unable to get local issuer",
        ),
        (
            "algorithms differ",
            |c| Chain { bank: c.bank.inner_algorithm(SignatureAlgorithm::ecdsa(Hash::Sha384)), ..c },
            "signature",
        ),
    ];
    assert_eq!(Chain::new().verdict(), Ok(()));
    for (name, change, want) in cases {
        let output = change(Chain::new()).verdict().expect_err(name);
        assert!(output.contains(want), "{name}: {want:?} in {output}");
    }
}

#[test]
fn what_is_no_defect_is_accepted() {
    type Change = fn(Chain) -> Chain;
    let cases: &[(&str, Change)] = &[
        ("unknown extension, not critical", |c| Chain { bank: c.bank.with(Extension::unknown(false)), ..c }),
        ("one intermediate allowed", |c| Chain {
            root: c.root.path_len(1),
            issuing: c.issuing.path_len(0),
            ..c
        }),
        ("version 1 root", |c| Chain { root: c.root.version(1).without_extensions(), ..c }),
        ("no key usage", |c| Chain { issuing: c.issuing.without(oid::KEY_USAGE), ..c }),
        ("no key identifiers", |c| Chain { root: c.root.without(oid::SUBJECT_KEY_IDENTIFIER), ..c }),
        ("dates in GeneralizedTime", |c| {
            let time = |text: &str| Time::Generalized(at(text));
            Chain { bank: c.bank.valid(time("1949-01-01T00:00:00Z"), time("2050-01-01T00:00:00Z")), ..c }
        }),
        ("names of every kind permitted", |c| {
            let names = [
                GeneralName::Directory(Name::empty().organization("Example Bank")),
                GeneralName::email(".example.com"),
                GeneralName::dns("example.com"),
                GeneralName::uri(".example.com"),
                GeneralName::Ip(vec![192, 0, 2, 0, 255, 255, 255, 0]),
            ];
            let own = [
                GeneralName::email("bank@mail.example.com"),
                GeneralName::dns("www.example.com"),
                GeneralName::uri("https://www.example.com/"),
                GeneralName::Ip(vec![192, 0, 2, 7]),
            ];
            Chain {
                issuing: c.issuing.with(Extension::name_constraints(&names, &[])),
                bank: c.bank.with(Extension::subject_alt_name(&own)),
                ..c
            }
        }),
    ];
    for (name, change) in cases {
        assert_eq!(change(Chain::new()).verdict(), Ok(()), "{name}");
    }
}

#[test]
fn every_field_is_where_openssl_looks_for_it() {
    let blank = || CertificateBuilder::blank(Name::cn("x"), Key::p256("fields"));
    let policies = ["2.999.7", oid::ANY_POLICY];
    let cases: Vec<(&str, CertificateBuilder, &str)> = vec![
        ("version 1", blank().version(1), "Version: 1 (0x0)"),
        ("version 2", blank().version(2), "Version: 2 (0x1)"),
        ("version 4", blank().version(4), "Version: Unknown (3)"),
        ("serial 0", blank().serial(0), "Serial Number: 0 (0x0)"),
        ("negative serial", blank().serial(-255), "Serial Number: -255 (-0xff)"),
        ("long serial", blank().serial_bytes(&[0x11; 30]), "11:11:11:11:11:11:11:11:11:11:11:11:11:11:11"),
        ("no subject", blank().subject(Name::empty()), "Subject: Subject Public Key Info"),
        (
            "several organizations",
            blank().subject(Name::empty().organization("A").organization("B")),
            "Subject: O=UTF8STRING:B,O=UTF8STRING:A",
        ),
        (
            "two attributes in one relative name",
            blank().subject(Name::empty().with_rdn([
                Attribute::utf8(oid::ORGANIZATION, "A"),
                Attribute::new(oid::COMMON_NAME, StringType::Ia5, "b"),
            ])),
            "Subject: CN=IA5STRING:b+O=UTF8STRING:A",
        ),
        (
            "TeletexString and BMPString",
            blank().subject(
                Name::empty()
                    .with(Attribute::new(oid::ORGANIZATION, StringType::Teletex, "Soci\u{e9}t\u{e9}"))
                    .with(Attribute::new(oid::COMMON_NAME, StringType::Bmp, "\u{e9}")),
            ),
            r"CN=BMPSTRING:\C3\A9,O=T61STRING:Soci\C3\A9t\C3\A9",
        ),
        (
            "UTCTime for a year it cannot say",
            blank().not_after(Time::Utc(at("2055-01-01T00:00:00Z"))),
            "Not After : Jan 1 00:00:00 1955 GMT",
        ),
        ("RSA of 1,024 bits", blank().key(Key::rsa1024("x")), "Public-Key: (1024 bit)"),
        ("RSA of 2,047 bits", blank().key(Key::rsa2047("x")), "Public-Key: (2047 bit)"),
        ("curve not allowed", blank().key(Key::secp256k1("x")), "ASN1 OID: secp256k1"),
        (
            "MD5 by name only",
            blank()
                .key(Key::rsa2048("fields"))
                .algorithm(SignatureAlgorithm::rsa_pkcs1(Hash::Sha256).labeled(oid::MD5_WITH_RSA)),
            "Signature Algorithm: md5WithRSAEncryption",
        ),
        (
            "unknown algorithm",
            blank().algorithm(SignatureAlgorithm::ecdsa(Hash::Sha256).labeled(oid::UNKNOWN)),
            "Signature Algorithm: 2.999.1",
        ),
        ("path length", blank().path_len(3), "X509v3 Basic Constraints: critical CA:TRUE, pathlen:3"),
        (
            "path length, not critical",
            blank().with(Extension::basic_constraints(true, Some(300)).not_critical()),
            "X509v3 Basic Constraints: CA:TRUE, pathlen:300",
        ),
        (
            "every key usage",
            blank().key_usage(&[
                KeyUsage::DigitalSignature,
                KeyUsage::NonRepudiation,
                KeyUsage::KeyEncipherment,
                KeyUsage::DataEncipherment,
                KeyUsage::KeyAgreement,
                KeyUsage::KeyCertSign,
                KeyUsage::CrlSign,
                KeyUsage::EncipherOnly,
                KeyUsage::DecipherOnly,
            ]),
            "Digital Signature, Non Repudiation, Key Encipherment, Data Encipherment, Key Agreement, Certificate Sign, CRL Sign, Encipher Only, Decipher Only",
        ),
        (
            "extended key usage",
            blank().with(Extension::extended_key_usage(&[oid::CLIENT_AUTH, oid::ANY_EXTENDED_KEY_USAGE])),
            "TLS Web Client Authentication, Any Extended Key Usage",
        ),
        (
            "policies",
            blank().with(Extension::certificate_policies(&policies)),
            "Policy: 2.999.7 Policy: X509v3 Any Policy",
        ),
        ("mappings", blank().with(Extension::policy_mappings(&[("2.999.7", "2.999.8")])), "2.999.7:2.999.8"),
        (
            "policy constraints",
            blank().with(Extension::policy_constraints(Some(1), Some(0))),
            "Require Explicit Policy:1, Inhibit Policy Mapping:0",
        ),
        (
            "one policy constraint",
            blank().with(Extension::policy_constraints(None, Some(200))),
            "critical Inhibit Policy Mapping:200",
        ),
        (
            "inhibit any policy",
            blank().with(Extension::inhibit_any_policy(2)),
            "X509v3 Inhibit Any Policy: critical 2",
        ),
        (
            "name constraints",
            blank().with(Extension::name_constraints(
                &[GeneralName::dns(".example.com"), GeneralName::Ip(vec![10, 0, 0, 0, 255, 0, 0, 0])],
                &[GeneralName::email("bank@example.com"), GeneralName::Directory(Name::cn("x"))],
            )),
            "Permitted: DNS:.example.com IP:10.0.0.0/255.0.0.0 Excluded: email:bank@example.com DirName:CN = x",
        ),
        (
            "alternative names",
            blank().with(Extension::subject_alt_name(&[
                GeneralName::uri("https://example.com/"),
                GeneralName::Ip(vec![0; 16]),
                GeneralName::RegisteredId("2.999.7".into()),
                GeneralName::Other { oid: "2.999.9".into(), value: StringType::Utf8.der("o") },
            ])),
            "URI:https://example.com/, IP Address:0:0:0:0:0:0:0:0, Registered ID:2.999.7, othername:",
        ),
        (
            "authority by issuer and serial",
            blank().with(Extension::authority_issuer_and_serial(
                &GeneralName::Directory(Name::cn("y")),
                &[0x12, 0x34],
            )),
            "X509v3 Authority Key Identifier: DirName:/CN=y serial:12:34",
        ),
        (
            "the same extension twice",
            blank().with(Extension::unknown(false)).with_duplicate(Extension::unknown(true)),
            "2.999.1: .. 2.999.1: critical ..",
        ),
        ("raw extension", blank().with(Extension::raw("2.999.5", false, b"anything")), "2.999.5: anything"),
        ("extensions in version 1", blank().version(1).path_len(0), "CA:TRUE, pathlen:0"),
    ];
    for (name, builder, want) in cases {
        let text = openssl::text(&builder.self_signed());
        assert!(text.contains(want), "{name}: {want:?} in {text}");
    }
}

#[test]
fn malformed_parts_are_as_given() {
    let blank = || CertificateBuilder::blank(Name::cn("x"), Key::p256("malformed"));
    let contains = |certificate: &Certificate, part: &[u8]| {
        certificate.der().windows(part.len()).any(|window| window == part)
    };
    let marker = der::octet_string(b"not what belongs here");
    for (name, builder) in [
        ("version", blank().raw_version(&marker)),
        ("serial", blank().serial_bytes(&marker)),
        ("time", blank().not_before(Time::Raw(marker.clone()))),
        ("name", blank().subject(Name::empty().with(Attribute::raw(oid::ORGANIZATION, &marker)))),
        ("key", blank().raw_public_key(&marker)),
        ("alternative name", blank().with(Extension::subject_alt_name(&[GeneralName::Raw(marker.clone())]))),
        ("algorithm", blank().inner_algorithm(SignatureAlgorithm::ed25519().with_identifier(&marker))),
        ("signature", blank().raw_signature(&marker)),
    ] {
        assert!(contains(&builder.self_signed(), &marker), "{name}");
    }
    let cut = Extension::basic_constraints(true, Some(1)).malformed();
    assert_eq!(cut.value, [0x30]);
}

#[test]
fn everything_but_keys_and_ecdsa_is_repeatable() {
    let build = |key: &str| {
        let root = CertificateBuilder::root("Repeatable CA").key(Key::ed25519(key)).self_signed();
        (CertificateBuilder::partner("Example Bank").issued_by(&root), root)
    };
    assert_eq!(build("repeatable"), build("repeatable"));
    assert_ne!(build("repeatable"), build("another"));
    assert_eq!(Key::p256("one"), Key::p256("one"));
    assert_ne!(Key::p256("one"), Key::p256("two"));
}

#[test]
fn cross_signing_and_renewal_keep_name_and_key() {
    let (old, new) = (
        CertificateBuilder::root("Old Root").self_signed(),
        CertificateBuilder::root("New Root").self_signed(),
    );
    let issuing = CertificateBuilder::intermediate("Shared CA").issued_by(&old);
    let crossed = issuing.to_builder().issued_by(&new);
    let renewed = issuing.to_builder().not_after("2035-01-01").issued_by(&old);
    let rekeyed = issuing.to_builder().key(Key::p256("second")).issued_by(&old);
    let bank = CertificateBuilder::partner("Example Bank").issued_by(&issuing);
    assert_eq!(openssl::verify(&bank, &[&old], &[&issuing], now()), Ok(()));
    assert_eq!(openssl::verify(&bank, &[&new], &[&crossed], now()), Ok(()));
    assert_eq!(openssl::verify(&bank, &[&old], &[&renewed], now()), Ok(()));
    assert!(openssl::verify(&bank, &[&old], &[&rekeyed], now()).is_err());
    assert!(openssl::verify(&bank, &[&new], &[&issuing], now()).is_err());
    let serials: std::collections::HashSet<_> = [&issuing, &crossed, &renewed, &rekeyed]
        .map(|certificate| openssl::run(&["x509", "-noout", "-serial"], certificate.pem().as_bytes()).1)
        .into();
    assert_eq!(serials.len(), 4);
}

#[test]
fn bundles_are_read_by_openssl() {
    let pki = TestPki::new(now());
    let both = [&pki.root, &pki.issuing];
    let (good, from_pem) = openssl::run(&["pkcs7", "-print_certs"], pkcs7_pem(both).as_bytes());
    assert!(good, "{from_pem}");
    let (good, from_der) = openssl::run(&["pkcs7", "-inform", "DER", "-print_certs"], &pkcs7_der(both));
    assert!(good, "{from_der}");
    assert_eq!(from_pem, from_der);
    for certificate in both {
        assert!(from_pem.contains(&certificate.pem()));
    }
    assert_eq!(pem_bundle(both), pki.ca_pem());
}
