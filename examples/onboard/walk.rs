//! The guide, step by step.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use misp_onboarding::certificate::{CertificateRules, validate};
use misp_onboarding::error::ErrorKind;
use misp_onboarding::event::EventSequence;
use misp_onboarding::id::{LicenseKeyId, PolicyGroupId, PolicyId};
use misp_onboarding::license_key::{
    GenerateLicenseKey, LicenseKey, LicenseKeyFilter, RegenerateLicenseKey, Validity,
};
use misp_onboarding::list::ListRequest;
use misp_onboarding::onboarding::GeneratedLicenseKey;
use misp_onboarding::partner::{NewPartner, PartnerId};
use misp_onboarding::policy::{NewPolicy, NewPolicyGroup};
use misp_onboarding::trust_store::{CaCertificateFilter, TrustDomain};
use misp_onboarding::{Actor, Clock, Error, Onboarding, Role, SystemClock};
use misp_onboarding_sqlite::SqliteStore;

use crate::demo_pki::{Certificates, File};
use crate::failure::Failure;
use crate::transcript::{Transcript, time};

const DAY: Duration = Duration::from_secs(86_400);
/// How long the old key stays good beside the new one.
const OVERLAP_DAYS: u32 = 7;

const POLICY: &str = r#"{
    "allowAuthRequestDelegation": true,
    "allowKycRequestDelegation": true,
    "trustBindedAuthVerificationToken": false,
    "allowKeyBindingDelegation": false
}"#;

/// Onboards one more partner on the file.
pub(crate) fn walk(
    db: &Path,
    certificates: &Certificates,
    organization: Option<String>,
) -> Result<(), Failure> {
    let store = SqliteStore::open(db).map_err(|error| Failure::file(db, error))?;
    let mut guide = Guide {
        onboarding: Onboarding::builder(Arc::new(store)).build()?,
        admin: actor("ana.admin", Role::PartnerAdmin)?,
        manager: actor("max.manager", Role::PolicyManager)?,
        transcript: Transcript::default(),
    };
    guide.transcript.say("MISP onboarding, step by step\n");
    guide.transcript.say(format!("database:      {}", db.display()));
    guide.transcript.say(format!("certificates:  {}", certificates.origin));
    let before = guide.last_event()?;

    guide.upload_ca_certificates(&certificates.ca)?;
    let (number, partner) = guide.create_partner(&certificates.partner, organization)?;
    guide.upload_certificate(&partner, &certificates.partner)?;
    let group = guide.create_policy_group(number)?;
    let policy = guide.create_policy(number, group)?;
    guide.link_policy(&partner, group, policy)?;
    let old = guide.generate_license_key(&partner, policy)?;
    guide.list_license_keys(&partner)?;
    guide.authenticate(&old.key)?;
    let new = guide.regenerate_license_key(&old)?;
    let keys = [("the old key", &old.key), ("the new key", &new.key)];
    guide.deactivate_license_key(old.view.row.key.id, keys)?;
    guide.deactivate_partner(&partner, keys)?;
    guide.list_license_keys(&partner)?;
    guide.events(before)
}

fn actor(id: &str, role: Role) -> Result<Actor, Failure> {
    Ok(Actor::new(id.parse().map_err(|problem| Failure::file(id, problem))?, [role]))
}

/// The engine, who gives it commands, and where the answers go.
struct Guide {
    onboarding: Onboarding,
    admin: Actor,
    manager: Actor,
    transcript: Transcript,
}

impl Guide {
    fn upload_ca_certificates(&mut self, files: &[File]) -> Result<(), Failure> {
        self.transcript.step("Upload the CA certificates");
        let mut waiting: Vec<&File> = files.iter().collect();
        // An intermediate needs its root, which may be in a later file: a file is tried again as long as others helped.
        loop {
            let before = waiting.len();
            let mut refused = Vec::new();
            for file in waiting {
                let report = self.onboarding.upload_ca_certificates(
                    &self.admin,
                    &TrustDomain::auth(),
                    &file.content,
                )?;
                if report.all_accepted() {
                    self.transcript.report(file, &report);
                } else {
                    refused.push((file, report));
                }
            }
            if refused.is_empty() {
                break;
            }
            if refused.len() == before {
                for (file, report) in refused {
                    self.transcript.report(file, &report);
                }
                return Err(Failure::CaRefused);
            }
            waiting = refused.into_iter().map(|(file, _)| file).collect();
        }
        let request = ListRequest::<CaCertificateFilter, _>::default().counted();
        let page = self.onboarding.list_ca_certificates(&self.admin, &request)?;
        let total = page.total.unwrap_or_default();
        self.transcript.say(format!("\nThe trust store, {} of {total}, newest first:\n", page.items.len()));
        self.transcript.ca_certificates(&page.items);
        Ok(())
    }

