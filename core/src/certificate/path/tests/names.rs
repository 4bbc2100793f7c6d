//! Name constraints.

use super::*;

/// Whether a leaf with these alternative names and no subject is valid below a CA with these constraints.
fn is_valid(permitted: &[Vec<u8>], excluded: &[Vec<u8>], names: &[Vec<u8>]) -> bool {
    let ca = ca("CA", "Root").name_constraints(permitted, excluded);
    let leaf = leaf("", "CA").alternative_names(names);
    match verify(&root("Root"), &[ca], &leaf) {
        Ok(_) => true,
        Err(("name_constraints", _)) => false,
        Err(other) => panic!("{other:?}"),
    }
}

#[test]
fn a_name_is_compared_with_a_base_of_its_form() {
    let v4 = |a, b, c, d| ip(&[a, b, c, d]);
    let v4_net = |octets: [u8; 8]| ip(&octets);
    let mut v6 = [0; 16];
    v6[..2].copy_from_slice(&[0x20, 0x01]);
    let v6_net = [v6, std::array::from_fn(|index| if index < 2 { 0xff } else { 0 })].concat();
    for (base, name, permits, excludes) in [
        // Host names: zero or more labels more, without regard to case.
        (dns("example.com"), dns("example.com"), true, true),
        (dns("example.com"), dns("WWW.Example.COM"), true, true),
        (dns("example.com"), dns("a.b.example.com"), true, true),
        (dns("example.com"), dns("myexample.com"), false, false),
        (dns("example.com"), dns("example.org"), false, false),
        (dns("www.example.com"), dns("example.com"), false, false),
        (dns(""), dns("example.com"), true, true),
        (dns("example.com"), dns("*.example.com"), true, true),
        // `*.example.com` may be used as a name that lies within, so it is excluded, but not permitted.
        (dns("www.example.com"), dns("*.example.com"), false, true),
        (dns("a.www.example.com"), dns("*.example.com"), false, false),
        (dns(".example.com"), dns("www.example.com"), true, true),
        (dns(".example.com"), dns("example.com"), false, false),
        // Malformed names and bases are neither permitted nor not excluded.
        (dns("example.com"), dns(".example.com"), false, true),
        (dns("example.com"), dns("a..example.com"), false, true),
        (dns("example.com"), dns("a b.example.com"), false, true),
        (dns("example.com"), dns(""), false, true),
        (dns("*.example.com"), dns("www.example.com"), false, true),
        // Mailboxes: one, those of a host, those of the hosts below a domain.
        (email("who@example.com"), email("who@EXAMPLE.com"), true, true),
        (email("who@example.com"), email("Who@example.com"), false, false),
        (email("example.com"), email("who@example.com"), true, true),
        (email("example.com"), email("who@mail.example.com"), false, false),
        (email(".example.com"), email("who@mail.example.com"), true, true),
        (email(".example.com"), email("who@example.com"), false, false),
        (email("example.com"), email("who@else@example.com"), false, true),
        (email("who@else@example.com"), email("who@example.com"), false, true),
        (email("example.com"), email("example.com"), false, true),
        (email("example.com"), email("@example.com"), false, true),
        (email("example.com"), email("a b@example.com"), false, true),
        (email("example.com"), email("\"a\"@example.com"), false, true),
        (email(".exam ple.com"), email("who@mail.example.com"), false, true),
        (email("exam ple.com"), email("who@example.com"), false, true),
        (email("."), email("who@example.com"), false, true),
        (email(""), email("who@example.com"), true, true),
        // URIs: a host, or the hosts below a domain.
        (uri("example.com"), uri("https://user@Example.com:8443/path?a@b"), true, true),
        (uri("example.com"), uri("https://www.example.com/"), false, false),
        (uri(".example.com"), uri("https://www.example.com"), true, true),
        (uri(".example.com"), uri("https://example.com"), false, false),
        (uri("example.com"), uri("https://example.com.evil.org/"), false, false),
        (uri("example.com"), uri("https://evil.org/@example.com"), false, false),
        (uri("example.com"), uri("https://evil.org?@example.com"), false, false),
        (uri("example.com"), uri("urn:uuid:f81d4fae"), false, true),
        (uri("example.com"), uri("https://192.0.2.1/"), false, true),
        (uri("example.com"), uri("https://[2001:db8::1]/"), false, true),
        (uri("example.com"), uri("/relative"), false, true),
        (uri(".exam ple.com"), uri("https://www.example.com/"), false, true),
        (uri("exam ple.com"), uri("https://example.com/"), false, true),
        (uri(""), uri("https://example.com/"), true, true),
        // Addresses.
        (v4_net([192, 0, 2, 0, 255, 255, 255, 0]), v4(192, 0, 2, 200), true, true),
        (v4_net([192, 0, 2, 0, 255, 255, 255, 0]), v4(192, 0, 3, 1), false, false),
        (v4_net([192, 0, 2, 128, 255, 255, 255, 128]), v4(192, 0, 2, 127), false, false),
        (v4_net([0; 8]), v4(192, 0, 2, 1), true, true),
        (v4_net([192, 0, 2, 0, 255, 0, 255, 0]), v4(192, 0, 2, 1), false, true),
        (v4_net([192, 0, 2, 0, 255, 255, 255, 0]), ip(&v6), false, false),
        (ip(&v6_net), ip(&v6), true, true),
        (ip(&v6_net), v4(32, 1, 0, 0), false, false),
        (v4(192, 0, 2, 1), v4(192, 0, 2, 1), false, true),
        (v4_net([192, 0, 2, 0, 255, 255, 255, 0]), v4_net([192, 0, 2, 0, 255, 255, 255, 0]), false, true),
        // Directory names: the base is a beginning of the name, compared as names are.
        (directory("O= bank "), directory("O=Bank/CN=x"), true, true),
        (directory("O=Bank"), directory("O=Bank"), true, true),
        (directory("O=Bank/CN=y"), directory("O=Bank"), false, false),
        (directory("O=Bank"), directory("O=Banker/CN=x"), false, false),
        (directory("O=Bank"), tlv(0xa4, &[0x31, 0]), false, true),
        // Forms that are not processed.
        (tlv(0x88, &[0x2a]), tlv(0x88, &[0x2a]), false, true),
        (tlv(0xa0, &oid("1.2.3")), tlv(0xa0, &oid("1.2.4")), false, true),
    ] {
        let (base, name) = (std::slice::from_ref(&base), std::slice::from_ref(&name));
        assert_eq!(is_valid(base, &[], name), permits, "permitted {base:02x?} {name:02x?}");
        assert_eq!(is_valid(&[], base, name), !excludes, "excluded {base:02x?} {name:02x?}");
    }
}

