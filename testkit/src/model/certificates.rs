//! The certificates that are uploaded, made once and used in every sequence.

use std::sync::LazyLock;

use misp_onboarding::Timestamp;

use crate::pki::{Certificate, CertificateBuilder, pem_bundle};
use crate::scenario::BEGIN;

/// A CA certificate, by its place in [`Pool::authorities`].
pub(super) type Authority = usize;
/// A partner certificate, by its place in [`Pool::leaves`].
pub(super) type Leaf = usize;

/// A certificate and what the model knows of it.
pub(super) struct Known {
    certificate: Certificate,
    /// The class of its organization's name; of a partner certificate.
    pub(super) organization: u8,
    pub(super) not_before: Timestamp,
    /// The last instant at which it is valid.
    pub(super) not_after: Timestamp,
    /// Its issuer first, the root last; of a root nothing.
    pub(super) issuers: Vec<Authority>,
}

impl Known {
    pub(super) fn is_within_its_dates(&self, at: Timestamp) -> bool {
        self.not_before <= at && at <= self.not_after
    }
}

/// Every certificate.
pub(super) struct Pool {
    pub(super) authorities: Vec<Known>,
    pub(super) leaves: Vec<Known>,
}

const ROOT_A: Authority = 0;
const ISSUING_A: Authority = 1;
const ROOT_B: Authority = 2;
const ISSUING_B: Authority = 3;
const SHORT_ROOT: Authority = 4;
const STRANGER: Authority = 5;

/// The files of CA certificates that are uploaded, by what is in them. `STRANGER` is in none.
pub(super) const CA_FILES: &[&[Authority]] = &[
    &[ROOT_A, ISSUING_A],
    &[ISSUING_A],
    &[ROOT_A],
    &[ISSUING_B, ROOT_B],
    &[ROOT_B],
    &[ISSUING_B],
    &[SHORT_ROOT],
    &[ISSUING_A, SHORT_ROOT, ROOT_A, ISSUING_A],
    // Nothing that reads as a certificate.
    &[],
];

/// What is uploaded as a partner's certificate.
#[derive(Clone, Copy, Debug)]
pub(super) enum LeafFile {
    One(Leaf),
    /// Two certificates, where there may be one.
    Two(Leaf, Leaf),
    /// A CA certificate.
    Authority(Authority),
    /// Nothing that reads as a certificate.
    Garbage,
}

static POOL: LazyLock<Pool> = LazyLock::new(Pool::new);

pub(super) fn pool() -> &'static Pool {
    &POOL
}

impl Pool {
    fn new() -> Self {
        let root = |name: &str, days: i64| {
            let builder = CertificateBuilder::root(name).valid_around(BEGIN, days);
            known(builder.self_signed(), 0, (-1, days), Vec::new())
        };
        let mut authorities = vec![root("Root A", 7_300)];
        let issuing = |name: &str, days: i64, issuer: Authority, authorities: &[Known]| {
            let builder = CertificateBuilder::intermediate(name).path_len(0).valid_around(BEGIN, days);
            known(builder.issued_by(&authorities[issuer].certificate), 0, (-1, days), vec![issuer])
        };
        authorities.push(issuing("Issuing A", 3_650, ROOT_A, &authorities));
        // Ends before what it anchors.
        authorities.push(root("Root B", 500));
        authorities.push(issuing("Issuing B", 1_000, ROOT_B, &authorities));
        authorities.push(root("Short Root", 100));
        authorities.push(root("Stranger", 7_300));
        let leaf = |organization: (u8, &str), (from, to): (i64, i64), issuers: &[Authority]| {
            let builder = CertificateBuilder::partner(organization.1);
            let builder = builder.valid(BEGIN.plus_days(from), BEGIN.plus_days(to));
            let certificate = builder.issued_by(&authorities[issuers[0]].certificate);
            known(certificate, organization.0, (from, to), issuers.to_vec())
        };
        let (bank, telecom) = ((0, "Example Bank"), (1, "Other Telecom"));
        let (below_a, below_b) = (&[ISSUING_A, ROOT_A], &[ISSUING_B, ROOT_B]);
        let leaves = vec![
            leaf(bank, (-1, 730), below_a),
            leaf(bank, (-1, 400), below_a),
            leaf(bank, (-1, 700), below_b),
            leaf(telecom, (-1, 1_000), below_a),
            leaf(bank, (-10, 335), below_a),
            leaf(bank, (100, 900), below_a),
            leaf(bank, (-1, 800), &[STRANGER]),
        ];
        Self { authorities, leaves }
    }

    pub(super) fn ca_file(&self, file: &[Authority]) -> Vec<u8> {
        if file.is_empty() {
            return b"no certificate".to_vec();
        }
        pem_bundle(file.iter().map(|authority| &self.authorities[*authority].certificate)).into_bytes()
    }

    pub(super) fn leaf_file(&self, file: LeafFile) -> Vec<u8> {
        let leaf = |leaf: Leaf| &self.leaves[leaf].certificate;
        match file {
            LeafFile::One(one) => leaf(one).pem().into_bytes(),
            LeafFile::Two(one, other) => pem_bundle([leaf(one), leaf(other)]).into_bytes(),
            LeafFile::Authority(authority) => self.authorities[authority].certificate.pem().into_bytes(),
            LeafFile::Garbage => b"no certificate".to_vec(),
        }
    }
}

fn known(
    certificate: Certificate,
    organization: u8,
    (from, to): (i64, i64),
    issuers: Vec<Authority>,
) -> Known {
    let (not_before, not_after) = (BEGIN.plus_days(from), BEGIN.plus_days(to));
    Known { certificate, organization, not_before, not_after, issuers }
}
