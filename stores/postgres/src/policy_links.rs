//! Policy links.

use misp_onboarding::id::{ActorId, PolicyId, PolicyLinkId};
use misp_onboarding::list::Query;
use misp_onboarding::partner::{OrganizationName, PartnerId};
use misp_onboarding::policy::{PolicyGroupName, PolicyName};
use misp_onboarding::policy_link::{PolicyLink, PolicyLinkFilter, PolicyLinkRow, PolicyLinkSort};
use misp_onboarding::store::{LinkCounts, PolicyLinkRepository, StoreError};
use misp_onboarding::text::Comment;

use crate::PostgresStore;
use crate::error::Unsupported;
use crate::query::{Conditions, Order, Statement};
use crate::row::{self, Fields};
use crate::write::{PARTNERS, POLICIES, POLICY_GROUPS, POLICY_LINKS, TableRow};

const TABLE: &str = POLICY_LINKS.name;
const COLUMNS: &str = "l.id, l.partner_id, l.policy_id, l.state, l.request_comment, l.requested_at, \
                       l.requested_by, l.decided_at, l.decided_by, l.decision_comment, l.version";

pub(crate) fn row(link: &PolicyLink) -> TableRow {
    let mut row = TableRow::new(&POLICY_LINKS);
    row.set("id", link.id.to_string());
    set_parties(&mut row, &link.partner, Some(link.policy));
    row.set("state", link.state.as_str())
        .set("request_comment", link.request_comment.as_str())
        .set("requested_at", link.requested_at.unix_micros())
        .set("requested_by", link.requested_by.as_str())
        .set("decided_at", link.decided_at.map(|at| at.unix_micros()))
        .set("decided_by", link.decided_by.as_ref().map(ActorId::as_str))
        .set("decision_comment", link.decision_comment.as_ref().map(Comment::as_str))
        .set("version", link.version.number());
    row
}

/// Sets the columns that say whose the row is and for which policy, with the names that the row repeats.
pub(crate) fn set_parties(row: &mut TableRow, partner: &PartnerId, policy: Option<PolicyId>) {
    row.refer("partner_id", &PARTNERS, Some(partner.to_string()))
        .set("partner_id_folded", partner.folded())
        .copy("organization_folded", (&PARTNERS, "organization_folded"), "partner_id", "''")
        .refer("policy_id", &POLICIES, policy.map(|id| id.to_string()))
        .copy("policy_name_folded", (&POLICIES, "name_folded"), "policy_id", "''")
        .copy("policy_group_id", (&POLICIES, "group_id"), "policy_id", "NULL")
        .copy("policy_group_name_folded", (&POLICIES, "group_name_folded"), "policy_id", "''");
}

