//! Records as rows of their tables.

use std::borrow::Cow;

use misp_onboarding::Timestamp;
use misp_onboarding::store::{Record, StoreError};

use crate::tables::Table;
use crate::{Unsupported, certificates, license_keys, partners, policies, policy_links};

/// What a column holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cell<'a> {
    /// Nothing.
    Null,
    /// Yes or no.
    Flag(bool),
    /// A number, or an instant in microseconds.
    Integer(i64),
    /// A text.
    Text(Cow<'a, str>),
    /// Bytes.
    Bytes(&'a [u8]),
}

macro_rules! cell_from {
    ($($from:ty => |$value:ident| $variant:expr,)+) => {
        $(impl<'a> From<$from> for Cell<'a> {
            fn from($value: $from) -> Self {
                $variant
            }
        })+
    };
}

cell_from! {
    bool => |flag| Self::Flag(flag),
    u32 => |number| Self::Integer(number.into()),
    Timestamp => |instant| Self::Integer(instant.unix_micros()),
    &'a str => |text| Self::Text(text.into()),
    String => |text| Self::Text(text.into()),
    &'a [u8] => |bytes| Self::Bytes(bytes),
}

impl<'a, T: Into<Cell<'a>>> From<Option<T>> for Cell<'a> {
    fn from(value: Option<T>) -> Self {
        value.map_or(Self::Null, Into::into)
    }
}

/// A column that repeats one of another table.
#[derive(Clone, Copy, Debug)]
pub struct Copied {
    /// The column.
    pub column: &'static str,
    /// The table it repeats something of.
    pub table: &'static Table,
    /// That table's column.
    pub original: &'static str,
    /// The column that refers to the row of that table.
    pub by: &'static str,
    /// What it holds where no row is referred to.
    pub otherwise: Otherwise,
}

/// What a column that repeats another one holds where there is nothing to repeat.
#[derive(Clone, Copy, Debug)]
pub enum Otherwise {
    /// `NULL`.
    Null,
    /// The empty text.
    Empty,
    /// The latest instant.
    Latest,
}

/// A record as the row of its table, the key first and the version last.
#[derive(Clone, Debug)]
pub struct TableRow<'a> {
    /// The table.
    pub table: &'static Table,
    /// Columns and what they hold.
    pub cells: Vec<(&'static str, Cell<'a>)>,
    /// Columns that repeat what other tables hold; those of one row beside each other.
    pub copies: Vec<Copied>,
    /// Columns that hold the key of a row of another table.
    references: Vec<(&'static Table, &'static str)>,
}

impl<'a> TableRow<'a> {
    /// The record's row.
    ///
    /// # Errors
    /// The record is of a kind that this crate does not know.
    pub fn of(record: &'a Record) -> Result<Self, StoreError> {
        Ok(match record {
            Record::TrustDomain(domain) => certificates::domain_row(domain),
            Record::CaCertificate(certificate) => certificates::ca_row(certificate),
            Record::Partner(partner) => partners::row(partner),
            Record::PartnerCertificate(certificate) => certificates::partner_row(certificate),
            Record::PolicyGroup(group) => policies::group_row(group),
            Record::Policy(policy) => policies::row(policy),
            Record::PolicyLink(link) => policy_links::row(link),
            Record::LicenseKey(key) => license_keys::record::row(key),
            _ => return Err(Unsupported("kind of record").into()),
        })
    }

    /// The rows of other tables that this one names, by their keys.
    pub fn references(&self) -> impl Iterator<Item = (&'static Table, &str)> {
        self.references.iter().filter_map(|(table, column)| {
            match self.cells.iter().find(|(name, _)| name == column) {
                Some((_, Cell::Text(key))) => Some((*table, key.as_ref())),
                _ => None,
            }
        })
    }

    pub(crate) fn new(table: &'static Table) -> Self {
        Self { table, cells: Vec::with_capacity(24), copies: Vec::new(), references: Vec::new() }
    }

    /// Puts a value into a column, `NULL` where there is none.
    pub(crate) fn set(&mut self, column: &'static str, value: impl Into<Cell<'a>>) -> &mut Self {
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
        self.references.push((table, column));
        self.set(column, key)
    }

    /// Lets a column repeat `original` of the row that the column `by` refers to.
    pub(crate) fn copy(
        &mut self,
        column: &'static str,
        (table, original): (&'static Table, &'static str),
        by: &'static str,
        otherwise: Otherwise,
    ) -> &mut Self {
        self.copies.push(Copied { column, table, original, by, otherwise });
        self
    }
}
