//! A store does the same as the simplest store one can write, whatever it is asked.

use std::collections::BTreeMap;

use misp_onboarding::event::EventKind;
use misp_onboarding::id::{PartnerCertificateId, Version};
use misp_onboarding::license_key::{LicenseKeyRecord, LicenseKeyState};
use misp_onboarding::partner::{Partner, PartnerState};
use misp_onboarding::policy::{Policy, PolicyGroup, PolicyGroupState, PolicyState};
use misp_onboarding::policy_link::{PolicyLink, PolicyLinkState};
use misp_onboarding::store::{Change, ChangeSet, Record, RecordId, Store, StoreError};
use misp_onboarding::text::fold_case;
use misp_onboarding::trust_store::{CaCertificate, CaState};

use super::authentication::expected_for;
use crate::conformance::check::{Failure, Verdict, equal, holds};
use crate::conformance::list::{
    CaCertificates, LicenseKeys, Partners, Policies, PolicyGroups, PolicyLinks, every_order,
};
use crate::conformance::samples::{self, InState, after, literal, partner_id, set_version};
use crate::conformance::snapshot::{events, stored};
use crate::conformance::world::World;

/// So many change sets are tried.
const STEPS: u32 = 1_500;
/// After so many, everything that the store holds is looked at.
const LOOK_EVERY: u32 = 75;

pub(crate) fn random_change_sets_do_what_a_simple_store_does(store: &dyn Store) -> Verdict {
    let mut chance = Chance(1);
    let mut model = Model::default();
    let (mut done, mut refused) = (0_usize, 0_usize);
    for step in 1..=STEPS {
        let changes = model.some_changes(&mut chance);
        let after = model.after(&changes, Reference::Immediate);
        if after.is_some() != model.after(&changes, Reference::Deferred).is_some() {
            // Names a record that comes later in the change set: a store may take that or not.
            continue;
        }
        let answer = store.commit(&changes);
        match (answer, after) {
            (Ok(()), Some(after)) => {
                model = after;
                done += 1;
            }
            (
                Err(
                    StoreError::Duplicate { .. }
                    | StoreError::Conflict { .. }
                    | StoreError::MissingReference { .. },
                ),
                None,
            ) => refused += 1,
            (Ok(()), None) => {
                return Err(Failure::new(format!("step {step} must be refused, is done: {changes:?}")));
            }
            (Err(error), _) => {
                return Err(Failure::new(format!(
                    "step {step} must not end in the error {error}: {changes:?}"
                )));
            }
        }
        if step % LOOK_EVERY == 0 {
            model.is_what_is_stored(store)?;
        }
    }
    equal("events, one of each change set that was done", events(store)?.len(), done)?;
    holds(
        format_args!("of the suite's own change sets enough are done ({done}) and refused ({refused})"),
        done >= 150 && refused >= 150,
    )
}

/// Numbers that look random and are the same every time.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: u32) -> u32 {
        // Knuth's MMIX generator; the upper bits are the random ones.
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as u32 % end
    }

    fn one_in(&mut self, times: u32) -> bool {
        self.below(times) == 0
    }

    fn of<T: Copy>(&mut self, values: &[T]) -> T {
        values[self.below(values.len() as u32) as usize]
    }

    fn maybe<T>(&mut self, value: impl FnOnce(&mut Self) -> T) -> Option<T> {
        (!self.one_in(3)).then(|| value(self))
    }
}

/// When a reference must be there.
#[derive(Clone, Copy, PartialEq)]
enum Reference {
    /// As soon as the record is.
    Immediate,
    /// Once the change set is through.
    Deferred,
}

/// Every record, by its id, and nothing else.
#[derive(Clone, Default)]
struct Model {
    records: BTreeMap<RecordId, Record>,
}

impl Model {
    /// What is there after a change set; none where it must be refused.
    fn after(&self, changes: &ChangeSet, references: Reference) -> Option<Self> {
        let mut after = self.clone();
        for change in &changes.changes {
            let there = |id: &RecordId| after.records.get(id).map(Record::version);
            let record = match change {
                Change::Insert(record) if there(&record.record_id()).is_none() => record,
                Change::Update(record)
                    if there(&record.record_id()).map(Version::next) == Some(record.version()) =>
                {
                    record
                }
                Change::Expect(id, version) if there(id) == Some(*version) => continue,
                _ => return None,
            };
            after.records.insert(record.record_id(), record.clone());
            if after.records.values().any(|other| clash(record, other)) {
                return None;
            }
            let due = |(_, due): &(RecordId, Reference)| *due == references;
            if references == Reference::Immediate
                && !after.holds_all(named_by(record).into_iter().filter(due))
            {
                return None;
            }
        }
        let named = after.records.values().flat_map(named_by).collect::<Vec<_>>();
        after.holds_all(named.into_iter()).then_some(after)
    }

