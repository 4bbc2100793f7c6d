//! The trust store: upload, distrust, chain, look up, list.

use super::Onboarding;
use super::call::call;
use crate::actor::{ANY_ROLE, Actor, PARTNER_ADMIN};
use crate::error::{Error, Field, field};
use crate::id::CaCertificateId;
use crate::list::{ListRequest, Page};
use crate::partner::PartnerId;
use crate::text::Comment;
use crate::trust_store::rules::{self, CaFile, DomainFacts};
use crate::trust_store::{
    CaCertificate, CaCertificateFilter, CaCertificateSort, CaChain, CaUploadReport, Distrusted, TrustDomain,
    TrustStoreError,
};

impl Onboarding {
    /// Uploads a file of CA certificates to a trust domain; [`file`](crate::certificate::file) says which forms it
    /// may have. The answer tells what became of each of them; those that are good are added even where others are
    /// not.
    ///
    /// # Errors
    /// [`TrustStoreError`] when the domain is not configured or the file as a whole cannot be read;
    /// [`Error::Forbidden`] without the role PartnerAdmin.
    pub fn upload_ca_certificates(
        &self,
        actor: &Actor,
        domain: &TrustDomain,
        bytes: &[u8],
    ) -> Result<CaUploadReport, Error> {
        let call = call!(INFO, "upload_ca_certificates", actor, PARTNER_ADMIN);
        self.answer(call, || {
            self.known_domain(domain)?;
            let mut file = CaFile::read(bytes, self.verifier.clone())?;
            self.decide(actor, |context| {
                let (record, anchors) = self.anchors(domain)?;
                let stored = self.store.ca_certificates(domain)?;
                let facts = DomainFacts { domain: domain.clone(), record, stored };
                let new_id = || Ok(CaCertificateId::new(context.now, self.random_id()?));
                rules::upload(&mut file, &facts, &anchors, new_id, context)
            })
        })
    }

    /// Distrusts a CA certificate for good: it neither anchors nor links a path any more. `reason`: 1 to 500
    /// characters. The answer lists the partners whose current certificate was accepted over it;
    /// [`partners_relying_on`](Self::partners_relying_on) lists them again.
    ///
    /// # Errors
    /// [`TrustStoreError`] when it does not exist or is distrusted already; [`Error::InvalidInput`] for the reason;
    /// [`Error::Forbidden`] without the role PartnerAdmin.
    pub fn distrust_ca_certificate(
        &self,
        actor: &Actor,
        id: CaCertificateId,
        reason: &str,
    ) -> Result<Distrusted, Error> {
        let call = call!(INFO, "distrust_ca_certificate", actor, PARTNER_ADMIN, ca_certificate = id);
        self.answer(call, || {
            let reason = field(Field::DistrustReason, Comment::parse(reason))?;
            let relying = |ca: &CaCertificate| self.store.partners_relying_on(&ca.domain, &ca.fingerprint);
            let mut relying_before = Vec::new();
            let ca_certificate = self.decide(actor, |context| {
                let ca = self.existing_ca_certificate(id)?;
                relying_before = relying(&ca)?;
                let facts = DomainFacts {
                    record: self.store.trust_domain(&ca.domain)?,
                    domain: ca.domain.clone(),
                    stored: Vec::new(),
                };
                rules::distrust(&ca, &facts, reason.clone(), context)
            })?;
            // Read again after the commit, as from then on no certificate is accepted over it any more. That it is
            // distrusted stands, so a store that fails now must not make it look as if nothing had changed.
            let affected_partners = relying(&ca_certificate).unwrap_or(relying_before);
            Ok(Distrusted { ca_certificate, affected_partners })
        })
    }

    /// The partners whose current certificate was accepted over a CA certificate, by id.
    ///
    /// # Errors
    /// [`TrustStoreError::NotFound`]; [`Error::Forbidden`] without a role.
    pub fn partners_relying_on(&self, actor: &Actor, id: CaCertificateId) -> Result<Vec<PartnerId>, Error> {
        let call = call!(DEBUG, "partners_relying_on", actor, ANY_ROLE, ca_certificate = id);
        self.answer(call, || {
            let ca = self.existing_ca_certificate(id)?;
            Ok(self.store.partners_relying_on(&ca.domain, &ca.fingerprint)?)
        })
    }

    /// Looks a CA certificate up.
    ///
    /// # Errors
    /// [`TrustStoreError::NotFound`]; [`Error::Forbidden`] without a role.
    pub fn ca_certificate(&self, actor: &Actor, id: CaCertificateId) -> Result<CaCertificate, Error> {
        let call = call!(DEBUG, "ca_certificate", actor, ANY_ROLE, ca_certificate = id);
        self.answer(call, || self.existing_ca_certificate(id))
    }

    /// The chain of a stored CA certificate up to its root, distrusted and expired ones included.
    ///
    /// # Errors
    /// [`TrustStoreError::NotFound`]; [`Error::Forbidden`] without a role.
    pub fn ca_chain(&self, actor: &Actor, id: CaCertificateId) -> Result<CaChain, Error> {
        let call = call!(DEBUG, "ca_chain", actor, ANY_ROLE, ca_certificate = id);
        self.answer(call, || {
            let ca = self.existing_ca_certificate(id)?;
            let stored = self.store.ca_certificates(&ca.domain)?;
            Ok(CaChain { certificates: rules::chain(&ca, &stored, &*self.verifier)? })
        })
    }

    /// Lists CA certificates.
    ///
    /// # Errors
    /// [`Error::List`] when the request cannot be answered; [`Error::Forbidden`] without a role.
    pub fn list_ca_certificates(
        &self,
        actor: &Actor,
        request: &ListRequest<CaCertificateFilter, CaCertificateSort>,
    ) -> Result<Page<CaCertificate>, Error> {
        let call = call!(DEBUG, "list_ca_certificates", actor, ANY_ROLE);
        self.answer(call, || {
            self.list(
                request,
                |query| self.store.list_ca_certificates(query),
                |filter, now| self.store.count_ca_certificates(filter, now),
            )
        })
    }

    fn known_domain(&self, domain: &TrustDomain) -> Result<(), TrustStoreError> {
        if self.rules.trust_domains.contains(domain) {
            return Ok(());
        }
        Err(TrustStoreError::UnknownDomain {
            allowed: self.rules.trust_domains.clone(),
            found: domain.clone(),
        })
    }

    fn existing_ca_certificate(&self, id: CaCertificateId) -> Result<CaCertificate, Error> {
        Ok(self.store.ca_certificate(id)?.ok_or(TrustStoreError::NotFound { id })?)
    }
}
