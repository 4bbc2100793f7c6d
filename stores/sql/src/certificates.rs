//! The trust store and partner certificates.

use misp_onboarding::Timestamp;
use misp_onboarding::certificate::{Fingerprint, PartnerCertificate};
use misp_onboarding::id::ActorId;
use misp_onboarding::list::Query;
use misp_onboarding::store::StoreError;
use misp_onboarding::text::{Comment, fold_case};
use misp_onboarding::trust_store::{
    CaCertificate, CaCertificateFilter, CaCertificateSort, TrustDomain, TrustDomainRecord,
};

use crate::table_row::TableRow;
use crate::{Conditions, Dialect, Fields, Order, Statement, UnsupportedSortKey, partners, tables};

pub(crate) fn domain_row(domain: &TrustDomainRecord) -> TableRow<'_> {
    let mut row = TableRow::new(&tables::TRUST_DOMAINS);
    row.set("domain", domain.domain.as_str()).set("version", domain.version.number());
    row
}

pub(crate) fn ca_row(certificate: &CaCertificate) -> TableRow<'_> {
    let mut row = TableRow::new(&tables::CA_CERTIFICATES);
    row.set("id", certificate.id.to_string())
        .refer("domain", &tables::TRUST_DOMAINS, Some(certificate.domain.to_string()))
        .set("kind", certificate.kind.as_str())
        .set("state", certificate.state.as_str())
        .set("der", &certificate.der[..])
        .set("fingerprint", &certificate.fingerprint.as_bytes()[..])
        .set("subject", certificate.subject.as_str())
        .set("subject_folded", fold_case(&certificate.subject))
        .set("issuer", certificate.issuer.as_str())
        .set("issuer_folded", fold_case(&certificate.issuer))
        .set("not_before", certificate.not_before)
        .set("not_after", certificate.not_after)
        .set("uploaded_at", certificate.uploaded_at)
        .set("uploaded_by", certificate.uploaded_by.as_str())
        .set("distrusted_at", certificate.distrusted_at)
        .set("distrust_reason", certificate.distrust_reason.as_ref().map(Comment::as_str))
        .set("version", certificate.version.number());
    row
}

pub(crate) fn partner_row(certificate: &PartnerCertificate) -> TableRow<'_> {
    let mut row = TableRow::new(&tables::PARTNER_CERTIFICATES);
    row.set("id", certificate.id.to_string())
        .refer("partner_id", &tables::PARTNERS, Some(certificate.partner.to_string()))
        .set("der", &certificate.der[..])
        .set("fingerprint", &certificate.fingerprint.as_bytes()[..])
        .set("subject", certificate.subject.as_str())
        .set("issuer", certificate.issuer.as_str())
        .set("serial_number", certificate.serial_number.as_str())
        .set("not_before", certificate.not_before)
        .set("not_after", certificate.not_after)
        .set("domain", certificate.domain.as_str())
        .set("uploaded_at", certificate.uploaded_at)
        .set("uploaded_by", certificate.uploaded_by.as_str())
        .set("replaced_at", certificate.replaced_at)
        .set("version", certificate.version.number());
    row
}

/// Selects what [`read_ca`] reads, from table `c`.
pub const SELECT_CA: &str = "SELECT c.id, c.domain, c.kind, c.state, c.der, c.fingerprint, c.subject, c.issuer, \
                             c.not_before, c.not_after, c.uploaded_at, c.uploaded_by, c.distrusted_at, \
                             c.distrust_reason, c.version FROM ca_certificates c";

/// Selects what [`read_partner_certificate`] reads, from table `c`.
pub fn select_partner_certificate(dialect: Dialect) -> String {
    let path = match dialect {
        Dialect::Sqlite => "group_concat(hex(h.fingerprint), ' ' ORDER BY h.position)",
        Dialect::Postgres => "string_agg(encode(h.fingerprint, 'hex'), ' ' ORDER BY h.position)",
    };
    format!(
        "SELECT c.id, c.partner_id, c.der, c.fingerprint, c.subject, c.issuer, c.serial_number, c.not_before, \
         c.not_after, c.domain, (SELECT {path} FROM partner_certificate_paths h WHERE h.certificate_id = c.id), \
         c.uploaded_at, c.uploaded_by, c.replaced_at, c.version FROM partner_certificates c"
    )
}

/// Reads a trust domain: its name and its version.
///
/// # Errors
/// A column does not hold what it should.
pub fn read_domain(fields: &mut Fields<'_>) -> Result<TrustDomainRecord, StoreError> {
    Ok(TrustDomainRecord { domain: fields.parsed()?, version: fields.version()? })
}

