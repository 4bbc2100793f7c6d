//! Writing rows: a record becomes the cells of its row, and one statement for all tables writes them.

use misp_onboarding::id::Version;
use misp_onboarding::store::{Record, RecordId, StoreError};
use misp_onboarding_sql::END;
use rusqlite::types::{ToSqlOutput, Value, ValueRef};
use rusqlite::{Connection, params_from_iter};

use crate::error::{Unsupported, failed, failed_write};
use crate::{certificates, license_keys, partners, policies, policy_links, row};

/// A table of records.
pub(crate) struct Table {
    pub(crate) name: &'static str,
    /// The column that identifies a row.
    key: &'static str,
    /// What its rows are, as [`RecordId::kind`] has it.
    kind: &'static str,
    /// The index of trigrams, and the column whose texts are found by it.
    words: Option<(&'static str, &'static str)>,
}

const fn table(name: &'static str, key: &'static str, kind: &'static str) -> Table {
    Table { name, key, kind, words: None }
}

pub(crate) const TRUST_DOMAINS: Table = table("trust_domains", "domain", "trust_domain");
pub(crate) const CA_CERTIFICATES: Table = table("ca_certificates", "id", "ca_certificate");
pub(crate) const PARTNERS: Table =
    Table { words: Some(("partner_words", "organization_folded")), ..table("partners", "id", "partner") };
pub(crate) const PARTNER_CERTIFICATES: Table = table("partner_certificates", "id", "partner_certificate");
pub(crate) const POLICY_GROUPS: Table = table("policy_groups", "id", "policy_group");
pub(crate) const POLICIES: Table = table("policies", "id", "policy");
pub(crate) const POLICY_LINKS: Table = table("policy_links", "id", "policy_link");
pub(crate) const LICENSE_KEYS: Table =
    Table { words: Some(("license_key_words", "name_folded")), ..table("license_keys", "id", "license_key") };

impl Table {
    fn of(record: &RecordId) -> Result<&'static Self, StoreError> {
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

/// A record as the row of its table, the key first and the version last.
pub(crate) struct TableRow<'a> {
    table: &'static Table,
    cells: Vec<(&'static str, ToSqlOutput<'a>)>,
    references: Vec<(&'static Table, String)>,
    /// Whether every row that something was to be copied from was there.
    complete: bool,
}

impl<'a> TableRow<'a> {
    /// The record's row. What it repeats of other tables is looked up.
    pub(crate) fn of(record: &'a Record, connection: &Connection) -> Result<Self, StoreError> {
        match record {
            Record::TrustDomain(domain) => Ok(certificates::domain_row(domain)),
            Record::CaCertificate(certificate) => Ok(certificates::ca_row(certificate)),
            Record::Partner(partner) => partners::row(partner, connection),
            Record::PartnerCertificate(certificate) => Ok(certificates::partner_row(certificate)),
            Record::PolicyGroup(group) => Ok(policies::group_row(group)),
            Record::Policy(policy) => policies::row(policy, connection),
            Record::PolicyLink(link) => policy_links::row(link, connection),
            Record::LicenseKey(key) => license_keys::row(key, connection),
            _ => Err(StoreError::backend(Unsupported("kind of record"))),
        }
    }

    pub(crate) fn new(table: &'static Table) -> Self {
        Self { table, cells: Vec::new(), references: Vec::new(), complete: true }
    }

    /// Puts a value into a column.
    pub(crate) fn set(&mut self, column: &'static str, value: impl Into<ToSqlOutput<'a>>) -> &mut Self {
        self.cells.push((column, value.into()));
        self
    }

    /// Puts a value into a column, `NULL` where there is none.
    pub(crate) fn set_optional(
        &mut self,
        column: &'static str,
        value: Option<impl Into<ToSqlOutput<'a>>>,
    ) -> &mut Self {
        let value = value.map_or(ToSqlOutput::Owned(Value::Null), Into::into);
        self.set(column, value)
    }

    /// Puts the key of a row of another table into a column.
    pub(crate) fn refer(
        &mut self,
        column: &'static str,
        table: &'static Table,
        key: Option<String>,
    ) -> &mut Self {
        self.references.extend(key.clone().map(|key| (table, key)));
        self.set_optional(column, key)
    }

    /// Notes that a row to copy from is not there, at least not yet.
    pub(crate) fn incomplete(&mut self) {
        self.complete = false;
    }

    /// Whether every row that something was to be copied from was there.
    pub(crate) fn is_complete(&self) -> bool {
        self.complete
    }

    /// Adds the row.
    pub(crate) fn insert(&self, connection: &Connection) -> Result<(), StoreError> {
        let places = vec!["?"; self.cells.len()].join(", ");
        let sql = format!("INSERT INTO {} ({}) VALUES ({places})", self.table.name, self.columns());
        let mut statement = connection.prepare_cached(&sql).map_err(failed)?;
        statement
            .execute(params_from_iter(self.cells.iter().map(|(_, value)| value)))
            .map_err(failed_write)?;
        Ok(())
    }

