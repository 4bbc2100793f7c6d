//! The search for a path: which certificates are tried, what is remembered, and what is said where none is valid.

use super::*;
use crate::certificate::path::PathFault;

fn build(toys: &[Toy]) -> Vec<Certificate> {
    toys.iter().map(Toy::build).collect()
}

#[test]
fn one_valid_path_among_several_is_found() {
    let expired = ("20240101000000Z", "20250601000000Z");
    let no_key_id = |toy: Toy| toy.without(35).without(14);
    let leaf = || leaf("Leaf", "CA");
    for (what, roots, cas, leaf, expected) in [
        (
            "a renewed CA beside the expired one",
            vec![ca("Root", "Root")],
            vec![ca("CA", "Root").valid(expired.0, expired.1), ca("CA", "Root")],
            leaf(),
            "Leaf < CA < Root",
        ),
        (
            "a CA of the same name with another key, no key identifiers",
            vec![no_key_id(ca("Root", "Root"))],
            vec![no_key_id(ca("CA", "Root").key("other")), no_key_id(ca("CA", "Root"))],
            no_key_id(leaf()),
            "Leaf < CA < Root",
        ),
        (
            "a key identifier that names another CA only guides",
            vec![ca("Root", "Root")],
            vec![ca("CA", "Root")],
            leaf().extension(35, false, &sequence(&[&tlv(0x80, b"another key")])),
            "Leaf < CA < Root",
        ),
        (
            "cross-signed by an untrusted root",
            vec![ca("Root", "Root")],
            vec![ca("CA", "Stranger"), ca("Stranger", "Stranger"), ca("CA", "Root")],
            leaf(),
            "Leaf < CA < Root",
        ),
        (
            "the expired cross certificate of a trusted root",
            vec![ca("CA", "CA"), ca("Root 2", "Root 2")],
            vec![ca("CA", "Root 2").valid(expired.0, expired.1)],
            leaf(),
            "Leaf < CA",
        ),
        (
            "an expired root that was cross-signed",
            vec![ca("CA", "CA").valid(expired.0, expired.1), ca("Root 2", "Root 2")],
            vec![ca("CA", "Root 2")],
            leaf(),
            "Leaf < CA < Root 2",
        ),
        (
            "CAs that sign each other",
            vec![ca("Root", "Root")],
            vec![ca("A", "B"), ca("B", "A"), ca("CA", "A"), ca("B", "Root")],
            leaf(),
            "Leaf < CA < A < B < Root",
        ),
        ("a trusted intermediate", vec![ca("CA", "Root")], vec![ca("Root", "Root")], leaf(), "Leaf < CA"),
        (
            "a branch whose names are not allowed",
            vec![ca("Root", "Root").name_constraints(&[], &[dns("bad.example")]), ca("Root 2", "Root 2")],
            vec![ca("CA", "Root").alternative_names(&[dns("bad.example")]), ca("CA", "Root 2")],
            leaf(),
            "Leaf < CA < Root 2",
        ),
        ("the root itself as leaf", vec![ca("Root", "Root")], vec![], ca("Root", "Root"), "Root < Root"),
        (
            "names that differ in case and white space",
            vec![ca("Root", "Root")],
            vec![ca("CA", " ROOT ").signed_by("Root")],
            super::leaf("Leaf", "ca").signed_by("CA"),
            "Leaf < CA < Root",
        ),
    ] {
        for cas in [cas.clone(), cas.iter().rev().cloned().collect()] {
            let found = outcome(verify_path(&leaf.build(), &build(&roots), &build(&cas), &options()));
            assert_eq!(found, holds(expected), "{what}");
            let anchors = TrustAnchors::load(build(&roots), [], [], &ToyVerifier::default());
            assert_eq!(
                outcome(anchors.verify(&leaf.build(), &build(&cas), &options())),
                holds(expected),
                "{what}"
            );
        }
    }
}

