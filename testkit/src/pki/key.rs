//! Key pairs, made once a process for every label.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, LazyLock, Mutex, OnceLock, PoisonError};

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_ASN1_SIGNING, ECDSA_P256K1_SHA256_ASN1_SIGNING, ECDSA_P384_SHA384_ASN1_SIGNING,
    ECDSA_P521_SHA512_ASN1_SIGNING, EcdsaKeyPair, EcdsaSigningAlgorithm, Ed25519KeyPair, KeyPair,
    RSA_PKCS1_SHA256, RSA_PKCS1_SHA384, RSA_PKCS1_SHA512, RsaEncoding, RsaKeyPair,
};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use misp_onboarding::certificate::pem;

use super::hash::Hash;
use super::rsa::RawRsa;
use super::signature::{Scheme, SignatureAlgorithm};
use super::{der, fixed_keys, oid};

/// A key pair. Clones are the same pair.
#[derive(Clone)]
pub struct Key(Arc<Pair>);

/// The kinds of keys there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyKind {
    /// RSA, 1,024 bits: always the same key, for libraries no longer make them.
    Rsa1024,
    /// RSA, 2,047 bits: always the same key.
    Rsa2047,
    /// RSA, 2,048 bits.
    Rsa2048,
    /// RSA, 3,072 bits.
    Rsa3072,
    /// RSA, 4,096 bits. Making one takes about a second.
    Rsa4096,
    /// P-256.
    P256,
    /// P-384.
    P384,
    /// P-521.
    P521,
    /// secp256k1, no curve of NIST's.
    Secp256k1,
    /// Ed25519.
    Ed25519,
}

struct Pair {
    kind: KeyKind,
    label: String,
    pkcs8: Vec<u8>,
    /// What the BIT STRING of a SubjectPublicKeyInfo holds.
    public_key: Vec<u8>,
    signer: Signer,
}

enum Signer {
    /// The library's key is `None` where the library refuses it for its size.
    Rsa(Option<RsaKeyPair>, RawRsa),
    Ecdsa(&'static EcdsaSigningAlgorithm, EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
}

type Slot = Arc<OnceLock<Key>>;
static KEYS: LazyLock<Mutex<HashMap<(KeyKind, String), Slot>>> = LazyLock::new(Mutex::default);

impl Key {
    /// The key of this kind and label: made at its first use, the same ever after in this process.
    pub fn new(kind: KeyKind, label: &str) -> Self {
        let slot = {
            // The map holds nothing that a panic elsewhere could leave half done.
            let mut keys = KEYS.lock().unwrap_or_else(PoisonError::into_inner);
            keys.entry((kind, label.into())).or_default().clone()
        };
        slot.get_or_init(|| Self(Arc::new(Pair::generate(kind, label)))).clone()
    }

    /// RSA, 1,024 bits. The label is for messages only: it is always the same key.
    pub fn rsa1024(label: &str) -> Self {
        Self::new(KeyKind::Rsa1024, label)
    }

    /// RSA, 2,047 bits. The label is for messages only: it is always the same key.
    pub fn rsa2047(label: &str) -> Self {
        Self::new(KeyKind::Rsa2047, label)
    }

    /// RSA, 2,048 bits.
    pub fn rsa2048(label: &str) -> Self {
        Self::new(KeyKind::Rsa2048, label)
    }

    /// RSA, 4,096 bits.
    pub fn rsa4096(label: &str) -> Self {
        Self::new(KeyKind::Rsa4096, label)
    }

    /// P-256.
    pub fn p256(label: &str) -> Self {
        Self::new(KeyKind::P256, label)
    }

    /// P-384.
    pub fn p384(label: &str) -> Self {
        Self::new(KeyKind::P384, label)
    }

    /// P-521.
    pub fn p521(label: &str) -> Self {
        Self::new(KeyKind::P521, label)
    }

    /// secp256k1.
    pub fn secp256k1(label: &str) -> Self {
        Self::new(KeyKind::Secp256k1, label)
    }

    /// Ed25519.
    pub fn ed25519(label: &str) -> Self {
        Self::new(KeyKind::Ed25519, label)
    }

