//! The traits a store implements: one per noun, and [`Store`], which is all of them and `commit`.
//!
//! Reads see only what was committed, each method's answer at one instant. They change nothing and may be called
//! again. A read may fail with [`StoreError::Unavailable`], [`StoreError::Corrupt`] or [`StoreError::Backend`].
//!
//! Lists answer at most `limit` rows beyond the query's place, in the order of the sort value and then of the id,
//! both compared byte by byte (text) or by time, and both in the query's direction. What value a row has is defined
//! by its [`ListRow`](crate::list::ListRow) implementation, which is the same for every store. With an index for
//! each sort key, a page costs the same wherever it begins; counting costs time in proportion to what it counts.
#![allow(clippy::missing_errors_doc, reason = "what every read may fail with stands above, once")]

use std::sync::Arc;

use super::{ChangeSet, StoreError};
use crate::Timestamp;
use crate::certificate::{Fingerprint, PartnerCertificate};
use crate::event::{Event, EventSequence};
use crate::id::{CaCertificateId, LicenseKeyId, PartnerCertificateId, PolicyGroupId, PolicyId, PolicyLinkId};
use crate::license_key::{
    AuthenticationFacts, AuthenticationRecord, LicenseKeyDigest, LicenseKeyFilter, LicenseKeyName,
    LicenseKeyRecord, LicenseKeyRow, LicenseKeySort,
};
use crate::list::Query;
use crate::partner::{EmailAddress, Partner, PartnerFilter, PartnerId, PartnerRow, PartnerSort};
use crate::policy::{
    Policy, PolicyFilter, PolicyGroup, PolicyGroupFilter, PolicyGroupName, PolicyGroupSort, PolicyName,
    PolicyRow, PolicySort,
};
use crate::policy_link::{PolicyLink, PolicyLinkFilter, PolicyLinkRow, PolicyLinkSort};
use crate::trust_store::{
    CaCertificate, CaCertificateFilter, CaCertificateSort, TrustDomain, TrustDomainRecord,
};

/// Reads of partners.
pub trait PartnerRepository: Send + Sync {
    /// The partner with exactly this id. One lookup.
    fn partner(&self, id: &PartnerId) -> Result<Option<Partner>, StoreError>;

    /// The id of the partner whose id equals this one without regard to case. One lookup.
    fn partner_id_like(&self, id: &PartnerId) -> Result<Option<PartnerId>, StoreError>;

    /// The id of the partner with this email address, without regard to case. One lookup.
    fn partner_id_by_email(&self, email: &EmailAddress) -> Result<Option<PartnerId>, StoreError>;

    /// A stretch of the list of partners.
    fn list_partners(&self, query: &Query<PartnerFilter, PartnerSort>)
    -> Result<Vec<PartnerRow>, StoreError>;

    /// How many partners the filter lets through at `now`.
    fn count_partners(&self, filter: &PartnerFilter, now: Timestamp) -> Result<u64, StoreError>;
}

/// Reads of CA certificates and partner certificates.
pub trait CertificateRepository: Send + Sync {
    /// The record of a trust domain; none while it holds no CA certificate. One lookup.
    fn trust_domain(&self, domain: &TrustDomain) -> Result<Option<TrustDomainRecord>, StoreError>;

    /// Every CA certificate of a domain, distrusted ones too, oldest first (by instant of upload, then id).
    /// In proportion to their number.
    fn ca_certificates(&self, domain: &TrustDomain) -> Result<Vec<CaCertificate>, StoreError>;

    /// The CA certificate with this id. One lookup.
    fn ca_certificate(&self, id: CaCertificateId) -> Result<Option<CaCertificate>, StoreError>;

    /// A stretch of the list of CA certificates.
    fn list_ca_certificates(
        &self,
        query: &Query<CaCertificateFilter, CaCertificateSort>,
    ) -> Result<Vec<CaCertificate>, StoreError>;

    /// How many CA certificates the filter lets through at `now`.
    fn count_ca_certificates(&self, filter: &CaCertificateFilter, now: Timestamp) -> Result<u64, StoreError>;

    /// The partner certificate with this id. One lookup.
    fn partner_certificate(&self, id: PartnerCertificateId)
    -> Result<Option<PartnerCertificate>, StoreError>;

    /// Every certificate a partner ever uploaded, newest first (by instant of upload, then id, both descending).
    fn partner_certificates(&self, partner: &PartnerId) -> Result<Vec<PartnerCertificate>, StoreError>;

    /// The partners whose current certificate was accepted over a path with this CA certificate in this domain, by
    /// id ascending.
    fn partners_relying_on(
        &self,
        domain: &TrustDomain,
        fingerprint: &Fingerprint,
    ) -> Result<Vec<PartnerId>, StoreError>;
}

/// How many policies of a group stand in the way of its deactivation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyCounts {
    /// Drafts.
    pub draft: u64,
    /// Active policies.
    pub active: u64,
}

/// Reads of policy groups and policies.
pub trait PolicyRepository: Send + Sync {
    /// The policy group with this id. One lookup.
    fn policy_group(&self, id: PolicyGroupId) -> Result<Option<PolicyGroup>, StoreError>;

    /// The group with this name, without regard to case. One lookup.
    fn policy_group_named(&self, name: &PolicyGroupName) -> Result<Option<PolicyGroupId>, StoreError>;

    /// How many draft and active policies a group has.
    fn policy_counts(&self, group: PolicyGroupId) -> Result<PolicyCounts, StoreError>;

