//! The engine's configuration, JSON or TOML. What is read is written and read again as the same, in both; a setting
//! that does not exist is refused wherever it stands; what the engine takes is what it then goes by.

use std::sync::Arc;

use misp_onboarding::store::MemoryStore;
use misp_onboarding::{Onboarding, Rules};
use serde_json::Value;

use crate::{Seed, text, texts};

/// A setting that does not exist.
const UNKNOWN: &str = "min_days_lefts";

/// Checks the law for a text.
pub fn check(data: &[u8]) {
    let Some(text) = text(data) else { return };
    let from_json = serde_json::from_str::<Rules>(text);
    let from_toml = toml::from_str::<Rules>(text);
    if let Err(error) = &from_json {
        assert!(!error.to_string().is_empty());
    }
    for rules in [from_json.ok(), from_toml.ok()].into_iter().flatten() {
        check_rules(&rules);
    }
}

fn check_rules(rules: &Rules) {
    let json = serde_json::to_value(rules).expect("rules become JSON");
    assert_eq!(&serde_json::from_value::<Rules>(json.clone()).expect("JSON is read back"), rules);
    let toml = toml::to_string(rules).expect("rules become TOML");
    assert_eq!(&toml::from_str::<Rules>(&toml).expect("TOML is read back"), rules);

    for part in ["", "/certificate", "/license_key"] {
        let mut wrong = json.clone();
        let settings = wrong.pointer_mut(part).and_then(Value::as_object_mut).expect("a part of the rules");
        settings.insert(UNKNOWN.to_owned(), 1.into());
        let error = serde_json::from_value::<Rules>(wrong).expect_err("an unknown setting is refused");
        assert!(error.to_string().contains(UNKNOWN), "{error}");
    }

    match Onboarding::builder(Arc::new(MemoryStore::new())).rules(rules.clone()).build() {
        Ok(engine) => {
            assert_eq!(engine.rules(), rules);
            assert!(!rules.languages.is_empty() && rules.trust_domains.contains(&rules.partner_domain));
            let keys = &rules.license_key;
            assert!((1..=keys.max_validity_days).contains(&keys.default_validity_days));
            assert!(keys.max_overlap_days <= keys.max_validity_days);
        }
        Err(refused) => assert!(!refused.fields().is_empty()),
    }
}

/// The defaults, whole and in part, in both languages.
pub fn seeds() -> Vec<Seed> {
    let rules = Rules::default();
    let mut seeds = texts(&[
        ("nothing.json", "{}"),
        ("nothing.toml", ""),
        (
            "part.toml",
            "languages = [\"eng\"]\n[certificate]\nprofile = \"strict\"\nallowed_curves = [\"P-256\"]\n",
        ),
        ("part.json", r#"{"approver_must_differ": true, "license_key": {"max_overlap_days": 0}}"#),
        ("unknown.json", r#"{"certificate": {"min_rsa_bit": 2048}}"#),
    ]);
    seeds.push(("defaults.json", serde_json::to_vec_pretty(&rules).expect("rules become JSON")));
    seeds.push(("defaults.toml", toml::to_string_pretty(&rules).expect("rules become TOML").into()));
    seeds
}