    fn create_partner(
        &mut self,
        certificate: &File,
        organization: Option<String>,
    ) -> Result<(u32, PartnerId), Failure> {
        self.transcript.step("Create the partner");
        let organization = organization.or_else(|| organization_of(certificate));
        let (number, id) = self.free_partner_id()?;
        let new = NewPartner {
            email: format!("{id}@example.org"),
            id,
            organization: organization.unwrap_or_else(|| "Unknown Organization".to_owned()),
            address: "1 Harbor Street, Port Example".to_owned(),
            contact_number: "+1 (555) 0100".to_owned(),
            language: None,
            policy_group: None,
        };
        let partner = self.onboarding.create_partner(&self.admin, &new)?;
        self.transcript.say(format!(
            "Partner {} of organization \"{}\" is {}.",
            partner.id, partner.organization, partner.state
        ));
        Ok((number, partner.id))
    }

    /// The first of `misp-1`, `misp-2` and so on that no partner has, since a deactivated partner keeps its id.
    fn free_partner_id(&self) -> Result<(u32, String), Failure> {
        let mut number = 1;
        loop {
            let id = format!("misp-{number}");
            match self.onboarding.partner(&self.admin, &id.parse().map_err(|p| Failure::file(&id, p))?) {
                Ok(_) => number += 1,
                Err(error) if error.kind() == ErrorKind::NotFound => return Ok((number, id)),
                Err(error) => return Err(error.into()),
            }
        }
    }

    fn upload_certificate(&mut self, partner: &PartnerId, file: &File) -> Result<(), Failure> {
        self.transcript.step("Inspect the partner's certificate");
        let report = self.onboarding.inspect_certificate(&self.admin, partner, &file.content)?;
        self.transcript.report(file, &report);

        self.transcript.step("Upload the partner's certificate");
        match self.onboarding.upload_certificate(&self.admin, partner, &file.content) {
            Ok(uploaded) => self.transcript.say(format!(
                "The certificate is stored. Partner {partner} is {} now.",
                uploaded.partner.state
            )),
            Err(Error::CertificateRejected(report)) => {
                self.transcript.say("The certificate is refused, and nothing of it is stored.");
                return Err(Error::CertificateRejected(report).into());
            }
            Err(error) => return Err(error.into()),
        }
        Ok(())
    }

    fn create_policy_group(&mut self, number: u32) -> Result<PolicyGroupId, Failure> {
        self.transcript.step("Create a policy group");
        let new = NewPolicyGroup {
            name: format!("Banks {number}"),
            description: "What banks may do for their customers".to_owned(),
        };
        let group = self.onboarding.create_policy_group(&self.manager, &new)?;
        self.transcript.say(format!("Policy group \"{}\" is {}.", group.name, group.state));
        Ok(group.id)
    }

    fn create_policy(&mut self, number: u32, group: PolicyGroupId) -> Result<PolicyId, Failure> {
        self.transcript.step("Draft and publish a policy");
        let new = NewPolicy {
            group,
            name: format!("Sign-in with e-KYC {number}"),
            description: "Authentication and e-KYC requests for others".to_owned(),
            document: POLICY.to_owned(),
            valid_until: None,
        };
        let draft = self.onboarding.create_policy(&self.manager, &new)?;
        self.transcript.say(format!("Policy \"{}\" is a {}:\n\n{POLICY}\n", draft.name, draft.state));
        let policy = self.onboarding.publish_policy(&self.manager, draft.id)?;
        self.transcript
            .say(format!("Policy \"{}\" is {} and cannot be edited any more.", policy.name, policy.state));
        Ok(policy.id)
    }

    fn link_policy(
        &mut self,
        partner: &PartnerId,
        group: PolicyGroupId,
        policy: PolicyId,
    ) -> Result<(), Failure> {
        self.transcript.step("Select the policy group");
        self.onboarding.select_policy_group(&self.admin, partner, group)?;
        self.transcript.say(format!("Partner {partner} has its policy group, for good."));

        self.transcript.step("Request and approve the policy");
        let link =
            self.onboarding.request_policy(&self.admin, partner, policy, "Sign-in for online banking")?;
        self.transcript.say(format!("The policy link is {}.", link.state));
        let link = self.onboarding.approve_policy_link(&self.admin, link.id, Some("Contract signed"))?;
        self.transcript.say(format!("The policy link is {}.", link.state));
        Ok(())
    }

    fn generate_license_key(
        &mut self,
        partner: &PartnerId,
        policy: PolicyId,
    ) -> Result<GeneratedLicenseKey, Failure> {
        self.transcript.step("Generate a license key");
        let command = GenerateLicenseKey {
            partner: partner.clone(),
            policy: Some(policy),
            name: "production".to_owned(),
            validity: Validity::Default,
        };
        let generated = self.onboarding.generate_license_key(&self.admin, &command)?;
        self.show_once(&generated);
        Ok(generated)
    }

