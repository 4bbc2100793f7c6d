//! Sample records: valid, the same every time, and changed with struct update syntax.
//!
//! ```
//! use misp_onboarding::partner::{Partner, PartnerState};
//! use misp_onboarding_testkit::conformance::samples;
//!
//! let partner = Partner { state: PartnerState::Active, ..samples::partner("acme") };
//! assert_eq!(partner.email.as_str(), "acme@example.org");
//! ```

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use misp_onboarding::Timestamp;
use misp_onboarding::certificate::{Fingerprint, PartnerCertificate};
use misp_onboarding::event::{EventKind, NewEvent};
use misp_onboarding::id::{
    CaCertificateId, LicenseKeyId, PartnerCertificateId, PolicyGroupId, PolicyId, PolicyLinkId, Version,
};
use misp_onboarding::license_key::{LicenseKeyDigest, LicenseKeyOrigin, LicenseKeyRecord, LicenseKeyState};
use misp_onboarding::partner::{Partner, PartnerId, PartnerState};
use misp_onboarding::policy::{Policy, PolicyGroup, PolicyGroupState, PolicyState};
use misp_onboarding::policy_link::{PolicyLink, PolicyLinkState};
use misp_onboarding::store::{Record, RecordId};
use misp_onboarding::trust_store::{CaCertificate, CaKind, CaState, TrustDomain, TrustDomainRecord};

/// The instant at which samples are made: 2026-01-15T12:00:00.123456Z.
pub const NOW: Timestamp = Timestamp::from_unix_micros(1_768_478_400_123_456);

/// The earliest instant that a store must keep in a record: 0001-01-01T00:00:00Z, before which Python's `datetime`, in
/// which a store may be written, has none.
pub const EARLIEST: Timestamp = Timestamp::from_unix_seconds(-62_135_596_800);

/// The instant so many seconds after [`NOW`].
pub const fn after(seconds: i64) -> Timestamp {
    Timestamp::from_unix_micros(NOW.unix_micros() + seconds * 1_000_000)
}

/// Reads a value that the caller knows to be one.
///
/// # Panics
/// When it is none.
#[track_caller]
pub fn literal<T: FromStr<Err: fmt::Display>>(text: &str) -> T {
    match text.parse() {
        Ok(value) => value,
        Err(problem) => panic!("{text:?} cannot be a sample: {problem}"),
    }
}

/// The partner id.
pub fn partner_id(id: &str) -> PartnerId {
    literal(id)
}

/// An inactive partner without group or certificate; its email address is made of its id.
pub fn partner(id: &str) -> Partner {
    Partner {
        id: partner_id(id),
        organization: literal("Acme"),
        address: literal("1 Main Street, Springfield"),
        contact_number: literal("+1 (555) 010-019"),
        email: literal(&format!("{id}@example.org")),
        language: literal("eng"),
        policy_group: None,
        state: PartnerState::Inactive,
        certificate: None,
        created_at: NOW,
        created_by: literal("ana"),
        updated_at: NOW,
        updated_by: literal("ana"),
        version: Version::FIRST,
    }
}

/// An active partner with this certificate, which is to be its current one.
pub fn certified_partner(id: &str, certificate: PartnerCertificateId) -> Partner {
    Partner { state: PartnerState::Active, certificate: Some(certificate), ..partner(id) }
}

/// An active policy group.
pub fn policy_group(number: u32, name: &str) -> PolicyGroup {
    PolicyGroup {
        id: policy_group_id(number),
        name: literal(name),
        description: literal("Everything about a policy group"),
        state: PolicyGroupState::Active,
        created_at: NOW,
        created_by: literal("paul"),
        version: Version::FIRST,
    }
}

