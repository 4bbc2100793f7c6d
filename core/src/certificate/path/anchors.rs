//! The certificates that paths are built from, indexed by subject.

use std::cmp::Reverse;
use std::collections::{HashMap, HashSet};
use std::fmt;
use std::ops::Range;

use super::limits::MAX_SIGNATURE_CHECKS;
use super::sharing::SharedWork;
use super::{PathError, PathOptions, VerifiedPath, building};
use crate::certificate::{Certificate, Fingerprint, Name, SignatureVerifier};

/// Roots and intermediates to validate certificates with: the loaded form of a trust store.
///
/// It finds issuers by name without a scan, so a hundred CAs cost what two do. Loaded with
/// [`TrustAnchors::load`] it also remembers which of its intermediates are signed by which of its keys, so that
/// validating a leaf checks one signature. That a signature verifies does not depend on the time, on the caller's
/// options or on other certificates; everything that does is checked every time.
#[derive(Clone)]
pub struct TrustAnchors {
    index: Index,
    remembered: RememberedSignatures,
}

impl TrustAnchors {
    /// The certificates as given, with no signature checked in advance.
    ///
    /// Certificates in `distrusted` neither anchor nor link anything, even where they are also among the others
    /// or come along with a leaf.
    pub fn new(
        roots: impl IntoIterator<Item = Certificate>,
        intermediates: impl IntoIterator<Item = Certificate>,
        distrusted: impl IntoIterator<Item = Certificate>,
    ) -> Self {
        let with = |standing| move |certificate| Entry { certificate, standing };
        let roots = roots.into_iter().map(with(Standing::Root));
        let intermediates = intermediates.into_iter().map(with(Standing::Intermediate));
        let distrusted = distrusted.into_iter().map(with(Standing::Distrusted));
        Self {
            index: Index::new(distrusted.chain(roots).chain(intermediates).collect()),
            remembered: RememberedSignatures::default(),
        }
    }

    /// As [`TrustAnchors::new`], and looks once for the key of each intermediate's issuer among the roots and
    /// intermediates, to remember the signatures that verify. Costs at least one signature check for each
    /// intermediate.
    pub fn load(
        roots: impl IntoIterator<Item = Certificate>,
        intermediates: impl IntoIterator<Item = Certificate>,
        distrusted: impl IntoIterator<Item = Certificate>,
        verifier: &dyn SignatureVerifier,
    ) -> Self {
        Self::new(roots, intermediates, distrusted).remembering(RememberedSignatures::default(), verifier)
    }

    /// These certificates, with what `earlier` remembers, in place of which they come, and what it does not.
    pub(crate) fn load_after(self, earlier: Option<&Self>, verifier: &dyn SignatureVerifier) -> Self {
        self.remembering(earlier.map(|earlier| earlier.remembered.clone()).unwrap_or_default(), verifier)
    }

    fn remembering(mut self, known: RememberedSignatures, verifier: &dyn SignatureVerifier) -> Self {
        self.remembered = known;
        for entry in self.index.entries.iter().filter(|entry| entry.standing == Standing::Intermediate) {
            let certificate = &entry.certificate;
            self.remembered.look(certificate, &self.index, |issuer| {
                certificate.is_signed_by(issuer.public_key(), verifier).is_ok()
            });
        }
        self
    }

    /// These certificates and others, whose signatures are looked at as by [`TrustAnchors::load`] while the shared
    /// work allows.
    pub(crate) fn with(
        &self,
        roots: impl IntoIterator<Item = Certificate>,
        intermediates: &[Certificate],
        shared: &mut SharedWork,
    ) -> Self {
        let mut all = self.index.entries.clone();
        let with = |standing| move |certificate| Entry { certificate, standing };
        all.extend(roots.into_iter().map(with(Standing::Root)));
        all.extend(intermediates.iter().cloned().map(with(Standing::Intermediate)));
        let mut anchors = Self { index: Index::new(all), remembered: self.remembered.clone() };
        for certificate in intermediates {
            anchors.remembered.look(certificate, &anchors.index, |issuer| {
                matches!(shared.check(certificate, issuer, 0), Ok(Ok(())))
            });
        }
        anchors
    }

    /// Validates `leaf`, over these certificates and any of `extra_intermediates`, which came along with it.
    ///
    /// # Errors
    /// [`PathError`] says why the best candidate path is not valid, and why others are not.
    pub fn verify(
        &self,
        leaf: &Certificate,
        extra_intermediates: &[Certificate],
        options: &PathOptions,
    ) -> Result<VerifiedPath, PathError> {
        building::find_path(leaf, self, &Index::of_extra(extra_intermediates), options, None)
    }

