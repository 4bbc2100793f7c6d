//! What the model knows: what the commands must have made of the records, and why a command must be refused.
//!
//! Written from the definition of the product, not from the engine's rules.

use misp_onboarding::certificate::CertificateStatus;
use misp_onboarding::id::{CaCertificateId, LicenseKeyId, PolicyGroupId, PolicyId, PolicyLinkId};
use misp_onboarding::license_key::{LicenseKeyState, LicenseKeyStatus};
use misp_onboarding::partner::{PartnerId, PartnerState};
use misp_onboarding::policy::PolicyState;
use misp_onboarding::policy_link::PolicyLinkState;
use misp_onboarding::{Actor, Error, Role, Timestamp};

use super::certificates::{Authority, Leaf, pool};
use super::command::Who;
use super::engines::Difference;

pub(super) struct Ca {
    pub(super) id: CaCertificateId,
    pub(super) domain: &'static str,
    pub(super) certificate: Authority,
    pub(super) trusted: bool,
}

pub(super) struct Partner {
    pub(super) id: PartnerId,
    pub(super) name: u8,
    pub(super) organization: u8,
    pub(super) email: u8,
    pub(super) group: Option<usize>,
    pub(super) state: PartnerState,
    pub(super) certificate: Option<Leaf>,
}

pub(super) struct Group {
    pub(super) id: PolicyGroupId,
    pub(super) name: u8,
    pub(super) active: bool,
}

pub(super) struct Policy {
    pub(super) id: PolicyId,
    pub(super) group: usize,
    pub(super) name: u8,
    pub(super) allows: [bool; 4],
    pub(super) ends: Option<Timestamp>,
    pub(super) state: PolicyState,
}

pub(super) struct Link {
    pub(super) id: PolicyLinkId,
    pub(super) partner: usize,
    pub(super) policy: usize,
    pub(super) requested_by: Who,
    pub(super) state: PolicyLinkState,
}

impl Link {
    pub(super) fn is_open(&self) -> bool {
        self.state != PolicyLinkState::Rejected
    }
}

pub(super) struct Key {
    pub(super) id: LicenseKeyId,
    pub(super) text: String,
    pub(super) partner: usize,
    pub(super) policy: Option<usize>,
    pub(super) name: u8,
    pub(super) expires: Timestamp,
    pub(super) overlap_ends: Option<Timestamp>,
    pub(super) state: LicenseKeyState,
}

impl Key {
    pub(super) fn status(&self, now: Timestamp) -> LicenseKeyStatus {
        match self.state {
            LicenseKeyState::Deactivated => LicenseKeyStatus::Deactivated,
            LicenseKeyState::Replaced => LicenseKeyStatus::Replaced,
            LicenseKeyState::Active if now >= self.expires => LicenseKeyStatus::Expired,
            LicenseKeyState::Active => LicenseKeyStatus::Active,
        }
    }

    /// Deactivated and replaced keys free their names, expired ones do not.
    pub(super) fn holds_its_name(&self) -> bool {
        self.state == LicenseKeyState::Active
    }
}

/// Every record made so far.
#[derive(Default)]
pub(super) struct Known {
    pub(super) cas: Vec<Ca>,
    pub(super) partners: Vec<Partner>,
    pub(super) groups: Vec<Group>,
    pub(super) policies: Vec<Policy>,
    pub(super) links: Vec<Link>,
    pub(super) keys: Vec<Key>,
}

/// A key that must be let through.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Allowed {
    pub(super) id: LicenseKeyId,
    pub(super) partner: PartnerId,
    pub(super) policy: Option<(PolicyId, [bool; 4])>,
    pub(super) until: Timestamp,
}

