//! A store written in Python, as the engine's.

use std::sync::Arc;

use misp_onboarding::certificate::{Fingerprint, PartnerCertificate};
use misp_onboarding::event::{Event, EventSequence};
use misp_onboarding::id::{
    CaCertificateId, LicenseKeyId, PartnerCertificateId, PolicyGroupId, PolicyId, PolicyLinkId, Version,
};
use misp_onboarding::license_key::{
    AuthenticationRecord, LicenseKeyDigest, LicenseKeyFilter, LicenseKeyName, LicenseKeyRecord,
    LicenseKeyRow, LicenseKeySort,
};
use misp_onboarding::list::Query;
use misp_onboarding::partner::{EmailAddress, Partner, PartnerFilter, PartnerId, PartnerRow, PartnerSort};
use misp_onboarding::policy::{
    Policy, PolicyFilter, PolicyGroup, PolicyGroupFilter, PolicyGroupName, PolicyGroupSort, PolicyName,
    PolicyRow, PolicySort,
};
use misp_onboarding::policy_link::{PolicyLink, PolicyLinkFilter, PolicyLinkRow, PolicyLinkSort};
use misp_onboarding::store::{
    CertificateRepository, ChangeSet, EventRepository, LicenseKeyRepository, LinkCounts, PartnerRepository,
    PolicyCounts, PolicyLinkRepository, PolicyRepository, Store, StoreError,
};
use misp_onboarding::trust_store::{
    CaCertificate, CaCertificateFilter, CaCertificateSort, TrustDomain, TrustDomainRecord,
};
use misp_onboarding::{Timestamp, text};
use pyo3::exceptions::{PyException, PyTypeError};
use pyo3::prelude::*;
use pyo3::types::PyTuple;
use serde::Serialize;
use serde::de::{DeserializeOwned, IgnoredAny};

use crate::bridge;
use crate::onboarding::raise_through;

/// Asks a Python object that has the methods of `misp_onboarding.stores.Store`.
pub(crate) struct PythonStore {
    object: Py<PyAny>,
}

impl PythonStore {
    /// Takes an object with every method of a store.
    pub(crate) fn new(object: &Bound<'_, PyAny>) -> PyResult<Self> {
        let mut missing = Vec::new();
        for method in METHODS {
            if !object.getattr_opt(*method)?.is_some_and(|method| method.is_callable()) {
                missing.push(*method);
            }
        }
        if missing.is_empty() {
            return Ok(Self { object: object.clone().unbind() });
        }
        let class = object.get_type().name()?;
        let missing = missing.join(", ");
        Err(PyTypeError::new_err(format!("store: every method of a Store needed, {class} lacks {missing}")))
    }

    fn ask<T: DeserializeOwned>(&self, method: &str, arguments: &[&dyn Argument]) -> Result<T, StoreError> {
        Python::attach(|py| {
            let asked = || {
                let arguments: Vec<_> =
                    arguments.iter().map(|argument| argument.to_python(py)).collect::<PyResult<_>>()?;
                self.object.bind(py).call_method1(method, PyTuple::new(py, arguments)?)
            };
            let answer = asked().map_err(|raised| failure(py, raised))?;
            bridge::from_python(&answer)
                .map_err(|problem| StoreError::backend(problem.in_argument(py, &format!("store.{method}()"))))
        })
    }
}

/// What a store's method is asked with.
trait Argument {
    fn to_python<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>>;
}

impl<T: Serialize> Argument for T {
    fn to_python<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyAny>> {
        bridge::to_python(py, self)
    }
}

/// What a store's exception means to the engine. What is no failure, such as Ctrl-C, ends the call as it is.
fn failure(py: Python<'_>, raised: PyErr) -> StoreError {
    if !raised.is_instance_of::<PyException>(py) {
        raise_through(raised);
    }
    told(py, &raised).unwrap_or_else(|| StoreError::backend(raised))
}

/// The failures that have a meaning of their own; none for any other exception, and for one whose facts are none.
fn told(py: Python<'_>, raised: &PyErr) -> Option<StoreError> {
    let stores = py.import("misp_onboarding.stores").ok()?;
    let value = raised.value(py);
    let is = |class: &str| stores.getattr(class).and_then(|class| value.is_instance(&class)).unwrap_or(false);
    let text = |fact: &str| value.getattr(fact).ok()?.extract::<String>().ok();
    let version = |fact: &str| Some(Version::new(value.getattr(fact).ok()?.extract().ok()?));
    if is("StoreConflict") {
        let (record, required) = (text("record")?, version("required")?);
        return Some(StoreError::Conflict { record, required, found: version("found") });
    }
    if is("StoreDuplicate") {
        return Some(StoreError::Duplicate { unique: text("unique")?.parse().ok()? });
    }
    if is("StoreMissingReference") {
        return Some(StoreError::MissingReference { reference: text("reference")? });
    }
    is("StoreUnavailable").then(|| StoreError::unavailable(raised.clone_ref(py)))
}

