//! Path validation of small PKIs with defects, each decision of which is one byte of the input. A loaded trust store says
//! what one says that is made for the occasion; the order of certificates does not matter, nor where intermediates come
//! from; a CA that has nothing to do with a path refuses none; what the strict profile accepts the default one accepts,
//! and an earlier bound on the depth never accepts more; signatures checked are bounded, and a path found is one.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, LazyLock, Mutex};

use misp_onboarding::certificate::path::{MAX_PATH_CERTIFICATES, MAX_SIGNATURE_CHECKS};
use misp_onboarding::certificate::{
    Certificate, PathError, PathOptions, Profile, PublicKey, SignatureAlgorithm, SignatureError,
    SignatureVerifier, TrustAnchors, VerifiedPath, default_verifier, verify_path,
};
use misp_onboarding_testkit::chains::Scenario;
use misp_onboarding_testkit::pki::{self, CertificateBuilder};

use crate::Seed;

/// Leaves of a PKI: enough for one to come after another, which a store that remembers must not mix up.
const LEAVES: usize = 3;

/// Checks the law for the PKI that the bytes choose.
pub fn check(data: &[u8]) {
    let scenario = Scenario::choose(data, LEAVES);
    let (roots, intermediates) = (read(&scenario.roots), read(&scenario.intermediates));
    let leaves = read(scenario.leaves.iter().map(|leaf| &leaf.certificate));
    let pki = Pki { roots, intermediates, checks: Arc::default(), at: scenario.at };
    let loaded = TrustAnchors::load(pki.roots.clone(), pki.intermediates.clone(), [], &*pki.checks);
    for leaf in leaves {
        pki.check_leaf(&leaf, &loaded);
    }
}

/// What cannot be read is no certificate: no upload would let it in.
fn read<'a>(certificates: impl IntoIterator<Item = &'a pki::Certificate>) -> Vec<Certificate> {
    certificates.into_iter().filter_map(|one| Certificate::from_der(one.der()).ok()).collect()
}

/// A root that no path leads to.
static STRANGER: LazyLock<Certificate> = LazyLock::new(|| {
    let certificate = CertificateBuilder::root("Unrelated Root CA").self_signed();
    Certificate::from_der(certificate.der()).expect("a certificate")
});

struct Pki {
    roots: Vec<Certificate>,
    intermediates: Vec<Certificate>,
    checks: Arc<Counting>,
    at: misp_onboarding::Timestamp,
}

impl Pki {
    fn check_leaf(&self, leaf: &Certificate, loaded: &TrustAnchors) {
        let Self { roots, intermediates, .. } = self;
        let options = PathOptions::with_verifier(self.at, self.checks.clone());
        let validate = |roots: &[Certificate], intermediates: &[Certificate]| {
            self.counted(|| verify_path(leaf, roots, intermediates, &options))
        };
        let verdict = validate(roots, intermediates);
        self.check_path(leaf, &verdict);

        same("a loaded store", &verdict, &self.counted(|| loaded.verify(leaf, &[], &options)));
        let bare = TrustAnchors::new(roots.clone(), [], []);
        same(
            "intermediates with the leaf",
            &verdict,
            &self.counted(|| bare.verify(leaf, intermediates, &options)),
        );
        let (mut turned_roots, mut turned) = (roots.clone(), intermediates.clone());
        turned_roots.reverse();
        turned.reverse();
        same("another order", &verdict, &validate(&turned_roots, &turned));
        let half = turned.len() / 2;
        turned.rotate_left(half);
        turned.extend(turned.clone());
        same("everything twice", &verdict, &validate(&turned_roots, &turned));

        let with_stranger = [roots.clone(), vec![STRANGER.clone()]].concat();
        same("an unrelated root", &verdict, &validate(&with_stranger, intermediates));

        let (mut strict, mut shallow) = (options.clone(), options.clone());
        strict.profile = Profile::Strict;
        shallow.max_depth = Some(1);
        let strictly = self.counted(|| verify_path(leaf, roots, intermediates, &strict));
        assert!(strictly.is_err() || verdict.is_ok(), "strict accepts what default refuses: {verdict:?}");
        let shallowly = self.counted(|| verify_path(leaf, roots, intermediates, &shallow));
        assert!(shallowly.is_err() || verdict.is_ok(), "a bound accepts what none refuses: {verdict:?}");
        let distrusting = TrustAnchors::new(roots.clone(), intermediates.clone(), roots.clone());
        let distrusted = self.counted(|| distrusting.verify(leaf, &[], &options));
        assert!(distrusted.is_err(), "distrusted roots anchor {distrusted:?}");
    }

