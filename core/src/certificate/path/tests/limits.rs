//! Hostile graphs: the work is counted and compared with the bounds.

use super::*;
use crate::certificate::path::SharedWork;
use crate::certificate::path::anchors::Index;
use crate::certificate::path::building::Search;
use crate::certificate::path::limits::{
    Budget, MAX_COMPLETE_PATHS, MAX_ISSUERS_CONSIDERED, MAX_NAME_COMPARISONS, MAX_PATH_CERTIFICATES,
    MAX_POLICY_NODES, MAX_SIGNATURE_CHECKS, MAX_SIGNATURE_CHECKS_PER_UPLOAD,
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

/// Validates with CAs whose signatures are remembered, so that they are bounded by nothing.
fn verify_remembering(root: &Toy, cas: &[Toy], leaf: &Toy) -> Outcome {
    let anchors = TrustAnchors::load([root.build()], cas.iter().map(Toy::build), [], &ToyVerifier::default());
    outcome(anchors.verify(&leaf.build(), &[], &options()))
}

#[test]
fn the_bound_on_signature_checks_allows_as_many_as_it_says() {
    let search = |strangers: usize| {
        let mut cas: Vec<_> =
            (0..strangers).map(|number| ca("CA", "Root").key(&format!("{number}"))).collect();
        // Ends before the others, so it is tried after them.
        cas.push(ca("CA", "Root").valid("20250101000000Z", "20290101000000Z"));
        bounded(&leaf("Leaf", "CA"), &[root("Root")], &cas)
    };
    // The last two are those of the path: the leaf's and that of its CA.
    assert_eq!(search(MAX_SIGNATURE_CHECKS - 2), holds("Leaf < CA < Root"));
    assert_eq!(search(MAX_SIGNATURE_CHECKS - 1), fails("limit", "CA"));
    assert_eq!(search(MAX_SIGNATURE_CHECKS), fails("limit", "Leaf"));
}

#[test]
fn the_bound_on_complete_paths_allows_as_many_as_it_says() {
    let root = ca("Root", "Root").name_constraints(&[], &[dns("leaf.example")]);
    let leaf = leaf("Leaf", "CA").alternative_names(&[dns("leaf.example")]);
    let search = |paths: usize| {
        let cas: Vec<_> = (0..paths).map(|serial| ca("CA", "Root").serial(&[1, serial as u8])).collect();
        verify_remembering(&root, &cas, &leaf)
    };
    assert_eq!(search(MAX_COMPLETE_PATHS), fails("name_constraints", "Leaf"));
    assert_eq!(search(MAX_COMPLETE_PATHS + 1), fails("limit", "Root"));
}

#[test]
fn the_bound_on_name_comparisons_allows_as_many_as_it_says() {
    let subtrees: Vec<_> = (0..500).map(|number| dns(&format!("{number}.example"))).collect();
    let cas = [ca("CA", "Root").name_constraints(&subtrees, &[])];
    let search = |names: usize| {
        let leaf = leaf("Leaf", "CA").alternative_names(&vec![dns("1.example"); names]);
        verify_remembering(&ca("Root", "Root"), &cas, &leaf)
    };
    // Each subtree is read and compared with the subject and with each of these.
    let most = MAX_NAME_COMPARISONS / subtrees.len() - 2;
    assert_eq!(search(most), holds("Leaf < CA < Root"));
    assert_eq!(search(most + 1), fails("limit", "Leaf"));
}

#[test]
fn mailboxes_of_the_subject_are_compared_only_where_mailboxes_are_constrained() {
    for (base, comparisons) in [(dns("example.com"), 2), (email("example.com"), 3)] {
        let cas = [ca("CA", "Root").name_constraints(&[base], &[]).build()];
        let anchors = TrustAnchors::new([root("Root")], cas, []);
        let leaf = leaf("O=Bank/E=who@example.com", "CA").build();
        let none = Index::of_extra(&[]);
        let used = Search::work_of(&leaf, &anchors, &none, &options()).name_comparisons.used();
        assert_eq!(used, comparisons, "reading the subtree, the subject, and the mailbox in it");
    }
}

#[test]
fn a_bound_that_is_reached_in_one_path_ends_the_search_for_others() {
    let subtrees: Vec<_> = (0..2_000).map(|number| dns(&format!("{number}.example"))).collect();
    let names = vec![dns("1.example"); 200];
    let plain = ca("CA", "Root");
    let costly = plain.clone().valid("20250101000000Z", "20310101000000Z").name_constraints(&subtrees, &[]);
    let leaf = leaf("Leaf", "CA").alternative_names(&names);
    let root = ca("Root", "Root");
    assert_eq!(verify_remembering(&root, std::slice::from_ref(&plain), &leaf), holds("Leaf < CA < Root"));
    assert_eq!(verify_remembering(&root, &[costly, plain], &leaf), fails("limit", "Leaf"));
}

#[test]
fn the_bound_on_policy_nodes_allows_as_many_as_it_says() {
    let policies: Vec<_> = (0..10_000).map(|number| format!("1.3.6.1.4.1.99999.{number}")).collect();
    let policies: Vec<_> = policies.iter().map(String::as_str).collect();
    let search = |above: usize, below: usize| {
        let cas = [ca("CA", "Root").policies(&policies[..above])];
        let leaf = leaf("Leaf", "CA").policies(&policies[..below]);
        verify_remembering(&ca("Root", "Root"), &cas, &leaf)
    };
    // What is expected and what is there, in each level: anyPolicy and those of the CA, those and the leaf's.
    let below = MAX_POLICY_NODES - 1 - 2 * 6_000;
    assert_eq!(search(6_000, below), holds("Leaf < CA < Root"));
    assert_eq!(search(6_000, below + 1), fails("limit", "Leaf"));
}

#[test]
fn an_ordinary_search_uses_of_each_bound_what_its_path_needs() {
    let anchors = TrustAnchors::new([root("Root")], [ca("CA", "Root").build(), ca("A", "Root").build()], []);
    let (leaf, none) = (leaf("Leaf", "CA").build(), Index::of_extra(&[]));
    let options = options();
    let used = Search::work_of(&leaf, &anchors, &none, &options);
    assert_eq!(used.issuers.used(), 2, "its CA and the root");
    assert_eq!(used.signature_checks.used(), 2, "its own and that of its CA");
    assert_eq!(used.complete_paths.used(), 1);
    assert_eq!(used.name_comparisons.used(), 0, "nobody constrains names");
    assert_eq!(used.policy_nodes.used(), 0, "nobody has policies");
}

#[test]
fn each_bound_ends_exactly_where_it_says() {
    let each = |budget: &mut Budget,
                check: &mut dyn FnMut(&str, &mut super::super::limits::Allowance, usize)| {
        for (what, allowance, bound) in [
            ("signature checks", &mut budget.signature_checks, MAX_SIGNATURE_CHECKS),
            ("issuers considered", &mut budget.issuers, MAX_ISSUERS_CONSIDERED),
            ("complete paths", &mut budget.complete_paths, MAX_COMPLETE_PATHS),
            ("comparisons with name constraints", &mut budget.name_comparisons, MAX_NAME_COMPARISONS),
            ("nodes of the policy graph", &mut budget.policy_nodes, MAX_POLICY_NODES),
        ] {
            check(what, allowance, bound);
        }
    };
    each(&mut Budget::new(), &mut |what, allowance, bound| {
        assert!(allowance.spend(bound + 1, 0).is_err(), "{what}: all at once");
        assert_eq!(allowance.used(), 0, "{what}: what is refused is not used");
        assert!(allowance.spend(bound - 1, 0).is_ok(), "{what}");
        assert!(allowance.spend(2, 0).is_err(), "{what}");
        assert!(allowance.spend(1, 0).is_ok(), "{what}: the last one");
        assert!(allowance.spend(0, 0).is_ok(), "{what}: nothing more");
        let fault = allowance.spend(1, 3).unwrap_err();
        assert_eq!((fault.at, fault.rule), (3, "a bound on the work of one validation"));
        assert_eq!(fault.required, format!("at most {bound} {what}"));
    });
    each(&mut Budget::for_upload(), &mut |what, allowance, bound| {
        let bound = if what == "signature checks" { MAX_SIGNATURE_CHECKS_PER_UPLOAD } else { 16 * bound };
        assert!(allowance.spend(bound, 0).is_ok(), "{what}");
        let fault = allowance.spend(1, 0).unwrap_err();
        assert_eq!(fault.rule, "a bound on the work of one upload");
        assert_eq!(fault.required, format!("at most {bound} {what}"));
    });
}

#[test]
fn an_upload_goes_on_while_something_is_left_of_each_bound() {
    for place in 0..5 {
        let mut upload = Budget::for_upload();
        let bounds = [
            MAX_SIGNATURE_CHECKS,
            MAX_ISSUERS_CONSIDERED,
            MAX_COMPLETE_PATHS,
            MAX_NAME_COMPARISONS,
            MAX_POLICY_NODES,
        ];
        let mut validation = Budget::new();
        let spend = |budget: &mut Budget, amount| {
            let allowance = match place {
                0 => &mut budget.signature_checks,
                1 => &mut budget.issuers,
                2 => &mut budget.complete_paths,
                3 => &mut budget.name_comparisons,
                _ => &mut budget.policy_nodes,
            };
            allowance.spend(amount, 0).unwrap();
        };
        spend(&mut validation, bounds[place]);
        for round in 1..=15 {
            upload.charge(&validation);
            assert!(upload.check_left().is_ok(), "bound {place} after {round} validations");
        }
        let mut almost = Budget::new();
        spend(&mut almost, bounds[place] - 1);
        upload.charge(&almost);
        assert!(upload.check_left().is_ok(), "bound {place}: one is left");
        let mut one = Budget::new();
        spend(&mut one, 1);
        upload.charge(&one);
        // Signature checks are counted where they are made.
        assert_eq!(upload.check_left().is_ok(), place == 0, "bound {place}: none is left");
    }
}

#[test]
fn the_bound_on_the_signature_checks_of_an_upload_allows_as_many_as_it_says() {
    let (options, verifier) = counted();
    let mut shared = SharedWork::new(options.verifier.clone());
    let cas: Vec<_> = (0..=MAX_SIGNATURE_CHECKS_PER_UPLOAD)
        .map(|serial| ca("CA", "CA").serial(&[1, (serial >> 8) as u8, serial as u8]).build())
        .collect();
    let (last, first) = cas.split_last().unwrap();
    for (place, ca) in first.iter().enumerate() {
        assert!(matches!(shared.check_own(ca), Ok(Ok(()))), "{place}");
    }
    let error = shared.check_own(last).unwrap_err();
    assert_eq!(
        (error.code(), error.failure.rule),
        ("certificate.path.limit", "a bound on the work of one upload")
    );
    assert!(matches!(shared.check_own(&cas[0]), Ok(Ok(()))), "what was checked stays known");
    shared.begin();
    assert!(shared.check_own(last).is_err(), "and stays counted");
    assert_eq!(verifier.checks(), MAX_SIGNATURE_CHECKS_PER_UPLOAD);
}
