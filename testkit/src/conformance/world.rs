//! A store full of records that look alike, and the rows its lists must show, put together without a store.

use misp_onboarding::Timestamp;
use misp_onboarding::certificate::PartnerCertificate;
use misp_onboarding::license_key::{LicenseKeyRecord, LicenseKeyRow, LicenseKeyState};
use misp_onboarding::partner::{Partner, PartnerRow, PartnerState};
use misp_onboarding::policy::{Policy, PolicyGroup, PolicyGroupState, PolicyRow, PolicyState};
use misp_onboarding::policy_link::{PolicyLink, PolicyLinkRow, PolicyLinkState};
use misp_onboarding::store::{ChangeSet, Record, Store};
use misp_onboarding::trust_store::{CaCertificate, CaKind, CaState};

use super::check::Failure;
use super::samples::{self, InState, NOW, after, literal, partner_id};

/// Names that a careless store confuses or sorts in another order: letters of both cases, of one to four octets,
/// sorted otherwise by UTF-16 than by UTF-8, with diacritics, with an expansion on folding, and with what SQL, `LIKE`,
/// `GLOB` and regular expressions give a meaning to.
pub(super) const NAMES: [&str; 16] = [
    "Alpha",
    "alpha centauri",
    "Zulu",
    "Ärzte Bund",
    "Straße 7",
    "100% sure",
    "100 sure",
    "a_b",
    "aXb",
    "star*",
    "back\\slash",
    "it's \"quoted\"",
    "q?[x]^.$",
    "ΣΊΣΥΦΟΣ",
    "～wide tilde",
    "😀 smile",
];

/// Everything in the store.
pub(super) struct World {
    pub(super) groups: Vec<PolicyGroup>,
    pub(super) policies: Vec<Policy>,
    pub(super) partners: Vec<Partner>,
    pub(super) certificates: Vec<PartnerCertificate>,
    pub(super) links: Vec<PolicyLink>,
    pub(super) keys: Vec<LicenseKeyRecord>,
    pub(super) cas: Vec<CaCertificate>,
}

/// Instants in another order than ids, several rows at each, some of them only a microsecond apart.
fn scattered(index: usize, of: usize) -> Timestamp {
    let place = (index * 7 % of) / 3;
    let far = if place == 0 { -2_000_000_000 } else { 0 };
    Timestamp::from_unix_micros(after(far).unix_micros() + place as i64)
}

fn pick<T: Copy>(values: &[T], index: usize) -> T {
    values[index % values.len()]
}

impl World {
    /// The same world every time.
    pub(super) fn new() -> Self {
        Self {
            groups: groups(),
            policies: policies(),
            partners: partners(),
            certificates: certificates(),
            links: links(),
            keys: keys(),
            cas: cas(),
        }
    }

