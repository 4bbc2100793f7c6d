//! Partners.

use misp_onboarding::Timestamp;
use misp_onboarding::list::Query;
use misp_onboarding::partner::{EmailAddress, Partner, PartnerFilter, PartnerId, PartnerRow, PartnerSort};
use misp_onboarding::store::{PartnerRepository, StoreError};
use misp_onboarding_sql::{Dialect, partners};

use crate::PostgresStore;
use crate::query::Statement;
use crate::row;
use crate::write::{PARTNER_CERTIFICATES, PARTNERS, POLICY_GROUPS, TableRow};

const TABLE: &str = PARTNERS.name;

/// [`Timestamp::MAX`] as SQL: when a certificate ends that is not there.
const NO_END: &str = "253402207199999999";

pub(crate) fn row(partner: &Partner) -> TableRow {
    let mut row = TableRow::new(&PARTNERS);
    row.set("id", partner.id.as_str())
        .set("id_folded", partner.id.folded())
        .set("organization", partner.organization.as_str())
        .set("organization_folded", partner.organization.folded())
        .set("address", partner.address.as_str())
        .set("contact_number", partner.contact_number.as_str())
        .set("email", partner.email.as_str())
        .set("email_folded", partner.email.folded())
        .set("language", partner.language.as_str().to_owned())
        .refer("policy_group_id", &POLICY_GROUPS, partner.policy_group.map(|id| id.to_string()))
        .copy("policy_group_name_folded", (&POLICY_GROUPS, "name_folded"), "policy_group_id", "''")
        .set("state", partner.state.as_str())
        .refer("certificate_id", &PARTNER_CERTIFICATES, partner.certificate.map(|id| id.to_string()))
        .copy("certificate_ends", (&PARTNER_CERTIFICATES, "not_after"), "certificate_id", NO_END)
        .set("created_at", partner.created_at.unix_micros())
        .set("created_by", partner.created_by.as_str())
        .set("updated_at", partner.updated_at.unix_micros())
        .set("updated_by", partner.updated_by.as_str())
        .set("version", partner.version.number());
    row
}

impl PartnerRepository for PostgresStore {
    fn partner(&self, id: &PartnerId) -> Result<Option<Partner>, StoreError> {
        let sql = format!("SELECT {} FROM partners p WHERE p.id = $1", partners::COLUMNS);
        self.read(|connection| row::one(connection, &sql, &[id.as_str().into()], TABLE, partners::read))
    }

    fn partner_id_like(&self, id: &PartnerId) -> Result<Option<PartnerId>, StoreError> {
        let sql = "SELECT id FROM partners WHERE id_folded = $1";
        self.read(|connection| row::one(connection, sql, &[id.folded().into()], TABLE, partners::read_id))
    }

    fn partner_id_by_email(&self, email: &EmailAddress) -> Result<Option<PartnerId>, StoreError> {
        let sql = "SELECT id FROM partners WHERE email_folded = $1";
        self.read(|connection| row::one(connection, sql, &[email.folded().into()], TABLE, partners::read_id))
    }

    fn list_partners(
        &self,
        query: &Query<PartnerFilter, PartnerSort>,
    ) -> Result<Vec<PartnerRow>, StoreError> {
        let statement = Statement::from(partners::page(Dialect::Postgres, query)?);
        self.list(|connection| statement.rows(connection, TABLE, partners::read_row))
    }

    fn count_partners(&self, filter: &PartnerFilter, now: Timestamp) -> Result<u64, StoreError> {
        let statement = Statement::from(partners::count(Dialect::Postgres, filter, now));
        self.list(|connection| statement.number(connection))
    }
}
