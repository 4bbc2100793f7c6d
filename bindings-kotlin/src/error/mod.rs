//! What calls fail with.

mod catalog;
mod path;
mod store;

use std::fmt::Display;

use misp_onboarding::error::{self as core, Error, ErrorKind, Field};

use misp_onboarding::id::{ActorId, CaCertificateId, LicenseKeyId, PolicyGroupId, PolicyId, PolicyLinkId};
use misp_onboarding::license_key::{LicenseKeyError, LicenseKeyStatus, MalformedKey as CoreMalformedKey};
use misp_onboarding::list::ListError;
use misp_onboarding::partner::{PartnerError, PartnerId, PartnerState};
use misp_onboarding::policy::{PolicyError, PolicyGroupState, PolicyState};
use misp_onboarding::policy_link::{PolicyLinkError, PolicyLinkState};
use misp_onboarding::store::StoreError as CoreStoreError;
use misp_onboarding::text::FieldRule;
use misp_onboarding::trust_store::{CaState, TrustDomain, TrustStoreError};
use misp_onboarding::{Role, Timestamp};

pub use path::PathError;
pub use store::StoreError;

use crate::certificate::CertificateReport;
use crate::convert::Mirror;
use crate::license_key::MalformedKey;
use crate::store::{Cause, LinkCounts, PolicyCounts, cause_of};

/// A field that breaks a rule.
#[derive(Clone, Debug, uniffi::Record)]
pub struct FieldError {
    /// The field.
    pub field: Field,
    /// The rule it breaks.
    pub rule: FieldRule,
    /// What the rule needs.
    pub required: String,
    /// What was found; of contact data only a description.
    pub found: String,
    /// The stable code: the field and the rule, such as `partner.contact_number.length`.
    pub code: String,
    /// MOSIP's code for the same failure, where it has one.
    pub pms_code: Option<String>,
}

impl From<&core::FieldError> for FieldError {
    fn from(error: &core::FieldError) -> Self {
        Self {
            field: error.field,
            rule: error.problem.rule,
            required: error.problem.required.clone(),
            found: error.problem.found.clone(),
            code: error.code(),
            pms_code: error.pms_code().map(str::to_owned),
        }
    }
}