/// Reads a CA certificate.
///
/// # Errors
/// A column does not hold what it should.
pub fn read_ca(fields: &mut Fields<'_>) -> Result<CaCertificate, StoreError> {
    Ok(CaCertificate {
        id: fields.parsed()?,
        domain: fields.parsed()?,
        kind: fields.parsed()?,
        state: fields.parsed()?,
        der: fields.bytes()?,
        fingerprint: read_fingerprint(fields)?,
        subject: fields.text()?.to_owned(),
        issuer: fields.text()?.to_owned(),
        not_before: fields.time()?,
        not_after: fields.time()?,
        uploaded_at: fields.time()?,
        uploaded_by: ActorId::from_stored(fields.text()?),
        distrusted_at: fields.optional_time()?,
        distrust_reason: fields.optional_text()?.map(Comment::from_stored),
        version: fields.version()?,
    })
}

/// Reads a partner certificate.
///
/// # Errors
/// A column does not hold what it should.
pub fn read_partner_certificate(fields: &mut Fields<'_>) -> Result<PartnerCertificate, StoreError> {
    Ok(PartnerCertificate {
        id: fields.parsed()?,
        partner: partners::read_id(fields)?,
        der: fields.bytes()?,
        fingerprint: read_fingerprint(fields)?,
        subject: fields.text()?.to_owned(),
        issuer: fields.text()?.to_owned(),
        serial_number: fields.text()?.to_owned(),
        not_before: fields.time()?,
        not_after: fields.time()?,
        domain: fields.parsed()?,
        path: read_path(fields)?,
        uploaded_at: fields.time()?,
        uploaded_by: ActorId::from_stored(fields.text()?),
        replaced_at: fields.optional_time()?,
        version: fields.version()?,
    })
}

/// Reads a fingerprint.
///
/// # Errors
/// The column does not hold one.
pub fn read_fingerprint(fields: &mut Fields<'_>) -> Result<Fingerprint, StoreError> {
    fields.octets().map(Fingerprint::from_bytes)
}

/// Reads fingerprints in hexadecimal with spaces between them; none where there is no path.
fn read_path(fields: &mut Fields<'_>) -> Result<Vec<Fingerprint>, StoreError> {
    let path = fields.optional_checked(|text| text.split(' ').map(str::parse).collect())?;
    Ok(path.unwrap_or_default())
}

/// A page of the trust store's list, which [`read_ca`] reads.
///
/// # Errors
/// The sort key is not one that this crate knows.
pub fn page(
    dialect: Dialect,
    query: &Query<CaCertificateFilter, CaCertificateSort>,
) -> Result<Statement, UnsupportedSortKey> {
    let column = match query.sort {
        CaCertificateSort::Subject => "c.subject_folded",
        CaCertificateSort::Issuer => "c.issuer_folded",
        CaCertificateSort::UploadedAt => "c.uploaded_at",
        CaCertificateSort::NotAfter => "c.not_after",
        _ => return Err(UnsupportedSortKey),
    };
    let order = Order { column, id: "c.id" };
    let conditions = filter(Conditions::sorted(dialect, order, query), &query.filter, query.now);
    Ok(conditions.page(SELECT_CA, order, query))
}

/// Counts the CA certificates that pass the filter.
pub fn count(dialect: Dialect, filter_by: &CaCertificateFilter, now: Timestamp) -> Statement {
    filter(Conditions::counted(dialect), filter_by, now).count("ca_certificates c")
}

fn filter(mut conditions: Conditions, filter: &CaCertificateFilter, now: Timestamp) -> Conditions {
    let fingerprint = filter.fingerprint.as_ref().map(|fingerprint| fingerprint.as_bytes().to_vec());
    conditions
        .one("c.id", filter.id.map(|id| id.to_string()))
        .many("c.domain", filter.domain.as_ref().map(TrustDomain::as_str), Some("c.uploaded_at"), &[])
        .many("c.kind", filter.kind.map(|kind| kind.as_str()), None, &[])
        .many("c.state", filter.state.map(|state| state.as_str()), None, &[])
        // In each domain once: a handful of rows, but the whole trust store is small enough to be walked for them.
        .many("c.fingerprint", fingerprint, None, &[])
        .certificate_status("c.not_after", filter.status, now)
        .contains("c.subject_folded", filter.subject.as_ref())
        .contains("c.issuer_folded", filter.issuer.as_ref())
        .within("c.not_after", filter.ends);
    conditions
}