#[test]
fn the_error_names_what_is_missing() {
    let cas = build(&[ca("A", "Root"), ca("B", "C")]);
    let error = verify_path(&leaf("Leaf", "B").build(), &[root("Root")], &cas, &options()).unwrap_err();
    assert_eq!(error.fault(), PathFault::MissingIssuer);
    assert_eq!(error.failure.certificate.subject, "CN=B");
    let missing = error.failure.missing_issuer.as_ref().unwrap();
    assert_eq!((missing.name.as_str(), missing.key_id.as_deref()), ("CN=C", Some("43")));
    let path: Vec<_> = error.failure.path.iter().map(|certificate| certificate.subject.as_str()).collect();
    assert_eq!(path, ["CN=Leaf", "CN=B"]);
    let fingerprint = cas[1].sha256();
    assert_eq!(
        error.to_string(),
        format!(
            "no valid path to a root: CN=B (sha256 {fingerprint}): RFC 5280 section 6.1.3 (a)(4) requires the \
             certificate of its issuer CN=C, found none of that name"
        )
    );

    // A broken link below a missing issuer: the missing one comes first, the broken one after it.
    let cas = build(&[ca("B", "C").valid("20240101000000Z", "20250601000000Z")]);
    let error = verify_path(&leaf("Leaf", "B").build(), &[root("Root")], &cas, &options()).unwrap_err();
    assert_eq!(error.fault(), PathFault::MissingIssuer);
    assert_eq!(error.failure.certificate.subject, "CN=B");
    assert_eq!(error.others.iter().map(|other| other.fault).collect::<Vec<_>>(), [PathFault::Expired]);

    let untrusted = build(&[ca("CA", "Other"), ca("Other", "Other")]);
    let error =
        verify_path(&leaf("Leaf", "CA").build(), &[root("Root")], &untrusted, &options()).unwrap_err();
    assert_eq!(error.failure.required, "the root CN=Other to be trusted");
    let alone = verify_path(&leaf("Leaf", "Leaf").build(), &[root("Root")], &[], &options()).unwrap_err();
    assert_eq!(alone.failure.required, "the root CN=Leaf to be trusted");
}

#[test]
fn the_error_prefers_the_path_that_gets_furthest() {
    let expired = ("20240101000000Z", "20250601000000Z");
    let cas = build(&[
        ca("CA", "Nowhere"),
        ca("CA", "Root").key("another key"),
        ca("CA", "Root").valid(expired.0, expired.1),
    ]);
    let error = verify_path(&leaf("Leaf", "CA").build(), &[root("Root")], &cas, &options()).unwrap_err();
    assert_eq!(error.fault(), PathFault::Expired);
    // The path is shown up to the root, though the search ended before it.
    let path: Vec<_> = error.failure.path.iter().map(|certificate| certificate.subject.as_str()).collect();
    assert_eq!(path, ["CN=Leaf", "CN=CA", "CN=Root"]);
    let others: Vec<_> = error.others.iter().map(|other| other.fault).collect();
    assert_eq!(others, [PathFault::Signature, PathFault::MissingIssuer]);
    assert_eq!(error.others_left_off, 0);
    let json = serde_json::to_value(&error).unwrap();
    assert_eq!(json["failure"]["fault"], "expired");
    assert_eq!(json["failure"]["certificate"]["subject"], "CN=CA");
}

#[test]
fn key_identifiers_say_which_issuer_is_tried_first() {
    let key_id = |id: &str| tlv(4, id.as_bytes());
    let one = ca("CA", "Root").key("one").extension(14, false, &key_id("one"));
    let two = ca("CA", "Root").key("two").extension(14, false, &key_id("two"));
    let silent = ca("CA", "Root").key("silent").without(14);
    let leaf = |key: &str| {
        let authority = sequence(&[&tlv(0x80, key.as_bytes())]);
        leaf("Leaf", "CA").signed_by(key).extension(35, false, &authority)
    };
    for (name, right, wrong, key) in [
        ("one that agrees before one that differs", &two, &one, "two"),
        ("one that agrees before one that is silent", &two, &silent, "two"),
        ("one that is silent before one that differs", &silent, &one, "silent"),
    ] {
        // Whatever else speaks for the wrong one.
        for (right_ends, wrong_ends) in
            [("20280101000000Z", "20290101000000Z"), ("20290101000000Z", "20280101000000Z")]
        {
            let (options, verifier) = counted();
            let ending = |toy: &Toy, ends| toy.clone().valid("20250101000000Z", ends);
            let cas = build(&[ending(right, right_ends), ending(wrong, wrong_ends)]);
            assert!(verify_path(&leaf(key).build(), &[root("Root")], &cas, &options).is_ok(), "{name}");
            assert_eq!(verifier.checks(), 2, "{name}: the signatures of the leaf and of its CA");
        }
    }
}

