//! Which of several failures is told first, which are told at all, and how far a broken branch is followed.

use super::*;

const EXPIRED: (&str, &str) = ("20240101000000Z", "20250601000000Z");

fn expired(toy: Toy) -> Toy {
    toy.valid(EXPIRED.0, EXPIRED.1)
}

fn refuse(leaf: &Toy, roots: &[Toy], cas: &[Toy], distrusted: &[Toy]) -> PathError {
    let build = |toys: &[Toy]| toys.iter().map(Toy::build).collect::<Vec<_>>();
    let anchors = TrustAnchors::new(build(roots), build(cas), build(distrusted));
    anchors.verify(&leaf.build(), &[], &options()).unwrap_err()
}

/// What is told, the best candidate first: the fault, and the path as far as it goes.
fn told(error: &PathError) -> Vec<String> {
    std::iter::once(&*error.failure)
        .chain(&error.others)
        .map(|failure| {
            let path: Vec<_> = failure.path.iter().map(|link| link.subject.replace("CN=", "")).collect();
            format!("{}: {}", failure.code().trim_start_matches("certificate.path."), path.join(" < "))
        })
        .collect()
}

#[test]
fn the_failure_that_says_most_is_told_first() {
    let root = || ca("Root", "Root");
    let other_key = || ca("CA", "Root").key("another key");
    for (what, cas, distrusted, expected) in [
        (
            "an expired CA before another key of its name",
            vec![other_key(), expired(ca("CA", "Root"))],
            vec![],
            vec!["expired: Leaf < CA < Root", "signature: Leaf < CA < Root"],
        ),
        (
            "a whole path before one that ends at what is distrusted",
            vec![expired(ca("CA", "Root"))],
            vec![ca("CA", "Root")],
            vec!["expired: Leaf < CA < Root", "distrusted: Leaf < CA"],
        ),
        (
            "a distrusted CA before the other key of the one in its place",
            vec![other_key()],
            vec![ca("CA", "Root")],
            vec!["distrusted: Leaf < CA", "signature: Leaf < CA < Root"],
        ),
        (
            "a distrusted CA before a missing issuer, however far that is",
            vec![ca("CA", "A"), ca("A", "Nobody")],
            vec![ca("CA", "Root").serial(&[2])],
            vec!["distrusted: Leaf < CA", "missing_issuer: Leaf < CA < A"],
        ),
        (
            "another key before a missing issuer",
            vec![other_key(), ca("CA", "A"), ca("A", "B"), ca("B", "Nobody")],
            vec![],
            vec!["signature: Leaf < CA < Root", "missing_issuer: Leaf < CA < A < B"],
        ),
        (
            "of two whole paths the longer one",
            vec![expired(ca("CA", "Root")), expired(ca("CA", "A")), ca("A", "Root")],
            vec![],
            vec!["expired: Leaf < CA < A < Root", "expired: Leaf < CA < Root"],
        ),
        (
            "of two missing issuers the farther one",
            vec![ca("CA", "Nobody"), ca("CA", "A"), ca("A", "Nobody else")],
            vec![],
            vec!["missing_issuer: Leaf < CA < A", "missing_issuer: Leaf < CA"],
        ),
        (
            "a missing issuer before a broken branch that leads to one",
            vec![expired(ca("CA", "A"))],
            vec![],
            vec!["missing_issuer: Leaf < CA", "expired: Leaf < CA"],
        ),
        (
            "any missing issuer before what is broken below another one",
            vec![ca("CA", "Nobody"), expired(ca("CA", "A")), ca("A", "Nobody else")],
            vec![],
            vec!["missing_issuer: Leaf < CA < A", "missing_issuer: Leaf < CA", "expired: Leaf < CA < A"],
        ),
        (
            "a missing issuer before a longer broken branch that leads nowhere",
            vec![ca("CA", "Nobody"), ca("CA", "M"), expired(ca("M", "A")), ca("A", "B"), ca("B", "A")],
            vec![],
            vec!["missing_issuer: Leaf < CA", "expired: Leaf < CA < M"],
        ),
    ] {
        for cas in [cas.clone(), cas.into_iter().rev().collect()] {
            assert_eq!(told(&refuse(&leaf("Leaf", "CA"), &[root()], &cas, &distrusted)), expected, "{what}");
        }
    }
}

