//! The trust store and partner certificates.

use misp_onboarding::Timestamp;
use misp_onboarding::certificate::{Fingerprint, PartnerCertificate};
use misp_onboarding::id::{CaCertificateId, PartnerCertificateId};
use misp_onboarding::list::Query;
use misp_onboarding::partner::PartnerId;
use misp_onboarding::store::{CertificateRepository, StoreError};
use misp_onboarding::trust_store::{
    CaCertificate, CaCertificateFilter, CaCertificateSort, TrustDomain, TrustDomainRecord,
};
use misp_onboarding_sql::{Dialect, certificates, partners, tables};

use crate::PostgresStore;
use crate::connection::Connection;
use crate::query::Statement;
use crate::row;

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
        let stored = row::many(
            connection,
            sql,
            &[id.as_str().into()],
            tables::PARTNER_CERTIFICATE_PATHS,
            certificates::read_fingerprint,
        )?;
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

impl CertificateRepository for PostgresStore {
    fn trust_domain(&self, domain: &TrustDomain) -> Result<Option<TrustDomainRecord>, StoreError> {
        let sql = "SELECT domain, version FROM trust_domains WHERE domain = $1";
        self.read(|connection| {
            row::one(
                connection,
                sql,
                &[domain.as_str().into()],
                tables::TRUST_DOMAINS.name,
                certificates::read_domain,
            )
        })
    }

    fn ca_certificates(&self, domain: &TrustDomain) -> Result<Vec<CaCertificate>, StoreError> {
        let sql = format!("{} WHERE c.domain = $1 ORDER BY c.uploaded_at, c.id", certificates::SELECT_CA);
        self.read(|connection| {
            row::many(
                connection,
                &sql,
                &[domain.as_str().into()],
                tables::CA_CERTIFICATES.name,
                certificates::read_ca,
            )
        })
    }

    fn ca_certificate(&self, id: CaCertificateId) -> Result<Option<CaCertificate>, StoreError> {
        let sql = format!("{} WHERE c.id = $1", certificates::SELECT_CA);
        self.read(|connection| {
            row::one(
                connection,
                &sql,
                &[id.to_string().into()],
                tables::CA_CERTIFICATES.name,
                certificates::read_ca,
            )
        })
    }

    fn list_ca_certificates(
        &self,
        query: &Query<CaCertificateFilter, CaCertificateSort>,
    ) -> Result<Vec<CaCertificate>, StoreError> {
        let statement = Statement::from(certificates::page(Dialect::Postgres, query)?);
        self.list(|connection| {
            statement.rows(connection, tables::CA_CERTIFICATES.name, certificates::read_ca)
        })
    }

    fn count_ca_certificates(&self, filter: &CaCertificateFilter, now: Timestamp) -> Result<u64, StoreError> {
        let statement = Statement::from(certificates::count(Dialect::Postgres, filter, now));
        self.list(|connection| statement.number(connection))
    }

    fn partner_certificate(
        &self,
        id: PartnerCertificateId,
    ) -> Result<Option<PartnerCertificate>, StoreError> {
        let select = certificates::select_partner_certificate(Dialect::Postgres);
        let sql = format!("{select} WHERE c.id = $1");
        let id = id.to_string();
        self.read(|connection| {
            row::one(
                connection,
                &sql,
                &[id.as_str().into()],
                tables::PARTNER_CERTIFICATES.name,
                certificates::read_partner_certificate,
            )
        })
    }

    fn partner_certificates(&self, partner: &PartnerId) -> Result<Vec<PartnerCertificate>, StoreError> {
        let select = certificates::select_partner_certificate(Dialect::Postgres);
        let sql = format!("{select} WHERE c.partner_id = $1 ORDER BY c.uploaded_at DESC, c.id DESC");
        let table = tables::PARTNER_CERTIFICATES.name;
        self.read(|connection| {
            row::many(
                connection,
                &sql,
                &[partner.as_str().into()],
                table,
                certificates::read_partner_certificate,
            )
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
        self.read(|connection| row::many(connection, sql, &values, tables::PARTNERS.name, partners::read_id))
    }
}