#[test]
fn a_name_that_is_not_allowed_is_shown() {
    let long = "a".repeat(200);
    let v6 = [0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1];
    for (name, found) in [
        (dns("a\n.example"), r#"the dNSName "a\n.example""#.to_owned()),
        (dns(&long), format!("the dNSName \"{}\"", "a".repeat(128))),
        (email("who@example.com"), r#"the rfc822Name "who@example.com""#.to_owned()),
        (uri("https://a.example/"), r#"the uniformResourceIdentifier "https://a.example/""#.to_owned()),
        (ip(&[192, 0, 2, 1]), "the iPAddress 192.0.2.1".to_owned()),
        (ip(&v6), "the iPAddress 2001:db8::1".to_owned()),
        (ip(&[192, 0, 2]), "a malformed iPAddress".to_owned()),
        (directory("O=Bank"), "a directoryName".to_owned()),
        (tlv(0xa4, &[0x31, 0]), "a malformed directoryName".to_owned()),
        (tlv(0x88, &[0x2a]), "a registeredID".to_owned()),
    ] {
        // Another name of its form is the only one permitted.
        let base = match name[0] {
            0x87 => ip(&[10, 0, 0, 0, 255, 0, 0, 0]),
            0xa4 => directory("O=Other"),
            tag => tlv(tag, b"other.example"),
        };
        let ca = ca("CA", "Root").name_constraints(&[base], &[]).build();
        let leaf = leaf("", "CA").alternative_names(&[name]).build();
        let error = verify_path(&leaf, &[root("Root")], &[ca], &options()).unwrap_err();
        assert_eq!(error.code(), "certificate.path.name_constraints");
        assert_eq!(error.failure.found, found);
    }
    let ca = ca("CA", "Root").name_constraints(&[directory("O=Other")], &[]).build();
    let leaf = leaf("O=Bank", "CA").build();
    let error = verify_path(&leaf, &[root("Root")], &[ca], &options()).unwrap_err();
    assert_eq!(error.failure.found, "the subject O=Bank");
}

#[test]
fn a_form_that_is_not_constrained_is_free() {
    assert!(is_valid(&[ip(&[10, 0, 0, 0, 255, 0, 0, 0])], &[], &[dns("example.com")]));
    assert!(is_valid(&[], &[tlv(0xa0, &oid("1.2.3"))], &[dns("example.com")]));
    assert!(is_valid(&[dns("example.com")], &[], &[]));
    assert!(is_valid(&[dns("example.org"), dns("example.com")], &[], &[dns("example.com")]));
    assert!(!is_valid(&[dns("example.com")], &[], &[dns("example.com"), dns("example.org")]));
    assert!(!is_valid(&[dns("example.com")], &[dns("example.com")], &[dns("example.com")]));
}

#[test]
fn a_subtree_with_a_minimum_or_maximum_cannot_be_met() {
    for (distance, is_met) in [(vec![0x80, 1, 0], true), (vec![0x80, 1, 1], false), (vec![0x81, 1, 9], false)]
    {
        let subtree = sequence(&[&dns("example.com"), &distance]);
        let ca = ca("CA", "Root").extension(30, true, &tlv(0x30, &tlv(0xa0, &subtree)));
        let leaf = leaf("Leaf", "CA").alternative_names(&[dns("example.com")]);
        assert_eq!(verify(&root("Root"), &[ca], &leaf).is_ok(), is_met, "{distance:02x?}");
    }
}

#[test]
fn the_subject_is_constrained_as_well() {
    for (permitted, subject, is_met) in [
        (directory("O=Bank"), "O=Bank/CN=Leaf", true),
        (directory("O=Bank"), "O=Other/CN=Leaf", false),
        (directory("O=Bank"), "", true),
        // Mailboxes in the subject count where there are no alternative names (RFC 5280 section 4.2.1.10).
        (email("example.com"), "O=Bank/E=who@example.com", true),
        (email("example.com"), "O=Bank/E=who@example.org", false),
        (email("example.com"), "O=Bank/E=who@example.com/E=who@example.org", false),
        (email("example.com"), "O=Bank", true),
    ] {
        let ca = ca("CA", "Root").name_constraints(&[permitted], &[]);
        let result = verify(&root("Root"), &[ca], &leaf(subject, "CA"));
        assert_eq!(result.is_ok(), is_met, "{subject}: {result:?}");
    }
    let ca = ca("CA", "Root").name_constraints(&[email("example.com")], &[]);
    let leaf = leaf("O=Bank/E=who@example.org", "CA").alternative_names(&[email("who@example.com")]);
    assert!(verify(&root("Root"), &[ca], &leaf).is_ok());
}

#[test]
fn constraints_add_up_from_the_root_down() {
    let constrained = |subject: &str, issuer: &str, domain: &str| {
        ca(subject, issuer).name_constraints(&[dns(domain)], &[dns(&format!("no.{domain}"))])
    };
    let root = constrained("Root", "Root", "example.com").build();
    let cas = [constrained("A", "Root", "b.example.com"), ca("B", "A")];
    for (name, expected) in [
        ("www.b.example.com", holds("Leaf < B < A < Root")),
        ("www.example.com", fails("name_constraints", "Leaf")),
        ("no.b.example.com", fails("name_constraints", "Leaf")),
        ("a.no.b.example.com", fails("name_constraints", "Leaf")),
    ] {
        let leaf = leaf("Leaf", "B").alternative_names(&[dns(name)]);
        assert_eq!(verify(&root, &cas, &leaf), expected, "{name}");
    }
    let wider = [constrained("A", "Root", "org")];
    let outside = leaf("Leaf", "A").alternative_names(&[dns("example.org")]);
    assert_eq!(verify(&root, &wider, &outside), fails("name_constraints", "Leaf"));
}

#[test]
fn self_issued_certificates_are_not_constrained_within_the_path() {
    let root = ca("Root", "Root").name_constraints(&[directory("O=Bank")], &[]).build();
    let rollover = ca("Root", "Root").key("Root2");
    let leaf_below = leaf("O=Bank/CN=Leaf", "Root").signed_by("Root2");
    assert_eq!(verify(&root, &[rollover], &leaf_below), holds("Leaf,O=Bank < Root < Root"));

    let other_ca = [ca("CA", "Root")];
    assert_eq!(verify(&root, &other_ca, &leaf("O=Bank/CN=Leaf", "CA")), fails("name_constraints", "CA"));

    let self_issued_leaf = leaf("Root", "Root").key("Leaf");
    assert_eq!(verify(&root, &[], &self_issued_leaf), fails("name_constraints", "Root"));
}
