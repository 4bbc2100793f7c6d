//! License keys: made, replaced, switched off, imported, and presented.

use std::time::Duration;

use misp_onboarding::id::LicenseKeyId;
use misp_onboarding::license_key::{
    GenerateLicenseKey, ImportLicenseKey, LicenseKey, LicenseKeyState, LicenseKeyStatus,
    RegenerateLicenseKey, Validity,
};
use misp_onboarding::onboarding::GeneratedLicenseKey;
use misp_onboarding::partner::PartnerState;
use misp_onboarding::policy_link::PolicyLinkState;
use misp_onboarding::{Role, Timestamp};

use super::certificates::pool;
use super::command::{Imported, Length, Pick, Presented, Who};
use super::engines::{Difference, equal};
use super::game::{Checked, Game};
use super::known::{Allowed, Key, Known, Reasons};
use super::text::Text;
use crate::scenario::BEGIN;

const ADMIN: &[Role] = &[Role::PartnerAdmin];
const DAY: Duration = Duration::from_secs(86_400);

impl Length {
    fn validity(self, now: Timestamp) -> Validity {
        match self {
            Self::Default => Validity::Default,
            Self::Days(days) => Validity::For(DAY * days as u32),
            Self::Micros(_) => Validity::Until(self.end(now)),
        }
    }

    fn end(self, now: Timestamp) -> Timestamp {
        match self {
            Self::Default => now.plus_days(90),
            Self::Days(days) => now.plus(DAY * days as u32),
            Self::Micros(micros) => Timestamp::from_unix_micros(now.unix_micros() + micros),
        }
    }

    fn is_bad(self, now: Timestamp) -> bool {
        self.end(now) <= now || self.end(now) > now.plus_days(1_825)
    }
}

impl Game {
    pub(super) fn generate(
        &mut self,
        who: Who,
        partner: Pick,
        policy: Option<Pick>,
        name: Text,
        length: Length,
    ) -> Result<bool, Difference> {
        let (known, now) = (&self.known, self.now());
        let partner = partner.among(known.partners.len());
        let policy = policy.map(|policy| policy.among(known.policies.len()));
        let reasons = Reasons::of(who, ADMIN, |reasons| {
            reasons.fields(name.is_bad() || length.is_bad(now), known.name_is_taken(partner, name, None));
            known.qualified(partner, policy, now, reasons);
        });
        let command = GenerateLicenseKey {
            partner: known.partner_id(partner),
            policy: policy.map(|policy| known.policy_id(policy)),
            name: name.raw.to_owned(),
            validity: length.validity(now),
        };
        let made =
            self.engines.both(|engine| engine.generate_license_key(&who.actor(), &command).map(revealed))?;
        reasons.judge(&made)?;
        let (Ok((text, view)), Some(partner), Some(name)) = (made, partner, name.class) else {
            return Ok(false);
        };
        let (id, expires) = (view.row.key.id, length.end(now));
        let (overlap_ends, state) = (None, LicenseKeyState::Active);
        let policy = policy.flatten();
        self.known.keys.push(Key { id, text, partner, policy, name, expires, overlap_ends, state });
        Ok(true)
    }

    pub(super) fn regenerate(
        &mut self,
        who: Who,
        pick: Pick,
        name: Option<Text>,
        length: Length,
        overlap_days: u64,
    ) -> Result<bool, Difference> {
        let (known, now) = (&self.known, self.now());
        let found = pick.among(known.keys.len());
        let reasons = Reasons::of(who, ADMIN, |reasons| {
            reasons.add(found.is_none(), "license_key.not_found");
            let Some(old) = found.map(|key| &known.keys[key]) else { return };
            match old.status(now) {
                LicenseKeyStatus::Active | LicenseKeyStatus::Expired => {}
                LicenseKeyStatus::Replaced => reasons.add(true, "license_key.wrong_status"),
                LicenseKeyStatus::Deactivated => reasons.add(true, "license_key.already_deactivated"),
            }
            let taken = name.is_some_and(|name| known.name_is_taken(Some(old.partner), name, found));
            let bad = name.is_some_and(Text::is_bad) || length.is_bad(now) || overlap_days > 30;
            reasons.fields(bad, taken);
            known.qualified(Some(old.partner), old.policy.map(Some), now, reasons);
        });
        let command = RegenerateLicenseKey {
            name: name.map(|name| name.raw.to_owned()),
            validity: length.validity(now),
            overlap: DAY * overlap_days as u32,
        };
        let id = known.key_id(found);
        let made = self
            .engines
            .both(|engine| engine.regenerate_license_key(&who.actor(), id, &command).map(revealed))?;
        reasons.judge(&made)?;
        let (Ok((text, view)), Some(found)) = (made, found) else { return Ok(false) };
        let old = &mut self.known.keys[found];
        old.state = LicenseKeyState::Replaced;
        old.overlap_ends = Some(now.plus(command.overlap).min(old.expires));
        let key = Key {
            id: view.row.key.id,
            text,
            partner: old.partner,
            policy: old.policy,
            name: name.and_then(|name| name.class).unwrap_or(old.name),
            expires: length.end(now),
            overlap_ends: None,
            state: LicenseKeyState::Active,
        };
        equal("the key that was replaced", view.row.key.replaces, Some(old.id))?;
        self.known.keys.push(key);
        Ok(true)
    }

