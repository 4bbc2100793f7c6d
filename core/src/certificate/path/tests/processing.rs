//! Rules on single certificates: signature, validity, CA, key usage, path length, critical extensions.

use super::*;
use crate::certificate::path::processing::{Link, Work, process};

#[test]
fn every_certificate_of_a_path_is_checked() {
    let good_root = || ca("Root", "Root");
    let good_ca = || ca("CA", "Root");
    let good_leaf = || leaf("Leaf", "CA");
    let unknown = &[0x2a, 0x03][..];
    for (what, root, ca, leaf, expected) in [
        ("all good", good_root(), good_ca(), good_leaf(), holds("Leaf < CA < Root")),
        (
            "leaf by another key",
            good_root(),
            good_ca(),
            good_leaf().signed_by("x"),
            fails("signature", "Leaf"),
        ),
        ("CA by another key", good_root(), good_ca().signed_by("x"), good_leaf(), fails("signature", "CA")),
        // The signature on a trust anchor is nobody's business (RFC 5280 section 6.1.1 (d)).
        (
            "root by another key",
            good_root().signed_by("x"),
            good_ca(),
            good_leaf(),
            holds("Leaf < CA < Root"),
        ),
        (
            "leaf expired",
            good_root(),
            good_ca(),
            good_leaf().valid("20240101000000Z", "20260115115959Z"),
            fails("expired", "Leaf"),
        ),
        (
            "leaf expires this second",
            good_root(),
            good_ca(),
            good_leaf().valid("20240101000000Z", "20260115120000Z"),
            holds("Leaf < CA < Root"),
        ),
        (
            "leaf valid from this second",
            good_root(),
            good_ca(),
            good_leaf().valid("20260115120000Z", "20270101000000Z"),
            holds("Leaf < CA < Root"),
        ),
        (
            "leaf valid from the next second",
            good_root(),
            good_ca(),
            good_leaf().valid("20260115120001Z", "20270101000000Z"),
            fails("not_yet_valid", "Leaf"),
        ),
        (
            "CA expired",
            good_root(),
            good_ca().valid("20240101000000Z", "20250101000000Z"),
            good_leaf(),
            fails("expired", "CA"),
        ),
        (
            "root not yet valid",
            good_root().valid("20270101000000Z", "20280101000000Z"),
            good_ca(),
            good_leaf(),
            fails("not_yet_valid", "Root"),
        ),
        (
            "CA without basic constraints",
            good_root(),
            good_ca().without(19),
            good_leaf(),
            fails("basic_constraints", "CA"),
        ),
        (
            "CA that is none",
            good_root(),
            good_ca().basic_constraints(false, None),
            good_leaf(),
            fails("basic_constraints", "CA"),
        ),
        (
            "root without basic constraints",
            good_root().without(19),
            good_ca(),
            good_leaf(),
            fails("basic_constraints", "Root"),
        ),
        (
            "root of version 1",
            Toy { extensions: Vec::new(), ..good_root().version(1) },
            good_ca(),
            good_leaf(),
            holds("Leaf < CA < Root"),
        ),
        (
            "CA of version 1",
            good_root(),
            Toy { extensions: Vec::new(), ..good_ca().version(1) },
            good_leaf(),
            fails("basic_constraints", "CA"),
        ),
        (
            "CA that may sign only revocation lists",
            good_root(),
            good_ca().extension(15, true, &[3, 2, 1, 0x02]),
            good_leaf(),
            fails("key_cert_sign", "CA"),
        ),
        (
            "root that may sign nothing",
            good_root().extension(15, false, &[3, 1, 0]),
            good_ca(),
            good_leaf(),
            fails("key_cert_sign", "Root"),
        ),
        ("CA without key usage", good_root(), good_ca().without(15), good_leaf(), holds("Leaf < CA < Root")),
        (
            "leaf with an unknown critical extension",
            good_root(),
            good_ca(),
            good_leaf().extension_by_oid(unknown, true, &[5, 0]),
            fails("unknown_critical_extension", "Leaf"),
        ),
        (
            "leaf with an unknown extension",
            good_root(),
            good_ca(),
            good_leaf().extension_by_oid(unknown, false, &[5, 0]),
            holds("Leaf < CA < Root"),
        ),
        (
            "CA with an unknown critical extension",
            good_root(),
            good_ca().extension_by_oid(unknown, true, &[5, 0]),
            good_leaf(),
            fails("unknown_critical_extension", "CA"),
        ),
        (
            "root with an unknown critical extension",
            good_root().extension_by_oid(unknown, true, &[5, 0]),
            good_ca(),
            good_leaf(),
            fails("unknown_critical_extension", "Root"),
        ),
        (
            "leaf with a critical key purpose",
            good_root(),
            good_ca(),
            good_leaf().extension(37, true, &sequence(&[&oid("1.3.6.1.5.5.7.3.1")])),
            holds("Leaf < CA < Root"),
        ),
        (
            "leaf with critical CRL distribution points",
            good_root(),
            good_ca(),
            good_leaf().extension(31, true, &sequence(&[])),
            holds("Leaf < CA < Root"),
        ),
        (
            "leaf with critical names of its issuer",
            good_root(),
            good_ca(),
            good_leaf().extension(18, true, &sequence(&[])),
            fails("unknown_critical_extension", "Leaf"),
        ),
        ("leaf that is a CA", good_root(), good_ca(), super::ca("Leaf", "CA"), holds("Leaf < CA < Root")),
        (
            "no issuer",
            good_root(),
            good_ca(),
            good_leaf().clone_with_issuer("Nobody"),
            fails("missing_issuer", "Leaf"),
        ),
        (
            "empty issuer",
            good_root(),
            good_ca(),
            good_leaf().clone_with_issuer(""),
            fails("missing_issuer", "Leaf"),
        ),
    ] {
        assert_eq!(verify(&root.build(), &[ca], &leaf), expected, "{what}");
    }
}

