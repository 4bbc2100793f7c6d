//! Partners.

use misp_onboarding::Timestamp;
use misp_onboarding::list::Query;
use misp_onboarding::partner::{EmailAddress, Partner, PartnerFilter, PartnerId, PartnerRow, PartnerSort};
use misp_onboarding::store::{PartnerRepository, StoreError};
use misp_onboarding_sql::{Dialect, partners};
use rusqlite::Connection;

use crate::SqliteStore;
use crate::query::Statement;
use crate::row;
use crate::write::{PARTNER_CERTIFICATES, PARTNERS, POLICY_GROUPS, TableRow};

const TABLE: &str = PARTNERS.name;

pub(crate) fn row<'a>(partner: &'a Partner, connection: &Connection) -> Result<TableRow<'a>, StoreError> {
    let mut row = TableRow::new(&PARTNERS);
    let group = partner.policy_group.map(|id| id.to_string());
    let certificate = partner.certificate.map(|id| id.to_string());
    let group_name = match &group {
        None => String::new(),
        Some(id) => {
            let sql = "SELECT name_folded FROM policy_groups WHERE id = ?1";
            let name = row::one(connection, sql, [id], POLICY_GROUPS.name, |f| f.text().map(str::to_owned))?;
            name.unwrap_or_else(|| {
                row.incomplete();
                String::new()
            })
        }
    };
    let certificate_ends = match &certificate {
        None => Timestamp::MAX,
        Some(id) => {
            let sql = "SELECT not_after FROM partner_certificates WHERE id = ?1";
            row::one(connection, sql, [id], PARTNER_CERTIFICATES.name, |fields| fields.time())?
                .unwrap_or_else(|| {
                    row.incomplete();
                    Timestamp::MAX
                })
        }
    };
    row.set("id", partner.id.as_str())
        .set("id_folded", partner.id.folded())
        .set("organization", partner.organization.as_str())
        .set("organization_folded", partner.organization.folded())
        .set("address", partner.address.as_str())
        .set("contact_number", partner.contact_number.as_str())
        .set("email", partner.email.as_str())
        .set("email_folded", partner.email.folded())
        .set("language", partner.language.as_str().to_owned())
        .refer("policy_group_id", &POLICY_GROUPS, group)
        .set("policy_group_name_folded", group_name)
        .set("state", partner.state.as_str())
        .refer("certificate_id", &PARTNER_CERTIFICATES, certificate)
        .set("certificate_ends", certificate_ends.unix_micros())
        .set("created_at", partner.created_at.unix_micros())
        .set("created_by", partner.created_by.as_str())
        .set("updated_at", partner.updated_at.unix_micros())
        .set("updated_by", partner.updated_by.as_str())
        .set("version", partner.version.number());
    Ok(row)
}

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
