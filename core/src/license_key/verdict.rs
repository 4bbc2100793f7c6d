//! The answer to the one question of every request: whose key is this, is it good right now, what does it allow?

use super::{LicenseKeyDigest, LicenseKeyName, LicenseKeyState, MalformedKey};
use crate::Timestamp;
use crate::id::{LicenseKeyId, PolicyId};
use crate::partner::{OrganizationName, PartnerId, PartnerState};
use crate::policy::{PolicyGroupState, PolicyPermissions, PolicyState};

/// Everything a verdict needs, as a store finds it in one read.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuthenticationRecord {
    /// The key's record.
    pub key_id: LicenseKeyId,
    /// The digest that the record was found by.
    pub digest: LicenseKeyDigest,
    /// The key's name.
    pub name: LicenseKeyName,
    /// What was last done to the key.
    pub state: LicenseKeyState,
    /// The first instant at which the key is not good any more.
    pub expires_at: Timestamp,
    /// Of a replaced key: the end of its overlap.
    pub overlap_ends_at: Option<Timestamp>,
    /// Whose key it is.
    pub partner: PartnerId,
    /// The partner's organization.
    pub organization: OrganizationName,
    /// Where the partner stands.
    pub partner_state: PartnerState,
    /// The key's policy, where it has one.
    pub policy: Option<AuthenticationPolicy>,
}

/// The same, lent by a store that has it at hand, so that nothing is copied but what goes into the verdict.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuthenticationFacts<'a> {
    /// The key's record.
    pub key_id: LicenseKeyId,
    /// The digest that the record was found by.
    pub digest: &'a LicenseKeyDigest,
    /// The key's name.
    pub name: &'a LicenseKeyName,
    /// What was last done to the key.
    pub state: LicenseKeyState,
    /// The first instant at which the key is not good any more.
    pub expires_at: Timestamp,
    /// Of a replaced key: the end of its overlap.
    pub overlap_ends_at: Option<Timestamp>,
    /// Whose key it is.
    pub partner: &'a PartnerId,
    /// The partner's organization.
    pub organization: &'a OrganizationName,
    /// Where the partner stands.
    pub partner_state: PartnerState,
    /// The key's policy, where it has one.
    pub policy: Option<AuthenticationPolicy>,
}

impl AuthenticationRecord {
    /// Lends it.
    pub fn facts(&self) -> AuthenticationFacts<'_> {
        AuthenticationFacts {
            key_id: self.key_id,
            digest: &self.digest,
            name: &self.name,
            state: self.state,
            expires_at: self.expires_at,
            overlap_ends_at: self.overlap_ends_at,
            partner: &self.partner,
            organization: &self.organization,
            partner_state: self.partner_state,
            policy: self.policy,
        }
    }
}

impl AuthenticationFacts<'_> {
    /// A copy to keep.
    pub fn to_record(&self) -> AuthenticationRecord {
        AuthenticationRecord {
            key_id: self.key_id,
            digest: *self.digest,
            name: self.name.clone(),
            state: self.state,
            expires_at: self.expires_at,
            overlap_ends_at: self.overlap_ends_at,
            partner: self.partner.clone(),
            organization: self.organization.clone(),
            partner_state: self.partner_state,
            policy: self.policy,
        }
    }
}

/// What a verdict needs to know of a key's policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuthenticationPolicy {
    /// The policy.
    pub id: PolicyId,
    /// What it allows.
    pub permissions: PolicyPermissions,
    /// Where it stands.
    pub state: PolicyState,
    /// The first instant at which it is not valid any more.
    pub valid_until: Option<Timestamp>,
    /// Where its group stands.
    pub group_state: PolicyGroupState,
    /// Whether the partner has an approved link to it.
    pub link_approved: bool,
}

/// A good key: whose it is and what it allows.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Authorization {
    /// The key's record.
    pub key_id: LicenseKeyId,
    /// The key's name.
    pub name: LicenseKeyName,
    /// Whose key it is.
    pub partner: PartnerId,
    /// The partner's organization.
    pub organization: OrganizationName,
    /// The policy and what it allows; none for a key without a policy.
    pub policy: Option<(PolicyId, PolicyPermissions)>,
    /// The first instant at which the key will not be good any more: the end of its validity, or of its overlap
    /// where it was replaced, or of its policy, whichever comes first.
    pub valid_until: Timestamp,
}

