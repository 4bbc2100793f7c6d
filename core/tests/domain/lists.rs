//! Chapter 8: lists and what ends soon. What a store must do is in the conformance suite; this is the engine's part.

use misp_onboarding::Timestamp;
use misp_onboarding::license_key::{
    GenerateLicenseKey, LicenseKeyFilter, LicenseKeySort, LicenseKeyStatus, Validity,
};
use misp_onboarding::list::{Direction, ListRequest};
use misp_onboarding::onboarding::ExpiringRequest;
use misp_onboarding::partner::{PartnerFilter, PartnerSort, PartnerState};
use misp_onboarding::trust_store::TrustDomain;
use misp_onboarding_testkit::pki::CertificateBuilder;
use misp_onboarding_testkit::scenario::{BEGIN, ORGANIZATION, Scenario, generate};

use crate::code;

#[test]
fn a_page_has_8_items_by_default_newest_first_and_1_to_100_on_request() {
    let s = Scenario::in_memory();
    for n in 0..10 {
        s.partner(&format!("p{n}"));
        s.clock.advance_days(1);
    }
    let page = s.onboarding.list_partners(&s.admin, &ListRequest::default().counted()).unwrap();
    let ids: Vec<_> = page.items.iter().map(|row| row.partner.id.as_str().to_owned()).collect();
    assert_eq!(ids, ["p9", "p8", "p7", "p6", "p5", "p4", "p3", "p2"]);
    assert_eq!(page.total, Some(10));
    let rest = s.onboarding.list_partners(&s.admin, &ListRequest::default().after(page.next)).unwrap();
    assert_eq!(rest.items.len(), 2);
    assert_eq!((rest.next, rest.total), (None, None));
    for (size, ok) in [(0, false), (1, true), (100, true), (101, false)] {
        let result = s.onboarding.list_partners(&s.admin, &ListRequest::default().page_size(size));
        assert_eq!(result.is_ok(), ok, "{size}");
    }
    // A page that ends exactly with the last item has no next.
    let page = s.onboarding.list_partners(&s.admin, &ListRequest::default().page_size(10)).unwrap();
    assert_eq!(page.next, None);
}

#[test]
fn a_cursor_of_another_list_or_order_is_refused() {
    let s = Scenario::in_memory();
    s.partner("a");
    s.partner("b");
    let request = ListRequest::default().page_size(1);
    let next = s.onboarding.list_partners(&s.admin, &request).unwrap().next;
    let sorted = request.clone().sorted(PartnerSort::Id, Direction::Ascending).after(next.clone());
    assert_eq!(code(s.onboarding.list_partners(&s.admin, &sorted)), "list.foreign_cursor");
    let keys = ListRequest::default().after(next);
    assert_eq!(code(s.onboarding.list_license_keys(&s.admin, &keys)), "list.foreign_cursor");
}

#[test]
fn filters_and_together_and_their_wildcards_are_literal() {
    let s = Scenario::in_memory();
    for id in ["Alpha", "alpha_two", "beta"] {
        s.partner(id);
    }
    let active = s.active_partner("alpha-three");
    let list = |filter: PartnerFilter| {
        let request = ListRequest::with_filter(filter).sorted(PartnerSort::Id, Direction::Ascending);
        let rows = s.onboarding.list_partners(&s.admin, &request).unwrap().items;
        rows.into_iter().map(|row| row.partner.id).collect::<Vec<_>>()
    };
    let organization =
        |text: &str| PartnerFilter { organization: Some(text.parse().unwrap()), ..Default::default() };
    assert_eq!(list(organization("EXAMPLE b")).len(), 4);
    assert_eq!(list(organization("%")).len(), 0);
    assert_eq!(list(organization("Example_Bank")).len(), 0);
    let both = PartnerFilter { state: Some(PartnerState::Active), ..organization("bank") };
    assert_eq!(list(both), [active]);
}

#[test]
fn license_keys_are_filtered_by_the_status_at_the_instant_of_asking() {
    let s = Scenario::in_memory();
    let bank = s.active_partner("bank");
    let short =
        GenerateLicenseKey { validity: Validity::Until(BEGIN.plus_days(1)), ..generate(&bank, "short") };
    s.onboarding.generate_license_key(&s.admin, &short).unwrap();
    s.license_key(&bank, "long");
    let count = |status| {
        let filter = LicenseKeyFilter { status: Some(status), ..Default::default() };
        let page =
            s.onboarding.list_license_keys(&s.admin, &ListRequest::with_filter(filter).counted()).unwrap();
        assert_eq!(page.total, Some(page.items.len() as u64));
        assert!(page.items.iter().all(|view| view.status == status));
        page.items.len()
    };
    assert_eq!((count(LicenseKeyStatus::Active), count(LicenseKeyStatus::Expired)), (2, 0));
    s.clock.set(Timestamp::from_unix_micros(BEGIN.plus_days(1).unix_micros() - 1));
    assert_eq!((count(LicenseKeyStatus::Active), count(LicenseKeyStatus::Expired)), (2, 0));
    s.clock.set(BEGIN.plus_days(1));
    assert_eq!((count(LicenseKeyStatus::Active), count(LicenseKeyStatus::Expired)), (1, 1));
}

#[test]
fn every_sort_key_can_be_paged_through_without_loss() {
    use misp_onboarding::list::SortKey;
    let s = Scenario::in_memory();
    let bank = s.active_partner("bank");
    for n in 0..7 {
        s.license_key(&bank, &format!("key {}", n % 7));
    }
    for sort in LicenseKeySort::ALL {
        for direction in [Direction::Ascending, Direction::Descending] {
            let mut request = ListRequest::default().sorted(*sort, direction).page_size(2);
            let mut seen = Vec::new();
            loop {
                let page = s.onboarding.list_license_keys(&s.admin, &request).unwrap();
                seen.extend(page.items.iter().map(|view| view.row.key.id));
                if page.next.is_none() {
                    break;
                }
                request.after = page.next;
            }
            let total = seen.len();
            seen.sort_unstable();
            seen.dedup();
            assert_eq!((seen.len(), total), (7, 7), "{sort:?} {direction}");
        }
    }
}