    /// Puts the row in place of its predecessor, which must be at version `required`: whether it is to be found by
    /// other words now. Gives the version found where that is another one, or none.
    pub(crate) fn update(
        &self,
        connection: &Connection,
        required: Version,
    ) -> Result<Result<bool, Option<Version>>, StoreError> {
        let Some((key, _)) = self.cells.split_first() else { return Ok(Err(None)) };
        let sql = format!("SELECT version, {} FROM {} WHERE {} = ?1", self.columns(), self.table.name, key.0);
        let differing = row::one(connection, &sql, [&key.1], self.table.name, |fields| {
            let found = fields.version()?;
            if found != required {
                return Ok(Err(Some(found)));
            }
            // Only what differs is written, so that an index on what does not is left alone.
            let mut differing = Vec::new();
            for cell in &self.cells {
                if fields.value()? != value_of(&cell.1) {
                    differing.push(cell);
                }
            }
            Ok(Ok(differing))
        })?;
        match differing {
            None => Ok(Err(None)),
            Some(Err(found)) => Ok(Err(found)),
            Some(Ok(differing)) => {
                self.write(connection, &differing)?;
                let words = self.table.words.map(|(_, column)| column);
                Ok(Ok(differing.iter().any(|(column, _)| Some(*column) == words)))
            }
        }
    }

    /// Lets the row be found by its words, where its table has an index of them. What it was found by before stays:
    /// who searches compares the row itself too.
    ///
    /// No trigger does this: FTS5 writes out what it has gathered whenever a statement with a trigger begins, so that
    /// each row would become a segment of its own, at ten times the cost. Called at the end of a commit, it gathers all.
    pub(crate) fn index_words(&self, connection: &Connection) -> Result<(), StoreError> {
        let Some((words, column)) = self.table.words else { return Ok(()) };
        let value = |column| self.cells.iter().find(|(name, _)| *name == column).map(|(_, value)| value);
        let sql = format!("INSERT INTO {words} (id, text) VALUES (?1, ?2 || ?3 || ?3)");
        let mut insert = connection.prepare_cached(&sql).map_err(failed)?;
        let end = ToSqlOutput::from(END.to_string());
        let values = [value(self.table.key), value(column), Some(&end)];
        insert.execute(params_from_iter(values)).map_err(failed_write)?;
        Ok(())
    }

    /// Looks up again what the row repeats of other tables, and writes what has changed of it.
    pub(crate) fn refresh(&self, connection: &Connection, version: Version) -> Result<(), StoreError> {
        self.update(connection, version).map(|_| ())
    }

    fn write(
        &self,
        connection: &Connection,
        differing: &[&(&'static str, ToSqlOutput<'a>)],
    ) -> Result<(), StoreError> {
        let Some((key, _)) = self.cells.split_first().filter(|_| !differing.is_empty()) else {
            return Ok(());
        };
        let assignments: Vec<String> = differing.iter().map(|(column, _)| format!("{column} = ?")).collect();
        let sql = format!("UPDATE {} SET {} WHERE {} = ?", self.table.name, assignments.join(", "), key.0);
        let mut statement = connection.prepare_cached(&sql).map_err(failed)?;
        let values = differing.iter().map(|(_, value)| value).chain([&key.1]);
        statement.execute(params_from_iter(values)).map_err(failed_write)?;
        Ok(())
    }

    /// The first reference to a row that is not there, by kind and id.
    pub(crate) fn missing_reference(&self, connection: &Connection) -> Result<Option<String>, StoreError> {
        for (table, key) in &self.references {
            if stored_version(connection, table, key)?.is_none() {
                return Ok(Some(format!("{} {key}", table.kind)));
            }
        }
        Ok(None)
    }

    fn columns(&self) -> String {
        self.cells.iter().map(|(column, _)| *column).collect::<Vec<_>>().join(", ")
    }
}

/// The version that a record has in the store.
pub(crate) fn version_of(connection: &Connection, record: &RecordId) -> Result<Option<Version>, StoreError> {
    stored_version(connection, Table::of(record)?, &record.id())
}

fn stored_version(connection: &Connection, table: &Table, key: &str) -> Result<Option<Version>, StoreError> {
    let sql = format!("SELECT version FROM {} WHERE {} = ?1", table.name, table.key);
    row::one(connection, &sql, [key], table.name, |fields| fields.version())
}

fn value_of<'v>(output: &'v ToSqlOutput<'_>) -> ValueRef<'v> {
    match output {
        ToSqlOutput::Borrowed(value) => *value,
        ToSqlOutput::Owned(value) => value.into(),
        _ => ValueRef::Null,
    }
}
