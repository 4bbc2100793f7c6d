//! Moving everything that a store holds into another store, as lines of JSON.
//!
//! [`export`] writes a file, [`import`] reads it into an empty store, whatever database either is on. What comes out is
//! what went in: every record with its id, version and instants, every event with its place, so whoever reads events
//! goes on where they were. Two stores with the same content give the same file, byte by byte, at the same instant.
//!
//! ```
//! use misp_onboarding::store::MemoryStore;
//! use misp_onboarding::{Clock, SystemClock, transfer};
//! use misp_onboarding_testkit::scenario::Scenario;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let old = Scenario::in_memory();
//! let (bank, policy) = old.ready_partner_with_policy("example-bank");
//! let key = old.license_key_for(&bank, policy, "production");
//!
//! let mut file = Vec::new();
//! transfer::export(old.onboarding.store(), SystemClock.now(), &mut file, |_| {})?;
//!
//! transfer::verify(&file[..])?;
//! let store = std::sync::Arc::new(MemoryStore::new());
//! let imported = transfer::import(&*store, &file[..], |progress| {
//!     println!("{} of {}", progress.done.total(), progress.expected.total());
//! })?;
//! assert_eq!(imported.added.partners, 1);
//!
//! let new = Scenario::new(store);
//! assert!(new.onboarding.authenticate(key.key.reveal())?.is_ok());
//! # Ok(())
//! # }
//! ```
//!
//! # The file
//!
//! One JSON value a line:
//!
//! * `begin`: format, version, engine, instant, and how much is expected;
//! * `event`, one each, in their order;
//! * `record`, one each, in an order in which a record names only earlier ones: trust domains and CA certificates, policy
//!   groups, policies, partners each with their certificates, policy links, license keys. What names each other, as a
//!   replaced key and the one in its place do, stands together;
//! * `end`: how many of each, and the SHA-256 of all lines before. A file without it was cut.
//!
//! **Protect the file like the database.** It holds the contact data of every partner. License keys are not in it, only
//! their digests, which open no door; but whoever can change the file before it is imported can put a digest of their own
//! in, as whoever can write to the database can. The SHA-256 tells damage, not forgery. Digests made under a
//! [`Pepper`](crate::license_key::Pepper) need the same pepper in the engine on the new store; it is not in the file.
//!
//! # Export: at rest, or not at all
//!
//! The file shows the store as it was at one instant: at the event that `begin` names as the last. Were a command carried
//! out meanwhile, some records would be from before and some from after it, so the export looks for new events after each
//! page and in the end, and fails with [`TransferError::Moved`] where it finds one. Reads and authentications change
//! nothing and may go on. Give the export a store that reads from the primary only: a replica that lags behind could show
//! a record without its event. A system that never rests is exported from a copy of its database.
//!
//! An export that was broken off goes on where it stopped: [`unfinished`] reads what is there, [`resume`] writes the rest.
//!
//! # Import: what is there and equal is left alone
//!
//! An import that was broken off is simply begun again. Events and records that are there already must equal those of the
//! file and are passed over; the first that differs ends the import with [`TransferError::Differs`], as do events that the
//! file does not have. So a store that is in use for something else is refused before anything is written to it. Until
//! the import has succeeded, no engine should be given the store: it would find half of it.
//!
//! Both work page by page; what they hold in memory does not grow with the store, except that all replacements of one
//! license key become one commit, [`MAX_TOGETHER`] of them at most. Damage is told by the SHA-256 only when the end is
//! reached; [`verify`] reads a file to its end before anything is imported.

mod beginning;
mod error;
mod export;
mod file;
mod import;
mod line;
mod unfinished;

pub use error::TransferError;
pub use export::{export, resume};
pub use import::{Imported, MAX_TOGETHER, import, verify};
pub use line::MAX_LINE_BYTES;
pub use unfinished::{Unfinished, unfinished};

use crate::store::Record;

/// How many of each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Counts {
    /// Events.
    pub events: u64,
    /// Trust domains.
    pub trust_domains: u64,
    /// CA certificates.
    pub ca_certificates: u64,
    /// Policy groups.
    pub policy_groups: u64,
    /// Policies.
    pub policies: u64,
    /// Partners.
    pub partners: u64,
    /// Certificates of partners.
    pub partner_certificates: u64,
    /// Policy links.
    pub policy_links: u64,
    /// License keys.
    pub license_keys: u64,
}

impl Counts {
    /// Each of them, by name, in the order of a file.
    pub const fn each(&self) -> [(&'static str, u64); 9] {
        [
            ("events", self.events),
            ("trust domains", self.trust_domains),
            ("CA certificates", self.ca_certificates),
            ("policy groups", self.policy_groups),
            ("policies", self.policies),
            ("partners", self.partners),
            ("partner certificates", self.partner_certificates),
            ("policy links", self.policy_links),
            ("license keys", self.license_keys),
        ]
    }

    /// All of them together.
    pub fn total(&self) -> u64 {
        // A file may claim any number.
        self.each().iter().fold(0, |total, (_, count)| total.saturating_add(*count))
    }

    /// The first kind of which there are not as many as wanted: its name, and how many are wanted and found.
    fn differing(&self, wanted: &Self) -> Option<(&'static str, u64, u64)> {
        let both = wanted.each().into_iter().zip(self.each());
        both.map(|((kind, wanted), (_, found))| (kind, wanted, found))
            .find(|(_, wanted, found)| wanted != found)
    }

    fn add(&mut self, record: &Record) {
        let count = match record {
            Record::TrustDomain(_) => &mut self.trust_domains,
            Record::CaCertificate(_) => &mut self.ca_certificates,
            Record::PolicyGroup(_) => &mut self.policy_groups,
            Record::Policy(_) => &mut self.policies,
            Record::Partner(_) => &mut self.partners,
            Record::PartnerCertificate(_) => &mut self.partner_certificates,
            Record::PolicyLink(_) => &mut self.policy_links,
            Record::LicenseKey(_) => &mut self.license_keys,
        };
        *count += 1;
    }
}

/// How far an export or an import is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize)]
#[non_exhaustive]
pub struct Progress {
    /// What of the file is written, or read and in the store.
    pub done: Counts,
    /// What there is in all. Trust domains and certificates of partners are not counted beforehand and stand as none.
    pub expected: Counts,
}
