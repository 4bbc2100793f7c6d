//! The list of license keys: which statements give a page of it, and in which order they are tried.
//!
//! There may be millions of keys, and no index serves every filter in every order. So a page is looked for in up to
//! three ways, each the cheap one for some filters, and all but the last one given up early (ADR-0014):
//!
//! * **Merge**: where few partners or policies can be meant and the order is that of an index of each one's keys, the
//!   first rows of each are merged. Costs in proportion to the parents, whatever the number of keys.
//! * **Walk**: the list is walked in its order, the keys of each state merged, and rows that a filter does not let
//!   through are passed over. Cheap where many pass; given up after [`STRETCH`] rows.
//! * **Collect**: what the narrowest filter's own index finds is collected, and sorted. Cheap where few pass.
//!
//! Every statement is the whole answer by itself, so that which of them is asked never changes what is answered.

mod collect;
mod merge;
mod page;
pub mod record;
mod side;
mod walk;

use misp_onboarding::license_key::{LicenseKeyFilter, LicenseKeySort, LicenseKeyStatus};
use misp_onboarding::list::Query;

use self::collect::Source;
use self::page::{Order, Page};
use self::side::Side;
use crate::UnsupportedSortKey;
use crate::statement::{Builder, Dialect, Statement};
use crate::words;

/// How many rows a walk passes before it is given up. A store of as many keys is walked whole.
pub const STRETCH: u32 = 1_000;
/// So many partners or policies are few enough to merge the keys of each.
const FEW_PARENTS: u32 = 50;
/// So many keys are few enough to be sorted for a page.
const FEW_KEYS: u32 = 300;

/// The states that keys are listed by: each index of the list begins with it.
const STATES: [&str; 3] = ["active", "replaced", "deactivated"];

/// The columns of a row of the list, from the tables that [`page()`] joins: `k` the key, `p` its partner, `d` its
/// policy, `g` the policy's group.
const SHOWN: &str = "p.organization, p.state, d.name, d.group_id, g.name";

/// One way to a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attempt {
    /// What is asked.
    pub statement: Statement,
    /// Whether it is given up when it takes long, and the next one tried. SQLite counts the steps of the statement;
    /// for PostgreSQL the statement itself looks at a stretch only, and fewer rows than asked for are no answer.
    pub bounded: bool,
}

/// What is asked before a page, where it is worth a question: is little enough meant to begin there?
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probe {
    /// Counts, and stops counting early.
    pub statement: Statement,
    /// Up to so many are few.
    pub few: u64,
}

/// How many partners the filter means, where that must be asked.
pub fn partners_probe(dialect: Dialect, filter: &LicenseKeyFilter) -> Option<Probe> {
    let organization = filter.organization.as_ref().filter(|_| filter.partner.is_none())?;
    let mut sql = Builder::new(dialect);
    let meant = match dialect {
        // It ends with the first ones too many.
        Dialect::Sqlite => words::PARTNERS.texts_compared(&mut sql, organization),
        Dialect::Postgres => {
            let conditions = Side::Partner.conditions(&mut sql, filter).join(" AND ");
            format!("SELECT 1 FROM partners p WHERE {conditions}")
        }
    };
    let text = format!("SELECT count(*) FROM ({meant} LIMIT {}) few", FEW_PARENTS + 1);
    Some(Probe { statement: sql.finish(text), few: FEW_PARENTS.into() })
}

/// How many keys have such a name, where that can be asked for little: FTS5 stops as soon as it has found enough,
/// PostgreSQL's trigram index always finds them all.
pub fn names_probe(dialect: Dialect, filter: &LicenseKeyFilter) -> Option<Probe> {
    let name = filter.name.as_ref()?;
    if dialect != Dialect::Sqlite {
        return None;
    }
    let mut sql = Builder::new(dialect);
    let named = words::LICENSE_KEYS.texts(&mut sql, name);
    let text = format!("SELECT count(*) FROM ({named} LIMIT {})", FEW_KEYS + 1);
    Some(Probe { statement: sql.finish(text), few: FEW_KEYS.into() })
}

