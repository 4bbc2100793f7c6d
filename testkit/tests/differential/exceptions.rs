//! Where our verdict differs from OpenSSL's, and why ours is right.

use misp_onboarding_testkit::chains::Twist;

use super::Difference;

/// A kind of difference that is meant to be. One that is not needed any more fails the test.
pub(crate) struct Exception {
    pub(crate) name: &'static str,
    /// The seed of a scenario that has one.
    pub(crate) seen_in: u64,
    pub(crate) applies: fn(&Difference<'_>) -> bool,
}

pub(crate) const EXCEPTIONS: &[Exception] = &[
    // RFC 5280 section 4.1.2.5: the validity includes notAfter. OpenSSL ends it one second earlier.
    Exception {
        name: "last second",
        seen_in: 1,
        applies: |of| of.we_accept() && of.has(Twist::EndsNow) && of.they_refuse("certificate has expired"),
    },
    // RFC 5280 section 4.2.1.1: the identifier helps to choose among several keys; section 6 does not compare it.
    // OpenSSL takes no issuer whose identifier differs.
    Exception {
        name: "authority key identifier",
        seen_in: 6,
        applies: |of| {
            of.we_accept()
                && of.has(Twist::OtherAuthorityKeyIdentifier)
                && (of.they_refuse("unable to get local issuer certificate")
                    || of.they_refuse("unable to get issuer certificate"))
        },
    },
    // RFC 5280 section 4.2.1.10: constraints on mailboxes hold for the subject's emailAddress where there are no
    // alternative names. OpenSSL looks at it always.
    Exception {
        name: "emailAddress beside alternative names",
        seen_in: 226,
        applies: |of| {
            of.we_accept()
                && of.has(Twist::OddSubject)
                && of.has_alternative_names()
                && (of.they_refuse("excluded subtree violation")
                    || of.they_refuse("permitted subtree violation"))
        },
    },
    // RFC 5280 section 4.2: a certificate has no extension twice. OpenSSL minds only those it knows.
    Exception {
        name: "unknown extension twice",
        seen_in: 1,
        applies: |of| of.has(Twist::UnknownTwice) && of.is_unreadable(),
    },
    // RFC 5280 section 4.1.2.9: extensions are for version 3. OpenSSL minds only with -x509_strict.
    Exception {
        name: "extensions in version 1",
        seen_in: 116,
        applies: |of| of.has(Twist::Version1) && of.is_unreadable(),
    },
    // An extension that cannot be read makes a certificate that cannot be read: two readers would take it for
    // different things. OpenSSL passes over some, above all in a root.
    Exception {
        name: "malformed extension",
        seen_in: 74,
        applies: |of| of.has(Twist::MalformedExtension) && of.is_unreadable(),
    },
    // RFC 5280 section 4.1.1.2: both algorithms of a certificate are the same. OpenSSL does not look at a root's.
    Exception {
        name: "two algorithms in a root",
        seen_in: 305,
        applies: |of| of.has_at(0, Twist::AlgorithmsDiffer) && of.is_unreadable(),
    },
    // RFC 5280 section 6.1 leaves open what makes a trust anchor. We ask of a root of version 3 what section 6.1.4
    // (k) asks of every other CA; OpenSSL takes its KeyUsage for BasicConstraints.
    Exception {
        name: "root without BasicConstraints",
        seen_in: 111,
        applies: |of| of.has_at(0, Twist::NoBasicConstraints) && of.we_refuse("found no basic constraints"),
    },
    // Whoever calls says which certificates are trusted; section 6.1 does not look at how they are signed. OpenSSL
    // takes only a self-signed one for a root: by its names, and by the kinds of its key and of its signature.
    Exception {
        name: "root not self-signed",
        seen_in: 362,
        applies: |of| {
            of.we_accept()
                && [Twist::SignedByStranger, Twist::OtherIssuerNamed, Twist::UnknownAlgorithm]
                    .iter()
                    .any(|twist| of.has_at(0, *twist))
                && (of.they_refuse("unable to get issuer certificate")
                    || of.they_refuse("unable to get local issuer certificate"))
        },
    },
    // A trusted root that is itself the leaf is held to all that a path under it would be. To OpenSSL it is trusted,
    // and that is all.
    Exception { name: "root as leaf", seen_in: 390, applies: |of| of.is_a_root() && !of.we_accept() },
    // RFC 5280 section 6.1: self-issued is not self-signed. OpenSSL takes a certificate with its issuer's name and no
    // authority key identifier (which it has not where the issuer has no subject key identifier) for self-signed, and
    // ends there.
    Exception {
        name: "new key certified by the old one",
        seen_in: 3_680,
        applies: |of| {
            of.we_accept()
                && of.has(Twist::Rollover)
                && (of.has(Twist::NoAuthorityKeyIdentifier) || of.has(Twist::NoSubjectKeyIdentifier))
                && of.they_refuse("self-signed certificate in certificate chain")
        },
    },
    // RFC 5280 section 6.1.5 (a): the last certificate counts for requireExplicitPolicy also where it is self-issued.
    // OpenSSL counts no self-issued certificate.
    Exception {
        name: "self-issued leaf",
        seen_in: 1_142,
        applies: |of| of.has(Twist::Rollover) && of.is_a_ca() && of.we_refuse("RFC 5280 section 6.1.5 (g)"),
    },
    // RFC 5280 section 6.1.4 looks at the mappings of issuers only: those of a leaf map nothing. OpenSSL minds one of
    // anyPolicy in a leaf too, and where mapping is inhibited, takes the leaf's mapped policies away.
    Exception {
        name: "mappings in a leaf",
        seen_in: 28,
        applies: |of| {
            of.we_accept()
                && (of.leaf.twists.contains(&Twist::PolicyMapping)
                    || of.is_a_ca() && of.has_at(of.leaf.issuer, Twist::PolicyMapping))
                && (of.they_refuse("invalid or inconsistent certificate policy extension")
                    || of.they_refuse("no explicit policy"))
        },
    },
    // SHA-1 is not offered at all: collisions are practical. OpenSSL takes it at the security level of its command.
    Exception {
        name: "SHA-1",
        seen_in: 6,
        // Where several issuers were tried, the answer may be about another one than the signer.
        applies: |of| of.has(Twist::WeakHash) && of.we_refuse("certificate.path."),
    },
];
