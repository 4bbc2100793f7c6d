//! Policy links.

use misp_onboarding::id::{ActorId, PolicyId, PolicyLinkId};
use misp_onboarding::list::Query;
use misp_onboarding::partner::{OrganizationName, PartnerId};
use misp_onboarding::policy::{PolicyGroupName, PolicyName};
use misp_onboarding::policy_link::{PolicyLink, PolicyLinkFilter, PolicyLinkRow, PolicyLinkSort};
use misp_onboarding::store::{LinkCounts, PolicyLinkRepository, StoreError};
use misp_onboarding::text::Comment;
use rusqlite::Connection;

use crate::SqliteStore;
use crate::error::Unsupported;
use crate::policies::GROUP_NAME;
use crate::query::{Conditions, Order, Statement};
use crate::row::{self, Fields};
use crate::write::{PARTNERS, POLICIES, POLICY_GROUPS, POLICY_LINKS, TableRow};

const TABLE: &str = POLICY_LINKS.name;
const COLUMNS: &str = "l.id, l.partner_id, l.policy_id, l.state, l.request_comment, l.requested_at, \
                       l.requested_by, l.decided_at, l.decided_by, l.decision_comment, l.version";

/// What the rows of a partner and of a policy repeat of them.
pub(crate) const PARTNER_ID: &str = "(SELECT id_folded FROM partners WHERE id = ?)";
pub(crate) const ORGANIZATION: &str = "(SELECT organization_folded FROM partners WHERE id = ?)";
pub(crate) const POLICY_NAME: &str = "(SELECT name_folded FROM policies WHERE id = ?)";
pub(crate) const POLICY_GROUP_NAME: &str = "(SELECT group_name_folded FROM policies WHERE id = ?)";

pub(crate) fn row<'a>(link: &'a PolicyLink, connection: &Connection) -> Result<TableRow<'a>, StoreError> {
    let mut row = TableRow::new(&POLICY_LINKS);
    row.set("id", link.id.to_string());
    set_parties(&mut row, connection, &link.partner, Some(link.policy))?;
    row.set("state", link.state.as_str())
        .set("request_comment", link.request_comment.as_str())
        .set("requested_at", link.requested_at.unix_micros())
        .set("requested_by", link.requested_by.as_str())
        .set_optional("decided_at", link.decided_at.map(|at| at.unix_micros()))
        .set_optional("decided_by", link.decided_by.as_ref().map(ActorId::as_str))
        .set_optional("decision_comment", link.decision_comment.as_ref().map(Comment::as_str))
        .set("version", link.version.number());
    Ok(row)
}

/// Sets the columns that say whose the row is and for which policy, with the names that the row repeats.
pub(crate) fn set_parties<'a>(
    row: &mut TableRow<'a>,
    connection: &Connection,
    partner: &'a PartnerId,
    policy: Option<PolicyId>,
) -> Result<(), StoreError> {
    let sql = "SELECT organization_folded FROM partners WHERE id = ?1";
    let read = |fields: &mut Fields<'_>| fields.text().map(str::to_owned);
    let organization = row::one(connection, sql, [partner.as_str()], PARTNERS.name, read)?;
    let policy = policy.map(|id| id.to_string());
    let names = match &policy {
        None => Some((String::new(), None, String::new())),
        Some(id) => {
            let sql = "SELECT name_folded, group_id, group_name_folded FROM policies WHERE id = ?1";
            row::one(connection, sql, [id], POLICIES.name, |fields| {
                let name = fields.text()?.to_owned();
                Ok((name, Some(fields.text()?.to_owned()), fields.text()?.to_owned()))
            })?
        }
    };
    if organization.is_none() || names.is_none() {
        row.incomplete();
    }
    let (policy_name, group, group_name) = names.unwrap_or_default();
    row.refer("partner_id", &PARTNERS, Some(partner.to_string()))
        .set("partner_id_folded", partner.folded())
        .set("organization_folded", organization.unwrap_or_default())
        .refer("policy_id", &POLICIES, policy)
        .set("policy_name_folded", policy_name)
        .set_optional("policy_group_id", group)
        .set("policy_group_name_folded", group_name);
    Ok(())
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
        .one("l.id", filter.id.map(|id| id.to_string()))
        .few(
            "l.partner_id",
            filter.partner.as_ref().map(ToString::to_string),
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
            filter.state.map(|state| state.as_str().to_owned()),
            Some("l.requested_at"),
            &[("l.state", "?")],
        )
        .contains("l.organization_folded", filter.organization.as_ref())
        .contains("l.policy_group_name_folded", filter.policy_group_name.as_ref())
        .contains("l.policy_name_folded", filter.policy_name.as_ref());
    conditions
}

/// The statement for a stretch of the list.
pub(crate) fn page(query: &Query<PolicyLinkFilter, PolicyLinkSort>) -> Result<Statement, StoreError> {
    let order = order(query.sort)?;
    let conditions = filter(Conditions::sorted(order, query), &query.filter);
    // A cross join is never reordered: the list's own table comes first.
    let select = format!(
        "SELECT {COLUMNS}, p.organization, d.name, d.group_id, g.name FROM policy_links l \
         CROSS JOIN partners p ON p.id = l.partner_id CROSS JOIN policies d ON d.id = l.policy_id \
         CROSS JOIN policy_groups g ON g.id = d.group_id"
    );
    Ok(conditions.page(&select, order, query))
}

impl PolicyLinkRepository for SqliteStore {
    fn policy_link(&self, id: PolicyLinkId) -> Result<Option<PolicyLink>, StoreError> {
        let sql = format!("SELECT {COLUMNS} FROM policy_links l WHERE l.id = ?1");
        self.read(|connection| row::one(connection, &sql, [id.to_string()], TABLE, read))
    }

    fn open_policy_link(
        &self,
        partner: &PartnerId,
        policy: PolicyId,
    ) -> Result<Option<PolicyLink>, StoreError> {
        // In the words of the index policy_links_open, so that SQLite finds it.
        let sql = format!(
            "SELECT {COLUMNS} FROM policy_links l \
             WHERE l.partner_id = ?1 AND l.policy_id = ?2 AND l.state <> 'rejected'"
        );
        let params = [partner.to_string(), policy.to_string()];
        self.read(|connection| row::one(connection, &sql, params, TABLE, read))
    }

    fn pending_policy_links(&self, partner: &PartnerId) -> Result<Vec<PolicyLink>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM policy_links l \
             WHERE l.partner_id = ?1 AND l.state <> 'rejected' AND +l.state = 'pending' ORDER BY l.id"
        );
        self.read(|connection| row::many(connection, &sql, [partner.as_str()], TABLE, read))
    }

    fn link_counts(&self, policy: PolicyId) -> Result<LinkCounts, StoreError> {
        let sql = "SELECT count(*) FILTER (WHERE state = 'pending'), count(*) FILTER (WHERE state = 'approved') \
                   FROM policy_links WHERE policy_id = ?1";
        let counts = self.read(|connection| {
            row::one(connection, sql, [policy.to_string()], TABLE, |fields| {
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
        self.read(|connection| statement.rows(connection, TABLE, read_row))
    }

    fn count_policy_links(&self, filter_by: &PolicyLinkFilter) -> Result<u64, StoreError> {
        let conditions = filter(Conditions::counted(), filter_by);
        self.read(|connection| conditions.count("policy_links l").number(connection))
    }
}
