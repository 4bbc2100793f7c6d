//! What tests need: certificates with any defect, and the suite that every store must pass.

mod conformance;
mod pki;

pub(crate) use conformance::{conformance_cases, run_conformance_case};
pub(crate) use pki::{TestCertificate, TestPki, make_certificate};
