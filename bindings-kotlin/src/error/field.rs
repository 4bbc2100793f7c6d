//! Fields, and the rules they break.

use misp_onboarding::error::{self as core, Field};
use misp_onboarding::text::FieldRule;

use crate::convert::same;

same!(Field, FieldRule);

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

/// A field of a command.
#[uniffi::remote(Enum)]
pub enum Field {
    /// A partner's id.
    PartnerId,
    /// A partner's organization name.
    PartnerOrganization,
    /// A partner's address.
    PartnerAddress,
    /// A partner's contact number.
    PartnerContactNumber,
    /// A partner's email address.
    PartnerEmail,
    /// A partner's language.
    PartnerLanguage,
    /// A partner's policy group.
    PartnerPolicyGroup,
    /// A trust domain.
    TrustDomain,
    /// Why a CA certificate is distrusted.
    DistrustReason,
    /// A policy group's name.
    PolicyGroupName,
    /// A policy group's description.
    PolicyGroupDescription,
    /// A policy's name.
    PolicyName,
    /// A policy's description.
    PolicyDescription,
    /// A policy's document.
    PolicyDocument,
    /// The end of a policy's validity.
    PolicyValidUntil,
    /// What a policy request says.
    PolicyLinkComment,
    /// A license key's name.
    LicenseKeyName,
    /// A license key's validity.
    LicenseKeyValidity,
    /// How long a replaced license key stays good.
    LicenseKeyOverlap,
    /// A license key to import.
    LicenseKeyImported,
    /// The engine's configuration.
    Rules,
}

/// The rules a field can break.
#[uniffi::remote(Enum)]
pub enum FieldRule {
    /// Too short or too long.
    Length,
    /// Holds a control character, or an invisible formatting character.
    ControlCharacter,
    /// Holds a character that does not belong there.
    Characters,
    /// Not of the form the field needs.
    Format,
    /// Outside the range or list the field needs.
    Range,
    /// Already used by another record.
    Taken,
    /// Names a record that does not exist.
    Unknown,
    /// Names a record that is not active.
    NotActive,
}
