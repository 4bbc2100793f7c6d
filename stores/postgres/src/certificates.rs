//! The trust store and partner certificates.

use misp_onboarding::Timestamp;
use misp_onboarding::certificate::{Fingerprint, PartnerCertificate};
use misp_onboarding::id::{ActorId, CaCertificateId, PartnerCertificateId};
use misp_onboarding::list::Query;
use misp_onboarding::partner::PartnerId;
use misp_onboarding::store::{CertificateRepository, StoreError};
use misp_onboarding::text::{Comment, fold_case};
use misp_onboarding::trust_store::{
    CaCertificate, CaCertificateFilter, CaCertificateSort, TrustDomain, TrustDomainRecord,
};

use crate::PostgresStore;
use crate::connection::Connection;
use crate::error::Unsupported;
use crate::partners;
use crate::query::{Conditions, Order, Statement};
use crate::row::{self, Fields};
use crate::write::{CA_CERTIFICATES, PARTNER_CERTIFICATES, PARTNERS, TRUST_DOMAINS, TableRow};

const SELECT_CA: &str = "SELECT c.id, c.domain, c.kind, c.state, c.der, c.fingerprint, c.subject, c.issuer, \
                         c.not_before, c.not_after, c.uploaded_at, c.uploaded_by, c.distrusted_at, \
                         c.distrust_reason, c.version FROM ca_certificates c";
const SELECT_PARTNER_CERTIFICATE: &str = "SELECT c.id, c.partner_id, c.der, c.fingerprint, c.subject, c.issuer, c.serial_number, c.not_before, \
     c.not_after, c.domain, (SELECT string_agg(encode(h.fingerprint, 'hex'), ' ' ORDER BY h.position) \
     FROM partner_certificate_paths h WHERE h.certificate_id = c.id), \
     c.uploaded_at, c.uploaded_by, c.replaced_at, c.version FROM partner_certificates c";
const PATHS: &str = "partner_certificate_paths";

pub(crate) fn domain_row(domain: &TrustDomainRecord) -> TableRow {
    let mut row = TableRow::new(&TRUST_DOMAINS);
    row.set("domain", domain.domain.as_str()).set("version", domain.version.number());
    row
}

pub(crate) fn ca_row(certificate: &CaCertificate) -> TableRow {
    let mut row = TableRow::new(&CA_CERTIFICATES);
    row.set("id", certificate.id.to_string())
        .refer("domain", &TRUST_DOMAINS, Some(certificate.domain.to_string()))
        .set("kind", certificate.kind.as_str())
        .set("state", certificate.state.as_str())
        .set("der", &certificate.der[..])
        .set("fingerprint", &certificate.fingerprint.as_bytes()[..])
        .set("subject", certificate.subject.as_str())
        .set("subject_folded", fold_case(&certificate.subject))
        .set("issuer", certificate.issuer.as_str())
        .set("issuer_folded", fold_case(&certificate.issuer))
        .set("not_before", certificate.not_before.unix_micros())
        .set("not_after", certificate.not_after.unix_micros())
        .set("uploaded_at", certificate.uploaded_at.unix_micros())
        .set("uploaded_by", certificate.uploaded_by.as_str())
        .set("distrusted_at", certificate.distrusted_at.map(|at| at.unix_micros()))
        .set("distrust_reason", certificate.distrust_reason.as_ref().map(Comment::as_str))
        .set("version", certificate.version.number());
    row
}