    pub(super) fn deactivate_key(&mut self, who: Who, pick: Pick) -> Result<bool, Difference> {
        let (known, now) = (&self.known, self.now());
        let found = pick.among(known.keys.len());
        let reasons = Reasons::of(who, ADMIN, |reasons| {
            reasons.add(found.is_none(), "license_key.not_found");
            let Some(key) = found.map(|key| &known.keys[key]) else { return };
            match key.status(now) {
                LicenseKeyStatus::Deactivated => reasons.add(true, "license_key.already_deactivated"),
                _ => reasons.add(!known.can_be_switched_off(key, now), "license_key.wrong_status"),
            }
        });
        let id = known.key_id(found);
        let answer = self.engines.both(|engine| engine.deactivate_license_key(&who.actor(), id))?;
        reasons.judge(&answer)?;
        if let (Ok(_), Some(key)) = (&answer, found) {
            self.known.keys[key].state = LicenseKeyState::Deactivated;
        }
        Ok(answer.is_ok())
    }

    pub(super) fn import(&mut self, who: Who, imported: &[Imported]) -> Result<bool, Difference> {
        let (known, now) = (&self.known, self.now());
        let text = |key: &Imported| format!("{:0>50}", format!("Key{}", key.number));
        let found: Vec<_> = imported
            .iter()
            .map(|key| {
                let policy = key.policy.map(|policy| policy.among(known.policies.len()));
                (key, key.partner.among(known.partners.len()), policy)
            })
            .collect();
        let reasons = Reasons::of(who, ADMIN, |reasons| {
            for (place, (key, partner, policy)) in found.iter().enumerate() {
                reasons.add(partner.is_none(), "partner.not_found");
                reasons.add(*policy == Some(None), "policy.not_found");
                let state = partner.map(|partner| known.partners[partner].state);
                reasons.add(state == Some(PartnerState::Deactivated), "partner.deactivated");
                let there = known.keys.iter().any(|other| other.text == text(key));
                reasons.add(there, "license_key.already_imported");
                let before = &found[..place];
                let twice = before.iter().any(|(other, ..)| other.number == key.number);
                reasons.add(twice, "license_key.imported_twice");
                let same_name = before
                    .iter()
                    .any(|(other, owner, _)| (other.name.class, owner) == (key.name.class, partner));
                let taken = same_name || known.name_is_taken(*partner, key.name, None);
                reasons.fields(key.name.is_bad(), taken);
            }
        });
        let commands = |key: &(&Imported, Option<usize>, Option<Option<usize>>)| ImportLicenseKey {
            key: LicenseKey::parse(&text(key.0)).expect("50 letters and digits"),
            partner: known.partner_id(key.1),
            policy: key.2.map(|policy| known.policy_id(policy)),
            name: key.0.name.raw.to_owned(),
            expires_at: now.plus_days(key.0.days),
        };
        let commands: Vec<_> = found.iter().map(commands).collect();
        let answer = self.engines.both(|engine| engine.import_license_keys(&who.actor(), &commands))?;
        reasons.judge(&answer)?;
        let Ok(views) = answer else { return Ok(false) };
        let mut keys = Vec::new();
        for (view, (key, partner, policy)) in views.iter().zip(&found) {
            keys.push(Key {
                id: view.row.key.id,
                text: text(key),
                partner: partner.expect("a key of nobody is refused"),
                policy: policy.flatten(),
                name: key.name.class.expect("a bad name is refused"),
                expires: now.plus_days(key.days),
                overlap_ends: None,
                state: LicenseKeyState::Active,
            });
        }
        self.known.keys.extend(keys);
        Ok(true)
    }

