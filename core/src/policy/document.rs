//! What a MISP policy allows, as a JSON document.

use std::fmt;
use std::sync::Arc;

use serde::de::{Deserializer, MapAccess, Visitor};

use crate::text::{FieldProblem, FieldRule};

/// The most characters of a policy document.
pub const MAX_DOCUMENT_CHARACTERS: usize = 5_120;

/// What a policy allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default, serde::Serialize, serde::Deserialize)]
pub struct PolicyPermissions {
    /// `allowAuthRequestDelegation`
    pub allow_auth_request_delegation: bool,
    /// `allowKycRequestDelegation`
    pub allow_kyc_request_delegation: bool,
    /// `trustBindedAuthVerificationToken`; false where the document has none.
    pub trust_binded_auth_verification_token: bool,
    /// `allowKeyBindingDelegation`; false where the document has none.
    pub allow_key_binding_delegation: bool,
}

/// A MISP policy document: a JSON object of at most 5120 characters, kept to the letter.
///
/// `allowAuthRequestDelegation` and `allowKycRequestDelegation` must be booleans;
/// `trustBindedAuthVerificationToken` and `allowKeyBindingDelegation` may be; any other member is kept as it is. A
/// member named twice is refused, since readers differ on which one counts, and so is what many cannot read (RFC 8259
/// sections 6, 8.2 and 9): a number beyond a double, half of a surrogate pair, more than 127 levels.
#[derive(Clone, PartialEq, Eq)]
pub struct PolicyDocument {
    json: Arc<str>,
    permissions: PolicyPermissions,
}

impl PolicyDocument {
    /// Reads and checks a document.
    ///
    /// # Errors
    /// The rule that it breaks: length, JSON, a member missing, not a boolean or named twice.
    pub fn parse(json: &str) -> Result<Self, FieldProblem> {
        // Characters are at most four bytes, so a longer text needs no counting.
        let too_long = json.len() > MAX_DOCUMENT_CHARACTERS * 4;
        let characters = if too_long { json.len() } else { json.chars().count() };
        if too_long || characters > MAX_DOCUMENT_CHARACTERS {
            let unit = if too_long { "bytes" } else { "characters" };
            return Err(FieldProblem::new(
                FieldRule::Length,
                format!("at most {MAX_DOCUMENT_CHARACTERS} characters"),
                format!("{characters} {unit}"),
            ));
        }
        let members: Members = serde_json::from_str(json)
            .map_err(|reason| FieldProblem::new(FieldRule::Format, "a JSON object", reason.to_string()))?;
        let permissions = members.permissions()?;
        Ok(Self { json: json.into(), permissions })
    }

    /// The document, to the letter.
    pub fn as_str(&self) -> &str {
        &self.json
    }

    /// What it allows.
    pub fn permissions(&self) -> PolicyPermissions {
        self.permissions
    }
}

crate::wire::text_on_the_wire!(PolicyDocument as_str);

impl fmt::Debug for PolicyDocument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PolicyDocument({})", self.json)
    }
}

impl std::str::FromStr for PolicyDocument {
    type Err = FieldProblem;

    fn from_str(json: &str) -> Result<Self, FieldProblem> {
        Self::parse(json)
    }
}

/// The members that the engine knows, each as often as the document names it.
#[derive(Default)]
struct Members {
    found: [Option<Member>; KNOWN.len()],
    duplicate: Option<String>,
}

#[derive(Clone, Copy)]
enum Member {
    Boolean(bool),
    Other,
}

/// The members that the engine knows, and whether a document must have them.
const KNOWN: [(&str, bool); 4] = [
    ("allowAuthRequestDelegation", true),
    ("allowKycRequestDelegation", true),
    ("trustBindedAuthVerificationToken", false),
    ("allowKeyBindingDelegation", false),
];

impl Members {
    fn permissions(&self) -> Result<PolicyPermissions, FieldProblem> {
        if let Some(name) = &self.duplicate {
            return Err(FieldProblem::new(FieldRule::Format, "each member once", format!("{name:?} twice")));
        }
        let mut values = [false; KNOWN.len()];
        for (((name, required), member), value) in KNOWN.iter().zip(self.found).zip(&mut values) {
            *value = match member {
                Some(Member::Boolean(given)) => given,
                None if !required => false,
                None => {
                    return Err(FieldProblem::new(FieldRule::Format, format!("a boolean {name:?}"), "none"));
                }
                Some(Member::Other) => {
                    let problem =
                        FieldProblem::new(FieldRule::Format, format!("a boolean {name:?}"), "another value");
                    return Err(problem);
                }
            };
        }
        let [auth, kyc, token, binding] = values;
        Ok(PolicyPermissions {
            allow_auth_request_delegation: auth,
            allow_kyc_request_delegation: kyc,
            trust_binded_auth_verification_token: token,
            allow_key_binding_delegation: binding,
        })
    }
}