fn read(fields: &mut Fields<'_>) -> Result<PolicyLink, StoreError> {
    Ok(PolicyLink {
        id: fields.parsed()?,
        partner: PartnerId::from_stored(fields.text()?),
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

fn read_row(fields: &mut Fields<'_>) -> Result<PolicyLinkRow, StoreError> {
    Ok(PolicyLinkRow {
        link: read(fields)?,
        organization: OrganizationName::from_stored(fields.of(PARTNERS.name).text()?),
        policy_name: PolicyName::from_stored(fields.of(POLICIES.name).text()?),
        policy_group: fields.parsed()?,
        policy_group_name: PolicyGroupName::from_stored(fields.of(POLICY_GROUPS.name).text()?),
    })
}

fn order(sort: PolicyLinkSort) -> Result<Order, StoreError> {
    let column = match sort {
        PolicyLinkSort::Partner => "l.partner_id_folded",
        PolicyLinkSort::Organization => "l.organization_folded",
        PolicyLinkSort::Policy => "l.policy_name_folded",
        PolicyLinkSort::PolicyGroup => "l.policy_group_name_folded",
        PolicyLinkSort::State => "l.state",
        PolicyLinkSort::RequestedAt => "l.requested_at",
        _ => return Err(StoreError::backend(Unsupported("sort key"))),
    };
    Ok(Order { column, id: "l.id" })
}

fn filter(mut conditions: Conditions, filter: &PolicyLinkFilter) -> Conditions {
    conditions
        .equals("l.id", filter.id.map(|id| id.to_string()))
        .equals("l.partner_id", filter.partner.as_ref().map(ToString::to_string))
        .contains("l.organization_folded", filter.organization.as_ref())
        .equals("l.policy_id", filter.policy.map(|id| id.to_string()))
        .contains("l.policy_name_folded", filter.policy_name.as_ref())
        .equals("l.policy_group_id", filter.policy_group.map(|id| id.to_string()))
        .contains("l.policy_group_name_folded", filter.policy_group_name.as_ref())
        .equals("l.state", filter.state.map(|state| state.as_str().to_owned()));
    conditions
}

/// The statement for a stretch of the list.
pub(crate) fn page(query: &Query<PolicyLinkFilter, PolicyLinkSort>) -> Result<Statement, StoreError> {
    let order = order(query.sort)?;
    let conditions = filter(Conditions::default(), &query.filter);
    let select = format!(
        "SELECT {COLUMNS}, p.organization, d.name, d.group_id, g.name FROM policy_links l \
         JOIN partners p ON p.id = l.partner_id JOIN policies d ON d.id = l.policy_id \
         JOIN policy_groups g ON g.id = d.group_id"
    );
    Ok(conditions.page(&select, order, query))
}

impl PolicyLinkRepository for PostgresStore {
    fn policy_link(&self, id: PolicyLinkId) -> Result<Option<PolicyLink>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM policy_links l WHERE l.id = $1");
        self.read(|connection| row::one(connection, &sql, &[id.to_string().into()], TABLE, read))
    }

    fn open_policy_link(
        &self,
        partner: &PartnerId,
        policy: PolicyId,
    ) -> Result<Option<PolicyLink>, StoreError> {
        // In the words of the index policy_links_open, so that the planner finds it.
        let sql = format!(
            "SELECT {COLUMNS} FROM policy_links l \
             WHERE l.partner_id = $1 AND l.policy_id = $2 AND l.state <> 'rejected'"
        );
        let values = [partner.as_str().into(), policy.to_string().into()];
        self.read(|connection| row::one(connection, &sql, &values, TABLE, read))
    }

    fn pending_policy_links(&self, partner: &PartnerId) -> Result<Vec<PolicyLink>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM policy_links l \
             WHERE l.partner_id = $1 AND l.state <> 'rejected' AND l.state = 'pending' ORDER BY l.id"
        );
        self.read(|connection| row::many(connection, &sql, &[partner.as_str().into()], TABLE, read))
    }

    fn link_counts(&self, policy: PolicyId) -> Result<LinkCounts, StoreError> {
        let sql = "SELECT count(*) FILTER (WHERE state = 'pending'), count(*) FILTER (WHERE state = 'approved') \
                   FROM policy_links WHERE policy_id = $1";
        let counts = self.read(|connection| {
            row::one(connection, sql, &[policy.to_string().into()], TABLE, |fields| {
                Ok(LinkCounts { pending: fields.count()?, approved: fields.count()? })
            })
        })?;
        Ok(counts.unwrap_or_default())
    }

    fn list_policy_links(
        &self,
        query: &Query<PolicyLinkFilter, PolicyLinkSort>,
    ) -> Result<Vec<PolicyLinkRow>, StoreError> {
        let statement = page(query)?;
        self.list(|connection| statement.rows(connection, TABLE, read_row))
    }

    fn count_policy_links(&self, filter_by: &PolicyLinkFilter) -> Result<u64, StoreError> {
        let statement = filter(Conditions::default(), filter_by).count("policy_links l");
        self.list(|connection| statement.number(connection))
    }
}