    /// The world of these records.
    pub(super) fn of<'a>(records: impl Iterator<Item = &'a Record>) -> Self {
        let mut world = Self {
            groups: Vec::new(),
            policies: Vec::new(),
            partners: Vec::new(),
            certificates: Vec::new(),
            links: Vec::new(),
            keys: Vec::new(),
            cas: Vec::new(),
        };
        for record in records.cloned() {
            match record {
                Record::CaCertificate(record) => world.cas.push(record),
                Record::Partner(record) => world.partners.push(record),
                Record::PartnerCertificate(record) => world.certificates.push(record),
                Record::PolicyGroup(record) => world.groups.push(record),
                Record::Policy(record) => world.policies.push(record),
                Record::PolicyLink(record) => world.links.push(record),
                Record::LicenseKey(record) => world.keys.push(record),
                _ => {}
            }
        }
        world
    }

    /// Writes everything, in two commits.
    pub(super) fn write(&self, store: &dyn Store) -> Result<(), Failure> {
        let mut changes = ChangeSet::new();
        for domain in ["AUTH", "DEVICE"] {
            changes.insert(samples::trust_domain(domain));
        }
        for ca in &self.cas {
            changes.insert(ca.clone());
        }
        for group in &self.groups {
            changes.insert(group.clone());
        }
        for policy in &self.policies {
            changes.insert(policy.clone());
        }
        store.commit(&changes)?;
        let mut changes = ChangeSet::new();
        for partner in &self.partners {
            changes.insert(partner.clone());
        }
        for certificate in &self.certificates {
            changes.insert(certificate.clone());
        }
        for link in &self.links {
            changes.insert(link.clone());
        }
        for key in &self.keys {
            changes.insert(key.clone());
        }
        store.commit(&changes)?;
        Ok(())
    }

    pub(super) fn partner_rows(&self) -> Vec<PartnerRow> {
        let row = |partner: &Partner| PartnerRow {
            partner: partner.clone(),
            policy_group_name: partner
                .policy_group
                .and_then(|id| self.groups.iter().find(|group| group.id == id))
                .map(|group| group.name.clone()),
            certificate_ends: partner
                .certificate
                .and_then(|id| self.certificates.iter().find(|certificate| certificate.id == id))
                .map(|certificate| certificate.not_after),
        };
        self.partners.iter().map(row).collect()
    }

    pub(super) fn policy_rows(&self) -> Vec<PolicyRow> {
        let row = |policy: &Policy| {
            let group = self.groups.iter().find(|group| group.id == policy.group)?;
            Some(PolicyRow { policy: policy.clone(), group_name: group.name.clone() })
        };
        self.policies.iter().filter_map(row).collect()
    }

    pub(super) fn link_rows(&self) -> Vec<PolicyLinkRow> {
        let policies = self.policy_rows();
        let row = |link: &PolicyLink| {
            let partner = self.partners.iter().find(|partner| partner.id == link.partner)?;
            let policy = policies.iter().find(|row| row.policy.id == link.policy)?;
            Some(PolicyLinkRow {
                link: link.clone(),
                organization: partner.organization.clone(),
                policy_name: policy.policy.name.clone(),
                policy_group: policy.policy.group,
                policy_group_name: policy.group_name.clone(),
            })
        };
        self.links.iter().filter_map(row).collect()
    }

    pub(super) fn key_rows(&self) -> Vec<LicenseKeyRow> {
        let policies = self.policy_rows();
        let row = |key: &LicenseKeyRecord| {
            let partner = self.partners.iter().find(|partner| partner.id == key.partner)?;
            let policy = key.policy.and_then(|id| policies.iter().find(|row| row.policy.id == id));
            Some(LicenseKeyRow {
                key: key.clone(),
                organization: partner.organization.clone(),
                partner_state: partner.state,
                policy_name: policy.map(|row| row.policy.name.clone()),
                policy_group: policy.map(|row| row.policy.group),
                policy_group_name: policy.map(|row| row.group_name.clone()),
            })
        };
        self.keys.iter().filter_map(row).collect()
    }
}

fn groups() -> Vec<PolicyGroup> {
    let group = |(index, name): (usize, &&str)| PolicyGroup {
        state: pick(PolicyGroupState::ALL, index),
        created_at: scattered(index, NAMES.len()),
        ..samples::policy_group(index as u32, name)
    };
    NAMES.iter().enumerate().map(group).collect()
}

fn policies() -> Vec<Policy> {
    // Two groups have the same names, in different order of ids; four more have one policy each.
    let policy = |index: usize| {
        let group = if index < 32 { index as u32 % 2 } else { index as u32 % 16 };
        Policy {
            created_at: scattered(index, 36),
            ..samples::policy(index as u32, group, NAMES[index / 2 % NAMES.len()])
        }
        .in_state(pick(PolicyState::ALL, index))
    };
    // 32 to 35 are in groups 0 to 3, so their names must be others than those of groups 0 and 1.
    let named = |index: usize| Policy {
        name: if index < 32 { policy(index).name } else { literal(&format!("Policy {index}")) },
        ..policy(index)
    };
    (0..36).map(named).collect()
}

/// Partners whose ids differ in script, case and punctuation; only where `b` and `B` sort tells folding.
const PARTNERS: usize = 26;

