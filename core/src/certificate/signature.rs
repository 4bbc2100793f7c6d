//! Signature checks, by a provider that is chosen by value.

use std::sync::Arc;

use super::algorithms::{PublicKey, SignatureAlgorithm};
use super::parsed::Certificate;

/// Checks signatures. The host chooses one as a value ([`AwsLcRs`], [`Ring`] or its own).
pub trait SignatureVerifier: Send + Sync {
    /// Checks that `signature` over `message` was made by `algorithm` with the private key of `public_key`.
    ///
    /// # Errors
    /// [`SignatureError::Unsupported`] where algorithm and key do not go together or the provider does not offer
    /// them, [`SignatureError::Invalid`] where it does and the signature is not that key's.
    fn verify(
        &self,
        algorithm: &SignatureAlgorithm,
        public_key: &PublicKey,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), SignatureError>;
}

/// Why a signature was not accepted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum SignatureError {
    /// This algorithm cannot be checked with this key.
    #[error("{algorithm} with a key {key} cannot be checked")]
    Unsupported {
        /// The signature's algorithm.
        algorithm: SignatureAlgorithm,
        /// Kind and size of the key.
        key: String,
    },
    /// The signature is not this key's over these bytes.
    #[error("the signature does not verify")]
    Invalid,
}

impl SignatureError {
    /// The stable code of this error.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Unsupported { .. } => "certificate.signature.unsupported",
            Self::Invalid => "certificate.signature.invalid",
        }
    }

    #[cfg(any(feature = "aws-lc-rs", feature = "ring"))]
    fn unsupported(algorithm: &SignatureAlgorithm, public_key: &PublicKey) -> Self {
        Self::Unsupported { algorithm: algorithm.clone(), key: public_key.algorithm().to_string() }
    }
}

/// The provider used where none is chosen: [`AwsLcRs`] if it is compiled in, else [`Ring`].
#[cfg(any(feature = "aws-lc-rs", feature = "ring"))]
pub fn default_verifier() -> Arc<dyn SignatureVerifier> {
    #[cfg(feature = "aws-lc-rs")]
    return Arc::new(AwsLcRs);
    #[cfg(not(feature = "aws-lc-rs"))]
    return Arc::new(Ring);
}

impl Certificate {
    /// Whether the certificate is self-signed: issuer and subject are the same name and the signature verifies
    /// with its own key.
    pub fn is_self_signed(&self, verifier: &dyn SignatureVerifier) -> bool {
        self.is_self_issued() && self.is_signed_by(self.public_key(), verifier).is_ok()
    }

    /// Checks the certificate's signature with the key of an issuer.
    pub(crate) fn is_signed_by(
        &self,
        issuer_key: &PublicKey,
        verifier: &dyn SignatureVerifier,
    ) -> Result<(), SignatureError> {
        verifier.verify(self.signed_with(), issuer_key, self.tbs(), self.signature())
    }
}

/// Signature checks by aws-lc-rs: every algorithm that [`SignatureAlgorithm`] names but SHA-1, keys of RSA from
/// 1024 bits (PSS and SHA-384: 2048) to 8192, of P-256, P-384, P-521 and Ed25519. Which sizes and algorithms are
/// good enough is a rule of its own, not the provider's.
#[cfg(feature = "aws-lc-rs")]
#[derive(Clone, Copy, Debug, Default)]
pub struct AwsLcRs;

#[cfg(feature = "aws-lc-rs")]
impl SignatureVerifier for AwsLcRs {
    fn verify(
        &self,
        algorithm: &SignatureAlgorithm,
        public_key: &PublicKey,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), SignatureError> {
        let checker = aws_lc_rs_algorithm(algorithm, public_key)
            .ok_or_else(|| SignatureError::unsupported(algorithm, public_key))?;
        aws_lc_rs::signature::UnparsedPublicKey::new(checker, public_key.key_bytes())
            .verify(message, signature)
            .map_err(|_| SignatureError::Invalid)
    }
}

