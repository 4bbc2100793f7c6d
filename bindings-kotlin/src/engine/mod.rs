//! The engine: one method for each command and read.

mod opening;

use std::fmt;

use misp_onboarding::event::EventSequence;
use misp_onboarding::id::{CaCertificateId, LicenseKeyId, PolicyGroupId, PolicyId, PolicyLinkId};
use misp_onboarding::list::Cursor;
use misp_onboarding::onboarding as core;
use misp_onboarding::partner::{NewPartner, Partner, PartnerId, PartnerUpdate};
use misp_onboarding::policy::{NewPolicy, NewPolicyGroup, Policy, PolicyGroup, PolicyRow};
use misp_onboarding::policy_link::PolicyLink;
use misp_onboarding::store::Store;
use misp_onboarding::trust_store::TrustDomain;
use misp_onboarding::{Timestamp, license_key};

pub use opening::Clock;

use crate::certificate::{CertificateReport, PartnerCertificate, UploadedCertificate};
use crate::convert::Mirror;
use crate::error::OnboardingError;
use crate::event::Event;
use crate::license_key::{
    GenerateLicenseKey, GeneratedLicenseKey, ImportLicenseKey, LicenseKeyListRequest, LicenseKeyPage,
    LicenseKeyView, RegenerateLicenseKey, Verdict,
};
use crate::list::ExpiringRequest;
use crate::partner::{PartnerListRequest, PartnerPage};
use crate::policy::{PolicyEdit, PolicyGroupListRequest, PolicyGroupPage, PolicyListRequest, PolicyPage};
use crate::policy_link::{PolicyLinkListRequest, PolicyLinkPage};
use crate::rules::{Actor, Rules};
use crate::trust_store::{
    CaCertificate, CaCertificateListRequest, CaCertificatePage, CaChain, CaUploadReport, Distrusted,
};

type Answer<T> = Result<T, OnboardingError>;

/// The engine on one store. Share it between threads, and close it when it is not needed any more.
///
/// Calls block. Each command takes the actor who gives it, as the host authenticated them; a call that throws has
/// changed nothing.
#[derive(uniffi::Object)]
#[uniffi::export(Display)]
pub struct Onboarding(core::Onboarding);

impl Onboarding {
    pub(crate) fn store(&self) -> &dyn Store {
        self.0.store()
    }

    pub(crate) fn verdict(&self, presented: &str, at: Option<Timestamp>) -> Answer<Verdict> {
        Ok(Mirror::of(match at {
            None => self.0.authenticate(presented)?,
            Some(at) => self.0.authenticate_at(presented, at)?,
        }))
    }

    pub(crate) fn inspect(
        &self,
        actor: Actor,
        partner: &PartnerId,
        file: &[u8],
    ) -> Answer<misp_onboarding::certificate::CertificateReport> {
        Ok(self.0.inspect_certificate(&actor.into(), partner, file)?)
    }
}

/// The configuration and how keys are hashed, never a secret.
impl fmt::Display for Onboarding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.0)
    }
}

#[uniffi::export]
impl Onboarding {
    /// The configuration, defaults filled in.
    pub fn rules(&self) -> Rules {
        self.0.rules().into()
    }

    /// Uploads a file of CA certificates to a trust domain, usually `AUTH`: PEM, DER, base64 of DER or PKCS#7. The
    /// answer tells what became of each of them; those that are good are added even where others are not.
    pub fn upload_ca_certificates(
        &self,
        actor: Actor,
        domain: TrustDomain,
        file: Vec<u8>,
    ) -> Answer<CaUploadReport> {
        Ok(Mirror::of(self.0.upload_ca_certificates(&actor.into(), &domain, &file)?))
    }

    /// Distrusts a CA certificate for good: it neither anchors nor links a path any more. `reason`: 1 to 500
    /// characters. The answer lists the partners whose current certificate was accepted over it.
    pub fn distrust_ca_certificate(
        &self,
        actor: Actor,
        id: CaCertificateId,
        reason: String,
    ) -> Answer<Distrusted> {
        Ok(Mirror::of(self.0.distrust_ca_certificate(&actor.into(), id, &reason)?))
    }

    /// The partners whose current certificate was accepted over a CA certificate, by id.
    pub fn partners_relying_on(&self, actor: Actor, id: CaCertificateId) -> Answer<Vec<PartnerId>> {
        Ok(self.0.partners_relying_on(&actor.into(), id)?)
    }

