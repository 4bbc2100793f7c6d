//! What makes a certificate of a scenario special: defects, and what looks like one and is none.

use misp_onboarding::Timestamp;

use super::random::Random;
use crate::pki::{
    Attribute, Certificate, CertificateBuilder, Extension, GeneralName, Hash, Key, KeyUsage, Name,
    SignatureAlgorithm, StringType, Time, oid,
};

/// A change to one certificate. What it means for a chain is for the validators under test to say.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Twist {
    /// Ended a second ago.
    Expired,
    /// Begins in a second.
    NotYetValid,
    /// Ends this very second, which RFC 5280 section 4.1.2.5 counts as within.
    EndsNow,
    /// Begins this very second.
    BeginsNow,
    /// Dates in GeneralizedTime where UTCTime belongs.
    GeneralizedTime,
    /// BasicConstraints that say no CA.
    NotACa,
    /// A CA by BasicConstraints, also where it is a leaf.
    IsACa,
    /// No BasicConstraints.
    NoBasicConstraints,
    /// BasicConstraints not critical.
    BasicConstraintsNotCritical,
    /// A path length of 0 to 3.
    PathLength,
    /// KeyUsage without keyCertSign.
    NoKeyCertSign,
    /// No KeyUsage.
    NoKeyUsage,
    /// An unknown critical extension.
    UnknownCritical,
    /// An unknown extension that is not critical.
    UnknownNotCritical,
    /// An unknown extension twice.
    UnknownTwice,
    /// BasicConstraints twice.
    BasicConstraintsTwice,
    /// An extension whose value is cut off.
    MalformedExtension,
    /// Signed with a key that is not the issuer's.
    SignedByStranger,
    /// One bit of the signature changed.
    CorruptedSignature,
    /// Names an issuer that did not sign it.
    OtherIssuerNamed,
    /// Names its issuer in other letters and another string type, which compares equal (RFC 5280 section 7.1).
    IssuerRespelled,
    /// Says another algorithm inside than beside the signature.
    AlgorithmsDiffer,
    /// An algorithm nobody knows.
    UnknownAlgorithm,
    /// No subject key identifier.
    NoSubjectKeyIdentifier,
    /// No authority key identifier.
    NoAuthorityKeyIdentifier,
    /// An authority key identifier of no key.
    OtherAuthorityKeyIdentifier,
    /// Version 1, with its extensions left out.
    Version1,
    /// A serial number of zero.
    SerialZero,
    /// A negative serial number.
    SerialNegative,
    /// Some name constraints.
    NameConstraints,
    /// Some alternative names.
    AlternativeNames,
    /// Several organizations in the subject, one of them in another string type.
    OddSubject,
    /// No subject at all.
    NoSubject,
    /// Some certificate policies.
    Policies,
    /// One policy mapped to another.
    PolicyMapping,
    /// An explicit policy required, at once or further down.
    RequireExplicitPolicy,
    /// Policy mapping inhibited, at once or further down.
    InhibitPolicyMapping,
    /// anyPolicy inhibited, at once or further down.
    InhibitAnyPolicy,
    /// Some extended key usages.
    ExtendedKeyUsage,
    /// A key of 1,024 bits.
    WeakKey,
    /// Signed over SHA-1.
    WeakHash,
    /// Only for intermediates: left out of the scenario.
    Missing,
    /// Only for intermediates: a CA of the same name with another key stands beside it.
    Namesake,
    /// Only for intermediates: an older certificate of it that has expired stands beside it.
    ExpiredPredecessor,
    /// Only for intermediates: it also has a certificate by another root.
    CrossSigned,
    /// Only for intermediates: it changed its key and certified the new one itself.
    Rollover,
    /// Only for roots: not among the trusted ones.
    Untrusted,
}

use Twist::*;

/// What may happen to any certificate.
const ANYWHERE: &[Twist] = &[
    Expired,
    NotYetValid,
    EndsNow,
    BeginsNow,
    GeneralizedTime,
    NotACa,
    BasicConstraintsNotCritical,
    NoKeyUsage,
    UnknownCritical,
    UnknownNotCritical,
    UnknownTwice,
    BasicConstraintsTwice,
    MalformedExtension,
    SignedByStranger,
    CorruptedSignature,
    OtherIssuerNamed,
    IssuerRespelled,
    AlgorithmsDiffer,
    UnknownAlgorithm,
    NoSubjectKeyIdentifier,
    NoAuthorityKeyIdentifier,
    OtherAuthorityKeyIdentifier,
    Version1,
    SerialZero,
    SerialNegative,
    NameConstraints,
    AlternativeNames,
    Policies,
    PolicyMapping,
    RequireExplicitPolicy,
    InhibitPolicyMapping,
    InhibitAnyPolicy,
    ExtendedKeyUsage,
    WeakKey,
    WeakHash,
];

