//! A test PKI: roots, intermediates and partner certificates at any time and with any defect a rule looks for.
//!
//! [`TestPki`] is what most tests need: a root, an issuing CA below it, and partner certificates on demand.
//! [`CertificateBuilder`] builds everything else.
//!
//! Whoever builds a certificate is a test, so mistakes such as signing RSA with an Ed25519 key panic and say so.
#![allow(clippy::expect_used, reason = "a test PKI that cannot make a key has no way to go on")]

mod builder;
mod certificate;
pub mod der;
mod extension;
mod fixed_keys;
mod general_name;
mod hash;
mod key;
mod name;
pub mod oid;
mod rsa;
mod signature;
mod time;

use misp_onboarding::Timestamp;

pub use self::builder::CertificateBuilder;
pub use self::certificate::{Certificate, pem_bundle, pkcs7_der, pkcs7_pem};
pub use self::extension::{Extension, KeyUsage};
pub use self::general_name::GeneralName;
pub use self::hash::Hash;
pub use self::key::{Key, KeyKind};
pub use self::name::{Attribute, Name, StringType};
pub use self::signature::SignatureAlgorithm;
pub use self::time::Time;

/// A root and an issuing CA below it, both good at a given instant.
///
/// ```
/// use misp_onboarding_testkit::pki::TestPki;
///
/// let pki = TestPki::new("2026-01-15T12:00:00Z".parse()?);
/// let bank = pki.issue("Example Bank");
/// let nearly_expired = pki.issue_with("Example Bank", |partner| partner.not_after("2026-02-01"));
/// assert_ne!(bank, nearly_expired);
/// # Ok::<(), misp_onboarding::time::InvalidTimestamp>(())
/// ```
#[derive(Clone, Debug)]
pub struct TestPki {
    /// The instant everything is good at.
    pub at: Timestamp,
    /// `Test Root CA`, from 365 days before [`at`](Self::at) to 7,300 days after.
    pub root: Certificate,
    /// `Test Issuing CA`, from 365 days before [`at`](Self::at) to 3,650 days after.
    pub issuing: Certificate,
}

impl TestPki {
    /// The PKI around `at`. All PKIs of a process have the same keys.
    pub fn new(at: Timestamp) -> Self {
        let begin = at.plus_days(-365);
        let root = CertificateBuilder::root("Test Root CA").valid(begin, at.plus_days(7_300)).self_signed();
        let issuing = CertificateBuilder::intermediate("Test Issuing CA")
            .path_len(0)
            .valid(begin, at.plus_days(3_650))
            .issued_by(&root);
        Self { at, root, issuing }
    }

    /// A certificate for the partner `organization`, from a day before [`at`](Self::at) to 730 days after.
    pub fn issue(&self, organization: &str) -> Certificate {
        self.issue_with(organization, |partner| partner)
    }

    /// The same with changes.
    pub fn issue_with(
        &self,
        organization: &str,
        change: impl FnOnce(CertificateBuilder) -> CertificateBuilder,
    ) -> Certificate {
        let partner = CertificateBuilder::partner(organization).valid_around(self.at, 730);
        change(partner).issued_by(&self.issuing)
    }

    /// Root and issuing CA as one PEM text, ready to be uploaded.
    pub fn ca_pem(&self) -> String {
        pem_bundle([&self.root, &self.issuing])
    }
}
