//! Which certificates are read, and what is read from them.

use super::*;
use crate::certificate::toy::*;

/// Replaces the one place where `from` stands, which is as long as `to`.
fn replace(der: &[u8], from: &[u8], to: &[u8]) -> Vec<u8> {
    let places: Vec<_> = (0..der.len()).filter(|at| der[*at..].starts_with(from)).collect();
    let [at] = places[..] else { panic!("{from:02x?} stands at {places:?}") };
    [&der[..at], to, &der[at + from.len()..]].concat()
}

#[test]
fn every_field_is_given_as_it_stands() {
    let certificate = ca("O=Bank/O=Branch/CN=CA", "Root")
        .serial(&[0x7f, 1])
        .path_len(3)
        .extension(37, false, &sequence(&[&oid("1.3.6.1.5.5.7.3.2"), &oid("1.2.3.4")]))
        .build();
    assert_eq!(certificate.version(), 3);
    assert_eq!(certificate.serial_hex(), "7f01");
    assert_eq!(certificate.subject().organization().as_deref(), Some("Bank"));
    assert_eq!(certificate.subject().organizations(), ["Bank", "Branch"]);
    assert_eq!(certificate.subject().common_name().as_deref(), Some("CA"));
    assert_eq!(certificate.issuer().to_string(), "CN=Root");
    assert_eq!(certificate.not_before().to_string(), "2025-01-01T00:00:00Z");
    assert_eq!(certificate.not_after().to_string(), "2030-01-01T00:00:00Z");
    assert_eq!(certificate.public_key().algorithm().to_string(), "Ed25519");
    assert_eq!(certificate.signature_algorithm(), SignatureAlgorithm::Ed25519);
    assert_eq!(certificate.basic_constraints(), Some(BasicConstraints { ca: true, path_len: Some(3) }));
    assert_eq!(certificate.key_usage().unwrap().to_string(), "keyCertSign");
    assert_eq!(certificate.extended_key_usage(), ["clientAuth", "1.2.3.4"]);
    assert_eq!(certificate.subject_key_id(), Some(&b"O=Bank/O=Branch/CN=CA"[..]));
    assert_eq!(certificate.authority_key_id(), Some(&b"Root"[..]));
    assert!(certificate.is_ca() && !certificate.is_self_issued());
    assert_eq!(certificate, Certificate::from_der(certificate.der()).unwrap());
}

#[test]
fn a_certificate_is_told_apart_by_its_bytes() {
    use std::hash::{BuildHasher, BuildHasherDefault, DefaultHasher};
    let hash =
        |certificate: &Certificate| BuildHasherDefault::<DefaultHasher>::default().hash_one(certificate);
    let (one, again, other) = (root("Root"), root("Root"), ca("Root", "Root").serial(&[2]).build());
    assert_eq!((&one, hash(&one)), (&again, hash(&again)));
    assert_ne!((&one, hash(&one)), (&other, hash(&other)));
    assert_ne!(hash(&one), hash(&other));
    assert_eq!(format!("{one:?}"), format!("Certificate(CN=Root, sha256 {})", one.sha256()));
}

#[test]
fn what_two_readers_could_understand_differently_is_refused() {
    let good = leaf("Leaf", "CA");
    let der = good.der();
    let twice = Toy { extensions: vec![(vec![0x2a, 3], false, vec![5, 0]); 2], ..good.clone() };
    let known_twice =
        Toy { extensions: vec![(vec![0x55, 0x1d, 15], true, vec![3, 2, 2, 4]); 2], ..good.clone() };
    let many = Toy {
        extensions: (0..=129u8).map(|arc| (vec![0x2a, arc & 0x7f, arc >> 7], false, vec![])).collect(),
        ..good.clone()
    };
    for (what, der, found) in [
        ("trailing bytes", [&der[..], &[0]].concat(), "1 bytes more"),
        ("nothing", vec![], "the end of the data"),
        ("cut off", der[..der.len() - 1].to_vec(), "a length of "),
        ("no certificate", b"-----BEGIN CERTIFICATE-----".to_vec(), "an element with tag 0x2d"),
        ("an extension twice", twice.der(), "a second 1.2.3"),
        ("a known extension twice", known_twice.der(), "a second 2.5.29.15"),
        ("too many extensions", many.der(), "more"),
        ("extensions in version 2", good.clone().version(2).der(), "extensions in version 2"),
        ("version 4", good.clone().version(4).der(), "another number"),
        ("no serial number", good.clone().serial(&[]).der(), "an empty integer"),
        (
            "another signature algorithm inside",
            replace(&der, &[0x2b, 0x65, 0x70, 0x30], &[0x2b, 0x65, 0x71, 0x30]),
            "another algorithm or other parameters",
        ),
        ("a malformed time", replace(&der, b"20250101000000Z", b"20251301000000Z"), "\"20251301000000Z\""),
    ] {
        let error = Certificate::from_der(der).unwrap_err();
        assert!(error.found.starts_with(found), "{what}: {error}");
        assert_eq!(error.code(), "certificate.malformed");
    }
}

