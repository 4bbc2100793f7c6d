//! Everything that a call of the engine can fail with.

use std::fmt::Display;

use misp_onboarding::error::{self as core, Error, ErrorKind};
use misp_onboarding::id::{ActorId, CaCertificateId, LicenseKeyId, PolicyGroupId, PolicyId, PolicyLinkId};
use misp_onboarding::license_key::{LicenseKeyError, LicenseKeyStatus, MalformedKey as CoreMalformedKey};
use misp_onboarding::list::ListError;
use misp_onboarding::partner::{PartnerError, PartnerId, PartnerState};
use misp_onboarding::policy::{PolicyError, PolicyGroupState, PolicyState};
use misp_onboarding::policy_link::{PolicyLinkError, PolicyLinkState};
use misp_onboarding::store::StoreError as CoreStoreError;
use misp_onboarding::trust_store::{CaState, TrustDomain, TrustStoreError};
use misp_onboarding::{Role, Timestamp};

use super::FieldError;
use super::declare::onboarding_errors;
use crate::certificate::CertificateReport;
use crate::convert::Mirror;
use crate::license_key::MalformedKey;
use crate::store::{Cause, LinkCounts, PolicyCounts, cause_of};

onboarding_errors! {
areas {
    Partner(PartnerError) {
        /// No such partner.
        PartnerNotFound = NotFound {
            /// The id asked for.
            id: PartnerId,
        }
        /// The partner must be active.
        PartnerNotActive = NotActive {
            /// The partner.
            id: PartnerId,
            /// Where it stands.
            found: PartnerState,
        }
        /// The partner is deactivated, which is final.
        PartnerDeactivated = Deactivated {
            /// The partner.
            id: PartnerId,
        }
        /// The partner is deactivated already.
        PartnerAlreadyDeactivated = AlreadyDeactivated {
            /// The partner.
            id: PartnerId,
        }
        /// The policy group was selected before and never changes.
        PolicyGroupAlreadySelected = PolicyGroupAlreadySelected {
            /// The partner.
            id: PartnerId,
            /// The group selected before.
            found: PolicyGroupId,
        }
        /// The partner has no policy group.
        NoPolicyGroup = NoPolicyGroup {
            /// The partner.
            id: PartnerId,
        }
    }
    TrustStore(TrustStoreError) {
        /// No such CA certificate.
        CaCertificateNotFound = NotFound {
            /// The id asked for.
            id: CaCertificateId,
        }
        /// The trust domain is not configured.
        UnknownTrustDomain = UnknownDomain {
            /// The configured domains.
            allowed: Vec<TrustDomain>,
            /// The domain asked for.
            found: TrustDomain,
        }
        /// The CA certificate is distrusted already.
        CaCertificateNotTrusted = NotTrusted {
            /// The CA certificate.
            id: CaCertificateId,
            /// Its state.
            found: CaState,
        }
    }
    Policy(PolicyError) {
        /// No such policy group.
        PolicyGroupNotFound = GroupNotFound {
            /// The id asked for.
            id: PolicyGroupId,
        }
        /// The policy group must be active.
        PolicyGroupNotActive = GroupNotActive {
            /// The group.
            id: PolicyGroupId,
            /// Where it stands.
            found: PolicyGroupState,
        }
        /// The policy group is deactivated already.
        PolicyGroupAlreadyDeactivated = GroupAlreadyDeactivated {
            /// The group.
            id: PolicyGroupId,
        }
        /// The policy group still has draft or active policies.
        PolicyGroupInUse = GroupInUse {
            /// The group.
            id: PolicyGroupId,
            /// Its drafts and active policies.
            found: PolicyCounts,
        }
        /// No such policy.
        PolicyNotFound = NotFound {
            /// The id asked for.
            id: PolicyId,
        }
        /// The policy must be a draft to be edited or published.
        PolicyNotDraft = NotDraft {
            /// The policy.
            id: PolicyId,
            /// Where it stands.
            found: PolicyState,
        }
        /// The policy must be active.
        PolicyNotActive = NotActive {
            /// The policy.
            id: PolicyId,
            /// Where it stands.
            found: PolicyState,
        }
        /// The policy is deactivated already.
        PolicyAlreadyDeactivated = AlreadyDeactivated {
            /// The policy.
            id: PolicyId,
        }
        /// The policy's validity has ended.
        PolicyEnded = Ended {
            /// The policy.
            id: PolicyId,
            /// The first instant at which it was not valid any more.
            ended_at: Timestamp,
            /// The instant of the command.
            now: Timestamp,
        }
        /// Links to the policy are pending or approved.
        PolicyInUse = InUse {
            /// The policy.
            id: PolicyId,
            /// Its pending and approved links.
            found: LinkCounts,
        }
    }
    PolicyLink(PolicyLinkError) {
        /// No such policy link.
        PolicyLinkNotFound = NotFound {
            /// The id asked for.
            id: PolicyLinkId,
        }
        /// The policy belongs to another group than the partner's.
        ForeignPolicyGroup = ForeignPolicyGroup {
            /// The partner.
            partner: PartnerId,
            /// The policy asked for.
            policy: PolicyId,
            /// The partner's group.
            required: PolicyGroupId,
            /// The policy's group.
            found: PolicyGroupId,
        }
        /// The same policy was requested before and is pending or approved.
        PolicyLinkAlreadyOpen = AlreadyOpen {
            /// The partner.
            partner: PartnerId,
            /// The policy.
            policy: PolicyId,
            /// The link there is.
            link: PolicyLinkId,
            /// Pending or approved.
            found: PolicyLinkState,
        }
        /// The link was decided before.
        PolicyLinkAlreadyDecided = AlreadyDecided {
            /// The link.
            id: PolicyLinkId,
            /// How it was decided.
            found: PolicyLinkState,
        }
        /// Who requested may not approve.
        ApproverIsRequester = ApproverIsRequester {
            /// The link.
            id: PolicyLinkId,
            /// Requester and approver.
            found: ActorId,
        }
    }
    LicenseKey(LicenseKeyError) {
        /// No such license key.
        LicenseKeyNotFound = NotFound {
            /// The id asked for.
            id: LicenseKeyId,
        }
        /// The partner has no certificate that is valid now.
        CertificateNotValid = CertificateNotValid {
            /// The partner.
            partner: PartnerId,
            /// The instant of the command.
            now: Timestamp,
            /// The first instant at which the certificate is valid.
            not_before: Timestamp,
            /// The last instant at which the certificate is valid.
            not_after: Timestamp,
        }
        /// The partner's certificate is not trusted any more: a CA was distrusted or has expired.
        CertificateNotTrusted = CertificateNotTrusted {
            /// The partner.
            partner: PartnerId,
            /// Why there is no path.
            found: String,
        }
        /// The partner has no approved link to the policy.
        PolicyNotApproved = PolicyNotApproved {
            /// The partner.
            partner: PartnerId,
            /// The policy asked for.
            policy: PolicyId,
        }
        /// The key cannot be regenerated or deactivated as it stands.
        WrongLicenseKeyStatus = WrongStatus {
            /// The key.
            id: LicenseKeyId,
            /// The statuses of which one is needed.
            required: String,
            /// How it stands.
            found: LicenseKeyStatus,
        }
        /// The key to import is in the store already.
        AlreadyImported = AlreadyImported {
            /// The key's record.
            id: LicenseKeyId,
        }
        /// Two keys of one import are the same.
        ImportedTwice = ImportedTwice {
            /// The first one's place in the import, counted from 0.
            first: i32,
            /// The second one's place.
            second: i32,
        }
    }
    List(ListError) {
        /// The page size is 0 or too large.
        PageSize = PageSize {
            /// The fewest items.
            min: i32,
            /// The most items.
            max: i32,
            /// The size asked for; 0 for one below.
            found: i32,
        }
        /// The cursor is not one that the engine made.
        MalformedCursor = MalformedCursor {}
        /// The cursor belongs to another list or another sort.
        ForeignCursor = ForeignCursor {
            /// Sort key and direction of the request.
            required: String,
            /// Sort key and direction of the cursor.
            found: String,
        }
        /// The window of an expiry list is empty or too long.
        Window = Window {
            /// The most days.
            max_days: i32,
            /// The days asked for; 0 for fewer.
            found_days: i32,
        }
    }
} others {
    /// Fields of the input break rules; all of them are listed.
    InvalidInput {
        /// The fields, at least one.
        fields: Vec<FieldError> = input.fields().iter().map(FieldError::from).collect(),
    } from Error::InvalidInput(input),
    /// The actor lacks a role.
    Forbidden {
        /// Who asked.
        actor: ActorId,
        /// The roles of which one is needed.
        required: Vec<Role> = required.to_vec(),
        /// The roles that the actor has.
        found: Vec<Role>,
    } from Error::Forbidden(misp_onboarding::actor::Forbidden { actor, required, found, .. }),
    /// The file as a whole cannot be read.
    UnreadableFile {
        /// Why.
        reason: String = unreadable.to_string(),
    } from Error::TrustStore(TrustStoreError::UnreadableFile(unreadable)),
    /// The certificate breaks rules; the report has every finding.
    CertificateRejected {
        /// What the certificate is, and everything that is wrong with it.
        report: CertificateReport,
    } from Error::CertificateRejected(report),
    /// A key of an import breaks a rule; nothing was imported.
    ImportRefused {
        /// The key's place in the import, counted from 0.
        index: i32,
        /// The rule it breaks.
        problem: Box<OnboardingError> = Box::new((*source).into()),
    } from Error::LicenseKey(LicenseKeyError::Import { index, source }),
    /// Other commands changed what this one had decided on, each time it tried.
    Conflict {
        /// How often the command was decided.
        attempts: i32,
    } from Error::Conflict { attempts, .. },
    /// The store failed.
    StoreFailed {
        /// What the store threw, where it is one of the host's.
        cause: Option<Cause> = cause_of(&store),
    } from Error::Store(store),
    /// The random generator failed.
    RandomFailed {} from Error::Random(_),
} binding {
    /// A value is not of the form that its type has, so the engine was not asked.
    InvalidArgument {
        /// The name of the type, such as `PartnerId`.
        type_name: String,
    },
    /// The text is no license key.
    MalformedLicenseKey {
        /// What is wrong with it.
        problem: MalformedKey,
    },
    /// Something that this version does not know; the code tells it.
    Other {},
}
}

impl OnboardingError {
    /// A text that is no value of its type.
    pub(crate) fn argument(type_name: &str, problem: impl Display) -> Self {
        Self::InvalidArgument {
            kind: ErrorKind::InvalidInput,
            code: "input.invalid".to_owned(),
            pms_code: None,
            detail: format!("{type_name}: {problem}"),
            type_name: type_name.to_owned(),
        }
    }

    /// A text that is no license key.
    pub(crate) fn malformed_key(malformed: CoreMalformedKey) -> Self {
        Self::MalformedLicenseKey {
            kind: ErrorKind::InvalidInput,
            code: "authenticate.malformed".to_owned(),
            pms_code: None,
            detail: malformed.to_string(),
            problem: Mirror::of(malformed),
        }
    }
}

impl From<core::InvalidInput> for OnboardingError {
    fn from(error: core::InvalidInput) -> Self {
        Error::from(error).into()
    }
}

impl From<CoreStoreError> for OnboardingError {
    fn from(error: CoreStoreError) -> Self {
        Error::from(error).into()
    }
}