    /// Its kind.
    pub fn kind(&self) -> KeyKind {
        self.0.kind
    }

    /// Its label.
    pub fn label(&self) -> &str {
        &self.0.label
    }

    /// The private key in PKCS#8 DER.
    pub fn private_key_der(&self) -> &[u8] {
        &self.0.pkcs8
    }

    /// The private key in PKCS#8 PEM.
    pub fn private_key_pem(&self) -> String {
        pem::encode("PRIVATE KEY", &self.0.pkcs8)
    }

    /// The public key in SubjectPublicKeyInfo DER.
    pub fn public_key_der(&self) -> Vec<u8> {
        let algorithm = match self.0.kind.curve() {
            Some(curve) => der::sequence(&[der::oid(oid::EC_PUBLIC_KEY), der::oid(curve)]),
            None if self.0.kind == KeyKind::Ed25519 => der::sequence(&[der::oid(oid::ED25519)]),
            None => der::sequence(&[der::oid(oid::RSA_ENCRYPTION), der::null()]),
        };
        der::sequence(&[algorithm, der::bit_string(&self.0.public_key)])
    }

    /// Its identifier by method (1) of RFC 5280 section 4.2.1.2: SHA-1 of the public key's bits.
    pub fn identifier(&self) -> Vec<u8> {
        Hash::Sha1.of(&self.0.public_key)
    }

    /// What such a key signs with unless told otherwise.
    pub fn default_algorithm(&self) -> SignatureAlgorithm {
        match self.0.kind {
            KeyKind::P256 | KeyKind::Secp256k1 => SignatureAlgorithm::ecdsa(Hash::Sha256),
            KeyKind::P384 => SignatureAlgorithm::ecdsa(Hash::Sha384),
            KeyKind::P521 => SignatureAlgorithm::ecdsa(Hash::Sha512),
            KeyKind::Ed25519 => SignatureAlgorithm::ed25519(),
            _ => SignatureAlgorithm::rsa_pkcs1(Hash::Sha256),
        }
    }

    /// Signs `message`.
    ///
    /// # Panics
    ///
    /// Where `algorithm` is not one of this kind of key, or needs more room than the key has.
    pub fn sign(&self, algorithm: &SignatureAlgorithm, message: &[u8]) -> Vec<u8> {
        match (&self.0.signer, algorithm.scheme()) {
            (Signer::Rsa(pair, raw), Scheme::RsaPkcs1(hash)) => match (pair, pkcs1_encoding(hash)) {
                (Some(pair), Some(encoding)) => {
                    let mut signature = vec![0; pair.public_modulus_len()];
                    pair.sign(encoding, &SystemRandom::new(), message, &mut signature).expect("RSA signs");
                    signature
                }
                _ => raw.sign_pkcs1(hash, message),
            },
            (Signer::Rsa(_, raw), Scheme::RsaPss { hash, mask, salt_length }) => {
                raw.sign_pss(hash, mask, salt_length, message)
            }
            (Signer::Ecdsa(curve, pair), Scheme::Ecdsa(hash)) => {
                let digest = fit(&hash.of(message), curve);
                pair.sign_digest(&digest).expect("ECDSA signs").as_ref().to_vec()
            }
            (Signer::Ed25519(pair), Scheme::Ed25519) => pair.sign(message).as_ref().to_vec(),
            (_, scheme) => panic!("a {:?} key cannot sign with {scheme:?}", self.0.kind),
        }
    }
}

impl PartialEq for Key {
    fn eq(&self, other: &Self) -> bool {
        self.0.public_key == other.0.public_key
    }
}

impl Eq for Key {}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} key {:?}", self.0.kind, self.0.label)
    }
}

impl KeyKind {
    fn curve(self) -> Option<&'static str> {
        match self {
            Self::P256 => Some(oid::P256),
            Self::P384 => Some(oid::P384),
            Self::P521 => Some(oid::P521),
            Self::Secp256k1 => Some(oid::SECP256K1),
            _ => None,
        }
    }
}

