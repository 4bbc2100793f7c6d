//! Policy groups and policies.

use misp_onboarding::id::{PolicyGroupId, PolicyId};
use misp_onboarding::list::Query;
use misp_onboarding::policy::{
    Policy, PolicyFilter, PolicyGroup, PolicyGroupFilter, PolicyGroupName, PolicyGroupSort, PolicyName,
    PolicyRow, PolicySort,
};
use misp_onboarding::store::{PolicyCounts, PolicyRepository, StoreError};
use misp_onboarding_sql::{Dialect, policies, tables};

use crate::SqliteStore;
use crate::query::Statement;
use crate::row;

impl PolicyRepository for SqliteStore {
    fn policy_group(&self, id: PolicyGroupId) -> Result<Option<PolicyGroup>, StoreError> {
        let sql = format!("{} WHERE g.id = ?1", policies::SELECT_GROUP);
        self.read(|connection| {
            row::one(connection, &sql, [id.to_string()], tables::POLICY_GROUPS.name, policies::read_group)
        })
    }

    fn policy_group_named(&self, name: &PolicyGroupName) -> Result<Option<PolicyGroupId>, StoreError> {
        let sql = "SELECT id FROM policy_groups WHERE name_folded = ?1";
        self.read(|connection| {
            row::one(connection, sql, [name.folded()], tables::POLICY_GROUPS.name, |fields| fields.parsed())
        })
    }

    fn policy_counts(&self, group: PolicyGroupId) -> Result<PolicyCounts, StoreError> {
        let sql = "SELECT count(*) FILTER (WHERE state = 'draft'), count(*) FILTER (WHERE state = 'active') \
                   FROM policies WHERE group_id = ?1";
        let counts = self.read(|connection| {
            row::one(connection, sql, [group.to_string()], tables::POLICIES.name, |fields| {
                Ok(PolicyCounts { draft: fields.count()?, active: fields.count()? })
            })
        })?;
        Ok(counts.unwrap_or_default())
    }

    fn list_policy_groups(
        &self,
        query: &Query<PolicyGroupFilter, PolicyGroupSort>,
    ) -> Result<Vec<PolicyGroup>, StoreError> {
        let statement = Statement::from(policies::group_page(Dialect::Sqlite, query)?);
        self.read(|connection| statement.rows(connection, tables::POLICY_GROUPS.name, policies::read_group))
    }

    fn count_policy_groups(&self, filter: &PolicyGroupFilter) -> Result<u64, StoreError> {
        let statement = Statement::from(policies::group_count(Dialect::Sqlite, filter));
        self.read(|connection| statement.number(connection))
    }

    fn policy(&self, id: PolicyId) -> Result<Option<Policy>, StoreError> {
        let sql = format!("SELECT {} FROM policies d WHERE d.id = ?1", policies::COLUMNS);
        self.read(|connection| {
            row::one(connection, &sql, [id.to_string()], tables::POLICIES.name, policies::read)
        })
    }

    fn policy_named(&self, group: PolicyGroupId, name: &PolicyName) -> Result<Option<PolicyId>, StoreError> {
        let sql = "SELECT id FROM policies WHERE group_id = ?1 AND name_folded = ?2";
        let params = [group.to_string(), name.folded()];
        self.read(|connection| {
            row::one(connection, sql, params, tables::POLICIES.name, |fields| fields.parsed())
        })
    }

    fn list_policies(&self, query: &Query<PolicyFilter, PolicySort>) -> Result<Vec<PolicyRow>, StoreError> {
        let statement = Statement::from(policies::page(Dialect::Sqlite, query)?);
        self.read(|connection| statement.rows(connection, tables::POLICIES.name, policies::read_row))
    }

    fn count_policies(&self, filter: &PolicyFilter) -> Result<u64, StoreError> {
        let statement = Statement::from(policies::count(Dialect::Sqlite, filter));
        self.read(|connection| statement.number(connection))
    }
}
