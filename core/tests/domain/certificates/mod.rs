//! Chapter 4: partner certificates.

mod algorithms;
mod defects;
mod paths;
mod uploads;

use misp_onboarding::Error;
use misp_onboarding::certificate::{CertificateReport, UploadOutcome};
use misp_onboarding::list::ListRequest;
use misp_onboarding::partner::PartnerState;
use misp_onboarding_testkit::scenario::Scenario;

/// The codes of a report's findings, each once.
fn codes(report: &CertificateReport) -> Vec<&'static str> {
    let mut codes: Vec<_> = report.findings.iter().map(|finding| finding.code).collect();
    codes.sort_unstable();
    codes
}

/// Inspects a certificate of a new partner whose CA is trusted, and checks that an upload says the same.
fn inspect(s: &Scenario, file: &[u8]) -> CertificateReport {
    s.trust_ca();
    let id = format!(
        "p{}",
        s.onboarding.list_partners(&s.admin, &ListRequest::default().counted()).unwrap().total.unwrap()
    );
    let partner = s.partner(&id);
    let report = s.onboarding.inspect_certificate(&s.admin, &partner, file).unwrap();
    assert_eq!(
        s.onboarding.partner(&s.admin, &partner).unwrap().state,
        PartnerState::Inactive,
        "an inspection changes nothing"
    );
    match s.onboarding.upload_certificate(&s.admin, &partner, file) {
        Ok(uploaded) => {
            assert!(report.accepted());
            assert_eq!(uploaded.report, report);
            assert_eq!(uploaded.outcome, UploadOutcome::Activated);
        }
        Err(Error::CertificateRejected(rejected)) => {
            assert!(!report.accepted());
            assert_eq!(*rejected, report);
            assert!(s.onboarding.certificate_history(&s.admin, &partner).unwrap().is_empty());
            assert_eq!(s.onboarding.partner(&s.admin, &partner).unwrap().state, PartnerState::Inactive);
        }
        Err(error) => panic!("{error}"),
    }
    report
}
