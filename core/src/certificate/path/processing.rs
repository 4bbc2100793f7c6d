//! Path processing: RFC 5280 section 6.1, for one candidate path.

use super::anchors::RememberedSignatures;
use super::error::{Fault, PathFault};
use super::limits::Budget;
use super::names::NameConstraints;
use super::policies::{InitialPolicies, PolicyState, ValidPolicies};
use super::sharing::SharedWork;
use super::{PathOptions, Profile, strict};
use crate::certificate::{Certificate, Oid, PublicKey, SignatureError};
use crate::time::Timestamp;

/// A certificate of a candidate path.
#[derive(Clone, Copy)]
pub(super) struct Link<'a> {
    pub(super) certificate: &'a Certificate,
    /// Whether it comes from the trust store, whose signatures may be remembered.
    pub(super) is_stored: bool,
}

/// The place of a certificate in a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    Root,
    Intermediate,
    Leaf,
}

/// What one validation works with: the caller's options, what is left of the bounds, and the signatures checked.
pub(super) struct Work<'a> {
    pub(super) options: &'a PathOptions,
    pub(super) budget: Budget,
    remembered: &'a RememberedSignatures,
    /// What it shares with the other validations of an upload.
    pub(super) shared: Option<&'a mut SharedWork>,
    checked: Vec<CheckedSignature<'a>>,
}

struct CheckedSignature<'a> {
    certificate: &'a Certificate,
    key: &'a PublicKey,
    result: Result<(), SignatureError>,
}

impl<'a> Work<'a> {
    pub(super) fn new(
        options: &'a PathOptions,
        remembered: &'a RememberedSignatures,
        shared: Option<&'a mut SharedWork>,
    ) -> Self {
        Self { options, budget: Budget::new(), remembered, shared, checked: Vec::new() }
    }

    /// Checks the signature of `link`, which is at place `at`, with the key of `issuer` (RFC 5280 section 6.1.3
    /// (a)(1)). Nothing is checked twice, and nothing that the trust store remembers.
    pub(super) fn check_signature(
        &mut self,
        link: Link<'a>,
        issuer: Link<'a>,
        at: usize,
    ) -> Result<(), Fault> {
        let certificate = link.certificate;
        let key = issuer.certificate.public_key();
        if link.is_stored && self.remembered.contains(certificate, issuer.certificate) {
            return Ok(());
        }
        let known = self
            .checked
            .iter()
            .find(|checked| std::ptr::eq(checked.certificate, certificate) && checked.key == key);
        let result = match known {
            Some(checked) => checked.result.clone(),
            None => {
                self.budget.signature_checks.spend(1, at)?;
                let result = match &mut self.shared {
                    Some(shared) => shared.check(certificate, issuer.certificate, at)?,
                    None => certificate.is_signed_by(key, &*self.options.verifier),
                };
                self.checked.push(CheckedSignature { certificate, key, result: result.clone() });
                result
            }
        };
        result.map_err(|error| signature_fault(issuer.certificate, at, error))
    }
}

/// That the signature of the certificate at place `at` is not, or not known to be, by the key of `issuer`.
pub(super) fn signature_fault(issuer: &Certificate, at: usize, error: SignatureError) -> Fault {
    Fault::new(
        PathFault::Signature,
        at,
        "RFC 5280 section 6.1.3 (a)(1)",
        format!("a signature by the key of its issuer {}", issuer.subject()),
        match error {
            SignatureError::Unsupported { .. } => error.to_string(),
            _ => "one that does not verify".to_owned(),
        },
    )
}

