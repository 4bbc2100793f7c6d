//! Events: what changed, in the order in which it did.

use std::collections::BTreeMap;
use std::fmt;

use crate::Timestamp;
use crate::id::{ActorId, Version};
use crate::partner::PartnerId;
use crate::state::state_enum;
use crate::store::RecordId;

/// A place in the order of events; 0 is before the first one.
///
/// Hand the last event's number to [`EventRepository::events_after`](crate::store::EventRepository::events_after)
/// to read on; no event is ever added at or before a number that was handed out.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize,
)]
pub struct EventSequence(u64);

impl EventSequence {
    /// Before the first event.
    pub const START: Self = Self(0);

    /// The place with this number.
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// The number.
    pub const fn number(self) -> u64 {
        self.0
    }
}

impl fmt::Display for EventSequence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

state_enum!(
    /// What happened.
    EventKind {
        /// A CA certificate was uploaded.
        CaCertificateAdded = "ca_certificate.added",
        /// A CA certificate is not trusted any more.
        CaCertificateDistrusted = "ca_certificate.distrusted",
        /// A partner was created.
        PartnerCreated = "partner.created",
        /// A partner's address, contact number, email or language changed.
        PartnerUpdated = "partner.updated",
        /// A partner's policy group was selected.
        PartnerPolicyGroupSelected = "partner.policy_group_selected",
        /// A partner's first certificate was accepted.
        PartnerActivated = "partner.activated",
        /// A partner was deactivated.
        PartnerDeactivated = "partner.deactivated",
        /// A partner's certificate was stored.
        PartnerCertificateUploaded = "partner_certificate.uploaded",
        /// A partner's certificate was replaced by a later one.
        PartnerCertificateReplaced = "partner_certificate.replaced",
        /// A policy group was created.
        PolicyGroupCreated = "policy_group.created",
        /// A policy group was deactivated.
        PolicyGroupDeactivated = "policy_group.deactivated",
        /// A policy was drafted.
        PolicyCreated = "policy.created",
        /// A draft was edited.
        PolicyEdited = "policy.edited",
        /// A policy was published.
        PolicyPublished = "policy.published",
        /// A policy was deactivated.
        PolicyDeactivated = "policy.deactivated",
        /// A policy was requested for a partner.
        PolicyLinkRequested = "policy_link.requested",
        /// A policy request was approved.
        PolicyLinkApproved = "policy_link.approved",
        /// A policy request was rejected.
        PolicyLinkRejected = "policy_link.rejected",
        /// A license key was made.
        LicenseKeyGenerated = "license_key.generated",
        /// A license key that was in use before was imported.
        LicenseKeyImported = "license_key.imported",
        /// A license key was replaced by another.
        LicenseKeyReplaced = "license_key.replaced",
        /// A license key was deactivated.
        LicenseKeyDeactivated = "license_key.deactivated",
    }
);

/// A change, before the store gives it its place in the order.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewEvent {
    /// When.
    pub at: Timestamp,
    /// Who.
    pub actor: ActorId,
    /// What.
    pub kind: EventKind,
    /// The record that changed.
    pub subject: RecordId,
    /// The record's version after the change.
    pub version: Version,
    /// The partner it concerns.
    pub partner: Option<PartnerId>,
    /// The record's state before; none where it was just made.
    pub old_state: Option<String>,
    /// The record's state after.
    pub new_state: Option<String>,
    /// Further facts by name: ids, names, comments. Never a secret, never contact data.
    pub facts: BTreeMap<String, String>,
}

/// A change that happened.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Event {
    /// Its place in the order.
    pub sequence: EventSequence,
    /// What happened.
    pub event: NewEvent,
}
