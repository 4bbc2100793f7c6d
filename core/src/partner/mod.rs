//! Partners: who is admitted, and in which state they are.

mod error;
pub(crate) mod rules;

use std::fmt;
use std::str::FromStr;

use unicode_properties::{GeneralCategory, GeneralCategoryGroup, UnicodeGeneralCategory};

pub use error::PartnerError;
pub use rules::{NewPartner, PartnerUpdate};

use crate::Timestamp;
use crate::certificate::CertificateStatus;
use crate::id::{ActorId, PartnerCertificateId, PolicyGroupId, Version};
use crate::list::{ListRow, SortValue, TimeRange, sort_keys};
use crate::policy::PolicyGroupName;
use crate::text::{FieldProblem, FieldRule, ShortText, Substring, bounded, text_type};

text_type!(
    /// A partner's id: 1 to 36 characters, a letter of any script first, then letters, digits, marks, `.`, `_`, `-`.
    /// Unique without regard to case.
    PartnerId,
    check_partner_id,
    debug = shown,
    kept = ShortText
);

/// The most characters of a partner id, as in MOSIP (`PMS_PRT_052`).
pub const MAX_PARTNER_ID_CHARACTERS: usize = 36;

fn check_partner_id(raw: &str) -> Result<String, FieldProblem> {
    let text = bounded(raw, 1, MAX_PARTNER_ID_CHARACTERS)?;
    let found = |c: char| format!("{c:?}");
    if let Some(first) = text.chars().next().filter(|c| group(*c) != GeneralCategoryGroup::Letter) {
        return Err(FieldProblem::new(FieldRule::Format, "a letter first", found(first)));
    }
    let belongs = |c: &char| {
        matches!(c, '.' | '_' | '-')
            || matches!(group(*c), GeneralCategoryGroup::Letter | GeneralCategoryGroup::Mark)
            || is_digit(*c)
    };
    if let Some(stranger) = text.chars().find(|c| !belongs(c)) {
        return Err(FieldProblem::new(
            FieldRule::Characters,
            "letters, digits, marks, '.', '_' and '-'",
            found(stranger),
        ));
    }
    Ok(text)
}

fn group(c: char) -> GeneralCategoryGroup {
    c.general_category_group()
}

/// Decimal digits of any script, not fractions, roman numerals or superscripts.
fn is_digit(c: char) -> bool {
    c.general_category() == GeneralCategory::DecimalNumber
}

text_type!(
    /// The organization's name: 1 to 128 characters. The certificate's subject O must equal it.
    OrganizationName,
    |raw| bounded(raw, 1, 128),
    debug = shown,
    kept = ShortText
);

text_type!(
    /// A postal address: 1 to 2000 characters.
    Address,
    |raw| bounded(raw, 1, 2_000),
    debug = elided
);

text_type!(
    /// A telephone number: 1 to 16 digits, spaces, `+`, `-`, `(`, `)`, at least one of them a digit.
    ContactNumber,
    check_contact_number,
    debug = elided
);

fn check_contact_number(raw: &str) -> Result<String, FieldProblem> {
    let text = bounded(raw, 1, 16)?;
    if !text.chars().all(|c| c.is_ascii_digit() || matches!(c, ' ' | '+' | '-' | '(' | ')')) {
        return Err(FieldProblem::new(
            FieldRule::Characters,
            "digits, spaces, '+', '-', '(' and ')'",
            "another character",
        ));
    }
    if !text.chars().any(|c| c.is_ascii_digit()) {
        return Err(FieldProblem::new(FieldRule::Format, "at least one digit", "none"));
    }
    Ok(text)
}

text_type!(
    /// An email address of at most 254 characters. Unique without regard to case.
    EmailAddress,
    check_email,
    debug = elided
);

fn check_email(raw: &str) -> Result<String, FieldProblem> {
    let text = bounded(raw, 1, 254)?;
    let options = email_address::Options::default().without_display_text().without_domain_literal();
    // The library's reasons never quote the address.
    email_address::EmailAddress::parse_with_options(&text, options.with_required_tld())
        .map_err(|reason| FieldProblem::new(FieldRule::Format, "an email address", reason.to_string()))?;
    Ok(text)
}