    /// A stretch of the list of policy groups.
    fn list_policy_groups(
        &self,
        query: &Query<PolicyGroupFilter, PolicyGroupSort>,
    ) -> Result<Vec<PolicyGroup>, StoreError>;

    /// How many policy groups the filter lets through.
    fn count_policy_groups(&self, filter: &PolicyGroupFilter) -> Result<u64, StoreError>;

    /// The policy with this id. One lookup.
    fn policy(&self, id: PolicyId) -> Result<Option<Policy>, StoreError>;

    /// The group's policy with this name, without regard to case. One lookup.
    fn policy_named(&self, group: PolicyGroupId, name: &PolicyName) -> Result<Option<PolicyId>, StoreError>;

    /// A stretch of the list of policies.
    fn list_policies(&self, query: &Query<PolicyFilter, PolicySort>) -> Result<Vec<PolicyRow>, StoreError>;

    /// How many policies the filter lets through.
    fn count_policies(&self, filter: &PolicyFilter) -> Result<u64, StoreError>;
}

/// How many links stand in the way of a policy's deactivation.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LinkCounts {
    /// Pending links.
    pub pending: u64,
    /// Approved links.
    pub approved: u64,
}

/// Reads of policy links.
pub trait PolicyLinkRepository: Send + Sync {
    /// The policy link with this id. One lookup.
    fn policy_link(&self, id: PolicyLinkId) -> Result<Option<PolicyLink>, StoreError>;

    /// The partner's pending or approved link to a policy; there is at most one. One lookup.
    fn open_policy_link(
        &self,
        partner: &PartnerId,
        policy: PolicyId,
    ) -> Result<Option<PolicyLink>, StoreError>;

    /// Every pending link of a partner, by id ascending.
    fn pending_policy_links(&self, partner: &PartnerId) -> Result<Vec<PolicyLink>, StoreError>;

    /// How many pending and approved links a policy has.
    fn link_counts(&self, policy: PolicyId) -> Result<LinkCounts, StoreError>;

    /// A stretch of the list of policy links.
    fn list_policy_links(
        &self,
        query: &Query<PolicyLinkFilter, PolicyLinkSort>,
    ) -> Result<Vec<PolicyLinkRow>, StoreError>;

    /// How many policy links the filter lets through.
    fn count_policy_links(&self, filter: &PolicyLinkFilter) -> Result<u64, StoreError>;
}

/// Reads of license keys.
pub trait LicenseKeyRepository: Send + Sync {
    /// The license key with this id, as a row of the list. One lookup.
    fn license_key(&self, id: LicenseKeyId) -> Result<Option<LicenseKeyRow>, StoreError>;

    /// Everything the verdict on the key with this digest needs. One round trip, one lookup: this is the call of
    /// every request.
    fn find_by_digest(
        &self,
        digest: &LicenseKeyDigest,
    ) -> Result<Option<Arc<AuthenticationRecord>>, StoreError>;

    /// Shows `see` what [`find_by_digest`](Self::find_by_digest) finds: once, also where that is nothing, and not at all
    /// where the store fails. What authentication calls. A store that has everything at hand lends it, rather than to
    /// put a record together for a caller who is done with it at once; any other leaves the method as it is. `see`
    /// returns soon and does not call the store.
    fn show_by_digest(
        &self,
        digest: &LicenseKeyDigest,
        see: &mut dyn FnMut(Option<&AuthenticationFacts<'_>>),
    ) -> Result<(), StoreError> {
        see(self.find_by_digest(digest)?.as_deref().map(AuthenticationRecord::facts).as_ref());
        Ok(())
    }

    /// The partner's key of this name, without regard to case, that is neither deactivated nor replaced. One lookup.
    fn live_license_key_named(
        &self,
        partner: &PartnerId,
        name: &LicenseKeyName,
    ) -> Result<Option<LicenseKeyId>, StoreError>;

    /// Every key of a partner that is not deactivated, by id ascending.
    fn license_keys_to_deactivate(&self, partner: &PartnerId) -> Result<Vec<LicenseKeyRecord>, StoreError>;

    /// A stretch of the list of license keys.
    fn list_license_keys(
        &self,
        query: &Query<LicenseKeyFilter, LicenseKeySort>,
    ) -> Result<Vec<LicenseKeyRow>, StoreError>;

    /// How many license keys the filter lets through at `now`.
    fn count_license_keys(&self, filter: &LicenseKeyFilter, now: Timestamp) -> Result<u64, StoreError>;
}

/// Reads of events.
pub trait EventRepository: Send + Sync {
    /// At most `limit` events after a place, in order, without a gap that a later commit could fill: a reader that
    /// goes on from the last event it got misses none, also while others are committing.
    fn events_after(&self, after: EventSequence, limit: u32) -> Result<Vec<Event>, StoreError>;
}

/// Everything the engine needs of a store.
pub trait Store:
    PartnerRepository
    + CertificateRepository
    + PolicyRepository
    + PolicyLinkRepository
    + LicenseKeyRepository
    + EventRepository
{
    /// Applies the changes in their order and appends the events in theirs: all of it, durably, or nothing. Two
    /// commits never interleave: each sees all of the other or none.
    ///
    /// Uniqueness is checked after each single change, so a change set that frees a name may take it afterwards.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] when a record to update, or one that was expected, is not at the version the change
    /// set names; [`StoreError::Duplicate`] when something unique is there already;
    /// [`StoreError::MissingReference`] when a record names another one that is not there. In each case nothing was
    /// changed. Calling again with the same change set after a success is a `Duplicate` or a `Conflict`.
    fn commit(&self, changes: &ChangeSet) -> Result<(), StoreError>;
}
