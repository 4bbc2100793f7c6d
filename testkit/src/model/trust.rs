//! The trust store.

use misp_onboarding::Role;
use misp_onboarding::id::CaCertificateId;
use misp_onboarding::trust_store::CaOutcome;

use super::certificates::{Authority, CA_FILES, pool};
use super::command::{Pick, Who};
use super::engines::{Difference, equal};
use super::game::Game;
use super::known::{Ca, Known, Reasons};
use super::text::Text;
use crate::scenario::BEGIN;

impl Game {
    pub(super) fn upload_cas(&mut self, who: Who, domain: &str, file: usize) -> Result<bool, Difference> {
        let authorities = CA_FILES[file];
        let known_domain =
            ["AUTH", "DEVICE", "FTM"].into_iter().find(|known| known.eq_ignore_ascii_case(domain));
        let reasons = Reasons::of(who, &[Role::PartnerAdmin], |reasons| {
            reasons.add(known_domain.is_none(), "trust_store.unknown_domain");
            reasons.add(authorities.is_empty(), "certificate.unreadable_file");
        });
        let (domain, bytes) = (domain.parse().expect("a name of letters"), pool().ca_file(authorities));
        let answer =
            self.engines.both(|engine| engine.upload_ca_certificates(&who.actor(), &domain, &bytes))?;
        reasons.judge(&answer)?;
        let (Ok(report), Some(domain)) = (answer, known_domain) else { return Ok(false) };
        let wanted = self.outcomes(domain, authorities);
        let found: Vec<&str> = report.entries.iter().map(|entry| entry.outcome.as_str()).collect();
        equal("what became of each CA certificate", found, wanted)?;
        for (entry, certificate) in report.entries.iter().zip(authorities) {
            if let CaOutcome::AddedAsRoot(id) | CaOutcome::AddedAsIntermediate(id) = entry.outcome {
                self.known.cas.push(Ca { id, domain, certificate: *certificate, trusted: true });
            }
        }
        Ok(true)
    }

    /// What must become of each CA certificate of a file.
    fn outcomes(&self, domain: &'static str, file: &[Authority]) -> Vec<&'static str> {
        let (now, known) = (self.now(), &self.known);
        let stored = |authority: Authority| {
            known.cas.iter().find(|ca| ca.domain == domain && ca.certificate == authority)
        };
        let is_good = |authority: Authority| {
            let certificate = &pool().authorities[authority];
            certificate.is_within_its_dates(now) && now.plus_calendar_months(12) <= certificate.not_after
        };
        // Wherever it stands in the file, a root that is added anchors the rest of it.
        let anchors = |root: Authority| match stored(root) {
            Some(_) => known.trusts(domain, root, now),
            None => file.contains(&root) && is_good(root),
        };
        let mut added: Vec<Authority> = Vec::new();
        let mut outcome = |authority: Authority| {
            match stored(authority) {
                Some(ca) if ca.trusted => return "already present",
                Some(_) => return "rejected",
                None if added.contains(&authority) => return "already present",
                None => {}
            }
            let issuers = &pool().authorities[authority].issuers;
            if !is_good(authority) || !issuers.iter().all(|issuer| anchors(*issuer)) {
                return "rejected";
            }
            added.push(authority);
            if issuers.is_empty() { "added as root" } else { "added as intermediate" }
        };
        file.iter().map(|authority| outcome(*authority)).collect()
    }

    pub(super) fn distrust_ca(&mut self, who: Who, pick: Pick, reason: Text) -> Result<bool, Difference> {
        let known = &self.known;
        let found = pick.among(known.cas.len());
        let reasons = Reasons::of(who, &[Role::PartnerAdmin], |reasons| {
            reasons.add(found.is_none(), "ca_certificate.not_found");
            reasons.add(found.is_some_and(|ca| !known.cas[ca].trusted), "ca_certificate.not_trusted");
            reasons.fields(reason.is_bad(), false);
        });
        let id = known.ca_id(found);
        let answer =
            self.engines.both(|engine| engine.distrust_ca_certificate(&who.actor(), id, reason.raw))?;
        reasons.judge(&answer)?;
        let (Ok(distrusted), Some(ca)) = (answer, found) else { return Ok(false) };
        self.known.cas[ca].trusted = false;
        let ca = &self.known.cas[ca];
        let relies =
            |leaf: usize| ca.domain == "AUTH" && pool().leaves[leaf].issuers.contains(&ca.certificate);
        let partners = self.known.partners.iter().filter(|partner| partner.certificate.is_some_and(relies));
        let mut wanted: Vec<_> = partners.map(|partner| partner.id.clone()).collect();
        wanted.sort();
        equal("the partners concerned", distrusted.affected_partners, wanted)?;
        Ok(true)
    }

    pub(super) fn ca_chain(&mut self, who: Who, pick: Pick) -> Result<bool, Difference> {
        let found = pick.among(self.known.cas.len());
        let reasons = Reasons::of(who, Role::ALL, |reasons| {
            reasons.add(found.is_none(), "ca_certificate.not_found");
        });
        let id = self.known.ca_id(found);
        let answer = self.engines.both(|engine| {
            let chain = engine.ca_chain(&who.actor(), id)?.certificates;
            Ok((
                chain,
                engine.ca_certificate(&who.actor(), id)?,
                engine.partners_relying_on(&who.actor(), id)?,
            ))
        })?;
        reasons.judge(&answer)?;
        Ok(answer.is_ok())
    }
}

impl Known {
    fn ca_id(&self, found: Option<usize>) -> CaCertificateId {
        found.map_or_else(|| CaCertificateId::new(BEGIN, [0; 10]), |ca| self.cas[ca].id)
    }
}