#[test]
fn names_have_to_chain_whatever_path_is_proposed() {
    let nameless = |toy: Toy| Toy { subject: String::new(), ..toy };
    for (what, ca, leaf, expected) in [
        ("the issuer's name", ca("CA", "Root"), leaf("Leaf", "CA"), None),
        ("written otherwise", ca(" ca ", "Root").key("CA"), leaf("Leaf", "CA"), None),
        ("another name", ca("CA", "Root"), leaf("Leaf", "Other").signed_by("CA"), Some(0)),
        ("another name above", ca("CA", "Other").signed_by("Root"), leaf("Leaf", "CA"), Some(1)),
        ("no name", nameless(ca("CA", "Root")), leaf("Leaf", "").signed_by("CA"), Some(0)),
    ] {
        let path = [leaf.build(), ca.build(), root("Root")];
        let path: Vec<_> = path.iter().map(|certificate| Link { certificate, is_stored: false }).collect();
        let (options, anchors) = (options(), TrustAnchors::new([], [], []));
        let result = process(&path, &mut Work::new(&options, anchors.remembered(), None));
        let fault = result.err().map(|fault| (fault.at, fault.kind.code(), fault.rule));
        let expected =
            expected.map(|at| (at, "certificate.path.missing_issuer", "RFC 5280 section 6.1.3 (a)(4)"));
        assert_eq!(fault, expected, "{what}");
    }
}

#[test]
fn self_issued_certificates_do_not_count_for_the_path_length() {
    let chain = |path_len: u8| {
        let cas = [
            ca("A", "Root").path_len(path_len),
            ca("A", "A").key("A2").path_len(path_len),
            ca("B", "A").signed_by("A2"),
            ca("C", "B"),
        ];
        verify(&root("Root"), &cas, &leaf("Leaf", "C"))
    };
    assert_eq!(chain(2), holds("Leaf < C < B < A < A < Root"));
    assert_eq!(chain(1), fails("path_length", "A"));

    let limited_root = |path_len| ca("Root", "Root").path_len(path_len).build();
    let cas = [ca("A", "Root"), ca("B", "A")];
    assert_eq!(verify(&limited_root(2), &cas, &leaf("Leaf", "B")), holds("Leaf < B < A < Root"));
    assert_eq!(verify(&limited_root(1), &cas, &leaf("Leaf", "B")), fails("path_length", "Root"));
    // The last certificate is not counted, also where it is a CA.
    assert_eq!(verify(&limited_root(2), &cas, &ca("Leaf", "B")), holds("Leaf < B < A < Root"));
}

#[test]
fn the_caller_may_bound_the_path_length() {
    let cas = [ca("A", "Root"), ca("A", "A").key("A2"), ca("B", "A").signed_by("A2")];
    for (max_depth, expected) in [
        (Some(2), holds("Leaf < B < A < A < Root")),
        (Some(255), holds("Leaf < B < A < A < Root")),
        (Some(1), fails("path_length", "Root")),
        (Some(0), fails("path_length", "A")),
    ] {
        let options = PathOptions { max_depth, ..options() };
        assert_eq!(verify_with(&root("Root"), &cas, &leaf("Leaf", "B"), &options), expected, "{max_depth:?}");
    }
    let options = PathOptions { max_depth: Some(0), ..options() };
    assert_eq!(verify_with(&root("Root"), &[], &leaf("Leaf", "Root"), &options), holds("Leaf < Root"));
}

#[test]
fn validity_begins_and_ends_at_its_very_instants() {
    let leaf = leaf("Leaf", "Root").valid("20260115120000Z", "20260115120000Z");
    for (at, expected) in [
        ("2026-01-15T11:59:59.999999Z", fails("not_yet_valid", "Leaf")),
        ("2026-01-15T12:00:00Z", holds("Leaf < Root")),
        ("2026-01-15T12:00:00.000001Z", fails("expired", "Leaf")),
    ] {
        let options = PathOptions { at: at.parse().unwrap(), ..options() };
        assert_eq!(verify_with(&root("Root"), &[], &leaf, &options), expected, "{at}");
    }
}

impl Toy {
    fn clone_with_issuer(self, issuer: &str) -> Self {
        Self { issuer: issuer.to_owned(), ..self }
    }
}
