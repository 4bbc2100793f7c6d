//! What tables repeat of others, so that each list can be read in the order of an index: when the original changes,
//! the copies follow in the same transaction.

use misp_onboarding::store::StoreError;
use misp_onboarding_sql::tables::{PARTNER_CERTIFICATES, PARTNERS, POLICIES, POLICY_GROUPS, Table};

use crate::connection::Connection;
use crate::write::RowId;

/// The columns of a table that others repeat.
pub(crate) fn repeated(table: &Table) -> &'static [&'static str] {
    if *table == PARTNERS {
        &["organization_folded"]
    } else if *table == PARTNER_CERTIFICATES {
        &["not_after"]
    } else if *table == POLICY_GROUPS {
        &["name_folded"]
    } else if *table == POLICIES {
        &["name_folded", "group_id"]
    } else {
        &[]
    }
}

/// Copies what others repeat of the row to where it is repeated.
pub(crate) fn follow(connection: &mut Connection, original: &RowId) -> Result<(), StoreError> {
    for sql in statements(original.table) {
        connection.execute(sql, &[original.key.as_str().into()])?;
    }
    Ok(())
}

fn statements(table: &Table) -> &'static [&'static str] {
    if *table == PARTNERS {
        &[
            "UPDATE policy_links AS c SET organization_folded = p.organization_folded FROM partners p \
             WHERE p.id = $1 AND c.partner_id = p.id AND c.organization_folded <> p.organization_folded",
            "UPDATE license_keys AS c SET organization_folded = p.organization_folded FROM partners p \
             WHERE p.id = $1 AND c.partner_id = p.id AND c.organization_folded <> p.organization_folded",
        ]
    } else if *table == PARTNER_CERTIFICATES {
        &["UPDATE partners AS c SET certificate_ends = o.not_after FROM partner_certificates o \
           WHERE o.id = $1 AND c.certificate_id = o.id AND c.certificate_ends <> o.not_after"]
    } else if *table == POLICY_GROUPS {
        &[
            "UPDATE policies AS c SET group_name_folded = g.name_folded FROM policy_groups g \
             WHERE g.id = $1 AND c.group_id = g.id",
            "UPDATE partners AS c SET policy_group_name_folded = g.name_folded FROM policy_groups g \
             WHERE g.id = $1 AND c.policy_group_id = g.id",
            "UPDATE policy_links AS c SET policy_group_name_folded = d.group_name_folded FROM policies d \
             WHERE d.group_id = $1 AND c.policy_id = d.id",
            "UPDATE license_keys AS c SET policy_group_name_folded = d.group_name_folded FROM policies d \
             WHERE d.group_id = $1 AND c.policy_id = d.id",
        ]
    } else if *table == POLICIES {
        &[
            "UPDATE policy_links AS c SET policy_name_folded = d.name_folded, policy_group_id = d.group_id, \
             policy_group_name_folded = d.group_name_folded FROM policies d \
             WHERE d.id = $1 AND c.policy_id = d.id",
            "UPDATE license_keys AS c SET policy_name_folded = d.name_folded, policy_group_id = d.group_id, \
             policy_group_name_folded = d.group_name_folded FROM policies d \
             WHERE d.id = $1 AND c.policy_id = d.id",
        ]
    } else {
        &[]
    }
}