/// Declares [`OnboardingError`]: what all failures have in common, and for each the error of the engine it comes from.
macro_rules! onboarding_errors {
    (engine {
        $($(#[$doc:meta])* $variant:ident {
            $($(#[$field_doc:meta])* $field:ident: $type:ty $(= $value:expr)?,)*
        } from $pattern:pat,)+
    } binding {
        $($(#[$own_doc:meta])* $own:ident {
            $($(#[$own_field_doc:meta])* $own_field:ident: $own_type:ty,)*
        },)+
    }) => {
        /// Everything a call of the engine can fail with. Nothing was changed.
        ///
        /// `kind` says what sort of failure it is, `code` which one exactly; both are stable. `pmsCode` is the code
        /// that MOSIP's own services have for it, where they have one. The message names the thing, what was needed
        /// and what was found.
        #[derive(Debug, thiserror::Error, uniffi::Error)]
        pub enum OnboardingError {
            $($(#[$doc])*
            #[error("{detail}")]
            $variant {
                /// What sort of failure it is.
                kind: ErrorKind,
                /// The stable code of exactly this failure, such as `license_key.not_found`.
                code: String,
                /// MOSIP's code for the same failure, where it has one.
                pms_code: Option<String>,
                /// The message.
                detail: String,
                $($(#[$field_doc])* $field: $type,)*
            },)+
            $($(#[$own_doc])*
            #[error("{detail}")]
            $own {
                /// What sort of failure it is.
                kind: ErrorKind,
                /// The stable code of exactly this failure.
                code: String,
                /// MOSIP's code for the same failure, where it has one.
                pms_code: Option<String>,
                /// The message.
                detail: String,
                $($(#[$own_field_doc])* $own_field: $own_type,)*
            },)+
        }

        impl From<Error> for OnboardingError {
            fn from(error: Error) -> Self {
                let kind = error.kind();
                let code = error.code().to_owned();
                let pms_code = error.pms_code().map(str::to_owned);
                let detail = error.to_string();
                match error {
                    $($pattern => Self::$variant {
                        kind, code, pms_code, detail,
                        $($field: onboarding_errors!(@value $field $($value)?),)*
                    },)+
                    _ => Self::Other { kind, code, pms_code, detail },
                }
            }
        }
    };
    (@value $field:ident) => { Mirror::of($field) };
    (@value $field:ident $value:expr) => { $value };
}

onboarding_errors! {
engine {
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
    /// No such partner.
    PartnerNotFound {
        /// The id asked for.
        id: PartnerId,
    } from Error::Partner(PartnerError::NotFound { id }),
    /// The partner must be active.
    PartnerNotActive {
        /// The partner.
        id: PartnerId,
        /// Where it stands.
        found: PartnerState,
    } from Error::Partner(PartnerError::NotActive { id, found }),
    /// The partner is deactivated, which is final.
    PartnerDeactivated {
        /// The partner.
        id: PartnerId,
    } from Error::Partner(PartnerError::Deactivated { id }),
    /// The partner is deactivated already.
    PartnerAlreadyDeactivated {
        /// The partner.
        id: PartnerId,
    } from Error::Partner(PartnerError::AlreadyDeactivated { id }),
    /// The policy group was selected before and never changes.
    PolicyGroupAlreadySelected {
        /// The partner.
        id: PartnerId,
        /// The group selected before.
        found: PolicyGroupId,
    } from Error::Partner(PartnerError::PolicyGroupAlreadySelected { id, found }),
    /// The partner has no policy group.
    NoPolicyGroup {
        /// The partner.
        id: PartnerId,
    } from Error::Partner(PartnerError::NoPolicyGroup { id }),
    /// No such CA certificate.
    CaCertificateNotFound {
        /// The id asked for.
        id: CaCertificateId,
    } from Error::TrustStore(TrustStoreError::NotFound { id }),
    /// The trust domain is not configured.
    UnknownTrustDomain {
        /// The configured domains.
        allowed: Vec<TrustDomain>,
        /// The domain asked for.
        found: TrustDomain,
    } from Error::TrustStore(TrustStoreError::UnknownDomain { allowed, found }),
    /// The file as a whole cannot be read.
    UnreadableFile {
        /// Why.
        reason: String = unreadable.to_string(),
    } from Error::TrustStore(TrustStoreError::UnreadableFile(unreadable)),
    /// The CA certificate is distrusted already.
    CaCertificateNotTrusted {
        /// The CA certificate.
        id: CaCertificateId,
        /// Its state.
        found: CaState,
    } from Error::TrustStore(TrustStoreError::NotTrusted { id, found }),
    /// The certificate breaks rules; the report has every finding.
    CertificateRejected {
        /// What the certificate is, and everything that is wrong with it.
        report: CertificateReport,
    } from Error::CertificateRejected(report),
    /// No such policy group.
    PolicyGroupNotFound {
        /// The id asked for.
        id: PolicyGroupId,
    } from Error::Policy(PolicyError::GroupNotFound { id }),
    /// The policy group must be active.
    PolicyGroupNotActive {
        /// The group.
        id: PolicyGroupId,
        /// Where it stands.
        found: PolicyGroupState,
    } from Error::Policy(PolicyError::GroupNotActive { id, found }),
    /// The policy group is deactivated already.
    PolicyGroupAlreadyDeactivated {
        /// The group.
        id: PolicyGroupId,
    } from Error::Policy(PolicyError::GroupAlreadyDeactivated { id }),
    /// The policy group still has draft or active policies.
    PolicyGroupInUse {
        /// The group.
        id: PolicyGroupId,
        /// Its drafts and active policies.
        found: PolicyCounts,
    } from Error::Policy(PolicyError::GroupInUse { id, found }),
    /// No such policy.
    PolicyNotFound {
        /// The id asked for.
        id: PolicyId,
    } from Error::Policy(PolicyError::NotFound { id }),
    /// The policy must be a draft to be edited or published.
    PolicyNotDraft {
        /// The policy.
        id: PolicyId,
        /// Where it stands.
        found: PolicyState,
    } from Error::Policy(PolicyError::NotDraft { id, found }),
    /// The policy must be active.
    PolicyNotActive {
        /// The policy.
        id: PolicyId,
        /// Where it stands.
        found: PolicyState,
    } from Error::Policy(PolicyError::NotActive { id, found }),
    /// The policy is deactivated already.
    PolicyAlreadyDeactivated {
        /// The policy.
        id: PolicyId,
    } from Error::Policy(PolicyError::AlreadyDeactivated { id }),
    /// The policy's validity has ended.
    PolicyEnded {
        /// The policy.
        id: PolicyId,
        /// The first instant at which it was not valid any more.
        ended_at: Timestamp,
        /// The instant of the command.
        now: Timestamp,
    } from Error::Policy(PolicyError::Ended { id, ended_at, now }),
    /// Links to the policy are pending or approved.
    PolicyInUse {
        /// The policy.
        id: PolicyId,
        /// Its pending and approved links.
        found: LinkCounts,
    } from Error::Policy(PolicyError::InUse { id, found }),
    /// No such policy link.
    PolicyLinkNotFound {
        /// The id asked for.
        id: PolicyLinkId,
    } from Error::PolicyLink(PolicyLinkError::NotFound { id }),
    /// The policy belongs to another group than the partner's.
    ForeignPolicyGroup {
        /// The partner.
        partner: PartnerId,
        /// The policy asked for.
        policy: PolicyId,
        /// The partner's group.
        required: PolicyGroupId,
        /// The policy's group.
        found: PolicyGroupId,
    } from Error::PolicyLink(PolicyLinkError::ForeignPolicyGroup { partner, policy, required, found }),
    /// The same policy was requested before and is pending or approved.
    PolicyLinkAlreadyOpen {
        /// The partner.
        partner: PartnerId,
        /// The policy.
        policy: PolicyId,
        /// The link there is.
        link: PolicyLinkId,
        /// Pending or approved.
        found: PolicyLinkState,
    } from Error::PolicyLink(PolicyLinkError::AlreadyOpen { partner, policy, link, found }),
    /// The link was decided before.
    PolicyLinkAlreadyDecided {
        /// The link.
        id: PolicyLinkId,
        /// How it was decided.
        found: PolicyLinkState,
    } from Error::PolicyLink(PolicyLinkError::AlreadyDecided { id, found }),
    /// Who requested may not approve.
    ApproverIsRequester {
        /// The link.
        id: PolicyLinkId,
        /// Requester and approver.
        found: ActorId,
    } from Error::PolicyLink(PolicyLinkError::ApproverIsRequester { id, found }),
    /// No such license key.
    LicenseKeyNotFound {
        /// The id asked for.
        id: LicenseKeyId,
    } from Error::LicenseKey(LicenseKeyError::NotFound { id }),
    /// The partner has no certificate that is valid now.
    CertificateNotValid {
        /// The partner.
        partner: PartnerId,
        /// The instant of the command.
        now: Timestamp,
        /// The first instant at which the certificate is valid.
        not_before: Timestamp,
        /// The last instant at which the certificate is valid.
        not_after: Timestamp,
    } from Error::LicenseKey(LicenseKeyError::CertificateNotValid { partner, now, not_before, not_after }),
    /// The partner's certificate is not trusted any more: a CA was distrusted or has expired.
    CertificateNotTrusted {
        /// The partner.
        partner: PartnerId,
        /// Why there is no path.
        found: String,
    } from Error::LicenseKey(LicenseKeyError::CertificateNotTrusted { partner, found }),
    /// The partner has no approved link to the policy.
    PolicyNotApproved {
        /// The partner.
        partner: PartnerId,
        /// The policy asked for.
        policy: PolicyId,
    } from Error::LicenseKey(LicenseKeyError::PolicyNotApproved { partner, policy }),
    /// The key cannot be regenerated or deactivated as it stands.
    WrongLicenseKeyStatus {
        /// The key.
        id: LicenseKeyId,
        /// The statuses of which one is needed.
        required: String,
        /// How it stands.
        found: LicenseKeyStatus,
    } from Error::LicenseKey(LicenseKeyError::WrongStatus { id, required, found }),
    /// The key to import is in the store already.
    AlreadyImported {
        /// The key's record.
        id: LicenseKeyId,
    } from Error::LicenseKey(LicenseKeyError::AlreadyImported { id }),
    /// Two keys of one import are the same.
    ImportedTwice {
        /// The first one's place in the import, counted from 0.
        first: i32,
        /// The second one's place.
        second: i32,
    } from Error::LicenseKey(LicenseKeyError::ImportedTwice { first, second }),
    /// A key of an import breaks a rule; nothing was imported.
    ImportRefused {
        /// The key's place in the import, counted from 0.
        index: i32,
        /// The rule it breaks.
        problem: Box<OnboardingError> = Box::new((*source).into()),
    } from Error::LicenseKey(LicenseKeyError::Import { index, source }),
    /// The page size is 0 or too large.
    PageSize {
        /// The fewest items.
        min: i32,
        /// The most items.
        max: i32,
        /// The size asked for; 0 for one below.
        found: i32,
    } from Error::List(ListError::PageSize { min, max, found }),
    /// The cursor is not one that the engine made.
    MalformedCursor {} from Error::List(ListError::MalformedCursor),
    /// The cursor belongs to another list or another sort.
    ForeignCursor {
        /// Sort key and direction of the request.
        required: String,
        /// Sort key and direction of the cursor.
        found: String,
    } from Error::List(ListError::ForeignCursor { required, found }),
    /// The window of an expiry list is empty or too long.
    Window {
        /// The most days.
        max_days: i32,
        /// The days asked for; 0 for fewer.
        found_days: i32,
    } from Error::List(ListError::Window { max_days, found_days }),
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
