//! The engine.

use std::hint::black_box;
use std::sync::Arc;

use anyhow::Result;
use misp_onboarding::certificate::{
    AwsLcRs, CertificateReport, CertificateRules, Ring, SignatureVerifier, TrustAnchors, Validator,
};

use super::{Contender, Provider};
use crate::certificates::{Scenario, at};

/// The engine with the trust store of a scenario loaded.
pub struct Engine<'a> {
    scenario: &'a Scenario,
    anchors: TrustAnchors,
    rules: CertificateRules,
    verifier: Arc<dyn SignatureVerifier>,
}

impl Provider {
    /// What the engine checks signatures with.
    pub fn verifier(self) -> Arc<dyn SignatureVerifier> {
        match self {
            Self::AwsLcRs => Arc::new(AwsLcRs),
            Self::Ring => Arc::new(Ring),
        }
    }
}

impl<'a> Engine<'a> {
    /// Loads the trust store, and makes sure that every leaf is accepted.
    pub fn new(scenario: &'a Scenario, provider: Provider) -> Result<Self> {
        let verifier = provider.verifier();
        let anchors = scenario.anchors(&*verifier)?;
        let engine = Self { scenario, anchors, rules: CertificateRules::default(), verifier };
        (0..scenario.leaves.len()).try_for_each(|place| Scenario::check(&engine.validate(place)))?;
        Ok(engine)
    }

    /// How many leaves there are.
    pub fn leaves(&self) -> usize {
        self.scenario.leaves.len()
    }

    /// The full report on a leaf.
    pub fn validate(&self, place: usize) -> CertificateReport {
        let leaf = &self.scenario.leaves[place % self.scenario.leaves.len()];
        let Self { anchors, rules, verifier, .. } = self;
        Validator { anchors, rules, verifier }.validate(leaf.pem.as_bytes(), &leaf.organization, at())
    }
}

/// The engine as a contender.
pub fn ours<'a>(engine: &'a Engine<'a>, provider: Provider) -> Contender<'a> {
    Contender::here(provider.name(), |place| {
        black_box(engine.validate(place));
        Ok(())
    })
}