/// What is worth doing more often, because most of a validator's rules are about it.
const CONSTRAINTS: &[Twist] = &[
    PathLength,
    NameConstraints,
    NameConstraints,
    Policies,
    Policies,
    PolicyMapping,
    RequireExplicitPolicy,
    InhibitPolicyMapping,
    InhibitAnyPolicy,
];

/// What only a CA can have.
const CA_ONLY: &[Twist] = &[NoBasicConstraints, PathLength, NoKeyCertSign];

/// What is done to the scenario around an intermediate.
const INTERMEDIATE_ONLY: &[Twist] = &[Missing, Namesake, ExpiredPredecessor, CrossSigned, Rollover];

/// What is done to the scenario around a root, and where a root is treated unlike every other CA.
const ROOT_ONLY: &[Twist] = &[Untrusted, SignedByStranger, AlgorithmsDiffer, MalformedExtension];

/// What only a leaf can have.
const LEAF_ONLY: &[Twist] = &[IsACa, OddSubject, NoSubject, AlternativeNames, AlternativeNames];

/// What policy processing is about (RFC 5280 sections 6.1.3 to 6.1.5), and how often a CA has it in a scenario that is
/// about it too, in percent.
const ABOUT_POLICIES: &[(Twist, usize)] = &[
    (Policies, 85),
    (PolicyMapping, 35),
    (RequireExplicitPolicy, 25),
    (InhibitPolicyMapping, 20),
    (InhibitAnyPolicy, 20),
    (Rollover, 25),
];

/// The same for name constraints.
const ABOUT_NAMES: &[(Twist, usize)] = &[(NameConstraints, 50), (AlternativeNames, 15), (Rollover, 20)];

/// What is done to `count` CAs in a row, by their place from the root (0) down.
pub(super) fn of_authorities(count: usize, random: &mut Random<'_>) -> Vec<(usize, Twist)> {
    let theme = match random.below(10) {
        0..3 => &[][..],
        // One or two things, whichever they are: a rule at a time, and two that meet.
        3..6 => {
            return (0..=random.below(2))
                .map(|_| {
                    let place = random.below(count);
                    (place, Twist::of_authority(place == 0, random))
                })
                .collect();
        }
        6..8 => ABOUT_POLICIES,
        _ => ABOUT_NAMES,
    };
    let mut twists = Vec::new();
    for place in 0..count {
        for (twist, percent) in theme {
            if random.chance(*percent) && (place > 0 || *twist != Rollover) {
                twists.push((place, *twist));
            }
        }
    }
    twists
}

impl Twist {
    /// Every twist there is.
    pub fn all() -> impl Iterator<Item = Self> {
        let lists = [ANYWHERE, CA_ONLY, INTERMEDIATE_ONLY, LEAF_ONLY, ROOT_ONLY];
        let mut all = lists.concat();
        all.sort_unstable();
        all.dedup();
        all.into_iter()
    }

    fn of_authority(is_root: bool, random: &mut Random<'_>) -> Self {
        let own = if is_root { ROOT_ONLY } else { INTERMEDIATE_ONLY };
        let choices = match random.below(10) {
            0..2 => own,
            2..4 => CA_ONLY,
            4..6 => CONSTRAINTS,
            _ => ANYWHERE,
        };
        *random.pick(choices)
    }

    pub(super) fn of_leaf(random: &mut Random<'_>) -> Self {
        let choices = if random.chance(30) { LEAF_ONLY } else { ANYWHERE };
        *random.pick(choices)
    }

    /// Whether it makes policies matter, so that leaves without any would all be refused.
    pub(super) fn concerns_policies(self) -> bool {
        matches!(
            self,
            Policies | PolicyMapping | RequireExplicitPolicy | InhibitPolicyMapping | InhibitAnyPolicy
        )
    }

