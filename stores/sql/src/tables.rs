//! The tables of records.

use misp_onboarding::store::{RecordId, StoreError};

use crate::Unsupported;

/// A table of records. Tables are in the order in which a store that locks their rows does so.
#[derive(Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Table {
    rank: u8,
    /// What it is called.
    pub name: &'static str,
    /// The column that identifies a row.
    pub key: &'static str,
    /// What its rows are, as [`RecordId::kind`] has it.
    pub kind: &'static str,
}

const fn table(rank: u8, name: &'static str, key: &'static str, kind: &'static str) -> Table {
    Table { rank, name, key, kind }
}

/// Trust domains.
pub const TRUST_DOMAINS: Table = table(1, "trust_domains", "domain", "trust_domain");
/// The certificates of the trust store.
pub const CA_CERTIFICATES: Table = table(2, "ca_certificates", "id", "ca_certificate");
/// Policy groups.
pub const POLICY_GROUPS: Table = table(3, "policy_groups", "id", "policy_group");
/// Partners.
pub const PARTNERS: Table = table(4, "partners", "id", "partner");
/// Policies.
pub const POLICIES: Table = table(5, "policies", "id", "policy");
/// The certificates of partners.
pub const PARTNER_CERTIFICATES: Table = table(6, "partner_certificates", "id", "partner_certificate");
/// Policy links.
pub const POLICY_LINKS: Table = table(7, "policy_links", "id", "policy_link");
/// License keys.
pub const LICENSE_KEYS: Table = table(8, "license_keys", "id", "license_key");

/// The paths that partner certificates were accepted over: the name of their table, which is a part of those.
pub const PARTNER_CERTIFICATE_PATHS: &str = "partner_certificate_paths";
/// The name of the table of events.
pub const EVENTS: &str = "events";

impl Table {
    /// The record's table.
    ///
    /// # Errors
    /// The record is of a kind that this crate does not know.
    pub fn of(record: &RecordId) -> Result<&'static Self, StoreError> {
        Ok(match record {
            RecordId::TrustDomain(_) => &TRUST_DOMAINS,
            RecordId::CaCertificate(_) => &CA_CERTIFICATES,
            RecordId::Partner(_) => &PARTNERS,
            RecordId::PartnerCertificate(_) => &PARTNER_CERTIFICATES,
            RecordId::PolicyGroup(_) => &POLICY_GROUPS,
            RecordId::Policy(_) => &POLICIES,
            RecordId::PolicyLink(_) => &POLICY_LINKS,
            RecordId::LicenseKey(_) => &LICENSE_KEYS,
            _ => return Err(Unsupported("kind of record").into()),
        })
    }
}
