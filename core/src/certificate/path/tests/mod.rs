//! Tests with toy certificates, whose signatures can be made and counted at no cost.

mod building;
mod explaining;
mod limits;
mod names;
mod policies;
mod processing;
mod strict;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::{PathError, PathOptions, TrustAnchors, VerifiedPath, verify_path};
use crate::certificate::toy::*;
use crate::certificate::{
    Certificate, Oid, PublicKey, SignatureAlgorithm, SignatureError, SignatureVerifier,
};

/// Accepts a signature that is the name of the key, and counts.
#[derive(Default)]
struct ToyVerifier {
    checks: AtomicUsize,
}

impl ToyVerifier {
    fn checks(&self) -> usize {
        self.checks.load(Ordering::Relaxed)
    }
}

impl SignatureVerifier for ToyVerifier {
    fn verify(
        &self,
        _: &SignatureAlgorithm,
        key: &PublicKey,
        _: &[u8],
        signature: &[u8],
    ) -> Result<(), SignatureError> {
        self.checks.fetch_add(1, Ordering::Relaxed);
        if key.key_bytes() == signature { Ok(()) } else { Err(SignatureError::Invalid) }
    }
}

fn options() -> PathOptions {
    PathOptions::with_verifier("2026-01-15T12:00:00Z".parse().unwrap(), Arc::new(ToyVerifier::default()))
}

/// Options whose signature checks can be counted.
fn counted() -> (PathOptions, Arc<ToyVerifier>) {
    let verifier = Arc::new(ToyVerifier::default());
    (PathOptions { verifier: verifier.clone(), ..options() }, verifier)
}

/// The subjects of a valid path, leaf first; else the code of the fault and the subject of its certificate.
type Outcome = Result<String, (&'static str, String)>;

fn outcome(result: Result<VerifiedPath, PathError>) -> Outcome {
    match result {
        Ok(path) => {
            let names: Vec<_> =
                path.leaf_to_root().iter().map(|certificate| certificate.subject().to_string()).collect();
            Ok(names.join(" < ").replace("CN=", ""))
        }
        Err(error) => Err((
            error.code().trim_start_matches("certificate.path."),
            error.failure.certificate.subject.replace("CN=", ""),
        )),
    }
}

/// Validates with root, CAs and leaf as given.
fn verify(root: &Certificate, cas: &[Toy], leaf: &Toy) -> Outcome {
    verify_with(root, cas, leaf, &options())
}

fn verify_with(root: &Certificate, cas: &[Toy], leaf: &Toy, options: &PathOptions) -> Outcome {
    let cas: Vec<_> = cas.iter().map(Toy::build).collect();
    let at_once = outcome(verify_path(&leaf.build(), std::slice::from_ref(root), &cas, options));
    let loaded = TrustAnchors::load([root.clone()], cas, [], &ToyVerifier::default());
    assert_eq!(
        outcome(loaded.verify(&leaf.build(), &[], options)),
        at_once,
        "what is remembered changes nothing"
    );
    at_once
}

fn fails(code: &'static str, subject: &str) -> Outcome {
    Err((code, subject.to_owned()))
}

fn holds(path: &str) -> Outcome {
    Ok(path.to_owned())
}
