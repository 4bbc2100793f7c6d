//! What license keys belong to: policy groups, policies, partners and their links.

use std::str::FromStr;

use anyhow::{Result, anyhow};
use misp_onboarding::Timestamp;
use misp_onboarding::certificate::PartnerCertificate;
use misp_onboarding::id::{ActorId, PartnerCertificateId, PolicyGroupId, PolicyId, PolicyLinkId, Version};
use misp_onboarding::partner::{Partner, PartnerId, PartnerState};
use misp_onboarding::policy::{Policy, PolicyDocument, PolicyGroup, PolicyGroupState, PolicyState};
use misp_onboarding::policy_link::{PolicyLink, PolicyLinkState};

use super::names::{FORM, GROUPS, POLICIES, RARE_GROUP, RARE_ORGANIZATION, RARE_POLICY, WHAT, WHERE};
use super::random::Sequence;
use super::{BEGIN, purpose};

/// The partner that nobody shares anything with.
pub const RARE_PARTNER: u32 = 0;
/// The partner with the most keys.
pub const BIG_PARTNER: u32 = 1;
/// The most partners: so many names there are.
pub const MAX_PARTNERS: u32 = (WHERE.len() * WHAT.len() * FORM.len()) as u32;

/// The policy group of a partner.
const fn group_of(partner: u32) -> u32 {
    match partner {
        RARE_PARTNER => 0,
        _ => 1 + partner % GROUPS.len() as u32,
    }
}

/// The policies that a partner has an approved link to.
pub fn policies_of(partner: u32) -> Vec<u32> {
    if partner == RARE_PARTNER {
        return vec![0];
    }
    let mut random = Sequence::of(purpose::LINKS, partner);
    let many = POLICIES.len() as u32;
    let (one, distance) = (random.below(many), 1 + random.below(many - 1));
    [one, (one + distance) % many].map(|place| policy_in(group_of(partner), place)).to_vec()
}

const fn policy_in(group: u32, place: u32) -> u32 {
    match group {
        0 => 0,
        _ => 1 + (group - 1) * POLICIES.len() as u32 + place,
    }
}

/// Where a partner stands. Those with the special names are active.
pub const fn state_of(partner: u32) -> PartnerState {
    match partner % 33 {
        7 => PartnerState::Deactivated,
        13 => PartnerState::Inactive,
        _ => PartnerState::Active,
    }
}

/// Text that is known to be good.
pub(super) fn text<T: FromStr<Err: std::fmt::Display>>(text: &str) -> Result<T> {
    text.parse().map_err(|problem| anyhow!("{text:?}: {problem}"))
}

pub(super) fn actor() -> Result<ActorId> {
    text("ana.admin")
}

/// The id of a policy group.
pub fn group_id(group: u32) -> PolicyGroupId {
    PolicyGroupId::new(BEGIN, Sequence::of(purpose::GROUP, group).ten_bytes())
}

/// The id of a policy.
pub fn policy_id(policy: u32) -> PolicyId {
    PolicyId::new(BEGIN, Sequence::of(purpose::POLICY, policy).ten_bytes())
}

/// A policy's group.
pub const fn group_of_policy(policy: u32) -> u32 {
    match policy {
        0 => 0,
        _ => 1 + (policy - 1) / POLICIES.len() as u32,
    }
}

/// Every policy group.
pub(super) fn groups() -> Result<Vec<PolicyGroup>> {
    let names = [RARE_GROUP].into_iter().chain(GROUPS);
    (0..)
        .zip(names)
        .map(|(number, name)| {
            Ok(PolicyGroup {
                id: group_id(number),
                name: text(name)?,
                description: text(&format!("Relying parties: {name}"))?,
                state: PolicyGroupState::Active,
                created_at: BEGIN,
                created_by: actor()?,
                version: Version::FIRST,
            })
        })
        .collect()
}