/// Declares the methods of a store once: what Python has to have, and how the engine asks it.
macro_rules! asked_in_python {
    ($($repository:ident {
        $($method:ident($($argument:ident: $argument_type:ty),*) -> $answer:ty;)+
    })+) => {
        const METHODS: &[&str] = &[$($(stringify!($method),)+)+ "commit"];

        $(impl $repository for PythonStore {
            $(fn $method(&self, $($argument: $argument_type),*) -> Result<$answer, StoreError> {
                self.ask(stringify!($method), &[$(&$argument),*])
            })+
        })+
    };
}

asked_in_python! {
    PartnerRepository {
        partner(id: &PartnerId) -> Option<Partner>;
        partner_id_like(id: &PartnerId) -> Option<PartnerId>;
        partner_id_by_email(email: &EmailAddress) -> Option<PartnerId>;
        list_partners(query: &Query<PartnerFilter, PartnerSort>) -> Vec<PartnerRow>;
        count_partners(filter: &PartnerFilter, now: Timestamp) -> u64;
    }
    CertificateRepository {
        trust_domain(domain: &TrustDomain) -> Option<TrustDomainRecord>;
        ca_certificates(domain: &TrustDomain) -> Vec<CaCertificate>;
        ca_certificate(id: CaCertificateId) -> Option<CaCertificate>;
        list_ca_certificates(query: &Query<CaCertificateFilter, CaCertificateSort>) -> Vec<CaCertificate>;
        count_ca_certificates(filter: &CaCertificateFilter, now: Timestamp) -> u64;
        partner_certificate(id: PartnerCertificateId) -> Option<PartnerCertificate>;
        partner_certificates(partner: &PartnerId) -> Vec<PartnerCertificate>;
        partners_relying_on(domain: &TrustDomain, fingerprint: &Fingerprint) -> Vec<PartnerId>;
    }
    PolicyRepository {
        policy_group(id: PolicyGroupId) -> Option<PolicyGroup>;
        policy_group_named(name: &PolicyGroupName) -> Option<PolicyGroupId>;
        policy_counts(group: PolicyGroupId) -> PolicyCounts;
        list_policy_groups(query: &Query<PolicyGroupFilter, PolicyGroupSort>) -> Vec<PolicyGroup>;
        count_policy_groups(filter: &PolicyGroupFilter) -> u64;
        policy(id: PolicyId) -> Option<Policy>;
        policy_named(group: PolicyGroupId, name: &PolicyName) -> Option<PolicyId>;
        list_policies(query: &Query<PolicyFilter, PolicySort>) -> Vec<PolicyRow>;
        count_policies(filter: &PolicyFilter) -> u64;
    }
    PolicyLinkRepository {
        policy_link(id: PolicyLinkId) -> Option<PolicyLink>;
        open_policy_link(partner: &PartnerId, policy: PolicyId) -> Option<PolicyLink>;
        pending_policy_links(partner: &PartnerId) -> Vec<PolicyLink>;
        link_counts(policy: PolicyId) -> LinkCounts;
        list_policy_links(query: &Query<PolicyLinkFilter, PolicyLinkSort>) -> Vec<PolicyLinkRow>;
        count_policy_links(filter: &PolicyLinkFilter) -> u64;
    }
    LicenseKeyRepository {
        license_key(id: LicenseKeyId) -> Option<LicenseKeyRow>;
        find_by_digest(digest: &LicenseKeyDigest) -> Option<Arc<AuthenticationRecord>>;
        live_license_key_named(partner: &PartnerId, name: &LicenseKeyName) -> Option<LicenseKeyId>;
        license_keys_to_deactivate(partner: &PartnerId) -> Vec<LicenseKeyRecord>;
        list_license_keys(query: &Query<LicenseKeyFilter, LicenseKeySort>) -> Vec<LicenseKeyRow>;
        count_license_keys(filter: &LicenseKeyFilter, now: Timestamp) -> u64;
    }
    EventRepository {
        events_after(after: EventSequence, limit: u32) -> Vec<Event>;
    }
}

impl Store for PythonStore {
    fn commit(&self, changes: &ChangeSet) -> Result<(), StoreError> {
        // What it answers means nothing: once it has returned, the change stands.
        self.ask::<IgnoredAny>("commit", &[&changes]).map(|_| ())
    }
}

/// The form in which two texts that differ only in case are equal: what names are compared, sorted and searched by.
#[pyfunction]
pub(crate) fn fold_case(text: &str) -> String {
    text::fold_case(text)
}
