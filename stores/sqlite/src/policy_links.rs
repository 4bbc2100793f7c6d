//! Policy links.

use misp_onboarding::id::{ActorId, PolicyId, PolicyLinkId};
use misp_onboarding::list::Query;
use misp_onboarding::partner::PartnerId;
use misp_onboarding::policy_link::{PolicyLink, PolicyLinkFilter, PolicyLinkRow, PolicyLinkSort};
use misp_onboarding::store::{LinkCounts, PolicyLinkRepository, StoreError};
use misp_onboarding::text::Comment;
use misp_onboarding_sql::{Dialect, Fields, policy_links};
use rusqlite::Connection;

use crate::SqliteStore;
use crate::query::Statement;
use crate::row;
use crate::write::{PARTNERS, POLICIES, POLICY_LINKS, TableRow};

const TABLE: &str = POLICY_LINKS.name;

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

impl PolicyLinkRepository for SqliteStore {
    fn policy_link(&self, id: PolicyLinkId) -> Result<Option<PolicyLink>, StoreError> {
        let sql = format!("SELECT {} FROM policy_links l WHERE l.id = ?1", policy_links::COLUMNS);
        self.read(|connection| row::one(connection, &sql, [id.to_string()], TABLE, policy_links::read))
    }

    fn open_policy_link(
        &self,
        partner: &PartnerId,
        policy: PolicyId,
    ) -> Result<Option<PolicyLink>, StoreError> {
        // In the words of the index policy_links_open, so that SQLite finds it.
        let sql = format!(
            "SELECT {} FROM policy_links l \
             WHERE l.partner_id = ?1 AND l.policy_id = ?2 AND l.state <> 'rejected'",
            policy_links::COLUMNS
        );
        let params = [partner.to_string(), policy.to_string()];
        self.read(|connection| row::one(connection, &sql, params, TABLE, policy_links::read))
    }

    fn pending_policy_links(&self, partner: &PartnerId) -> Result<Vec<PolicyLink>, StoreError> {
        let sql = format!(
            "SELECT {} FROM policy_links l \
             WHERE l.partner_id = ?1 AND l.state <> 'rejected' AND +l.state = 'pending' ORDER BY l.id",
            policy_links::COLUMNS
        );
        self.read(|connection| row::many(connection, &sql, [partner.as_str()], TABLE, policy_links::read))
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
        let statement = Statement::from(policy_links::page(Dialect::Sqlite, query)?);
        self.read(|connection| statement.rows(connection, TABLE, policy_links::read_row))
    }

    fn count_policy_links(&self, filter: &PolicyLinkFilter) -> Result<u64, StoreError> {
        let statement = Statement::from(policy_links::count(Dialect::Sqlite, filter));
        self.read(|connection| statement.number(connection))
    }
}