    fn holds_all(&self, mut named: impl Iterator<Item = (RecordId, Reference)>) -> bool {
        named.all(|(id, _)| self.records.contains_key(&id))
    }

    fn is_what_is_stored(&self, store: &dyn Store) -> Verdict {
        for (id, record) in &self.records {
            equal(id, stored(store, id)?.as_ref(), Some(record))?;
        }
        let world = World::of(self.records.values());
        every_order::<Partners>(store, &world.partner_rows())?;
        every_order::<CaCertificates>(store, &world.cas)?;
        every_order::<PolicyGroups>(store, &world.groups)?;
        every_order::<Policies>(store, &world.policy_rows())?;
        every_order::<PolicyLinks>(store, &world.link_rows())?;
        every_order::<LicenseKeys>(store, &world.key_rows())?;
        for number in 0..DIGESTS {
            let digest = samples::digest(number);
            let key = world.keys.iter().find(|key| key.digest == digest);
            let wanted = key.and_then(|key| expected_for(&world, key));
            let found = store.find_by_digest(&digest)?.map(|found| (*found).clone());
            equal(format_args!("digest {number}"), found, wanted)?;
        }
        Ok(())
    }

    /// One to three changes, most of them possible.
    fn some_changes(&self, chance: &mut Chance) -> ChangeSet {
        let mut changes = ChangeSet::new();
        let mut versions: BTreeMap<RecordId, Version> =
            self.records.iter().map(|(id, record)| (id.clone(), record.version())).collect();
        for _ in 0..=chance.below(3) {
            let mut record = some_record(chance);
            let id = record.record_id();
            let next = versions.get(&id).copied().map_or(Version::FIRST, Version::next);
            if chance.one_in(12) {
                let number = next.number() + chance.below(2);
                changes.expect(id, Version::new(number.saturating_sub(1)));
                continue;
            }
            let version = if chance.one_in(30) { next.next() } else { next };
            set_version(&mut record, version);
            versions.insert(id, version);
            if next == Version::FIRST {
                changes.insert(record)
            } else {
                changes.update(record)
            };
        }
        changes.event(samples::event(EventKind::PartnerUpdated, RecordId::Partner(partner_id("one"))));
        changes
    }
}

/// Whether two records of different ids cannot both be there.
fn clash(one: &Record, other: &Record) -> bool {
    let same = |one: &str, other: &str| fold_case(one) == fold_case(other);
    if one.record_id() == other.record_id() {
        return false;
    }
    match (one, other) {
        (Record::CaCertificate(one), Record::CaCertificate(other)) => {
            one.domain == other.domain && one.fingerprint == other.fingerprint
        }
        (Record::Partner(one), Record::Partner(other)) => {
            same(one.id.as_str(), other.id.as_str()) || same(one.email.as_str(), other.email.as_str())
        }
        (Record::PolicyGroup(one), Record::PolicyGroup(other)) => {
            same(one.name.as_str(), other.name.as_str())
        }
        (Record::Policy(one), Record::Policy(other)) => {
            one.group == other.group && same(one.name.as_str(), other.name.as_str())
        }
        (Record::PolicyLink(one), Record::PolicyLink(other)) => {
            let open = |link: &PolicyLink| link.state != PolicyLinkState::Rejected;
            open(one) && open(other) && one.partner == other.partner && one.policy == other.policy
        }
        (Record::LicenseKey(one), Record::LicenseKey(other)) => {
            let live = |key: &LicenseKeyRecord| key.state == LicenseKeyState::Active;
            let same_name = one.partner == other.partner && same(one.name.as_str(), other.name.as_str());
            one.digest == other.digest || live(one) && live(other) && same_name
        }
        _ => false,
    }
}