impl<'de> serde::Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct MembersVisitor;

        impl<'de> Visitor<'de> for MembersVisitor {
            type Value = Members;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a JSON object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Members::default();
                let mut names = std::collections::HashSet::new();
                while let Some(name) = map.next_key::<String>()? {
                    // Also of a member that the engine does not know: passing over a value would let through
                    // what not every reader of the document can read.
                    let value = map.next_value::<serde_json::Value>()?;
                    if let Some(index) = KNOWN.iter().position(|(known, _)| *known == name) {
                        members.found[index] = Some(value.as_bool().map_or(Member::Other, Member::Boolean));
                    }
                    if !names.insert(name.clone()) {
                        members.duplicate.get_or_insert(name);
                    }
                }
                Ok(members)
            }
        }

        deserializer.deserialize_map(MembersVisitor)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOTH: &str = r#"{"allowAuthRequestDelegation":true,"allowKycRequestDelegation":false}"#;

    #[test]
    fn a_document_says_what_it_allows_and_is_kept_to_the_letter() {
        let text = "{ \"allowAuthRequestDelegation\": true,\n \"allowKycRequestDelegation\": false,\
                    \"allowKeyBindingDelegation\": true, \"x\": {\"n\": 1.50}}";
        let document = PolicyDocument::parse(text).unwrap();
        assert_eq!(document.as_str(), text);
        assert_eq!(
            document.permissions(),
            PolicyPermissions {
                allow_auth_request_delegation: true,
                allow_kyc_request_delegation: false,
                trust_binded_auth_verification_token: false,
                allow_key_binding_delegation: true,
            }
        );
    }

    #[test]
    fn each_rule_of_a_document_names_what_it_needs() {
        for (name, json, rule, required) in [
            ("empty", "", FieldRule::Format, "JSON object"),
            ("not an object", "[true]", FieldRule::Format, "JSON object"),
            ("trailing text", &format!("{BOTH} x"), FieldRule::Format, "JSON object"),
            ("too deep", &"[".repeat(4_000), FieldRule::Format, "JSON object"),
            (
                "no auth",
                r#"{"allowKycRequestDelegation":true}"#,
                FieldRule::Format,
                "allowAuthRequestDelegation",
            ),
            (
                "no kyc",
                r#"{"allowAuthRequestDelegation":true}"#,
                FieldRule::Format,
                "allowKycRequestDelegation",
            ),
            (
                "text for a boolean",
                r#"{"allowAuthRequestDelegation":"true","allowKycRequestDelegation":true}"#,
                FieldRule::Format,
                "allowAuthRequestDelegation",
            ),
            (
                "optional not a boolean",
                r#"{"allowAuthRequestDelegation":true,"allowKycRequestDelegation":true,"trustBindedAuthVerificationToken":null}"#,
                FieldRule::Format,
                "trustBindedAuthVerificationToken",
            ),
            (
                "named twice",
                r#"{"allowAuthRequestDelegation":true,"allowAuthRequestDelegation":false,"allowKycRequestDelegation":true}"#,
                FieldRule::Format,
                "once",
            ),
            (
                "named twice, unknown",
                r#"{"x":1,"x":1,"allowAuthRequestDelegation":true}"#,
                FieldRule::Format,
                "once",
            ),
        ] {
            let problem = PolicyDocument::parse(json).unwrap_err();
            assert_eq!(problem.rule, rule, "{name}: {problem}");
            assert!(problem.required.contains(required), "{name}: {problem}");
        }
    }

    #[test]
    fn what_is_no_json_object_is_named() {
        let problem = PolicyDocument::parse("[true]").unwrap_err();
        assert_eq!(problem.found, "invalid type: sequence, expected a JSON object at line 1 column 0");
    }

    #[test]
    fn a_document_shows_its_text() {
        let document = PolicyDocument::parse(BOTH).unwrap();
        assert_eq!(format!("{document:?}"), format!("PolicyDocument({BOTH})"));
    }

    #[test]
    fn what_other_readers_cannot_read_is_refused_in_any_member() {
        for (name, value) in [
            ("a number beyond a double", "[1e999]"),
            ("half of a surrogate pair", r#""\ud800""#),
            ("128 levels", &format!("{}{}", "[".repeat(127), "]".repeat(127))),
        ] {
            let json = format!("{},\"x\":{value}}}", BOTH.trim_end_matches('}'));
            let problem = PolicyDocument::parse(&json).unwrap_err();
            assert!(problem.required.contains("JSON object"), "{name}: {problem}");
        }
        let deep = format!("{},\"x\":{}{}}}", BOTH.trim_end_matches('}'), "[".repeat(126), "]".repeat(126));
        assert_eq!(PolicyDocument::parse(&deep).unwrap().as_str(), deep);
    }

    #[test]
    fn a_document_has_at_most_5120_characters() {
        let padded = |length: usize| {
            let open = BOTH.trim_end_matches('}');
            let frame = format!("{open},\"x\":\"\"}}").chars().count();
            format!("{open},\"x\":\"{}\"}}", "é".repeat(length - frame))
        };
        assert_eq!(padded(5_120).chars().count(), 5_120);
        assert!(PolicyDocument::parse(&padded(5_120)).is_ok());
        for length in [5_121, 30_000] {
            let problem = PolicyDocument::parse(&padded(length)).unwrap_err();
            assert_eq!(problem.rule, FieldRule::Length, "{length}: {problem}");
        }
        // Characters are counted where there may be few enough of them.
        for (length, found) in
            [(5_121, "5121 characters"), (20_480, "20480 characters"), (20_481, "20481 bytes")]
        {
            assert_eq!(PolicyDocument::parse(&"x".repeat(length)).unwrap_err().found, found);
        }
    }
}