#[test]
fn of_issuers_that_all_would_do_the_likeliest_is_taken() {
    let until = |toy: Toy, end| toy.valid("20250101000000Z", end);
    let (sooner, later) = ("20280101000000Z", "20290101000000Z");
    let other = || ca("Other", "Other");
    let silent = |toy: Toy| toy.without(14);
    for (what, leaf, right, wrong) in [
        (
            "the root itself before the renewed one",
            until(ca("CA", "CA"), sooner),
            (true, until(ca("CA", "CA"), sooner)),
            (true, until(ca("CA", "CA"), later)),
        ),
        (
            "a key identifier that agrees before a root",
            leaf("Leaf", "CA"),
            (false, until(ca("CA", "Other"), sooner)),
            (true, silent(until(ca("CA", "CA"), later))),
        ),
        (
            "a root before a cross certificate",
            leaf("Leaf", "CA"),
            (true, until(ca("CA", "CA"), sooner)),
            (false, until(ca("CA", "Other"), later)),
        ),
        (
            "what is valid longer",
            leaf("Leaf", "CA"),
            (false, until(ca("CA", "Other"), later)),
            (false, until(ca("CA", "Other"), sooner)),
        ),
        (
            "what is valid longer, of roots",
            leaf("Leaf", "CA"),
            (true, until(ca("CA", "CA"), later)),
            (true, until(ca("CA", "CA"), sooner)),
        ),
    ] {
        // The order of certificates with the same subject is that of their bytes, so let either come first.
        for (right_serial, wrong_serial) in [(1, 2), (2, 1)] {
            let leaf = if leaf.subject == "CA" { leaf.clone().serial(&[right_serial]) } else { leaf.clone() };
            let right = (right.0, right.1.clone().serial(&[right_serial]).build());
            let wrong = (wrong.0, wrong.1.clone().serial(&[wrong_serial]).build());
            let of = |root: bool| {
                let both = [&right, &wrong].into_iter().filter(move |(is_root, _)| *is_root == root);
                both.map(|(_, certificate)| certificate.clone())
            };
            let anchors = TrustAnchors::new(of(true).chain([other().build()]), of(false), []);
            let path = anchors.verify(&leaf.build(), &[], &options()).unwrap();
            assert_eq!(path.leaf_to_root()[1], right.1, "{what}");
        }
    }
}

#[test]
fn an_issuer_that_cannot_stand_in_a_path_costs_no_signature_check() {
    for (what, ca, distrusted, expected) in [
        ("expired", ca("CA", "Root").valid("20240101000000Z", "20250601000000Z"), false, "expired"),
        (
            "not yet valid",
            ca("CA", "Root").valid("20270101000000Z", "20290601000000Z"),
            false,
            "not_yet_valid",
        ),
        ("no CA", ca("CA", "Root").basic_constraints(false, None), false, "basic_constraints"),
        ("may not sign", ca("CA", "Root").extension(15, true, &[3, 2, 1, 0x02]), false, "key_cert_sign"),
        ("distrusted", ca("CA", "Root"), true, "distrusted"),
    ] {
        let (options, verifier) = counted();
        let cas = [ca.build()];
        let (trusted, distrusted) = if distrusted { (&[][..], &cas[..]) } else { (&cas[..], &[][..]) };
        let anchors = TrustAnchors::new([root("Root")], trusted.iter().cloned(), distrusted.iter().cloned());
        assert_eq!(
            outcome(anchors.verify(&leaf("Leaf", "CA").build(), &[], &options)),
            fails(expected, "CA")
        );
        assert_eq!(verifier.checks(), 0, "{what}");
    }

    let (options, verifier) = counted();
    let cas = build(&[ca("CA", "Upper"), ca("Upper", "Root").path_len(0)]);
    let result = verify_path(&leaf("Leaf", "CA").build(), &[root("Root")], &cas, &options);
    assert_eq!(outcome(result), fails("path_length", "Upper"));
    assert_eq!(verifier.checks(), 1, "the leaf's, not that of the CA below the one that allows none");
}