#[test]
fn what_ends_within_the_window_comes_soonest_first() {
    let s = Scenario::in_memory();
    s.trust_ca();
    let ends = |days: i64| BEGIN.plus_days(days);
    for (id, days) in [("late", 400), ("soon", 340), ("sooner", 336)] {
        let partner = s.partner(id);
        let leaf = s.pki.issue_with(ORGANIZATION, |b| b.not_after(ends(days)));
        s.onboarding.upload_certificate(&s.admin, &partner, leaf.pem().as_bytes()).unwrap();
    }
    let sooner = "sooner".parse().unwrap();
    let key =
        |name: &str, end| GenerateLicenseKey { validity: Validity::Until(end), ..generate(&sooner, name) };
    for (name, end) in [("b", ends(330)), ("a", ends(320)), ("c", ends(331))] {
        s.onboarding.generate_license_key(&s.admin, &key(name, end)).unwrap();
    }
    s.clock.set(ends(310));
    let window = |days| ExpiringRequest { window_days: days, ..Default::default() };
    let partners = |days| {
        let page = s.onboarding.expiring_partner_certificates(&s.admin, &window(days)).unwrap();
        page.items.into_iter().map(|row| row.partner.id.as_str().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(partners(30), ["sooner", "soon"], "exactly 30 days ahead is within the window");
    assert_eq!(partners(29), ["sooner"]);
    let keys = |days| {
        let page = s.onboarding.expiring_license_keys(&s.admin, &window(days)).unwrap();
        page.items.into_iter().map(|view| view.row.key.name.as_str().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(keys(20), ["a", "b"]);
    assert_eq!(keys(21), ["a", "b", "c"]);
    let expired = ends(320);
    s.clock.set(expired);
    assert_eq!(keys(20), ["b", "c"], "what has ended is not ending soon");
    assert!(s.onboarding.expiring_ca_certificates(&s.admin, &window(30)).unwrap().items.is_empty());
    assert_eq!(s.onboarding.expiring_ca_certificates(&s.admin, &window(10_000)).unwrap().items.len(), 2);
    for days in [0, 36_526] {
        assert_eq!(code(s.onboarding.expiring_license_keys(&s.admin, &window(days))), "list.window");
    }
}

#[test]
fn what_expires_looks_30_days_ahead_and_shows_8_a_page_where_nothing_is_asked_for() {
    let s = Scenario::in_memory();
    let bank = s.active_partner("bank");
    let mut wanted = Vec::new();
    for number in 0..12 {
        // Two end at the very edge of the window, and one a microsecond later.
        let end = match number {
            9 | 10 => BEGIN.plus_days(30),
            11 => Timestamp::from_unix_micros(BEGIN.plus_days(30).unix_micros() + 1),
            _ => BEGIN.plus_days(1 + number),
        };
        let command = GenerateLicenseKey {
            validity: Validity::Until(end),
            ..generate(&bank, &format!("key {number}"))
        };
        let key = s.onboarding.generate_license_key(&s.admin, &command).unwrap().view.row.key;
        wanted.push((key.expires_at, key.id));
    }
    wanted.truncate(11);
    wanted.sort();
    let request = ExpiringRequest::default();
    let first = s.onboarding.expiring_license_keys(&s.admin, &request).unwrap();
    assert_eq!(first.items.len(), 8);
    let second = ExpiringRequest { after: first.next.clone(), ..request };
    let second = s.onboarding.expiring_license_keys(&s.admin, &second).unwrap();
    assert_eq!((second.items.len(), second.next), (3, None));
    let found: Vec<_> = first
        .items
        .iter()
        .chain(&second.items)
        .map(|view| (view.row.key.expires_at, view.row.key.id))
        .collect();
    assert_eq!(found, wanted, "soonest first, each once");

    // Partner certificates and CA certificates page alike.
    for number in 0..9 {
        let partner = s.partner(&format!("p{number}"));
        let leaf = s.pki.issue_with(ORGANIZATION, |b| b.not_after(BEGIN.plus_days(340 + number)));
        s.onboarding.upload_certificate(&s.admin, &partner, leaf.pem().as_bytes()).unwrap();
        let root = CertificateBuilder::root(&format!("Root {number}"));
        let root = root.valid_around(BEGIN, 370 + number).self_signed();
        let report = s
            .onboarding
            .upload_ca_certificates(&s.admin, &TrustDomain::auth(), root.pem().as_bytes())
            .unwrap();
        assert!(report.all_accepted(), "{report}");
    }
    s.clock.set(BEGIN.plus_days(311));
    let request = ExpiringRequest::default;
    let first = s.onboarding.expiring_partner_certificates(&s.admin, &request()).unwrap();
    let ends: Vec<_> = first.items.iter().map(|row| row.certificate_ends.unwrap()).collect();
    assert_eq!(ends, [340, 341].map(|days| BEGIN.plus_days(days)));
    s.clock.set(BEGIN.plus_days(348));
    let first = s.onboarding.expiring_ca_certificates(&s.admin, &request()).unwrap();
    assert_eq!(first.items.len(), 8);
    let second = ExpiringRequest { after: first.next, ..request() };
    let second = s.onboarding.expiring_ca_certificates(&s.admin, &second).unwrap();
    assert_eq!(second.items.len(), 1);
    assert_eq!(second.items[0].not_after, BEGIN.plus_days(378));
}
