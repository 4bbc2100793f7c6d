//! The guide: one page a chapter, each with a program that runs.
//!
//! A MISP comes in by eight steps. Each is one call of [`Onboarding`](crate::Onboarding):
//!
//! ```text
//!  Partner Admin                                            Policy Manager
//!  ------------------------------------------------------   ---------------------------------
//!  1. upload_ca_certificates   the country's CAs
//!                                                           2. create_policy_group
//!                                                           3. create_policy, publish_policy
//!  4. create_partner           Inactive
//!  5. upload_certificate       Active
//!  6. select_policy_group      once
//!  7. request_policy           Pending
//!     approve_policy_link      Approved
//!  8. generate_license_key     shown once
//!
//!  the ID system, with every request
//!  ------------------------------------------------------
//!     authenticate             an authorization, or the one reason against it
//! ```
//!
//! The program on the [front page](crate) walks these steps. The chapters say what each rests on:
//!
//! | chapter | tells |
//! |---|---|
//! | [`trust_store`] | whose certificates are believed, and how to stop believing one |
//! | [`certificates`] | what is checked of a partner's certificate, and how to read the report |
//! | [`license_keys`] | the life of a key, and the verdict on it |
//! | [`stores`] | which database, and what every store promises |
//! | [`events`] | how to learn of every change, in order |
//! | [`security_model`] | who is trusted with what, and what an attacker gets |
//! | [`error_codes`] | every code there is |
//! | [`coming_from_mosip`] | what of MOSIP's own tables goes where, and how to import it |

#[doc = include_str!("trust_store.md")]
pub mod trust_store {}

#[doc = include_str!("certificates.md")]
pub mod certificates {}

#[doc = include_str!("license_keys.md")]
pub mod license_keys {}

#[doc = include_str!("stores.md")]
pub mod stores {}

#[doc = include_str!("events.md")]
pub mod events {}

#[doc = include_str!("security_model.md")]
pub mod security_model {}

#[doc = include_str!("error_codes.md")]
pub mod error_codes {}

#[doc = include_str!("coming_from_mosip.md")]
pub mod coming_from_mosip {}
