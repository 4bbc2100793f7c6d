//! Loading a trust store of 1,000 CAs.

use std::hint::black_box;

use anyhow::Result;
use misp_onboarding::certificate::{Certificate, TrustAnchors};
use misp_onboarding_testkit::pki;

use super::{Keys, Scenario};
use crate::contender::{Contender, Provider, Signature};

/// A trust store as it is kept: the DER of every CA certificate.
#[derive(Debug)]
pub struct Loading {
    keys: Keys,
    scenario: Scenario,
    roots: Vec<Vec<u8>>,
    intermediates: Vec<Vec<u8>>,
}

impl Loading {
    /// Ten roots, whose signatures nobody needs to check, and 990 intermediates below them.
    pub fn new(keys: Keys) -> Self {
        let scenario = Scenario::with(keys, 10, 990, 0);
        let der =
            |list: &[pki::Certificate]| list.iter().map(|certificate| certificate.der().to_vec()).collect();
        Self { keys, roots: der(&scenario.roots), intermediates: der(&scenario.intermediates), scenario }
    }

    /// As tables show it.
    pub fn name(&self) -> String {
        format!("{}, load a trust store of 1,000 CAs", self.keys.name())
    }

    /// Reads the certificates and loads them.
    pub fn ours(&self, provider: Provider) -> Contender<'_> {
        let verifier = provider.verifier();
        Contender::here(provider.name(), move |_| {
            let read = |list: &[Vec<u8>]| {
                list.iter().map(|der| Certificate::from_der(&**der)).collect::<Result<Vec<_>, _>>()
            };
            black_box(TrustAnchors::load(read(&self.roots)?, read(&self.intermediates)?, [], &*verifier));
            Ok(())
        })
    }

    /// Checks the signature of every intermediate.
    pub fn bare_signatures(&self, provider: Provider) -> Result<Contender<'_>> {
        let Scenario { roots, intermediates, .. } = &self.scenario;
        let checks = intermediates
            .iter()
            .zip(roots.iter().cycle())
            .map(|(certificate, issuer)| Signature::of(certificate, issuer, self.keys != Keys::P256))
            .collect::<Result<Vec<_>>>()?;
        Ok(Contender::here(format!("its bare signatures, {}", provider.name()), move |_| {
            checks.iter().try_for_each(|check| check.check(provider))
        }))
    }
}