    /// Looks a CA certificate up.
    pub fn ca_certificate(&self, actor: Actor, id: CaCertificateId) -> Answer<CaCertificate> {
        Ok(Mirror::of(self.0.ca_certificate(&actor.into(), id)?))
    }

    /// The chain of a stored CA certificate up to its root, distrusted and expired ones included.
    pub fn ca_chain(&self, actor: Actor, id: CaCertificateId) -> Answer<CaChain> {
        Ok(Mirror::of(self.0.ca_chain(&actor.into(), id)?))
    }

    /// Lists CA certificates.
    #[uniffi::method(default(request))]
    pub fn list_ca_certificates(
        &self,
        actor: Actor,
        request: CaCertificateListRequest,
    ) -> Answer<CaCertificatePage> {
        Ok(Mirror::of(self.0.list_ca_certificates(&actor.into(), &request.into())?))
    }

    /// Creates a MISP partner. It is inactive until its first certificate is accepted.
    pub fn create_partner(&self, actor: Actor, new: NewPartner) -> Answer<Partner> {
        Ok(self.0.create_partner(&actor.into(), &new)?)
    }

    /// Changes address, contact number, email address or language of a partner that is not deactivated.
    pub fn update_partner(&self, actor: Actor, id: PartnerId, update: PartnerUpdate) -> Answer<Partner> {
        Ok(self.0.update_partner(&actor.into(), &id, &update)?)
    }

    /// Selects the partner's policy group: once, never changed again.
    pub fn select_policy_group(&self, actor: Actor, id: PartnerId, group: PolicyGroupId) -> Answer<Partner> {
        Ok(self.0.select_policy_group(&actor.into(), &id, group)?)
    }

    /// Deactivates a partner for good, and with it, in the same change, each of its license keys and pending policy
    /// requests.
    pub fn deactivate_partner(&self, actor: Actor, id: PartnerId) -> Answer<Partner> {
        Ok(self.0.deactivate_partner(&actor.into(), &id)?)
    }

    /// Looks a partner up by its exact id.
    pub fn partner(&self, actor: Actor, id: PartnerId) -> Answer<Partner> {
        Ok(self.0.partner(&actor.into(), &id)?)
    }

    /// Lists partners.
    #[uniffi::method(default(request))]
    pub fn list_partners(&self, actor: Actor, request: PartnerListRequest) -> Answer<PartnerPage> {
        Ok(Mirror::of(self.0.list_partners(&actor.into(), &request.into())?))
    }

    /// Runs every check of an upload and changes nothing. `file`: PEM, DER, base64 of DER or PKCS#7. What is wrong
    /// with the certificate stands in the report.
    pub fn inspect_certificate(
        &self,
        actor: Actor,
        partner: PartnerId,
        file: Vec<u8>,
    ) -> Answer<CertificateReport> {
        Ok(Mirror::of(self.inspect(actor, &partner, &file)?))
    }

    /// Uploads a partner's certificate. The first one that is accepted makes the partner active, a later one takes
    /// the place of the current one, the current one again changes nothing.
    pub fn upload_certificate(
        &self,
        actor: Actor,
        partner: PartnerId,
        file: Vec<u8>,
    ) -> Answer<UploadedCertificate> {
        Ok(Mirror::of(self.0.upload_certificate(&actor.into(), &partner, &file)?))
    }

    /// Every certificate that a partner ever uploaded, the newest first.
    pub fn certificate_history(&self, actor: Actor, partner: PartnerId) -> Answer<Vec<PartnerCertificate>> {
        Ok(Mirror::of(self.0.certificate_history(&actor.into(), &partner)?))
    }

    /// Creates a policy group. It is active at once.
    pub fn create_policy_group(&self, actor: Actor, new: NewPolicyGroup) -> Answer<PolicyGroup> {
        Ok(self.0.create_policy_group(&actor.into(), &new)?)
    }

    /// Deactivates a policy group that has no draft or active policies. Final.
    pub fn deactivate_policy_group(&self, actor: Actor, id: PolicyGroupId) -> Answer<PolicyGroup> {
        Ok(self.0.deactivate_policy_group(&actor.into(), id)?)
    }