/// Why a key is not good. Exactly one reason, the first that holds in the order given here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, serde::Serialize)]
#[non_exhaustive]
#[serde(untagged)]
pub enum Refusal {
    /// The text is no license key; the store was not asked.
    #[error("the license key is malformed: {0}")]
    Malformed(MalformedKey),
    /// No such key.
    #[error("the license key is unknown")]
    Unknown,
    /// The partner was deactivated, and every key with it.
    #[error("the partner is deactivated")]
    PartnerDeactivated,
    /// The key was deactivated.
    #[error("the license key is deactivated")]
    Deactivated,
    /// The key was replaced and its overlap is over.
    #[error("the license key was replaced and is not good since {since}")]
    Replaced {
        /// The first instant at which it was not good any more.
        since: Timestamp,
    },
    /// The key's validity has ended.
    #[error("the license key expired at {expired_at}")]
    Expired {
        /// The first instant at which it was not good any more.
        expired_at: Timestamp,
    },
    /// The partner has no accepted certificate yet.
    #[error("the partner is not active yet")]
    PartnerInactive,
    /// The key's policy cannot be used.
    #[error("the license key's policy is not usable: {0}")]
    PolicyNotUsable(PolicyNotUsable),
}

impl Refusal {
    /// The reason's stable code.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Malformed(_) => "authenticate.malformed",
            Self::Unknown => "authenticate.unknown",
            Self::PartnerDeactivated => "authenticate.partner_deactivated",
            Self::Deactivated => "authenticate.deactivated",
            Self::Replaced { .. } => "authenticate.replaced",
            Self::Expired { .. } => "authenticate.expired",
            Self::PartnerInactive => "authenticate.partner_inactive",
            Self::PolicyNotUsable(_) => "authenticate.policy_not_usable",
        }
    }
}

/// What is wrong with a policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error, serde::Serialize)]
#[non_exhaustive]
#[serde(untagged)]
pub enum PolicyNotUsable {
    /// The partner's link to it is not approved.
    #[error("its link to the partner is not approved")]
    LinkNotApproved,
    /// It is a draft or deactivated.
    #[error("it is {found}, not active")]
    PolicyNotActive {
        /// Where it stands.
        found: PolicyState,
    },
    /// Its group is deactivated.
    #[error("its policy group is not active")]
    GroupNotActive,
    /// Its validity has ended.
    #[error("its validity ended at {ended_at}")]
    Ended {
        /// The first instant at which it was not valid any more.
        ended_at: Timestamp,
    },
}

/// The verdict on the key with `digest`, from what a store has `found` for it, at `now`. Inlined, so that the answer is
/// put together where it will lie.
#[inline(always)]
pub(crate) fn decide(
    digest: &LicenseKeyDigest,
    found: Option<&AuthenticationFacts<'_>>,
    now: Timestamp,
) -> Result<Authorization, Refusal> {
    // The store looked the digest up; comparing again in constant time keeps a store that matched too loosely from
    // letting a key through, and tells an attacker nothing.
    let key = found.filter(|found| found.digest.is_same(digest)).ok_or(Refusal::Unknown)?;
    let valid_until = good_until(key, now)?;
    Ok(Authorization {
        key_id: key.key_id,
        name: key.name.clone(),
        partner: key.partner.clone(),
        organization: key.organization.clone(),
        policy: key.policy.map(|policy| (policy.id, policy.permissions)),
        valid_until,
    })
}

/// The first instant at which a key that is good at `now` will not be good any more.
fn good_until(key: &AuthenticationFacts<'_>, now: Timestamp) -> Result<Timestamp, Refusal> {
    let mut valid_until = key.expires_at;
    // A deactivated partner took its keys down with it: the partner is the reason, and the more telling answer.
    if key.partner_state == PartnerState::Deactivated {
        return Err(Refusal::PartnerDeactivated);
    }
    match key.state {
        LicenseKeyState::Deactivated => return Err(Refusal::Deactivated),
        LicenseKeyState::Replaced => {
            let since = key.overlap_ends_at.map_or(Timestamp::MIN, |end| end.min(key.expires_at));
            if now >= since {
                return Err(Refusal::Replaced { since });
            }
            valid_until = since;
        }
        LicenseKeyState::Active => {}
    }
    if now >= key.expires_at {
        return Err(Refusal::Expired { expired_at: key.expires_at });
    }
    if key.partner_state == PartnerState::Inactive {
        return Err(Refusal::PartnerInactive);
    }
    if let Some(policy) = &key.policy {
        check_policy(policy, now).map_err(Refusal::PolicyNotUsable)?;
        valid_until = policy.valid_until.map_or(valid_until, |end| end.min(valid_until));
    }
    Ok(valid_until)
}

