//! What crosses, told to the tests: they compare it with the classes.

use misp_onboarding::actor::Role;
use misp_onboarding::certificate::{
    CertificateRules, CertificateStatus, OrganizationMatch, PartnerCertificate, PathFault, Severity,
    UploadOutcome,
};
use misp_onboarding::error::{ErrorKind, Field};
use misp_onboarding::event::{Event, EventKind, NewEvent};
use misp_onboarding::license_key::{
    Action, AuthenticationPolicy, AuthenticationRecord, LicenseKeyFilter, LicenseKeyOrigin, LicenseKeyRecord,
    LicenseKeyRow, LicenseKeySort, LicenseKeyState, LicenseKeyStatus,
};
use misp_onboarding::list::{Direction, SortKey, TimeRange};
use misp_onboarding::partner::{Partner, PartnerFilter, PartnerRow, PartnerSort, PartnerState};
use misp_onboarding::policy::{
    Policy, PolicyFilter, PolicyGroup, PolicyGroupFilter, PolicyGroupSort, PolicyGroupState,
    PolicyPermissions, PolicyRow, PolicySort, PolicyState,
};
use misp_onboarding::policy_link::{
    PolicyLink, PolicyLinkFilter, PolicyLinkRow, PolicyLinkSort, PolicyLinkState,
};
use misp_onboarding::rules::{LicenseKeyRules, Rules};
use misp_onboarding::store::{Change, ChangeSet, Record, RecordId, Unique};
use misp_onboarding::text::FieldRule;
use misp_onboarding::trust_store::{
    CaCertificate, CaCertificateFilter, CaCertificateSort, CaKind, CaState, TrustDomainRecord,
};
use pyo3::prelude::*;

use crate::bridge::{self, Shape};

/// Every structure that is read from Python: its name and its fields in order.
#[pyfunction]
pub(crate) fn shapes() -> Vec<(&'static str, Vec<&'static str>)> {
    macro_rules! shapes {
        ($($type:ty),+ $(,)?) => {
            [$(Shape::of::<$type>()),+]
        };
    }
    let shapes = shapes!(
        AuthenticationPolicy,
        AuthenticationRecord,
        CaCertificate,
        CaCertificateFilter,
        CertificateRules,
        ChangeSet,
        Event,
        LicenseKeyFilter,
        LicenseKeyRecord,
        LicenseKeyRow,
        LicenseKeyRules,
        NewEvent,
        Partner,
        PartnerCertificate,
        PartnerFilter,
        PartnerRow,
        Policy,
        PolicyFilter,
        PolicyGroup,
        PolicyGroupFilter,
        PolicyLink,
        PolicyLinkFilter,
        PolicyLinkRow,
        PolicyPermissions,
        PolicyRow,
        RecordId,
        Rules,
        TimeRange,
        TrustDomainRecord,
    );
    shapes.into_iter().flatten().map(|shape| (shape.name, shape.fields.to_vec())).collect()
}

/// Every enumeration: its name and its texts in order.
#[pyfunction]
pub(crate) fn texts() -> Vec<(&'static str, Vec<&'static str>)> {
    macro_rules! texts {
        ($($type:ident),+; $($sort:ident),+ $(,)?) => {
            vec![
                $((stringify!($type), $type::ALL.iter().map(|value| value.as_str()).collect()),)+
                $((stringify!($sort), <$sort as SortKey>::ALL.iter().map(|key| key.as_str()).collect()),)+
                ("PathFault", PathFault::ALL.iter().map(|fault| fault.code()).collect()),
            ]
        };
    }
    texts!(
        Action, CaKind, CaState, CertificateStatus, Direction, ErrorKind, EventKind, Field, FieldRule, LicenseKeyOrigin,
        LicenseKeyState, LicenseKeyStatus, OrganizationMatch, PartnerState, PolicyGroupState, PolicyLinkState,
        PolicyState, Role, Severity, Unique, UploadOutcome;
        CaCertificateSort, LicenseKeySort, PartnerSort, PolicyGroupSort, PolicyLinkSort, PolicySort,
    )
}

/// A record, a change or a set of changes, into the engine and back.
#[pyfunction]
pub(crate) fn crossed<'py>(value: &Bound<'py, PyAny>) -> PyResult<Bound<'py, PyAny>> {
    let py = value.py();
    let problem = |problem: bridge::Problem| problem.in_argument(py, "value");
    if value.is_instance(&bridge::class(py, "ChangeSet")?)? {
        return bridge::to_python(py, &bridge::from_python::<ChangeSet>(value).map_err(problem)?);
    }
    match bridge::from_python::<Change>(value) {
        Ok(change) => bridge::to_python(py, &change),
        Err(_) => bridge::to_python(py, &bridge::from_python::<Record>(value).map_err(problem)?),
    }
}