impl Known {
    /// The verdict on a key; a refusal by its code.
    pub(super) fn verdict(&self, key: &Key, now: Timestamp) -> Result<Allowed, &'static str> {
        let partner = &self.partners[key.partner];
        if partner.state == PartnerState::Deactivated {
            return Err("authenticate.partner_deactivated");
        }
        let mut until = key.expires;
        match key.state {
            LicenseKeyState::Deactivated => return Err("authenticate.deactivated"),
            LicenseKeyState::Replaced => {
                until = until.min(key.overlap_ends.expect("a replaced key has an end"));
                if now >= until {
                    return Err("authenticate.replaced");
                }
            }
            LicenseKeyState::Active if now >= until => return Err("authenticate.expired"),
            LicenseKeyState::Active => {}
        }
        if partner.state == PartnerState::Inactive {
            return Err("authenticate.partner_inactive");
        }
        let policy = key.policy.map(|policy| (policy, &self.policies[policy]));
        if let Some((number, policy)) = policy {
            let approved = |link: &Link| {
                (link.partner, link.policy, link.state) == (key.partner, number, PolicyLinkState::Approved)
            };
            let usable =
                self.links.iter().any(approved) && self.why_policy_is_unusable(number, now).is_empty();
            if !usable {
                return Err("authenticate.policy_not_usable");
            }
            until = policy.ends.map_or(until, |end| until.min(end));
        }
        let policy = policy.map(|(_, policy)| (policy.id, policy.allows));
        Ok(Allowed { id: key.id, partner: partner.id.clone(), policy, until })
    }

    pub(super) fn why_policy_is_unusable(&self, policy: usize, now: Timestamp) -> Vec<&'static str> {
        let policy = &self.policies[policy];
        let mut reasons = Vec::new();
        if policy.state != PolicyState::Active {
            reasons.push("policy.not_active");
        }
        if !self.groups[policy.group].active {
            reasons.push("policy_group.not_active");
        }
        if policy.ends.is_some_and(|end| now >= end) {
            reasons.push("policy.ended");
        }
        reasons
    }

    /// Whether every CA certificate that a partner certificate depends on can be relied on now.
    pub(super) fn is_anchored(&self, leaf: Leaf, now: Timestamp) -> bool {
        pool().leaves[leaf].issuers.iter().all(|issuer| self.trusts("AUTH", *issuer, now))
    }

    /// Whether a CA certificate is trusted in a domain and within its dates.
    pub(super) fn trusts(&self, domain: &str, authority: Authority, now: Timestamp) -> bool {
        let trusted = |ca: &Ca| ca.domain == domain && ca.certificate == authority && ca.trusted;
        self.cas.iter().any(trusted) && pool().authorities[authority].is_within_its_dates(now)
    }

    pub(super) fn certificate_status(&self, partner: &Partner, now: Timestamp) -> CertificateStatus {
        match partner.certificate.map(|leaf| pool().leaves[leaf].not_after) {
            None => CertificateStatus::None,
            Some(end) if now > end => CertificateStatus::Expired,
            Some(end) if now.plus_days(30) >= end => CertificateStatus::Expiring,
            Some(_) => CertificateStatus::Valid,
        }
    }
}

impl Who {
    pub(super) fn actor(self) -> Actor {
        let (id, roles): (&str, &[Role]) = match self {
            Self::Rose => ("rose", &[Role::PartnerAdmin, Role::PolicyManager]),
            Self::Ana => ("ana", &[Role::PartnerAdmin]),
            Self::Max => ("max", &[Role::PolicyManager]),
            Self::Nobody => ("nobody", &[]),
        };
        Actor::new(id.parse().expect("an id of letters"), roles.iter().copied())
    }
}

/// Why a command must be refused, by code: for one of these reasons, or not at all where there is none. Which of
/// several reasons is given is the engine's choice.
pub(super) struct Reasons(Vec<&'static str>);

impl Reasons {
    /// The reasons that are collected. An actor who lacks the role is told that and nothing else.
    pub(super) fn of(who: Who, needed: &[Role], collect: impl FnOnce(&mut Self)) -> Self {
        let mut reasons = Self(Vec::new());
        if needed.iter().any(|role| who.actor().has(*role)) {
            collect(&mut reasons);
        } else {
            reasons.0.push("actor.forbidden");
        }
        reasons
    }

    pub(super) fn add(&mut self, holds: bool, code: &'static str) {
        if holds {
            self.0.push(code);
        }
    }

    pub(super) fn extend(&mut self, codes: Vec<&'static str>) {
        self.0.extend(codes);
    }

    /// Fields that break a rule, and fields that must be unique and are not.
    pub(super) fn fields(&mut self, bad: bool, taken: bool) {
        self.add(bad, "input.invalid");
        self.add(taken && !bad, "input.taken");
    }

    /// The answer must be a refusal for one of the reasons, or none where there is no reason.
    pub(super) fn judge<T>(&self, answer: &Result<T, Error>) -> Result<(), Difference> {
        match answer {
            Ok(_) if self.0.is_empty() => Ok(()),
            Err(error) if self.0.contains(&error.code()) => Ok(()),
            Ok(_) => Err(Difference::new(format!("must be refused as {:?}, was not", self.0))),
            Err(error) => Err(Difference::new(format!(
                "must be refused as one of {:?}, found {}: {error}",
                self.0,
                error.code()
            ))),
        }
    }
}
