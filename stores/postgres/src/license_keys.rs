//! License keys: their digests, never the keys.

use std::sync::Arc;

use misp_onboarding::Timestamp;
use misp_onboarding::id::{ActorId, LicenseKeyId};
use misp_onboarding::license_key::{
    AuthenticationPolicy, AuthenticationRecord, LicenseKeyDigest, LicenseKeyFilter, LicenseKeyName,
    LicenseKeyRecord, LicenseKeyRow, LicenseKeySort, LicenseKeyStatus,
};
use misp_onboarding::list::Query;
use misp_onboarding::partner::{OrganizationName, PartnerId};
use misp_onboarding::policy::{PolicyGroupName, PolicyName, PolicyPermissions};
use misp_onboarding::store::{LicenseKeyRepository, StoreError};
use misp_onboarding_sql::Dialect;
use misp_onboarding_sql::license_keys::{self, Attempt, Found, Probe};

use crate::PostgresStore;
use crate::connection::Connection;
use crate::error::Unsupported;
use crate::policy_links::set_parties;
use crate::query::{Conditions, Statement};
use crate::row::{self, Fields};
use crate::write::{LICENSE_KEYS, PARTNERS, POLICIES, POLICY_GROUPS, TableRow};

const TABLE: &str = LICENSE_KEYS.name;
const COLUMNS: &str = "k.id, k.partner_id, k.policy_id, k.name, k.digest, k.last4, k.state, k.origin, k.created_at, \
                       k.created_by, k.expires_at, k.overlap_ends_at, k.deactivated_at, k.replaces_id, \
                       k.replaced_by_id, k.version";
/// What a row of the list shows.
const ROW_COLUMNS: &str = "p.organization, p.state, d.name, d.group_id, g.name FROM license_keys k \
                           JOIN partners p ON p.id = k.partner_id \
                           LEFT JOIN policies d ON d.id = k.policy_id \
                           LEFT JOIN policy_groups g ON g.id = d.group_id";

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

pub(crate) fn row(key: &LicenseKeyRecord) -> TableRow {
    let mut row = TableRow::new(&LICENSE_KEYS);
    row.set("id", key.id.to_string());
    set_parties(&mut row, &key.partner, key.policy);
    row.set("name", key.name.as_str())
        .set("name_folded", key.name.folded())
        .set("digest", &key.digest.as_bytes()[..])
        .set("last4", key.last4.as_str())
        .set("state", key.state.as_str())
        .set("origin", key.origin.as_str())
        .set("created_at", key.created_at.unix_micros())
        .set("created_by", key.created_by.as_str())
        .set("expires_at", key.expires_at.unix_micros())
        .set("overlap_ends_at", key.overlap_ends_at.map(|at| at.unix_micros()))
        .set("deactivated_at", key.deactivated_at.map(|at| at.unix_micros()))
        .refer("replaces_id", &LICENSE_KEYS, key.replaces.map(|id| id.to_string()))
        .refer("replaced_by_id", &LICENSE_KEYS, key.replaced_by.map(|id| id.to_string()))
        .set("version", key.version.number());
    row
}

fn read(fields: &mut Fields<'_>) -> Result<LicenseKeyRecord, StoreError> {
    Ok(LicenseKeyRecord {
        id: fields.parsed()?,
        partner: PartnerId::from_stored(fields.text()?),
        policy: fields.optional_parsed()?,
        name: LicenseKeyName::from_stored(fields.text()?),
        digest: LicenseKeyDigest::from_bytes(fields.octets()?),
        last4: fields.text()?.to_owned(),
        state: fields.parsed()?,
        origin: fields.parsed()?,
        created_at: fields.time()?,
        created_by: ActorId::from_stored(fields.text()?),
        expires_at: fields.time()?,
        overlap_ends_at: fields.optional_time()?,
        deactivated_at: fields.optional_time()?,
        replaces: fields.optional_parsed()?,
        replaced_by: fields.optional_parsed()?,
        version: fields.version()?,
    })
}

fn read_row(fields: &mut Fields<'_>) -> Result<LicenseKeyRow, StoreError> {
    Ok(LicenseKeyRow {
        key: read(fields)?,
        organization: OrganizationName::from_stored(fields.of(PARTNERS.name).text()?),
        partner_state: fields.parsed()?,
        policy_name: fields.of(POLICIES.name).optional_text()?.map(PolicyName::from_stored),
        policy_group: fields.optional_parsed()?,
        policy_group_name: fields.of(POLICY_GROUPS.name).optional_text()?.map(PolicyGroupName::from_stored),
    })
}

