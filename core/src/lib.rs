//! Onboarding of MISPs: the MOSIP infrastructure providers that forward authentication requests to a country's ID
//! system.
//!
//! A Partner Admin creates the partner, uploads its certificate, links it to a policy and hands it a license key. From
//! then on the ID system asks one question per request: whose key is this, is it good right now, and what does it
//! allow? This crate is the engine for both: rules, certificate validation, license keys, and a port to the database.
//! It does no I/O of its own beside that port, the clock and the random generator.
//!
//! ```
//! use misp_onboarding::license_key::{GenerateLicenseKey, Validity};
//! use misp_onboarding::partner::NewPartner;
//! use misp_onboarding::policy::{NewPolicy, NewPolicyGroup};
//! use misp_onboarding::trust_store::TrustDomain;
//! use misp_onboarding::{Actor, Clock, Onboarding, Role, SystemClock};
//! use misp_onboarding_testkit::pki::TestPki;
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let onboarding = Onboarding::in_memory();
//! // The host has authenticated these two.
//! let admin = Actor::new("ana".parse()?, [Role::PartnerAdmin]);
//! let manager = Actor::new("max".parse()?, [Role::PolicyManager]);
//! // Stands for the country's CA and the partner's file.
//! let pki = TestPki::new(SystemClock.now());
//! let certificate = pki.issue("Example Bank").pem();
//!
//! onboarding.upload_ca_certificates(&admin, &TrustDomain::auth(), pki.ca_pem().as_bytes())?;
//! let bank = onboarding.create_partner(&admin, &NewPartner {
//!     id: "example-bank".into(),
//!     organization: "Example Bank".into(),
//!     address: "1 Harbor Street".into(),
//!     contact_number: "+1 (555) 0100".into(),
//!     email: "misp@example.org".into(),
//!     language: None,
//!     policy_group: None,
//! })?;
//! onboarding.upload_certificate(&admin, &bank.id, certificate.as_bytes())?;
//!
//! let group = onboarding.create_policy_group(&manager, &NewPolicyGroup {
//!     name: "Banks".into(),
//!     description: "What banks may do for their customers".into(),
//! })?;
//! let policy = onboarding.create_policy(&manager, &NewPolicy {
//!     group: group.id,
//!     name: "Sign-in".into(),
//!     description: "Authentication without e-KYC".into(),
//!     document: r#"{"allowAuthRequestDelegation": true, "allowKycRequestDelegation": false}"#.into(),
//!     valid_until: None,
//! })?;
//! onboarding.publish_policy(&manager, policy.id)?;
//! onboarding.select_policy_group(&admin, &bank.id, group.id)?;
//! let link = onboarding.request_policy(&admin, &bank.id, policy.id, "for online banking")?;
//! onboarding.approve_policy_link(&admin, link.id, None)?;
//!
//! let generated = onboarding.generate_license_key(&admin, &GenerateLicenseKey {
//!     partner: bank.id.clone(),
//!     policy: Some(policy.id),
//!     name: "production".into(),
//!     validity: Validity::Default,
//! })?;
//! // The one time that the key is there to be shown; stores keep a digest.
//! let presented = generated.key.reveal();
//!
//! match onboarding.authenticate(presented)? {
//!     Ok(authorization) => assert_eq!(authorization.partner, bank.id),
//!     Err(refusal) => panic!("{}: {refusal}", refusal.code()),
//! }
//! # Ok(())
//! # }
//! ```
//!
//! # Where to find what
//!
//! The [`guide`] has a page for each chapter, from the trust store to what of MOSIP's tables goes where.
//!
//! Every command and every read is a method of [`Onboarding`]. The modules hold the types of one noun each, with its
//! states, its rules and what they refuse:
//!
//! | module | holds |
//! |---|---|
//! | [`trust_store`] | CA certificates by trust domain: upload, chain, distrust |
//! | [`certificate`] | reading certificate files, the report with every finding, path validation by RFC 5280 |
//! | [`partner`] | partners and their states |
//! | [`policy`], [`policy_link`] | policy groups, policies, and the partners' right to them |
//! | [`license_key`] | keys, their digests, the verdict on a presented key |
//! | [`list`], [`event`] | filters, sort keys and pages; the log of every change |
//! | [`actor`], [`rules`], [`time`] | who acts, what a country configures, instants and clocks |
//! | [`store`], [`error`] | the port to a database, and what can fail |
//! | [`transfer`] | moving everything from one store to another |
//!
//! Two parts need neither an engine nor a store: [`certificate::verify_path`], [`certificate::validate`] and
//! [`certificate::Validator`] judge certificates, [`license_key::LicenseKey::parse`] checks the form of a key.
//!
//! # Errors
//!
//! Commands and reads fail with [`Error`]. [`Error::kind`] says what sort of failure it is and so what a host answers;
//! [`Error::code`] names exactly this failure and never changes; [`Error::pms_code`] is the code that MOSIP's own
//! services have for it, where they have one. Messages name the thing, what was needed and what was found. After an
//! error nothing has changed.
//!
//! A refused key is no error: [`Onboarding::authenticate`] answers `Ok(Err(refusal))`, and fails only where the store
//! does.
//!
//! # Stores
//!
//! [`store::MemoryStore`] forgets everything when it is dropped. The crate `misp-onboarding-sqlite` keeps records in an
//! SQLite file, `misp-onboarding-postgres` in PostgreSQL, for hosts on more than one machine. Any other database takes
//! an implementation of [`store::Store`], which the conformance suite of `misp-onboarding-testkit` then checks. Calls
//! block; an async host makes them from its pool for blocking work.
//!
//! Every change is one [`store::ChangeSet`] that a store applies whole or not at all, on the condition that the records
//! it was decided on are still the same. Where another command was first, the engine reads and decides again.
//!
//! # Cargo features
//!
//! A feature adds and never changes what is there.
//!
//! | feature | adds |
//! |---|---|
//! | `aws-lc-rs` (default) | signature checks by `aws-lc-rs`: every algorithm of the default list |
//! | `ring` | signature checks by `ring`, which makes a smaller program and has no P-521; the default verifier where it is alone |
//! | `tracing` | a span of [`tracing`](https://docs.rs/tracing) around every command (level INFO), every read and every authentication (DEBUG) |
//!
//! Without the first two the host brings its own verifier: [`Onboarding::builder_with_verifier`].
//!
//! A span is named after the method and has the target `misp_onboarding`. Its fields are the ids of the records that
//! the call names (`partner`, `policy`, `policy_group`, `policy_link`, `license_key`, `ca_certificate`) and `outcome`:
//! `ok`, or the code of the error or refusal. It never holds text that somebody typed, contact data, a license key or
//! its digest, and not who acts: the host knows, and the events tell. Errors are not logged; that is up to who gets
//! them.
//!
//! # Time
//!
//! The engine asks a [`Clock`] for the present instant, [`SystemClock`] unless the host sets another, and trusts it.
//! Instants are a [`Timestamp`], in microseconds and UTC. Whether a key or a certificate has expired is worked out at
//! the moment of asking, so nothing has to run at night.
#![forbid(unsafe_code)]
#![warn(clippy::missing_errors_doc)]
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

pub mod actor;
pub mod certificate;
mod decision;
pub mod error;
pub mod event;
pub mod guide;
pub mod id;
pub mod license_key;
pub mod list;
pub mod onboarding;
pub mod partner;
pub mod policy;
pub mod policy_link;
pub mod rules;
mod state;
pub mod store;
pub mod text;
pub mod time;
pub mod transfer;
pub mod trust_store;
mod wire;

pub use actor::{Actor, Role};
pub use error::{Error, ErrorKind};
pub use onboarding::Onboarding;
pub use rules::Rules;
pub use time::{Clock, SystemClock, Timestamp};
