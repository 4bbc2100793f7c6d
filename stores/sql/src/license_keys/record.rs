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
        organization: OrganizationName::from_stored(fields.of(tables::PARTNERS).text()?),
        partner_state: fields.parsed()?,
        policy_name: fields.of(tables::POLICIES).optional_text()?.map(PolicyName::from_stored),
        policy_group: fields.optional_parsed()?,
        policy_group_name: fields
            .of(tables::POLICY_GROUPS)
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
        organization: OrganizationName::from_stored(fields.of(tables::PARTNERS).text()?),
        partner_state: fields.parsed()?,
        policy: match fields.of(tables::LICENSE_KEYS).optional_parsed()? {
            None => None,
            Some(id) => Some(AuthenticationPolicy {
                id,
                permissions: read_permissions(fields.of(tables::POLICIES))?,
                state: fields.parsed()?,
                valid_until: fields.optional_time()?,
                group_state: fields.of(tables::POLICY_GROUPS).parsed()?,
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
