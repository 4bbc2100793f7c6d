//! An engine with a test PKI, a clock set by hand and somebody in each role: where most tests begin.
#![allow(clippy::expect_used, reason = "a scenario that cannot be set up is a failed test")]

use std::sync::Arc;

use misp_onboarding::id::{PolicyGroupId, PolicyId};
use misp_onboarding::license_key::{GenerateLicenseKey, Validity};
use misp_onboarding::onboarding::GeneratedLicenseKey;
use misp_onboarding::partner::{NewPartner, Partner, PartnerId};
use misp_onboarding::policy::{NewPolicy, NewPolicyGroup, Policy, PolicyEdit, PolicyGroup};
use misp_onboarding::policy_link::PolicyLink;
use misp_onboarding::store::{MemoryStore, Store};
use misp_onboarding::trust_store::TrustDomain;
use misp_onboarding::{Actor, Onboarding, Role, Rules, Timestamp};

use crate::clock::ManualClock;
use crate::pki::TestPki;

/// When scenarios begin: 2026-01-15T12:00:00Z.
pub const BEGIN: Timestamp = Timestamp::from_unix_seconds(1_768_478_400);

/// The organization of every partner that a scenario makes.
pub const ORGANIZATION: &str = "Example Bank";

/// A policy document that allows authentication and nothing else.
pub const DOCUMENT: &str = r#"{"allowAuthRequestDelegation":true,"allowKycRequestDelegation":false}"#;

/// An engine, and what a test needs around it.
///
/// ```
/// use misp_onboarding_testkit::scenario::Scenario;
///
/// let scenario = Scenario::in_memory();
/// let partner = scenario.ready_partner("bank");
/// let key = scenario.license_key(&partner, "production");
/// assert!(scenario.onboarding.authenticate(key.key.reveal())?.is_ok());
/// scenario.clock.advance_days(90);
/// assert!(scenario.onboarding.authenticate(key.key.reveal())?.is_err());
/// # Ok::<(), misp_onboarding::Error>(())
/// ```
pub struct Scenario {
    /// The engine.
    pub onboarding: Arc<Onboarding>,
    /// Its clock, at [`BEGIN`] where nothing else was asked for.
    pub clock: Arc<ManualClock>,
    /// A PKI good at the clock's first instant.
    pub pki: TestPki,
    /// Has the role PartnerAdmin.
    pub admin: Actor,
    /// Has the role PolicyManager.
    pub manager: Actor,
}

impl Scenario {
    /// A scenario on a new in-memory store.
    pub fn in_memory() -> Self {
        Self::new(Arc::new(MemoryStore::new()))
    }

    /// A scenario on a store.
    pub fn new(store: Arc<dyn Store>) -> Self {
        Self::with_rules(store, Rules::default())
    }

    /// A scenario with a configuration of its own.
    pub fn with_rules(store: Arc<dyn Store>, rules: Rules) -> Self {
        Self::set_up(store, rules, BEGIN)
    }

    /// A scenario that begins at another instant than [`BEGIN`].
    pub fn beginning(store: Arc<dyn Store>, at: Timestamp) -> Self {
        Self::set_up(store, Rules::default(), at)
    }

    fn set_up(store: Arc<dyn Store>, rules: Rules, at: Timestamp) -> Self {
        let clock = Arc::new(ManualClock::new(at));
        let onboarding = Onboarding::builder(store)
            .clock(clock.clone())
            .rules(rules)
            .build()
            .expect("rules that make sense");
        Self {
            onboarding: Arc::new(onboarding),
            clock,
            pki: TestPki::new(at),
            admin: actor("ana.admin", Role::PartnerAdmin),
            manager: actor("max.manager", Role::PolicyManager),
        }
    }

    /// Uploads the PKI's root and issuing CA to the domain `AUTH`.
    pub fn trust_ca(&self) {
        let report = self
            .onboarding
            .upload_ca_certificates(&self.admin, &TrustDomain::auth(), self.pki.ca_pem().as_bytes())
            .expect("CA certificates upload");
        assert!(report.all_accepted(), "{report}");
    }

    /// What creates a partner with this id.
    pub fn new_partner(&self, id: &str) -> NewPartner {
        NewPartner {
            id: id.to_owned(),
            organization: ORGANIZATION.to_owned(),
            address: "1 Harbor Street".to_owned(),
            contact_number: "+1 (555) 0100".to_owned(),
            email: format!("{id}@example.org"),
            language: None,
            policy_group: None,
        }
    }

