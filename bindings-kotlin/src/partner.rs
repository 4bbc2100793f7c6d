//! Partners.

use misp_onboarding::certificate::CertificateStatus;
use misp_onboarding::id::{ActorId, PartnerCertificateId, PolicyGroupId, Version};
use misp_onboarding::list::TimeRange;
use misp_onboarding::partner::{
    Address, ContactNumber, EmailAddress, Language, NewPartner, OrganizationName, Partner, PartnerFilter,
    PartnerId, PartnerRow, PartnerState, PartnerUpdate,
};
use misp_onboarding::policy::PolicyGroupName;
use misp_onboarding::text::Substring;
use misp_onboarding::{Timestamp, partner as core};

use crate::convert::same;
use crate::list::list;

/// Where a partner stands: `Inactive` until its first certificate is accepted, then `Active`; `Deactivated` is
/// final.
#[uniffi::remote(Enum)]
pub enum PartnerState {
    /// Created, no certificate yet.
    Inactive,
    /// Its certificate was accepted.
    Active,
    /// Can do nothing any more; final.
    Deactivated,
}

/// A partner to create, as it was typed.
#[uniffi::remote(Record)]
pub struct NewPartner {
    /// See `PartnerId`.
    pub id: String,
    /// See `OrganizationName`.
    pub organization: String,
    /// See `Address`.
    pub address: String,
    /// See `ContactNumber`.
    pub contact_number: String,
    /// See `EmailAddress`.
    pub email: String,
    /// One of the configured languages; none: the first of them.
    #[uniffi(default = None)]
    pub language: Option<String>,
    /// An active policy group; it can also be selected later, once.
    #[uniffi(default = None)]
    pub policy_group: Option<PolicyGroupId>,
}

/// What of a partner is to change; what is not set stays.
#[uniffi::remote(Record)]
pub struct PartnerUpdate {
    /// See `Address`.
    #[uniffi(default = None)]
    pub address: Option<String>,
    /// See `ContactNumber`.
    #[uniffi(default = None)]
    pub contact_number: Option<String>,
    /// See `EmailAddress`.
    #[uniffi(default = None)]
    pub email: Option<String>,
    /// One of the configured languages.
    #[uniffi(default = None)]
    pub language: Option<String>,
}

/// A partner, as stores keep it. The type is always MISP.
#[uniffi::remote(Record)]
pub struct Partner {
    /// The id, chosen by the Partner Admin.
    pub id: PartnerId,
    /// The organization, as the certificate's subject must name it; never changes.
    pub organization: OrganizationName,
    /// The postal address.
    pub address: Address,
    /// The telephone number.
    pub contact_number: ContactNumber,
    /// The email address.
    pub email: EmailAddress,
    /// The language for messages to the partner.
    pub language: Language,
    /// The policy group, selected once.
    pub policy_group: Option<PolicyGroupId>,
    /// Where the partner stands.
    pub state: PartnerState,
    /// The current certificate.
    pub certificate: Option<PartnerCertificateId>,
    /// When the partner was created.
    pub created_at: Timestamp,
    /// Who created it.
    pub created_by: ActorId,
    /// When it, or anything of it, last changed.
    pub updated_at: Timestamp,
    /// Who changed it last.
    pub updated_by: ActorId,
    /// Moves with every change of the partner or of anything that is the partner's: certificate, links, keys.
    pub version: Version,
}

/// A partner in a list.
#[uniffi::remote(Record)]
pub struct PartnerRow {
    /// The partner.
    pub partner: Partner,
    /// The name of its policy group.
    pub policy_group_name: Option<PolicyGroupName>,
    /// The last instant at which its current certificate is valid.
    pub certificate_ends: Option<Timestamp>,
}

/// Which partners a list shows; what is not set lets every partner through.
#[uniffi::remote(Record)]
pub struct PartnerFilter {
    /// The id, exactly.
    #[uniffi(default = None)]
    pub id: Option<PartnerId>,
    /// Part of the organization's name.
    #[uniffi(default = None)]
    pub organization: Option<Substring>,
    /// The email address, without regard to case.
    #[uniffi(default = None)]
    pub email: Option<EmailAddress>,
    /// The policy group.
    #[uniffi(default = None)]
    pub policy_group: Option<PolicyGroupId>,
    /// Part of the policy group's name.
    #[uniffi(default = None)]
    pub policy_group_name: Option<Substring>,
    /// The state.
    #[uniffi(default = None)]
    pub state: Option<PartnerState>,
    /// The status of the current certificate at the instant of asking.
    #[uniffi(default = None)]
    pub certificate_status: Option<CertificateStatus>,
    /// When the current certificate ends.
    #[uniffi(default = None)]
    pub certificate_ends: Option<TimeRange>,
}

same!(Partner, PartnerRow, PartnerState);

list! {
    /// What the list of partners can be sorted by.
    PartnerSort of core::PartnerSort {
        /// The partner's id.
        Id,
        /// The organization's name.
        Organization,
        /// The name of the policy group.
        PolicyGroup,
        /// The state's name.
        State,
        /// When the partner was created.
        CreatedAt,
        /// When the current certificate ends.
        CertificateEnds,
    }
    filter PartnerFilter
    request PartnerListRequest
    page PartnerPage of PartnerRow as PartnerRow,
    query PartnerQuery
}
