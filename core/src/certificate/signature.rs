//! Signature checks, by a provider that is chosen by value.

#[cfg(any(feature = "aws-lc-rs", feature = "ring"))]
use std::sync::Arc;
#[cfg(feature = "aws-lc-rs")]
use std::sync::OnceLock;

#[cfg(feature = "aws-lc-rs")]
use aws_lc_rs::signature::{ParsedPublicKey, UnparsedPublicKey, VerificationAlgorithm};

use super::algorithms::SignatureAlgorithm;
use super::parsed::Certificate;
use super::public_key::{KeyAlgorithm, PublicKey};

/// Checks signatures. The host chooses one as a value (`AwsLcRs`, `Ring` or its own).
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

    /// As [`SignatureVerifier::verify`] for an RSA PSS algorithm whose salt has not the length of its digest but
    /// `salt_octets`. By default unsupported: few issuers choose another length, and not every provider can.
    ///
    /// # Errors
    /// As those of [`SignatureVerifier::verify`].
    fn verify_pss_with_salt(
        &self,
        algorithm: &SignatureAlgorithm,
        salt_octets: u32,
        public_key: &PublicKey,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), SignatureError> {
        let _ = (salt_octets, message, signature);
        Err(SignatureError::unsupported(algorithm, public_key))
    }
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

    fn unsupported(algorithm: &SignatureAlgorithm, public_key: &PublicKey) -> Self {
        Self::Unsupported { algorithm: algorithm.clone(), key: public_key.algorithm().to_string() }
    }
}

/// The provider used where none is chosen: `AwsLcRs` if it is compiled in, else `Ring`.
#[cfg(any(feature = "aws-lc-rs", feature = "ring"))]
pub fn default_verifier() -> Arc<dyn SignatureVerifier> {
    #[cfg(feature = "aws-lc-rs")]
    return Arc::new(AwsLcRs);
    #[cfg(not(feature = "aws-lc-rs"))]
    return Arc::new(Ring);
}

/// Whether a certificate is signed with its own key.
pub(crate) enum OwnSignature {
    Yes,
    No,
    /// By all that it says of itself it is, but the provider cannot check the signature, for this reason.
    Unknown(SignatureError),
}

impl Certificate {
    /// Whether the certificate is self-signed: issuer and subject are the same name and the signature verifies
    /// with its own key.
    pub fn is_self_signed(&self, verifier: &dyn SignatureVerifier) -> bool {
        self.is_self_issued() && self.is_signed_by(self.public_key(), verifier).is_ok()
    }

    /// Whether the certificate is self-signed, also where `check` cannot say whether its own key signed it.
    pub(crate) fn own_signature(&self, check: impl FnOnce() -> Result<(), SignatureError>) -> OwnSignature {
        if !self.is_self_issued() {
            return OwnSignature::No;
        }
        match check() {
            Ok(()) => OwnSignature::Yes,
            Err(error @ SignatureError::Unsupported { .. }) if self.names_its_own_key() => {
                OwnSignature::Unknown(error)
            }
            Err(_) => OwnSignature::No,
        }
    }

    /// Whether nothing in the certificate says that another key than its own signed it: neither the identifier of
    /// its issuer's key nor an algorithm of another kind of key.
    fn names_its_own_key(&self) -> bool {
        let key = self.public_key();
        let fits = matches!(key.algorithm(), KeyAlgorithm::Other { .. })
            || matches!(self.signed_with(), SignatureAlgorithm::Other { .. })
            || key.fits(self.signed_with());
        fits && (self.authority_key_id().is_none() || self.authority_key_id() == self.subject_key_id())
    }

    /// Checks the certificate's signature with the key of an issuer.
    pub(crate) fn is_signed_by(
        &self,
        issuer_key: &PublicKey,
        verifier: &dyn SignatureVerifier,
    ) -> Result<(), SignatureError> {
        let algorithm = self.signed_with();
        match (self.pss_salt_octets(), algorithm.pss_digest_octets()) {
            (Some(salt), Some(digest)) if salt != digest => {
                verifier.verify_pss_with_salt(algorithm, salt, issuer_key, self.tbs(), self.signature())
            }
            _ => verifier.verify(algorithm, issuer_key, self.tbs(), self.signature()),
        }
    }
}

