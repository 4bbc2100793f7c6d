//! Stores written in Kotlin or Java.

mod cause;
mod change;

use std::sync::Arc;

use misp_onboarding::Timestamp;
use misp_onboarding::certificate::{Fingerprint, PartnerCertificate as CorePartnerCertificate};
use misp_onboarding::event::{Event as CoreEvent, EventSequence};
use misp_onboarding::id::{
    CaCertificateId, LicenseKeyId, PartnerCertificateId, PolicyGroupId, PolicyId, PolicyLinkId,
};
use misp_onboarding::license_key::{
    AuthenticationRecord, LicenseKeyDigest, LicenseKeyFilter, LicenseKeyName, LicenseKeyRecord,
    LicenseKeyRow, LicenseKeySort as CoreLicenseKeySort,
};
use misp_onboarding::list::Query;
use misp_onboarding::partner::{
    EmailAddress, Partner, PartnerFilter, PartnerId, PartnerRow, PartnerSort as CorePartnerSort,
};
use misp_onboarding::policy::{
    Policy, PolicyDocument, PolicyFilter, PolicyGroup, PolicyGroupFilter, PolicyGroupName,
    PolicyGroupSort as CorePolicyGroupSort, PolicyName, PolicyPermissions, PolicyRow,
    PolicySort as CorePolicySort,
};
use misp_onboarding::policy_link::{
    PolicyLink, PolicyLinkFilter, PolicyLinkRow, PolicyLinkSort as CorePolicyLinkSort,
};
use misp_onboarding::store::{
    self as core, CertificateRepository, EventRepository, LicenseKeyRepository, PartnerRepository,
    PolicyLinkRepository, PolicyRepository, StoreError as CoreError,
};
use misp_onboarding::trust_store::{
    CaCertificate as CoreCaCertificate, CaCertificateFilter, CaCertificateSort as CoreCaCertificateSort,
    TrustDomain, TrustDomainRecord,
};

pub(crate) use cause::cause_of;
pub use cause::{Cause, ThrownByHost};
pub use change::{Change, ChangeSet, Record, RecordKey};

use crate::certificate::PartnerCertificate;
use crate::convert::{Mirror, mirror_both_ways};
use crate::error::StoreError;
use crate::event::Event;
use crate::license_key::LicenseKeyQuery;
use crate::partner::PartnerQuery;
use crate::policy::{PolicyGroupQuery, PolicyQuery};
use crate::policy_link::PolicyLinkQuery;
use crate::trust_store::{CaCertificate, CaCertificateQuery};

mirror_both_ways! {
    /// How many policies of a group stand in the way of its deactivation.
    PolicyCounts of core::PolicyCounts {
        /// Drafts.
        draft: i64,
        /// Active policies.
        active: i64,
    }
}

