//! Races about license keys.

use misp_onboarding::Error;
use misp_onboarding::license_key::{ImportLicenseKey, LicenseKeyFilter, LicenseKeyStatus};
use misp_onboarding::list::ListRequest;
use misp_onboarding::onboarding::GeneratedLicenseKey;
use misp_onboarding::partner::PartnerId;

use super::{Race, Side, Subject};
use crate::scenario::{BEGIN, Scenario, generate};

/// Why a replaced key can be neither replaced nor deactivated.
const REPLACED: &[&str] = &["license_key.wrong_status"];

pub(super) const RACES: &[Race] = &[
    Race {
        name: "two keys of one name",
        prepare: |s, name| Subject::default().with("partner", s.active_partner(&format!("generate-{name}"))),
        one: |s, subject| made(s, subject, "Straße"),
        two: |s, subject| made(s, subject, "STRASSE"),
        check: |s, subject, outcomes| {
            outcomes.one_wins(&["input.taken"], &["input.taken"]);
            assert_eq!(active_keys(s, &subject.get("partner")), 1);
        },
    },
    Race {
        name: "generate and import a key of one name",
        prepare: |s, name| {
            let key = name.bytes().fold(0, |key: u64, byte| key * 31 + u64::from(byte));
            let subject = Subject::default().with("partner", s.active_partner(&format!("import-{name}")));
            subject.with("key", format_args!("{key:050}"))
        },
        one: |s, subject| made(s, subject, "x"),
        two: |s, subject| {
            let key = ImportLicenseKey {
                key: subject.get("key"),
                partner: subject.get("partner"),
                policy: None,
                name: "X".to_owned(),
                expires_at: BEGIN.plus_days(1),
            };
            s.onboarding.import_license_keys(&s.admin, &[key]).map(|keys| keys.len().to_string())
        },
        check: |s, subject, outcomes| {
            outcomes.one_wins(&["input.taken"], &["input.taken", "license_key.already_imported"]);
            assert_eq!(active_keys(s, &subject.get("partner")), 1);
        },
    },
    Race {
        name: "regenerate and regenerate",
        prepare: |s, name| with_key(s, &format!("regenerate-{name}")),
        one: regenerate,
        two: regenerate,
        check: |s, subject, outcomes| {
            outcomes.one_wins(REPLACED, REPLACED);
            assert_eq!(active_keys(s, &subject.get("partner")), 1);
        },
    },
    Race {
        name: "regenerate and deactivate",
        prepare: |s, name| with_key(s, &format!("swap-{name}")),
        one: regenerate,
        two: |s, subject| {
            let view = s.onboarding.deactivate_license_key(&s.admin, subject.get("old"))?;
            Ok(view.row.key.id.to_string())
        },
        check: |s, subject, outcomes| {
            let (left, reasons) = match outcomes.made(Side::One).len() {
                0 => (0, &["license_key.already_deactivated"][..]),
                _ => (1, REPLACED),
            };
            outcomes.one_wins(reasons, reasons);
            assert_eq!(active_keys(s, &subject.get("partner")), left, "{outcomes:?}");
        },
    },
];

fn with_key(s: &Scenario, partner: &str) -> Subject {
    let partner = s.active_partner(partner);
    let old = s.license_key(&partner, "x").view.row.key.id;
    Subject::default().with("partner", partner).with("old", old)
}

fn made(s: &Scenario, subject: &Subject, name: &str) -> Result<String, Error> {
    s.onboarding.generate_license_key(&s.admin, &generate(&subject.get("partner"), name)).map(made_key)
}

pub(super) fn regenerate(s: &Scenario, subject: &Subject) -> Result<String, Error> {
    s.onboarding.regenerate_license_key(&s.admin, subject.get("old"), &Default::default()).map(made_key)
}

/// The key in clear: whether it opens a door is looked at afterwards.
pub(super) fn made_key(key: GeneratedLicenseKey) -> String {
    key.key.reveal().to_owned()
}

pub(super) fn active_keys(s: &Scenario, partner: &PartnerId) -> usize {
    let filter = LicenseKeyFilter {
        partner: Some(partner.clone()),
        status: Some(LicenseKeyStatus::Active),
        ..LicenseKeyFilter::default()
    };
    let keys = s.onboarding.list_license_keys(&s.admin, &ListRequest::with_filter(filter));
    keys.expect("keys are listed").items.len()
}
