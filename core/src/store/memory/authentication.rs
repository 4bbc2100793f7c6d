//! What is ready for each license key's verdict, by digest.

use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hash, Hasher};
use std::sync::Arc;

use super::tables::State;
use crate::license_key::{AuthenticationPolicy, AuthenticationRecord, LicenseKeyDigest, LicenseKeyRecord};
use crate::policy_link::PolicyLinkState;

/// The finished answers of `find_by_digest`.
pub(super) type Authentications =
    HashMap<DigestKey, Arc<AuthenticationRecord>, BuildHasherDefault<FirstBytes>>;

/// A digest that hashes as its own first eight bytes: all its bytes are as good as random already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct DigestKey(pub(super) LicenseKeyDigest);

impl Hash for DigestKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        let [a, b, c, d, e, f, g, h, ..] = *self.0.as_bytes();
        state.write_u64(u64::from_le_bytes([a, b, c, d, e, f, g, h]));
    }
}

/// Gives back the number that a [`DigestKey`] writes.
#[derive(Debug, Default)]
pub(super) struct FirstBytes(u64);

impl Hasher for FirstBytes {
    fn write(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = self.0.rotate_left(8) ^ u64::from(*byte);
        }
    }

    fn write_u64(&mut self, number: u64) {
        self.0 = number;
    }

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
            partner: key.partner.clone(),
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
    fn a_digest_hashes_as_its_first_eight_bytes() {
        let digest = LicenseKeyDigest::from_bytes(std::array::from_fn(|index| index as u8 + 1));
        let hash = BuildHasherDefault::<FirstBytes>::default().hash_one(DigestKey(digest));
        assert_eq!(hash.to_le_bytes(), [1, 2, 3, 4, 5, 6, 7, 8]);
    }
}
