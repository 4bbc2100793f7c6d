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
use rusqlite::Connection;

use crate::SqliteStore;
use crate::query::Statement;
use crate::row;

const TABLE: &str = tables::LICENSE_KEYS.name;

/// The call of every request: each join is one search of an index, the last one in the index alone.
pub const FIND_BY_DIGEST: &str = "SELECT k.id, k.digest, k.name, k.state, k.expires_at, k.overlap_ends_at, k.partner_id, p.organization, p.state, \
     k.policy_id, d.allow_auth_request_delegation, d.allow_kyc_request_delegation, \
     d.trust_binded_auth_verification_token, d.allow_key_binding_delegation, d.state, d.valid_until, g.state, \
     EXISTS (SELECT 1 FROM policy_links l \
             WHERE l.partner_id = k.partner_id AND l.policy_id = k.policy_id AND l.state = 'approved') \
     FROM license_keys k CROSS JOIN partners p ON p.id = k.partner_id \
     LEFT JOIN policies d ON d.id = k.policy_id LEFT JOIN policy_groups g ON g.id = d.group_id \
     WHERE k.digest = ?1";

/// The ways to a page, in the order in which they are tried.
pub(crate) fn page(
    query: &Query<LicenseKeyFilter, LicenseKeySort>,
    found: Found,
) -> Result<Vec<Attempt>, StoreError> {
    Ok(license_keys::page(Dialect::Sqlite, record::COLUMNS, query, found)?)
}

/// What a probe counts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Count {
    None,
    Few,
    Many,
}

/// None where there is nothing to ask.
fn counted(connection: &Connection, probe: Option<Probe>) -> Result<Option<Count>, StoreError> {
    let Some(Probe { statement, few }) = probe else { return Ok(None) };
    Ok(Some(match Statement::from(statement).number(connection)? {
        0 => Count::None,
        found if found <= few => Count::Few,
        _ => Count::Many,
    }))
}

impl LicenseKeyRepository for SqliteStore {
    fn license_key(&self, id: LicenseKeyId) -> Result<Option<LicenseKeyRow>, StoreError> {
        let sql = record::find(Dialect::Sqlite);
        self.read(|connection| row::one(connection, &sql, [id.to_string()], TABLE, record::read_row))
    }

    fn find_by_digest(
        &self,
        digest: &LicenseKeyDigest,
    ) -> Result<Option<Arc<AuthenticationRecord>>, StoreError> {
        self.read(|connection| {
            row::one(connection, FIND_BY_DIGEST, [&digest.as_bytes()[..]], TABLE, record::read_authentication)
        })
    }

    fn live_license_key_named(
        &self,
        partner: &PartnerId,
        name: &LicenseKeyName,
    ) -> Result<Option<LicenseKeyId>, StoreError> {
        let sql =
            "SELECT id FROM license_keys WHERE partner_id = ?1 AND name_folded = ?2 AND state = 'active'";
        let params = [partner.to_string(), name.folded()];
        self.read(|connection| row::one(connection, sql, params, TABLE, |fields| fields.parsed()))
    }

    fn license_keys_to_deactivate(&self, partner: &PartnerId) -> Result<Vec<LicenseKeyRecord>, StoreError> {
        let sql = format!(
            "SELECT {} FROM license_keys k \
             WHERE k.partner_id = ?1 AND +k.state <> 'deactivated' ORDER BY k.id",
            record::COLUMNS
        );
        self.read(|connection| row::many(connection, &sql, [partner.as_str()], TABLE, record::read))
    }

    fn list_license_keys(
        &self,
        query: &Query<LicenseKeyFilter, LicenseKeySort>,
    ) -> Result<Vec<LicenseKeyRow>, StoreError> {
        self.read(|connection| {
            let [partners, names, ends] = [
                license_keys::partners_probe(Dialect::Sqlite, &query.filter),
                license_keys::names_probe(Dialect::Sqlite, &query.filter),
                license_keys::ends_probe(Dialect::Sqlite, query),
            ]
            .map(|probe| counted(connection, probe));
            let (partners, names, ends) = (partners?, names?, ends?);
            if [partners, names, ends].contains(&Some(Count::None)) {
                return Ok(Vec::new());
            }
            let few = |count: Option<Count>| count == Some(Count::Few);
            let found = Found { few_partners: few(partners), few_names: few(names), few_ends: few(ends) };
            for Attempt { statement, bounded } in page(query, found)? {
                let statement = Statement::from(statement);
                if bounded {
                    if let Some(rows) = statement.rows_at_once(connection, TABLE, record::read_row)? {
                        return Ok(rows);
                    }
                } else {
                    return statement.rows(connection, TABLE, record::read_row);
                }
            }
            Ok(Vec::new())
        })
    }

    fn count_license_keys(&self, filter: &LicenseKeyFilter, now: Timestamp) -> Result<u64, StoreError> {
        let statement = Statement::from(record::count(Dialect::Sqlite, filter, now));
        self.read(|connection| statement.number(connection))
    }
}

#[cfg(test)]
mod tests {
    use misp_onboarding::store::{ChangeSet, Store};
    use misp_onboarding_testkit::conformance::samples;

    use super::*;

    #[test]
    fn the_digest_that_is_compared_again_is_the_one_in_the_row() {
        let store = SqliteStore::open_in_memory().unwrap();
        let key = samples::license_key(1, "acme");
        store.commit(ChangeSet::new().insert(samples::partner("acme")).insert(key.clone())).unwrap();
        // A search that finds another row than it should, as over a damaged index.
        let wrong = FIND_BY_DIGEST.replace("k.digest = ?1", "k.digest <> ?1");
        let asked = samples::digest(2);
        let found = store
            .read(|connection| {
                row::one(connection, &wrong, [&asked.as_bytes()[..]], TABLE, record::read_authentication)
            })
            .unwrap()
            .unwrap();
        assert_eq!(found.digest, key.digest);
    }
}