/// The records that a record names.
fn named_by(record: &Record) -> Vec<(RecordId, Reference)> {
    let now = |id| (id, Reference::Immediate);
    let later = |id| (id, Reference::Deferred);
    match record {
        Record::CaCertificate(record) => vec![now(RecordId::TrustDomain(record.domain.clone()))],
        Record::Partner(record) => {
            let group = record.policy_group.map(RecordId::PolicyGroup).map(now);
            let certificate = record.certificate.map(RecordId::PartnerCertificate).map(later);
            group.into_iter().chain(certificate).collect()
        }
        Record::PartnerCertificate(record) => vec![now(RecordId::Partner(record.partner.clone()))],
        Record::Policy(record) => vec![now(RecordId::PolicyGroup(record.group))],
        Record::PolicyLink(record) => {
            vec![now(RecordId::Partner(record.partner.clone())), now(RecordId::Policy(record.policy))]
        }
        Record::LicenseKey(record) => {
            let policy = record.policy.map(RecordId::Policy).map(now);
            let keys = record.replaces.into_iter().chain(record.replaced_by);
            let named = policy.into_iter().chain(keys.map(RecordId::LicenseKey).map(later));
            [now(RecordId::Partner(record.partner.clone()))].into_iter().chain(named).collect()
        }
        _ => Vec::new(),
    }
}

const PARTNERS: [&str; 6] = ["one", "ONE", "two", "Straße", "STRASSE", "three"];
const NAMES: [&str; 6] = ["one", "ONE", "two", "Straße", "strasse", "~"];
const DIGESTS: u32 = 14;

/// A record of a small world, in which most records name others that are there and some take names of others.
fn some_record(chance: &mut Chance) -> Record {
    let number = chance.below(6);
    let partner = chance.of(&PARTNERS);
    match chance.below(14) {
        0 => samples::trust_domain(chance.of(&["AUTH", "DEVICE"])).into(),
        1 => CaCertificate {
            domain: literal(chance.of(&["AUTH", "DEVICE"])),
            fingerprint: samples::fingerprint(chance.below(8)),
            subject: chance.of(&NAMES).to_owned(),
            not_after: after(i64::from(chance.below(3))),
            ..samples::ca_certificate(number)
        }
        .in_state(chance.of(CaState::ALL))
        .into(),
        2 | 3 => PolicyGroup {
            state: chance.of(PolicyGroupState::ALL),
            ..samples::policy_group(number, chance.of(&NAMES))
        }
        .into(),
        4 | 5 => Policy {
            valid_until: chance.maybe(|chance| after(i64::from(chance.below(3)))),
            ..samples::policy(number, chance.below(6), chance.of(&NAMES))
        }
        .in_state(chance.of(PolicyState::ALL))
        .into(),
        6..=8 => {
            let (state, certificate) = partner_state(chance);
            Partner {
                organization: literal(chance.of(&NAMES)),
                email: literal(&format!("{}@example.org", chance.of(&["a", "b", "ß", "SS", "c", "d"]))),
                policy_group: chance.maybe(|chance| samples::policy_group_id(chance.below(6))),
                state,
                certificate,
                ..samples::partner(partner)
            }
            .into()
        }
        9 => {
            let mut certificate = samples::partner_certificate(number % 4, partner);
            certificate.not_after = after(i64::from(chance.below(5)));
            certificate.into()
        }
        10 | 11 => PolicyLink {
            requested_at: after(i64::from(chance.below(3))),
            ..samples::policy_link(number, partner, chance.below(6))
        }
        .in_state(chance.of(PolicyLinkState::ALL))
        .into(),
        _ => LicenseKeyRecord {
            policy: chance.maybe(|chance| samples::policy_id(chance.below(6))),
            name: literal(chance.of(&NAMES)),
            digest: samples::digest(chance.below(DIGESTS)),
            expires_at: after(i64::from(chance.below(3))),
            replaced_by: chance
                .maybe(|chance| samples::license_key_id(chance.below(8)))
                .filter(|_| chance.one_in(3)),
            ..samples::license_key(number, partner)
        }
        .in_state(chance.of(LicenseKeyState::ALL))
        .into(),
    }
}

/// A state of a partner, and whether it has a certificate in it: an active one has, an inactive one has not.
fn partner_state(chance: &mut Chance) -> (PartnerState, Option<PartnerCertificateId>) {
    let certificate = samples::partner_certificate_id(chance.below(4));
    match chance.of(PartnerState::ALL) {
        state @ PartnerState::Inactive => (state, None),
        state @ PartnerState::Active => (state, Some(certificate)),
        state @ PartnerState::Deactivated => (state, chance.one_in(2).then_some(certificate)),
    }
}
