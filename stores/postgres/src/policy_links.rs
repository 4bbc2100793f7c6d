//! Policy links.

use misp_onboarding::id::{PolicyId, PolicyLinkId};
use misp_onboarding::list::Query;
use misp_onboarding::partner::PartnerId;
use misp_onboarding::policy_link::{PolicyLink, PolicyLinkFilter, PolicyLinkRow, PolicyLinkSort};
use misp_onboarding::store::{LinkCounts, PolicyLinkRepository, StoreError};
use misp_onboarding_sql::{Dialect, policy_links, tables};

use crate::PostgresStore;
use crate::query::Statement;
use crate::row;

const TABLE: &str = tables::POLICY_LINKS.name;

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
