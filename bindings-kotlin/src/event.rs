//! Events.

use std::collections::{BTreeMap, HashMap};

use misp_onboarding::Timestamp;
use misp_onboarding::event::{self as core, EventKind, EventSequence};
use misp_onboarding::id::{ActorId, Version};
use misp_onboarding::partner::PartnerId;
use misp_onboarding::store::RecordId;

use crate::convert::{Mirror, mirror_both_ways, same};

same!(EventKind);

impl Mirror<BTreeMap<String, String>> for HashMap<String, String> {
    fn of(facts: BTreeMap<String, String>) -> Self {
        facts.into_iter().collect()
    }
}

impl Mirror<HashMap<String, String>> for BTreeMap<String, String> {
    fn of(facts: HashMap<String, String>) -> Self {
        facts.into_iter().collect()
    }
}

/// What happened.
#[uniffi::remote(Enum)]
pub enum EventKind {
    /// A CA certificate was uploaded.
    CaCertificateAdded,
    /// A CA certificate is not trusted any more.
    CaCertificateDistrusted,
    /// A partner was created.
    PartnerCreated,
    /// A partner's address, contact number, email or language changed.
    PartnerUpdated,
    /// A partner's policy group was selected.
    PartnerPolicyGroupSelected,
    /// A partner's first certificate was accepted.
    PartnerActivated,
    /// A partner was deactivated.
    PartnerDeactivated,
    /// A partner's certificate was stored.
    PartnerCertificateUploaded,
    /// A partner's certificate was replaced by a later one.
    PartnerCertificateReplaced,
    /// A policy group was created.
    PolicyGroupCreated,
    /// A policy group was deactivated.
    PolicyGroupDeactivated,
    /// A policy was drafted.
    PolicyCreated,
    /// A draft was edited.
    PolicyEdited,
    /// A policy was published.
    PolicyPublished,
    /// A policy was deactivated.
    PolicyDeactivated,
    /// A policy was requested for a partner.
    PolicyLinkRequested,
    /// A policy request was approved.
    PolicyLinkApproved,
    /// A policy request was rejected.
    PolicyLinkRejected,
    /// A license key was made.
    LicenseKeyGenerated,
    /// A license key that was in use before was imported.
    LicenseKeyImported,
    /// A license key was replaced by another.
    LicenseKeyReplaced,
    /// A license key was deactivated.
    LicenseKeyDeactivated,
}

mirror_both_ways! {
    /// A change, before the store gives it its place in the order.
    NewEvent of core::NewEvent {
        /// When.
        at: Timestamp,
        /// Who.
        actor: ActorId,
        /// What.
        kind: EventKind,
        /// The record that changed.
        subject: RecordId,
        /// The record's version after the change.
        version: Version,
        /// The partner it concerns.
        partner: Option<PartnerId>,
        /// The record's state before; none where it was just made.
        old_state: Option<String>,
        /// The record's state after.
        new_state: Option<String>,
        /// Further facts by name: ids, names, comments. Never a secret, never contact data.
        facts: HashMap<String, String>,
    }
}

mirror_both_ways! {
    /// A change that happened.
    Event of core::Event {
        /// Its place in the order.
        sequence: EventSequence,
        /// What happened.
        event: NewEvent,
    }
}