/// Why a provider did not accept a signature. Neither of them says whether it refused the size of an RSA key, which
/// leaves the signature unchecked: 1024 bits (PSS and SHA-384: 2048) to 8192 are what they check.
#[cfg(any(feature = "aws-lc-rs", feature = "ring"))]
fn refusal(algorithm: &SignatureAlgorithm, public_key: &PublicKey) -> SignatureError {
    let KeyAlgorithm::Rsa { bits } = public_key.algorithm() else { return SignatureError::Invalid };
    let from = match algorithm {
        SignatureAlgorithm::RsaPkcs1Sha256 | SignatureAlgorithm::RsaPkcs1Sha512 => 1024,
        _ => 2048,
    };
    if (from..=8192).contains(bits) {
        SignatureError::Invalid
    } else {
        SignatureError::unsupported(algorithm, public_key)
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
        let verdict = match public_key.prepared().get(algorithm, checker, public_key.key_bytes()) {
            Some(key) => key.verify_sig(message, signature),
            None => UnparsedPublicKey::new(checker, public_key.key_bytes()).verify(message, signature),
        };
        verdict.map_err(|_| refusal(algorithm, public_key))
    }

    /// Offers the longest salt that fits the key, which OpenSSL chose by default until 3.1, and one of 20 octets,
    /// the default of RFC 4055.
    fn verify_pss_with_salt(
        &self,
        algorithm: &SignatureAlgorithm,
        salt_octets: u32,
        public_key: &PublicKey,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), SignatureError> {
        let checker = aws_lc_rs_pss(algorithm, salt_octets, public_key)
            .ok_or_else(|| SignatureError::unsupported(algorithm, public_key))?;
        UnparsedPublicKey::new(checker, public_key.key_bytes())
            .verify(message, signature)
            .map_err(|_| SignatureError::Invalid)
    }
}

/// A key as aws-lc-rs has read it, for the algorithm it was first asked for: of the keys of CAs, which check many
/// signatures, each is read once.
#[cfg(feature = "aws-lc-rs")]
#[derive(Clone, Default)]
pub(super) struct PreparedKey(OnceLock<Option<(SignatureAlgorithm, ParsedPublicKey)>>);

#[cfg(feature = "aws-lc-rs")]
impl PreparedKey {
    /// The key; none where it was read for another algorithm or cannot be read.
    fn get(
        &self,
        algorithm: &SignatureAlgorithm,
        checker: &'static dyn VerificationAlgorithm,
        key: &[u8],
    ) -> Option<&ParsedPublicKey> {
        let read = || Some((algorithm.clone(), ParsedPublicKey::new(checker, key).ok()?));
        let (read_for, key) = self.0.get_or_init(read).as_ref()?;
        (read_for == algorithm).then_some(key)
    }
}

#[cfg(feature = "aws-lc-rs")]
fn aws_lc_rs_pss(
    algorithm: &SignatureAlgorithm,
    salt_octets: u32,
    public_key: &PublicKey,
) -> Option<&'static aws_lc_rs::signature::RsaParameters> {
    use aws_lc_rs::signature::RsaPssSaltLength::{Custom, Max};
    use aws_lc_rs::signature::{
        RSA_PSS_2048_8192_SHA256, RSA_PSS_2048_8192_SHA384, RSA_PSS_2048_8192_SHA512,
    };

    use super::algorithms::SignatureAlgorithm as Algorithm;

    let KeyAlgorithm::Rsa { bits } = public_key.algorithm() else { return None };
    // RFC 8017 section 9.1.1: emLen - hLen - 2, emLen being the octets of one bit less than the modulus has.
    let longest = bits.saturating_sub(1).div_ceil(8).checked_sub(algorithm.pss_digest_octets()? + 2)?;
    let is_longest = salt_octets == longest;
    if !public_key.fits(algorithm) || !(is_longest || salt_octets == 20) {
        return None;
    }
    Some(match (algorithm, is_longest) {
        (Algorithm::RsaPssSha256, true) => &const { RSA_PSS_2048_8192_SHA256.with_pss_salt_length(Max) },
        (Algorithm::RsaPssSha256, false) => {
            &const { RSA_PSS_2048_8192_SHA256.with_pss_salt_length(Custom(20)) }
        }
        (Algorithm::RsaPssSha384, true) => &const { RSA_PSS_2048_8192_SHA384.with_pss_salt_length(Max) },
        (Algorithm::RsaPssSha384, false) => {
            &const { RSA_PSS_2048_8192_SHA384.with_pss_salt_length(Custom(20)) }
        }
        (Algorithm::RsaPssSha512, true) => &const { RSA_PSS_2048_8192_SHA512.with_pss_salt_length(Max) },
        (Algorithm::RsaPssSha512, false) => {
            &const { RSA_PSS_2048_8192_SHA512.with_pss_salt_length(Custom(20)) }
        }
        _ => return None,
    })
}

