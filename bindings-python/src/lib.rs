//! The Python package of misp-onboarding: converts types and errors, and decides nothing.
//!
//! Python sees the module as `misp_onboarding._native`, which is private; the package beside it has the public names.

mod actor;
mod anchors;
mod arguments;
mod bridge;
mod certificates;
mod error;
mod license_key;
mod onboarding;
mod report;
mod schema;
mod store;
mod testing;
mod transfer;
mod verdict;
mod yardstick;

/// The engine, and the functions that need none. Private: import from `misp_onboarding` and its modules.
#[pyo3::pymodule(gil_used = false)]
mod _native {
    #[pymodule_export]
    use crate::actor::Actor;
    #[pymodule_export]
    use crate::anchors::{TrustAnchors, Validator};
    #[pymodule_export]
    use crate::certificates::{
        certificate_details, certificate_status, certs_only, report, rules_from_dict, rules_from_toml,
        verify_path,
    };
    #[pymodule_export]
    use crate::license_key::LicenseKey;
    #[pymodule_export]
    use crate::onboarding::{Onboarding, license_key_status, policy_permissions};
    #[pymodule_export]
    use crate::report::CertificateReport;
    #[pymodule_export]
    use crate::schema::{crossed, shapes, texts};
    #[pymodule_export]
    use crate::store::fold_case;
    #[pymodule_export]
    use crate::testing::{
        TestCertificate, TestPki, conformance_cases, make_certificate, run_conformance_case,
    };
    #[pymodule_export]
    use crate::transfer::{Unfinished, export, import, resume, unfinished, verify};
    #[pymodule_export]
    use crate::verdict::{Authorization, Refusal};
    #[pymodule_export]
    use crate::yardstick::{time_authenticate, time_inspect};

    #[pymodule_export]
    #[expect(non_upper_case_globals, reason = "Python's name")]
    const __version__: &str = env!("CARGO_PKG_VERSION");
}