impl Pair {
    fn generate(kind: KeyKind, label: &str) -> Self {
        let (signer, pkcs8, public_key) = match kind {
            KeyKind::Rsa1024 => fixed_rsa(fixed_keys::RSA_1024),
            KeyKind::Rsa2047 => fixed_rsa(fixed_keys::RSA_2047),
            KeyKind::Rsa2048 => rsa(KeySize::Rsa2048),
            KeyKind::Rsa3072 => rsa(KeySize::Rsa3072),
            KeyKind::Rsa4096 => rsa(KeySize::Rsa4096),
            KeyKind::P256 => ecdsa(&ECDSA_P256_SHA256_ASN1_SIGNING),
            KeyKind::P384 => ecdsa(&ECDSA_P384_SHA384_ASN1_SIGNING),
            KeyKind::P521 => ecdsa(&ECDSA_P521_SHA512_ASN1_SIGNING),
            KeyKind::Secp256k1 => ecdsa(&ECDSA_P256K1_SHA256_ASN1_SIGNING),
            KeyKind::Ed25519 => {
                let pair = Ed25519KeyPair::generate().expect("an Ed25519 key is made");
                let pkcs8 = pair.to_pkcs8v1().expect("an Ed25519 key is written").as_ref().to_vec();
                let public_key = pair.public_key().as_ref().to_vec();
                (Signer::Ed25519(pair), pkcs8, public_key)
            }
        };
        Self { kind, label: label.into(), pkcs8, public_key, signer }
    }
}

fn rsa(size: KeySize) -> (Signer, Vec<u8>, Vec<u8>) {
    let pair = RsaKeyPair::generate(size).expect("an RSA key is made");
    let pkcs8 = pair.as_der().expect("an RSA key is written").as_ref().to_vec();
    let raw = RawRsa::from_pkcs8(&pkcs8).expect("what the library wrote is PKCS#8");
    let public_key = raw.public_key.clone();
    (Signer::Rsa(Some(pair), raw), pkcs8, public_key)
}

fn fixed_rsa(base64: &str) -> (Signer, Vec<u8>, Vec<u8>) {
    let pkcs8 = STANDARD.decode(base64).expect("the key in the source is base64");
    let raw = RawRsa::from_pkcs8(&pkcs8).expect("the key in the source is PKCS#8");
    let public_key = raw.public_key.clone();
    (Signer::Rsa(None, raw), pkcs8, public_key)
}

fn ecdsa(algorithm: &'static EcdsaSigningAlgorithm) -> (Signer, Vec<u8>, Vec<u8>) {
    let pair = EcdsaKeyPair::generate(algorithm).expect("a key on the curve is made");
    let pkcs8 = pair.to_pkcs8v1().expect("a key on the curve is written").as_ref().to_vec();
    let public_key = pair.public_key().as_ref().to_vec();
    (Signer::Ecdsa(algorithm, pair), pkcs8, public_key)
}

fn pkcs1_encoding(hash: Hash) -> Option<&'static dyn RsaEncoding> {
    match hash {
        Hash::Sha256 => Some(&RSA_PKCS1_SHA256),
        Hash::Sha384 => Some(&RSA_PKCS1_SHA384),
        Hash::Sha512 => Some(&RSA_PKCS1_SHA512),
        Hash::Sha1 | Hash::Sha224 => None,
    }
}

/// Makes a hash of any length one that the library lets this curve sign: ECDSA takes the leftmost bits of a longer one
/// and a shorter one as the number it is (FIPS 186-5 section 6.4.1), so cutting off and zeros in front change nothing.
fn fit(hash: &[u8], curve: &'static EcdsaSigningAlgorithm) -> aws_lc_rs::digest::Digest {
    use aws_lc_rs::digest::{Digest, SHA256, SHA384, SHA512};

    let algorithm = if *curve == ECDSA_P384_SHA384_ASN1_SIGNING {
        &SHA384
    } else if *curve == ECDSA_P521_SHA512_ASN1_SIGNING {
        &SHA512
    } else {
        &SHA256
    };
    let length = algorithm.output_len();
    let mut fitted = vec![0; length.saturating_sub(hash.len())];
    fitted.extend(&hash[..hash.len().min(length)]);
    Digest::import_less_safe(&fitted, algorithm).expect("the hash has the algorithm's length")
}