/// Processes the path from the root down to the leaf; `path` is leaf first. Every rule of section 6.1 is checked
/// here, whatever the search for the path has checked before.
pub(super) fn process<'a>(path: &[Link<'a>], work: &mut Work<'a>) -> Result<ValidPolicies, Fault> {
    let options = work.options;
    let Some((root, below)) = path.split_last() else {
        return Ok(ValidPolicies::Only(Vec::new()));
    };
    let length = below.len();
    // The root is a trust anchor, which section 6.1 does not process. It is inspected all the same, and what it
    // constrains holds for the path (RFC 5937 section 3.2).
    check_validity(root.certificate, length, options.at)?;
    check_issuer(root.certificate, Role::Root, length, options.profile)?;
    check_path_length(root.certificate, below.get(1..).unwrap_or_default(), length, options)?;
    let mut name_constraints: Vec<_> =
        NameConstraints::of(root.certificate, length, &mut work.budget)?.into_iter().collect();
    let mut policies = PolicyState::new(InitialPolicies::from(options), length);

    let mut issuer = *root;
    for (at, link) in below.iter().enumerate().rev() {
        let certificate = link.certificate;
        let is_last = at == 0;
        // Section 6.1.3 (a); revocation, (a)(3), is not this crate's.
        work.check_signature(*link, issuer, at)?;
        check_validity(certificate, at, options.at)?;
        check_issuer_name(certificate, issuer.certificate, at)?;
        // (b), (c)
        if is_last || !certificate.is_self_issued() {
            for constraints in &name_constraints {
                constraints.check(certificate, at, &mut work.budget)?;
            }
        }
        // (d) to (f)
        policies.process(certificate, at, &mut work.budget)?;
        if is_last {
            // Section 6.1.5 (e)
            check_leaf(certificate, options.profile)?;
        } else {
            // Section 6.1.4 (a), (b), (h) to (j)
            policies.prepare_next(certificate, at, &mut work.budget)?;
            // (g)
            name_constraints.extend(NameConstraints::of(certificate, at, &mut work.budget)?);
            // (k), (n), (o)
            check_issuer(certificate, Role::Intermediate, at, options.profile)?;
            // (l), (m)
            check_path_length(certificate, below.get(1..at).unwrap_or_default(), at, options)?;
        }
        issuer = *link;
    }
    // Section 6.1.5 (a), (b), (g)
    policies.finish(path.first().unwrap_or(root).certificate)
}

impl<'a> From<&'a PathOptions> for InitialPolicies<'a> {
    fn from(options: &'a PathOptions) -> Self {
        let takes_any = options.initial_policies.iter().any(Oid::is_any_policy);
        Self {
            accepted: if takes_any { &[] } else { &options.initial_policies },
            require_explicit_policy: options.require_explicit_policy,
            inhibit_policy_mapping: options.inhibit_policy_mapping,
            inhibit_any_policy: options.inhibit_any_policy,
        }
    }
}

/// RFC 5280 section 6.1.3 (a)(2). Validity is "inclusive" (section 4.1.2.5): its last instant is `notAfter` itself, and
/// a microsecond later it is over, in every check of the engine.
pub(super) fn check_validity(certificate: &Certificate, at: usize, instant: Timestamp) -> Result<(), Fault> {
    let rule = "RFC 5280 section 6.1.3 (a)(2)";
    if instant < certificate.not_before() {
        return Err(Fault::new(
            PathFault::NotYetValid,
            at,
            rule,
            format!("a certificate that is valid at {instant}"),
            format!("one that is valid from {}", certificate.not_before()),
        ));
    }
    if instant > certificate.not_after() {
        return Err(Fault::new(
            PathFault::Expired,
            at,
            rule,
            format!("a certificate that is valid at {instant}"),
            format!("one that was valid until {}", certificate.not_after()),
        ));
    }
    Ok(())
}

/// RFC 5280 section 6.1.3 (a)(4), and section 4.1.2.4: an issuer has a name.
fn check_issuer_name(certificate: &Certificate, issuer: &Certificate, at: usize) -> Result<(), Fault> {
    if certificate.issuer().matches(issuer.subject()) && !certificate.issuer().is_empty() {
        return Ok(());
    }
    Err(Fault::new(
        PathFault::MissingIssuer,
        at,
        "RFC 5280 section 6.1.3 (a)(4)",
        format!("the issuer {}", certificate.issuer()),
        issuer.subject().to_string(),
    ))
}

