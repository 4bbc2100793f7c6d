//! What depends on the clock changes at its very instant, in lists and counts alike.

use misp_onboarding::Timestamp;
use misp_onboarding::certificate::CertificateStatus;
use misp_onboarding::license_key::{LicenseKeyFilter, LicenseKeyRecord, LicenseKeyState, LicenseKeyStatus};
use misp_onboarding::list::{Direction, Query, SortKey, TimeRange};
use misp_onboarding::partner::PartnerFilter;
use misp_onboarding::store::{ChangeSet, Store};
use misp_onboarding::trust_store::{CaCertificate, CaCertificateFilter};

use crate::conformance::check::{Verdict, equal};
use crate::conformance::list::{CaCertificates, LicenseKeys, List, Partners};
use crate::conformance::samples::{self, InState, NOW, literal};

fn micros_after(instant: Timestamp, micros: i64) -> Timestamp {
    Timestamp::from_unix_micros(instant.unix_micros() + micros)
}

/// The list and the count at an instant must show one row, or none.
fn shown<L: List>(store: &dyn Store, what: &str, filter: L::Filter, now: Timestamp, wanted: bool) -> Verdict {
    equal(format_args!("count of {what} at {now}"), L::count(store, &filter, now)?, u64::from(wanted))?;
    let query =
        Query { filter, sort: L::Sort::NEWEST, direction: Direction::Ascending, after: None, limit: 10, now };
    equal(format_args!("rows of {what} at {now}"), L::list(store, &query)?.len(), usize::from(wanted))
}

pub(crate) fn a_key_expires_at_its_very_instant(store: &dyn Store) -> Verdict {
    let expires_at = NOW.plus_days(90);
    let key = |number, name: &str, state| {
        LicenseKeyRecord {
            name: literal(name),
            expires_at,
            overlap_ends_at: (state == LicenseKeyState::Replaced).then(|| NOW.plus_days(1)),
            ..samples::license_key(number, "one")
        }
        .in_state(state)
    };
    let mut changes = ChangeSet::new();
    changes.insert(samples::partner("one"));
    changes.insert(key(1, "active", LicenseKeyState::Active));
    changes.insert(key(2, "replaced", LicenseKeyState::Replaced));
    changes.insert(key(3, "deactivated", LicenseKeyState::Deactivated));
    store.commit(&changes)?;
    let (active, expired, replaced, deactivated) = (
        LicenseKeyStatus::Active,
        LicenseKeyStatus::Expired,
        LicenseKeyStatus::Replaced,
        LicenseKeyStatus::Deactivated,
    );
    for (name, now, wanted) in [
        ("active", Timestamp::MIN, active),
        ("active", micros_after(expires_at, -1), active),
        ("active", expires_at, expired),
        ("active", micros_after(expires_at, 1), expired),
        ("active", Timestamp::MAX, expired),
        ("replaced", NOW, replaced),
        ("replaced", NOW.plus_days(1), replaced),
        ("replaced", expires_at, replaced),
        ("deactivated", NOW, deactivated),
        ("deactivated", expires_at, deactivated),
    ] {
        for status in LicenseKeyStatus::ALL {
            let filter =
                LicenseKeyFilter { name: Some(literal(name)), status: Some(*status), ..Default::default() };
            // "active" is part of "deactivated", so the id says which key is meant.
            let id = match name {
                "active" => 1,
                "replaced" => 2,
                _ => 3,
            };
            let filter = LicenseKeyFilter { id: Some(samples::license_key_id(id)), ..filter };
            let what = format!("the {name} key as {status}");
            shown::<LicenseKeys>(store, &what, filter, now, *status == wanted)?;
        }
    }
    Ok(())
}

/// Instants around the end of a certificate and the status it has there.
fn certificate_statuses(ends: Timestamp) -> [(Timestamp, CertificateStatus); 7] {
    let month_before = ends.plus_days(-30);
    [
        (Timestamp::MIN, CertificateStatus::Valid),
        (micros_after(month_before, -1), CertificateStatus::Valid),
        (month_before, CertificateStatus::Expiring),
        (micros_after(ends, -1), CertificateStatus::Expiring),
        (ends, CertificateStatus::Expiring),
        (micros_after(ends, 1), CertificateStatus::Expired),
        (Timestamp::MAX, CertificateStatus::Expired),
    ]
}