pub(crate) fn partner_row(certificate: &PartnerCertificate) -> TableRow {
    let mut row = TableRow::new(&PARTNER_CERTIFICATES);
    row.set("id", certificate.id.to_string())
        .refer("partner_id", &PARTNERS, Some(certificate.partner.to_string()))
        .set("der", &certificate.der[..])
        .set("fingerprint", &certificate.fingerprint.as_bytes()[..])
        .set("subject", certificate.subject.as_str())
        .set("issuer", certificate.issuer.as_str())
        .set("serial_number", certificate.serial_number.as_str())
        .set("not_before", certificate.not_before.unix_micros())
        .set("not_after", certificate.not_after.unix_micros())
        .set("domain", certificate.domain.as_str())
        .set("uploaded_at", certificate.uploaded_at.unix_micros())
        .set("uploaded_by", certificate.uploaded_by.as_str())
        .set("replaced_at", certificate.replaced_at.map(|at| at.unix_micros()))
        .set("version", certificate.version.number());
    row
}

/// Writes the path of a partner certificate where it differs from the one stored.
pub(crate) fn put_path(
    connection: &mut Connection,
    certificate: &PartnerCertificate,
    new: bool,
) -> Result<(), StoreError> {
    let id = certificate.id.to_string();
    if !new {
        let sql =
            "SELECT fingerprint FROM partner_certificate_paths WHERE certificate_id = $1 ORDER BY position";
        let stored = row::many(connection, sql, &[id.as_str().into()], PATHS, read_fingerprint)?;
        if stored == certificate.path {
            return Ok(());
        }
        let sql = "DELETE FROM partner_certificate_paths WHERE certificate_id = $1";
        connection.execute(sql, &[id.as_str().into()])?;
    }
    let sql =
        "INSERT INTO partner_certificate_paths (certificate_id, position, fingerprint) VALUES ($1, $2, $3)";
    for (position, fingerprint) in (0i64..).zip(&certificate.path) {
        let values = [id.as_str().into(), position.into(), fingerprint.as_bytes()[..].into()];
        connection.execute(sql, &values)?;
    }
    Ok(())
}

