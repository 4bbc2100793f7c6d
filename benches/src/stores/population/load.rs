//! Filling a store through the way every change takes.

use std::sync::Arc;

use anyhow::{Context, Result, ensure};
use misp_onboarding::certificate::PartnerCertificate;
use misp_onboarding::event::{EventKind, NewEvent};
use misp_onboarding::license_key::{LicenseKeyOrigin, LicenseKeyRecord};
use misp_onboarding::store::{Change, ChangeSet, Record, RecordId, Store};
use misp_onboarding::trust_store::TrustDomain;
use misp_onboarding::{Actor, Onboarding, Role};
use misp_onboarding_testkit::clock::ManualClock;
use misp_onboarding_testkit::pki::TestPki;
use misp_onboarding_testkit::scenario::{ORGANIZATION, Scenario, actor};

use super::{BEGIN, PAIR, Population, parents};

/// License keys of a commit, no pair torn apart.
const BATCH: usize = PAIR as usize * 588;
/// Partners of a commit.
const PARTNERS: usize = 1_000;
/// The certificate must be good for the whole time.
const CERTIFICATE_DAYS: i64 = 5 * 365;

/// What tells how far the writing is: the number of license keys written so far.
pub type Writing<'a> = &'a mut dyn FnMut(u32);

impl Population {
    /// Writes everything into an empty store.
    ///
    /// # Errors
    /// What the store says.
    pub fn write(&self, store: &Arc<dyn Store>, writing: Writing<'_>) -> Result<()> {
        self.write_parents(store)?;
        let keys: Vec<u32> = (0..self.keys).collect();
        for batch in keys.chunks(BATCH) {
            let (mut changes, mut replaced) = (ChangeSet::new(), Vec::new());
            for key in batch {
                let record = self.record_as_made(*key);
                changes.event(made(&record));
                // The replaced ones afterwards, as what is added together is added faster.
                replaced.extend(record.replaces.map(|_| Change::Update(self.record(key - 1).into())));
                changes.insert(record);
            }
            changes.changes.append(&mut replaced);
            store.commit(&changes)?;
            writing(batch.last().map_or(0, |last| last + 1));
        }
        Ok(())
    }

    /// Writes everything but the license keys.
    ///
    /// # Errors
    /// What the store says.
    pub fn write_parents(&self, store: &Arc<dyn Store>) -> Result<()> {
        ensure!((3..=parents::MAX_PARTNERS).contains(&self.partners), "3 to 10,000 partners are needed");
        let certificate = certificate(store)?;
        let mut changes = ChangeSet::new();
        changes.changes.extend(parents::groups()?.into_iter().map(insert));
        changes.changes.extend(parents::policies()?.into_iter().map(insert));
        store.commit(&changes)?;
        let partners: Vec<u32> = (0..self.partners).collect();
        for some in partners.chunks(PARTNERS) {
            let mut changes = ChangeSet::new();
            for partner in some {
                let (record, certificate) = parents::partner(*partner, &certificate)?;
                changes.insert(record);
                changes.changes.extend(certificate.map(insert));
                changes.changes.extend(parents::links(*partner)?.into_iter().map(insert));
            }
            store.commit(&changes)?;
        }
        Ok(())
    }
}

fn insert(record: impl Into<Record>) -> Change {
    Change::Insert(record.into())
}

/// Trusts a CA in the store, and gives a certificate that it issued and the engine accepted: all partners get it, as
/// what it names is compared when it is uploaded and not again.
fn certificate(store: &Arc<dyn Store>) -> Result<PartnerCertificate> {
    let clock = Arc::new(ManualClock::new(BEGIN));
    let onboarding = Onboarding::builder(store.clone()).clock(clock).build()?;
    let admin: Actor = actor("ana.admin", Role::PartnerAdmin);
    let pki = TestPki::new(BEGIN);
    onboarding.upload_ca_certificates(&admin, &TrustDomain::auth(), pki.ca_pem().as_bytes())?;
    // An engine on a store of its own accepts it, so that this one begins without a partner.
    let scenario = Scenario::in_memory();
    scenario.clock.set(BEGIN);
    scenario.onboarding.upload_ca_certificates(
        &scenario.admin,
        &TrustDomain::auth(),
        pki.ca_pem().as_bytes(),
    )?;
    let partner = scenario.partner("model");
    let issued = pki.issue_with(ORGANIZATION, |leaf| leaf.valid_around(BEGIN, CERTIFICATE_DAYS));
    scenario.onboarding.upload_certificate(&scenario.admin, &partner, issued.pem().as_bytes())?;
    let uploaded = scenario.onboarding.store().partner_certificates(&partner)?;
    uploaded.into_iter().next().context("the certificate was not stored")
}

fn made(key: &LicenseKeyRecord) -> NewEvent {
    NewEvent {
        at: key.created_at,
        actor: key.created_by.clone(),
        kind: match key.origin {
            LicenseKeyOrigin::Generated => EventKind::LicenseKeyGenerated,
            LicenseKeyOrigin::Imported => EventKind::LicenseKeyImported,
        },
        subject: RecordId::LicenseKey(key.id),
        version: key.version,
        partner: Some(key.partner.clone()),
        old_state: None,
        new_state: Some(key.state.to_string()),
        facts: [("name".to_owned(), key.name.to_string())].into(),
    }
}