fn check_policy(policy: &AuthenticationPolicy, now: Timestamp) -> Result<(), PolicyNotUsable> {
    if !policy.link_approved {
        return Err(PolicyNotUsable::LinkNotApproved);
    }
    if policy.state != PolicyState::Active {
        return Err(PolicyNotUsable::PolicyNotActive { found: policy.state });
    }
    if policy.group_state != PolicyGroupState::Active {
        return Err(PolicyNotUsable::GroupNotActive);
    }
    match policy.valid_until {
        Some(ended_at) if now >= ended_at => Err(PolicyNotUsable::Ended { ended_at }),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW: Timestamp = Timestamp::from_unix_seconds(1_768_478_400);

    fn record() -> AuthenticationRecord {
        AuthenticationRecord {
            key_id: LicenseKeyId::new(NOW, [1; 10]),
            digest: LicenseKeyDigest::from_bytes([7; 32]),
            name: LicenseKeyName::from_stored("key"),
            state: LicenseKeyState::Active,
            expires_at: NOW.plus_days(1),
            overlap_ends_at: None,
            partner: PartnerId::from_stored("bank"),
            organization: OrganizationName::from_stored("Bank"),
            partner_state: PartnerState::Active,
            policy: Some(AuthenticationPolicy {
                id: PolicyId::new(NOW, [2; 10]),
                permissions: PolicyPermissions::default(),
                state: PolicyState::Active,
                valid_until: None,
                group_state: PolicyGroupState::Active,
                link_approved: true,
            }),
        }
    }

    fn with_policy(change: fn(&mut AuthenticationPolicy)) -> AuthenticationRecord {
        let mut record = record();
        record.policy.iter_mut().for_each(change);
        record
    }

    #[test]
    fn each_state_of_key_partner_and_policy_has_its_verdict() {
        use PolicyNotUsable::{Ended, GroupNotActive, LinkNotApproved, PolicyNotActive};
        let since = NOW;
        let with = |change: fn(&mut AuthenticationRecord)| {
            let mut record = record();
            change(&mut record);
            record
        };
        let not_usable = |why| Some(Refusal::PolicyNotUsable(why));
        for (name, record, want) in [
            ("good", record(), None),
            ("without a policy", with(|r| r.policy = None), None),
            (
                "another digest",
                with(|r| r.digest = LicenseKeyDigest::from_bytes([8; 32])),
                Some(Refusal::Unknown),
            ),
            ("expires now", with(|r| r.expires_at = NOW), Some(Refusal::Expired { expired_at: NOW })),
            ("deactivated", with(|r| r.state = LicenseKeyState::Deactivated), Some(Refusal::Deactivated)),
            (
                "replaced, its overlap ends now",
                with(|r| (r.state, r.overlap_ends_at) = (LicenseKeyState::Replaced, Some(NOW))),
                Some(Refusal::Replaced { since }),
            ),
            (
                "replaced, its overlap runs",
                with(|r| (r.state, r.overlap_ends_at) = (LicenseKeyState::Replaced, Some(NOW.plus_days(1)))),
                None,
            ),
            (
                "replaced, without an overlap in the store",
                with(|r| r.state = LicenseKeyState::Replaced),
                Some(Refusal::Replaced { since: Timestamp::MIN }),
            ),
            (
                "partner inactive",
                with(|r| r.partner_state = PartnerState::Inactive),
                Some(Refusal::PartnerInactive),
            ),
            (
                "partner deactivated",
                with(|r| r.partner_state = PartnerState::Deactivated),
                Some(Refusal::PartnerDeactivated),
            ),
            ("link not approved", with_policy(|p| p.link_approved = false), not_usable(LinkNotApproved)),
            (
                "policy a draft",
                with_policy(|p| p.state = PolicyState::Draft),
                not_usable(PolicyNotActive { found: PolicyState::Draft }),
            ),
            (
                "policy deactivated",
                with_policy(|p| p.state = PolicyState::Deactivated),
                not_usable(PolicyNotActive { found: PolicyState::Deactivated }),
            ),
            (
                "group deactivated",
                with_policy(|p| p.group_state = PolicyGroupState::Deactivated),
                not_usable(GroupNotActive),
            ),
            (
                "policy ends now",
                with_policy(|p| p.valid_until = Some(NOW)),
                not_usable(Ended { ended_at: NOW }),
            ),
            ("policy ends later", with_policy(|p| p.valid_until = Some(NOW.plus_days(1))), None),
        ] {
            let verdict = decide(&LicenseKeyDigest::from_bytes([7; 32]), Some(&record.facts()), NOW);
            assert_eq!(record.facts().to_record(), record, "{name}");
            assert_eq!(verdict.err(), want, "{name}");
        }
        let none = decide(&LicenseKeyDigest::from_bytes([7; 32]), None, NOW);
        assert_eq!(none, Err(Refusal::Unknown));
    }
}