#[cfg(feature = "aws-lc-rs")]
fn aws_lc_rs_algorithm(
    algorithm: &SignatureAlgorithm,
    public_key: &PublicKey,
) -> Option<&'static dyn VerificationAlgorithm> {
    use aws_lc_rs::signature as offered;

    use super::algorithms::SignatureAlgorithm as Algorithm;
    use super::public_key::Curve::{P256, P384, P521};

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

/// Signature checks by ring: as aws-lc-rs, but without P-521 and without ECDSA by SHA-512.
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
            .map_err(|_| refusal(algorithm, public_key))
    }
}

#[cfg(feature = "ring")]
fn ring_algorithm(
    algorithm: &SignatureAlgorithm,
    public_key: &PublicKey,
) -> Option<&'static dyn ring::signature::VerificationAlgorithm> {
    use ring::signature as offered;

    use super::algorithms::SignatureAlgorithm as Algorithm;
    use super::public_key::Curve::{P256, P384};

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

#[cfg(all(test, feature = "aws-lc-rs"))]
mod tests {
    use aws_lc_rs::rand::SystemRandom;
    use aws_lc_rs::rsa::KeySize;
    use aws_lc_rs::signature::{self as aws, Ed25519KeyPair, KeyPair as _, RsaKeyPair, RsaPssSaltLength};

    use super::*;
    use crate::certificate::bytes::Bytes;
    use crate::certificate::reader::{Reader, tag};
    use crate::certificate::toy::{bit_string, oid, sequence, tlv};

    const MESSAGE: &[u8] = b"what is signed";

    /// The key with this algorithm, parameters and octets.
    fn public_key(algorithm: &str, parameters: &[u8], key: &[u8]) -> PublicKey {
        let der: Arc<[u8]> = sequence(&[&sequence(&[&oid(algorithm), parameters]), &bit_string(key)]).into();
        let info = Reader::new(&der, 0).element(tag::SEQUENCE, "").unwrap();
        PublicKey::read(&info, |part, offset| Bytes::new(&der, offset, part.len())).unwrap()
    }

    /// Every provider that is compiled in and whether it offers this.
    fn check(algorithm: &str, key: &PublicKey, signature: &[u8], by_ring: bool) {
        let algorithm: SignatureAlgorithm = algorithm.parse().unwrap();
        let providers: &[(&dyn SignatureVerifier, bool)] = &[
            (&AwsLcRs, true),
            #[cfg(feature = "ring")]
            (&Ring, by_ring),
        ];
        let _ = by_ring;
        for &(provider, is_offered) in providers {
            let verify =
                |message: &[u8], signature: &[u8]| provider.verify(&algorithm, key, message, signature);
            if is_offered {
                assert_eq!(verify(MESSAGE, signature), Ok(()), "{algorithm}");
                assert_eq!(verify(b"another", signature), Err(SignatureError::Invalid), "{algorithm}");
                assert_eq!(verify(MESSAGE, &[]), Err(SignatureError::Invalid), "{algorithm}");
            } else {
                let unsupported = SignatureError::unsupported(&algorithm, key);
                assert_eq!(verify(MESSAGE, signature), Err(unsupported), "{algorithm}");
            }
        }
    }