/// Every policy.
pub(super) fn policies() -> Result<Vec<Policy>> {
    let many = POLICIES.len() as u32;
    (0..=GROUPS.len() as u32 * many)
        .map(|number| {
            let name = match number {
                0 => RARE_POLICY,
                _ => POLICIES[((number - 1) % many) as usize],
            };
            let document = format!(
                r#"{{"allowAuthRequestDelegation":true,"allowKycRequestDelegation":{},"allowedAuthTypes":["otp","bio"]}}"#,
                number % 2 == 0
            );
            Ok(Policy {
                id: policy_id(number),
                group: group_id(group_of_policy(number)),
                name: text(name)?,
                description: text(&format!("{name} for relying parties"))?,
                document: text::<PolicyDocument>(&document)?,
                valid_until: None,
                state: PolicyState::Active,
                created_at: BEGIN,
                created_by: actor()?,
                published_at: Some(BEGIN),
                version: Version::FIRST,
            })
        })
        .collect()
}

fn organization(partner: u32) -> String {
    if partner == RARE_PARTNER {
        return RARE_ORGANIZATION.to_owned();
    }
    let place = partner as usize;
    let (what, rest) = (WHAT[place % WHAT.len()], place / WHAT.len());
    format!("{} {what} {}", WHERE[rest % WHERE.len()], FORM[rest / WHERE.len() % FORM.len()])
}

/// The id of a partner: the first two words of its organization's name, and its number.
pub fn partner_id(partner: u32) -> PartnerId {
    let organization = organization(partner).to_lowercase();
    let words: Vec<&str> = organization.split(' ').take(2).collect();
    PartnerId::from_stored(format!("{}-{partner}", words.join("-")))
}

fn created(partner: u32) -> Timestamp {
    BEGIN.plus(std::time::Duration::from_secs(60 * u64::from(partner)))
}

/// A partner, and where it has one its certificate, which is a copy of the one given.
pub(super) fn partner(
    number: u32,
    certificate: &PartnerCertificate,
) -> Result<(Partner, Option<PartnerCertificate>)> {
    let (id, state, created_at) = (partner_id(number), state_of(number), created(number));
    let certificate = (state != PartnerState::Inactive).then(|| PartnerCertificate {
        id: PartnerCertificateId::new(created_at, Sequence::of(purpose::CERTIFICATE, number).ten_bytes()),
        partner: id.clone(),
        uploaded_at: created_at,
        version: Version::FIRST,
        ..certificate.clone()
    });
    let partner = Partner {
        organization: text(&organization(number))?,
        address: text(&format!("{} Independence Avenue, Floor {}", 1 + number % 900, 1 + number % 30))?,
        contact_number: text(&format!("+1 (555) {:07}", number))?,
        email: text(&format!("admin@{}.example", id.as_str()))?,
        language: text("eng")?,
        policy_group: Some(group_id(group_of(number))),
        state,
        certificate: certificate.as_ref().map(|certificate| certificate.id),
        created_at,
        created_by: actor()?,
        updated_at: created_at,
        updated_by: actor()?,
        version: Version::FIRST,
        id,
    };
    Ok((partner, certificate))
}

/// The links of a partner, approved ones first.
pub(super) fn links(partner: u32) -> Result<Vec<PolicyLink>> {
    if state_of(partner) == PartnerState::Inactive {
        return Ok(Vec::new());
    }
    let mut random = Sequence::of(purpose::LINK, partner);
    let approved = policies_of(partner);
    let mut links: Vec<_> = approved.iter().map(|policy| (*policy, PolicyLinkState::Approved)).collect();
    let other = policy_in(group_of(partner), random.below(POLICIES.len() as u32));
    if !approved.contains(&other) && state_of(partner) == PartnerState::Active {
        let states = [PolicyLinkState::Pending, PolicyLinkState::Rejected];
        links.push((other, random.one_of(&states)));
    }
    let at = created(partner);
    links
        .into_iter()
        .map(|(policy, state)| {
            let decided = state != PolicyLinkState::Pending;
            Ok(PolicyLink {
                id: PolicyLinkId::new(at, random.ten_bytes()),
                partner: partner_id(partner),
                policy: policy_id(policy),
                state,
                request_comment: text("to authenticate our customers")?,
                requested_at: at,
                requested_by: actor()?,
                decided_at: decided.then_some(at),
                decided_by: if decided { Some(actor()?) } else { None },
                decision_comment: None,
                version: Version::FIRST,
            })
        })
        .collect()
}
