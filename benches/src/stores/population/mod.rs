//! Who is in the stores that are measured: partners, policies and license keys as a country might have them.
//!
//! Everything follows from a number, so that every store holds the same records and nothing has to be kept to know
//! them. One partner, its group, its policy and its twelve keys share their names with nobody, and are among the
//! first thousand keys of every population: so a filter for them finds the same in a small store and in a large one.

mod load;
pub mod names;
mod parents;
mod random;

use misp_onboarding::Timestamp;
use misp_onboarding::id::{LicenseKeyId, Version};
use misp_onboarding::license_key::{
    KeyHasher, LicenseKey, LicenseKeyName, LicenseKeyOrigin, LicenseKeyRecord, LicenseKeyState,
};
use misp_onboarding::partner::PartnerState;

pub use load::Writing;
use names::{RARE_KEY, STAGE, SYSTEM};
pub use parents::{
    BIG_PARTNER, MAX_PARTNERS, RARE_PARTNER, group_id, group_of_policy, partner_id, policies_of, policy_id,
    state_of,
};
use random::Sequence;

/// Changes with what the records are, so that a store filled by another version of this program is not taken.
pub const POPULATION_VERSION: u32 = 2;

/// When the first record was made: 2023-01-15T12:00:00Z.
pub const BEGIN: Timestamp = Timestamp::from_unix_seconds(1_673_784_000);
/// When stores are measured, three years later; whatever was made from then on was made while measuring.
pub const NOW: Timestamp = BEGIN.plus_days(3 * 365);
/// Partners come before keys.
const KEYS_BEGIN: Timestamp = BEGIN.plus_days(30);

/// Every 17th key was replaced by the next one.
const PAIR: u32 = 17;
/// One key in so many is the big partner's.
const BIG_SHARE: u32 = 50;
/// Keys of the rare partner, and their places.
const RARE_KEYS: u32 = 12;
const RARE_FIRST: u32 = 40;
const RARE_EVERY: u32 = 80;

/// The purposes that sequences of numbers have.
mod purpose {
    pub(super) const GROUP: u64 = 1;
    pub(super) const POLICY: u64 = 2;
    pub(super) const CERTIFICATE: u64 = 3;
    pub(super) const LINKS: u64 = 4;
    pub(super) const LINK: u64 = 5;
    pub(super) const KEY: u64 = 6;
    pub(super) const SECRET: u64 = 7;
    pub(super) const OWNER: u64 = 8;
    pub(super) const ID: u64 = 9;
}

/// How many license keys there are, and how many partners they are spread over.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Population {
    /// License keys.
    pub keys: u32,
    /// Partners.
    pub partners: u32,
}

impl Population {
    /// The key's text. Most keys were generated; one in ten was imported from MOSIP.
    pub fn license_key(number: u32) -> LicenseKey {
        let mut random = Sequence::of(purpose::SECRET, number);
        if Self::origin(number) == LicenseKeyOrigin::Generated {
            let Ok(key) = LicenseKey::generate(&mut random);
            return key;
        }
        const ALPHABET: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
        let text: String = (0..50).map(|_| char::from(random.one_of(ALPHABET))).collect();
        #[expect(clippy::expect_used, reason = "50 letters and digits are one of MOSIP's keys")]
        LicenseKey::parse(&text).expect("a key")
    }

    fn origin(number: u32) -> LicenseKeyOrigin {
        match number % 10 {
            3 => LicenseKeyOrigin::Imported,
            _ => LicenseKeyOrigin::Generated,
        }
    }

    /// The number of the partner whose key it is.
    pub fn owner(&self, key: u32) -> u32 {
        if is_rare(key) {
            return RARE_PARTNER;
        }
        let mut random = Sequence::of(purpose::OWNER, if is_second(key) { key - 1 } else { key });
        if random.below(BIG_SHARE) == 0 {
            return BIG_PARTNER;
        }
        let partner = BIG_PARTNER + 1 + random.below(self.partners - BIG_PARTNER - 2);
        // Who is not active yet has no key; its neighbor is.
        partner + u32::from(state_of(partner) == PartnerState::Inactive)
    }