fn read_ca(fields: &mut Fields<'_>) -> Result<CaCertificate, StoreError> {
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

fn read_partner_certificate(fields: &mut Fields<'_>) -> Result<PartnerCertificate, StoreError> {
    Ok(PartnerCertificate {
        id: fields.parsed()?,
        partner: PartnerId::from_stored(fields.text()?),
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

fn read_fingerprint(fields: &mut Fields<'_>) -> Result<Fingerprint, StoreError> {
    fields.octets().map(Fingerprint::from_bytes)
}

/// Reads fingerprints in hexadecimal with spaces between them; none where there is no path.
fn read_path(fields: &mut Fields<'_>) -> Result<Vec<Fingerprint>, StoreError> {
    let path = fields.optional_checked(|text| text.split(' ').map(str::parse).collect())?;
    Ok(path.unwrap_or_default())
}

fn order(sort: CaCertificateSort) -> Result<Order, StoreError> {
    let column = match sort {
        CaCertificateSort::Subject => "c.subject_folded",
        CaCertificateSort::Issuer => "c.issuer_folded",
        CaCertificateSort::UploadedAt => "c.uploaded_at",
        CaCertificateSort::NotAfter => "c.not_after",
        _ => return Err(StoreError::backend(Unsupported("sort key"))),
    };
    Ok(Order { column, id: "c.id" })
}

fn filter(mut conditions: Conditions, filter: &CaCertificateFilter, now: Timestamp) -> Conditions {
    let fingerprint = filter.fingerprint.as_ref().map(|fingerprint| fingerprint.as_bytes().to_vec());
    conditions
        .equals("c.id", filter.id.map(|id| id.to_string()))
        .equals("c.domain", filter.domain.as_ref().map(ToString::to_string))
        .equals("c.kind", filter.kind.map(|kind| kind.as_str().to_owned()))
        .equals("c.state", filter.state.map(|state| state.as_str().to_owned()))
        .certificate_status("c.not_after", filter.status, now)
        .equals("c.fingerprint", fingerprint)
        .contains("c.subject_folded", filter.subject.as_ref())
        .contains("c.issuer_folded", filter.issuer.as_ref())
        .within("c.not_after", filter.ends);
    conditions
}

/// The statement for a stretch of the list.
pub(crate) fn page(query: &Query<CaCertificateFilter, CaCertificateSort>) -> Result<Statement, StoreError> {
    let order = order(query.sort)?;
    let conditions = filter(Conditions::default(), &query.filter, query.now);
    Ok(conditions.page(SELECT_CA, order, query))
}

impl CertificateRepository for PostgresStore {
    fn trust_domain(&self, domain: &TrustDomain) -> Result<Option<TrustDomainRecord>, StoreError> {
        let sql = "SELECT domain, version FROM trust_domains WHERE domain = $1";
        self.read(|connection| {
            row::one(connection, sql, &[domain.as_str().into()], TRUST_DOMAINS.name, |fields| {
                Ok(TrustDomainRecord { domain: fields.parsed()?, version: fields.version()? })
            })
        })
    }

    fn ca_certificates(&self, domain: &TrustDomain) -> Result<Vec<CaCertificate>, StoreError> {
        let sql = format!("{SELECT_CA} WHERE c.domain = $1 ORDER BY c.uploaded_at, c.id");
        self.read(|connection| {
            row::many(connection, &sql, &[domain.as_str().into()], CA_CERTIFICATES.name, read_ca)
        })
    }

    fn ca_certificate(&self, id: CaCertificateId) -> Result<Option<CaCertificate>, StoreError> {
        let sql = format!("{SELECT_CA} WHERE c.id = $1");
        self.read(|connection| {
            row::one(connection, &sql, &[id.to_string().into()], CA_CERTIFICATES.name, read_ca)
        })
    }

    fn list_ca_certificates(
        &self,
        query: &Query<CaCertificateFilter, CaCertificateSort>,
    ) -> Result<Vec<CaCertificate>, StoreError> {
        let statement = page(query)?;
        self.list(|connection| statement.rows(connection, CA_CERTIFICATES.name, read_ca))
    }

    fn count_ca_certificates(
        &self,
        filter_by: &CaCertificateFilter,
        now: Timestamp,
    ) -> Result<u64, StoreError> {
        let statement = filter(Conditions::default(), filter_by, now).count("ca_certificates c");
        self.list(|connection| statement.number(connection))
    }

    fn partner_certificate(
        &self,
        id: PartnerCertificateId,
    ) -> Result<Option<PartnerCertificate>, StoreError> {
        let sql = format!("{SELECT_PARTNER_CERTIFICATE} WHERE c.id = $1");
        let id = id.to_string();
        self.read(|connection| {
            row::one(
                connection,
                &sql,
                &[id.as_str().into()],
                PARTNER_CERTIFICATES.name,
                read_partner_certificate,
            )
        })
    }

    fn partner_certificates(&self, partner: &PartnerId) -> Result<Vec<PartnerCertificate>, StoreError> {
        let sql = format!(
            "{SELECT_PARTNER_CERTIFICATE} WHERE c.partner_id = $1 ORDER BY c.uploaded_at DESC, c.id DESC"
        );
        let table = PARTNER_CERTIFICATES.name;
        self.read(|connection| {
            row::many(connection, &sql, &[partner.as_str().into()], table, read_partner_certificate)
        })
    }

    fn partners_relying_on(
        &self,
        domain: &TrustDomain,
        fingerprint: &Fingerprint,
    ) -> Result<Vec<PartnerId>, StoreError> {
        let sql = "SELECT DISTINCT p.id FROM partner_certificate_paths h \
                   JOIN partner_certificates c ON c.id = h.certificate_id \
                   JOIN partners p ON p.certificate_id = c.id \
                   WHERE h.fingerprint = $1 AND c.domain = $2 ORDER BY p.id";
        let values = [fingerprint.as_bytes()[..].into(), domain.as_str().into()];
        self.read(|connection| row::many(connection, sql, &values, PARTNERS.name, partners::read_id))
    }
}
