//! What is ready for each license key's verdict, by digest.

use std::borrow::Borrow;
use std::collections::HashSet;
use std::hash::{BuildHasherDefault, Hash, Hasher};

use super::tables::State;
use crate::license_key::{AuthenticationPolicy, AuthenticationRecord, LicenseKeyDigest, LicenseKeyRecord};
use crate::policy_link::PolicyLinkState;

/// The finished answers of `find_by_digest`.
///
/// The records lie in the set itself, side by side: among a million keys each pointer that is followed to somewhere else
/// costs as much as everything else that a verdict takes.
pub(super) type Authentications = HashSet<Authentication, BuildHasherDefault<FirstBytes>>;

/// A record that is found by its digest. Where it begins, a line of the processor's cache begins, so that it lies in four
/// of them and never across five.
#[derive(Debug)]
#[repr(align(64))]
pub(super) struct Authentication(pub(super) AuthenticationRecord);

impl Borrow<LicenseKeyDigest> for Authentication {
    fn borrow(&self) -> &LicenseKeyDigest {
        &self.0.digest
    }
}

impl PartialEq for Authentication {
    fn eq(&self, other: &Self) -> bool {
        self.0.digest == other.0.digest
    }
}

impl Eq for Authentication {}

impl Hash for Authentication {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.digest.hash(state);
    }
}

/// Hashes a digest as its own first eight bytes: all its bytes are as good as random already.
#[derive(Debug, Default)]
pub(super) struct FirstBytes(u64);

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

impl State {
    /// Puts together what the verdict on a key needs, from the records as they are now.
    pub(super) fn authentication(&self, key: &LicenseKeyRecord) -> Option<AuthenticationRecord> {
        let partner = &self.partners.get(&key.partner)?.record;
        Some(AuthenticationRecord {
            key_id: key.id,
            digest: key.digest,
            name: key.name.clone(),
            state: key.state,
            expires_at: key.expires_at,
            overlap_ends_at: key.overlap_ends_at,
            partner: partner.id.clone(),
            organization: partner.organization.clone(),
            partner_state: partner.state,
            policy: self.authentication_policy(key),
        })
    }

    fn authentication_policy(&self, key: &LicenseKeyRecord) -> Option<AuthenticationPolicy> {
        let policy = &self.policies.get(&key.policy?)?.record;
        let group = &self.groups.get(&policy.group)?.record;
        let link = self.open_links.get(&(key.partner.clone(), policy.id)).and_then(|id| self.links.get(id));
        Some(AuthenticationPolicy {
            id: policy.id,
            permissions: policy.document.permissions(),
            state: policy.state,
            valid_until: policy.valid_until,
            group_state: group.state,
            link_approved: link.is_some_and(|link| link.record.state == PolicyLinkState::Approved),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::hash::BuildHasher;

    #[test]
    fn a_record_lies_in_four_lines_of_the_cache() {
        assert_eq!((size_of::<Authentication>(), align_of::<Authentication>()), (256, 64));
    }

    #[test]
    fn a_digest_hashes_as_its_first_eight_bytes() {
        let digest = LicenseKeyDigest::from_bytes(std::array::from_fn(|index| index as u8 + 1));
        let hash = BuildHasherDefault::<FirstBytes>::default().hash_one(digest);
        assert_eq!(hash.to_le_bytes(), [1, 2, 3, 4, 5, 6, 7, 8]);
    }
}
