//! Certificate policies.

use super::*;
use crate::certificate::path::ValidPolicies;

const ANY: &str = "2.5.29.32.0";
const P1: &str = "1.3.6.1.4.1.99999.1";
const P2: &str = "1.3.6.1.4.1.99999.2";
const P3: &str = "1.3.6.1.4.1.99999.3";

fn policies(
    root: &Certificate,
    cas: &[Toy],
    leaf: &Toy,
    options: &PathOptions,
) -> Result<String, &'static str> {
    let cas: Vec<_> = cas.iter().map(Toy::build).collect();
    match verify_path(&leaf.build(), std::slice::from_ref(root), &cas, options) {
        Ok(path) => Ok(match path.valid_policies() {
            ValidPolicies::Any => "any".to_owned(),
            ValidPolicies::Only(policies) => policies
                .iter()
                .map(Oid::to_string)
                .collect::<Vec<_>>()
                .join(" ")
                .replace("1.3.6.1.4.1.99999.", "P"),
        }),
        Err(error) => Err(error.code()),
    }
}

#[test]
fn policies_narrow_from_the_root_down() {
    const REFUSED: Result<&str, &str> = Err("certificate.path.policy");
    for (what, upper, lower, end, initial, required, expected) in [
        ("none anywhere", None, None, None, &[][..], false, Ok("")),
        ("none anywhere, one required", None, None, None, &[], true, REFUSED),
        ("the same", Some(&[P1][..]), Some(&[P1][..]), Some(&[P1][..]), &[], true, Ok("P1")),
        ("the intersection", Some(&[P1, P2]), Some(&[P2, P3]), Some(&[P2]), &[], true, Ok("P2")),
        ("nothing in common", Some(&[P1]), Some(&[P2]), Some(&[P2]), &[], false, Ok("")),
        ("nothing in common, one required", Some(&[P1]), Some(&[P2]), Some(&[P2]), &[], true, REFUSED),
        ("any policy passes all on", Some(&[ANY]), Some(&[ANY]), Some(&[P1, P2]), &[], true, Ok("P1 P2")),
        ("any policy all the way", Some(&[ANY]), Some(&[ANY]), Some(&[ANY]), &[], true, Ok("any")),
        ("any policy at the end", Some(&[P1, P2]), Some(&[P1]), Some(&[ANY]), &[], true, Ok("P1")),
        ("one of the accepted", Some(&[P1, P2]), Some(&[ANY]), Some(&[P1, P2]), &[P2, P3], true, Ok("P2")),
        ("none of the accepted", Some(&[P1]), Some(&[P1]), Some(&[P1]), &[P2], true, REFUSED),
        ("none of the accepted, none required", Some(&[P1]), Some(&[P1]), Some(&[P1]), &[P2], false, Ok("")),
        ("any policy includes the accepted", Some(&[ANY]), Some(&[ANY]), Some(&[ANY]), &[P2], true, Ok("P2")),
        ("any policy accepted", Some(&[P1]), Some(&[P1]), Some(&[P1]), &[ANY], true, Ok("P1")),
        ("the leaf has none", Some(&[P1]), Some(&[P1]), None, &[], true, REFUSED),
    ] {
        let with = |certificate: Toy, policies: Option<&[&str]>| match policies {
            Some(policies) => certificate.policies(policies),
            None => certificate,
        };
        let cas = [with(ca("A", "Root"), upper), with(ca("B", "A"), lower)];
        let options = PathOptions {
            initial_policies: initial.iter().map(|policy| policy.parse().unwrap()).collect(),
            require_explicit_policy: required,
            ..options()
        };
        let leaf = with(leaf("Leaf", "B"), end);
        assert_eq!(policies(&root("Root"), &cas, &leaf, &options), expected.map(str::to_owned), "{what}");
    }
}

