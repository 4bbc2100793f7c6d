//! Certificates for the processes of one test, made once: keys of different processes differ.

use misp_onboarding_testkit::pki::{CertificateBuilder, TestPki};
use misp_onboarding_testkit::scenario::{BEGIN, ORGANIZATION};
use serde::{Deserialize, Serialize};

/// What processes upload. All is PEM, and good for years from [`BEGIN`] on.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Supply {
    /// The root and the issuing CA that partners' certificates lead to.
    pub cas: String,
    /// Certificates of a partner with the organization [`ORGANIZATION`].
    pub leaves: Vec<String>,
    /// Roots of nobody's.
    pub roots: Vec<String>,
}

impl Supply {
    /// Makes them.
    pub fn make() -> Self {
        let pki = TestPki::new(BEGIN);
        let leaf = |serial| pki.issue_with(ORGANIZATION, |leaf| leaf.serial(serial)).pem();
        let root = |number| {
            let root = CertificateBuilder::root(&format!("Root {number}"));
            root.valid_around(BEGIN, 3_650).self_signed().pem()
        };
        Self { cas: pki.ca_pem(), leaves: (1..=6).map(leaf).collect(), roots: (1..=12).map(root).collect() }
    }
}
