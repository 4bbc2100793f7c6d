//! NIST PKITS: every case of path validation, with revocation off.
//!
//! The cases are in `data/pkits-manifest.json`; the certificates are not part of this repository (see
//! `data/README.md`).
#![allow(clippy::print_stdout, clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use misp_onboarding::Timestamp;
use misp_onboarding::certificate::path::TrustAnchors;
use misp_onboarding::certificate::{Certificate, PathError, PathOptions, VerifiedPath, verify_path};

const VALIDATED_AT: &str = "2026-01-15T12:00:00Z";
const TRUST_ANCHOR: &str = "TrustAnchorRootCertificate.crt";

#[derive(serde::Deserialize)]
struct Manifest {
    count: usize,
    cases: Vec<Case>,
}

#[derive(serde::Deserialize)]
struct Case {
    id: String,
    leaf: String,
    intermediates: Vec<String>,
    settings: Settings,
    expected: Answer,
}

#[derive(Default, serde::Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Settings {
    initial_policies: Vec<String>,
    require_explicit_policy: bool,
    inhibit_policy_mapping: bool,
    inhibit_any_policy: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
enum Answer {
    Accept,
    Reject,
}

#[derive(serde::Deserialize)]
struct Exceptions {
    exceptions: BTreeMap<String, String>,
}

#[test]
fn every_case_gets_the_expected_answer() {
    let manifest: Manifest = serde_json::from_str(include_str!("data/pkits-manifest.json")).unwrap();
    let Exceptions { exceptions } = serde_json::from_str(include_str!("data/pkits-exceptions.json")).unwrap();
    assert_eq!(manifest.cases.len(), manifest.count);
    for id in exceptions.keys() {
        assert!(manifest.cases.iter().any(|case| case.id == *id), "the exception {id} is for no case");
    }

    let mut complaints = Vec::new();
    for case in &manifest.cases {
        for (way, result) in
            [("at once", case.verify_at_once()), ("with a loaded store", case.verify_loaded())]
        {
            let answer = if result.is_ok() { Answer::Accept } else { Answer::Reject };
            let text = result.map_or_else(|error| error.to_string(), |path| format!("{path:?}"));
            match (answer == case.expected, exceptions.get(&case.id)) {
                (true, None) => println!("{} {way}: {text}", case.id),
                (false, Some(reason)) => println!("{} {way} differs: {reason}", case.id),
                (false, None) => complaints.push(format!(
                    "{} {way}: {:?} is expected, got {answer:?} ({text})",
                    case.id, case.expected
                )),
                (true, Some(_)) => {
                    complaints.push(format!("{} {way}: the exception no longer applies", case.id))
                }
            }
        }
    }
    assert!(
        complaints.is_empty(),
        "{} of {} answers differ:\n{}",
        complaints.len(),
        2 * manifest.count,
        complaints.join("\n")
    );
}

impl Case {
    fn verify_at_once(&self) -> Result<VerifiedPath, PathError> {
        verify_path(&read(&self.leaf), &[read(TRUST_ANCHOR)], &self.intermediates(), &self.options())
    }

    fn verify_loaded(&self) -> Result<VerifiedPath, PathError> {
        let options = self.options();
        TrustAnchors::load([read(TRUST_ANCHOR)], self.intermediates(), [], &*options.verifier).verify(
            &read(&self.leaf),
            &[],
            &options,
        )
    }

    fn intermediates(&self) -> Vec<Certificate> {
        self.intermediates.iter().map(|file| read(file)).collect()
    }

    fn options(&self) -> PathOptions {
        let Settings {
            initial_policies,
            require_explicit_policy,
            inhibit_policy_mapping,
            inhibit_any_policy,
        } = &self.settings;
        let mut options = PathOptions::at(VALIDATED_AT.parse::<Timestamp>().unwrap());
        options.initial_policies = initial_policies.iter().map(|policy| policy.parse().unwrap()).collect();
        options.require_explicit_policy = *require_explicit_policy;
        options.inhibit_policy_mapping = *inhibit_policy_mapping;
        options.inhibit_any_policy = *inhibit_any_policy;
        options
    }
}

#[test]
fn every_certificate_of_the_suite_is_read() {
    let mut count = 0;
    for file in std::fs::read_dir(folder()).unwrap() {
        let path = file.unwrap().path();
        if path.extension().is_some_and(|extension| extension == "crt") {
            let der = std::fs::read(&path).unwrap();
            let certificate = Certificate::from_der(der.clone()).unwrap();
            assert_eq!(certificate.der(), der, "{}", path.display());
            count += 1;
        }
    }
    assert_eq!(count, 405);
}

fn read(file: &str) -> Certificate {
    let path = folder().join(file);
    let der =
        std::fs::read(&path).unwrap_or_else(|error| panic!("{} cannot be read: {error}", path.display()));
    Certificate::from_der(der).unwrap_or_else(|error| panic!("{file}: {error}"))
}

fn folder() -> PathBuf {
    let folder = std::env::var_os("PKITS_DIR")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/pkits/certs"), PathBuf::from);
    assert!(
        folder.join(TRUST_ANCHOR).is_file(),
        "the certificates of NIST PKITS are not in {}; `cargo xtask test` fetches them, or PKITS_DIR names a folder that has them",
        folder.display()
    );
    folder
}