    fn created(&self, key: u32) -> Timestamp {
        let span = NOW.since(KEYS_BEGIN);
        KEYS_BEGIN.plus(span / self.keys * key)
    }

    /// The id of a key.
    pub fn key_id(&self, key: u32) -> LicenseKeyId {
        LicenseKeyId::new(self.created(key), Sequence::of(purpose::ID, key).ten_bytes())
    }

    /// The record of a key.
    pub fn record(&self, key: u32) -> LicenseKeyRecord {
        let secret = Self::license_key(key);
        let owner = self.owner(key);
        let mut random = Sequence::of(purpose::KEY, if is_second(key) { key - 1 } else { key });
        let policies = policies_of(owner);
        let policy = random.one_of(&policies);
        let without_policy = random.below(10) == 0 && !is_rare(key);
        let name = match is_rare(key) {
            true => format!("{RARE_KEY} {key}"),
            false => format!("{} {} {key}", random.one_of(&STAGE), random.one_of(&SYSTEM)),
        };
        let origin = Self::origin(key);
        let created_at = self.created(key);
        let expires_at = match origin {
            // What was imported may have ended before.
            LicenseKeyOrigin::Imported => created_at.plus_days(i64::from(random.below(730)) - 365),
            LicenseKeyOrigin::Generated => {
                created_at.plus_days(random.one_of(&[30, 90, 90, 90, 90, 180, 365, 365, 1_825, 1_825]))
            }
        };
        let replaced = self.is_first(key);
        let deactivated = state_of(owner) == PartnerState::Deactivated
            || !replaced && random.below(11) == 0 && !is_rare(key);
        let state = match (deactivated, replaced) {
            (true, _) => LicenseKeyState::Deactivated,
            (false, true) => LicenseKeyState::Replaced,
            (false, false) => LicenseKeyState::Active,
        };
        LicenseKeyRecord {
            id: self.key_id(key),
            partner: partner_id(owner),
            policy: (!without_policy).then(|| policy_id(policy)),
            name: LicenseKeyName::from_stored(name),
            digest: secret.digest(&KeyHasher::sha256()),
            last4: secret.last4().to_owned(),
            state,
            origin,
            created_at,
            created_by: misp_onboarding::id::ActorId::from_stored("ana.admin"),
            expires_at,
            overlap_ends_at: replaced.then(|| self.created(key + 1).plus_days(7).min(expires_at)),
            deactivated_at: deactivated.then(|| created_at.plus_days(20).min(NOW)),
            replaces: is_second(key).then(|| self.key_id(key - 1)),
            replaced_by: replaced.then(|| self.key_id(key + 1)),
            version: if replaced { Version::FIRST.next() } else { Version::FIRST },
        }
    }

    /// The record of a key as it was made: of one that was replaced, as it was before.
    fn record_as_made(&self, key: u32) -> LicenseKeyRecord {
        let record = self.record(key);
        if record.replaced_by.is_none() {
            return record;
        }
        LicenseKeyRecord {
            state: LicenseKeyState::Active,
            overlap_ends_at: None,
            deactivated_at: None,
            replaced_by: None,
            version: Version::FIRST,
            ..record
        }
    }

    /// Numbers of keys that authenticate at [`NOW`] and for a day after, scattered over the whole population.
    pub fn good_keys(&self) -> impl Iterator<Item = u32> {
        let population = *self;
        // A step that shares no factor with the number of keys visits each once.
        let step =
            (0..).map(|more| 777_767 + more).find(|step| gcd(*step, population.keys) == 1).unwrap_or(1);
        (0..population.keys)
            .map(move |place| (u64::from(place) * u64::from(step) % u64::from(population.keys)) as u32)
            .filter(move |key| population.is_good(*key))
    }

