//! rustls-webpki: any purpose, in so far as client certificates may have any.

use std::time::Duration;

use anyhow::{Context, Result};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, TrustAnchor, UnixTime};
use webpki::{ALL_VERIFICATION_ALGS, EndEntityCert, KeyUsage, anchor_from_trusted_cert};

use super::Contender;
use crate::certificates::{Scenario, at};

/// rustls-webpki with aws-lc-rs.
pub fn rustls_webpki(scenario: &Scenario) -> Result<Contender<'_>> {
    let der = |certificate: &misp_onboarding_testkit::pki::Certificate| {
        CertificateDer::from(certificate.der().to_vec())
    };
    let roots = scenario
        .roots
        .iter()
        .map(|root| Ok(anchor_from_trusted_cert(&der(root))?.to_owned()))
        .collect::<Result<Vec<TrustAnchor<'static>>>>()?;
    let intermediates: Vec<_> = scenario.intermediates.iter().map(der).collect();
    let time = UnixTime::since_unix_epoch(Duration::from_secs(at().unix_seconds().try_into()?));
    Ok(Contender::here("rustls-webpki", move |place| {
        let leaf = &scenario.leaves[place % scenario.leaves.len()];
        let der = CertificateDer::from_pem_slice(leaf.pem.as_bytes()).ok().context("no PEM")?;
        EndEntityCert::try_from(&der)?.verify_for_usage(
            ALL_VERIFICATION_ALGS,
            &roots,
            &intermediates,
            time,
            KeyUsage::client_auth(),
            None,
            None,
        )?;
        Ok(())
    }))
}
