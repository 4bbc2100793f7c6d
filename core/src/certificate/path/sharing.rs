//! What the validations of one upload share, so that a file of many certificates costs no more than its bounds.

use std::collections::HashMap;
use std::sync::Arc;

use super::PathError;
use super::building::Failure;
use super::error::Fault;
use super::explaining::explain_one;
use super::limits::Budget;
use super::processing::{Link, signature_fault};
use crate::certificate::{Certificate, Fingerprint, SignatureError, SignatureVerifier};

/// The signatures checked for one upload, and what is left of its bounds.
pub(crate) struct SharedWork {
    verifier: Arc<dyn SignatureVerifier>,
    /// By the digests of the whole certificate and of the key, signatures that verify and those that do not.
    checked: HashMap<(Fingerprint, Fingerprint), Result<(), SignatureError>>,
    budget: Budget,
}

impl SharedWork {
    pub(crate) fn new(verifier: Arc<dyn SignatureVerifier>) -> Self {
        Self { verifier, checked: HashMap::new(), budget: Budget::for_upload() }
    }

    /// Begins to judge the same file once more. The signatures checked so far stay known and stay counted, so their
    /// number is bounded however often the file is judged; all other work is done anew.
    pub(crate) fn begin(&mut self) {
        let signature_checks = std::mem::replace(&mut self.budget, Budget::for_upload()).signature_checks;
        self.budget.signature_checks = signature_checks;
    }

    pub(crate) const fn verifier(&self) -> &Arc<dyn SignatureVerifier> {
        &self.verifier
    }

    /// Whether the signature of `certificate`, at place `at` of a path, was made with the key of `issuer`. The outer
    /// error is the bound, reached before that was known.
    pub(super) fn check(
        &mut self,
        certificate: &Certificate,
        issuer: &Certificate,
        at: usize,
    ) -> Result<Result<(), SignatureError>, Fault> {
        let pair = (certificate.sha256(), issuer.key_sha256());
        if let Some(result) = self.checked.get(&pair) {
            return Ok(result.clone());
        }
        self.budget.signature_checks.spend(1, at)?;
        let result = certificate.is_signed_by(issuer.public_key(), &*self.verifier);
        self.checked.insert(pair, result.clone());
        Ok(result)
    }

    /// Whether `certificate` was signed with its own key.
    ///
    /// # Errors
    /// [`PathError`] where the bound was reached before that was known.
    pub(crate) fn check_own(
        &mut self,
        certificate: &Certificate,
    ) -> Result<Result<(), SignatureError>, PathError> {
        self.check(certificate, certificate, 0).map_err(|fault| failed_alone(certificate, fault))
    }

    /// Counts the work of one validation. It has bounds of its own, so those of the upload are exceeded by no more
    /// than one of them allows.
    pub(super) fn charge(&mut self, validation: &Budget) {
        self.budget.charge(validation);
    }

    /// Whether there is work left for another validation.
    pub(super) fn check_left(&self) -> Result<(), Fault> {
        self.budget.check_left()
    }
}

/// That nobody knows whether `certificate` is signed with its own key: no path leads from it to a root, and its
/// signature cannot be checked.
pub(crate) fn unchecked_own_signature(certificate: &Certificate, error: SignatureError) -> PathError {
    failed_alone(certificate, signature_fault(certificate, 0, error))
}

fn failed_alone(certificate: &Certificate, fault: Fault) -> PathError {
    explain_one(&Failure { path: vec![Link { certificate, is_stored: false }], fault, reaches: None })
}
