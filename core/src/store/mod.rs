//! The port between the engine and where its records are kept.
//!
//! A store keeps [records](Record) and [events](crate::event), answers reads, and applies [change sets](ChangeSet)
//! whole or not at all. It knows no rule: what may change is decided before, on records that were read, and the
//! change set carries what must still hold for the decision to stand. Every store must pass the conformance suite of
//! `misp-onboarding-testkit`.

mod change;
mod error;
mod memory;
mod repository;

pub use change::{Change, ChangeSet, Record, RecordId};
pub use error::{StoreError, Unique};
pub use memory::MemoryStore;
pub use repository::{
    CertificateRepository, EventRepository, LicenseKeyRepository, LinkCounts, PartnerRepository,
    PolicyCounts, PolicyLinkRepository, PolicyRepository, Store,
};
