//! Writing rows: a record becomes the cells of its row, and one statement for all tables writes them.

use misp_onboarding::id::Version;
use misp_onboarding::store::{Record, RecordId, StoreError};

use crate::connection::Connection;
use crate::error::Unsupported;
use crate::value::Value;
use crate::{certificates, copies, license_keys, partners, policies, policy_links, row};

/// Rows added by one statement at most: enough for the way to the server and back to cost next to nothing for each.
const INSERTED_AT_ONCE: usize = 64;

/// A table of records.
#[derive(PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct Table {
    /// Rows are locked in the order of these numbers, so that no two commits wait for each other.
    rank: u8,
    pub(crate) name: &'static str,
    /// The column that identifies a row.
    pub(crate) key: &'static str,
    /// What its rows are, as [`RecordId::kind`] has it.
    pub(crate) kind: &'static str,
}

const fn table(rank: u8, name: &'static str, key: &'static str, kind: &'static str) -> Table {
    Table { rank, name, key, kind }
}

pub(crate) const TRUST_DOMAINS: Table = table(1, "trust_domains", "domain", "trust_domain");
pub(crate) const CA_CERTIFICATES: Table = table(2, "ca_certificates", "id", "ca_certificate");
pub(crate) const POLICY_GROUPS: Table = table(3, "policy_groups", "id", "policy_group");
pub(crate) const PARTNERS: Table = table(4, "partners", "id", "partner");
pub(crate) const POLICIES: Table = table(5, "policies", "id", "policy");
pub(crate) const PARTNER_CERTIFICATES: Table = table(6, "partner_certificates", "id", "partner_certificate");
pub(crate) const POLICY_LINKS: Table = table(7, "policy_links", "id", "policy_link");
pub(crate) const LICENSE_KEYS: Table = table(8, "license_keys", "id", "license_key");

impl Table {
    pub(crate) fn of(record: &RecordId) -> Result<&'static Self, StoreError> {
        Ok(match record {
            RecordId::TrustDomain(_) => &TRUST_DOMAINS,
            RecordId::CaCertificate(_) => &CA_CERTIFICATES,
            RecordId::Partner(_) => &PARTNERS,
            RecordId::PartnerCertificate(_) => &PARTNER_CERTIFICATES,
            RecordId::PolicyGroup(_) => &POLICY_GROUPS,
            RecordId::Policy(_) => &POLICIES,
            RecordId::PolicyLink(_) => &POLICY_LINKS,
            RecordId::LicenseKey(_) => &LICENSE_KEYS,
            _ => return Err(StoreError::backend(Unsupported("kind of record"))),
        })
    }
}

/// One row of a table, by its key.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct RowId {
    pub(crate) table: &'static Table,
    pub(crate) key: String,
}

impl RowId {
    pub(crate) fn of(record: &RecordId) -> Result<Self, StoreError> {
        Ok(Self { table: Table::of(record)?, key: record.id() })
    }
}

/// A record as the row of its table, the key first and the version last.
pub(crate) struct TableRow {
    table: &'static Table,
    cells: Vec<(&'static str, Value)>,
    copies: Vec<Copied>,
    references: Vec<RowId>,
}

/// A column that repeats one of another table.
struct Copied {
    column: &'static str,
    original: &'static str,
    table: &'static Table,
    /// The column that refers to the row of that table.
    by: &'static str,
    /// What stands there where no row is referred to.
    otherwise: &'static str,
}

impl TableRow {
    /// The record's row.
    pub(crate) fn of(record: &Record) -> Result<Self, StoreError> {
        Ok(match record {
            Record::TrustDomain(domain) => certificates::domain_row(domain),
            Record::CaCertificate(certificate) => certificates::ca_row(certificate),
            Record::Partner(partner) => partners::row(partner),
            Record::PartnerCertificate(certificate) => certificates::partner_row(certificate),
            Record::PolicyGroup(group) => policies::group_row(group),
            Record::Policy(policy) => policies::row(policy),
            Record::PolicyLink(link) => policy_links::row(link),
            Record::LicenseKey(key) => license_keys::row(key),
            _ => return Err(StoreError::backend(Unsupported("kind of record"))),
        })
    }

    pub(crate) fn new(table: &'static Table) -> Self {
        Self { table, cells: Vec::new(), copies: Vec::new(), references: Vec::new() }
    }

    /// Puts a value into a column, `NULL` where there is none.
    pub(crate) fn set(&mut self, column: &'static str, value: impl Into<Value>) -> &mut Self {
        self.cells.push((column, value.into()));
        self
    }

