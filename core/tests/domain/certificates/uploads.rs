//! Uploads one after the other, and the status of what was uploaded.

use misp_onboarding::Timestamp;
use misp_onboarding::certificate::{CertificateStatus, UploadOutcome};
use misp_onboarding::list::ListRequest;
use misp_onboarding::partner::PartnerState;
use misp_onboarding_testkit::scenario::{BEGIN, ORGANIZATION, Scenario};

fn micro_before(instant: Timestamp) -> Timestamp {
    Timestamp::from_unix_micros(instant.unix_micros() - 1)
}

fn micro_after(instant: Timestamp) -> Timestamp {
    Timestamp::from_unix_micros(instant.unix_micros() + 1)
}

#[test]
fn the_first_certificate_activates_later_ones_replace_and_the_same_changes_nothing() {
    let s = Scenario::in_memory();
    s.trust_ca();
    let bank = s.partner("bank");
    let upload = |pem: &str| s.onboarding.upload_certificate(&s.admin, &bank, pem.as_bytes()).unwrap();
    let first = s.pki.issue(ORGANIZATION);
    let activated = upload(&first.pem());
    assert_eq!(activated.outcome, UploadOutcome::Activated);
    assert_eq!(activated.partner.state, PartnerState::Active);
    assert_eq!(
        activated.certificate.uploaded_at, BEGIN,
        "the instant of upload, not the certificate's begin"
    );
    let again = upload(&first.pem());
    assert_eq!(again.outcome, UploadOutcome::Unchanged);
    assert_eq!(again.partner.version, activated.partner.version);
    s.clock.advance_days(1);
    let second = first.to_builder().serial(2).issued_by(&s.pki.issuing);
    let replaced = upload(&second.pem());
    assert_eq!(replaced.outcome, UploadOutcome::Replaced);
    let history = s.onboarding.certificate_history(&s.admin, &bank).unwrap();
    assert_eq!(history.len(), 2);
    assert_eq!(history[0].id, replaced.certificate.id);
    assert_eq!((history[0].replaced_at, history[1].replaced_at), (None, Some(BEGIN.plus_days(1))));
    // An earlier one may come back: it is a new upload.
    s.clock.advance_days(1);
    assert_eq!(upload(&first.pem()).outcome, UploadOutcome::Replaced);
    assert_eq!(s.onboarding.certificate_history(&s.admin, &bank).unwrap().len(), 3);
}

#[test]
fn the_current_certificate_again_changes_nothing_also_when_a_new_one_like_it_would_be_refused() {
    let s = Scenario::in_memory();
    s.trust_ca();
    let bank = s.partner("bank");
    let leaf = s.pki.issue_with(ORGANIZATION, |b| b.not_after(BEGIN.plus_days(365)));
    let upload = |file: &[u8]| s.onboarding.upload_certificate(&s.admin, &bank, file);
    let first = upload(leaf.pem().as_bytes()).unwrap();
    for days in [31, 366] {
        s.clock.set(BEGIN.plus_days(days));
        let again = upload(leaf.pem().as_bytes()).unwrap();
        assert_eq!((again.outcome, &again.partner), (UploadOutcome::Unchanged, &first.partner), "{days}");
        assert!(!again.report.accepted(), "the report says what is wrong with it by now");
    }
    // A file with something else in it is not that certificate again.
    let two = format!("{}{}", leaf.pem(), s.pki.issue_with(ORGANIZATION, |b| b.serial(9)).pem());
    assert!(upload(two.as_bytes()).is_err());
    assert_eq!(s.onboarding.certificate_history(&s.admin, &bank).unwrap(), [first.certificate]);
}

#[test]
fn the_status_of_a_certificate_follows_the_clock() {
    let s = Scenario::in_memory();
    s.trust_ca();
    let bank = s.partner("bank");
    let status = || {
        let now = misp_onboarding::Clock::now(&*s.clock);
        let rows = s.onboarding.list_partners(&s.admin, &ListRequest::default()).unwrap().items;
        rows[0].certificate_status(now)
    };
    assert_eq!(status(), CertificateStatus::None);
    let ends = BEGIN.plus_days(400);
    let leaf = s.pki.issue_with(ORGANIZATION, |b| b.not_after(BEGIN.plus_days(400)));
    s.onboarding.upload_certificate(&s.admin, &bank, leaf.pem().as_bytes()).unwrap();
    for (at, want) in [
        (BEGIN, CertificateStatus::Valid),
        (micro_before(ends.plus_days(-30)), CertificateStatus::Valid),
        (ends.plus_days(-30), CertificateStatus::Expiring),
        (ends, CertificateStatus::Expiring),
        (micro_after(ends), CertificateStatus::Expired),
    ] {
        s.clock.set(at);
        assert_eq!(status(), want, "{at}");
    }
}
