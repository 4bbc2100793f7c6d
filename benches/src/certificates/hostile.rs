//! Certificates made to cost as much as possible.

use anyhow::{Result, bail};
use misp_onboarding::certificate::{
    Certificate, CertificateRules, PathOptions, TrustAnchors, Validator, default_verifier, verify_path,
};
use misp_onboarding_testkit::pki::{self, CertificateBuilder, Extension, GeneralName, Key, KeyKind, Name};

use super::at;
use super::scenario::parse;

/// Something hostile.
pub struct Hostile {
    /// As tables show it.
    pub name: &'static str,
    validate: Box<dyn Fn() -> bool>,
}

impl Hostile {
    /// Validates it; the answer is to be no.
    pub fn refuse(&self) -> Result<()> {
        if (self.validate)() {
            bail!("{}: accepted", self.name);
        }
        Ok(())
    }
}

/// All of them.
pub fn hostile() -> Result<Vec<Hostile>> {
    Ok(vec![mesh()?, same_name()?, name_constraints()?, policies()?, deep_chain()?])
}

/// Path validation with certificates that came along, which the sender chooses.
fn path(
    name: &'static str,
    leaf: &pki::Certificate,
    roots: &[pki::Certificate],
    intermediates: &[pki::Certificate],
) -> Result<Hostile> {
    let leaf = Certificate::from_der(leaf.der())?;
    let (roots, intermediates) = (parse(roots)?, parse(intermediates)?);
    let options = PathOptions::at(at());
    let validate = Box::new(move || verify_path(&leaf, &roots, &intermediates, &options).is_ok());
    Ok(Hostile { name, validate })
}

/// Twelve keys of one name, each certified by each, and no root.
fn mesh() -> Result<Hostile> {
    let ca = |number: usize| {
        CertificateBuilder::intermediate("Mesh CA").key(Key::p256(&format!("mesh {number}"))).self_signed()
    };
    let keys: Vec<_> = (0..12).map(ca).collect();
    let mesh: Vec<_> = keys
        .iter()
        .flat_map(|subject| keys.iter().map(|issuer| subject.to_builder().issued_by(issuer)))
        .collect();
    let leaf = CertificateBuilder::partner("Hostile").issued_by(&keys[0]);
    path("144 CAs of one name that certify each other", &leaf, &[], &mesh)
}

/// Hundreds of possible issuers with the slowest keys there are, none of which has signed.
fn same_name() -> Result<Hostile> {
    let root = CertificateBuilder::root("Same Name").key(Key::p521("same root")).self_signed();
    let intermediates: Vec<_> = (0..300)
        .map(|number| {
            CertificateBuilder::intermediate("Same Name")
                .key(Key::new(KeyKind::P521, &format!("same {number}")))
                .without(pki::oid::SUBJECT_KEY_IDENTIFIER)
                .issued_by(&root)
        })
        .collect();
    let leaf = CertificateBuilder::partner("Hostile")
        .signing_key(Key::p521("same stranger"))
        .without(pki::oid::AUTHORITY_KEY_IDENTIFIER)
        .issued_by(&root);
    path("300 possible issuers with P-521, none of them the issuer", &leaf, &[root], &intermediates)
}

/// 5,000 name constraints in the issuer, 5,000 names in the file.
fn name_constraints() -> Result<Hostile> {
    let names = |of: &str| -> Vec<_> {
        (0..5_000).map(|number| GeneralName::dns(&format!("{of}{number}.example.org"))).collect()
    };
    let root = CertificateBuilder::root("Constraining Root").self_signed();
    let issuing = CertificateBuilder::intermediate("Constraining CA")
        .with(Extension::name_constraints(&[], &names("excluded")))
        .issued_by(&root);
    let leaf = CertificateBuilder::partner("Hostile")
        .with(Extension::subject_alt_name(&names("name")))
        .issued_by(&issuing)
        .pem();
    let verifier = default_verifier();
    let anchors = TrustAnchors::load(parse(&[root])?, parse(&[issuing])?, [], &*verifier);
    let rules = CertificateRules::default();
    let validate = Box::new(move || {
        let validator = Validator { anchors: &anchors, rules: &rules, verifier: &verifier };
        validator.validate(leaf.as_bytes(), "Hostile", at()).accepted()
    });
    Ok(Hostile { name: "5,000 name constraints and 5,000 names, with the file", validate })
}

/// Eight CAs that map each of 60 policies to each of 60.
fn policies() -> Result<Hostile> {
    let policies: Vec<_> = (0..60).map(|number| format!("1.3.6.1.4.1.99999.{number}")).collect();
    let policies: Vec<_> = policies.iter().map(String::as_str).collect();
    let mappings: Vec<_> =
        policies.iter().flat_map(|issuer| policies.iter().map(|subject| (*issuer, *subject))).collect();
    let with_policies =
        |builder: CertificateBuilder| builder.with(Extension::certificate_policies(&policies));
    let root = CertificateBuilder::root("Policy Root").self_signed();
    let mut intermediates: Vec<pki::Certificate> = Vec::new();
    for number in 0..8 {
        let certificate = with_policies(CertificateBuilder::intermediate(&format!("Policy CA {number}")))
            .with(Extension::policy_mappings(&mappings))
            .issued_by(intermediates.last().unwrap_or(&root));
        intermediates.push(certificate);
    }
    let leaf = with_policies(CertificateBuilder::partner("Hostile"))
        .with(Extension::unknown(true))
        .issued_by(intermediates.last().unwrap_or(&root));
    path("8 CAs that map each of 60 policies to each of 60", &leaf, &[root], &intermediates)
}

/// A chain of 100 CAs to the root.
fn deep_chain() -> Result<Hostile> {
    let root = CertificateBuilder::root("Deep Root").key(Key::p521("deep")).self_signed();
    let mut intermediates: Vec<pki::Certificate> = Vec::new();
    for number in 0..100 {
        let certificate = CertificateBuilder::intermediate("")
            .subject(Name::cn(&format!("Deep CA {number}")))
            .key(Key::p521("deep"))
            .issued_by(intermediates.last().unwrap_or(&root));
        intermediates.push(certificate);
    }
    let leaf = CertificateBuilder::partner("Hostile").issued_by(intermediates.last().unwrap_or(&root));
    path("a chain of 100 CAs with P-521", &leaf, &[root], &intermediates)
}
