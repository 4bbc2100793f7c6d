//! Files that are refused as a whole, and what the refusal says.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use misp_onboarding::certificate::file::{self, MAX_CERTIFICATES_PER_FILE, MAX_FILE_BYTES};

use super::samples::SAMPLES;
use super::{block, body, smallest_der};

#[test]
fn every_refusal_says_what_was_found() {
    const FORMS: &str = "certificates as PEM, DER, base64 of DER or PKCS#7 required, found ";
    let one = SAMPLES.text("one.pem");
    let one_der = SAMPLES.bytes("one.der");
    let utf16 = |text: &str, to_bytes: fn(u16) -> [u8; 2]| {
        text.encode_utf16().flat_map(to_bytes).collect::<Vec<u8>>()
    };
    let forms = |found: &str| format!("{FORMS}{found}");
    let not = |found: &str| format!("a certificate required, found {found}");
    let many = one.repeat(MAX_CERTIFICATES_PER_FILE + 1);

    let cases: Vec<(&str, Vec<u8>, &str, String)> = vec![
        ("nothing", vec![], "empty", forms("an empty file")),
        ("white space", b" \r\n\t".to_vec(), "empty", forms("an empty file")),
        (
            "one byte too long",
            vec![b' '; MAX_FILE_BYTES + 1],
            "too_large",
            "a file of at most 1048576 bytes required, found 1048577 bytes".into(),
        ),
        (
            "ten thousand certificates",
            one.repeat(10_000).into(),
            "too_large",
            format!("a file of at most 1048576 bytes required, found {} bytes", one.len() * 10_000),
        ),
        (
            "one certificate too many",
            many.into(),
            "too_many_certificates",
            "at most 1000 certificates in a file required, found more".into(),
        ),
        (
            "five thousand small entries",
            smallest_der().repeat(5_000),
            "too_many_certificates",
            "at most 1000 certificates in a file required, found more".into(),
        ),
        (
            "UTF-16 with mark",
            utf16(&format!("\u{feff}{one}"), u16::to_le_bytes),
            "utf16",
            "text saved as UTF-8 required, found UTF-16 text".into(),
        ),
        (
            "UTF-16, little end first",
            utf16(&one, u16::to_le_bytes),
            "utf16",
            "text saved as UTF-8 required, found UTF-16 text".into(),
        ),
        (
            "UTF-16, big end first",
            utf16(&one, u16::to_be_bytes),
            "utf16",
            "text saved as UTF-8 required, found UTF-16 text".into(),
        ),
        ("a web page", b"\n<!DOCTYPE HTML><title>Login</title>".to_vec(), "html", forms("a web page")),
        (
            "text",
            b"please find attached our certificate".to_vec(),
            "other_text",
            forms("text without a PEM block"),
        ),
        (
            "a word that is no whole base64",
            b"hello".to_vec(),
            "other_text",
            forms("text without a PEM block"),
        ),
        ("one word", b"certificate".to_vec(), "other_text", forms("text without a PEM block")),
        (
            "base64 of text",
            STANDARD.encode("certificate").into(),
            "other_text",
            forms("text without a PEM block"),
        ),
        ("JSON", b"{\"certificate\": null}".to_vec(), "other_text", forms("text without a PEM block")),
        (
            "a picture",
            b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec(),
            "other_binary",
            forms("binary data that is not DER"),
        ),
        (
            "an archive",
            b"PK\x03\x04\x14\0\0\0".to_vec(),
            "other_binary",
            forms("binary data that is not DER"),
        ),
        (
            "BEGIN without END",
            one.split_at(300).0.into(),
            "no_end_line",
            "an END line for the CERTIFICATE block required, found the next block or the end of the file"
                .into(),
        ),
        (
            "END without BEGIN",
            one.split_at(100).1.into(),
            "no_begin_line",
            "a BEGIN line before END CERTIFICATE required, found none".into(),
        ),
        (
            "DER cut off",
            one_der[..200].to_vec(),
            "truncated_der",
            format!("DER of at least {} bytes required, found 200 bytes", one_der.len()),
        ),
        (
            "DER cut off in its header",
            one_der[..3].to_vec(),
            "truncated_der",
            "DER of at least 4 bytes required, found 3 bytes".into(),
        ),
        (
            "base64 cut off",
            STANDARD.encode(&one_der)[..101].into(),
            "incomplete_base64",
            "base64 text of whole bytes required, found 101 characters that do not add up".into(),
        ),
        (
            "base64 of DER cut off",
            STANDARD.encode(&one_der[..99]).into(),
            "truncated_der",
            format!("DER of at least {} bytes required, found 99 bytes", one_der.len()),
        ),
        ("private key", SAMPLES.bytes("key.pem"), "not_a_certificate", not("PRIVATE KEY")),
        ("private key in DER", SAMPLES.bytes("key.der"), "not_a_certificate", not("PRIVATE KEY")),
        (
            "private key labeled CERTIFICATE",
            block("CERTIFICATE", &STANDARD.encode(SAMPLES.bytes("key.der"))),
            "not_a_certificate",
            not("PRIVATE KEY"),
        ),
        ("EC private key", SAMPLES.bytes("key-ec.pem"), "not_a_certificate", not("EC PRIVATE KEY")),
        ("EC private key in DER", SAMPLES.bytes("key-ec.der"), "not_a_certificate", not("EC PRIVATE KEY")),
        ("RSA private key in DER", SAMPLES.bytes("rsa.der"), "not_a_certificate", not("RSA PRIVATE KEY")),
        (
            "encrypted private key",
            SAMPLES.bytes("key-encrypted.der"),
            "not_a_certificate",
            not("ENCRYPTED PRIVATE KEY"),
        ),
        ("public key", SAMPLES.bytes("public.pem"), "not_a_certificate", not("PUBLIC KEY")),
        ("public key in DER", SAMPLES.bytes("public.der"), "not_a_certificate", not("PUBLIC KEY")),
        (
            "RSA public key in DER",
            SAMPLES.bytes("rsa-public.der"),
            "not_a_certificate",
            not("RSA PUBLIC KEY"),
        ),
        ("request", SAMPLES.bytes("request.pem"), "not_a_certificate", not("CERTIFICATE REQUEST")),
        ("request in DER", SAMPLES.bytes("request.der"), "not_a_certificate", not("CERTIFICATE REQUEST")),
        (
            "request in base64",
            STANDARD.encode(SAMPLES.bytes("request.der")).into(),
            "not_a_certificate",
            not("CERTIFICATE REQUEST"),
        ),
        ("CRL", SAMPLES.bytes("crl.pem"), "not_a_certificate", not("X509 CRL")),
        ("CRL in DER", SAMPLES.bytes("crl.der"), "not_a_certificate", not("X509 CRL")),
        (
            "attribute certificate",
            // Version 2, holder, issuer, signature algorithm, serial number (RFC 5755 section 4.1).
            [&[0x30, 0x13, 0x30, 0x0c, 2, 1, 1, 0x30, 0, 0xa0, 0, 0x30, 0, 2, 1][..], &[7, 0x30, 0, 3, 1, 0]]
                .concat(),
            "not_a_certificate",
            not("ATTRIBUTE CERTIFICATE"),
        ),
        ("PKCS#12", SAMPLES.bytes("bundle.p12"), "not_a_certificate", not("PKCS12")),
        (
            "several blocks, none a certificate",
            format!("{}{}", SAMPLES.text("public.pem"), SAMPLES.text("request.pem")).into(),
            "not_a_certificate",
            not("PUBLIC KEY (first of 2 entries, none of them a certificate)"),
        ),
        (
            "PKCS#7 with indefinite lengths",
            SAMPLES.bytes("indefinite.p7m"),
            "indefinite_length",
            "DER, which states every length required, found BER with an indefinite length".into(),
        ),
        (
            "PKCS#7 without certificates",
            SAMPLES.bytes("empty.p7c"),
            "empty_pkcs7",
            "PKCS#7 with certificates required, found none".into(),
        ),
        (
            "encrypted PKCS#7",
            SAMPLES.bytes("encrypted.p7m"),
            "not_signed_data",
            "PKCS#7 SignedData required, found content type 1.2.840.113549.1.7.3".into(),
        ),
        (
            "PKCS#7 whose version is no number",
            {
                let mut bundle = SAMPLES.bytes("both.p7c");
                let version = bundle.windows(5).position(|bytes| bytes == [2, 1, 1, 0x31, 0]).unwrap();
                bundle[version] = 4;
                bundle
            },
            "malformed_pkcs7",
            "PKCS#7 SignedData as in RFC 5652 required, found other fields".into(),
        ),
        (
            "PKCS#7 with other fields",
            // A ContentInfo of SignedData whose content is an INTEGER.
            [
                &[0x30, 0x10, 0x06, 0x09][..],
                &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 7, 2],
                &[0xa0, 3, 2, 1, 0],
            ]
            .concat(),
            "malformed_pkcs7",
            "PKCS#7 SignedData as in RFC 5652 required, found other fields".into(),
        ),
    ];
    for (name, bytes, code, message) in cases {
        let error = file::read(&bytes).expect_err(name);
        assert_eq!(error.code(), format!("certificate_file.{code}"), "{name}");
        assert_eq!(error.to_string(), message, "{name}");
    }
}

#[test]
fn no_error_repeats_the_content() {
    for name in ["key.pem", "key-ec.pem", "rsa.pem"] {
        let secret = body(&SAMPLES.text(name));
        for bytes in [
            SAMPLES.bytes(name),
            secret.clone().into(),
            block("CERTIFICATE", &secret),
            block("CERTIFICATE", &secret[1..]),
            SAMPLES.text(name).split_at(150).0.into(),
        ] {
            let error = file::read(&bytes).expect_err(name);
            let told = format!("{error} {error:?}");
            for window in secret.as_bytes().windows(8) {
                assert!(!told.contains(std::str::from_utf8(window).unwrap()), "{name}: {told}");
            }
        }
    }
}
