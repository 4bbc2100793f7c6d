//! rustls-webpki: any purpose, in so far as client certificates may have any.

use std::time::Duration;

use anyhow::{Context, Result};
use rustls_pki_types::pem::PemObject as _;
use rustls_pki_types::{CertificateDer, SignatureVerificationAlgorithm, TrustAnchor, UnixTime};
use webpki::{EndEntityCert, KeyUsage, anchor_from_trusted_cert, aws_lc_rs, ring};

use super::{Contender, Provider};
use crate::certificates::{Scenario, at};

/// The algorithms of the scenarios are all it has to choose from.
const AWS_LC_RS: &[&dyn SignatureVerificationAlgorithm] =
    &[aws_lc_rs::RSA_PKCS1_2048_8192_SHA256, aws_lc_rs::ECDSA_P256_SHA256];
const RING: &[&dyn SignatureVerificationAlgorithm] =
    &[ring::RSA_PKCS1_2048_8192_SHA256, ring::ECDSA_P256_SHA256];

/// rustls-webpki.
pub fn rustls_webpki(scenario: &Scenario, provider: Provider) -> Result<Contender<'_>> {
    let algorithms = match provider {
        Provider::AwsLcRs => AWS_LC_RS,
        Provider::Ring => RING,
    };
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
    Ok(Contender::here(format!("rustls-webpki, {}", provider.name()), move |place| {
        let leaf = &scenario.leaves[place % scenario.leaves.len()];
        let der = CertificateDer::from_pem_slice(leaf.pem.as_bytes()).ok().context("no PEM")?;
        EndEntityCert::try_from(&der)?.verify_for_usage(
            algorithms,
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
