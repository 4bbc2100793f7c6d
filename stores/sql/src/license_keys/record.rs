//! What rows say of license keys: their digests, never the keys.

use std::sync::Arc;

use misp_onboarding::Timestamp;
use misp_onboarding::id::ActorId;
use misp_onboarding::license_key::{
    AuthenticationPolicy, AuthenticationRecord, LicenseKeyDigest, LicenseKeyFilter, LicenseKeyName,
    LicenseKeyRecord, LicenseKeyRow, LicenseKeyStatus,
};
use misp_onboarding::partner::{OrganizationName, PartnerId};
use misp_onboarding::policy::{PolicyGroupName, PolicyName, PolicyPermissions};
use misp_onboarding::store::StoreError;

use super::SHOWN;
use crate::policy_links::set_parties;
use crate::table_row::TableRow;
use crate::{Conditions, Dialect, Fields, Statement, partners, tables};

/// The columns that [`read`] reads, of table `k`.
pub const COLUMNS: &str = "k.id, k.partner_id, k.policy_id, k.name, k.digest, k.last4, k.state, k.origin, k.created_at, \
                           k.created_by, k.expires_at, k.overlap_ends_at, k.deactivated_at, k.replaces_id, \
                           k.replaced_by_id, k.version";

/// Finds a key by its id, with what a row of the list shows; [`read_row`] reads it.
pub fn find(dialect: Dialect) -> String {
    let join = dialect.join();
    format!(
        "SELECT {COLUMNS}, {SHOWN} FROM license_keys k {join} partners p ON p.id = k.partner_id \
         LEFT JOIN policies d ON d.id = k.policy_id LEFT JOIN policy_groups g ON g.id = d.group_id WHERE k.id = {}",
        dialect.place(1)
    )
}

pub(crate) fn row(key: &LicenseKeyRecord) -> TableRow<'_> {
    let mut row = TableRow::new(&tables::LICENSE_KEYS);
    row.set("id", key.id.to_string());
    set_parties(&mut row, &key.partner, key.policy);
    row.set("name", key.name.as_str())
        .set("name_folded", key.name.folded())
        .set("digest", &key.digest.as_bytes()[..])
        .set("last4", key.last4.as_str())
        .set("state", key.state.as_str())
        .set("origin", key.origin.as_str())
        .set("created_at", key.created_at)
        .set("created_by", key.created_by.as_str())
        .set("expires_at", key.expires_at)
        .set("overlap_ends_at", key.overlap_ends_at)
        .set("deactivated_at", key.deactivated_at)
        .refer("replaces_id", &tables::LICENSE_KEYS, key.replaces.map(|id| id.to_string()))
        .refer("replaced_by_id", &tables::LICENSE_KEYS, key.replaced_by.map(|id| id.to_string()))
        .set("version", key.version.number());
    row
}

/// Reads a license key.
///
/// # Errors
/// A column does not hold what it should.
pub fn read(fields: &mut Fields<'_>) -> Result<LicenseKeyRecord, StoreError> {
    Ok(LicenseKeyRecord {
        id: fields.parsed()?,
        partner: partners::read_id(fields)?,
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

/// Reads a row of the list.
///
/// # Errors
/// A column does not hold what it should.
pub fn read_row(fields: &mut Fields<'_>) -> Result<LicenseKeyRow, StoreError> {
    Ok(LicenseKeyRow {
        key: read(fields)?,
        organization: OrganizationName::from_stored(fields.of(tables::PARTNERS.name).text()?),
        partner_state: fields.parsed()?,
        policy_name: fields.of(tables::POLICIES.name).optional_text()?.map(PolicyName::from_stored),
        policy_group: fields.optional_parsed()?,
        policy_group_name: fields
            .of(tables::POLICY_GROUPS.name)
            .optional_text()?
            .map(PolicyGroupName::from_stored),
    })
}

/// Reads what a presented key is judged by, of the key, its partner, its policy, the policy's group and the link. Each
/// store has a statement of its own for it, in its database's fastest words.
///
/// # Errors
/// A column does not hold what it should.
pub fn read_authentication(fields: &mut Fields<'_>) -> Result<Arc<AuthenticationRecord>, StoreError> {
    Ok(Arc::new(AuthenticationRecord {
        key_id: fields.parsed()?,
        digest: LicenseKeyDigest::from_bytes(fields.octets()?),
        name: LicenseKeyName::from_stored(fields.text()?),
        state: fields.parsed()?,
        expires_at: fields.time()?,
        overlap_ends_at: fields.optional_time()?,
        partner: partners::read_id(fields)?,
        organization: OrganizationName::from_stored(fields.of(tables::PARTNERS.name).text()?),
        partner_state: fields.parsed()?,
        policy: match fields.of(tables::LICENSE_KEYS.name).optional_parsed()? {
            None => None,
            Some(id) => Some(AuthenticationPolicy {
                id,
                permissions: read_permissions(fields.of(tables::POLICIES.name))?,
                state: fields.parsed()?,
                valid_until: fields.optional_time()?,
                group_state: fields.of(tables::POLICY_GROUPS.name).parsed()?,
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

/// Counts the keys that pass the filter at this instant.
pub fn count(dialect: Dialect, filter: &LicenseKeyFilter, now: Timestamp) -> Statement {
    // "Expired" is a matter of the clock: of active keys, those whose end has come.
    let (state, ends) = match filter.status {
        None => (None, None),
        Some(LicenseKeyStatus::Active) => (Some("active"), Some(">")),
        Some(LicenseKeyStatus::Expired) => (Some("active"), Some("<=")),
        Some(LicenseKeyStatus::Replaced) => (Some("replaced"), None),
        Some(LicenseKeyStatus::Deactivated) => (Some("deactivated"), None),
    };
    let mut conditions = Conditions::counted(dialect);
    conditions
        .one("k.id", filter.id.map(|id| id.to_string()))
        .one("k.partner_id", filter.partner.as_ref().map(PartnerId::as_str))
        .one("k.policy_id", filter.policy.map(|id| id.to_string()))
        .one("k.policy_group_id", filter.policy_group.map(|id| id.to_string()))
        .one("k.state", state)
        .contains("k.organization_folded", filter.organization.as_ref())
        .contains("k.policy_group_name_folded", filter.policy_group_name.as_ref())
        .contains("k.policy_name_folded", filter.policy_name.as_ref())
        .contains("k.name_folded", filter.name.as_ref())
        .within("k.expires_at", filter.expires);
    if let Some(operator) = ends {
        conditions.compare("k.expires_at", operator, now);
    }
    conditions.count("license_keys k")
}
