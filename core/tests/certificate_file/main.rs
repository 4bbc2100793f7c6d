//! Every form of a certificate file, every refusal, and what happens on arbitrary bytes.
#![allow(clippy::unwrap_used, clippy::expect_used)]

mod laws;
mod refusals;
mod samples;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use misp_onboarding::certificate::file::{self, FileForm, UnreadableEntry, UnreadableFile};
use misp_onboarding::certificate::{pem, pkcs7};

use samples::SAMPLES;

/// The body of a PEM text, without its markers and line breaks.
fn body(pem: &str) -> String {
    pem.lines().filter(|line| !line.starts_with('-')).collect()
}

fn wrapped(base64: &str, width: usize, line_end: &str) -> String {
    base64
        .as_bytes()
        .chunks(width)
        .map(|line| format!("{}{line_end}", std::str::from_utf8(line).unwrap()))
        .collect()
}

fn block(label: &str, body: &str) -> Vec<u8> {
    format!("-----BEGIN {label}-----\n{body}\n-----END {label}-----\n").into_bytes()
}

#[test]
fn every_form_is_read() {
    let (one, two) = (SAMPLES.bytes("one.der"), SAMPLES.bytes("two.der"));
    let (one_pem, two_pem) = (SAMPLES.text("one.pem"), SAMPLES.text("two.pem"));
    let base64 = body(&one_pem);
    let both = format!("{one_pem}{two_pem}");
    let p7b = SAMPLES.text("both.p7b");
    let p7c = SAMPLES.bytes("both.p7c");
    let only_one = || vec![&one];
    let in_order = || vec![&one, &two];

    let cases = vec![
        ("one block", one_pem.clone().into(), FileForm::Pem, only_one()),
        ("several blocks", both.clone().into(), FileForm::Pem, in_order()),
        ("the other order", format!("{two_pem}{one_pem}").into(), FileForm::Pem, vec![&two, &one]),
        ("the same block twice", format!("{one_pem}{one_pem}").into(), FileForm::Pem, vec![&one, &one]),
        ("CRLF", both.replace('\n', "\r\n").into(), FileForm::Pem, in_order()),
        ("lone CR", both.replace('\n', "\r").into(), FileForm::Pem, in_order()),
        ("byte order mark", format!("\u{feff}{both}").into(), FileForm::Pem, in_order()),
        ("base64 in one line", block("CERTIFICATE", &base64), FileForm::Pem, only_one()),
        ("76 columns", block("CERTIFICATE", &wrapped(&base64, 76, "\n")), FileForm::Pem, only_one()),
        ("all in one line", one_pem.replace('\n', "").into(), FileForm::Pem, only_one()),
        ("all in one line with spaces", one_pem.replace('\n', " ").into(), FileForm::Pem, only_one()),
        ("blank lines", one_pem.replace('\n', "\n\n").into(), FileForm::Pem, only_one()),
        ("trailing spaces", one_pem.replace('\n', " \t \n").into(), FileForm::Pem, only_one()),
        ("leading spaces", format!("  {}", one_pem.replace('\n', "\n  ")).into(), FileForm::Pem, only_one()),
        ("no final newline", both.trim_end().into(), FileForm::Pem, in_order()),
        (
            "joined without a newline",
            format!("{}{two_pem}", one_pem.trim_end()).into(),
            FileForm::Pem,
            in_order(),
        ),
        (
            "text around",
            format!("subject=A\n{one_pem}# next -- the other\n{two_pem}end").into(),
            FileForm::Pem,
            in_order(),
        ),
        ("Latin-1 text around", [b"Soci\xe9t\xe9\n", one_pem.as_bytes()].concat(), FileForm::Pem, only_one()),
        (
            "url-safe alphabet in a block",
            block("CERTIFICATE", &URL_SAFE_NO_PAD.encode(&one)),
            FileForm::Pem,
            only_one(),
        ),
        ("X509 CERTIFICATE", block("X509 CERTIFICATE", &base64), FileForm::Pem, only_one()),
        ("TRUSTED CERTIFICATE", SAMPLES.bytes("one-trusted.pem"), FileForm::Pem, only_one()),
        ("DER", one.clone(), FileForm::Der, only_one()),
        ("DER, two joined", [&one[..], &two].concat(), FileForm::Der, in_order()),
        ("base64", base64.clone().into(), FileForm::Base64, only_one()),
        ("base64 in lines", wrapped(&base64, 64, "\r\n").into(), FileForm::Base64, only_one()),
        ("base64 with byte order mark", format!("\u{feff}{base64}").into(), FileForm::Base64, only_one()),
        ("url-safe base64", URL_SAFE_NO_PAD.encode(&one).into(), FileForm::Base64, only_one()),
        ("PKCS7", p7b.clone().into(), FileForm::Pkcs7Pem, in_order()),
        ("CMS", block("CMS", &body(&p7b)), FileForm::Pkcs7Pem, in_order()),
        ("PKCS #7 SIGNED DATA", block("PKCS #7 SIGNED DATA", &body(&p7b)), FileForm::Pkcs7Pem, in_order()),
        ("PKCS#7 labeled CERTIFICATE", block("CERTIFICATE", &body(&p7b)), FileForm::Pkcs7Pem, in_order()),
        ("PKCS#7 in DER", p7c.clone(), FileForm::Pkcs7Der, in_order()),
        ("PKCS#7 in base64", STANDARD.encode(&p7c).into(), FileForm::Pkcs7Base64, in_order()),
        ("PKCS#7 with a signer", SAMPLES.bytes("signed.p7m"), FileForm::Pkcs7Der, only_one()),
        ("a certificate and PKCS#7", format!("{two_pem}{p7b}").into(), FileForm::Pem, vec![&two, &one, &two]),
    ];
    for (name, bytes, form, want) in &cases {
        let file = file::read(bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        assert_eq!(file.form, *form, "{name}");
        assert_eq!(file.entries.len(), want.len(), "{name}: no bad entries");
        assert!(
            file.certificates().map(|der| der.to_vec()).eq(want.iter().map(|der| der.to_vec())),
            "{name}"
        );
    }
}

#[test]
fn an_entry_names_its_line() {
    let text = format!("first\r\n{}\rthird\n{}", block_text("CERTIFICATE"), SAMPLES.text("two.pem"));
    let file = file::read(text.as_bytes()).unwrap();
    let lines: Vec<_> = file.entries.iter().map(|entry| entry.line).collect();
    assert_eq!(lines, [Some(2), Some(7)]);
    assert_eq!(file::read(&SAMPLES.bytes("one.der")).unwrap().entries[0].line, None);
}

/// The shortest value that is taken for DER without being all of a file.
fn smallest_der() -> Vec<u8> {
    let mut der = vec![0; 131];
    der[..3].copy_from_slice(&[0x30, 0x81, 0x80]);
    der
}

fn block_text(label: &str) -> String {
    String::from_utf8(block(label, "MAMCAQA=")).unwrap()
}

#[test]
fn a_bad_entry_leaves_the_others_alone() {
    let (one, two) = (SAMPLES.text("one.pem"), SAMPLES.text("two.pem"));
    let cut = one.split_at(300).0;
    let no_begin = one.replace("-----BEGIN", "----BEGIN");
    let one_der = SAMPLES.bytes("one.der");
    let two_der = SAMPLES.bytes("two.der");

    let cases: Vec<(&str, Vec<u8>, Vec<UnreadableEntry>)> = vec![
        (
            "private key",
            format!("{}{two}", SAMPLES.text("key.pem")).into(),
            vec![not_a_certificate("PRIVATE KEY")],
        ),
        (
            "EC parameters and key",
            format!("{two}{}{}", block_text("EC PARAMETERS"), SAMPLES.text("key-ec.pem")).into(),
            vec![not_a_certificate("EC PARAMETERS"), not_a_certificate("EC PRIVATE KEY")],
        ),
        (
            "no END line",
            format!("{cut}\n{two}").into(),
            vec![UnreadableEntry::NoEndLine { label: "CERTIFICATE".into() }],
        ),
        (
            "no BEGIN line",
            format!("{no_begin}{two}").into(),
            vec![UnreadableEntry::NoBeginLine { label: "CERTIFICATE".into() }],
        ),
        (
            "two labels",
            format!("{}{two}", one.replace("END CERTIFICATE", "END CMS")).into(),
            vec![UnreadableEntry::TwoLabels { label: "CERTIFICATE".into(), end: "CMS".into() }],
        ),
        (
            "a character that is not base64",
            format!("{}{two}", block_text("CERTIFICATE").replace("MAMC", "MA\n*MC")).into(),
            vec![UnreadableEntry::NotBase64 { line: 3 }],
        ),
        (
            "characters missing",
            format!("{}{two}", block_text("CERTIFICATE").replace("MAMCAQA=", "MAMCA")).into(),
            vec![UnreadableEntry::IncompleteBase64 { characters: 5 }],
        ),
        (
            "nothing in the block",
            [&block("CERTIFICATE", " "), two.as_bytes()].concat(),
            vec![UnreadableEntry::Empty],
        ),
        (
            "DER cut off within a block",
            [&block("CERTIFICATE", &STANDARD.encode(&one_der[..200])), two.as_bytes()].concat(),
            vec![UnreadableEntry::TruncatedDer { needed: one_der.len(), found: 200 }],
        ),
        (
            "bytes after the certificate",
            [&block("CERTIFICATE", &STANDARD.encode([&one_der[..], b"abc"].concat())), two.as_bytes()]
                .concat(),
            vec![UnreadableEntry::TrailingBytes { bytes: 3 }],
        ),
        (
            "text instead of DER",
            [&block("CERTIFICATE", &STANDARD.encode("hello")), two.as_bytes()].concat(),
            vec![UnreadableEntry::TruncatedDer { needed: 103, found: 5 }],
        ),
        (
            "an INTEGER instead of a certificate",
            [&block("CERTIFICATE", &STANDARD.encode([2, 1, 0])), two.as_bytes()].concat(),
            vec![UnreadableEntry::NotDer],
        ),
        (
            "DER and a line break",
            [&two_der[..], b"\n"].concat(),
            vec![UnreadableEntry::TrailingBytes { bytes: 1 }],
        ),
        (
            "DER and half a certificate",
            [&two_der[..], &one_der[..99]].concat(),
            vec![UnreadableEntry::TruncatedDer { needed: one_der.len(), found: 99 }],
        ),
        ("PKCS#7 with a CRL", SAMPLES.bytes("with-crl.p7c"), vec![not_a_certificate("X509 CRL")]),
        (
            "PKCS#7 with a member that is no certificate",
            pkcs7::certs_only(&[&two_der, &[0xa1, 0x00]]),
            vec![not_a_certificate("ATTRIBUTE CERTIFICATE")],
        ),
        (
            "PKCS#7 with a private key, a public key and PKCS#7",
            pkcs7::certs_only(&[
                &SAMPLES.bytes("key.der"),
                &two_der,
                &SAMPLES.bytes("public.der"),
                &SAMPLES.bytes("both.p7c"),
            ]),
            vec![
                not_a_certificate("PRIVATE KEY"),
                not_a_certificate("PUBLIC KEY"),
                not_a_certificate("PKCS7"),
            ],
        ),
        (
            "PKCS#7 with a member that is cut off",
            pkcs7::certs_only(&[&two_der, &one_der[..99]]),
            vec![UnreadableEntry::TruncatedDer { needed: one_der.len(), found: 99 }],
        ),
    ];
    for (name, bytes, want) in cases {
        let file = file::read(&bytes).unwrap_or_else(|error| panic!("{name}: {error}"));
        let faults: Vec<_> = file.entries.into_iter().filter_map(|entry| entry.certificate.err()).collect();
        assert_eq!(faults, want, "{name}");
        let good = file::read(&bytes).unwrap();
        assert!(good.certificates().map(|der| der.to_vec()).eq([two_der.clone()]), "{name}");
    }
}

fn not_a_certificate(found: &str) -> UnreadableEntry {
    UnreadableEntry::NotACertificate { found: found.into() }
}

#[test]
fn what_is_like_pkcs12_but_of_another_version_is_left_to_the_parser() {
    let file = |version| file::read(&[0x30, 5, 2, 1, version, 0x30, 0]);
    assert!(file(1).unwrap().entries[0].certificate.is_ok());
    assert!(matches!(file(3), Err(UnreadableFile::NoCertificate { entries })
        if entries[0].certificate == Err(not_a_certificate("PKCS12"))));
}

#[test]
fn a_bad_entry_says_what_was_required_and_found() {
    let two = UnreadableEntry::TwoLabels { label: "CERTIFICATE".into(), end: "CMS".into() };
    assert_eq!(UnreadableEntry::Empty.to_string(), "a certificate required, found an empty block");
    assert!(two.to_string().ends_with(" required, found END CMS"), "{two}");
}

#[test]
fn what_is_written_is_read_by_openssl_and_by_us() {
    let (one, two) = (SAMPLES.bytes("one.der"), SAMPLES.bytes("two.der"));
    for ders in [vec![&one[..]], vec![&one, &two], vec![&two, &one, &two]] {
        let bundle = pkcs7::certs_only(&ders);
        let text = pem::encode("PKCS7", &bundle);
        let from_der = SAMPLES.openssl("pkcs7 -inform DER -print_certs", &bundle);
        assert_eq!(SAMPLES.openssl("pkcs7 -print_certs", text.as_bytes()), from_der);
        for printed in [from_der.as_bytes(), &bundle, text.as_bytes()] {
            let file = file::read(printed).unwrap();
            assert!(file.certificates().map(|der| &der[..]).eq(ders.iter().copied()));
        }
    }
    // Byte for byte what openssl writes, which is as close to "every reader takes it" as a test can get.
    assert_eq!(pkcs7::certs_only(&[&one, &two]), SAMPLES.bytes("both.p7c"));
    assert_eq!(pem::encode("CERTIFICATE", &one), SAMPLES.text("one.pem"));
}

#[test]
fn a_web_page_around_a_block_is_text_around_it() {
    let page = format!("<html><pre>{}</pre></html>", SAMPLES.text("one.pem"));
    assert_eq!(file::read(page.as_bytes()).unwrap().form, FileForm::Pem);
    assert!(matches!(file::read(b"<HTML>"), Err(UnreadableFile::Html)));
}
