//! OpenSSL, in this process: roots and intermediates in its store, which is indexed by subject.

use anyhow::{Result, ensure};
use openssl::stack::Stack;
use openssl::x509::store::X509StoreBuilder;
use openssl::x509::verify::X509VerifyParam;
use openssl::x509::{X509, X509StoreContext};

use super::Contender;
use crate::certificates::{Scenario, at};

/// OpenSSL.
pub fn openssl(scenario: &Scenario) -> Result<Contender<'_>> {
    let mut store = X509StoreBuilder::new()?;
    for certificate in scenario.roots.iter().chain(&scenario.intermediates) {
        store.add_cert(X509::from_der(certificate.der())?)?;
    }
    let mut param = X509VerifyParam::new()?;
    param.set_time(at().unix_seconds());
    store.set_param(&param)?;
    let store = store.build();
    Ok(Contender::here("OpenSSL", move |place| {
        let leaf = &scenario.leaves[place % scenario.leaves.len()];
        let certificate = X509::from_pem(leaf.pem.as_bytes())?;
        let no_others = Stack::new()?;
        let mut context = X509StoreContext::new()?;
        let verdict = context.init(&store, &certificate, &no_others, |context| {
            Ok((context.verify_cert()?, context.error()))
        })?;
        ensure!(verdict.0, "refused: {}", verdict.1);
        Ok(())
    }))
}
