//! The engine's configuration: every number and list that a country may set.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::certificate::CertificateRules;
use crate::error::{Field, FieldErrors, InvalidInput};
use crate::partner::Language;
use crate::text::{FieldProblem, FieldRule};
use crate::trust_store::TrustDomain;

/// The engine's configuration. Every field has the default that `Rules::default()` gives it, also when it is read
/// from TOML or JSON; an unknown field is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct Rules {
    /// The languages that partners may choose, ISO 639-3; a partner that chooses none gets the first. Default:
    /// `eng`, `fra`, `ara`.
    pub languages: Vec<Language>,
    /// The trust domains that CA certificates can be uploaded to. Default: `AUTH`, `DEVICE`, `FTM`.
    pub trust_domains: Vec<TrustDomain>,
    /// The trust domain that partner certificates are validated in. Default: `AUTH`.
    pub partner_domain: TrustDomain,
    /// What certificates must fulfil.
    pub certificate: CertificateRules,
    /// How long license keys are good.
    pub license_key: LicenseKeyRules,
    /// Whether a policy request must be approved by somebody else than its requester. Default: no.
    pub approver_must_differ: bool,
}

impl Default for Rules {
    fn default() -> Self {
        let language = |code: &str| code.parse::<Language>().ok();
        let domain = |name: &str| name.parse::<TrustDomain>().ok();
        Self {
            languages: ["eng", "fra", "ara"].into_iter().filter_map(language).collect(),
            trust_domains: ["AUTH", "DEVICE", "FTM"].into_iter().filter_map(domain).collect(),
            partner_domain: TrustDomain::auth(),
            certificate: CertificateRules::default(),
            license_key: LicenseKeyRules::default(),
            approver_must_differ: false,
        }
    }
}

/// How long license keys are good, in days of 24 hours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[non_exhaustive]
pub struct LicenseKeyRules {
    /// Validity of a key for which none was chosen. Default: 90.
    pub default_validity_days: u32,
    /// The longest validity. Default: 1825.
    pub max_validity_days: u32,
    /// The longest time for which a replaced key stays good. Default: 30.
    pub max_overlap_days: u32,
}

impl Default for LicenseKeyRules {
    fn default() -> Self {
        Self { default_validity_days: 90, max_validity_days: 1_825, max_overlap_days: 30 }
    }
}

/// A number of days of 24 hours.
pub(crate) const fn days(number: u32) -> Duration {
    Duration::from_secs(number as u64 * 86_400)
}

impl Rules {
    /// The most days any setting can have: a century.
    const MAX_DAYS: u32 = 36_525;

    /// Checks that the settings make sense together.
    pub(crate) fn check(&self) -> Result<(), InvalidInput> {
        let mut errors = FieldErrors::default();
        let mut need = |holds: bool, required: &str, found: String| {
            if !holds {
                errors.add(Field::Rules, FieldProblem::new(FieldRule::Range, required, found));
            }
        };
        need(!self.languages.is_empty(), "at least one language", "none".into());
        need(
            self.trust_domains.contains(&self.partner_domain),
            "a partner domain among the trust domains",
            self.partner_domain.to_string(),
        );
        let keys = &self.license_key;
        need(
            (1..=Self::MAX_DAYS).contains(&keys.max_validity_days),
            "a longest license key validity of 1 to 36525 days",
            keys.max_validity_days.to_string(),
        );
        need(
            (1..=keys.max_validity_days).contains(&keys.default_validity_days),
            "a default license key validity of 1 day to the longest",
            keys.default_validity_days.to_string(),
        );
        need(
            keys.max_overlap_days <= keys.max_validity_days,
            "a longest overlap no longer than the longest validity",
            keys.max_overlap_days.to_string(),
        );
        self.certificate.check(&mut need);
        errors.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_defaults_are_those_of_the_field_and_make_sense() {
        let rules = Rules::default();
        rules.check().unwrap();
        assert_eq!(rules.languages.iter().map(|l| l.as_str()).collect::<Vec<_>>(), ["eng", "fra", "ara"]);
        assert_eq!(rules.trust_domains.len(), 3);
        assert_eq!(rules.license_key.default_validity_days, 90);
        assert_eq!(serde_json::from_str::<Rules>("{}").unwrap(), rules);
        let text = serde_json::to_string(&rules).unwrap();
        assert_eq!(serde_json::from_str::<Rules>(&text).unwrap(), rules);
    }

    #[test]
    fn settings_that_contradict_each_other_are_all_named() {
        let mut rules = Rules { languages: Vec::new(), ..Rules::default() };
        rules.partner_domain = "OTHER".parse().unwrap();
        rules.license_key.default_validity_days = 1_826;
        rules.license_key.max_overlap_days = 1_826;
        assert_eq!(rules.check().unwrap_err().fields().len(), 4);
        rules.license_key.max_validity_days = 0;
        assert!(rules.check().is_err());
        assert!(serde_json::from_str::<Rules>(r#"{"langages": ["eng"]}"#).is_err());
    }
}
