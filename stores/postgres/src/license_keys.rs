//! License keys: their digests, never the keys.

use std::sync::Arc;

use misp_onboarding::Timestamp;
use misp_onboarding::id::LicenseKeyId;
use misp_onboarding::license_key::{
    AuthenticationRecord, LicenseKeyDigest, LicenseKeyFilter, LicenseKeyName, LicenseKeyRecord,
    LicenseKeyRow, LicenseKeySort,
};
use misp_onboarding::list::Query;
use misp_onboarding::partner::PartnerId;
use misp_onboarding::store::{LicenseKeyRepository, StoreError};
use misp_onboarding_sql::license_keys::{self, Attempt, Found, Probe, record};
use misp_onboarding_sql::{Dialect, tables};

use crate::PostgresStore;
use crate::connection::Connection;
use crate::query::Statement;
use crate::row;

const TABLE: &str = tables::LICENSE_KEYS.name;

/// The call of every request: each join is one search of an index. Of a partner and a policy there is at most one
/// approved link, so that joining it cannot make two rows of one.
pub const FIND_BY_DIGEST: &str = "SELECT k.id, k.digest, k.name, k.state, k.expires_at, k.overlap_ends_at, k.partner_id, p.organization, p.state, \
     k.policy_id, d.allow_auth_request_delegation, d.allow_kyc_request_delegation, \
     d.trust_binded_auth_verification_token, d.allow_key_binding_delegation, d.state, d.valid_until, g.state, \
     l.partner_id IS NOT NULL \
     FROM license_keys k JOIN partners p ON p.id = k.partner_id \
     LEFT JOIN policies d ON d.id = k.policy_id LEFT JOIN policy_groups g ON g.id = d.group_id \
     LEFT JOIN policy_links l \
     ON l.partner_id = k.partner_id AND l.policy_id = k.policy_id AND l.state = 'approved' \
     WHERE k.digest = $1";

/// The ways to a page, in the order in which they are tried.
pub(crate) fn page(
    query: &Query<LicenseKeyFilter, LicenseKeySort>,
    found: Found,
) -> Result<Vec<Attempt>, StoreError> {
    Ok(license_keys::page(Dialect::Postgres, record::COLUMNS, query, found)?)
}

/// Whether what the probe counts is few; false where there is nothing to ask.
fn is_few(connection: &mut Connection, probe: Option<Probe>) -> Result<bool, StoreError> {
    let Some(Probe { statement, few }) = probe else { return Ok(false) };
    Ok(Statement::from(statement).number(connection)? <= few)
}

impl LicenseKeyRepository for PostgresStore {
    fn license_key(&self, id: LicenseKeyId) -> Result<Option<LicenseKeyRow>, StoreError> {
        let sql = record::find(Dialect::Postgres);
        self.read(|connection| row::one(connection, &sql, &[id.to_string().into()], TABLE, record::read_row))
    }

    fn find_by_digest(
        &self,
        digest: &LicenseKeyDigest,
    ) -> Result<Option<Arc<AuthenticationRecord>>, StoreError> {
        let values = [digest.as_bytes()[..].into()];
        self.authenticate(|connection| {
            row::one(connection, FIND_BY_DIGEST, &values, TABLE, record::read_authentication)
        })
    }

    fn live_license_key_named(
        &self,
        partner: &PartnerId,
        name: &LicenseKeyName,
    ) -> Result<Option<LicenseKeyId>, StoreError> {
        let sql =
            "SELECT id FROM license_keys WHERE partner_id = $1 AND name_folded = $2 AND state = 'active'";
        let values = [partner.as_str().into(), name.folded().into()];
        self.read(|connection| row::one(connection, sql, &values, TABLE, |fields| fields.parsed()))
    }

    fn license_keys_to_deactivate(&self, partner: &PartnerId) -> Result<Vec<LicenseKeyRecord>, StoreError> {
        let sql = format!(
            "SELECT {} FROM license_keys k \
             WHERE k.partner_id = $1 AND k.state <> 'deactivated' ORDER BY k.id",
            record::COLUMNS
        );
        self.read(|connection| row::many(connection, &sql, &[partner.as_str().into()], TABLE, record::read))
    }

    fn list_license_keys(
        &self,
        query: &Query<LicenseKeyFilter, LicenseKeySort>,
    ) -> Result<Vec<LicenseKeyRow>, StoreError> {
        let limit = usize::try_from(query.limit).unwrap_or(usize::MAX);
        self.list(|connection| {
            let found = Found {
                few_partners: is_few(
                    connection,
                    license_keys::partners_probe(Dialect::Postgres, &query.filter),
                )?,
                few_names: is_few(connection, license_keys::names_probe(Dialect::Postgres, &query.filter))?,
                ..Found::default()
            };
            for Attempt { statement, bounded } in page(query, found)? {
                let rows = Statement::from(statement).rows(connection, TABLE, record::read_row)?;
                if !bounded || rows.len() >= limit {
                    return Ok(rows);
                }
            }
            Ok(Vec::new())
        })
    }

    fn count_license_keys(&self, filter: &LicenseKeyFilter, now: Timestamp) -> Result<u64, StoreError> {
        let statement = Statement::from(record::count(Dialect::Postgres, filter, now));
        self.list(|connection| statement.number(connection))
    }
}
