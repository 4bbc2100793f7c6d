//! Distinguished names. Equality is an equivalence that agrees with hash, comparison key and, for ASCII, with RFC 5280
//! section 7.1 written down once more; a name written with other string types, case, white space or order within a
//! relative name is the same; the RFC 4514 text is one printable line that reads back as what the name says.

mod model;

use std::hash::{BuildHasher, RandomState};
use std::sync::LazyLock;

use libfuzzer_sys::arbitrary::{self, Arbitrary, Unstructured};
use misp_onboarding::certificate::{Certificate, Name};
use misp_onboarding_testkit::pki::{self, der};

use self::model::{Attribute, RelativeNames};
use crate::Seed;

/// Checks the law for two names made of the bytes, for a third one that says the same as the first, and for the bytes
/// as the DER of a name.
pub fn check(data: &[u8]) {
    if let Some(name) = read(data) {
        check_one(&name);
    }
    let Ok((one, other, third)) =
        <(RelativeNames, RelativeNames, Changes)>::arbitrary_take_rest(Unstructured::new(data))
    else {
        return;
    };
    let (one, other) = (without_empty(one), without_empty(other));
    let (first, second) = (made(&one), made(&other));
    let same = made(&third.of(&one));
    check_one(&first);
    check_one(&second);
    assert_eq!(first, same, "{one:?} and {:?}", third.of(&one));
    let names = [&first, &second, &same];
    for a in names {
        for b in names {
            check_two(a, b);
            assert!(names.iter().all(|c| !(a == b && b == *c) || a == *c));
        }
    }
    if let (Some(a), Some(b)) = (model::prepared(&one), model::prepared(&other)) {
        assert_eq!(first == second, a == b, "{one:?} and {other:?}");
    }
    model::check_text(&one, &first.to_string());
    let organizations: Vec<_> = one.iter().flatten().filter_map(Attribute::organization).collect();
    assert_eq!(first.organizations(), organizations);
    assert_eq!(first.organization(), organizations.first().cloned());
}

fn check_one(name: &Name) {
    assert_eq!(read(name.der()).as_ref(), Some(name));
    assert_eq!(name.is_empty(), name.comparison_key().is_empty());
    let text = name.to_string();
    assert!(!text.chars().any(char::is_control), "{text:?}");
    check_two(name, name);
}

fn check_two(a: &Name, b: &Name) {
    static HASHER: LazyLock<RandomState> = LazyLock::new(RandomState::new);
    let (there, back) = (a == b, b == a);
    assert_eq!(there, back);
    assert_eq!(there, a.comparison_key() == b.comparison_key());
    assert_eq!(there, a.matches(b));
    if there {
        assert_eq!(HASHER.hash_one(a), HASHER.hash_one(b));
    }
    // Two names that people cannot tell apart are not two names.
    if a.to_string() == b.to_string() {
        assert_eq!(a, b);
    }
}

/// How the same name is written in another way.
#[derive(Arbitrary, Debug)]
struct Changes {
    string_type: u8,
    swaps_case: bool,
    spaces: u8,
    rotates_by: u8,
}

impl Changes {
    fn of(&self, names: &RelativeNames) -> RelativeNames {
        let mut names = names.clone();
        for name in &mut names {
            name.iter_mut().for_each(|attribute| attribute.change(self));
            let by = usize::from(self.rotates_by) % name.len().max(1);
            name.rotate_left(by);
        }
        names
    }
}

/// RFC 5280 has no relative name without an attribute.
fn without_empty(mut names: RelativeNames) -> RelativeNames {
    names.retain(|name| !name.is_empty());
    names
}

fn made(names: &RelativeNames) -> Name {
    let name = names.iter().fold(pki::Name::empty(), |name, attributes| {
        name.with_rdn(attributes.iter().map(Attribute::written))
    });
    read(&name.der()).unwrap_or_else(|| panic!("{names:?} makes a name"))
}

/// The name whose DER this is: names are read as part of certificates, so one is laid around it.
fn read(name: &[u8]) -> Option<Name> {
    let ed25519 = der::sequence(&[der::oid("1.3.101.112")]);
    let day = |text: &str| der::value(0x17, text.as_bytes());
    let signed = der::sequence(&[
        der::context(0, &der::integer(2)),
        der::integer(1),
        ed25519.clone(),
        der::sequence::<Vec<u8>>(&[]),
        der::sequence(&[day("200101000000Z"), day("400101000000Z")]),
        name.to_vec(),
        der::sequence(&[ed25519.clone(), der::bit_string(&[7; 32])]),
    ]);
    let certificate = der::sequence(&[signed, ed25519, der::bit_string(&[7; 64])]);
    Certificate::from_der(certificate).ok().map(|certificate| certificate.subject().clone())
}

/// DER of ordinary names, of one with every string type, and of one with several attributes in a relative name.
pub fn seeds() -> Vec<Seed> {
    use pki::{Attribute as Written, Name as Subject, StringType, oid};
    let every_type = StringType::ALL.iter().fold(Subject::empty(), |name, string_type| {
        name.with(Written::new(oid::COMMON_NAME, *string_type, "Example  Bank"))
    });
    let several = [Written::utf8(oid::ORGANIZATION, "Straße, +"), Written::utf8(oid::COMMON_NAME, " #a ")];
    vec![
        ("usual", Subject::empty().country("XX").organization("Example Bank").common_name("CA").der()),
        ("empty", Subject::empty().der()),
        ("every-string-type", every_type.der()),
        ("several-at-once", Subject::empty().with_rdn(several).email_address("a@example.org").der()),
        ("no-text", Subject::empty().with(Written::raw(oid::COMMON_NAME, &der::integer(1))).der()),
    ]
}