    /// As [`TrustAnchors::verify`] without other intermediates, within the bounds of the shared work.
    pub(crate) fn verify_sharing(
        &self,
        leaf: &Certificate,
        options: &PathOptions,
        shared: &mut SharedWork,
    ) -> Result<VerifiedPath, PathError> {
        building::find_path(leaf, self, &Index::of_extra(&[]), options, Some(shared))
    }

    /// Takes over what `other` remembers.
    #[cfg(test)]
    pub(super) fn remember_as(&mut self, other: &Self) {
        self.remembered = other.remembered.clone();
    }

    pub(super) const fn index(&self) -> &Index {
        &self.index
    }

    pub(super) const fn remembered(&self) -> &RememberedSignatures {
        &self.remembered
    }
}

impl fmt::Debug for TrustAnchors {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TrustAnchors")
            .field("certificates", &self.index.entries.len())
            .field("remembered_signatures", &self.remembered.0.len())
            .finish()
    }
}

/// What a certificate may be used for in a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Standing {
    Root,
    Intermediate,
    Distrusted,
}

#[derive(Clone)]
pub(super) struct Entry {
    pub(super) certificate: Certificate,
    pub(super) standing: Standing,
}

/// Certificates in the order of their subjects.
#[derive(Clone)]
pub(super) struct Index {
    entries: Vec<Entry>,
    /// Where those of a subject stand.
    places: HashMap<Name, Range<usize>>,
}

impl Index {
    /// Of a certificate that is given twice the first one stands.
    fn new(mut entries: Vec<Entry>) -> Self {
        // The sort is stable, so `dedup` keeps the first one.
        entries.sort_by(|one, other| sort_key(&one.certificate).cmp(&sort_key(&other.certificate)));
        entries.dedup_by(|one, other| one.certificate == other.certificate);
        let mut places: HashMap<Name, Range<usize>> = HashMap::new();
        for (place, entry) in entries.iter().enumerate() {
            let subject = entry.certificate.subject();
            match places.get_mut(subject) {
                Some(range) => range.end = place + 1,
                None => drop(places.insert(subject.clone(), place..place + 1)),
            }
        }
        Self { entries, places }
    }

    /// Certificates that came along with a leaf.
    pub(super) fn of_extra(intermediates: &[Certificate]) -> Self {
        let entry = |certificate: &Certificate| Entry {
            certificate: certificate.clone(),
            standing: Standing::Intermediate,
        };
        Self::new(intermediates.iter().map(entry).collect())
    }

    /// The certificates whose subject is `name`.
    pub(super) fn with_subject(&self, name: &Name) -> &[Entry] {
        let range = self.places.get(name).cloned().unwrap_or_default();
        self.entries.get(range).unwrap_or_default()
    }

    /// Whether `certificate` is among `entries`, which are those of its subject.
    pub(super) fn holds(entries: &[Entry], certificate: &Certificate) -> bool {
        entries.binary_search_by(|entry| entry.certificate.der().cmp(certificate.der())).is_ok()
    }

    /// Whether this very certificate is distrusted.
    pub(super) fn distrusts(&self, certificate: &Certificate) -> bool {
        self.with_subject(certificate.subject())
            .iter()
            .any(|entry| entry.standing == Standing::Distrusted && entry.certificate == *certificate)
    }
}

fn sort_key(certificate: &Certificate) -> (&[u8], &[u8]) {
    (certificate.subject().comparison_key(), certificate.der())
}

/// Signatures of stored certificates that are known to verify: the digest of the whole signed certificate and
/// that of the key it verifies with. A changed byte in either gives another digest and is not found.
#[derive(Clone, Default)]
pub(super) struct RememberedSignatures(HashSet<(Fingerprint, Fingerprint)>);

impl RememberedSignatures {
    pub(super) fn contains(&self, certificate: &Certificate, issuer: &Certificate) -> bool {
        !self.0.is_empty() && self.0.contains(&(certificate.sha256(), issuer.key_sha256()))
    }

    /// Looks for the key in `index` that signed `certificate`, the likeliest first. No second one is looked for: a
    /// signature is by one key, whatever the number of certificates for it.
    fn look(
        &mut self,
        certificate: &Certificate,
        index: &Index,
        mut is_signed_by: impl FnMut(&Certificate) -> bool,
    ) {
        let issuers = index.with_subject(certificate.issuer());
        let mut issuers: Vec<_> = issuers
            .iter()
            .filter(|issuer| issuer.standing != Standing::Distrusted)
            .map(|issuer| &issuer.certificate)
            .collect();
        issuers.sort_by_cached_key(|issuer| Reverse(building::key_id_agreement(certificate, issuer)));
        for issuer in issuers.into_iter().take(MAX_SIGNATURE_CHECKS) {
            let fact = (certificate.sha256(), issuer.key_sha256());
            if self.0.contains(&fact) || is_signed_by(issuer) {
                self.0.insert(fact);
                return;
            }
        }
    }
}
