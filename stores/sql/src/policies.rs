//! Policy groups and policies.

use misp_onboarding::id::ActorId;
use misp_onboarding::list::Query;
use misp_onboarding::policy::{
    Policy, PolicyDocument, PolicyFilter, PolicyGroup, PolicyGroupFilter, PolicyGroupName, PolicyGroupSort,
    PolicyName, PolicyRow, PolicySort,
};
use misp_onboarding::store::StoreError;
use misp_onboarding::text::Description;

use crate::table_row::{Otherwise, TableRow};
use crate::{Conditions, Dialect, Fields, Order, Statement, UnsupportedSortKey, tables};

/// Selects what [`read_group`] reads, from table `g`.
pub const SELECT_GROUP: &str = "SELECT g.id, g.name, g.description, g.state, g.created_at, g.created_by, g.version \
                                FROM policy_groups g";
/// The columns that [`read`] reads, of table `d`.
pub const COLUMNS: &str = "d.id, d.group_id, d.name, d.description, d.document, d.valid_until, d.state, d.created_at, \
                           d.created_by, d.published_at, d.version";

/// What the rows of a policy group repeat of it.
pub(crate) const GROUP_NAME: &str = "(SELECT name_folded FROM policy_groups WHERE id = ?)";

pub(crate) fn group_row(group: &PolicyGroup) -> TableRow<'_> {
    let mut row = TableRow::new(&tables::POLICY_GROUPS);
    row.set("id", group.id.to_string())
        .set("name", group.name.as_str())
        .set("name_folded", group.name.folded())
        .set("description", group.description.as_str())
        .set("state", group.state.as_str())
        .set("created_at", group.created_at)
        .set("created_by", group.created_by.as_str())
        .set("version", group.version.number());
    row
}

pub(crate) fn row(policy: &Policy) -> TableRow<'_> {
    let mut row = TableRow::new(&tables::POLICIES);
    let permissions = policy.document.permissions();
    row.set("id", policy.id.to_string())
        .refer("group_id", &tables::POLICY_GROUPS, Some(policy.group.to_string()))
        .copy("group_name_folded", (&tables::POLICY_GROUPS, "name_folded"), "group_id", Otherwise::Empty)
        .set("name", policy.name.as_str())
        .set("name_folded", policy.name.folded())
        .set("description", policy.description.as_str())
        .set("document", policy.document.as_str())
        .set("allow_auth_request_delegation", permissions.allow_auth_request_delegation)
        .set("allow_kyc_request_delegation", permissions.allow_kyc_request_delegation)
        .set("trust_binded_auth_verification_token", permissions.trust_binded_auth_verification_token)
        .set("allow_key_binding_delegation", permissions.allow_key_binding_delegation)
        .set("valid_until", policy.valid_until)
        .set("state", policy.state.as_str())
        .set("created_at", policy.created_at)
        .set("created_by", policy.created_by.as_str())
        .set("published_at", policy.published_at)
        .set("version", policy.version.number());
    row
}

/// Reads a policy group.
///
/// # Errors
/// A column does not hold what it should.
pub fn read_group(fields: &mut Fields<'_>) -> Result<PolicyGroup, StoreError> {
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

/// Reads a policy.
///
/// # Errors
/// A column does not hold what it should.
pub fn read(fields: &mut Fields<'_>) -> Result<Policy, StoreError> {
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

/// Reads a row of the list of policies.
///
/// # Errors
/// A column does not hold what it should.
pub fn read_row(fields: &mut Fields<'_>) -> Result<PolicyRow, StoreError> {
    Ok(PolicyRow {
        policy: read(fields)?,
        group_name: PolicyGroupName::from_stored(fields.of(tables::POLICY_GROUPS.name).text()?),
    })
}

/// A page of the list of groups, which [`read_group`] reads.
///
/// # Errors
/// The sort key is not one that this crate knows.
pub fn group_page(
    dialect: Dialect,
    query: &Query<PolicyGroupFilter, PolicyGroupSort>,
) -> Result<Statement, UnsupportedSortKey> {
    let column = match query.sort {
        PolicyGroupSort::Name => "g.name_folded",
        PolicyGroupSort::CreatedAt => "g.created_at",
        _ => return Err(UnsupportedSortKey),
    };
    let order = Order { column, id: "g.id" };
    let conditions = group_filter(Conditions::sorted(dialect, order, query), &query.filter);
    Ok(conditions.page(SELECT_GROUP, order, query))
}

/// Counts the groups that pass the filter.
pub fn group_count(dialect: Dialect, filter: &PolicyGroupFilter) -> Statement {
    group_filter(Conditions::counted(dialect), filter).count("policy_groups g")
}

fn group_filter(mut conditions: Conditions, filter: &PolicyGroupFilter) -> Conditions {
    conditions
        .one("g.id", filter.id.map(|id| id.to_string()))
        .many("g.state", filter.state.map(|state| state.as_str()), None, &[])
        .contains("g.name_folded", filter.name.as_ref());
    conditions
}

/// A page of the list of policies, which [`read_row`] reads.
///
/// # Errors
/// The sort key is not one that this crate knows.
pub fn page(
    dialect: Dialect,
    query: &Query<PolicyFilter, PolicySort>,
) -> Result<Statement, UnsupportedSortKey> {
    let column = match query.sort {
        PolicySort::Name => "d.name_folded",
        PolicySort::PolicyGroup => "d.group_name_folded",
        PolicySort::CreatedAt => "d.created_at",
        _ => return Err(UnsupportedSortKey),
    };
    let order = Order { column, id: "d.id" };
    let conditions = filter(Conditions::sorted(dialect, order, query), &query.filter);
    let join = dialect.join();
    let select =
        format!("SELECT {COLUMNS}, g.name FROM policies d {join} policy_groups g ON g.id = d.group_id");
    Ok(conditions.page(&select, order, query))
}

/// Counts the policies that pass the filter.
pub fn count(dialect: Dialect, filter_by: &PolicyFilter) -> Statement {
    filter(Conditions::counted(dialect), filter_by).count("policies d")
}

fn filter(mut conditions: Conditions, filter: &PolicyFilter) -> Conditions {
    conditions
        .one("d.id", filter.id.map(|id| id.to_string()))
        .few("d.group_id", filter.group.map(|id| id.to_string()), &[("d.group_name_folded", GROUP_NAME)])
        .many("d.state", filter.state.map(|state| state.as_str()), Some("d.created_at"), &[])
        .contains("d.group_name_folded", filter.group_name.as_ref())
        .contains("d.name_folded", filter.name.as_ref());
    conditions
}
