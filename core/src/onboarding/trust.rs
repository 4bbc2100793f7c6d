//! The loaded trust stores: parsed once, their own signatures checked once, until something in them changes.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::Onboarding;
use crate::certificate::path::TrustAnchors;
use crate::error::Error;
use crate::id::Version;
use crate::trust_store::{TrustDomain, TrustDomainRecord, rules};

/// The trust stores loaded last, each good while its domain has the same version.
#[derive(Default)]
pub(super) struct AnchorCache(Mutex<HashMap<TrustDomain, Loaded>>);

/// A loaded trust store and the version of its domain that it was loaded for.
struct Loaded {
    version: Version,
    anchors: Arc<TrustAnchors>,
}

impl Onboarding {
    /// A domain's record and its CA certificates, loaded.
    ///
    /// The record is read first: where a CA certificate is added or distrusted in between, what was loaded passes for
    /// older than it is, and a commit that expects the record's version fails.
    pub(super) fn anchors(
        &self,
        domain: &TrustDomain,
    ) -> Result<(Option<TrustDomainRecord>, Arc<TrustAnchors>), Error> {
        let Some(record) = self.store.trust_domain(domain)? else {
            // No record, no CA certificate. Whatever was added since is not looked at: nothing could be expected of it.
            return Ok((None, Arc::new(TrustAnchors::new([], [], []))));
        };
        let version = record.version;
        let loaded = self.loaded().get(domain).map(|loaded| (loaded.version, loaded.anchors.clone()));
        let earlier = match loaded {
            Some((loaded_version, anchors)) if loaded_version == version => {
                return Ok((Some(record), anchors));
            }
            other => other.map(|(_, anchors)| anchors),
        };
        let stored = self.store.ca_certificates(domain)?;
        // That a signature verifies stays true, so only those of new CA certificates are checked.
        let anchors = Arc::new(rules::parse_stored(&stored)?.load(earlier.as_deref(), &*self.verifier));
        self.loaded().insert(domain.clone(), Loaded { version, anchors: anchors.clone() });
        Ok((Some(record), anchors))
    }

    fn loaded(&self) -> MutexGuard<'_, HashMap<TrustDomain, Loaded>> {
        // Whatever a panic left in the cache is whole: entries are put in as one.
        self.anchors.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