    /// Looks a policy group up.
    pub fn policy_group(&self, actor: Actor, id: PolicyGroupId) -> Answer<PolicyGroup> {
        Ok(self.0.policy_group(&actor.into(), id)?)
    }

    /// Lists policy groups.
    #[uniffi::method(default(request))]
    pub fn list_policy_groups(
        &self,
        actor: Actor,
        request: PolicyGroupListRequest,
    ) -> Answer<PolicyGroupPage> {
        Ok(Mirror::of(self.0.list_policy_groups(&actor.into(), &request.into())?))
    }

    /// Drafts a MISP policy in an active group.
    pub fn create_policy(&self, actor: Actor, new: NewPolicy) -> Answer<Policy> {
        Ok(self.0.create_policy(&actor.into(), &new)?)
    }

    /// Edits a draft.
    pub fn edit_policy(&self, actor: Actor, id: PolicyId, edit: PolicyEdit) -> Answer<Policy> {
        Ok(self.0.edit_policy(&actor.into(), id, &edit.into())?)
    }

    /// Publishes a draft: it is active, and immutable, from then on.
    pub fn publish_policy(&self, actor: Actor, id: PolicyId) -> Answer<Policy> {
        Ok(self.0.publish_policy(&actor.into(), id)?)
    }

    /// Deactivates an active policy that no link needs. Final.
    pub fn deactivate_policy(&self, actor: Actor, id: PolicyId) -> Answer<Policy> {
        Ok(self.0.deactivate_policy(&actor.into(), id)?)
    }

    /// Looks a policy up.
    pub fn policy(&self, actor: Actor, id: PolicyId) -> Answer<Policy> {
        Ok(self.0.policy(&actor.into(), id)?)
    }

    /// Lists policies.
    #[uniffi::method(default(request))]
    pub fn list_policies(&self, actor: Actor, request: PolicyListRequest) -> Answer<PolicyPage> {
        Ok(Mirror::of(self.0.list_policies(&actor.into(), &request.into())?))
    }

    /// Requests a policy of the partner's policy group for a partner. `comment` says why: 1 to 500 characters.
    pub fn request_policy(
        &self,
        actor: Actor,
        partner: PartnerId,
        policy: PolicyId,
        comment: String,
    ) -> Answer<PolicyLink> {
        Ok(self.0.request_policy(&actor.into(), &partner, policy, &comment)?)
    }

    /// Approves a pending link; partner, policy and group are checked again.
    #[uniffi::method(default(comment = None))]
    pub fn approve_policy_link(
        &self,
        actor: Actor,
        id: PolicyLinkId,
        comment: Option<String>,
    ) -> Answer<PolicyLink> {
        Ok(self.0.approve_policy_link(&actor.into(), id, comment.as_deref())?)
    }

    /// Rejects a pending link, whatever has become of partner, policy and group.
    #[uniffi::method(default(comment = None))]
    pub fn reject_policy_link(
        &self,
        actor: Actor,
        id: PolicyLinkId,
        comment: Option<String>,
    ) -> Answer<PolicyLink> {
        Ok(self.0.reject_policy_link(&actor.into(), id, comment.as_deref())?)
    }

    /// Looks a policy link up.
    pub fn policy_link(&self, actor: Actor, id: PolicyLinkId) -> Answer<PolicyLink> {
        Ok(self.0.policy_link(&actor.into(), id)?)
    }

    /// Lists policy links. A partner's approved links are its policies.
    #[uniffi::method(default(request))]
    pub fn list_policy_links(&self, actor: Actor, request: PolicyLinkListRequest) -> Answer<PolicyLinkPage> {
        Ok(Mirror::of(self.0.list_policy_links(&actor.into(), &request.into())?))
    }

    /// Generates a license key for an active partner with a valid certificate.
    pub fn generate_license_key(
        &self,
        actor: Actor,
        command: GenerateLicenseKey,
    ) -> Answer<GeneratedLicenseKey> {
        Ok(Mirror::of(self.0.generate_license_key(&actor.into(), &Mirror::of(command))?))
    }

    /// Makes a license key in place of an active or expired one, for the same partner and policy. The old key ends
    /// at once, or after the overlap asked for.
    #[uniffi::method(default(command))]
    pub fn regenerate_license_key(
        &self,
        actor: Actor,
        id: LicenseKeyId,
        command: RegenerateLicenseKey,
    ) -> Answer<GeneratedLicenseKey> {
        Ok(Mirror::of(self.0.regenerate_license_key(&actor.into(), id, &Mirror::of(command))?))
    }