    /// Makes the change, where it is one to the certificate itself.
    pub(super) fn apply(
        self,
        builder: CertificateBuilder,
        issuer: Option<&Certificate>,
        at: Timestamp,
        random: &mut Random<'_>,
    ) -> CertificateBuilder {
        let second = |seconds: i64| Timestamp::from_unix_seconds(at.unix_seconds() + seconds);
        let skip = random.below(3) as u32;
        match self {
            Expired => builder.not_after(second(-1)),
            NotYetValid => builder.not_before(second(1)),
            EndsNow => builder.not_after(second(0)),
            BeginsNow => builder.not_before(second(0)),
            GeneralizedTime => {
                builder.valid(Time::Generalized(at.plus_days(-9)), Time::Generalized(at.plus_days(999)))
            }
            NotACa => builder.with(Extension::basic_constraints(false, None)),
            IsACa => builder.with(Extension::basic_constraints(true, None)),
            NoBasicConstraints => builder.without(oid::BASIC_CONSTRAINTS),
            BasicConstraintsNotCritical => {
                builder.with(Extension::basic_constraints(true, None).not_critical())
            }
            PathLength => builder.path_len(random.below(4) as u32),
            NoKeyCertSign => builder.key_usage(&[KeyUsage::DigitalSignature, KeyUsage::CrlSign]),
            NoKeyUsage => builder.without(oid::KEY_USAGE),
            UnknownCritical => builder.with(Extension::unknown(true)),
            UnknownNotCritical => builder.with(Extension::unknown(false)),
            UnknownTwice => builder.with(Extension::unknown(false)).with_duplicate(Extension::unknown(false)),
            BasicConstraintsTwice => {
                let same = Extension::basic_constraints(true, None);
                builder.with(same.clone()).with_duplicate(same)
            }
            MalformedExtension => builder.with(malformed(random)),
            SignedByStranger => builder.signing_key(Key::p256("stranger")),
            CorruptedSignature => builder.corrupted_signature(),
            OtherIssuerNamed => builder.issuer(Name::cn("Nobody")),
            IssuerRespelled => match issuer {
                Some(issuer) => builder.issuer(respelled(issuer.subject())),
                None => builder,
            },
            AlgorithmsDiffer => builder.inner_algorithm(SignatureAlgorithm::ecdsa(Hash::Sha512)),
            UnknownAlgorithm => builder.algorithm_label(oid::UNKNOWN),
            NoSubjectKeyIdentifier => builder.without(oid::SUBJECT_KEY_IDENTIFIER),
            NoAuthorityKeyIdentifier => builder.without(oid::AUTHORITY_KEY_IDENTIFIER),
            OtherAuthorityKeyIdentifier => builder.with(Extension::authority_key_identifier(&[0x55; 20])),
            Version1 => builder.version(1).without_extensions(),
            SerialZero => builder.serial(0),
            SerialNegative => builder.serial(-1),
            NameConstraints => builder.with(name_constraints(random)),
            AlternativeNames => {
                builder.with(Extension::subject_alt_name(&random.some(&alternative_names(), 3)))
            }
            OddSubject => builder.subject(
                Name::empty()
                    .organization("Example Bank")
                    .with(Attribute::new(oid::ORGANIZATION, StringType::Bmp, "EXAMPLE  bank"))
                    .email_address("teller@bank.example.com"),
            ),
            NoSubject => builder.subject(Name::empty()),
            Policies => builder.with(Extension::certificate_policies(&policies(random))),
            PolicyMapping => {
                let mappings: Vec<_> = (0..=random.below(2)).map(|_| mapping(random)).collect();
                let mut policies = policies(random);
                // What is mapped has to be a policy of the certificate (RFC 5280 section 4.2.1.5).
                policies.extend(mappings.iter().map(|(issuer, _)| *issuer));
                policies.sort_unstable();
                policies.dedup();
                builder
                    .with(Extension::certificate_policies(&policies))
                    .with(Extension::policy_mappings(&mappings))
            }
            RequireExplicitPolicy => {
                let inhibit_mapping = random.chance(30).then(|| random.below(3) as u32);
                builder.with(Extension::policy_constraints(Some(skip), inhibit_mapping))
            }
            InhibitPolicyMapping => builder.with(Extension::policy_constraints(None, Some(skip))),
            InhibitAnyPolicy => builder.with(Extension::inhibit_any_policy(skip)),
            ExtendedKeyUsage => builder
                .with(Extension::extended_key_usage(&[*random.pick(&[oid::SERVER_AUTH, oid::CLIENT_AUTH])])),
            WeakKey => builder.key(Key::rsa1024("weak")),
            WeakHash => match issuer {
                Some(issuer)
                    if issuer.key().default_algorithm() == SignatureAlgorithm::ecdsa(Hash::Sha256) =>
                {
                    builder.algorithm(SignatureAlgorithm::ecdsa(Hash::Sha1))
                }
                _ => builder,
            },
            Missing | Namesake | ExpiredPredecessor | CrossSigned | Rollover | Untrusted => builder,
        }
    }
}

/// The policies of all scenarios: few, so that they meet.
const POLICIES: [&str; 3] = ["2.999.10", "2.999.20", "2.999.30"];

