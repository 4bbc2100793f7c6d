//! What the verdict on each license key is put together from.

use std::borrow::Borrow;
use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hash, Hasher};

use super::tables::State;
use crate::Timestamp;
use crate::id::{LicenseKeyId, PolicyId};
use crate::license_key::{
    AuthenticationFacts, AuthenticationPolicy, LicenseKeyDigest, LicenseKeyName, LicenseKeyRecord,
    LicenseKeyState,
};
use crate::partner::{OrganizationName, Partner, PartnerId, PartnerState};
use crate::policy::{PolicyGroupState, PolicyPermissions, PolicyState};
use crate::policy_link::PolicyLinkState;

/// What verdicts are put together from.
///
/// Among a million keys, each place in memory that is read costs as much as all else that a verdict takes. So what is a
/// key's own lies in the set itself, and takes little room; what keys share is there once, at a place that they know.
#[derive(Debug, Default)]
pub(super) struct Authentications {
    keys: HashSet<OfKey, BuildHasherDefault<FirstBytes>>,
    partners: Places<PartnerId, OfPartner>,
    policies: Places<PolicyId, OfPolicy>,
}

/// What is a key's own. Where it begins, a line of the processor's cache begins, so that it lies in two of them and never
/// across three.
#[derive(Debug)]
#[repr(align(64))]
struct OfKey {
    digest: LicenseKeyDigest,
    id: LicenseKeyId,
    name: LicenseKeyName,
    state: LicenseKeyState,
    expires_at: Timestamp,
    overlap_ends_at: Option<Timestamp>,
    partner: usize,
    /// With whether the partner has an approved link to it.
    policy: Option<(usize, bool)>,
}

#[derive(Debug)]
struct OfPartner {
    id: PartnerId,
    organization: OrganizationName,
    state: PartnerState,
}

#[derive(Debug)]
struct OfPolicy {
    id: PolicyId,
    permissions: PolicyPermissions,
    state: PolicyState,
    valid_until: Option<Timestamp>,
    group_state: PolicyGroupState,
}

/// Values that stay where they are: whoever refers to one needs no search. None is ever taken out: that of a record whose
/// commit was taken back is there for nobody, until the same record comes again.
#[derive(Debug)]
struct Places<I, V> {
    places: HashMap<I, usize>,
    values: Vec<V>,
}

impl<I, V> Default for Places<I, V> {
    fn default() -> Self {
        Self { places: HashMap::new(), values: Vec::new() }
    }
}

impl<I: Eq + Hash, V> Places<I, V> {
    /// Puts a value in, or in place of the one before.
    fn set(&mut self, id: I, value: V) {
        match self.places.get(&id).and_then(|place| self.values.get_mut(*place)) {
            Some(kept) => *kept = value,
            None => {
                self.values.push(value);
                self.places.insert(id, self.values.len() - 1);
            }
        }
    }

    fn place(&self, id: &I) -> Option<usize> {
        self.places.get(id).copied()
    }
}

impl Borrow<LicenseKeyDigest> for OfKey {
    fn borrow(&self) -> &LicenseKeyDigest {
        &self.digest
    }
}

impl PartialEq for OfKey {
    fn eq(&self, other: &Self) -> bool {
        self.digest == other.digest
    }
}

impl Eq for OfKey {}

impl Hash for OfKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.digest.hash(state);
    }
}

/// Hashes a digest as its own first eight bytes: all its bytes are as good as random already.
#[derive(Debug, Default)]
struct FirstBytes(u64);

impl Hasher for FirstBytes {
    fn write(&mut self, bytes: &[u8]) {
        if let Some(first) = bytes.first_chunk() {
            self.0 = u64::from_le_bytes(*first);
        }
    }

    /// The length that is written before the digest's bytes is the same for all.
    fn write_usize(&mut self, _: usize) {}

    fn finish(&self) -> u64 {
        self.0
    }
}

impl Authentications {
    /// The key with this digest.
    pub(super) fn key(&self, digest: &LicenseKeyDigest) -> Option<LicenseKeyId> {
        self.keys.get(digest).map(|key| key.id)
    }