    /// Deactivates a license key for good.
    pub fn deactivate_license_key(&self, actor: Actor, id: LicenseKeyId) -> Answer<LicenseKeyView> {
        Ok(Mirror::of(self.0.deactivate_license_key(&actor.into(), id)?))
    }

    /// Imports keys that are in use already, at most 100,000, all or none. Their ids ascend in the order handed in.
    pub fn import_license_keys(
        &self,
        actor: Actor,
        keys: Vec<ImportLicenseKey>,
    ) -> Answer<Vec<LicenseKeyView>> {
        let keys: Vec<license_key::ImportLicenseKey> =
            keys.into_iter().map(TryInto::try_into).collect::<Result<_, _>>()?;
        Ok(Mirror::of(self.0.import_license_keys(&actor.into(), &keys)?))
    }

    /// Looks a license key's record up. The key itself is masked.
    pub fn license_key(&self, actor: Actor, id: LicenseKeyId) -> Answer<LicenseKeyView> {
        Ok(Mirror::of(self.0.license_key(&actor.into(), id)?))
    }

    /// Lists license keys, each masked, with what is allowed on it now.
    #[uniffi::method(default(request))]
    pub fn list_license_keys(&self, actor: Actor, request: LicenseKeyListRequest) -> Answer<LicenseKeyPage> {
        Ok(Mirror::of(self.0.list_license_keys(&actor.into(), &request.into())?))
    }

    /// The partners that a license key can be generated for, as far as partner and certificate dates tell: active,
    /// with a certificate that has not ended. By id ascending.
    #[uniffi::method(default(page_size = 8, after = None))]
    pub fn partners_for_license_key(
        &self,
        actor: Actor,
        page_size: i32,
        after: Option<Cursor>,
    ) -> Answer<PartnerPage> {
        Ok(Mirror::of(self.0.partners_for_license_key(&actor.into(), Mirror::of(page_size), after)?))
    }

    /// The policies that a license key of a partner can name: approved for it and usable now. By name ascending.
    pub fn policies_for_license_key(&self, actor: Actor, partner: PartnerId) -> Answer<Vec<PolicyRow>> {
        Ok(self.0.policies_for_license_key(&actor.into(), &partner)?)
    }

    /// Whose key this is, whether it is good right now, and what it allows. Throws only where the store fails.
    pub fn authenticate(&self, presented: String) -> Answer<Verdict> {
        self.verdict(&presented, None)
    }

    /// Whose key this is, whether it is good at an instant, and what it allows, as the store stands now. Text that
    /// is no license key never reaches the store. Throws only where the store fails.
    pub fn authenticate_at(&self, presented: String, at: Timestamp) -> Answer<Verdict> {
        self.verdict(&presented, Some(at))
    }

    /// The trusted CA certificates that end within the window, soonest first.
    #[uniffi::method(default(request))]
    pub fn expiring_ca_certificates(
        &self,
        actor: Actor,
        request: ExpiringRequest,
    ) -> Answer<CaCertificatePage> {
        Ok(Mirror::of(self.0.expiring_ca_certificates(&actor.into(), &request.into())?))
    }

    /// The active partners whose current certificate ends within the window, soonest first.
    #[uniffi::method(default(request))]
    pub fn expiring_partner_certificates(
        &self,
        actor: Actor,
        request: ExpiringRequest,
    ) -> Answer<PartnerPage> {
        Ok(Mirror::of(self.0.expiring_partner_certificates(&actor.into(), &request.into())?))
    }

    /// The active license keys that end within the window, soonest first.
    #[uniffi::method(default(request))]
    pub fn expiring_license_keys(&self, actor: Actor, request: ExpiringRequest) -> Answer<LicenseKeyPage> {
        Ok(Mirror::of(self.0.expiring_license_keys(&actor.into(), &request.into())?))
    }

    /// The events after a place, in order, at most `limit` and at most 1000. Reading on from the last one's
    /// `sequence` misses none, also while others are committing.
    #[uniffi::method(default(after = 0, limit = 1000))]
    pub fn events(&self, actor: Actor, after: EventSequence, limit: i32) -> Answer<Vec<Event>> {
        Ok(Mirror::of(self.0.events(&actor.into(), after, Mirror::of(limit))?))
    }
}