pub(super) fn partner_name(index: usize) -> String {
    let letter = pick(&["a", "B", "c", "Ä", "ß", "日", "D.", "d-", "d_"], index * 5);
    format!("{letter}{}", index)
}

fn partners() -> Vec<Partner> {
    let partner = |index: usize| Partner {
        id: partner_id(&partner_name(index)),
        organization: literal(NAMES[(index * 3 + 1) % NAMES.len()]),
        email: literal(&format!("Partner{index}@example.org")),
        policy_group: (!index.is_multiple_of(4))
            .then(|| samples::policy_group_id((index as u32 * 3 + 1) % 16)),
        state: pick(PartnerState::ALL, index),
        // Certificate 100 + n replaced certificate n.
        certificate: has_certificate(index).then(|| samples::partner_certificate_id(100 + index as u32)),
        created_at: scattered(index, PARTNERS),
        ..samples::partner("p")
    };
    (0..PARTNERS).map(partner).collect()
}

/// Every active partner has one, most deactivated ones have, and no inactive one.
fn has_certificate(index: usize) -> bool {
    match pick(PartnerState::ALL, index) {
        PartnerState::Active => true,
        PartnerState::Deactivated => !index.is_multiple_of(5),
        _ => false,
    }
}

fn certificates() -> Vec<PartnerCertificate> {
    let ends = [
        NOW.plus_days(-1),
        NOW.plus_days(5),
        NOW.plus_days(30),
        NOW.plus_days(31),
        NOW.plus_days(400),
        Timestamp::MAX,
    ];
    let mut certificates = Vec::new();
    for index in (0..PARTNERS).filter(|index| has_certificate(*index)) {
        let mut former = samples::partner_certificate(index as u32, &partner_name(index));
        former.not_after = pick(&ends, index + 1);
        former.replaced_at = Some(NOW);
        let mut current = samples::partner_certificate(100 + index as u32, &partner_name(index));
        current.not_after = pick(&ends, index / 2);
        certificates.extend([former, current]);
    }
    certificates
}

fn links() -> Vec<PolicyLink> {
    let link = |index: usize| {
        PolicyLink {
            requested_at: scattered(index, 40),
            ..samples::policy_link(index as u32, &partner_name(index % 5), index as u32 * 11 % 36)
        }
        .in_state(pick(PolicyLinkState::ALL, index / 2))
    };
    (0..40).map(link).collect()
}

fn keys() -> Vec<LicenseKeyRecord> {
    let key = |index: usize| {
        LicenseKeyRecord {
            policy: (!index.is_multiple_of(5)).then(|| samples::policy_id(index as u32 * 7 % 36)),
            // No two keys of one partner have the same name, as there are 7 partners and 16 names.
            name: literal(NAMES[index * 5 % NAMES.len()]),
            created_at: scattered(index, 60),
            expires_at: after(pick(&[-60, -1, 0, 1, 60, 86_400], index)),
            ..samples::license_key(index as u32, &partner_name(index % 7))
        }
        .in_state(pick(LicenseKeyState::ALL, index / 3))
    };
    (0..60).map(key).collect()
}

fn cas() -> Vec<CaCertificate> {
    let ends = [NOW.plus_days(-1), NOW.plus_days(30), NOW.plus_days(31), NOW.plus_days(900)];
    let ca = |index: usize| {
        CaCertificate {
            domain: literal(pick(&["AUTH", "DEVICE"], index / 3)),
            kind: pick(CaKind::ALL, index),
            // The same certificates in both domains.
            fingerprint: samples::fingerprint((index / 6 * 3 + index % 3) as u32),
            subject: format!("CN={},O=Acme", NAMES[index * 3 % NAMES.len()]),
            issuer: format!("CN={}", NAMES[index * 5 % 8]),
            not_after: pick(&ends, index / 2),
            uploaded_at: scattered(index, 30),
            ..samples::ca_certificate(index as u32)
        }
        .in_state(pick(CaState::ALL, index / 5))
    };
    (0..30).map(ca).collect()
}
