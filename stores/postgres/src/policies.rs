//! Policy groups and policies.

use misp_onboarding::id::{ActorId, PolicyGroupId, PolicyId};
use misp_onboarding::list::Query;
use misp_onboarding::policy::{
    Policy, PolicyDocument, PolicyFilter, PolicyGroup, PolicyGroupFilter, PolicyGroupName, PolicyGroupSort,
    PolicyName, PolicyRow, PolicySort,
};
use misp_onboarding::store::{PolicyCounts, PolicyRepository, StoreError};
use misp_onboarding::text::Description;

use crate::PostgresStore;
use crate::error::Unsupported;
use crate::query::{Conditions, Order, Statement};
use crate::row::{self, Fields};
use crate::write::{POLICIES, POLICY_GROUPS, TableRow};

const SELECT_GROUP: &str = "SELECT g.id, g.name, g.description, g.state, g.created_at, g.created_by, g.version \
                            FROM policy_groups g";
const COLUMNS: &str = "d.id, d.group_id, d.name, d.description, d.document, d.valid_until, d.state, d.created_at, \
                       d.created_by, d.published_at, d.version";

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

fn read_group(fields: &mut Fields<'_>) -> Result<PolicyGroup, StoreError> {
    Ok(PolicyGroup {
        id: fields.parsed()?,
        name: PolicyGroupName::from_stored(fields.text()?),
        description: Description::from_stored(fields.text()?),
        state: fields.parsed()?,
        created_at: fields.time()?,
        created_by: ActorId::from_stored(fields.text()?),
        version: fields.version()?,
    })
}

fn read(fields: &mut Fields<'_>) -> Result<Policy, StoreError> {
    Ok(Policy {
        id: fields.parsed()?,
        group: fields.parsed()?,
        name: PolicyName::from_stored(fields.text()?),
        description: Description::from_stored(fields.text()?),
        document: fields.checked(PolicyDocument::parse)?,
        valid_until: fields.optional_time()?,
        state: fields.parsed()?,
        created_at: fields.time()?,
        created_by: ActorId::from_stored(fields.text()?),
        published_at: fields.optional_time()?,
        version: fields.version()?,
    })
}

fn read_row(fields: &mut Fields<'_>) -> Result<PolicyRow, StoreError> {
    Ok(PolicyRow {
        policy: read(fields)?,
        group_name: PolicyGroupName::from_stored(fields.of(POLICY_GROUPS.name).text()?),
    })
}

fn group_order(sort: PolicyGroupSort) -> Result<Order, StoreError> {
    let column = match sort {
        PolicyGroupSort::Name => "g.name_folded",
        PolicyGroupSort::CreatedAt => "g.created_at",
        _ => return Err(StoreError::backend(Unsupported("sort key"))),
    };
    Ok(Order { column, id: "g.id" })
}

fn order(sort: PolicySort) -> Result<Order, StoreError> {
    let column = match sort {
        PolicySort::Name => "d.name_folded",
        PolicySort::PolicyGroup => "d.group_name_folded",
        PolicySort::CreatedAt => "d.created_at",
        _ => return Err(StoreError::backend(Unsupported("sort key"))),
    };
    Ok(Order { column, id: "d.id" })
}

fn group_filter(mut conditions: Conditions, filter: &PolicyGroupFilter) -> Conditions {
    conditions
        .equals("g.id", filter.id.map(|id| id.to_string()))
        .contains("g.name_folded", filter.name.as_ref())
        .equals("g.state", filter.state.map(|state| state.as_str().to_owned()));
    conditions
}

fn filter(mut conditions: Conditions, filter: &PolicyFilter) -> Conditions {
    conditions
        .equals("d.id", filter.id.map(|id| id.to_string()))
        .equals("d.group_id", filter.group.map(|id| id.to_string()))
        .contains("d.group_name_folded", filter.group_name.as_ref())
        .contains("d.name_folded", filter.name.as_ref())
        .equals("d.state", filter.state.map(|state| state.as_str().to_owned()));
    conditions
}

/// The statement for a stretch of the list.
pub(crate) fn group_page(query: &Query<PolicyGroupFilter, PolicyGroupSort>) -> Result<Statement, StoreError> {
    let order = group_order(query.sort)?;
    let conditions = group_filter(Conditions::default(), &query.filter);
    Ok(conditions.page(SELECT_GROUP, order, query))
}

/// The statement for a stretch of the list.
pub(crate) fn page(query: &Query<PolicyFilter, PolicySort>) -> Result<Statement, StoreError> {
    let order = order(query.sort)?;
    let conditions = filter(Conditions::default(), &query.filter);
    let select =
        format!("SELECT {COLUMNS}, g.name FROM policies d JOIN policy_groups g ON g.id = d.group_id");
    Ok(conditions.page(&select, order, query))
}

impl PolicyRepository for PostgresStore {
    fn policy_group(&self, id: PolicyGroupId) -> Result<Option<PolicyGroup>, StoreError> {
        let sql = format!("{SELECT_GROUP} WHERE g.id = $1");
        self.read(|connection| {
            row::one(connection, &sql, &[id.to_string().into()], POLICY_GROUPS.name, read_group)
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
        let statement = group_page(query)?;
        self.list(|connection| statement.rows(connection, POLICY_GROUPS.name, read_group))
    }

    fn count_policy_groups(&self, filter_by: &PolicyGroupFilter) -> Result<u64, StoreError> {
        let statement = group_filter(Conditions::default(), filter_by).count("policy_groups g");
        self.list(|connection| statement.number(connection))
    }

    fn policy(&self, id: PolicyId) -> Result<Option<Policy>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM policies d WHERE d.id = $1");
        self.read(|connection| row::one(connection, &sql, &[id.to_string().into()], POLICIES.name, read))
    }

    fn policy_named(&self, group: PolicyGroupId, name: &PolicyName) -> Result<Option<PolicyId>, StoreError> {
        let sql = "SELECT id FROM policies WHERE group_id = $1 AND name_folded = $2";
        let values = [group.to_string().into(), name.folded().into()];
        self.read(|connection| row::one(connection, sql, &values, POLICIES.name, |fields| fields.parsed()))
    }

    fn list_policies(&self, query: &Query<PolicyFilter, PolicySort>) -> Result<Vec<PolicyRow>, StoreError> {
        let statement = page(query)?;
        self.list(|connection| statement.rows(connection, POLICIES.name, read_row))
    }

    fn count_policies(&self, filter_by: &PolicyFilter) -> Result<u64, StoreError> {
        let statement = filter(Conditions::default(), filter_by).count("policies d");
        self.list(|connection| statement.number(connection))
    }
}