#[test]
fn failures_are_told_apart_by_certificate_and_by_what_was_required_and_found() {
    let root = || ca("Root", "Root");
    let names = |excluded: &str| ca("CA", "Root").name_constraints(&[], &[dns(excluded)]);
    let leaf = leaf("Leaf", "CA").alternative_names(&[dns("a.example"), dns("b.example")]);
    let foreign = || leaf.clone().signed_by("nobody");
    for (what, leaf, cas, expected) in [
        ("the same", foreign(), vec![ca("CA", "Root"), ca("CA", "Root").serial(&[2])], 1),
        ("another issuer required", foreign(), vec![ca("CA", "Root"), ca("ca", "Root").key("CA")], 2),
        ("another name found", leaf.clone(), vec![names("a.example"), names("b.example")], 2),
        (
            "another certificate",
            leaf.clone(),
            vec![expired(ca("CA", "Root")), expired(ca("CA", "Root").serial(&[2]))],
            2,
        ),
    ] {
        let error = refuse(&leaf, &[root()], &cas, &[]);
        assert_eq!((told(&error).len(), error.others_left_off), (expected, 0), "{what}: {error:?}");
    }
}

#[test]
fn eight_more_candidates_are_listed_and_the_rest_is_counted() {
    for (candidates, others, left_off) in [(1, 0, 0), (9, 8, 0), (10, 8, 1), (32, 8, 23), (40, 8, 31)] {
        let cas: Vec<_> =
            (0..candidates).map(|serial| expired(ca("CA", "Root").serial(&[serial + 1]))).collect();
        let error = refuse(&leaf("Leaf", "CA"), &[ca("Root", "Root")], &cas, &[]);
        assert_eq!((error.others.len(), error.others_left_off), (others, left_off), "{candidates}");
    }
}

#[test]
fn thirty_two_failures_are_kept_to_find_the_one_that_says_most() {
    for (earlier, expected) in [(31, "expired: Leaf < CA < A < Root"), (32, "expired: Leaf < CA < Root")] {
        let mut cas: Vec<_> =
            (0..earlier).map(|serial| expired(ca("CA", "Root").serial(&[serial + 1]))).collect();
        // Ends before the others, so it is tried after them.
        cas.extend([ca("CA", "A").valid("20240101000000Z", "20250501000000Z"), ca("A", "Root")]);
        let error = refuse(&leaf("Leaf", "CA"), &[ca("Root", "Root")], &cas, &[]);
        assert_eq!(told(&error)[0], expected, "after {earlier} others");
        assert_eq!(1 + error.others.len() + error.others_left_off, usize::from(earlier) + 1);
    }
}

#[test]
fn a_broken_branch_is_followed_over_at_most_127_certificates_to_a_root() {
    for (above, expected) in [(127, 130), (128, 2)] {
        let mut cas = vec![expired(ca("CA", "A 0"))];
        for place in 0..above {
            let issuer = if place + 1 == above { "Root".to_owned() } else { format!("A {}", place + 1) };
            cas.push(ca(&format!("A {place}"), &issuer));
        }
        let error = refuse(&leaf("Leaf", "CA"), &[ca("Root", "Root")], &cas, &[]);
        assert_eq!((error.fault().code(), error.failure.path.len()), ("certificate.path.expired", expected));
    }
}

#[test]
fn a_reached_bound_is_told_before_all_that_failed_until_then() {
    // 64 checks find no issuer, though the next one would.
    let mut cas: Vec<_> = (0..64).map(|number| ca("CA", "Root").key(&format!("{number}"))).collect();
    cas.push(ca("CA", "Root").valid("20250101000000Z", "20290101000000Z"));
    // Ends after the others, so it is tried before them.
    cas.push(ca("CA", "A").basic_constraints(false, None).valid("20250101000000Z", "20310101000000Z"));
    cas.push(ca("A", "Root"));
    let error = refuse(&leaf("Leaf", "CA"), &[ca("Root", "Root")], &cas, &[]);
    let others = ["basic_constraints: Leaf < CA < A < Root", "signature: Leaf < CA < Root"];
    assert_eq!(told(&error), [&["limit: Leaf < CA"][..], &others].concat());
    assert_eq!(error.failure.required, "at most 64 signature checks");
    assert_eq!(error.failure.certificate.subject, "CN=Leaf", "whose signature was to be checked");
    assert_eq!(error.others_left_off, 65 - 32);
}