mirror_both_ways! {
    /// How many links stand in the way of a policy's deactivation.
    LinkCounts of core::LinkCounts {
        /// Pending links.
        pending: i64,
        /// Approved links.
        approved: i64,
    }
}
macro_rules! store {
    (
        $(#[$doc:meta])*
        $name:ident with $foreign:ident
        $($core:path {
            $($(#[$method_doc:meta])* fn $method:ident($($argument:ident: $given:ty => $handed:ty),*) -> $answer:ty as $core_answer:ty;)+
        })+
    ) => {
        $(#[$doc])*
        #[uniffi::export(with_foreign)]
        pub trait $name: Send + Sync {
            $($($(#[$method_doc])* fn $method(&self, $($argument: $handed),*) -> Result<$answer, StoreError>;)+)+

            /// Applies the changes in their order and appends the events in theirs: all of it, durably, or nothing.
            /// Two commits never interleave: each sees all of the other or none.
            ///
            /// Uniqueness is checked after each single change, so a change set that frees a name may take it
            /// afterwards.
            ///
            /// Throws `Conflict` when a record to update, or one that was expected, is not at the version the change
            /// set names; `Duplicate` when something unique is there already; `MissingReference` when a record names
            /// another one that is not there. In each case nothing was changed. Calling again with the same change
            /// set after a success is a `Duplicate` or a `Conflict`.
            fn commit(&self, changes: ChangeSet) -> Result<(), StoreError>;
        }

        /// The engine's view of a store written in Kotlin.
        pub(crate) struct $foreign(pub(crate) Arc<dyn $name>);

        $(impl $core for $foreign {
            $(fn $method(&self, $($argument: $given),*) -> Result<$core_answer, CoreError> {
                $(let $argument = <$handed as Handed<$given>>::handed($argument)?;)*
                Ok(Mirror::of(self.0.$method($($argument),*)?))
            })+
        })+

        impl core::Store for $foreign {
            fn commit(&self, changes: &core::ChangeSet) -> Result<(), CoreError> {
                Ok(self.0.commit(changes.try_into()?)?)
            }
        }
    };
}

/// An argument of a store's method as it is handed to Kotlin.
trait Handed<Given>: Sized {
    fn handed(given: Given) -> Result<Self, CoreError>;
}

impl<T: Clone> Handed<&T> for T {
    fn handed(given: &T) -> Result<Self, CoreError> {
        Ok(given.clone())
    }
}

macro_rules! handed {
    (as they are: $($name:ty),+; queries: $($query:ty: $filter:ty, $sort:ty;)+) => {
        $(impl Handed<$name> for $name {
            fn handed(given: $name) -> Result<Self, CoreError> {
                Ok(given)
            }
        })+

        $(impl Handed<&Query<$filter, $sort>> for $query {
            fn handed(given: &Query<$filter, $sort>) -> Result<Self, CoreError> {
                given.try_into()
            }
        })+
    };
}
handed! {
    as they are: Timestamp, CaCertificateId, PartnerCertificateId, PolicyGroupId, PolicyId, PolicyLinkId, LicenseKeyId,
        EventSequence;
    queries:
        PartnerQuery: PartnerFilter, CorePartnerSort;
        CaCertificateQuery: CaCertificateFilter, CoreCaCertificateSort;
        PolicyGroupQuery: PolicyGroupFilter, CorePolicyGroupSort;
        PolicyQuery: PolicyFilter, CorePolicySort;
        PolicyLinkQuery: PolicyLinkFilter, CorePolicyLinkSort;
        LicenseKeyQuery: LicenseKeyFilter, CoreLicenseKeySort;
}

impl Handed<u32> for i32 {
    fn handed(given: u32) -> Result<Self, CoreError> {
        Ok(Mirror::of(given))
    }
}

store! {
    /// Everything the engine needs of a store. Implement it for a database that the engine does not know, and hold it
    /// to `StoreConformance`.
    ///
    /// Reads see only what was committed, each method's answer at one instant. They change nothing and may be called
    /// again. Methods are called from any thread, by several at a time. What they throw is a `StoreException`; anything
    /// else counts as `StoreException.Backend` with it as the cause, and comes back to the caller of the engine as the
    /// cause of an `OnboardingException.StoreFailed`.
    ///
    /// Lists answer at most `limit` rows beyond the query's place, in the order of the sort value and then of the id,
    /// both compared byte by byte (text) or by time, and both in the query's direction. Text is case-folded for sorting,
    /// for filters and for what is unique without regard to case: `foldCase` gives that form. With an index for each
    /// sort key, a page costs the same wherever it begins; counting costs time in proportion to what it counts.
    Store with HostStore

    PartnerRepository {
        /// The partner with exactly this id. One lookup.
        fn partner(id: &PartnerId => PartnerId) -> Option<Partner> as Option<Partner>;

        /// The id of the partner whose id equals this one without regard to case. One lookup.
        fn partner_id_like(id: &PartnerId => PartnerId) -> Option<PartnerId> as Option<PartnerId>;

        /// The id of the partner with this email address, without regard to case. One lookup.
        fn partner_id_by_email(email: &EmailAddress => EmailAddress) -> Option<PartnerId> as Option<PartnerId>;

        /// A stretch of the list of partners. A partner without a policy group has the empty name, one without a
        /// certificate the latest instant.
        fn list_partners(query: &Query<PartnerFilter, CorePartnerSort> => PartnerQuery) -> Vec<PartnerRow> as Vec<PartnerRow>;

        /// How many partners the filter lets through at `now`.
        fn count_partners(filter: &PartnerFilter => PartnerFilter, now: Timestamp => Timestamp) -> i64 as u64;
    }

    CertificateRepository {
        /// The record of a trust domain; null while it holds no CA certificate. One lookup.
        fn trust_domain(domain: &TrustDomain => TrustDomain) -> Option<TrustDomainRecord> as Option<TrustDomainRecord>;

        /// Every CA certificate of a domain, distrusted ones too, oldest first (by instant of upload, then id).
        /// In proportion to their number.
        fn ca_certificates(domain: &TrustDomain => TrustDomain) -> Vec<CaCertificate> as Vec<CoreCaCertificate>;

        /// The CA certificate with this id. One lookup.
        fn ca_certificate(id: CaCertificateId => CaCertificateId) -> Option<CaCertificate> as Option<CoreCaCertificate>;

        /// A stretch of the list of CA certificates.
        fn list_ca_certificates(query: &Query<CaCertificateFilter, CoreCaCertificateSort> => CaCertificateQuery) -> Vec<CaCertificate> as Vec<CoreCaCertificate>;

        /// How many CA certificates the filter lets through at `now`.
        fn count_ca_certificates(filter: &CaCertificateFilter => CaCertificateFilter, now: Timestamp => Timestamp) -> i64 as u64;

        /// The partner certificate with this id. One lookup.
        fn partner_certificate(id: PartnerCertificateId => PartnerCertificateId) -> Option<PartnerCertificate> as Option<CorePartnerCertificate>;

        /// Every certificate a partner ever uploaded, newest first (by instant of upload, then id, both descending).
        fn partner_certificates(partner: &PartnerId => PartnerId) -> Vec<PartnerCertificate> as Vec<CorePartnerCertificate>;

        /// The partners whose current certificate was accepted over a path with this CA certificate in this domain, by
        /// id ascending.
        fn partners_relying_on(domain: &TrustDomain => TrustDomain, fingerprint: &Fingerprint => Fingerprint) -> Vec<PartnerId> as Vec<PartnerId>;
    }

    PolicyRepository {
        /// The policy group with this id. One lookup.
        fn policy_group(id: PolicyGroupId => PolicyGroupId) -> Option<PolicyGroup> as Option<PolicyGroup>;

        /// The group with this name, without regard to case. One lookup.
        fn policy_group_named(name: &PolicyGroupName => PolicyGroupName) -> Option<PolicyGroupId> as Option<PolicyGroupId>;

        /// How many draft and active policies a group has.
        fn policy_counts(group: PolicyGroupId => PolicyGroupId) -> PolicyCounts as core::PolicyCounts;

        /// A stretch of the list of policy groups.
        fn list_policy_groups(query: &Query<PolicyGroupFilter, CorePolicyGroupSort> => PolicyGroupQuery) -> Vec<PolicyGroup> as Vec<PolicyGroup>;

        /// How many policy groups the filter lets through.
        fn count_policy_groups(filter: &PolicyGroupFilter => PolicyGroupFilter) -> i64 as u64;

        /// The policy with this id. One lookup.
        fn policy(id: PolicyId => PolicyId) -> Option<Policy> as Option<Policy>;

        /// The group's policy with this name, without regard to case. One lookup.
        fn policy_named(group: PolicyGroupId => PolicyGroupId, name: &PolicyName => PolicyName) -> Option<PolicyId> as Option<PolicyId>;

        /// A stretch of the list of policies.
        fn list_policies(query: &Query<PolicyFilter, CorePolicySort> => PolicyQuery) -> Vec<PolicyRow> as Vec<PolicyRow>;

        /// How many policies the filter lets through.
        fn count_policies(filter: &PolicyFilter => PolicyFilter) -> i64 as u64;
    }

    PolicyLinkRepository {
        /// The policy link with this id. One lookup.
        fn policy_link(id: PolicyLinkId => PolicyLinkId) -> Option<PolicyLink> as Option<PolicyLink>;

        /// The partner's pending or approved link to a policy; there is at most one. One lookup.
        fn open_policy_link(partner: &PartnerId => PartnerId, policy: PolicyId => PolicyId) -> Option<PolicyLink> as Option<PolicyLink>;

        /// Every pending link of a partner, by id ascending.
        fn pending_policy_links(partner: &PartnerId => PartnerId) -> Vec<PolicyLink> as Vec<PolicyLink>;

        /// How many pending and approved links a policy has.
        fn link_counts(policy: PolicyId => PolicyId) -> LinkCounts as core::LinkCounts;

        /// A stretch of the list of policy links.
        fn list_policy_links(query: &Query<PolicyLinkFilter, CorePolicyLinkSort> => PolicyLinkQuery) -> Vec<PolicyLinkRow> as Vec<PolicyLinkRow>;

        /// How many policy links the filter lets through.
        fn count_policy_links(filter: &PolicyLinkFilter => PolicyLinkFilter) -> i64 as u64;
    }

    LicenseKeyRepository {
        /// The license key with this id, as a row of the list. One lookup.
        fn license_key(id: LicenseKeyId => LicenseKeyId) -> Option<LicenseKeyRow> as Option<LicenseKeyRow>;

        /// Everything the verdict on the key with this digest needs. One round trip, one lookup: this is the call of
        /// every request.
        fn find_by_digest(digest: &LicenseKeyDigest => LicenseKeyDigest) -> Option<AuthenticationRecord> as Option<Arc<AuthenticationRecord>>;

        /// The partner's key of this name, without regard to case, that is neither deactivated nor replaced. One
        /// lookup.
        fn live_license_key_named(partner: &PartnerId => PartnerId, name: &LicenseKeyName => LicenseKeyName) -> Option<LicenseKeyId> as Option<LicenseKeyId>;

        /// Every key of a partner that is not deactivated, by id ascending.
        fn license_keys_to_deactivate(partner: &PartnerId => PartnerId) -> Vec<LicenseKeyRecord> as Vec<LicenseKeyRecord>;

        /// A stretch of the list of license keys. A key without a policy has the empty names.
        fn list_license_keys(query: &Query<LicenseKeyFilter, CoreLicenseKeySort> => LicenseKeyQuery) -> Vec<LicenseKeyRow> as Vec<LicenseKeyRow>;

        /// How many license keys the filter lets through at `now`.
        fn count_license_keys(filter: &LicenseKeyFilter => LicenseKeyFilter, now: Timestamp => Timestamp) -> i64 as u64;
    }

    EventRepository {
        /// At most `limit` events after a place, in order, without a gap that a later commit could fill: a reader that
        /// goes on from the last event it got misses none, also while others are committing.
        fn events_after(after: EventSequence => EventSequence, limit: u32 => i32) -> Vec<Event> as Vec<CoreEvent>;
    }
}

impl Mirror<AuthenticationRecord> for Arc<AuthenticationRecord> {
    fn of(record: AuthenticationRecord) -> Self {
        Arc::new(record)
    }
}

/// The form in which two texts that differ only in case are equal: Unicode case folding, then NFC. Stores keep it
/// beside the text itself, for unique constraints, sorting (byte by byte) and substring filters.
#[uniffi::export]
pub fn fold_case(text: String) -> String {
    misp_onboarding::text::fold_case(&text)
}

/// What a policy document allows. Stores keep it beside the document, so that authentication need not read that.
#[uniffi::export]
pub fn permissions_of(document: PolicyDocument) -> PolicyPermissions {
    document.permissions()
}