fn policies(random: &mut Random<'_>) -> Vec<&'static str> {
    let mut policies = random.some(&[POLICIES[0], POLICIES[1], POLICIES[2], oid::ANY_POLICY], 4);
    // No policy may be there twice (RFC 5280 section 4.2.1.4).
    policies.sort_unstable();
    policies.dedup();
    policies
}

/// A policy and what it is called further down.
fn mapping(random: &mut Random<'_>) -> (&'static str, &'static str) {
    let (issuer, subject) = (*random.pick(&POLICIES), *random.pick(&POLICIES));
    // Nothing may be mapped to or from anyPolicy (RFC 5280 section 4.2.1.5).
    match random.below(40) {
        0 => (oid::ANY_POLICY, subject),
        1 => (issuer, oid::ANY_POLICY),
        _ => (issuer, subject),
    }
}

/// The same name to RFC 5280 section 7.1, to eyes another.
fn respelled(name: &Name) -> Name {
    name.clone().map_text(|oid, text| match oid {
        oid::COUNTRY => Attribute::new(oid, StringType::Printable, text),
        _ => {
            let text = format!(" {} ", text.to_uppercase().replace(' ', "  "));
            Attribute::new(oid, StringType::Printable, &text)
        }
    })
}

fn malformed(random: &mut Random<'_>) -> Extension {
    let extensions = [
        Extension::basic_constraints(true, None),
        Extension::key_usage(&[KeyUsage::KeyCertSign]),
        Extension::subject_alt_name(&[GeneralName::dns("example.com")]),
        Extension::name_constraints(&[GeneralName::dns("example.com")], &[]),
        Extension::certificate_policies(&POLICIES),
        Extension::policy_mappings(&[(POLICIES[0], POLICIES[1])]),
        Extension::policy_constraints(Some(1), None),
        Extension::inhibit_any_policy(1),
    ];
    random.pick(&extensions).clone().malformed()
}

fn name_constraints(random: &mut Random<'_>) -> Extension {
    let authority = || Name::empty().country("XX").organization("Test Authority");
    let permitted = [
        GeneralName::Directory(authority()),
        GeneralName::Directory(Name::empty()),
        GeneralName::Directory(Name::empty().organization("EXAMPLE  BANK")),
        GeneralName::dns("example.com"),
        GeneralName::dns("bank.example.com"),
        GeneralName::email("example.com"),
        GeneralName::email(".example.com"),
        GeneralName::email("teller@bank.example.com"),
        GeneralName::uri(".example.com"),
        GeneralName::uri("www.example.com"),
        GeneralName::Ip(vec![192, 0, 2, 0, 255, 255, 255, 0]),
    ];
    let excluded = [
        GeneralName::Directory(Name::empty().organization("Example Bank")),
        GeneralName::Directory(Name::empty().organization("Other Bank")),
        GeneralName::Directory(authority().common_name("random  ca 2")),
        GeneralName::Directory(authority().common_name("Random CA")),
        GeneralName::dns("other.example"),
        GeneralName::dns("bank.example.com"),
        GeneralName::email("teller@bank.example.com"),
        GeneralName::email("bank.example.com"),
        GeneralName::uri("www.example.com"),
        GeneralName::Ip(vec![192, 0, 2, 128, 255, 255, 255, 128]),
    ];
    let mut some = |of: &[GeneralName]| if random.chance(60) { random.some(of, 2) } else { Vec::new() };
    match (some(&permitted), some(&excluded)) {
        // Neither would be no NameConstraints (RFC 5280 section 4.2.1.10).
        (permitted, excluded) if permitted.is_empty() && excluded.is_empty() => {
            Extension::name_constraints(&[GeneralName::dns("example.com")], &[])
        }
        (permitted, excluded) => Extension::name_constraints(&permitted, &excluded),
    }
}

fn alternative_names() -> [GeneralName; 12] {
    [
        GeneralName::dns("example.com"),
        GeneralName::dns("WWW.Bank.Example.COM"),
        GeneralName::dns("other.example"),
        GeneralName::dns("notexample.com"),
        GeneralName::email("teller@bank.example.com"),
        GeneralName::email("Teller@BANK.example.com"),
        GeneralName::email("owner@example.com"),
        GeneralName::uri("https://www.example.com/path"),
        GeneralName::uri("ldap://bank.example.com:389"),
        GeneralName::Ip(vec![192, 0, 2, 7]),
        GeneralName::Ip(vec![192, 0, 2, 200]),
        GeneralName::Directory(Name::empty().organization("Example Bank").common_name("Second name")),
    ]
}