#[test]
fn a_subject_and_key_stand_in_a_path_once_the_leaf_aside() {
    for (what, cas, leaf, expected) in [
        (
            "a CA under another name with the same key",
            vec![ca("New name", "Old name").key("K").signed_by("K"), ca("Old name", "Root").key("K")],
            leaf("Leaf", "New name").signed_by("K"),
            holds("Leaf < New name < Old name < Root"),
        ),
        (
            "a CA under the same name with another key",
            vec![ca("CA", "CA").key("new"), ca("CA", "Root")],
            leaf("Leaf", "CA").signed_by("new"),
            holds("Leaf < CA < CA < Root"),
        ),
        (
            "a leaf that is a CA, linked by its other certificate",
            vec![ca("B", "A"), ca("A", "Root")],
            ca("A", "B"),
            holds("A < B < A < Root"),
        ),
        (
            "a leaf that is a CA, linked by itself",
            vec![ca("B", "A"), ca("A", "B")],
            ca("A", "B"),
            fails("missing_issuer", "B"),
        ),
        (
            "the same subject and key again",
            vec![ca("B", "C"), ca("C", "B")],
            ca("A", "B"),
            fails("missing_issuer", "C"),
        ),
    ] {
        assert_eq!(verify(&root("Root"), &cas, &leaf), expected, "{what}");
    }
}

#[test]
fn a_distrusted_certificate_links_nothing() {
    let (root, ca, leaf) = (root("Root"), ca("CA", "Root").build(), leaf("Leaf", "CA").build());
    let other = super::ca("CA", "Root").serial(&[2]).build();
    let distrusting = |distrusted: &[&Certificate], cas: &[&Certificate], extra: &[Certificate]| {
        let anchors = TrustAnchors::load(
            [root.clone()],
            cas.iter().map(|ca| (*ca).clone()),
            distrusted.iter().map(|ca| (*ca).clone()),
            &ToyVerifier::default(),
        );
        outcome(anchors.verify(&leaf, extra, &options()))
    };
    assert_eq!(distrusting(&[], &[&ca], &[]), holds("Leaf < CA < Root"));
    assert_eq!(distrusting(&[&ca], &[&ca], &[]), fails("distrusted", "CA"));
    assert_eq!(distrusting(&[&ca], &[], std::slice::from_ref(&ca)), fails("distrusted", "CA"));
    assert_eq!(distrusting(&[&root], &[&ca], &[]), fails("distrusted", "Root"));
    assert_eq!(distrusting(&[&leaf], &[&ca], &[]), fails("distrusted", "Leaf"));
    // Another certificate of the same CA links as before.
    assert_eq!(distrusting(&[&ca], &[&ca, &other], &[]), holds("Leaf < CA < Root"));
}