#[test]
fn malformed_values_of_extensions_that_decide_are_refused() {
    for (what, arc, value) in [
        ("basic constraints of another type", 19, &[4, 0][..]),
        ("basic constraints with a negative path length", 19, &[0x30, 6, 1, 1, 0xff, 2, 1, 0x80]),
        ("basic constraints with more", 19, &[0x30, 2, 5, 0]),
        ("basic constraints and more", 19, &[0x30, 0, 5, 0]),
        ("key usage without bits", 15, &[3, 0]),
        ("key usage with an unused bit of none", 15, &[3, 1, 1]),
        ("key usage with eight unused bits", 15, &[3, 2, 8, 0]),
        ("key identifier of another type", 14, &[5, 0]),
        ("authority key identifier with more", 35, &[0x30, 2, 5, 0]),
        ("alternative names as text", 17, b"example.com"),
        ("an alternative name of no form", 17, &[0x30, 2, 0x89, 0]),
        ("a name constraint without subtrees", 30, &[0x30, 2, 0xa0, 0]),
        ("a name constraint without a base", 30, &[0x30, 4, 0xa0, 2, 0x30, 0]),
        ("no policies", 32, &[0x30, 0]),
        ("a policy that is none", 32, &[0x30, 4, 0x30, 2, 6, 0]),
        ("a policy twice", 32, &[0x30, 10, 0x30, 3, 6, 1, 0x2a, 0x30, 3, 6, 1, 0x2a]),
        ("no mappings", 33, &[0x30, 0]),
        ("half a mapping", 33, &[0x30, 5, 0x30, 3, 6, 1, 0x2a]),
        ("empty policy constraints", 36, &[0x30, 0]),
        ("no key purposes", 37, &[0x30, 0]),
        ("a negative inhibitAnyPolicy", 54, &[2, 1, 0xff]),
    ] {
        let toy = leaf("Leaf", "CA").extension(arc, false, value);
        assert!(Certificate::from_der(toy.der()).is_err(), "{what}");
    }
}

#[test]
fn what_differs_from_der_without_harm_is_read() {
    let constraints =
        |value: &[u8]| leaf("Leaf", "CA").extension(19, true, value).build().basic_constraints();
    let not_ca = Some(BasicConstraints { ca: false, path_len: None });
    let is_ca = |path_len| Some(BasicConstraints { ca: true, path_len });
    assert_eq!(constraints(&[0x30, 3, 1, 1, 0]), not_ca, "the default is written out");
    assert_eq!(constraints(&[0x30, 3, 1, 1, 1]), is_ca(None), "true is not 0xff");
    assert_eq!(constraints(&[0x30, 9, 1, 1, 0xff, 2, 4, 0x7f, 0, 0, 0]), is_ca(Some(0x7f00_0000)));
    assert_eq!(constraints(&[0x30, 11, 1, 1, 0xff, 2, 6, 1, 0, 0, 0, 0, 0]), is_ca(Some(u32::MAX)));
    let usage =
        |value: &[u8]| leaf("Leaf", "CA").extension(15, true, value).build().key_usage().unwrap().to_string();
    assert_eq!(usage(&[3, 2, 5, 0xa0]), "digitalSignature, keyEncipherment");
    assert_eq!(usage(&[3, 3, 0, 0xa0, 0]), "digitalSignature, keyEncipherment", "zeros at the end");
    assert_eq!(usage(&[3, 3, 7, 0, 0x80]), "decipherOnly");
    assert_eq!(usage(&[3, 1, 0]), "");
    for octets in [&[0xff][..], &[0], &[0, 0, 1], &[1; 40]] {
        assert_eq!(leaf("Leaf", "CA").serial(octets).build().serial_number(), octets);
    }
}

#[test]
fn times_are_read_in_the_one_form_allowed() {
    let time = |tag: u8, text: &str| {
        let der = [&[tag, text.len() as u8], text.as_bytes()].concat();
        read_time(&mut Reader::new(&der, 0)).map(|time| time.to_string()).map_err(|error| error.found)
    };
    for (text, expected) in [
        ("500101000000Z", "1950-01-01T00:00:00Z"),
        ("991231235959Z", "1999-12-31T23:59:59Z"),
        ("000229120000Z", "2000-02-29T12:00:00Z"),
        ("491231235959Z", "2049-12-31T23:59:59Z"),
        ("700101000000Z", "1970-01-01T00:00:00Z"),
    ] {
        assert_eq!(time(tag::UTC_TIME, text), Ok(expected.to_owned()));
    }
    for (text, expected) in [
        ("20500101120000Z", "2050-01-01T12:00:00Z"),
        ("00010101000000Z", "0001-01-01T00:00:00Z"),
        ("21000228235959Z", "2100-02-28T23:59:59Z"),
        ("99991231235959Z", "9999-12-30T21:59:59.999999Z"),
    ] {
        assert_eq!(time(tag::GENERALIZED_TIME, text), Ok(expected.to_owned()));
    }
    for text in ["2601151200Z", "260115120000+0000", "260115120000", "26011512000aZ", "261315120000Z", ""] {
        assert_eq!(time(tag::UTC_TIME, text), Err(format!("\"{text}\"")));
    }
    for text in ["21000229000000Z", "20260115120000.5Z", "20260431000000Z", "20260101240000Z"] {
        assert_eq!(time(tag::GENERALIZED_TIME, text), Err(format!("\"{text}\"")));
    }
}

#[test]
fn serial_numbers_of_any_sign_are_shown() {
    for (content, hex) in [
        (&[0][..], "0"),
        (&[0x01, 0x0a], "10a"),
        (&[0x00, 0x80], "80"),
        (&[0xff], "-1"),
        (&[0x80, 0x00], "-8000"),
        (&[0xff, 0x00], "-100"),
    ] {
        assert_eq!(serial_hex(content), hex);
    }
}

#[test]
fn a_certificate_has_at_most_128_extensions_that_nobody_knows() {
    let strange = |arc: u8| if arc < 128 { vec![0x2a, 3, arc] } else { vec![0x2a, 4] };
    let with = |count: u8| {
        let toy = (0..count)
            .fold(toy("Leaf", "CA"), |toy, arc| toy.extension_by_oid(&strange(arc), false, &[5, 0]));
        Certificate::from_der(toy.der())
    };
    assert!(with(128).is_ok());
    assert_eq!(with(129).unwrap_err().needed, "at most 128 extensions");
}