/// A language by its ISO 639-3 code: three lower-case letters `a` to `z`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Language([u8; 3]);

impl Language {
    /// The code.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl FromStr for Language {
    type Err = FieldProblem;

    fn from_str(raw: &str) -> Result<Self, FieldProblem> {
        match raw.trim().as_bytes() {
            &[a, b, c] if [a, b, c].iter().all(u8::is_ascii_lowercase) => Ok(Self([a, b, c])),
            _ => {
                let found: String = raw.chars().take(16).collect();
                Err(FieldProblem::new(
                    FieldRule::Format,
                    "an ISO 639-3 code of three letters",
                    format!("{found:?}"),
                ))
            }
        }
    }
}

crate::wire::text_on_the_wire!(Language as_str);

impl fmt::Display for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Language {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

crate::state::state_enum!(
    /// Where a partner stands: `Inactive` until its first certificate is accepted, then `Active`; `Deactivated` is
    /// final.
    PartnerState {
        /// Created, no certificate yet.
        Inactive = "inactive",
        /// Its certificate was accepted.
        Active = "active",
        /// Can do nothing any more; final.
        Deactivated = "deactivated",
    }
);

/// A partner, as stores keep it. The type is always MISP.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
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

sort_keys!(
    /// What the list of partners can be sorted by.
    PartnerSort newest CreatedAt {
        /// The partner's id.
        Id = "partner.id",
        /// The organization's name.
        Organization = "partner.organization",
        /// The name of the policy group.
        PolicyGroup = "partner.policy_group",
        /// The state's name.
        State = "partner.state",
        /// When the partner was created.
        CreatedAt = "partner.created_at" (time),
        /// When the current certificate ends.
        CertificateEnds = "partner.certificate_ends" (time),
    }
);

/// Which partners a list shows; what is not set lets every partner through.
#[derive(Clone, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PartnerFilter {
    /// The id, exactly.
    pub id: Option<PartnerId>,
    /// Part of the organization's name.
    pub organization: Option<Substring>,
    /// The email address, without regard to case.
    pub email: Option<EmailAddress>,
    /// The policy group.
    pub policy_group: Option<PolicyGroupId>,
    /// Part of the policy group's name.
    pub policy_group_name: Option<Substring>,
    /// The state.
    pub state: Option<PartnerState>,
    /// The status of the current certificate at the instant of asking.
    pub certificate_status: Option<CertificateStatus>,
    /// When the current certificate ends.
    pub certificate_ends: Option<TimeRange>,
}

/// A partner in a list.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartnerRow {
    /// The partner.
    pub partner: Partner,
    /// The name of its policy group.
    pub policy_group_name: Option<PolicyGroupName>,
    /// The last instant at which its current certificate is valid.
    pub certificate_ends: Option<Timestamp>,
}

impl PartnerRow {
    /// The status of the current certificate at an instant.
    pub fn certificate_status(&self, now: Timestamp) -> CertificateStatus {
        CertificateStatus::at(self.certificate_ends, now)
    }
}

impl ListRow<PartnerSort> for PartnerRow {
    fn sort_value(&self, key: PartnerSort) -> SortValue {
        match key {
            PartnerSort::Id => SortValue::Text(self.partner.id.folded()),
            PartnerSort::Organization => SortValue::Text(self.partner.organization.folded()),
            PartnerSort::PolicyGroup => SortValue::Text(
                self.policy_group_name.as_ref().map(PolicyGroupName::folded).unwrap_or_default(),
            ),
            PartnerSort::State => SortValue::Text(self.partner.state.as_str().to_owned()),
            PartnerSort::CreatedAt => SortValue::Time(self.partner.created_at),
            PartnerSort::CertificateEnds => SortValue::Time(self.certificate_ends.unwrap_or(Timestamp::MAX)),
        }
    }

    fn tie_break(&self) -> String {
        self.partner.id.as_str().to_owned()
    }
}
