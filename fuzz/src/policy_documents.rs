//! Policy documents. What parses keeps its text to the letter, allows what serde_json reads in it, and names no member
//! twice; what serde_json reads as such a document parses.

use std::fmt;

use misp_onboarding::policy::{MAX_DOCUMENT_CHARACTERS, PolicyDocument, PolicyPermissions};
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::Value;

use crate::{Seed, text, texts};

/// Checks the law for a text.
pub fn check(data: &[u8]) {
    let Some(text) = text(data) else { return };
    let parsed = PolicyDocument::parse(text);
    let wanted = read(text);
    match (&parsed, wanted) {
        (Ok(document), Some(permissions)) => {
            assert_eq!(document.as_str(), text);
            assert_eq!(document.permissions(), permissions, "{text:?}");
            let json = serde_json::to_string(document).expect("text becomes JSON");
            let back: PolicyDocument = serde_json::from_str(&json).expect("what was written is read");
            assert_eq!(&back, document);
        }
        (Err(problem), None) => assert!(!problem.to_string().is_empty()),
        _ => panic!("read as {wanted:?}, parsed as {parsed:?}: {text:?}"),
    }
}

/// What a document allows, by the definition and serde_json; none where it is no document.
fn read(text: &str) -> Option<PolicyPermissions> {
    let Members(members) = serde_json::from_str(text).ok()?;
    let mut names: Vec<_> = members.iter().map(|(name, _)| name).collect();
    names.sort();
    if names.windows(2).any(|two| two[0] == two[1]) || text.chars().count() > MAX_DOCUMENT_CHARACTERS {
        return None;
    }
    let find = |name: &str| members.iter().find(|(found, _)| found == name).map(|(_, value)| value);
    let required = |name| find(name)?.as_bool();
    let optional = |name| find(name).map_or(Some(false), Value::as_bool);
    Some(PolicyPermissions {
        allow_auth_request_delegation: required("allowAuthRequestDelegation")?,
        allow_kyc_request_delegation: required("allowKycRequestDelegation")?,
        trust_binded_auth_verification_token: optional("trustBindedAuthVerificationToken")?,
        allow_key_binding_delegation: optional("allowKeyBindingDelegation")?,
    })
}

/// The members of an object, those named twice included.
struct Members(Vec<(String, Value)>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct All;

        impl<'de> Visitor<'de> for All {
            type Value = Members;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Members(members))
            }
        }

        deserializer.deserialize_map(All)
    }
}

/// Documents of each kind, good ones and bad ones.
pub fn seeds() -> Vec<Seed> {
    texts(&[
        ("smallest", r#"{"allowAuthRequestDelegation":true,"allowKycRequestDelegation":false}"#),
        (
            "every-member",
            r#"{"allowAuthRequestDelegation":true,"allowKycRequestDelegation":true,
            "trustBindedAuthVerificationToken":true,"allowKeyBindingDelegation":false}"#,
        ),
        (
            "other-members",
            r#" {"allowAuthRequestDelegation":false, "allowKycRequestDelegation":true,
            "é\n\u0041": [1, -2.5e3, null, {"a": "b"}], "x": ""}"#,
        ),
        (
            "twice",
            r#"{"allowAuthRequestDelegation":true,"allowAuthRequestDelegation":true,
            "allowKycRequestDelegation":true}"#,
        ),
        ("no-boolean", r#"{"allowAuthRequestDelegation":"true","allowKycRequestDelegation":1}"#),
        ("no-object", "[true]"),
    ])
}