fn read_authentication(fields: &mut Fields<'_>) -> Result<Arc<AuthenticationRecord>, StoreError> {
    Ok(Arc::new(AuthenticationRecord {
        key_id: fields.parsed()?,
        digest: LicenseKeyDigest::from_bytes(fields.octets()?),
        name: LicenseKeyName::from_stored(fields.text()?),
        state: fields.parsed()?,
        expires_at: fields.time()?,
        overlap_ends_at: fields.optional_time()?,
        partner: PartnerId::from_stored(fields.text()?),
        organization: OrganizationName::from_stored(fields.of(PARTNERS.name).text()?),
        partner_state: fields.parsed()?,
        policy: match fields.of(TABLE).optional_parsed()? {
            None => None,
            Some(id) => Some(AuthenticationPolicy {
                id,
                permissions: read_permissions(fields.of(POLICIES.name))?,
                state: fields.parsed()?,
                valid_until: fields.optional_time()?,
                group_state: fields.of(POLICY_GROUPS.name).parsed()?,
                link_approved: fields.flag()?,
            }),
        },
    }))
}

fn read_permissions(fields: &mut Fields<'_>) -> Result<PolicyPermissions, StoreError> {
    Ok(PolicyPermissions {
        allow_auth_request_delegation: fields.flag()?,
        allow_kyc_request_delegation: fields.flag()?,
        trust_binded_auth_verification_token: fields.flag()?,
        allow_key_binding_delegation: fields.flag()?,
    })
}

/// What a count counts; a page is a matter of its own.
fn filter(filter: &LicenseKeyFilter, now: Timestamp) -> Conditions {
    // "Expired" is a matter of the clock: of active keys, those whose end has come.
    let (state, ends) = match filter.status {
        None => (None, None),
        Some(LicenseKeyStatus::Active) => (Some("active"), Some(">")),
        Some(LicenseKeyStatus::Expired) => (Some("active"), Some("<=")),
        Some(LicenseKeyStatus::Replaced) => (Some("replaced"), None),
        Some(LicenseKeyStatus::Deactivated) => (Some("deactivated"), None),
    };
    let mut conditions = Conditions::default();
    conditions
        .equals("k.id", filter.id.map(|id| id.to_string()))
        .equals("k.partner_id", filter.partner.as_ref().map(ToString::to_string))
        .contains("k.organization_folded", filter.organization.as_ref())
        .equals("k.policy_group_id", filter.policy_group.map(|id| id.to_string()))
        .contains("k.policy_group_name_folded", filter.policy_group_name.as_ref())
        .equals("k.policy_id", filter.policy.map(|id| id.to_string()))
        .contains("k.policy_name_folded", filter.policy_name.as_ref())
        .contains("k.name_folded", filter.name.as_ref())
        .equals("k.state", state.map(str::to_owned))
        .within("k.expires_at", filter.expires);
    if let Some(operator) = ends {
        conditions.compare("k.expires_at", operator, now);
    }
    conditions
}

/// The ways to a page, in the order in which they are tried.
pub(crate) fn page(
    query: &Query<LicenseKeyFilter, LicenseKeySort>,
    found: Found,
) -> Result<Vec<Attempt>, StoreError> {
    license_keys::page(Dialect::Postgres, COLUMNS, query, found)
        .map_err(|_| StoreError::backend(Unsupported("sort key")))
}

/// Whether what the probe counts is few; false where there is nothing to ask.
fn is_few(connection: &mut Connection, probe: Option<Probe>) -> Result<bool, StoreError> {
    let Some(Probe { statement, few }) = probe else { return Ok(false) };
    Ok(Statement::from(statement).number(connection)? <= few)
}

impl LicenseKeyRepository for PostgresStore {
    fn license_key(&self, id: LicenseKeyId) -> Result<Option<LicenseKeyRow>, StoreError> {
        let sql = format!("SELECT {COLUMNS}, {ROW_COLUMNS} WHERE k.id = $1");
        self.read(|connection| row::one(connection, &sql, &[id.to_string().into()], TABLE, read_row))
    }

    fn find_by_digest(
        &self,
        digest: &LicenseKeyDigest,
    ) -> Result<Option<Arc<AuthenticationRecord>>, StoreError> {
        let values = [digest.as_bytes()[..].into()];
        self.authenticate(|connection| {
            row::one(connection, FIND_BY_DIGEST, &values, TABLE, read_authentication)
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
            "SELECT {COLUMNS} FROM license_keys k \
             WHERE k.partner_id = $1 AND k.state <> 'deactivated' ORDER BY k.id"
        );
        self.read(|connection| row::many(connection, &sql, &[partner.as_str().into()], TABLE, read))
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
                let rows = Statement::from(statement).rows(connection, TABLE, read_row)?;
                if !bounded || rows.len() >= limit {
                    return Ok(rows);
                }
            }
            Ok(Vec::new())
        })
    }

    fn count_license_keys(&self, filter_by: &LicenseKeyFilter, now: Timestamp) -> Result<u64, StoreError> {
        let statement = filter(filter_by, now).count("license_keys k");
        self.list(|connection| statement.number(connection))
    }
}
