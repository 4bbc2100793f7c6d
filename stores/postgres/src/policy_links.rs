//! Policy links.

use misp_onboarding::id::{ActorId, PolicyId, PolicyLinkId};
use misp_onboarding::list::Query;
use misp_onboarding::partner::PartnerId;
use misp_onboarding::policy_link::{PolicyLink, PolicyLinkFilter, PolicyLinkRow, PolicyLinkSort};
use misp_onboarding::store::{LinkCounts, PolicyLinkRepository, StoreError};
use misp_onboarding::text::Comment;
use misp_onboarding_sql::{Dialect, policy_links};

use crate::PostgresStore;
use crate::query::Statement;
use crate::row;
use crate::write::{PARTNERS, POLICIES, POLICY_LINKS, TableRow};

const TABLE: &str = POLICY_LINKS.name;

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

impl PolicyLinkRepository for PostgresStore {
    fn policy_link(&self, id: PolicyLinkId) -> Result<Option<PolicyLink>, StoreError> {
        let sql = format!("SELECT {} FROM policy_links l WHERE l.id = $1", policy_links::COLUMNS);
        self.read(|connection| {
            row::one(connection, &sql, &[id.to_string().into()], TABLE, policy_links::read)
        })
    }

    fn open_policy_link(
        &self,
        partner: &PartnerId,
        policy: PolicyId,
    ) -> Result<Option<PolicyLink>, StoreError> {
        // In the words of the index policy_links_open, so that the planner finds it.
        let sql = format!(
            "SELECT {} FROM policy_links l \
             WHERE l.partner_id = $1 AND l.policy_id = $2 AND l.state <> 'rejected'",
            policy_links::COLUMNS
        );
        let values = [partner.as_str().into(), policy.to_string().into()];
        self.read(|connection| row::one(connection, &sql, &values, TABLE, policy_links::read))
    }

    fn pending_policy_links(&self, partner: &PartnerId) -> Result<Vec<PolicyLink>, StoreError> {
        let sql = format!(
            "SELECT {} FROM policy_links l \
             WHERE l.partner_id = $1 AND l.state <> 'rejected' AND l.state = 'pending' ORDER BY l.id",
            policy_links::COLUMNS
        );
        self.read(|connection| {
            row::many(connection, &sql, &[partner.as_str().into()], TABLE, policy_links::read)
        })
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
        let statement = Statement::from(policy_links::page(Dialect::Postgres, query)?);
        self.list(|connection| statement.rows(connection, TABLE, policy_links::read_row))
    }

    fn count_policy_links(&self, filter: &PolicyLinkFilter) -> Result<u64, StoreError> {
        let statement = Statement::from(policy_links::count(Dialect::Postgres, filter));
        self.list(|connection| statement.number(connection))
    }
}