    /// Puts the key of a row of another table into a column.
    pub(crate) fn refer(
        &mut self,
        column: &'static str,
        table: &'static Table,
        key: Option<String>,
    ) -> &mut Self {
        self.references.extend(key.clone().map(|key| RowId { table, key }));
        self.set(column, key)
    }

    /// Lets a column repeat `original` of the row that the column `by` refers to; where there is none it holds
    /// `otherwise`, an SQL expression.
    pub(crate) fn copy(
        &mut self,
        column: &'static str,
        (table, original): (&'static Table, &'static str),
        by: &'static str,
        otherwise: &'static str,
    ) -> &mut Self {
        self.copies.push(Copied { column, original, table, by, otherwise });
        self
    }

    /// The rows of other tables that this one names.
    pub(crate) fn references(&self) -> &[RowId] {
        &self.references
    }

    /// Whether both are rows of the same table.
    pub(crate) fn is_beside(&self, other: &Self) -> bool {
        self.table == other.table
    }

    /// Adds the rows, all of one table, in their order.
    pub(crate) fn insert(rows: &[&Self], connection: &mut Connection) -> Result<(), StoreError> {
        let mut left = rows;
        while let Some(first) = left.first() {
            // Powers of two, so that a handful of prepared statements serves every number.
            let many = left.len().min(INSERTED_AT_ONCE);
            let (some, rest) = left.split_at(1 << many.ilog2());
            let columns: Vec<&str> = first.assignments(0).into_iter().map(|(column, _)| column).collect();
            let tuples: Vec<String> =
                some.iter().enumerate().map(|(number, row)| row.tuple(number)).collect();
            let sql = format!(
                "INSERT INTO {} ({}) VALUES {}",
                first.table.name,
                columns.join(", "),
                tuples.join(", ")
            );
            let values: Vec<Value> = some.iter().flat_map(|row| row.values()).collect();
            connection.execute(&sql, &values)?;
            left = rest;
        }
        Ok(())
    }

    /// The row as the one of this number in a statement that adds many.
    fn tuple(&self, number: usize) -> String {
        let assignments = self.assignments(number * self.cells.len()).into_iter();
        format!("({})", assignments.map(|(_, expression)| expression).collect::<Vec<_>>().join(", "))
    }

    /// Puts the row in place of its predecessor, which must be at version `required` and locked. None where it is
    /// not there; else whether something changed that other tables repeat.
    pub(crate) fn update(
        &self,
        connection: &mut Connection,
        required: Version,
    ) -> Result<Option<bool>, StoreError> {
        let Table { name, key, .. } = self.table;
        let assignments: Vec<String> = self
            .assignments(0)
            .into_iter()
            .map(|(column, expression)| format!("{column} = {expression}"))
            .collect();
        let repeated = copies::repeated(self.table);
        let differs: Vec<String> =
            repeated.iter().map(|column| format!("old.{column} <> new.{column}")).collect();
        let differs = if differs.is_empty() { "FALSE".to_owned() } else { differs.join(" OR ") };
        let sql = format!(
            "UPDATE {name} AS new SET {} FROM (SELECT {} FROM {name} WHERE {key} = $1) AS old \
             WHERE new.{key} = $1 AND new.version = ${} RETURNING {differs}",
            assignments.join(", "),
            [&[*key], repeated].concat().join(", "),
            self.cells.len() + 1,
        );
        let mut values = self.values();
        values.push(required.number().into());
        row::one(connection, &sql, &values, name, |fields| fields.flag())
    }

    /// What each column is set to, as SQL; the cells are bound in their order, after so many `others`.
    fn assignments(&self, others: usize) -> Vec<(&'static str, String)> {
        let position = |column: &str| self.cells.iter().position(|cell| cell.0 == column);
        let place = |column: &str| position(column).map_or(0, |at| others + at + 1);
        let cells = self.cells.iter().map(|(column, _)| (*column, format!("${}", place(column))));
        let copies = self.copies.iter().map(|copied| {
            let Copied { column, original, table: Table { name, key, .. }, by, otherwise } = copied;
            let by = place(by);
            (*column, format!("coalesce((SELECT {original} FROM {name} WHERE {key} = ${by}), {otherwise})"))
        });
        cells.chain(copies).collect()
    }

    fn values(&self) -> Vec<Value> {
        self.cells.iter().map(|(_, value)| value.clone()).collect()
    }
}
