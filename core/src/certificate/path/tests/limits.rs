//! Hostile graphs: the work is counted and compared with the bounds.

use super::*;
use crate::certificate::path::SharedWork;
use crate::certificate::path::anchors::Index;
use crate::certificate::path::building::Search;
use crate::certificate::path::limits::{
    MAX_COMPLETE_PATHS, MAX_ISSUERS_CONSIDERED, MAX_NAME_COMPARISONS, MAX_PATH_CERTIFICATES,
    MAX_POLICY_NODES, MAX_SIGNATURE_CHECKS,
};

/// Validates, and checks that no kind of work went over its bound.
fn bounded(leaf: &Toy, roots: &[Certificate], cas: &[Toy]) -> Outcome {
    let (options, verifier) = counted();
    let cas: Vec<_> = cas.iter().map(Toy::build).collect();
    let anchors = TrustAnchors::new(roots.to_vec(), cas, []);
    let leaf = leaf.build();
    let none = Index::of_extra(&[]);
    let used = Search::work_of(&leaf, &anchors, &none, &options);
    for (what, used, bound) in [
        ("signature checks", used.signature_checks.used(), MAX_SIGNATURE_CHECKS),
        ("issuers", used.issuers.used(), MAX_ISSUERS_CONSIDERED),
        ("paths", used.complete_paths.used(), MAX_COMPLETE_PATHS),
        ("comparisons", used.name_comparisons.used(), MAX_NAME_COMPARISONS),
        ("policy nodes", used.policy_nodes.used(), MAX_POLICY_NODES),
    ] {
        assert!(used <= bound, "{used} {what}, {bound} are allowed");
    }
    assert!(verifier.checks() <= MAX_SIGNATURE_CHECKS);
    outcome(anchors.verify(&leaf, &[], &options))
}

#[test]
fn cas_of_one_name_and_one_key_make_a_short_search() {
    let cas: Vec<_> = (0..50u8).map(|serial| ca("CA", "CA").serial(&[serial + 1])).collect();
    assert_eq!(bounded(&leaf("Leaf", "CA"), &[root("Root")], &cas), fails("missing_issuer", "CA"));
    let mut linked = cas;
    linked.push(ca("CA", "Root"));
    assert_eq!(bounded(&leaf("Leaf", "CA"), &[root("Root")], &linked), holds("Leaf < CA < Root"));
}

#[test]
fn cas_of_one_name_that_all_sign_each_other_end_at_a_bound() {
    let keys = 12;
    let mut cas = Vec::new();
    for subject in 0..keys {
        for issuer in 0..keys {
            // No key identifiers, so every certificate has to be tried for every other.
            cas.push(
                ca("CA", "CA")
                    .without(35)
                    .without(14)
                    .key(&format!("{subject}"))
                    .signed_by(&format!("{issuer}")),
            );
        }
    }
    let leaf = leaf("Leaf", "CA").without(35).signed_by("0");
    assert_eq!(bounded(&leaf, &[root("Root")], &cas).unwrap_err().0, "limit");
}

#[test]
fn cas_of_different_names_that_all_sign_each_other_end_at_a_bound() {
    let names = 30;
    let mut cas = Vec::new();
    for subject in 0..names {
        for issuer in (0..names).filter(|issuer| *issuer != subject) {
            cas.push(ca(&format!("CA {subject}"), &format!("CA {issuer}")));
        }
    }
    assert_eq!(bounded(&leaf("Leaf", "CA 0"), &[root("Root")], &cas).unwrap_err().0, "limit");
}

#[test]
fn many_paths_that_are_all_refused_at_the_root_end_at_a_bound() {
    // Layers of CAs, each signed by every CA of the next one, below a root that allows no name of theirs.
    let (layers, width) = (6, 4);
    let mut cas = Vec::new();
    for layer in 0..layers {
        for one in 0..width {
            for above in 0..width {
                let issuer =
                    if layer + 1 == layers { "Root".to_owned() } else { format!("{} {above}", layer + 1) };
                cas.push(ca(&format!("{layer} {one}"), &issuer));
            }
        }
    }
    let root = ca("Root", "Root").name_constraints(&[], &[dns("leaf.example")]).build();
    let leaf = leaf("Leaf", "0 0").alternative_names(&[dns("leaf.example")]);
    let code = bounded(&leaf, &[root], &cas).unwrap_err().0;
    assert!(matches!(code, "limit" | "name_constraints"), "{code}");
}

