//! The certificates that everybody validates.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use misp_onboarding::Timestamp;
use misp_onboarding::certificate::{Certificate, CertificateReport, SignatureVerifier, TrustAnchors};
use misp_onboarding_testkit::pki::{self, CertificateBuilder, Key, pem_bundle};

/// How many leaves there are. Everybody takes them in turn, and nobody may know one again: Java remembers the last
/// 750 certificates it has read, with their signatures.
const LEAVES: usize = 1_000;

/// How many keys the CAs of one kind share: making a key takes longer than all measurements with it.
const KEYS: usize = 4;

/// The kinds of keys in a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keys {
    /// RSA with 2,048 bits throughout.
    Rsa2048,
    /// The same under roots of 4,096 bits.
    Rsa4096Root,
    /// P-256 throughout.
    P256,
}

impl Keys {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Rsa2048, Self::Rsa4096Root, Self::P256];

    /// As tables show it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Rsa2048 => "RSA-2048",
            Self::Rsa4096Root => "RSA-4096 root",
            Self::P256 => "P-256",
        }
    }

    fn root(self, number: usize) -> Key {
        let label = format!("root {}", number % KEYS);
        match self {
            Self::Rsa2048 => Key::rsa2048(&label),
            Self::Rsa4096Root => Key::rsa4096(&label),
            Self::P256 => Key::p256(&label),
        }
    }

    fn below(self, label: &str, number: usize) -> Key {
        let label = format!("{label} {}", number % KEYS);
        match self {
            Self::Rsa2048 | Self::Rsa4096Root => Key::rsa2048(&label),
            Self::P256 => Key::p256(&label),
        }
    }
}

/// The instant at which everything is validated.
pub fn at() -> Timestamp {
    Timestamp::from_unix_seconds(1_768_478_400)
}

/// Roots, as many intermediates, and leaves whose issuers are spread over the intermediates.
#[derive(Debug)]
pub struct Scenario {
    /// The kinds of keys.
    pub keys: Keys,
    /// The roots.
    pub roots: Vec<pki::Certificate>,
    /// The intermediates, each under a root in turn.
    pub intermediates: Vec<pki::Certificate>,
    /// What is validated.
    pub leaves: Vec<Leaf>,
}

/// A partner's certificate.
#[derive(Debug)]
pub struct Leaf {
    /// As it is uploaded.
    pub pem: String,
    /// The partner's name, which it must bear.
    pub organization: String,
    /// The certificate.
    pub certificate: pki::Certificate,
    /// The place of its issuer among the intermediates.
    pub issuer: usize,
}

impl Scenario {
    /// Makes the certificates, with `cas` roots and as many intermediates.
    pub fn new(keys: Keys, cas: usize) -> Self {
        Self::with(keys, cas, cas, LEAVES)
    }

    /// Makes so many certificates of each kind.
    pub(super) fn with(keys: Keys, roots: usize, intermediates: usize, leaves: usize) -> Self {
        let roots: Vec<_> = (0..roots)
            .map(|number| {
                CertificateBuilder::root(&format!("Benchmark Root CA {number}"))
                    .key(keys.root(number))
                    .self_signed()
            })
            .collect();
        let intermediates: Vec<_> = (0..intermediates)
            .map(|number| {
                CertificateBuilder::intermediate(&format!("Benchmark Issuing CA {number}"))
                    .key(keys.below("issuing", number))
                    .path_len(0)
                    .issued_by(&roots[number % roots.len()])
            })
            .collect();
        let leaves = (0..leaves)
            .map(|number| {
                let organization = format!("Example Bank {number}");
                let issuer = number * 37 % intermediates.len();
                let certificate = CertificateBuilder::partner(&organization)
                    .key(keys.below("partner", number))
                    .issued_by(&intermediates[issuer]);
                Leaf { pem: certificate.pem(), organization, certificate, issuer }
            })
            .collect();
        Self { keys, roots, intermediates, leaves }
    }

    /// As tables show it.
    pub fn name(&self) -> String {
        match self.roots.len() {
            1 => format!("{}, 1 root, 1 intermediate", self.keys.name()),
            cas => format!("{}, {cas} roots, {cas} intermediates", self.keys.name()),
        }
    }

    /// The name of its folder.
    pub fn slug(&self) -> String {
        format!("{}-{}", self.keys.name().to_lowercase().replace(' ', "-"), self.roots.len())
    }

    /// The trust store, loaded.
    pub fn anchors(&self, verifier: &dyn SignatureVerifier) -> Result<TrustAnchors> {
        Ok(TrustAnchors::load(parse(&self.roots)?, parse(&self.intermediates)?, [], verifier))
    }

    /// Writes the PEM files for programs in other languages into a new folder of this name under `folder`.
    pub fn write(&self, folder: &Path) -> Result<()> {
        let folder = folder.join(self.slug());
        fs::create_dir_all(&folder).with_context(|| format!("cannot create {}", folder.display()))?;
        let write = |name: &str, text: &str| {
            let path = folder.join(name);
            fs::write(&path, text).with_context(|| format!("cannot write {}", path.display()))
        };
        write("roots.pem", &pem_bundle(&self.roots))?;
        write("intermediates.pem", &pem_bundle(&self.intermediates))?;
        write("leaves.pem", &self.leaves.iter().map(|leaf| leaf.pem.as_str()).collect::<String>())
    }

    /// That a report is the one to be expected: accepted, without findings, over both CAs.
    pub fn check(report: &CertificateReport) -> Result<()> {
        ensure!(report.accepted() && report.findings.is_empty() && report.chain.len() == 2, "{report}");
        Ok(())
    }
}

/// Reads certificates the way the engine does.
pub(crate) fn parse(certificates: &[pki::Certificate]) -> Result<Vec<Certificate>> {
    certificates.iter().map(|certificate| Ok(Certificate::from_der(certificate.der())?)).collect()
}