    /// A partner without a certificate.
    pub fn partner(&self, id: &str) -> PartnerId {
        self.onboarding.create_partner(&self.admin, &self.new_partner(id)).expect("partner is created").id
    }

    /// Uploads a certificate that is good for two years from now, and makes the partner active.
    pub fn certify(&self, partner: &PartnerId) -> Partner {
        self.trust_ca();
        let now = misp_onboarding::Clock::now(&*self.clock);
        let certificate = self.pki.issue_with(ORGANIZATION, |leaf| leaf.valid_around(now, 730));
        self.onboarding
            .upload_certificate(&self.admin, partner, certificate.pem().as_bytes())
            .expect("certificate is accepted")
            .partner
    }

    /// An active partner without a policy group.
    pub fn active_partner(&self, id: &str) -> PartnerId {
        let partner = self.partner(id);
        self.certify(&partner).id
    }

    /// An active policy group.
    pub fn policy_group(&self, name: &str) -> PolicyGroup {
        let new = NewPolicyGroup { name: name.to_owned(), description: "for tests".to_owned() };
        self.onboarding.create_policy_group(&self.manager, &new).expect("policy group is created")
    }

    /// A draft policy.
    pub fn draft(&self, group: PolicyGroupId, name: &str) -> Policy {
        let new = NewPolicy {
            group,
            name: name.to_owned(),
            description: "for tests".to_owned(),
            document: DOCUMENT.to_owned(),
            valid_until: None,
        };
        self.onboarding.create_policy(&self.manager, &new).expect("policy is drafted")
    }

    /// An active policy.
    pub fn policy(&self, group: PolicyGroupId, name: &str) -> PolicyId {
        let draft = self.draft(group, name);
        self.onboarding.publish_policy(&self.manager, draft.id).expect("policy is published").id
    }

    /// An active policy that is good until just before an instant.
    pub fn policy_until(&self, group: PolicyGroupId, name: &str, end: Timestamp) -> PolicyId {
        let draft = self.draft(group, name);
        let edit = PolicyEdit { valid_until: Some(Some(end)), ..PolicyEdit::default() };
        self.onboarding.edit_policy(&self.manager, draft.id, &edit).expect("draft is edited");
        self.onboarding.publish_policy(&self.manager, draft.id).expect("policy is published").id
    }

    /// A pending link.
    pub fn request(&self, partner: &PartnerId, policy: PolicyId) -> PolicyLink {
        self.onboarding
            .request_policy(&self.admin, partner, policy, "to authenticate customers")
            .expect("policy is requested")
    }

    /// An approved link.
    pub fn link(&self, partner: &PartnerId, policy: PolicyId) -> PolicyLink {
        let link = self.request(partner, policy);
        self.onboarding.approve_policy_link(&self.admin, link.id, None).expect("policy is approved")
    }

    /// An active partner with a policy group of its own and an approved policy in it.
    pub fn ready_partner(&self, id: &str) -> PartnerId {
        self.ready_partner_with_policy(id).0
    }

    /// The same, with the policy.
    pub fn ready_partner_with_policy(&self, id: &str) -> (PartnerId, PolicyId) {
        let partner = self.active_partner(id);
        let group = self.policy_group(&format!("group of {id}"));
        self.onboarding
            .select_policy_group(&self.admin, &partner, group.id)
            .expect("policy group is selected");
        let policy = self.policy(group.id, &format!("policy of {id}"));
        self.link(&partner, policy);
        (partner, policy)
    }

    /// A license key without a policy, good for 90 days.
    pub fn license_key(&self, partner: &PartnerId, name: &str) -> GeneratedLicenseKey {
        self.onboarding.generate_license_key(&self.admin, &generate(partner, name)).expect("key is generated")
    }

    /// A license key with a policy, good for 90 days.
    pub fn license_key_for(&self, partner: &PartnerId, policy: PolicyId, name: &str) -> GeneratedLicenseKey {
        let command = GenerateLicenseKey { policy: Some(policy), ..generate(partner, name) };
        self.onboarding.generate_license_key(&self.admin, &command).expect("key is generated")
    }
}

/// What generates a license key without a policy, good for 90 days.
pub fn generate(partner: &PartnerId, name: &str) -> GenerateLicenseKey {
    GenerateLicenseKey {
        partner: partner.clone(),
        policy: None,
        name: name.to_owned(),
        validity: Validity::Default,
    }
}

/// Somebody with one role.
pub fn actor(id: &str, role: Role) -> Actor {
    Actor::new(id.parse().expect("an actor id"), [role])
}
