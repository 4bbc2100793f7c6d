//! Partners.

use misp_onboarding::Timestamp;
use misp_onboarding::list::Query;
use misp_onboarding::partner::{EmailAddress, Partner, PartnerFilter, PartnerId, PartnerRow, PartnerSort};
use misp_onboarding::store::{PartnerRepository, StoreError};
use misp_onboarding_sql::{Dialect, partners, tables};

use crate::SqliteStore;
use crate::query::Statement;
use crate::row;

const TABLE: &str = tables::PARTNERS.name;

impl PartnerRepository for SqliteStore {
    fn partner(&self, id: &PartnerId) -> Result<Option<Partner>, StoreError> {
        let sql = format!("SELECT {} FROM partners p WHERE p.id = ?1", partners::COLUMNS);
        self.read(|connection| row::one(connection, &sql, [id.as_str()], TABLE, partners::read))
    }

    fn partner_id_like(&self, id: &PartnerId) -> Result<Option<PartnerId>, StoreError> {
        let sql = "SELECT id FROM partners WHERE id_folded = ?1";
        self.read(|connection| row::one(connection, sql, [id.folded()], TABLE, partners::read_id))
    }

    fn partner_id_by_email(&self, email: &EmailAddress) -> Result<Option<PartnerId>, StoreError> {
        let sql = "SELECT id FROM partners WHERE email_folded = ?1";
        self.read(|connection| row::one(connection, sql, [email.folded()], TABLE, partners::read_id))
    }

    fn list_partners(
        &self,
        query: &Query<PartnerFilter, PartnerSort>,
    ) -> Result<Vec<PartnerRow>, StoreError> {
        let statement = Statement::from(partners::page(Dialect::Sqlite, query)?);
        self.read(|connection| statement.rows(connection, TABLE, partners::read_row))
    }

    fn count_partners(&self, filter: &PartnerFilter, now: Timestamp) -> Result<u64, StoreError> {
        let statement = Statement::from(partners::count(Dialect::Sqlite, filter, now));
        self.read(|connection| statement.number(connection))
    }
}
