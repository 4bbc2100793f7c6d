//! The strict profile.

use super::*;
use crate::certificate::path::Profile;

/// What is changed of root, CA and leaf.
type Changes = [fn(Toy) -> Toy; 3];

#[test]
fn each_rule_for_issuers_is_checked_in_the_strict_profile_only() {
    let good_root = || ca("Root", "Root");
    let good_ca = || ca("CA", "Root");
    let good_leaf = || leaf("Leaf", "CA");
    let as_is = |toy: Toy| toy;
    let refused = |subject: &str| fails("strict_profile", subject);
    let good = || holds("Leaf < CA < Root");
    let cases: Vec<(&str, Changes, Outcome)> = vec![
        ("all good", [as_is, as_is, as_is], good()),
        ("root without authority key identifier", [|r| r.without(35), as_is, as_is], good()),
        ("leaf without it", [as_is, as_is, |l| l.without(35)], refused("Leaf")),
        ("CA without it", [as_is, |c| c.without(35), as_is], refused("CA")),
        ("leaf that is a CA", [as_is, as_is, |_| ca("Leaf", "CA")], good()),
        (
            "leaf that is a CA without subject key identifier",
            [as_is, as_is, |_| ca("Leaf", "CA").without(14)],
            refused("Leaf"),
        ),
        ("CA without subject key identifier", [as_is, |c| c.without(14), as_is], refused("CA")),
        ("root without it", [|r| r.without(14), as_is, as_is], refused("Root")),
        ("serial number zero", [as_is, as_is, |l| l.serial(&[0])], refused("Leaf")),
        ("negative serial number", [as_is, as_is, |l| l.serial(&[0xff])], refused("Leaf")),
        ("the greatest of the short negative ones", [as_is, as_is, |l| l.serial(&[0x80])], refused("Leaf")),
        ("the greatest positive serial number of one octet", [as_is, as_is, |l| l.serial(&[0x7f])], good()),
        ("serial number of 20 octets", [as_is, as_is, |l| l.serial(&[1; 20])], good()),
        ("serial number of 21 octets", [as_is, as_is, |l| l.serial(&[1; 21])], refused("Leaf")),
        (
            "basic constraints not critical",
            [|r| r.extension(19, false, &[0x30, 3, 1, 1, 0xff]), as_is, as_is],
            refused("Root"),
        ),
        (
            "leaf that may sign certificates",
            [as_is, as_is, |l| l.extension(15, true, &[3, 2, 2, 0x04])],
            refused("Leaf"),
        ),
        ("leaf with a path length", [as_is, as_is, |l| l.basic_constraints(false, Some(0))], refused("Leaf")),
        (
            "name constraints not critical",
            [
                as_is,
                |c| c.extension(30, false, &tlv(0x30, &tlv(0xa0, &sequence(&[&dns("example.com")])))),
                as_is,
            ],
            refused("CA"),
        ),
        (
            "name constraints without subtrees",
            [as_is, |c| c.name_constraints(&[], &[]), as_is],
            refused("CA"),
        ),
        (
            "name constraints",
            [as_is, |c| c.name_constraints(&[dns("example.com"), uri(".example.com")], &[]), as_is],
            good(),
        ),
        (
            "leading period",
            [as_is, |c| c.name_constraints(&[dns(".example.com")], &[]), as_is],
            refused("CA"),
        ),
        (
            "name constraints in a leaf",
            [as_is, as_is, |l| l.name_constraints(&[dns("example.com")], &[])],
            refused("Leaf"),
        ),
        (
            "policy constraints not critical",
            [as_is, |c| c.extension(36, false, &tlv(0x30, &tlv(0x80, &[3]))), as_is],
            refused("CA"),
        ),
        (
            "inhibitAnyPolicy not critical",
            [as_is, |c| c.extension(54, false, &tlv(2, &[3])), as_is],
            refused("CA"),
        ),
        (
            "authorityInfoAccess that is none",
            [as_is, as_is, |l| l.extension_by_oid(&[0x2b, 6, 1, 5, 5, 7, 1, 1], false, b"malformed")],
            refused("Leaf"),
        ),
        (
            "no subject, alternative names not critical",
            [as_is, as_is, |l| Toy { subject: String::new(), ..l.alternative_names(&[dns("example.com")]) }],
            refused(""),
        ),
        (
            "root of version 1",
            [|r| Toy { extensions: Vec::new(), ..r.version(1) }, as_is, as_is],
            refused("Root"),
        ),
    ];
    let strict = PathOptions { profile: Profile::Strict, ..options() };
    for (what, [change_root, change_ca, change_leaf], expected) in cases {
        let root = change_root(good_root()).build();
        let (cas, leaf) = ([change_ca(good_ca())], change_leaf(good_leaf()));
        assert_eq!(verify_with(&root, &cas, &leaf, &strict), expected, "{what}");
        assert!(verify(&root, &cas, &leaf).is_ok(), "{what} by default");
    }
    let critical = sequence(&[&dns("example.com")]);
    let nameless = Toy { subject: String::new(), ..good_leaf().extension(17, true, &critical) };
    assert_eq!(verify_with(&root("Root"), &[good_ca()], &nameless, &strict), holds(" < CA < Root"));
    // Critical key identifiers are refused everywhere: nothing acts on them (RFC 5280 section 4.2).
    let key_id = good_ca().extension(14, true, &tlv(4, b"CA"));
    assert_eq!(verify(&root("Root"), &[key_id], &good_leaf()), fails("unknown_critical_extension", "CA"));
}
