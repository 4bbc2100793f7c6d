//! The loaded trust stores: parsed once, their own signatures checked once, until something in them changes.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use super::Onboarding;
use crate::certificate::path::TrustAnchors;
use crate::error::Error;
use crate::id::Version;
use crate::trust_store::{TrustDomain, TrustDomainRecord, rules};

/// The trust stores loaded last, each good while its domain has the same version.
#[derive(Default)]
pub(super) struct AnchorCache(Mutex<HashMap<TrustDomain, (Option<Version>, Arc<TrustAnchors>)>>);

impl Onboarding {
    /// A domain's record and its CA certificates, loaded.
    ///
    /// The record is read first: where a CA certificate is added or distrusted in between, what was loaded passes for
    /// older than it is, and a commit that expects the record's version fails.
    pub(super) fn anchors(
        &self,
        domain: &TrustDomain,
    ) -> Result<(Option<TrustDomainRecord>, Arc<TrustAnchors>), Error> {
        let record = self.store.trust_domain(domain)?;
        let version = record.as_ref().map(|record| record.version);
        let cached = |loaded: &HashMap<_, (Option<Version>, Arc<TrustAnchors>)>| match loaded.get(domain) {
            Some((of, anchors)) if *of == version => Some(anchors.clone()),
            _ => None,
        };
        // Whatever a panic left in the cache is whole: entries are put in as one.
        if let Some(anchors) = cached(&self.anchors.0.lock().unwrap_or_else(PoisonError::into_inner)) {
            return Ok((record, anchors));
        }
        let stored = self.store.ca_certificates(domain)?;
        let anchors = Arc::new(rules::parse_stored(&stored)?.load(&*self.verifier));
        self.anchors
            .0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .insert(domain.clone(), (version, anchors.clone()));
        Ok((record, anchors))
    }
}