#[test]
fn a_signature_is_remembered_for_these_bytes_and_this_key_only() {
    let (root_a, ca_a, end) = (root("Root"), ca("CA", "Root"), leaf("Leaf", "CA").build());
    let checks = |anchors: &TrustAnchors, extra: &[Certificate]| {
        let (options, verifier) = counted();
        let result = outcome(anchors.verify(&end, extra, &options));
        (result, verifier.checks())
    };
    let load = |root: &Certificate, ca: &Toy| {
        TrustAnchors::load([root.clone()], [ca.build()], [], &ToyVerifier::default())
    };
    let good = holds("Leaf < CA < Root");
    assert_eq!(checks(&load(&root_a, &ca_a), &[]), (good.clone(), 1));
    assert_eq!(checks(&TrustAnchors::new([root_a.clone()], [ca_a.build()], []), &[]), (good.clone(), 2));
    // It comes along with the leaf instead of from the store.
    let roots_only = TrustAnchors::load([root_a.clone()], [], [], &ToyVerifier::default());
    assert_eq!(checks(&roots_only, &[ca_a.build()]), (good.clone(), 2));

    // What is remembered for one certificate says nothing of another one: take what a store remembers and put
    // other certificates beside it.
    let remembered = |anchors: &TrustAnchors, root: &Certificate, ca: &Toy| {
        let mut other = TrustAnchors::new([root.clone()], [ca.build()], []);
        other.remember_as(anchors);
        checks(&other, &[])
    };
    let loaded = load(&root_a, &ca_a);
    assert_eq!(remembered(&loaded, &root_a, &ca_a), (good.clone(), 1));
    let changed = ca_a.clone().serial(&[2]);
    assert_eq!(remembered(&loaded, &root_a, &changed), (good, 2), "a changed byte");
    let forged = ca_a.clone().signed_by("x");
    assert_eq!(remembered(&loaded, &root_a, &forged).0, fails("signature", "CA"), "another signature");
    let swapped = ca("Root", "Root").key("another key").build();
    assert_eq!(remembered(&loaded, &swapped, &ca_a).0, fails("signature", "CA"), "another key of the issuer");
    let distrusting = TrustAnchors::load([root_a], [ca_a.build()], [ca_a.build()], &ToyVerifier::default());
    assert_eq!(checks(&distrusting, &[]), (fails("distrusted", "CA"), 0), "distrust");
}

#[test]
fn what_is_remembered_stands_in_for_no_other_check() {
    let root = root("Root");
    let ca = ca("CA", "Root").valid("20250101000000Z", "20260101000000Z").path_len(0).build();
    let anchors = TrustAnchors::load([root], [ca], [], &ToyVerifier::default());
    assert_eq!(outcome(anchors.verify(&leaf("Leaf", "CA").build(), &[], &options())), fails("expired", "CA"));
}

#[test]
fn a_broken_branch_is_followed_by_name_to_a_root_or_to_what_is_missing() {
    let broken = ca("CA", "A").valid("20240101000000Z", "20250601000000Z");
    for (what, above, expected) in [
        ("a root", vec![ca("A", "B"), ca("B", "A"), ca("A", "Root")], vec!["Leaf", "CA", "A", "Root"]),
        ("nobody", vec![ca("A", "B"), ca("B", "C")], vec!["Leaf", "CA", "A", "B"]),
        ("a root that is not trusted", vec![ca("A", "B"), ca("B", "B")], vec!["Leaf", "CA", "A", "B"]),
        ("in circles", vec![ca("A", "B"), ca("B", "A")], vec!["Leaf", "CA"]),
    ] {
        let cas = build(&[vec![broken.clone()], above].concat());
        let error = verify_path(&leaf("Leaf", "CA").build(), &[root("Root")], &cas, &options()).unwrap_err();
        let path: Vec<_> = error
            .failure
            .path
            .iter()
            .map(|certificate| certificate.subject.trim_start_matches("CN="))
            .collect();
        assert_eq!(path, expected, "{what}");
    }

    // As many as are kept, of one name, far below the root: each is followed, few are reported.
    let mut cas = vec![ca("A", "Root")];
    for number in 0..60 {
        cas.push(ca("CA", "A").serial(&[number + 1]).key(&format!("{number}")));
    }
    let error =
        verify_path(&leaf("Leaf", "CA").build(), &[root("Root")], &build(&cas), &options()).unwrap_err();
    assert_eq!(error.failure.path.len(), 4);
    assert!(error.others.is_empty(), "one signature that does not verify: {error:?}");
}
