//! CA certificates and partner certificates.

use std::collections::BTreeSet;

use misp_onboarding::certificate::Certificate;
use misp_onboarding::event::EventKind;
use misp_onboarding::store::RecordId;
use misp_onboarding::trust_store::CaState;

use super::history::History;
use super::{Contents, Index, Violations};

pub(super) fn check(
    contents: &Contents,
    index: &Index<'_>,
    history: &History<'_>,
    violations: &mut Violations,
) {
    check_cas(contents, index, history, violations);
    let known: BTreeSet<_> = contents.ca_certificates.iter().map(|ca| (&ca.domain, ca.fingerprint)).collect();
    for one in &contents.partner_certificates {
        let id = RecordId::PartnerCertificate(one.id);
        let uploaded = history.of(&id, &[EventKind::PartnerCertificateUploaded]);
        violations.equal(&id, "its upload", Some((one.uploaded_at, one.uploaded_by.clone())), uploaded);
        let replaced = history.of(&id, &[EventKind::PartnerCertificateReplaced]).map(|(at, _)| at);
        violations.equal(&id, "the instant of its replacement", one.replaced_at, replaced);
        let partner = index.partners.get(&one.partner);
        violations.must(partner.is_some(), &id, "its partner must be there, found none");
        let is_current = partner.is_some_and(|partner| partner.certificate == Some(one.id));
        violations.equal(
            &id,
            "whether it is its partner's current one",
            is_current,
            one.replaced_at.is_none(),
        );
        violations.must(reads(&one.der, one.fingerprint), &id, "must read and have its fingerprint");
        for fingerprint in &one.path {
            let there = known.contains(&(&one.domain, *fingerprint));
            violations.must(
                there,
                &id,
                format_args!("the CA certificate {fingerprint} of its path must be there"),
            );
        }
        violations.must(!one.path.is_empty(), &id, "must have a path, found none");
    }
}

fn check_cas(contents: &Contents, index: &Index<'_>, history: &History<'_>, violations: &mut Violations) {
    for ca in &contents.ca_certificates {
        let id = RecordId::CaCertificate(ca.id);
        let added = history.of(&id, &[EventKind::CaCertificateAdded]);
        violations.equal(&id, "its upload", Some((ca.uploaded_at, ca.uploaded_by.clone())), added);
        let distrusted = history.of(&id, &[EventKind::CaCertificateDistrusted]).map(|(at, _)| at);
        violations.equal(&id, "the instant of distrust", ca.distrusted_at, distrusted);
        let is_distrusted = ca.state == CaState::Distrusted;
        let told = (ca.distrusted_at.is_some(), ca.distrust_reason.is_some());
        violations.equal(
            &id,
            "whether instant and reason of distrust are there",
            told,
            (is_distrusted, is_distrusted),
        );
        violations.must(
            index.domains.contains(&ca.domain),
            &id,
            "its trust domain must be there, found none",
        );
        violations.must(reads(&ca.der, ca.fingerprint), &id, "must read and have its fingerprint");
    }
    let cas = contents.ca_certificates.iter();
    let fingerprints = cas.map(|ca| (RecordId::CaCertificate(ca.id), (&ca.domain, ca.fingerprint)));
    violations.unique("its fingerprint in the domain", fingerprints);
}

fn reads(der: &std::sync::Arc<[u8]>, fingerprint: misp_onboarding::certificate::Fingerprint) -> bool {
    Certificate::from_der(der.clone()).is_ok_and(|read| read.sha256() == fingerprint)
}