/// An active policy without an end.
pub fn policy(number: u32, group: u32, name: &str) -> Policy {
    Policy {
        id: policy_id(number),
        group: policy_group_id(group),
        name: literal(name),
        description: literal("Everything about a policy"),
        document: literal(r#"{"allowAuthRequestDelegation":true,"allowKycRequestDelegation":false}"#),
        valid_until: None,
        state: PolicyState::Active,
        created_at: NOW,
        created_by: literal("paul"),
        published_at: Some(NOW),
        version: Version::FIRST,
    }
}

/// A pending policy link.
pub fn policy_link(number: u32, partner: &str, policy: u32) -> PolicyLink {
    PolicyLink {
        id: policy_link_id(number),
        partner: partner_id(partner),
        policy: policy_id(policy),
        state: PolicyLinkState::Pending,
        request_comment: literal("We need it"),
        requested_at: NOW,
        requested_by: literal("ana"),
        decided_at: None,
        decided_by: None,
        decision_comment: None,
        version: Version::FIRST,
    }
}

/// An active license key without a policy, good for 90 days; its name, digest and last characters are made of its
/// number.
pub fn license_key(number: u32, partner: &str) -> LicenseKeyRecord {
    LicenseKeyRecord {
        id: license_key_id(number),
        partner: partner_id(partner),
        policy: None,
        name: literal(&format!("key {number}")),
        digest: digest(number),
        last4: format!("{:04}", number % 10_000),
        state: LicenseKeyState::Active,
        origin: LicenseKeyOrigin::Generated,
        created_at: NOW,
        created_by: literal("ana"),
        expires_at: NOW.plus_days(90),
        overlap_ends_at: None,
        deactivated_at: None,
        replaces: None,
        replaced_by: None,
        version: Version::FIRST,
    }
}

/// A trusted root of `AUTH`, made up: its octets are no certificate.
pub fn ca_certificate(number: u32) -> CaCertificate {
    CaCertificate {
        id: ca_certificate_id(number),
        domain: TrustDomain::auth(),
        kind: CaKind::Root,
        state: CaState::Trusted,
        der: octets(number),
        fingerprint: fingerprint(number),
        subject: format!("CN=Root {number},O=Acme"),
        issuer: format!("CN=Root {number},O=Acme"),
        not_before: NOW,
        not_after: NOW.plus_days(3_650),
        uploaded_at: NOW,
        uploaded_by: literal("ana"),
        distrusted_at: None,
        distrust_reason: None,
        version: Version::FIRST,
    }
}

/// A trust domain, just made.
pub fn trust_domain(name: &str) -> TrustDomainRecord {
    TrustDomainRecord { domain: literal(name), version: Version::FIRST }
}

/// A partner's certificate over no path, made up: its octets are no certificate.
pub fn partner_certificate(number: u32, partner: &str) -> PartnerCertificate {
    PartnerCertificate {
        id: partner_certificate_id(number),
        partner: partner_id(partner),
        der: octets(number),
        fingerprint: fingerprint(number),
        subject: "CN=Acme,O=Acme".to_owned(),
        issuer: "CN=Root 1,O=Acme".to_owned(),
        serial_number: format!("{number:x}"),
        not_before: NOW,
        not_after: NOW.plus_days(400),
        domain: TrustDomain::auth(),
        path: Vec::new(),
        uploaded_at: NOW,
        uploaded_by: literal("ana"),
        replaced_at: None,
        version: Version::FIRST,
    }
}

/// An event about a record just made, without further facts.
pub fn event(kind: EventKind, subject: RecordId) -> NewEvent {
    NewEvent {
        at: NOW,
        actor: literal("ana"),
        kind,
        subject,
        version: Version::FIRST,
        partner: None,
        old_state: None,
        new_state: None,
        facts: BTreeMap::new(),
    }
}

/// A digest whose first and last octets depend on the number; no two numbers have the same.
pub fn digest(number: u32) -> LicenseKeyDigest {
    LicenseKeyDigest::from_bytes(scattered(number))
}

/// A fingerprint; no two numbers have the same.
pub fn fingerprint(number: u32) -> Fingerprint {
    Fingerprint::from_bytes(scattered(number))
}

/// Octets of all values, in place of a certificate's; no two numbers have the same.
pub fn octets(number: u32) -> Arc<[u8]> {
    (0..=u8::MAX).chain(number.to_be_bytes()).collect()
}

fn scattered(number: u32) -> [u8; 32] {
    let [a, b, c, d] = number.to_be_bytes();
    let mut state = u64::from(number);
    std::array::from_fn(|place| match place {
        28 => a,
        29 => b,
        30 => c,
        31 => d,
        _ => {
            // Knuth's MMIX generator; the upper bits are the random ones.
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (state >> 56) as u8
        }
    })
}

macro_rules! numbered_ids {
    ($($name:ident -> $id:ty,)+) => {
        $(
            /// The id of the sample with this number; greater numbers have greater ids.
            pub fn $name(number: u32) -> $id {
                let [a, b, c, d] = number.to_be_bytes();
                <$id>::new(NOW, [0, 0, 0, 0, 0, 0, a, b, c, d])
            }
        )+
    };
}

numbered_ids! {
    ca_certificate_id -> CaCertificateId,
    partner_certificate_id -> PartnerCertificateId,
    policy_group_id -> PolicyGroupId,
    policy_id -> PolicyId,
    policy_link_id -> PolicyLinkId,
    license_key_id -> LicenseKeyId,
}

/// A record that can be written again.
pub trait Successor: Sized {
    /// The record at the version after its own.
    #[must_use]
    fn next(self) -> Self;
}

macro_rules! successor {
    ($($record:ty),+ $(,)?) => {
        $(impl Successor for $record {
            fn next(mut self) -> Self {
                self.version = self.version.next();
                self
            }
        })+
    };
}

successor!(
    TrustDomainRecord,
    CaCertificate,
    Partner,
    PartnerCertificate,
    PolicyGroup,
    Policy,
    PolicyLink,
    LicenseKeyRecord,
);

/// Puts a record of any kind at a version.
pub fn set_version(record: &mut Record, version: Version) {
    match record {
        Record::TrustDomain(record) => record.version = version,
        Record::CaCertificate(record) => record.version = version,
        Record::Partner(record) => record.version = version,
        Record::PartnerCertificate(record) => record.version = version,
        Record::PolicyGroup(record) => record.version = version,
        Record::Policy(record) => record.version = version,
        Record::PolicyLink(record) => record.version = version,
        Record::LicenseKey(record) => record.version = version,
        _ => {}
    }
}

/// A record that says more about some of its states, such as when it got there.
pub trait InState<S>: Sized {
    /// The record in this state, with all that the state asks for; what is there already is kept.
    #[must_use]
    fn in_state(self, state: S) -> Self;
}

impl InState<PolicyState> for Policy {
    fn in_state(self, state: PolicyState) -> Self {
        let published = state != PolicyState::Draft;
        Self { state, published_at: published.then(|| self.published_at.unwrap_or(NOW)), ..self }
    }
}

impl InState<PolicyLinkState> for PolicyLink {
    fn in_state(self, state: PolicyLinkState) -> Self {
        let decided = state != PolicyLinkState::Pending;
        Self {
            state,
            decided_at: decided.then(|| self.decided_at.unwrap_or(NOW)),
            decided_by: decided.then(|| self.decided_by.unwrap_or_else(|| literal("paul"))),
            ..self
        }
    }
}

impl InState<LicenseKeyState> for LicenseKeyRecord {
    /// A replaced key that names no successor names itself: any key that is there will do.
    fn in_state(self, state: LicenseKeyState) -> Self {
        let changed = match state {
            LicenseKeyState::Replaced => Self {
                overlap_ends_at: self.overlap_ends_at.or(Some(after(60))),
                replaced_by: self.replaced_by.or(Some(self.id)),
                deactivated_at: None,
                ..self
            },
            LicenseKeyState::Deactivated => {
                Self { deactivated_at: self.deactivated_at.or(Some(NOW)), ..self }
            }
            _ => Self { overlap_ends_at: None, replaced_by: None, deactivated_at: None, ..self },
        };
        Self { state, ..changed }
    }
}

impl InState<CaState> for CaCertificate {
    fn in_state(self, state: CaState) -> Self {
        let distrusted = state == CaState::Distrusted;
        Self {
            state,
            distrusted_at: distrusted.then(|| self.distrusted_at.unwrap_or(NOW)),
            distrust_reason: distrusted.then(|| self.distrust_reason.unwrap_or_else(|| literal("Gone"))),
            ..self
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn samples_are_the_same_every_time_and_differ_by_number() {
        assert_eq!(NOW.to_string(), "2026-01-15T12:00:00.123456Z");
        assert_eq!(license_key(7, "acme"), license_key(7, "acme"));
        let digests: HashSet<_> = (0..10_000).map(digest).collect();
        assert_eq!(digests.len(), 10_000);
        let starts: HashSet<_> = digests.iter().map(|digest| digest.as_bytes()[..8].to_vec()).collect();
        assert!(starts.len() > 9_990, "hashes by the first octets spread: {}", starts.len());
        assert!(license_key_id(1) < license_key_id(2) && license_key_id(255) < license_key_id(256));
    }
}