    #[test]
    fn elliptic_curve_signatures() {
        for (curve, signing, algorithm, by_ring) in [
            ("1.2.840.10045.3.1.7", &aws::ECDSA_P256_SHA256_ASN1_SIGNING, "SHA256withECDSA", true),
            ("1.3.132.0.34", &aws::ECDSA_P384_SHA384_ASN1_SIGNING, "SHA384withECDSA", true),
            ("1.3.132.0.35", &aws::ECDSA_P521_SHA512_ASN1_SIGNING, "SHA512withECDSA", false),
        ] {
            let pair = aws::EcdsaKeyPair::generate(signing).unwrap();
            let key = public_key("1.2.840.10045.2.1", &oid(curve), pair.public_key().as_ref());
            let signature = pair.sign(&SystemRandom::new(), MESSAGE).unwrap();
            check(algorithm, &key, signature.as_ref(), by_ring);
        }
        let pair = Ed25519KeyPair::generate().unwrap();
        let key = public_key("1.3.101.112", &[], pair.public_key().as_ref());
        check("Ed25519", &key, pair.sign(MESSAGE).as_ref(), true);
    }

    #[test]
    fn rsa_signatures() {
        let pair = RsaKeyPair::generate(KeySize::Rsa2048).unwrap();
        let key = public_key("1.2.840.113549.1.1.1", &[5, 0], pair.public_key().as_ref());
        assert_eq!(key.algorithm().to_string(), "RSA 2048");
        let sign = |encoding: &'static aws::RsaSignatureEncoding| {
            let mut signature = vec![0; pair.public_modulus_len()];
            pair.sign(encoding, &SystemRandom::new(), MESSAGE, &mut signature).unwrap();
            signature
        };
        for (algorithm, encoding) in [
            ("SHA256withRSA", &aws::RSA_PKCS1_SHA256),
            ("SHA384withRSA", &aws::RSA_PKCS1_SHA384),
            ("SHA512withRSA", &aws::RSA_PKCS1_SHA512),
            ("SHA256withRSAandMGF1", &aws::RSA_PSS_SHA256),
            ("SHA384withRSAandMGF1", &aws::RSA_PSS_SHA384),
            ("SHA512withRSAandMGF1", &aws::RSA_PSS_SHA512),
        ] {
            check(algorithm, &key, &sign(encoding), true);
        }
        let sha256 = SignatureAlgorithm::RsaPssSha256;
        let longest = sign(&const { aws::RSA_PSS_SHA256.with_pss_salt_length(RsaPssSaltLength::Max) });
        let with_salt = |octets, key| AwsLcRs.verify_pss_with_salt(&sha256, octets, key, MESSAGE, &longest);
        assert_eq!(with_salt(222, &key), Ok(()));
        assert_eq!(with_salt(20, &key), Err(SignatureError::Invalid));
        assert_eq!(with_salt(21, &key), Err(SignatureError::unsupported(&sha256, &key)));
        assert_eq!(AwsLcRs.verify(&sha256, &key, MESSAGE, &longest), Err(SignatureError::Invalid));

        // A key for PSS signatures, and one for those by SHA-256 only (RFC 4055 section 1.2).
        let digest = sequence(&[&oid("2.16.840.1.101.3.4.2.1")]);
        let mask = sequence(&[&oid("1.2.840.113549.1.1.8"), &digest]);
        let only = sequence(&[&tlv(0xa0, &digest), &tlv(0xa1, &mask), &tlv(0xa2, &[2, 1, 32])]);
        for parameters in [&[][..], &only] {
            let key = public_key("1.2.840.113549.1.1.10", parameters, pair.public_key().as_ref());
            check("SHA256withRSAandMGF1", &key, &sign(&aws::RSA_PSS_SHA256), true);
            assert!(!key.fits(&SignatureAlgorithm::RsaPkcs1Sha256));
            assert_eq!(key.fits(&SignatureAlgorithm::RsaPssSha512), parameters.is_empty());
        }
    }

    #[test]
    fn an_algorithm_that_does_not_fit_the_key_is_unsupported() {
        let pair = Ed25519KeyPair::generate().unwrap();
        let key = public_key("1.3.101.112", &[], pair.public_key().as_ref());
        for algorithm in ["SHA256withRSA", "SHA256withECDSA", "SHA1withRSA", "1.2.3.4"] {
            let algorithm: SignatureAlgorithm = algorithm.parse().unwrap();
            let error = default_verifier().verify(&algorithm, &key, MESSAGE, &[]).unwrap_err();
            assert_eq!(error.code(), "certificate.signature.unsupported");
            assert_eq!(error.to_string(), format!("{algorithm} with a key Ed25519 cannot be checked"));
        }
    }
}