pub(crate) fn a_partner_certificate_changes_its_status_at_its_very_instants(store: &dyn Store) -> Verdict {
    let ends = NOW.plus_days(400);
    let mut former = samples::partner_certificate(1, "one");
    former.not_after = NOW.plus_days(-400);
    former.replaced_at = Some(NOW);
    let mut current = samples::partner_certificate(2, "one");
    current.not_after = ends;
    let mut forever = samples::partner_certificate(3, "forever");
    forever.not_after = Timestamp::MAX;
    let mut changes = ChangeSet::new();
    changes.insert(samples::certified_partner("one", current.id));
    changes.insert(samples::certified_partner("forever", forever.id));
    changes.insert(samples::partner("none"));
    changes.insert(former).insert(current).insert(forever);
    store.commit(&changes)?;
    let check = |id: &str, now, wanted| -> Verdict {
        for status in CertificateStatus::ALL {
            let filter = PartnerFilter {
                id: Some(samples::partner_id(id)),
                certificate_status: Some(*status),
                ..Default::default()
            };
            let what = format!("partner {id} with a certificate that is {status}");
            shown::<Partners>(store, &what, filter, now, *status == wanted)?;
        }
        Ok(())
    };
    for (now, wanted) in certificate_statuses(ends) {
        check("one", now, wanted)?;
        check("none", now, CertificateStatus::None)?;
    }
    check("forever", NOW, CertificateStatus::Valid)?;
    check("forever", micros_after(Timestamp::MAX.plus_days(-30), -1), CertificateStatus::Valid)?;
    check("forever", Timestamp::MAX.plus_days(-30), CertificateStatus::Expiring)?;
    check("forever", Timestamp::MAX, CertificateStatus::Expiring)
}

pub(crate) fn a_ca_certificate_changes_its_status_at_its_very_instants(store: &dyn Store) -> Verdict {
    let ends = NOW.plus_days(4_000);
    let mut changes = ChangeSet::new();
    changes.insert(samples::trust_domain("AUTH"));
    changes.insert(CaCertificate { not_after: ends, ..samples::ca_certificate(1) });
    store.commit(&changes)?;
    for (now, wanted) in certificate_statuses(ends) {
        for status in CertificateStatus::ALL {
            let filter = CaCertificateFilter { status: Some(*status), ..Default::default() };
            let what = format!("a CA certificate that is {status}");
            shown::<CaCertificates>(store, &what, filter, now, *status == wanted)?;
        }
    }
    Ok(())
}

pub(crate) fn a_time_range_holds_both_its_ends(store: &dyn Store) -> Verdict {
    let ends = NOW.plus_days(100);
    let mut certificate = samples::partner_certificate(1, "one");
    certificate.not_after = ends;
    let mut changes = ChangeSet::new();
    changes.insert(samples::trust_domain("AUTH"));
    changes.insert(CaCertificate { not_after: ends, ..samples::ca_certificate(1) });
    changes.insert(samples::certified_partner("one", certificate.id));
    // Without a certificate there is no end, not even in the range of all instants.
    changes.insert(certificate).insert(samples::partner("none"));
    changes.insert(LicenseKeyRecord { expires_at: ends, ..samples::license_key(1, "one") });
    store.commit(&changes)?;
    let next = micros_after(ends, 1);
    let before = micros_after(ends, -1);
    for (from, until, wanted) in [
        (Timestamp::MIN, Timestamp::MAX, true),
        (ends, next, true),
        (before, next, true),
        (before, ends, true),
        (before, before, false),
        (Timestamp::MIN, before, false),
        (Timestamp::MIN, ends, true),
        (next, Timestamp::MAX, false),
        (ends, ends, true),
        (next, ends, false),
        (Timestamp::MIN, next, true),
        (ends, Timestamp::MAX, true),
    ] {
        let range = Some(TimeRange { from, to: until });
        let what = format!("{from} to {until}");
        let filter = CaCertificateFilter { ends: range, ..Default::default() };
        shown::<CaCertificates>(store, &what, filter, NOW, wanted)?;
        let filter = PartnerFilter { certificate_ends: range, ..Default::default() };
        shown::<Partners>(store, &what, filter, NOW, wanted)?;
        let filter = LicenseKeyFilter { expires: range, ..Default::default() };
        shown::<LicenseKeys>(store, &what, filter, NOW, wanted)?;
    }
    Ok(())
}
