//! Chapter 7: the verdict on a presented key.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use misp_onboarding::license_key::{
    GenerateLicenseKey, ImportLicenseKey, LicenseKey, MalformedKey, Pepper, PolicyNotUsable, Refusal,
    Validity,
};
use misp_onboarding::policy::PolicyPermissions;
use misp_onboarding::store::MemoryStore;
use misp_onboarding::{Clock, Onboarding, Timestamp};
use misp_onboarding_testkit::scenario::{BEGIN, ORGANIZATION, Scenario, generate};

fn micro_before(instant: Timestamp) -> Timestamp {
    Timestamp::from_unix_micros(instant.unix_micros() - 1)
}

#[test]
fn an_authorization_says_whose_key_it_is_and_what_it_allows() {
    let s = Scenario::in_memory();
    let (bank, policy) = s.ready_partner_with_policy("bank");
    let with = s.license_key_for(&bank, policy, "with");
    let authorization = s.onboarding.authenticate(with.key.reveal()).unwrap().unwrap();
    assert_eq!(authorization.key_id, with.view.row.key.id);
    assert_eq!(authorization.name.as_str(), "with");
    assert_eq!(authorization.partner, bank);
    assert_eq!(authorization.organization.as_str(), ORGANIZATION);
    let permissions = PolicyPermissions { allow_auth_request_delegation: true, ..Default::default() };
    assert_eq!(authorization.policy, Some((policy, permissions)));
    assert_eq!(authorization.valid_until, BEGIN.plus_days(90));
    let without = s.license_key(&bank, "without");
    assert_eq!(s.onboarding.authenticate(without.key.reveal()).unwrap().unwrap().policy, None);
}

#[test]
fn a_key_is_good_until_just_before_its_end() {
    let s = Scenario::in_memory();
    let bank = s.active_partner("bank");
    let key = s.license_key(&bank, "x");
    let end = BEGIN.plus_days(90);
    for (at, good) in [(BEGIN, true), (micro_before(end), true), (end, false), (Timestamp::MAX, false)] {
        let verdict = s.onboarding.authenticate_at(key.key.reveal(), at).unwrap();
        let want = if good { None } else { Some(Refusal::Expired { expired_at: end }) };
        assert_eq!(verdict.err(), want, "{at}");
    }
}

#[test]
fn each_reason_to_refuse_has_its_verdict() {
    let s = Scenario::in_memory();
    let (bank, _) = s.ready_partner_with_policy("bank");
    let verdict = |text: &str| s.onboarding.authenticate(text).unwrap().unwrap_err();

    assert_eq!(verdict(""), Refusal::Malformed(MalformedKey::Length { found: 0 }));
    assert_eq!(verdict(&"a".repeat(50)), Refusal::Unknown);
    let stranger = LicenseKey::generate(&mut getrandom_rng()).unwrap();
    assert_eq!(verdict(stranger.reveal()), Refusal::Unknown);

    // A key can be imported for a partner that has no certificate yet.
    let inactive = s.partner("inactive");
    let imported = import(&s, &inactive, "1", None, BEGIN.plus_days(9));
    assert_eq!(verdict(&imported), Refusal::PartnerInactive);
    let expired = import(&s, &inactive, "2", None, BEGIN);
    assert_eq!(verdict(&expired), Refusal::Expired { expired_at: BEGIN });
    s.onboarding.deactivate_partner(&s.admin, &inactive).unwrap();
    assert_eq!(verdict(&imported), Refusal::PartnerDeactivated);

    // Imported for a policy that is not approved, not published, deactivated, or past its end.
    let group = s.onboarding.partner(&s.admin, &bank).unwrap().policy_group.unwrap();
    let unapproved = s.policy(group, "unapproved");
    let key = import(&s, &bank, "3", Some(unapproved), BEGIN.plus_days(9));
    assert_eq!(verdict(&key), Refusal::PolicyNotUsable(PolicyNotUsable::LinkNotApproved));
    let link = s.link(&bank, unapproved);
    assert!(s.onboarding.authenticate(&key).unwrap().is_ok(), "{}", link.id);

    let end = BEGIN.plus_days(5);
    let short = s.policy_until(group, "short", end);
    s.link(&bank, short);
    let key = s.license_key_for(&bank, short, "short");
    let at = |instant| s.onboarding.authenticate_at(key.key.reveal(), instant).unwrap();
    assert_eq!(at(micro_before(end)).unwrap().valid_until, end, "the policy ends before the key");
    assert_eq!(at(end), Err(Refusal::PolicyNotUsable(PolicyNotUsable::Ended { ended_at: end })));
}

#[test]
fn the_first_reason_in_order_is_given() {
    let s = Scenario::in_memory();
    let bank = s.active_partner("bank");
    let key = s.license_key(&bank, "x");
    s.onboarding.deactivate_license_key(&s.admin, key.view.row.key.id).unwrap();
    let late = BEGIN.plus_days(1_000);
    let at = |instant| s.onboarding.authenticate_at(key.key.reveal(), instant).unwrap().unwrap_err();
    assert_eq!(at(late), Refusal::Deactivated, "rather than expired");
    s.onboarding.deactivate_partner(&s.admin, &bank).unwrap();
    assert_eq!(at(late), Refusal::PartnerDeactivated, "rather than deactivated");
}