    /// A path leads from the leaf over what was given to one of the roots, each certificate named by the one before.
    fn check_path(&self, leaf: &Certificate, verdict: &Result<VerifiedPath, PathError>) {
        let path = match verdict {
            Ok(path) => path.leaf_to_root(),
            Err(error) => return assert!(!error.to_string().is_empty()),
        };
        assert!((1..=MAX_PATH_CERTIFICATES).contains(&path.len()));
        assert_eq!(path.first(), Some(leaf));
        assert!(path.last().is_some_and(|root| self.roots.contains(root)));
        for two in path.windows(2) {
            assert_eq!(two[0].issuer(), two[1].subject());
            assert!(self.roots.contains(&two[1]) || self.intermediates.contains(&two[1]));
        }
        for one in path.iter().take(path.len() - 1) {
            assert!(one.not_before() <= self.at && self.at <= one.not_after());
        }
    }

    /// Counts the signatures that one validation checks.
    fn counted<T>(&self, validation: impl FnOnce() -> T) -> T {
        self.checks.asked.store(0, Ordering::Relaxed);
        let answer = validation();
        let checked = self.checks.asked.load(Ordering::Relaxed);
        assert!(checked <= MAX_SIGNATURE_CHECKS, "{checked} signatures checked");
        answer
    }
}

/// Both are the same: the same path, or one and the same fault of the best candidate.
fn same(what: &str, one: &Result<VerifiedPath, PathError>, other: &Result<VerifiedPath, PathError>) {
    assert_eq!(one.as_ref().ok(), other.as_ref().ok(), "{what}");
    assert_eq!(one.as_ref().err().map(PathError::code), other.as_ref().err().map(PathError::code), "{what}");
}

/// The default verifier, and how often it was asked. It remembers its answers, since the same few signatures are checked
/// again and again, and each time costs more than all the rest.
#[derive(Default)]
struct Counting {
    asked: AtomicUsize,
    answers: Mutex<HashMap<Vec<u8>, Result<(), SignatureError>>>,
}

impl Counting {
    fn answer(
        &self,
        question: [&[u8]; 4],
        check: impl FnOnce(&dyn SignatureVerifier) -> Result<(), SignatureError>,
    ) -> Result<(), SignatureError> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        // Lengths before the parts: no two questions are the same bytes.
        let parts = question.iter().flat_map(|part| [&part.len().to_be_bytes()[..], part].concat());
        let mut answers = self.answers.lock().expect("nobody panicked with it");
        answers.entry(parts.collect()).or_insert_with(|| check(&*default_verifier())).clone()
    }
}

impl SignatureVerifier for Counting {
    fn verify(
        &self,
        algorithm: &SignatureAlgorithm,
        public_key: &PublicKey,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), SignatureError> {
        let name = algorithm.to_string();
        self.answer([name.as_bytes(), public_key.spki_der(), message, signature], |verifier| {
            verifier.verify(algorithm, public_key, message, signature)
        })
    }

    fn verify_pss_with_salt(
        &self,
        algorithm: &SignatureAlgorithm,
        salt_octets: u32,
        public_key: &PublicKey,
        message: &[u8],
        signature: &[u8],
    ) -> Result<(), SignatureError> {
        let with_salt = format!("{algorithm} {salt_octets}");
        self.answer([with_salt.as_bytes(), public_key.spki_der(), message, signature], |verifier| {
            verifier.verify_pss_with_salt(algorithm, salt_octets, public_key, message, signature)
        })
    }
}

/// Choices as they come: the same byte everywhere, and counting up from each of a few bytes.
pub fn seeds() -> Vec<Seed> {
    let counting = |from: u8| (0..64).map(|step: u8| from.wrapping_add(step.wrapping_mul(37))).collect();
    vec![
        ("none", Vec::new()),
        ("zeros", vec![0; 64]),
        ("high", vec![99; 64]),
        ("counting-0", counting(0)),
        ("counting-50", counting(50)),
        ("counting-100", counting(100)),
        ("counting-200", counting(200)),
    ]
}
