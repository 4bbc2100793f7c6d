//! The strict profile: what RFC 5280 section 4 asks of those who issue certificates.

use super::error::{Fault, PathFault};
use super::processing::Role;
use crate::certificate::Certificate;
use crate::certificate::extensions::Known;
use crate::certificate::general_name::Form;

/// The longest serial number in octets (RFC 5280 section 4.1.2.2).
const MAX_SERIAL_OCTETS: usize = 20;

/// Checks `certificate`, which is at place `at` of a path.
pub(super) fn check(certificate: &Certificate, role: Role, at: usize) -> Result<(), Fault> {
    let issues = role != Role::Leaf || certificate.is_ca();
    let extensions = certificate.extensions();
    let require = |holds: bool, rule, required: &'static str, found: &'static str| {
        if holds { Ok(()) } else { Err(Fault::new(PathFault::StrictProfile, at, rule, required, found)) }
    };
    let critical_if_present = |known| !extensions.has(known) || extensions.is_critical(known);

    require(
        certificate.version() == 3,
        "RFC 5280 section 4.1.2.1",
        "a certificate of version 3",
        "an earlier version",
    )?;
    let serial = certificate.serial_number();
    require(
        serial.len() <= MAX_SERIAL_OCTETS,
        "RFC 5280 section 4.1.2.2",
        "a serial number of at most 20 octets",
        "a longer one",
    )?;
    require(
        serial.first().is_some_and(|octet| *octet < 0x80) && serial.iter().any(|octet| *octet != 0),
        "RFC 5280 section 4.1.2.2",
        "a positive serial number",
        "zero or a negative one",
    )?;
    require(
        !certificate.subject().is_empty() || (!issues && extensions.is_critical(Known::SubjectAltName)),
        "RFC 5280 section 4.1.2.6",
        "a subject or, where not a CA, critical alternative names",
        "neither",
    )?;
    // A certificate that a CA signs with the key it certifies may leave it out.
    require(
        certificate.authority_key_id().is_some() || certificate.is_self_issued(),
        "RFC 5280 section 4.2.1.1",
        "an authority key identifier",
        "none",
    )?;
    require(
        certificate.subject_key_id().is_some() || !issues,
        "RFC 5280 section 4.2.1.2",
        "a subject key identifier in a CA certificate",
        "none",
    )?;
    require(
        certificate.is_ca() || !certificate.key_usage().is_some_and(|usage| usage.allows_cert_sign()),
        "RFC 5280 section 4.2.1.3",
        "the key usage keyCertSign in CA certificates only",
        "it in another one",
    )?;
    require(
        !issues || extensions.is_critical(Known::BasicConstraints),
        "RFC 5280 section 4.2.1.9",
        "critical basic constraints in a CA certificate",
        "ones that are absent or not critical",
    )?;
    require(
        certificate.is_ca()
            || certificate.basic_constraints().is_none_or(|constraints| constraints.path_len.is_none()),
        "RFC 5280 section 4.2.1.9",
        "a path length in CA certificates only",
        "one in another certificate",
    )?;
    check_name_constraints(certificate, at)?;
    require(
        critical_if_present(Known::PolicyConstraints),
        "RFC 5280 section 4.2.1.11",
        "critical policy constraints",
        "ones that are not critical",
    )?;
    require(
        critical_if_present(Known::InhibitAnyPolicy),
        "RFC 5280 section 4.2.1.14",
        "a critical inhibitAnyPolicy",
        "one that is not critical",
    )?;
    require(
        !extensions.has_malformed_info_access,
        "RFC 5280 section 4.2.2.1",
        "access descriptions in authorityInfoAccess",
        "something else",
    )
}

/// RFC 5280 section 4.2.1.10
fn check_name_constraints(certificate: &Certificate, at: usize) -> Result<(), Fault> {
    let fault = |required, found| {
        Err(Fault::new(PathFault::StrictProfile, at, "RFC 5280 section 4.2.1.10", required, found))
    };
    let extensions = certificate.extensions();
    let Some([permitted, excluded]) = extensions.name_constraints() else { return Ok(()) };
    if !certificate.is_ca() {
        return fault("name constraints in CA certificates only", "ones in another certificate");
    }
    if !extensions.is_critical(Known::NameConstraints) {
        return fault("critical name constraints", "ones that are not critical");
    }
    let mut subtrees = permitted.chain(excluded).peekable();
    if subtrees.peek().is_none() {
        return fault("at least one subtree in name constraints", "none");
    }
    for subtree in subtrees {
        if subtree.has_distances {
            return fault("subtrees without minimum and maximum", "one with them");
        }
        if subtree.base.form == Form::Dns && subtree.base.element.content.starts_with(b".") {
            return fault("a dNSName without a leading period", "one with it");
        }
    }
    Ok(())
}