    /// Everything that the verdict on the key with this digest needs.
    pub(super) fn find(&self, digest: &LicenseKeyDigest) -> Option<AuthenticationFacts<'_>> {
        let key = self.keys.get(digest)?;
        let partner = self.partners.values.get(key.partner)?;
        // A policy that is not there makes the key unknown, and never a key without a policy.
        let policy = match key.policy {
            None => None,
            Some((place, link_approved)) => {
                let OfPolicy { id, permissions, state, valid_until, group_state } =
                    *self.policies.values.get(place)?;
                Some(AuthenticationPolicy { id, permissions, state, valid_until, group_state, link_approved })
            }
        };
        Some(AuthenticationFacts {
            key_id: key.id,
            digest: &key.digest,
            name: &key.name,
            state: key.state,
            expires_at: key.expires_at,
            overlap_ends_at: key.overlap_ends_at,
            partner: &partner.id,
            organization: &partner.organization,
            partner_state: partner.state,
            policy,
        })
    }

    /// To be called when a key is taken out.
    pub(super) fn remove_key(&mut self, digest: &LicenseKeyDigest) {
        self.keys.remove(digest);
    }

    /// To be called when a partner is put in or exchanged.
    pub(super) fn set_partner(&mut self, partner: &Partner) {
        let Partner { id, organization, state, .. } = partner;
        let shared = OfPartner { id: id.clone(), organization: organization.clone(), state: *state };
        self.partners.set(id.clone(), shared);
    }
}

impl State {
    /// To be called when a policy is put in or exchanged, or its group is.
    pub(super) fn authenticate_by_policy(&mut self, id: PolicyId) {
        let Some(policy) = self.policies.get(&id).map(|entry| &entry.record) else { return };
        let Some(group) = self.groups.get(&policy.group).map(|entry| &entry.record) else { return };
        let shared = OfPolicy {
            id,
            permissions: policy.document.permissions(),
            state: policy.state,
            valid_until: policy.valid_until,
            group_state: group.state,
        };
        self.authentications.policies.set(id, shared);
    }

    /// To be called when a key is put in or exchanged, or its partner's link to its policy is.
    pub(super) fn authenticate_by_key(&mut self, id: LicenseKeyId) {
        if let Some(key) = self.keys.get(&id).and_then(|entry| self.own_of(&entry.record)) {
            self.authentications.keys.replace(key);
        }
    }

    /// None where partner or policy have never been there, which a commit refuses.
    fn own_of(&self, key: &LicenseKeyRecord) -> Option<OfKey> {
        let policy = match key.policy {
            None => None,
            Some(id) => Some((self.authentications.policies.place(&id)?, self.has_approved_link(key, id))),
        };
        Some(OfKey {
            digest: key.digest,
            id: key.id,
            name: key.name.clone(),
            state: key.state,
            expires_at: key.expires_at,
            overlap_ends_at: key.overlap_ends_at,
            partner: self.authentications.partners.place(&key.partner)?,
            policy,
        })
    }

    fn has_approved_link(&self, key: &LicenseKeyRecord, policy: PolicyId) -> bool {
        let link = self.open_links.get(&(key.partner.clone(), policy)).and_then(|id| self.links.get(id));
        link.is_some_and(|link| link.record.state == PolicyLinkState::Approved)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::hash::BuildHasher;

    #[test]
    fn what_is_a_keys_own_lies_in_two_lines_of_the_cache() {
        assert_eq!((size_of::<OfKey>(), align_of::<OfKey>()), (128, 64));
    }

    #[test]
    fn a_value_put_in_place_of_another_is_found_where_that_was() {
        let mut places = Places::default();
        places.set("a", 1);
        places.set("b", 2);
        let at = |places: &Places<_, _>, id| places.place(&id).map(|place| (place, places.values[place]));
        assert_eq!(
            (at(&places, "a"), at(&places, "b"), at(&places, "c")),
            (Some((0, 1)), Some((1, 2)), None)
        );
        places.set("a", 3);
        assert_eq!(
            (at(&places, "a"), at(&places, "b"), places.values.len()),
            (Some((0, 3)), Some((1, 2)), 2)
        );
    }

    #[test]
    fn a_digest_hashes_as_its_first_eight_bytes() {
        let digest = LicenseKeyDigest::from_bytes(std::array::from_fn(|index| index as u8 + 1));
        let hash = BuildHasherDefault::<FirstBytes>::default().hash_one(digest);
        assert_eq!(hash.to_le_bytes(), [1, 2, 3, 4, 5, 6, 7, 8]);
    }
}
