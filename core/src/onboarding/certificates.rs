//! Partner certificates: inspect, upload, history.

use super::Onboarding;
use super::call::call;
use crate::Timestamp;
use crate::actor::{ANY_ROLE, Actor, PARTNER_ADMIN};
use crate::certificate::path::PathOptions;
use crate::certificate::upload::{self, UploadFacts};
use crate::certificate::{
    Certificate, CertificateReport, PartnerCertificate, TrustAnchors, UploadedCertificate, Validator,
};
use crate::error::Error;
use crate::id::PartnerCertificateId;
use crate::partner::PartnerId;
use crate::store::StoreError;

impl Onboarding {
    /// Runs every check of an upload and changes nothing. `file` is a certificate file in any form that
    /// [`file`](crate::certificate::file) reads.
    ///
    /// # Errors
    /// [`Error::Partner`] when there is no such partner; [`Error::Forbidden`] without the role PartnerAdmin. What is
    /// wrong with the certificate stands in the report.
    pub fn inspect_certificate(
        &self,
        actor: &Actor,
        partner: &PartnerId,
        file: &[u8],
    ) -> Result<CertificateReport, Error> {
        let call = call!(DEBUG, "inspect_certificate", actor, PARTNER_ADMIN, partner = partner);
        self.answer(call, || {
            let partner = self.existing_partner(partner)?;
            let (_, anchors) = self.anchors(&self.rules.partner_domain)?;
            Ok(self.validator(&anchors).validate(file, partner.organization.as_str(), self.now()))
        })
    }

    /// Uploads a partner's certificate. The first one that is accepted makes the partner active, a later one takes
    /// the place of the current one, the current one again changes nothing.
    ///
    /// # Errors
    /// [`Error::CertificateRejected`] with the whole report when a finding is an error; [`Error::Partner`] when there
    /// is no such partner or it is deactivated; [`Error::Forbidden`] without the role PartnerAdmin.
    pub fn upload_certificate(
        &self,
        actor: &Actor,
        partner: &PartnerId,
        file: &[u8],
    ) -> Result<UploadedCertificate, Error> {
        let call = call!(INFO, "upload_certificate", actor, PARTNER_ADMIN, partner = partner);
        self.command(call, |context| {
            let partner = self.existing_partner(partner)?;
            crate::partner::rules::not_deactivated(&partner)?;
            let (trust_domain, anchors) = self.anchors(&self.rules.partner_domain)?;
            let organization = partner.organization.as_str();
            let examined = self.validator(&anchors).examine(file, organization, context.now);
            let current = match partner.certificate {
                Some(id) => Some(self.existing_certificate(id)?),
                None => None,
            };
            let id = PartnerCertificateId::new(context.now, self.random_id()?);
            upload::upload(id, UploadFacts { partner, current, trust_domain, examined }, context)
        })
    }

    /// Every certificate that a partner ever uploaded, the newest first.
    ///
    /// # Errors
    /// [`Error::Partner`] when there is no such partner; [`Error::Forbidden`] without a role.
    pub fn certificate_history(
        &self,
        actor: &Actor,
        partner: &PartnerId,
    ) -> Result<Vec<PartnerCertificate>, Error> {
        let call = call!(DEBUG, "certificate_history", actor, ANY_ROLE, partner = partner);
        self.answer(call, || {
            self.existing_partner(partner)?;
            Ok(self.store.partner_certificates(partner)?)
        })
    }

    /// Why a stored certificate has no valid path over the loaded trust store any more, if so.
    pub(super) fn path_still_holds(
        &self,
        anchors: &TrustAnchors,
        certificate: &PartnerCertificate,
        now: Timestamp,
    ) -> Result<Result<(), String>, Error> {
        let parsed =
            Certificate::from_der(certificate.der.clone()).map_err(|malformed| StoreError::Corrupt {
                what: format!("partner certificate {}", certificate.id),
                found: malformed.to_string(),
            })?;
        let mut options = PathOptions::with_verifier(now, self.verifier.clone());
        options.profile = self.rules.certificate.profile;
        Ok(anchors.verify(&parsed, &[], &options).map(|_| ()).map_err(|error| error.to_string()))
    }

    fn validator<'a>(&'a self, anchors: &'a TrustAnchors) -> Validator<'a> {
        Validator { anchors, rules: &self.rules.certificate, verifier: &self.verifier }
    }

    fn existing_certificate(&self, id: PartnerCertificateId) -> Result<PartnerCertificate, Error> {
        let corrupt =
            || StoreError::Corrupt { what: format!("partner certificate {id}"), found: "none".into() };
        Ok(self.store.partner_certificate(id)?.ok_or_else(corrupt)?)
    }
}
