//! The rule of uploading a partner's certificate.

use super::validate::Examined;
use super::{Certificate, CertificateReport, PartnerCertificate};
use crate::decision::{Context, Decision};
use crate::error::Error;
use crate::event::EventKind;
use crate::id::{PartnerCertificateId, Version};
use crate::partner::{Partner, PartnerState};
use crate::state::state_enum;
use crate::store::{ChangeSet, RecordId};
use crate::trust_store::TrustDomainRecord;

state_enum!(
    /// What an upload did.
    UploadOutcome {
        /// The partner's first certificate: it is active now.
        Activated = "activated",
        /// The certificate took the place of the one before.
        Replaced = "replaced",
        /// The certificate is the current one already; nothing changed.
        Unchanged = "unchanged",
    }
);

/// A certificate that was accepted.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct UploadedCertificate {
    /// What the upload did.
    pub outcome: UploadOutcome,
    /// The partner after it.
    pub partner: Partner,
    /// The certificate as it is kept.
    pub certificate: PartnerCertificate,
    /// The same report as that of an inspection.
    pub report: CertificateReport,
}

/// What an upload is decided on.
pub(crate) struct UploadFacts {
    pub(crate) partner: Partner,
    pub(crate) current: Option<PartnerCertificate>,
    /// The domain that the path was found in.
    pub(crate) trust_domain: Option<TrustDomainRecord>,
    pub(crate) examined: Examined,
}

pub(crate) fn upload(
    id: PartnerCertificateId,
    facts: UploadFacts,
    context: &Context<'_>,
) -> Result<Decision<UploadedCertificate>, Error> {
    let UploadFacts { partner, current, trust_domain, examined } = facts;
    crate::partner::rules::not_deactivated(&partner)?;
    let Examined { report, certificate, path } = examined;
    // What was accepted once is not judged again: a year later it has less than a year left.
    if let Some(certificate) =
        current.clone().filter(|current| is_in_file(current, certificate.as_ref(), &report))
    {
        let answer = UploadedCertificate { outcome: UploadOutcome::Unchanged, partner, certificate, report };
        return Ok(Decision::unchanged(answer));
    }
    let (Some(certificate), Some(path), true) = (certificate, path, report.accepted()) else {
        return Err(Error::CertificateRejected(Box::new(report)));
    };
    let record = PartnerCertificate {
        id,
        partner: partner.id.clone(),
        domain: context.rules.partner_domain.clone(),
        der: certificate.der().into(),
        fingerprint: certificate.sha256(),
        subject: certificate.subject().to_string(),
        issuer: certificate.issuer().to_string(),
        serial_number: certificate.serial_hex(),
        not_before: certificate.not_before(),
        not_after: certificate.not_after(),
        path: path.leaf_to_root().iter().skip(1).map(|ca| ca.sha256()).collect(),
        uploaded_at: context.now,
        uploaded_by: context.actor.clone(),
        replaced_at: None,
        version: Version::FIRST,
    };
    let mut changes = ChangeSet::new();
    if let Some(domain) = &trust_domain {
        changes.expect(RecordId::TrustDomain(domain.domain.clone()), domain.version);
    }
    let facts =
        [("fingerprint", record.fingerprint.to_string()), ("not_after", record.not_after.to_string())];
    let outcome = if partner.state == PartnerState::Inactive {
        UploadOutcome::Activated
    } else {
        UploadOutcome::Replaced
    };
    if let Some(current) = current {
        let replaced = PartnerCertificate {
            replaced_at: Some(context.now),
            version: current.version.next(),
            ..current.clone()
        };
        let replaced_by = [("replaced_by", record.id.to_string())];
        changes.update_with(context, current, replaced, EventKind::PartnerCertificateReplaced, replaced_by);
    }
    changes.insert_with(context, record.clone(), EventKind::PartnerCertificateUploaded, facts);
    let moved =
        Partner { state: PartnerState::Active, certificate: Some(record.id), ..context.moved(&partner) };
    match outcome {
        UploadOutcome::Activated => {
            changes.update_with(context, partner, moved.clone(), EventKind::PartnerActivated, []);
        }
        _ => {
            changes.update(moved.clone());
        }
    }
    let answer = UploadedCertificate { outcome, partner: moved, certificate: record, report };
    Ok(Decision::new(changes, answer))
}

/// Whether the file holds this certificate and nothing that a file of it must not hold.
fn is_in_file(
    stored: &PartnerCertificate,
    certificate: Option<&Certificate>,
    report: &CertificateReport,
) -> bool {
    let file_is_good =
        !report.findings.iter().any(|finding| finding.is_error() && finding.certificate.is_none());
    file_is_good && certificate.is_some_and(|certificate| certificate.sha256() == stored.fingerprint)
}