/// What an issuer has to be, wherever it stands (RFC 5280 section 6.1.4 (k), (n), (o)).
pub(super) fn check_issuer(
    certificate: &Certificate,
    role: Role,
    at: usize,
    profile: Profile,
) -> Result<(), Fault> {
    check_critical_extensions(certificate, at)?;
    // (k): versions 1 and 2 cannot say that they are a CA. A root is one by being configured as a root, which is
    // the out-of-band means that the rule speaks of.
    let is_ca = match certificate.version() {
        3 => certificate.is_ca(),
        _ => role == Role::Root,
    };
    if !is_ca {
        let found = match (certificate.version(), certificate.basic_constraints()) {
            (3, Some(_)) => "basic constraints that say it is none".to_owned(),
            (3, None) => "no basic constraints".to_owned(),
            (version, _) => format!("a certificate of version {version}"),
        };
        return Err(Fault::new(
            PathFault::BasicConstraints,
            at,
            "RFC 5280 section 6.1.4 (k)",
            "a CA by its basic constraints",
            found,
        ));
    }
    // (n)
    if let Some(usage) = certificate.key_usage().filter(|usage| !usage.allows_cert_sign()) {
        let found = usage.to_string();
        return Err(Fault::new(
            PathFault::KeyCertSign,
            at,
            "RFC 5280 section 6.1.4 (n)",
            "the key usage keyCertSign",
            if found.is_empty() { "no usage at all".to_owned() } else { found },
        ));
    }
    match profile {
        Profile::Default => Ok(()),
        Profile::Strict => strict::check(certificate, role, at),
    }
}

/// RFC 5280 section 6.1.5 (e), and the strict profile.
fn check_leaf(certificate: &Certificate, profile: Profile) -> Result<(), Fault> {
    check_critical_extensions(certificate, 0)?;
    match profile {
        Profile::Default => Ok(()),
        Profile::Strict => strict::check(certificate, Role::Leaf, 0),
    }
}

/// RFC 5280 sections 6.1.4 (o) and 6.1.5 (e).
fn check_critical_extensions(certificate: &Certificate, at: usize) -> Result<(), Fault> {
    let unprocessed = &certificate.extensions().unprocessed_critical;
    if unprocessed.is_empty() {
        return Ok(());
    }
    let found: Vec<_> = unprocessed.iter().map(Oid::to_string).collect();
    Err(Fault::new(
        PathFault::UnknownCriticalExtension,
        at,
        "RFC 5280 section 4.2",
        "critical extensions that validation knows and processes only",
        found.join(", "),
    ))
}

/// That no more intermediate certificates stand below the issuer at place `at` than it allows (RFC 5280 section
/// 6.1.4 (l), (m)), nor more than the caller allows. Self-issued ones do not count.
pub(super) fn check_path_length(
    issuer: &Certificate,
    intermediates_below: &[Link<'_>],
    at: usize,
    options: &PathOptions,
) -> Result<(), Fault> {
    let count = intermediates_below.iter().filter(|link| !link.certificate.is_self_issued()).count();
    let exceeds = |limit: &u32| count > usize::try_from(*limit).unwrap_or(usize::MAX);
    let path_len = issuer.basic_constraints().and_then(|constraints| constraints.path_len);
    let (rule, limit) = match (path_len.filter(exceeds), options.max_depth.filter(exceeds)) {
        (Some(limit), _) => ("RFC 5280 section 6.1.4 (l)", limit),
        (None, Some(limit)) => ("the option max_depth", limit),
        (None, None) => return Ok(()),
    };
    Err(Fault::new(
        PathFault::PathLength,
        at,
        rule,
        format!("at most {limit} intermediate certificates below"),
        count.to_string(),
    ))
}