    fn is_good(&self, key: u32) -> bool {
        let record = self.record(key);
        record.state == LicenseKeyState::Active && record.expires_at > NOW.plus_days(1)
    }

    /// Whether the key was replaced by the next one.
    fn is_first(&self, key: u32) -> bool {
        key.is_multiple_of(PAIR) && !is_rare(key) && !is_rare(key + 1) && key + 1 < self.keys
    }
}

/// Whether the key was made in place of the one before.
fn is_second(key: u32) -> bool {
    key % PAIR == 1 && !is_rare(key) && !is_rare(key - 1)
}

fn is_rare(key: u32) -> bool {
    key >= RARE_FIRST
        && (key - RARE_FIRST).is_multiple_of(RARE_EVERY)
        && key < RARE_FIRST + RARE_EVERY * RARE_KEYS
}

const fn gcd(one: u32, other: u32) -> u32 {
    if other == 0 { one } else { gcd(other, one % other) }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use misp_onboarding::text::Substring;

    use super::*;

    const POPULATION: Population = Population { keys: 5_000, partners: 400 };

    fn records() -> Vec<LicenseKeyRecord> {
        (0..POPULATION.keys).map(|key| POPULATION.record(key)).collect()
    }

    #[test]
    fn partners_keys_and_digests_are_all_different() {
        let partners: HashSet<_> = (0..MAX_PARTNERS).map(|partner| partner_id(partner).folded()).collect();
        assert_eq!(partners.len(), MAX_PARTNERS as usize);
        let records = records();
        assert_eq!(records.iter().map(|key| key.id).collect::<HashSet<_>>().len(), records.len());
        assert_eq!(records.iter().map(|key| key.digest).collect::<HashSet<_>>().len(), records.len());
    }

    #[test]
    fn a_replaced_key_and_the_one_in_its_place_know_each_other() {
        let records = records();
        let mut pairs = 0;
        for pair in records.windows(2) {
            assert_eq!(pair[0].replaced_by.is_some(), pair[1].replaces.is_some());
            if pair[0].replaced_by.is_some() {
                pairs += 1;
                assert_eq!((pair[0].replaced_by, pair[1].replaces), (Some(pair[1].id), Some(pair[0].id)));
                assert_eq!((&pair[0].partner, pair[0].policy), (&pair[1].partner, pair[1].policy));
            }
        }
        assert!(pairs > 200, "{pairs}");
    }

    #[test]
    fn the_rare_partner_has_its_keys_among_the_first_thousand() {
        let records = records();
        let rare: Vec<_> =
            (0..).zip(&records).filter(|(_, key)| key.partner == partner_id(RARE_PARTNER)).collect();
        assert_eq!(rare.len(), RARE_KEYS as usize);
        let name = Substring::parse(RARE_KEY).unwrap();
        assert!(rare.iter().all(|(place, key)| *place < 1_000 && name.is_in(&key.name.folded())));
        assert_eq!(records.iter().filter(|key| key.policy == Some(policy_id(0))).count(), RARE_KEYS as usize);
    }

    #[test]
    fn keys_that_are_called_good_are_and_come_once() {
        let good: Vec<_> = POPULATION.good_keys().collect();
        assert!(good.len() > 1_000, "{}", good.len());
        assert_eq!(good.iter().collect::<HashSet<_>>().len(), good.len());
        let records = records();
        let stands = |key: &u32| records[*key as usize].status(NOW);
        assert!(good.iter().all(|key| stands(key) == misp_onboarding::license_key::LicenseKeyStatus::Active));
    }

    #[test]
    fn every_key_has_a_partner_that_may_have_one() {
        for key in 0..POPULATION.keys {
            let owner = POPULATION.owner(key);
            assert!(
                owner < POPULATION.partners && state_of(owner) != PartnerState::Inactive,
                "{key}: {owner}"
            );
        }
    }
}