#[test]
fn a_chain_longer_than_the_bound_is_refused() {
    let chain = |length: usize| {
        let cas: Vec<_> = (0..length)
            .map(|place| {
                let issuer = if place == 0 { "Root".to_owned() } else { format!("CA {}", place - 1) };
                ca(&format!("CA {place}"), &issuer)
            })
            .collect();
        bounded(&leaf("Leaf", &format!("CA {}", length - 1)), &[root("Root")], &cas)
    };
    assert!(chain(MAX_PATH_CERTIFICATES - 2).is_ok());
    assert_eq!(chain(MAX_PATH_CERTIFICATES - 1).unwrap_err().0, "limit");
}

#[test]
fn many_names_against_many_subtrees_end_at_a_bound() {
    let subtrees: Vec<_> = (0..2_000).map(|number| dns(&format!("{number}.example"))).collect();
    let names: Vec<_> = (0..2_000).map(|number| dns(&format!("www.{number}.example"))).collect();
    let cas = [ca("CA", "Root").name_constraints(&subtrees, &[])];
    let leaf = leaf("Leaf", "CA").alternative_names(&names);
    assert_eq!(bounded(&leaf, &[root("Root")], &cas), fails("limit", "Leaf"));
}

#[test]
fn policies_that_multiply_stay_a_graph() {
    // A tree would double at each of the thirty levels.
    let policy = |number: usize| format!("1.3.6.1.4.1.99999.{number}");
    let (one, two) = (policy(1), policy(2));
    let cas: Vec<_> = (0..MAX_PATH_CERTIFICATES - 2)
        .map(|place| {
            let issuer = if place == 0 { "Root".to_owned() } else { format!("CA {}", place - 1) };
            ca(&format!("CA {place}"), &issuer).policies(&[&one, &two]).mappings(&[
                (&one, &one),
                (&one, &two),
                (&two, &one),
                (&two, &two),
            ])
        })
        .collect();
    let issuer = format!("CA {}", cas.len() - 1);
    let leaf = leaf("Leaf", &issuer).policies(&[&one]);
    assert!(bounded(&leaf, &[root("Root")], &cas).is_ok());

    let many: Vec<_> = (0..9_000).map(policy).collect();
    let many: Vec<_> = many.iter().map(String::as_str).collect();
    let cas: Vec<_> = (0..4)
        .map(|place| {
            let issuer = if place == 0 { "Root".to_owned() } else { format!("CA {}", place - 1) };
            ca(&format!("CA {place}"), &issuer).policies(&many)
        })
        .collect();
    assert_eq!(
        bounded(&super::leaf("Leaf", "CA 3").policies(&many), &[root("Root")], &cas).unwrap_err().0,
        "limit"
    );
}

#[test]
fn the_search_for_the_paths_of_one_upload_ends_at_a_bound() {
    let names = 24;
    let mut cas = Vec::new();
    for subject in 0..names {
        for issuer in (0..names).filter(|issuer| *issuer != subject) {
            cas.push(ca(&format!("CA {subject}"), &format!("CA {issuer}")).build());
        }
    }
    let (options, verifier) = counted();
    let mut shared = SharedWork::new(options.verifier.clone());
    let anchors = TrustAnchors::new([], [], []).with([], &cas, &mut shared);
    let rules = cas.iter().map(|ca| anchors.verify_sharing(ca, &options, &mut shared).unwrap_err());
    let (each, whole): (Vec<_>, Vec<_>) =
        rules.partition(|error| error.failure.rule == "a bound on the work of one validation");
    // Each uses a little less than its bound, so one more than fit begins.
    assert!((1..=17).contains(&each.len()), "{} searches went to their own bound", each.len());
    assert_eq!(whole.len(), cas.len() - each.len());
    for error in whole {
        assert_eq!(error.failure.rule, "a bound on the work of one upload");
        assert_eq!(error.failure.path.len(), 1, "not searched for at all");
    }
    assert_eq!(verifier.checks(), cas.len(), "each signature once");

    // A root that nobody searches far for has its path when the file is judged again, and no new check.
    shared.begin();
    let root = root("Root");
    let anchors = anchors.with([root.clone()], &[], &mut shared);
    assert!(anchors.verify_sharing(&root, &options, &mut shared).is_ok());
    assert_eq!(verifier.checks(), cas.len() + 1);
}
