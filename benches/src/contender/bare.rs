//! The signature checks that a validation cannot do without, and nothing else.

use anyhow::{Context as _, Result, anyhow};
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1, ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey,
    VerificationAlgorithm,
};
use der::asn1::BitStringRef;
use der::{Decode as _, Reader as _, SliceReader};
use misp_onboarding_testkit::pki;

use super::Contender;
use crate::certificates::{Keys, Scenario};

/// A library that checks signatures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Provider {
    /// aws-lc-rs.
    AwsLcRs,
    /// ring.
    Ring,
}

impl Provider {
    /// Both.
    pub const ALL: [Self; 2] = [Self::AwsLcRs, Self::Ring];

    /// The crate's name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::AwsLcRs => "aws-lc-rs",
            Self::Ring => "ring",
        }
    }
}

/// A signature ready to be checked.
#[derive(Debug)]
pub struct Signature {
    is_rsa: bool,
    key: Vec<u8>,
    message: Vec<u8>,
    signature: Vec<u8>,
}

impl Signature {
    /// That of `certificate`, by `issuer`.
    pub fn of(certificate: &pki::Certificate, issuer: &pki::Certificate, is_rsa: bool) -> Result<Self> {
        let spki = issuer.key().public_key_der();
        let key = SliceReader::new(&spki)?.sequence(|fields| {
            fields.tlv_bytes()?;
            BitStringRef::decode(fields)
        })?;
        let (message, signature) = SliceReader::new(certificate.der())?.sequence(|fields| {
            let message = fields.tlv_bytes()?;
            fields.tlv_bytes()?;
            Ok::<_, der::Error>((message, BitStringRef::decode(fields)?))
        })?;
        Ok(Self {
            is_rsa,
            key: key.raw_bytes().into(),
            message: message.into(),
            signature: signature.raw_bytes().into(),
        })
    }

    /// Checks it, with the key read anew, as who validates a single certificate has to.
    pub fn check(&self, provider: Provider) -> Result<()> {
        let Self { is_rsa, key, message, signature } = self;
        let good = match provider {
            Provider::AwsLcRs => {
                let algorithm: &dyn VerificationAlgorithm =
                    if *is_rsa { &RSA_PKCS1_2048_8192_SHA256 } else { &ECDSA_P256_SHA256_ASN1 };
                UnparsedPublicKey::new(algorithm, key).verify(message, signature).is_ok()
            }
            Provider::Ring => {
                use ring::signature::{
                    ECDSA_P256_SHA256_ASN1, RSA_PKCS1_2048_8192_SHA256, UnparsedPublicKey,
                    VerificationAlgorithm,
                };
                let algorithm: &dyn VerificationAlgorithm =
                    if *is_rsa { &RSA_PKCS1_2048_8192_SHA256 } else { &ECDSA_P256_SHA256_ASN1 };
                UnparsedPublicKey::new(algorithm, key).verify(message, signature).is_ok()
            }
        };
        good.then_some(()).ok_or_else(|| anyhow!("a signature does not verify"))
    }
}

/// The signature of each leaf.
pub fn leaf_signature<'a>(scenario: &'a Scenario, provider: Provider) -> Result<Contender<'a>> {
    let checks = leaves(scenario)?;
    let name = format!("bare leaf signature, {}", provider.name());
    Ok(Contender::here(name, move |place| checks[place % checks.len()].check(provider)))
}

/// The same with the key read before, which aws-lc-rs alone offers.
pub fn leaf_signature_with_known_key(scenario: &Scenario) -> Result<Contender<'_>> {
    let checks = leaves(scenario)?;
    let algorithm: &dyn VerificationAlgorithm =
        if is_rsa(scenario) { &RSA_PKCS1_2048_8192_SHA256 } else { &ECDSA_P256_SHA256_ASN1 };
    let keys = scenario
        .intermediates
        .iter()
        .map(|issuer| {
            ParsedPublicKey::new(algorithm, issuer.key().public_key_der()).ok().context("not a key")
        })
        .collect::<Result<Vec<_>>>()?;
    Ok(Contender::here("bare leaf signature with a known key, aws-lc-rs", move |place| {
        let place = place % checks.len();
        let Signature { message, signature, .. } = &checks[place];
        let key = &keys[scenario.leaves[place].issuer];
        key.verify_sig(message, signature).ok().context("a signature does not verify")
    }))
}

/// The signature of each leaf and that of its issuer.
pub fn two_signatures<'a>(scenario: &'a Scenario, provider: Provider) -> Result<Contender<'a>> {
    let checks = leaves(scenario)?;
    let issuers = scenario
        .leaves
        .iter()
        .map(|leaf| {
            let (issuer, root) = (&scenario.intermediates[leaf.issuer], &scenario.roots[leaf.issuer]);
            Signature::of(issuer, root, is_rsa(scenario))
        })
        .collect::<Result<Vec<_>>>()?;
    let name = format!("both bare signatures, {}", provider.name());
    Ok(Contender::here(name, move |place| {
        let place = place % checks.len();
        checks[place].check(provider)?;
        issuers[place].check(provider)
    }))
}

fn leaves(scenario: &Scenario) -> Result<Vec<Signature>> {
    let of = |leaf: &crate::certificates::Leaf| {
        Signature::of(&leaf.certificate, &scenario.intermediates[leaf.issuer], is_rsa(scenario))
    };
    scenario.leaves.iter().map(of).collect()
}

fn is_rsa(scenario: &Scenario) -> bool {
    scenario.keys != Keys::P256
}
