//! Policy links.

use misp_onboarding::id::{ActorId, PolicyId};
use misp_onboarding::list::Query;
use misp_onboarding::partner::{OrganizationName, PartnerId};
use misp_onboarding::policy::{PolicyGroupName, PolicyName};
use misp_onboarding::policy_link::{PolicyLink, PolicyLinkFilter, PolicyLinkRow, PolicyLinkSort};
use misp_onboarding::store::StoreError;
use misp_onboarding::text::Comment;

use crate::policies::GROUP_NAME;
use crate::table_row::{Otherwise, TableRow};
use crate::{Conditions, Dialect, Fields, Order, Statement, UnsupportedSortKey, partners, tables};

/// The columns that [`read`] reads, of table `l`.
pub const COLUMNS: &str = "l.id, l.partner_id, l.policy_id, l.state, l.request_comment, l.requested_at, \
                           l.requested_by, l.decided_at, l.decided_by, l.decision_comment, l.version";

/// What the rows of a partner and of a policy repeat of them.
const PARTNER_ID: &str = "(SELECT id_folded FROM partners WHERE id = ?)";
const ORGANIZATION: &str = "(SELECT organization_folded FROM partners WHERE id = ?)";
const POLICY_NAME: &str = "(SELECT name_folded FROM policies WHERE id = ?)";
const POLICY_GROUP_NAME: &str = "(SELECT group_name_folded FROM policies WHERE id = ?)";

pub(crate) fn row(link: &PolicyLink) -> TableRow<'_> {
    let mut row = TableRow::new(&tables::POLICY_LINKS);
    row.set("id", link.id.to_string());
    set_parties(&mut row, &link.partner, Some(link.policy));
    row.set("state", link.state.as_str())
        .set("request_comment", link.request_comment.as_str())
        .set("requested_at", link.requested_at)
        .set("requested_by", link.requested_by.as_str())
        .set("decided_at", link.decided_at)
        .set("decided_by", link.decided_by.as_ref().map(ActorId::as_str))
        .set("decision_comment", link.decision_comment.as_ref().map(Comment::as_str))
        .set("version", link.version.number());
    row
}

/// Sets the columns that say whose the row is and for which policy, with the names that the row repeats.
pub(crate) fn set_parties<'a>(row: &mut TableRow<'a>, partner: &'a PartnerId, policy: Option<PolicyId>) {
    row.refer("partner_id", &tables::PARTNERS, Some(partner.to_string()))
        .set("partner_id_folded", partner.folded())
        .copy(
            "organization_folded",
            (&tables::PARTNERS, "organization_folded"),
            "partner_id",
            Otherwise::Empty,
        )
        .refer("policy_id", &tables::POLICIES, policy.map(|id| id.to_string()))
        .copy("policy_name_folded", (&tables::POLICIES, "name_folded"), "policy_id", Otherwise::Empty)
        .copy("policy_group_id", (&tables::POLICIES, "group_id"), "policy_id", Otherwise::Null)
        .copy(
            "policy_group_name_folded",
            (&tables::POLICIES, "group_name_folded"),
            "policy_id",
            Otherwise::Empty,
        );
}

/// Reads a policy link.
///
/// # Errors
/// A column does not hold what it should.
pub fn read(fields: &mut Fields<'_>) -> Result<PolicyLink, StoreError> {
    Ok(PolicyLink {
        id: fields.parsed()?,
        partner: partners::read_id(fields)?,
        policy: fields.parsed()?,
        state: fields.parsed()?,
        request_comment: Comment::from_stored(fields.text()?),
        requested_at: fields.time()?,
        requested_by: ActorId::from_stored(fields.text()?),
        decided_at: fields.optional_time()?,
        decided_by: fields.optional_text()?.map(ActorId::from_stored),
        decision_comment: fields.optional_text()?.map(Comment::from_stored),
        version: fields.version()?,
    })
}

/// Reads a row of the list.
///
/// # Errors
/// A column does not hold what it should.
pub fn read_row(fields: &mut Fields<'_>) -> Result<PolicyLinkRow, StoreError> {
    Ok(PolicyLinkRow {
        link: read(fields)?,
        organization: OrganizationName::from_stored(fields.of(tables::PARTNERS.name).text()?),
        policy_name: PolicyName::from_stored(fields.of(tables::POLICIES.name).text()?),
        policy_group: fields.parsed()?,
        policy_group_name: PolicyGroupName::from_stored(fields.of(tables::POLICY_GROUPS.name).text()?),
    })
}

/// A page of the list, which [`read_row`] reads.
///
/// # Errors
/// The sort key is not one that this crate knows.
pub fn page(
    dialect: Dialect,
    query: &Query<PolicyLinkFilter, PolicyLinkSort>,
) -> Result<Statement, UnsupportedSortKey> {
    let column = match query.sort {
        PolicyLinkSort::Partner => "l.partner_id_folded",
        PolicyLinkSort::Organization => "l.organization_folded",
        PolicyLinkSort::Policy => "l.policy_name_folded",
        PolicyLinkSort::PolicyGroup => "l.policy_group_name_folded",
        PolicyLinkSort::State => "l.state",
        PolicyLinkSort::RequestedAt => "l.requested_at",
        _ => return Err(UnsupportedSortKey),
    };
    let order = Order { column, id: "l.id" };
    let conditions = filter(Conditions::sorted(dialect, order, query), &query.filter);
    let join = dialect.join();
    let select = format!(
        "SELECT {COLUMNS}, p.organization, d.name, d.group_id, g.name FROM policy_links l \
         {join} partners p ON p.id = l.partner_id {join} policies d ON d.id = l.policy_id \
         {join} policy_groups g ON g.id = d.group_id"
    );
    Ok(conditions.page(&select, order, query))
}

/// Counts the policy links that pass the filter.
pub fn count(dialect: Dialect, filter_by: &PolicyLinkFilter) -> Statement {
    filter(Conditions::counted(dialect), filter_by).count("policy_links l")
}

fn filter(mut conditions: Conditions, filter: &PolicyLinkFilter) -> Conditions {
    conditions
        .one("l.id", filter.id.map(|id| id.to_string()))
        .few(
            "l.partner_id",
            filter.partner.as_ref().map(PartnerId::as_str),
            &[("l.partner_id_folded", PARTNER_ID), ("l.organization_folded", ORGANIZATION)],
        )
        .many(
            "l.policy_id",
            filter.policy.map(|id| id.to_string()),
            Some("l.requested_at"),
            &[("l.policy_name_folded", POLICY_NAME), ("l.policy_group_name_folded", POLICY_GROUP_NAME)],
        )
        .many(
            "l.policy_group_id",
            filter.policy_group.map(|id| id.to_string()),
            Some("l.requested_at"),
            &[("l.policy_group_name_folded", GROUP_NAME)],
        )
        .many(
            "l.state",
            filter.state.map(|state| state.as_str()),
            Some("l.requested_at"),
            &[("l.state", "?")],
        )
        .contains("l.organization_folded", filter.organization.as_ref())
        .contains("l.policy_group_name_folded", filter.policy_group_name.as_ref())
        .contains("l.policy_name_folded", filter.policy_name.as_ref());
    conditions
}
