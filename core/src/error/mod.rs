//! What a command or a read can fail with.

#[cfg(test)]
mod catalog;

use std::fmt;

use crate::actor::Forbidden;
use crate::certificate::CertificateReport;
use crate::license_key::LicenseKeyError;
use crate::list::ListError;
use crate::partner::PartnerError;
use crate::policy::PolicyError;
use crate::policy_link::PolicyLinkError;
use crate::state::state_enum;
use crate::store::StoreError;
use crate::text::{FieldProblem, FieldRule};
use crate::trust_store::TrustStoreError;

state_enum!(
    /// Which kind of failure: what a host decides its answer by.
    ErrorKind {
        /// What was handed in breaks a rule; the same input will fail again.
        InvalidInput = "invalid_input",
        /// A record that the call names does not exist.
        NotFound = "not_found",
        /// Something that must be unique is already there.
        AlreadyExists = "already_exists",
        /// A record is not in the state that the call needs.
        WrongState = "wrong_state",
        /// The actor lacks a role, or may not decide on their own request.
        Forbidden = "forbidden",
        /// A certificate breaks a rule; the report says which.
        CertificateRejected = "certificate_rejected",
        /// Other commands were faster each time; the same call may succeed later.
        Conflict = "conflict",
        /// The store, the operating system's random generator, or the file of an export failed.
        Store = "store",
    }
);