#[cfg(feature = "aws-lc-rs")]
fn aws_lc_rs_algorithm(
    algorithm: &SignatureAlgorithm,
    public_key: &PublicKey,
) -> Option<&'static dyn aws_lc_rs::signature::VerificationAlgorithm> {
    use aws_lc_rs::signature as offered;

    use super::algorithms::Curve::{P256, P384, P521};
    use super::algorithms::SignatureAlgorithm as Algorithm;

    if !public_key.fits(algorithm) {
        return None;
    }
    Some(match (algorithm, public_key.curve()) {
        (Algorithm::RsaPkcs1Sha256, _) => &offered::RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY,
        (Algorithm::RsaPkcs1Sha384, _) => &offered::RSA_PKCS1_2048_8192_SHA384,
        (Algorithm::RsaPkcs1Sha512, _) => &offered::RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY,
        (Algorithm::RsaPssSha256, _) => &offered::RSA_PSS_2048_8192_SHA256,
        (Algorithm::RsaPssSha384, _) => &offered::RSA_PSS_2048_8192_SHA384,
        (Algorithm::RsaPssSha512, _) => &offered::RSA_PSS_2048_8192_SHA512,
        (Algorithm::EcdsaSha256, Some(P256)) => &offered::ECDSA_P256_SHA256_ASN1,
        (Algorithm::EcdsaSha384, Some(P256)) => &offered::ECDSA_P256_SHA384_ASN1,
        (Algorithm::EcdsaSha512, Some(P256)) => &offered::ECDSA_P256_SHA512_ASN1,
        (Algorithm::EcdsaSha256, Some(P384)) => &offered::ECDSA_P384_SHA256_ASN1,
        (Algorithm::EcdsaSha384, Some(P384)) => &offered::ECDSA_P384_SHA384_ASN1,
        (Algorithm::EcdsaSha512, Some(P384)) => &offered::ECDSA_P384_SHA512_ASN1,
        (Algorithm::EcdsaSha256, Some(P521)) => &offered::ECDSA_P521_SHA256_ASN1,
        (Algorithm::EcdsaSha384, Some(P521)) => &offered::ECDSA_P521_SHA384_ASN1,
        (Algorithm::EcdsaSha512, Some(P521)) => &offered::ECDSA_P521_SHA512_ASN1,
        (Algorithm::Ed25519, _) => &offered::ED25519,
        _ => return None,
    })
}

/// Signature checks by ring: as [`AwsLcRs`], but without P-521 and without ECDSA by SHA-512.
#[cfg(feature = "ring")]
#[derive(Clone, Copy, Debug, Default)]
pub struct Ring;

#[cfg(feature = "ring")]
impl SignatureVerifier for Ring {
    fn verify(
        &self,
        algorithm: &SignatureAlgorithm,
        public_key: &PublicKey,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), SignatureError> {
        let checker = ring_algorithm(algorithm, public_key)
            .ok_or_else(|| SignatureError::unsupported(algorithm, public_key))?;
        ring::signature::UnparsedPublicKey::new(checker, public_key.key_bytes())
            .verify(message, signature)
            .map_err(|_| SignatureError::Invalid)
    }
}

#[cfg(feature = "ring")]
fn ring_algorithm(
    algorithm: &SignatureAlgorithm,
    public_key: &PublicKey,
) -> Option<&'static dyn ring::signature::VerificationAlgorithm> {
    use ring::signature as offered;

    use super::algorithms::Curve::{P256, P384};
    use super::algorithms::SignatureAlgorithm as Algorithm;

    if !public_key.fits(algorithm) {
        return None;
    }
    Some(match (algorithm, public_key.curve()) {
        (Algorithm::RsaPkcs1Sha256, _) => &offered::RSA_PKCS1_1024_8192_SHA256_FOR_LEGACY_USE_ONLY,
        (Algorithm::RsaPkcs1Sha384, _) => &offered::RSA_PKCS1_2048_8192_SHA384,
        (Algorithm::RsaPkcs1Sha512, _) => &offered::RSA_PKCS1_1024_8192_SHA512_FOR_LEGACY_USE_ONLY,
        (Algorithm::RsaPssSha256, _) => &offered::RSA_PSS_2048_8192_SHA256,
        (Algorithm::RsaPssSha384, _) => &offered::RSA_PSS_2048_8192_SHA384,
        (Algorithm::RsaPssSha512, _) => &offered::RSA_PSS_2048_8192_SHA512,
        (Algorithm::EcdsaSha256, Some(P256)) => &offered::ECDSA_P256_SHA256_ASN1,
        (Algorithm::EcdsaSha384, Some(P256)) => &offered::ECDSA_P256_SHA384_ASN1,
        (Algorithm::EcdsaSha256, Some(P384)) => &offered::ECDSA_P384_SHA256_ASN1,
        (Algorithm::EcdsaSha384, Some(P384)) => &offered::ECDSA_P384_SHA384_ASN1,
        (Algorithm::Ed25519, _) => &offered::ED25519,
        _ => return None,
    })
}
