//! Policy groups and policies.

use misp_onboarding::id::{PolicyGroupId, PolicyId};
use misp_onboarding::list::Query;
use misp_onboarding::policy::{
    Policy, PolicyFilter, PolicyGroup, PolicyGroupFilter, PolicyGroupName, PolicyGroupSort, PolicyName,
    PolicyRow, PolicySort,
};
use misp_onboarding::store::{PolicyCounts, PolicyRepository, StoreError};
use misp_onboarding_sql::{Dialect, policies};

use crate::PostgresStore;
use crate::query::Statement;
use crate::row;
use crate::write::{POLICIES, POLICY_GROUPS, TableRow};

pub(crate) fn group_row(group: &PolicyGroup) -> TableRow {
    let mut row = TableRow::new(&POLICY_GROUPS);
    row.set("id", group.id.to_string())
        .set("name", group.name.as_str())
        .set("name_folded", group.name.folded())
        .set("description", group.description.as_str())
        .set("state", group.state.as_str())
        .set("created_at", group.created_at.unix_micros())
        .set("created_by", group.created_by.as_str())
        .set("version", group.version.number());
    row
}

pub(crate) fn row(policy: &Policy) -> TableRow {
    let mut row = TableRow::new(&POLICIES);
    let permissions = policy.document.permissions();
    row.set("id", policy.id.to_string())
        .refer("group_id", &POLICY_GROUPS, Some(policy.group.to_string()))
        .copy("group_name_folded", (&POLICY_GROUPS, "name_folded"), "group_id", "''")
        .set("name", policy.name.as_str())
        .set("name_folded", policy.name.folded())
        .set("description", policy.description.as_str())
        .set("document", policy.document.as_str())
        .set("allow_auth_request_delegation", permissions.allow_auth_request_delegation)
        .set("allow_kyc_request_delegation", permissions.allow_kyc_request_delegation)
        .set("trust_binded_auth_verification_token", permissions.trust_binded_auth_verification_token)
        .set("allow_key_binding_delegation", permissions.allow_key_binding_delegation)
        .set("valid_until", policy.valid_until.map(|end| end.unix_micros()))
        .set("state", policy.state.as_str())
        .set("created_at", policy.created_at.unix_micros())
        .set("created_by", policy.created_by.as_str())
        .set("published_at", policy.published_at.map(|at| at.unix_micros()))
        .set("version", policy.version.number());
    row
}

impl PolicyRepository for PostgresStore {
    fn policy_group(&self, id: PolicyGroupId) -> Result<Option<PolicyGroup>, StoreError> {
        let sql = format!("{} WHERE g.id = $1", policies::SELECT_GROUP);
        self.read(|connection| {
            row::one(connection, &sql, &[id.to_string().into()], POLICY_GROUPS.name, policies::read_group)
        })
    }

    fn policy_group_named(&self, name: &PolicyGroupName) -> Result<Option<PolicyGroupId>, StoreError> {
        let sql = "SELECT id FROM policy_groups WHERE name_folded = $1";
        self.read(|connection| {
            row::one(connection, sql, &[name.folded().into()], POLICY_GROUPS.name, |fields| fields.parsed())
        })
    }

    fn policy_counts(&self, group: PolicyGroupId) -> Result<PolicyCounts, StoreError> {
        let sql = "SELECT count(*) FILTER (WHERE state = 'draft'), count(*) FILTER (WHERE state = 'active') \
                   FROM policies WHERE group_id = $1";
        let counts = self.read(|connection| {
            row::one(connection, sql, &[group.to_string().into()], POLICIES.name, |fields| {
                Ok(PolicyCounts { draft: fields.count()?, active: fields.count()? })
            })
        })?;
        Ok(counts.unwrap_or_default())
    }

    fn list_policy_groups(
        &self,
        query: &Query<PolicyGroupFilter, PolicyGroupSort>,
    ) -> Result<Vec<PolicyGroup>, StoreError> {
        let statement = Statement::from(policies::group_page(Dialect::Postgres, query)?);
        self.list(|connection| statement.rows(connection, POLICY_GROUPS.name, policies::read_group))
    }

    fn count_policy_groups(&self, filter: &PolicyGroupFilter) -> Result<u64, StoreError> {
        let statement = Statement::from(policies::group_count(Dialect::Postgres, filter));
        self.list(|connection| statement.number(connection))
    }

    fn policy(&self, id: PolicyId) -> Result<Option<Policy>, StoreError> {
        let sql = format!("SELECT {} FROM policies d WHERE d.id = $1", policies::COLUMNS);
        self.read(|connection| {
            row::one(connection, &sql, &[id.to_string().into()], POLICIES.name, policies::read)
        })
    }

    fn policy_named(&self, group: PolicyGroupId, name: &PolicyName) -> Result<Option<PolicyId>, StoreError> {
        let sql = "SELECT id FROM policies WHERE group_id = $1 AND name_folded = $2";
        let values = [group.to_string().into(), name.folded().into()];
        self.read(|connection| row::one(connection, sql, &values, POLICIES.name, |fields| fields.parsed()))
    }

    fn list_policies(&self, query: &Query<PolicyFilter, PolicySort>) -> Result<Vec<PolicyRow>, StoreError> {
        let statement = Statement::from(policies::page(Dialect::Postgres, query)?);
        self.list(|connection| statement.rows(connection, POLICIES.name, policies::read_row))
    }

    fn count_policies(&self, filter: &PolicyFilter) -> Result<u64, StoreError> {
        let statement = Statement::from(policies::count(Dialect::Postgres, filter));
        self.list(|connection| statement.number(connection))
    }
}