/// Everything a call of the engine can fail with. Nothing was changed.
///
/// [`kind`](Self::kind) says what sort of failure it is, [`code`](Self::code) which one exactly; both are stable.
/// With serde it becomes its facts alone: the named fields of the innermost error.
#[derive(Debug, thiserror::Error, serde::Serialize)]
#[non_exhaustive]
#[serde(untagged)]
pub enum Error {
    /// Fields of the input break rules; all of them are listed.
    #[error(transparent)]
    InvalidInput(#[from] InvalidInput),
    /// The actor lacks a role.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// A rule of partners.
    #[error(transparent)]
    Partner(#[from] PartnerError),
    /// A rule of the trust store.
    #[error(transparent)]
    TrustStore(#[from] TrustStoreError),
    /// The certificate breaks rules; the report has every finding.
    #[error("the certificate was rejected: {}", .0.summary())]
    CertificateRejected(Box<CertificateReport>),
    /// A rule of policies.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// A rule of policy links.
    #[error(transparent)]
    PolicyLink(#[from] PolicyLinkError),
    /// A rule of license keys.
    #[error(transparent)]
    LicenseKey(#[from] LicenseKeyError),
    /// A list request that cannot be answered.
    #[error(transparent)]
    List(#[from] ListError),
    /// Other commands changed what this one had decided on, each time it tried.
    #[error("the records must stay as they were read until the commit, found them changed {attempts} times")]
    Conflict {
        /// How often the command was decided.
        attempts: u32,
        /// What the last commit ran into.
        #[source]
        #[serde(skip)]
        last: StoreError,
    },
    /// The store failed.
    #[error(transparent)]
    Store(StoreError),
    /// The random generator failed.
    #[error("the random generator failed")]
    Random(
        #[source]
        #[serde(serialize_with = "crate::wire::no_facts")]
        Box<dyn std::error::Error + Send + Sync>,
    ),
}

impl Error {
    /// What sort of failure it is.
    pub fn kind(&self) -> ErrorKind {
        self.describe().0
    }

    /// The stable code of exactly this failure, such as `license_key.not_found`.
    pub fn code(&self) -> &'static str {
        self.describe().1
    }

    /// MOSIP's code for the same failure, where it has one.
    pub fn pms_code(&self) -> Option<&'static str> {
        self.describe().2
    }

    /// What sort of failure a store's is where nothing turned it into something better.
    pub(crate) const fn kind_of_store(error: &StoreError) -> ErrorKind {
        if error.is_race() { ErrorKind::Conflict } else { ErrorKind::Store }
    }

    fn describe(&self) -> Description {
        match self {
            Self::InvalidInput(error) => error.describe(),
            Self::Forbidden(_) => (ErrorKind::Forbidden, "actor.forbidden", Some("KER-ATH-403")),
            Self::Partner(error) => error.describe(),
            Self::TrustStore(error) => error.describe(),
            Self::CertificateRejected(report) => {
                (ErrorKind::CertificateRejected, "certificate.rejected", report.pms_code())
            }
            Self::Policy(error) => error.describe(),
            Self::PolicyLink(error) => error.describe(),
            Self::LicenseKey(error) => error.describe(),
            Self::List(error) => error.describe(),
            Self::Conflict { .. } => (ErrorKind::Conflict, "store.conflict", None),
            Self::Store(error) => (Self::kind_of_store(error), error.code(), None),
            Self::Random(_) => (ErrorKind::Store, "random.failed", None),
        }
    }
}

/// A store's failure that no rule turned into something better.
impl From<StoreError> for Error {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

/// Kind, code and MOSIP's code of a failure.
pub(crate) type Description = (ErrorKind, &'static str, Option<&'static str>);

/// Fields of a command that break rules: all of them, in the order of the command.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct InvalidInput {
    fields: Vec<FieldError>,
}

impl InvalidInput {
    /// The fields, at least one.
    pub fn fields(&self) -> &[FieldError] {
        &self.fields
    }

    pub(crate) fn one(field: Field, problem: FieldProblem) -> Self {
        Self { fields: vec![FieldError { field, problem }] }
    }

    /// MOSIP's code of the field that its services look at first.
    fn pms_code(&self) -> Option<&'static str> {
        /// The order in which MOSIP's services check a new partner; other commands have one field each.
        const ORDER: [&str; 10] = [
            "PMS_COR_001",
            "PMS_PRT_013",
            "PMS_PRT_012",
            "PMS_PRT_066",
            "PMS_PRT_052",
            "PMS_PRT_011",
            "PMS_PRT_056",
            "PMS_PRT_051",
            "PMS_PRT_002",
            "PMS_PMP_023",
        ];
        let codes = self.fields.iter().filter_map(FieldError::pms_code);
        codes.min_by_key(|code| ORDER.iter().position(|known| known == code).unwrap_or(ORDER.len()))
    }

    fn describe(&self) -> Description {
        let all_taken = self.fields.iter().all(|field| field.problem.rule == FieldRule::Taken);
        let kind = if all_taken { ErrorKind::AlreadyExists } else { ErrorKind::InvalidInput };
        let code = if all_taken { "input.taken" } else { "input.invalid" };
        (kind, code, self.pms_code())
    }
}

impl std::error::Error for InvalidInput {}

impl fmt::Display for InvalidInput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, field) in self.fields.iter().enumerate() {
            let separator = if index == 0 { "" } else { "; " };
            write!(f, "{separator}{}: {}", field.field, field.problem)?;
        }
        Ok(())
    }
}

/// A field that breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct FieldError {
    /// The field, such as `partner.contact_number`.
    pub field: Field,
    /// Which rule, what it needs and what was found.
    pub problem: FieldProblem,
}

impl FieldError {
    /// The stable code: the field and the rule, such as `partner.contact_number.length`.
    pub fn code(&self) -> String {
        format!("{}.{}", self.field, self.problem.rule)
    }