    /// The one place that prints a license key.
    fn show_once(&self, generated: &GeneratedLicenseKey) {
        let expires_at = time(generated.view.row.key.expires_at);
        self.transcript.say(format!(
            "License key \"{}\", good until {expires_at}. It is shown this once and stored nowhere:\n\n    {}",
            generated.view.row.key.name,
            generated.key.reveal()
        ));
    }

    fn list_license_keys(&mut self, partner: &PartnerId) -> Result<(), Failure> {
        self.transcript.step("List the partner's license keys");
        let filter = LicenseKeyFilter { partner: Some(partner.clone()), ..Default::default() };
        let page = self.onboarding.list_license_keys(&self.admin, &ListRequest::with_filter(filter))?;
        self.transcript.license_keys(&page.items);
        Ok(())
    }

    fn authenticate(&mut self, key: &LicenseKey) -> Result<(), Failure> {
        self.transcript.step("Authenticate");
        // A key that lost its last character, and one that looks like MOSIP's own.
        let cut = &key.reveal()[..key.reveal().len() - 1];
        let verdicts = [
            ("the license key", self.onboarding.authenticate(key.reveal())?),
            ("the same, cut by a character", self.onboarding.authenticate(cut)?),
            ("50 zeros", self.onboarding.authenticate(&"0".repeat(50))?),
        ];
        self.transcript.verdicts(&verdicts);
        Ok(())
    }

    fn regenerate_license_key(&mut self, old: &GeneratedLicenseKey) -> Result<GeneratedLicenseKey, Failure> {
        self.transcript.step("Regenerate the license key with an overlap");
        let command = RegenerateLicenseKey { overlap: DAY * OVERLAP_DAYS, ..Default::default() };
        let new = self.onboarding.regenerate_license_key(&self.admin, old.view.row.key.id, &command)?;
        self.show_once(&new);
        self.transcript.say(format!("\nThe old key stays good for {OVERLAP_DAYS} days:\n"));
        let after = SystemClock.now().plus(DAY * (OVERLAP_DAYS + 1));
        let verdicts = [
            ("the old key", self.onboarding.authenticate(old.key.reveal())?),
            ("the new key", self.onboarding.authenticate(new.key.reveal())?),
            (
                "the old key, a day after the overlap",
                self.onboarding.authenticate_at(old.key.reveal(), after)?,
            ),
            (
                "the new key, a day after the overlap",
                self.onboarding.authenticate_at(new.key.reveal(), after)?,
            ),
        ];
        self.transcript.verdicts(&verdicts);
        Ok(new)
    }

    fn deactivate_license_key(
        &mut self,
        id: LicenseKeyId,
        keys: [(&'static str, &LicenseKey); 2],
    ) -> Result<(), Failure> {
        self.transcript.step("Deactivate the old license key");
        let view = self.onboarding.deactivate_license_key(&self.admin, id)?;
        self.transcript.say(format!("License key {} is {}.\n", view.masked_key(), view.status));
        self.verdicts_on(keys)
    }

    fn deactivate_partner(
        &mut self,
        partner: &PartnerId,
        keys: [(&'static str, &LicenseKey); 2],
    ) -> Result<(), Failure> {
        self.transcript.step("Deactivate the partner");
        let partner = self.onboarding.deactivate_partner(&self.admin, partner)?;
        self.transcript
            .say(format!("Partner {} is {}, and every license key with it.\n", partner.id, partner.state));
        self.verdicts_on(keys)
    }

    fn verdicts_on(&self, keys: [(&'static str, &LicenseKey); 2]) -> Result<(), Failure> {
        let mut verdicts = Vec::new();
        for (name, key) in keys {
            verdicts.push((name, self.onboarding.authenticate(key.reveal())?));
        }
        self.transcript.verdicts(&verdicts);
        Ok(())
    }

    /// The place of the newest event.
    fn last_event(&self) -> Result<EventSequence, Failure> {
        let mut last = EventSequence::START;
        while let Some(event) = self.onboarding.events(&self.admin, last, 1_000)?.last() {
            last = event.sequence;
        }
        Ok(last)
    }

    fn events(&mut self, before: EventSequence) -> Result<(), Failure> {
        self.transcript.step("Read the events");
        let events = self.onboarding.events(&self.admin, before, 1_000)?;
        self.transcript.events(&events);
        Ok(())
    }
}

/// The O of the subject, where the file can be read and the subject has one.
fn organization_of(file: &File) -> Option<String> {
    let report = validate(&file.content, &[], &[], &CertificateRules::default(), "", SystemClock.now());
    report.details?.organization
}