#[test]
fn mappings_lead_from_one_policy_to_another() {
    let run = |upper: Toy, leaf_policies: &[&str], change: fn(&mut PathOptions)| {
        let mut options = PathOptions { require_explicit_policy: true, ..options() };
        change(&mut options);
        policies(&root("Root"), &[upper], &leaf("Leaf", "A").policies(leaf_policies), &options)
    };
    let upper =
        |policies: &[&str], mappings: &[(&str, &str)]| ca("A", "Root").policies(policies).mappings(mappings);
    let as_is: fn(&mut PathOptions) = |_| ();
    let inhibited: fn(&mut PathOptions) = |options| options.inhibit_policy_mapping = true;
    let refused = Err("certificate.path.policy");
    assert_eq!(run(upper(&[P1], &[(P1, P2)]), &[P2], as_is), Ok("P1".to_owned()));
    assert_eq!(run(upper(&[P1], &[(P1, P2)]), &[P1], as_is), refused);
    assert_eq!(run(upper(&[P1], &[(P1, P2), (P1, P3)]), &[P3], as_is), Ok("P1".to_owned()));
    assert_eq!(run(upper(&[P1, P2], &[(P1, P3), (P2, P3)]), &[P3], as_is), Ok("P1 P2".to_owned()));
    // A mapping of a policy that only anyPolicy stands for (RFC 5280 section 6.1.4 (b)(1)).
    assert_eq!(run(upper(&[ANY], &[(P1, P2)]), &[P2], as_is), Ok("P1".to_owned()));
    assert_eq!(run(upper(&[ANY], &[(P1, P2)]), &[P3], as_is), Ok("P3".to_owned()));
    // Section 6.1.4 (b)(2)
    assert_eq!(run(upper(&[P1], &[(P1, P2)]), &[P2], inhibited), refused);
    assert_eq!(run(upper(&[P1, P3], &[(P1, P2)]), &[P3], inhibited), Ok("P3".to_owned()));
    // Section 6.1.4 (a)
    assert_eq!(run(upper(&[P1], &[(ANY, P2)]), &[P2], as_is), refused);
    assert_eq!(run(upper(&[P1], &[(P1, ANY)]), &[P1], as_is), refused);
}

#[test]
fn constraints_count_the_certificates_that_follow() {
    let chain = |first: Toy| [first, ca("B", "A"), ca("C", "B")];
    let refused = || Err("certificate.path.policy");
    for (count, expected) in
        [(0, refused()), (3, refused()), (4, Ok(String::new())), (127, Ok(String::new()))]
    {
        let first = ca("A", "Root").policy_constraints(Some(count), None);
        let result = policies(&root("Root"), &chain(first), &leaf("Leaf", "C"), &options());
        assert_eq!(result, expected, "requireExplicitPolicy {count}");
    }
    // In the last certificate only zero has an effect (section 6.1.5 (b)).
    for (count, expected) in [(0, refused()), (1, Ok(String::new()))] {
        let leaf = leaf("Leaf", "Root").policy_constraints(Some(count), None);
        assert_eq!(policies(&root("Root"), &[], &leaf, &options()), expected, "in the leaf {count}");
    }
    for (count, expected) in [(0, refused()), (1, Ok("P1".to_owned()))] {
        let first = ca("A", "Root").policies(&[P1]).policy_constraints(Some(0), Some(count));
        let second = ca("B", "A").policies(&[P1]).mappings(&[(P1, P2)]);
        let leaf = leaf("Leaf", "B").policies(&[P2]);
        assert_eq!(policies(&root("Root"), &[first, second], &leaf, &options()), expected, "inhibit {count}");
    }
    for (count, expected) in [(0, refused()), (1, Ok("P1".to_owned()))] {
        let first =
            ca("A", "Root").policies(&[P1]).policy_constraints(Some(0), None).inhibit_any_policy(count);
        let second = ca("B", "A").policies(&[ANY]);
        let leaf = leaf("Leaf", "B").policies(&[P1]);
        assert_eq!(policies(&root("Root"), &[first, second], &leaf, &options()), expected, "any {count}");
    }
    let inhibited = PathOptions { inhibit_any_policy: true, require_explicit_policy: true, ..options() };
    let cas = [ca("A", "Root").policies(&[ANY])];
    assert_eq!(policies(&root("Root"), &cas, &leaf("Leaf", "A").policies(&[P1]), &inhibited), refused());
}