    /// MOSIP's code for the same failure, where it has one.
    pub fn pms_code(&self) -> Option<&'static str> {
        let rule = self.problem.rule;
        match (self.field, rule) {
            (Field::PartnerId, FieldRule::Taken) => Some("PMS_PRT_051"),
            (Field::PartnerId, FieldRule::Length) => Some("PMS_PRT_052"),
            (Field::PartnerId, FieldRule::Characters) => Some("PMS_PRT_066"),
            (Field::PartnerId, FieldRule::Format | FieldRule::ControlCharacter) => None,
            (Field::PartnerEmail, FieldRule::Taken) => Some("PMS_PRT_011"),
            (Field::PartnerEmail, _) => Some("PMS_PRT_012"),
            (Field::PartnerContactNumber, FieldRule::Length) => Some("PMS_PRT_013"),
            (Field::PartnerLanguage, _) => Some("PMS_PRT_056"),
            (Field::PartnerPolicyGroup, FieldRule::Unknown) => Some("PMS_PRT_002"),
            (Field::PartnerPolicyGroup, FieldRule::NotActive) => Some("PMS_PMP_023"),
            (Field::PolicyGroupName, FieldRule::Taken) => Some("PMS_POL_014"),
            (Field::PolicyName, FieldRule::Taken) => Some("PMS_POL_009"),
            (Field::PolicyDocument, _) => Some("PMS_PV_001"),
            (Field::LicenseKeyName, FieldRule::Taken) => Some("PMS_MSP_424"),
            (Field::LicenseKeyName, _) => Some("PMS_MSP_422"),
            (Field::LicenseKeyValidity, _) => Some("PMS_MSP_425"),
            (
                Field::LicenseKeyOverlap | Field::LicenseKeyImported | Field::DistrustReason | Field::Rules,
                _,
            ) => None,
            _ => Some("PMS_COR_001"),
        }
    }
}

state_enum!(
    /// A field of a command.
    Field {
        /// A partner's id.
        PartnerId = "partner.id",
        /// A partner's organization name.
        PartnerOrganization = "partner.organization",
        /// A partner's address.
        PartnerAddress = "partner.address",
        /// A partner's contact number.
        PartnerContactNumber = "partner.contact_number",
        /// A partner's email address.
        PartnerEmail = "partner.email",
        /// A partner's language.
        PartnerLanguage = "partner.language",
        /// A partner's policy group.
        PartnerPolicyGroup = "partner.policy_group",
        /// A trust domain.
        TrustDomain = "trust_store.domain",
        /// Why a CA certificate is distrusted.
        DistrustReason = "trust_store.distrust_reason",
        /// A policy group's name.
        PolicyGroupName = "policy_group.name",
        /// A policy group's description.
        PolicyGroupDescription = "policy_group.description",
        /// A policy's name.
        PolicyName = "policy.name",
        /// A policy's description.
        PolicyDescription = "policy.description",
        /// A policy's document.
        PolicyDocument = "policy.document",
        /// The end of a policy's validity.
        PolicyValidUntil = "policy.valid_until",
        /// What a policy request says.
        PolicyLinkComment = "policy_link.comment",
        /// A license key's name.
        LicenseKeyName = "license_key.name",
        /// A license key's validity.
        LicenseKeyValidity = "license_key.validity",
        /// How long a replaced license key stays good.
        LicenseKeyOverlap = "license_key.overlap",
        /// A license key to import.
        LicenseKeyImported = "license_key.imported_key",
        /// The engine's configuration.
        Rules = "rules",
    }
);

/// Collects the problems of a command's fields.
#[derive(Default)]
pub(crate) struct FieldErrors(Vec<FieldError>);

impl FieldErrors {
    /// Notes the problem, if there is one, and goes on with what there is.
    pub(crate) fn take<T>(&mut self, field: Field, result: Result<T, FieldProblem>) -> Option<T> {
        result.map_err(|problem| self.add(field, problem)).ok()
    }

    pub(crate) fn add(&mut self, field: Field, problem: FieldProblem) {
        self.0.push(FieldError { field, problem });
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Fails with every problem noted, if there is one.
    pub(crate) fn finish(self) -> Result<(), InvalidInput> {
        if self.is_empty() { Ok(()) } else { Err(self.into_error()) }
    }

    /// Every problem noted, in the order of the fields.
    pub(crate) fn into_error(mut self) -> InvalidInput {
        self.0.sort_by_key(|error| error.field);
        InvalidInput { fields: self.0 }
    }
}

/// Checks a single field.
pub(crate) fn field<T>(field: Field, result: Result<T, FieldProblem>) -> Result<T, InvalidInput> {
    result.map_err(|problem| InvalidInput::one(field, problem))
}