/// How many keys end when the filter says, where no other one is known to be narrow and the list has another order.
pub fn ends_probe(dialect: Dialect, query: &Query<LicenseKeyFilter, LicenseKeySort>) -> Option<Probe> {
    let filter = &query.filter;
    let other = filter.id.is_some() || filter.name.is_some() || Side::Partner.is_meant_by(filter);
    if filter.expires.is_none()
        || other
        || query.sort == LicenseKeySort::ExpiresAt
        || dialect != Dialect::Sqlite
    {
        return None;
    }
    let page = Page { dialect, columns: "", query, order: Order::of(query.sort).ok()? };
    let mut sql = Builder::new(dialect);
    let (from, ends) = page.ending(&mut sql);
    let text = format!("SELECT count(*) FROM (SELECT 1 FROM {from} WHERE {ends} LIMIT {})", FEW_KEYS + 1);
    Some(Probe { statement: sql.finish(text), few: FEW_KEYS.into() })
}

/// What the probes found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// That few partners are meant.
    pub few_partners: bool,
    /// That few keys have such a name.
    pub few_names: bool,
    /// That few keys end then.
    pub few_ends: bool,
}

/// The ways to a page, to be tried in this order; `columns` are the key's own, of table `k`.
///
/// # Errors
/// The sort key is not one that this crate knows.
pub fn page(
    dialect: Dialect,
    columns: &str,
    query: &Query<LicenseKeyFilter, LicenseKeySort>,
    found: Found,
) -> Result<Vec<Attempt>, UnsupportedSortKey> {
    let page = Page { dialect, columns, query, order: Order::of(query.sort)? };
    let filter = &query.filter;
    if filter.id.is_some() {
        return Ok(vec![page.attempt(false, |page, sql| page.collect(sql, Source::Key))]);
    }
    if page.is_plain() {
        return Ok(vec![page.attempt(false, |page, sql| page.walk(sql, false))]);
    }
    let partner = (filter.partner.is_some() || filter.organization.is_some()).then_some(Side::Partner);
    let policy = Side::Policy.is_meant_by(filter).then_some(Side::Policy);
    let few_partners = partner.filter(|_| filter.partner.is_some() || found.few_partners);
    let named = filter.name.is_some();
    let mut attempts = Vec::new();
    let by_validity = narrow_by_clock(query) && partner.is_none() && policy.is_none() && !named;
    // PostgreSQL cannot give these up, and has then nothing better to try.
    let bounded = dialect == Dialect::Sqlite;
    if let Some(side) = few_partners.or(policy.filter(|side| page.merges(*side))) {
        attempts.push(page.attempt(bounded, |page, sql| page.of(sql, side)));
    } else if found.few_names && named {
        attempts.push(page.attempt(bounded, |page, sql| page.collect(sql, Source::Name)));
    } else if found.few_ends && filter.expires.is_some() {
        attempts.push(page.attempt(bounded, |page, sql| page.collect(sql, Source::End)));
    }
    if attempts.iter().any(|attempt| !attempt.bounded) {
        return Ok(attempts);
    }
    attempts.push(page.attempt(true, |page, sql| page.walk(sql, true)));
    let narrowest = few_partners
        .map(Source::Side)
        .or(named.then_some(Source::Name))
        .or(policy.or(partner).map(Source::Side))
        .or((query.sort != LicenseKeySort::ExpiresAt && page.ends().is_some()).then_some(Source::End));
    attempts.push(match narrowest {
        _ if by_validity => page.attempt(false, Page::merge_by_validity),
        Some(Source::Side(side)) if few_partners == Some(side) => {
            page.attempt(false, |page, sql| page.of(sql, side))
        }
        Some(Source::Side(side)) => page.attempt(false, |page, sql| page.of_many(sql, side)),
        Some(source) => page.attempt(false, |page, sql| page.collect(sql, source)),
        None => page.attempt(false, |page, sql| page.walk(sql, false)),
    });
    Ok(attempts)
}

/// Whether the clock decides, in the order of creation. Most keys that expired are old and most that have not are new,
/// so that in one direction a walk passes over all of the others first.
fn narrow_by_clock(query: &Query<LicenseKeyFilter, LicenseKeySort>) -> bool {
    query.sort == LicenseKeySort::CreatedAt
        && query.filter.expires.is_none()
        && matches!(query.filter.status, Some(LicenseKeyStatus::Active | LicenseKeyStatus::Expired))
}