    /// Every key ever made is let through, or refused, as the model has it.
    pub(super) fn check_verdicts(&self) -> Checked {
        for key in &self.known.keys {
            let wanted = self.known.verdict(key, self.now());
            equal(format!("the verdict on {}", key.id), self.verdict(&key.text)?, wanted)?;
        }
        Ok(())
    }

    pub(super) fn authenticate(&self, presented: Presented) -> Result<bool, Difference> {
        let key = |pick: Pick| {
            pick.among(self.known.keys.len()).map_or("misp_x", |key| self.known.keys[key].text.as_str())
        };
        let text = match presented {
            Presented::Unknown => "0".repeat(50),
            Presented::Text(text) => text.to_owned(),
            Presented::Cut(pick) => key(pick)[1..].to_owned(),
            Presented::Mistyped(pick) => {
                let (begin, last) = key(pick).split_at(key(pick).len() - 1);
                format!("{begin}{}", if last == "x" { "y" } else { "x" })
            }
        };
        // Keys of MOSIP have no checksum that could tell a mistyped one from one that was never made.
        let refusal = if text.len() == 50 { "authenticate.unknown" } else { "authenticate.malformed" };
        equal("the verdict on what is no key", self.verdict(&text)?, Err(refusal))?;
        Ok(true)
    }

    fn verdict(&self, text: &str) -> Result<Result<Allowed, &'static str>, Difference> {
        let verdict = self.engines.answer(|engine| engine.authenticate(text))?;
        if let Err(refusal) = &verdict {
            self.engines.refused(refusal.code());
        }
        Ok(verdict.map_err(|refusal| refusal.code()).map(|good| Allowed {
            id: good.key_id,
            partner: good.partner,
            policy: good.policy.map(|(id, permissions)| {
                let allows = [
                    permissions.allow_auth_request_delegation,
                    permissions.allow_kyc_request_delegation,
                    permissions.trust_binded_auth_verification_token,
                    permissions.allow_key_binding_delegation,
                ];
                (id, allows)
            }),
            until: good.valid_until,
        }))
    }
}

impl Known {
    pub(super) fn key_id(&self, found: Option<usize>) -> LicenseKeyId {
        found.map_or_else(|| LicenseKeyId::new(BEGIN, [0; 10]), |key| self.keys[key].id)
    }

    /// Whether a key can be switched off: it is good, has expired, or is replaced and good for a while yet.
    pub(super) fn can_be_switched_off(&self, key: &Key, now: Timestamp) -> bool {
        match key.state {
            LicenseKeyState::Active => true,
            LicenseKeyState::Replaced => key.overlap_ends.is_some_and(|end| now < end),
            LicenseKeyState::Deactivated => false,
        }
    }

    /// Whether a key of the partner, but for one, holds the name.
    fn name_is_taken(&self, partner: Option<usize>, name: Text, but_for: Option<usize>) -> bool {
        let mut others = self.keys.iter().enumerate().filter(|(number, _)| Some(*number) != but_for);
        others.any(|(_, key)| {
            key.holds_its_name() && (Some(key.partner), Some(key.name)) == (partner, name.class)
        })
    }

    /// What keeps a partner from getting a key, with or without a policy.
    fn qualified(
        &self,
        partner: Option<usize>,
        policy: Option<Option<usize>>,
        now: Timestamp,
        reasons: &mut Reasons,
    ) {
        reasons.add(partner.is_none(), "partner.not_found");
        reasons.add(policy == Some(None), "policy.not_found");
        if let Some(partner) = partner.map(|partner| &self.partners[partner]) {
            reasons.add(partner.state != PartnerState::Active, "partner.not_active");
            if let Some(leaf) = partner.certificate {
                let valid = pool().leaves[leaf].is_within_its_dates(now);
                reasons.add(!valid, "license_key.certificate_not_valid");
                reasons.add(!self.is_anchored(leaf, now), "license_key.certificate_not_trusted");
            }
        }
        if let Some(Some(policy)) = policy {
            reasons.extend(self.why_policy_is_unusable(policy, now));
            let approved = self.links.iter().any(|link| {
                (Some(link.partner), link.policy, link.state) == (partner, policy, PolicyLinkState::Approved)
            });
            reasons.add(!approved, "license_key.policy_not_approved");
        }
    }
}

/// What a key just made says, in a form that can be compared.
fn revealed(made: GeneratedLicenseKey) -> (String, misp_onboarding::license_key::LicenseKeyView) {
    (made.key.reveal().to_owned(), made.view)
}