#[test]
fn codes_of_refusals_are_distinct() {
    let refusals = [
        Refusal::Malformed(MalformedKey::Prefix),
        Refusal::Unknown,
        Refusal::PartnerDeactivated,
        Refusal::Deactivated,
        Refusal::Replaced { since: BEGIN },
        Refusal::Expired { expired_at: BEGIN },
        Refusal::PartnerInactive,
        Refusal::PolicyNotUsable(PolicyNotUsable::LinkNotApproved),
    ];
    let codes: std::collections::HashSet<_> = refusals.iter().map(Refusal::code).collect();
    assert_eq!(codes.len(), refusals.len());
}

#[test]
fn keys_made_under_a_pepper_are_unknown_without_it() {
    let store = Arc::new(MemoryStore::new());
    let s = Scenario::new(store.clone());
    let bank = s.active_partner("bank");
    let pepper = Pepper::new(vec![7; 32]).unwrap();
    let peppered = Onboarding::builder(store.clone()).pepper(&pepper).clock(s.clock.clone()).build().unwrap();
    let key = peppered.generate_license_key(&s.admin, &generate(&bank, "x")).unwrap();
    assert!(peppered.authenticate(key.key.reveal()).unwrap().is_ok());
    assert_eq!(s.onboarding.authenticate(key.key.reveal()).unwrap(), Err(Refusal::Unknown));
    let plain = s.license_key(&bank, "y");
    assert_eq!(peppered.authenticate(plain.key.reveal()).unwrap(), Err(Refusal::Unknown));
}

#[test]
fn a_key_with_its_own_generator_is_the_same_each_time_the_generator_is() {
    // Predictable on purpose, to see that it is the one used.
    let store = Arc::new(MemoryStore::new());
    let s = Scenario::new(store.clone());
    let bank = s.active_partner("bank");
    let make = |name: &str, first_id: u8| {
        let random = SameKey { next_id: first_id };
        let onboarding =
            Onboarding::builder(store.clone()).random(random).clock(s.clock.clone()).build().unwrap();
        let command = GenerateLicenseKey { validity: Validity::Default, ..generate(&bank, name) };
        onboarding.generate_license_key(&s.admin, &command)
    };
    assert!(make("one", 0).is_ok());
    // The same key again is a duplicate digest: never two records for one key.
    let error = make("two", 100).unwrap_err();
    assert_eq!(error.code(), "store.conflict", "{error}");
}

/// A generator of one license key for ever; the identifiers, which take 10 bytes each, differ.
struct SameKey {
    next_id: u8,
}

impl rand_core::TryRng for SameKey {
    type Error = std::convert::Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Self::Error> {
        Ok(0)
    }

    fn try_next_u64(&mut self) -> Result<u64, Self::Error> {
        Ok(0)
    }

    fn try_fill_bytes(&mut self, bytes: &mut [u8]) -> Result<(), Self::Error> {
        if bytes.len() == 10 {
            bytes.fill(self.next_id);
            self.next_id += 1;
        } else {
            bytes.fill(7);
        }
        Ok(())
    }
}

impl rand_core::TryCryptoRng for SameKey {}

fn getrandom_rng() -> getrandom::SysRng {
    getrandom::SysRng
}

#[derive(Default)]
struct CountedClock(AtomicU32);

impl Clock for CountedClock {
    fn now(&self) -> Timestamp {
        self.0.fetch_add(1, Ordering::Relaxed);
        BEGIN
    }
}

#[test]
fn the_clock_is_read_once_for_a_key_and_never_for_what_is_none() {
    let clock = Arc::new(CountedClock::default());
    let onboarding =
        Onboarding::builder(Arc::new(MemoryStore::new())).clock(Arc::clone(&clock) as _).build().unwrap();
    let reads = || clock.0.swap(0, Ordering::Relaxed);
    let key = "x".repeat(50);
    for (malformed, found) in [(&key[1..], 49), ("", 0)] {
        let refused = Err(Refusal::Malformed(MalformedKey::Length { found }));
        assert_eq!(onboarding.authenticate(malformed).unwrap(), refused);
        assert_eq!(reads(), 0, "{malformed:?}");
    }
    assert_eq!(onboarding.authenticate(&key).unwrap(), Err(Refusal::Unknown));
    assert_eq!(reads(), 1);
    assert_eq!(onboarding.authenticate_at(&key, BEGIN).unwrap(), Err(Refusal::Unknown));
    assert_eq!(reads(), 0, "the instant was given");
}

/// Imports a key of 50 characters that ends in `suffix`, and gives it back.
fn import(
    s: &Scenario,
    partner: &misp_onboarding::partner::PartnerId,
    suffix: &str,
    policy: Option<misp_onboarding::id::PolicyId>,
    expires_at: Timestamp,
) -> String {
    let text = format!("{suffix:0>50}");
    let key = ImportLicenseKey {
        key: text.parse().unwrap(),
        partner: partner.clone(),
        policy,
        name: format!("imported {suffix}"),
        expires_at,
    };
    s.onboarding.import_license_keys(&s.admin, &[key]).unwrap();
    text
}
