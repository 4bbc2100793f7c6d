//! License keys: generate, regenerate, deactivate, import, look up, list, authenticate.

use std::collections::HashMap;

use super::Onboarding;
use super::call::{call, span};
use crate::Timestamp;
use crate::actor::{ANY_ROLE, Actor, PARTNER_ADMIN};
use crate::decision::{Context, Decision};
use crate::error::{Error, ErrorKind, Field, InvalidInput};
use crate::id::{LicenseKeyId, PolicyId};
use crate::license_key::rules::{self, ImportFacts, KeyFacts, NewKey};
use crate::license_key::{
    Authorization, GenerateLicenseKey, ImportLicenseKey, LicenseKey, LicenseKeyError, LicenseKeyFilter,
    LicenseKeyName, LicenseKeyRow, LicenseKeySort, LicenseKeyView, Refusal, RegenerateLicenseKey,
};
use crate::list::{Direction, ListRequest, Page, TimeRange};
use crate::partner::{Partner, PartnerFilter, PartnerId, PartnerRow, PartnerSort, PartnerState};
use crate::policy::{Policy, PolicyGroup, PolicyRow};
use crate::policy_link::{PolicyLinkFilter, PolicyLinkSort, PolicyLinkState};
use crate::text::{FieldProblem, FieldRule};

/// The most license keys that one call imports: they become one commit. The more keys it has, the less a key costs; but a
/// store has some five seconds' work with so many, and who wants to write to the same SQLite file waits for it. While
/// others write, import fewer at a time.
pub const MAX_IMPORT: usize = 100_000;

/// A license key just made: the one time that it leaves the engine in clear.
#[derive(Debug)]
pub struct GeneratedLicenseKey {
    /// The key in clear. Show it once; it cannot be shown again.
    pub key: LicenseKey,
    /// Everything else about it.
    pub view: LicenseKeyView,
}

impl Onboarding {
    /// Generates a license key for an active partner with a valid certificate.
    ///
    /// # Errors
    /// [`Error::InvalidInput`] for the name, also where it is taken, and for the validity; [`Error::Partner`],
    /// [`Error::Policy`], [`LicenseKeyError`] when partner, certificate or policy do not allow it;
    /// [`Error::Forbidden`] without the role PartnerAdmin.
    pub fn generate_license_key(
        &self,
        actor: &Actor,
        command: &GenerateLicenseKey,
    ) -> Result<GeneratedLicenseKey, Error> {
        let call = call!(INFO, "generate_license_key", actor, PARTNER_ADMIN, partner = command.partner);
        self.command(call, |context| {
            let facts = self.key_facts(&command.partner, command.policy, Some(&command.name), context.now)?;
            let (key, new) = self.new_key(context.now)?;
            let decision = rules::generate(new, command, &facts, context)?;
            Ok(shown_once(decision, key, context.now))
        })
    }

    /// Makes a license key in place of an active or expired one, for the same partner and policy. The old key ends
    /// at once, or after the overlap asked for.
    ///
    /// # Errors
    /// As for [`generate_license_key`](Self::generate_license_key), and [`LicenseKeyError`] when the old key does not
    /// exist or is neither active nor expired.
    pub fn regenerate_license_key(
        &self,
        actor: &Actor,
        id: LicenseKeyId,
        command: &RegenerateLicenseKey,
    ) -> Result<GeneratedLicenseKey, Error> {
        let call = call!(INFO, "regenerate_license_key", actor, PARTNER_ADMIN, license_key = id);
        self.command(call, |context| {
            let old = self.existing_license_key(id)?.key;
            let name = command.name.as_deref();
            let facts = self.key_facts(&old.partner, old.policy, name, context.now)?;
            let (key, new) = self.new_key(context.now)?;
            let decision = rules::regenerate(new, &old, command, &facts, context)?;
            Ok(shown_once(decision, key, context.now))
        })
    }

    /// Deactivates a license key for good.
    ///
    /// # Errors
    /// [`LicenseKeyError`] when the key does not exist, is deactivated already, or was replaced and its overlap is
    /// over; [`Error::Forbidden`] without the role PartnerAdmin.
    pub fn deactivate_license_key(&self, actor: &Actor, id: LicenseKeyId) -> Result<LicenseKeyView, Error> {
        let call = call!(INFO, "deactivate_license_key", actor, PARTNER_ADMIN, license_key = id);
        self.command(call, |context| {
            let row = self.existing_license_key(id)?;
            let partner = self.existing_partner(&row.key.partner)?;
            let decision = rules::deactivate(&row, &partner, context)?;
            Ok(decision.map(|row| LicenseKeyView::at(row, context.now)))
        })
    }

    /// Imports keys that are in use already, at most 100,000, all or none. Their ids ascend in the order handed in.
    ///
    /// # Errors
    /// [`LicenseKeyError::Import`] with the first key that breaks a rule: its partner or policy does not exist, its
    /// partner is deactivated, its name is taken, or it is in the store already;
    /// [`LicenseKeyError::ImportedTwice`]; [`Error::InvalidInput`] for more than 100,000 keys;
    /// [`Error::Forbidden`] without the role PartnerAdmin.
    pub fn import_license_keys(
        &self,
        actor: &Actor,
        keys: &[ImportLicenseKey],
    ) -> Result<Vec<LicenseKeyView>, Error> {
        let call = call!(INFO, "import_license_keys", actor, PARTNER_ADMIN);
        // Names and digests are unique in the store, and almost always new. So whether they are is left to the commit at
        // first, and asked key by key, which takes longer than all the rest, only to tell which one is not.
        let mut is_new = Uniqueness::LeftToCommit;
        self.command(call, |context| {
            if keys.len() > MAX_IMPORT {
                let problem = FieldProblem::new(
                    FieldRule::Length,
                    format!("at most {MAX_IMPORT} license keys a call"),
                    keys.len().to_string(),
                );
                return Err(InvalidInput::one(Field::LicenseKeyImported, problem).into());
            }
            if std::mem::replace(&mut is_new, Uniqueness::Asked) == Uniqueness::LeftToCommit
                && let Ok(decision) = self.decide_import(keys, Uniqueness::LeftToCommit, context)
            {
                return Ok(decision);
            }
            self.decide_import(keys, Uniqueness::Asked, context)
        })
    }

    /// Looks a license key's record up. The key itself is masked.
    ///
    /// # Errors
    /// [`LicenseKeyError::NotFound`]; [`Error::Forbidden`] without a role.
    pub fn license_key(&self, actor: &Actor, id: LicenseKeyId) -> Result<LicenseKeyView, Error> {
        let call = call!(DEBUG, "license_key", actor, ANY_ROLE, license_key = id);
        self.answer(call, || Ok(LicenseKeyView::at(self.existing_license_key(id)?, self.now())))
    }

    /// Lists license keys, each masked, with what is allowed on it now.
    ///
    /// # Errors
    /// [`Error::List`] when the request cannot be answered; [`Error::Forbidden`] without a role.
    pub fn list_license_keys(
        &self,
        actor: &Actor,
        request: &ListRequest<LicenseKeyFilter, LicenseKeySort>,
    ) -> Result<Page<LicenseKeyView>, Error> {
        let call = call!(DEBUG, "list_license_keys", actor, ANY_ROLE);
        self.answer(call, || {
            // One instant for the filter and for what is shown of each key.
            let now = self.now();
            let page = self.list_at(
                now,
                request,
                |query| self.store.list_license_keys(query),
                |filter, now| self.store.count_license_keys(filter, now),
            )?;
            let items = page.items.into_iter().map(|row| LicenseKeyView::at(row, now)).collect();
            Ok(Page { items, next: page.next, total: page.total })
        })
    }

    /// The partners that a license key can be generated for, as far as partner and certificate dates tell: active,
    /// with a certificate that has not ended. By id ascending.
    ///
    /// # Errors
    /// [`Error::List`] when the request cannot be answered; [`Error::Forbidden`] without a role.
    pub fn partners_for_license_key(
        &self,
        actor: &Actor,
        page_size: u32,
        after: Option<crate::list::Cursor>,
    ) -> Result<Page<PartnerRow>, Error> {
        let call = call!(DEBUG, "partners_for_license_key", actor, ANY_ROLE);
        self.answer(call, || {
            let filter = PartnerFilter {
                state: Some(PartnerState::Active),
                certificate_ends: Some(TimeRange { from: self.now(), to: Timestamp::MAX }),
                ..Default::default()
            };
            let request = ListRequest::with_filter(filter)
                .sorted(PartnerSort::Id, Direction::Ascending)
                .page_size(page_size)
                .after(after);
            self.list_partners(actor, &request)
        })
    }

    /// The policies that a license key of a partner can name: approved for it and usable now. By name ascending.
    ///
    /// # Errors
    /// [`Error::Partner`] when there is no such partner; [`Error::Forbidden`] without a role.
    pub fn policies_for_license_key(
        &self,
        actor: &Actor,
        partner: &PartnerId,
    ) -> Result<Vec<PolicyRow>, Error> {
        let call = call!(DEBUG, "policies_for_license_key", actor, ANY_ROLE, partner = partner);
        self.answer(call, || {
            self.existing_partner(partner)?;
            let now = self.now();
            let filter = PolicyLinkFilter {
                partner: Some(partner.clone()),
                state: Some(PolicyLinkState::Approved),
                ..Default::default()
            };
            let mut request = ListRequest::with_filter(filter)
                .sorted(PolicyLinkSort::Policy, Direction::Ascending)
                .page_size(crate::list::MAX_PAGE_SIZE);
            let mut policies = Vec::new();
            loop {
                let page = self.list_policy_links(actor, &request)?;
                for row in page.items {
                    let policy = self.existing_policy(row.link.policy)?;
                    let group = self.existing_policy_group(policy.group)?;
                    if crate::policy::rules::usable(&policy, &group, now).is_ok() {
                        policies.push(PolicyRow { policy, group_name: group.name });
                    }
                }
                if page.next.is_none() {
                    return Ok(policies);
                }
                request.after = page.next;
            }
        })
    }

    /// Whose key this is, whether it is good right now, and what it allows.
    ///
    /// # Errors
    /// [`StoreError`](crate::store::StoreError) when the store fails; the refusal is part of the answer.
    pub fn authenticate(&self, presented: &str) -> Result<Result<Authorization, Refusal>, Error> {
        self.verdict(presented, || self.now())
    }

    /// Whose key this is, whether it is good at an instant, and what it allows, as the store stands now. Text that
    /// is no license key never reaches the store.
    ///
    /// # Errors
    /// [`StoreError`](crate::store::StoreError) when the store fails; the refusal is part of the answer.
    pub fn authenticate_at(
        &self,
        presented: &str,
        at: Timestamp,
    ) -> Result<Result<Authorization, Refusal>, Error> {
        self.verdict(presented, || at)
    }

    fn verdict(
        &self,
        presented: &str,
        at: impl FnOnce() -> Timestamp,
    ) -> Result<Result<Authorization, Refusal>, Error> {
        span!(DEBUG, "authenticate").around(
            || self.judge(presented, at),
            |answer| match answer {
                Ok(verdict) => verdict.as_ref().err().map_or("ok", Refusal::code),
                Err(error) => error.code(),
            },
        )
    }

    fn judge(
        &self,
        presented: &str,
        at: impl FnOnce() -> Timestamp,
    ) -> Result<Result<Authorization, Refusal>, Error> {
        if let Err(malformed) = crate::license_key::check_form(presented) {
            return Ok(Err(Refusal::Malformed(malformed)));
        }
        let digest = self.hasher.digest(presented);
        // As late as can be without keeping the store from others: making the digest takes a while too.
        let at = at();
        let mut verdict = Err(Refusal::Unknown);
        self.store.show_by_digest(&digest, &mut |found| {
            verdict = crate::license_key::decide(&digest, found, at);
        })?;
        Ok(verdict)
    }

    fn existing_license_key(&self, id: LicenseKeyId) -> Result<LicenseKeyRow, Error> {
        Ok(self.store.license_key(id)?.ok_or(LicenseKeyError::NotFound { id })?)
    }

    fn new_key(&self, now: Timestamp) -> Result<(LicenseKey, NewKey), Error> {
        let id = LicenseKeyId::new(now, self.random_id()?);
        let key = self.with_random(|random| random.license_key())?;
        let new = self.kept_of(&key, id);
        Ok((key, new))
    }

    fn kept_of(&self, key: &LicenseKey, id: LicenseKeyId) -> NewKey {
        NewKey { id, digest: key.digest(&self.hasher), last4: key.last4().to_owned() }
    }

    fn key_facts(
        &self,
        partner: &PartnerId,
        policy: Option<PolicyId>,
        name: Option<&str>,
        now: Timestamp,
    ) -> Result<KeyFacts, Error> {
        let partner = self.existing_partner(partner)?;
        let (trust_domain, anchors) = self.anchors(&self.rules.partner_domain)?;
        let certificate = match partner.certificate {
            Some(id) => self.store.partner_certificate(id)?,
            None => None,
        };
        let certificate = match certificate {
            Some(certificate) => {
                let path = self.path_still_holds(&anchors, &certificate, now)?;
                Some((certificate, path))
            }
            None => None,
        };
        let policy = match policy {
            Some(id) => {
                let (policy, group) = self.policy_and_group(id)?;
                let link = self.store.open_policy_link(&partner.id, id)?;
                let approved = link.is_some_and(|link| link.state == PolicyLinkState::Approved);
                Some((policy, group, approved))
            }
            None => None,
        };
        let name_taken_by = self.live_name(&partner, name)?;
        Ok(KeyFacts { partner, certificate, trust_domain, policy, name_taken_by })
    }

    fn policy_and_group(&self, id: PolicyId) -> Result<(Policy, PolicyGroup), Error> {
        let policy = self.existing_policy(id)?;
        let group = self.existing_policy_group(policy.group)?;
        Ok((policy, group))
    }

    /// The partner's live key of this name; a name that breaks a rule is not looked for.
    fn live_name(&self, partner: &Partner, name: Option<&str>) -> Result<Option<LicenseKeyId>, Error> {
        match name.map(LicenseKeyName::parse) {
            Some(Ok(name)) => Ok(self.store.live_license_key_named(&partner.id, &name)?),
            _ => Ok(None),
        }
    }

    fn decide_import(
        &self,
        keys: &[ImportLicenseKey],
        uniqueness: Uniqueness,
        context: &Context<'_>,
    ) -> Result<Decision<Vec<LicenseKeyView>>, Error> {
        let mut known = KnownParents::default();
        let mut facts = Vec::with_capacity(keys.len());
        let ids = self.ascending_ids(keys.len(), context.now)?;
        for (index, (command, id)) in keys.iter().zip(ids).enumerate() {
            let found = self.import_facts(command, id, uniqueness, &mut known).map_err(|source| {
                match source.kind() {
                    // That the store fails has nothing to do with this key.
                    ErrorKind::Store | ErrorKind::Conflict => source,
                    _ => LicenseKeyError::Import { index, source: Box::new(source) }.into(),
                }
            })?;
            facts.push(found);
        }
        let decision = rules::import(facts, context)?;
        Ok(decision.map(|rows| rows.into_iter().map(|row| LicenseKeyView::at(row, context.now)).collect()))
    }

    /// Ids for license keys made at one instant, in ascending order: lists by the instant show the keys in the order in which
    /// they were handed in, or that order reversed, and a store adds each next to the one before instead of somewhere among them.
    fn ascending_ids(&self, count: usize, now: Timestamp) -> Result<Vec<LicenseKeyId>, Error> {
        let mut random = vec![[0; 10]; count];
        self.with_random(|generator| generator.fill(random.as_flattened_mut()))?;
        let mut ids: Vec<_> = random.into_iter().map(|random| LicenseKeyId::new(now, random)).collect();
        ids.sort_unstable();
        Ok(ids)
    }

    fn import_facts<'a>(
        &self,
        command: &'a ImportLicenseKey,
        id: LicenseKeyId,
        uniqueness: Uniqueness,
        known: &mut KnownParents,
    ) -> Result<ImportFacts<'a>, Error> {
        let partner = match known.partners.get(&command.partner) {
            Some(partner) => partner.clone(),
            None => {
                let partner = self.existing_partner(&command.partner)?;
                known.partners.insert(command.partner.clone(), partner.clone());
                partner
            }
        };
        let policy = match command.policy {
            None => None,
            Some(id) => match known.policies.get(&id) {
                Some(found) => Some(found.clone()),
                None => {
                    let found = self.policy_and_group(id)?;
                    known.policies.insert(id, found.clone());
                    Some(found)
                }
            },
        };
        let new = self.kept_of(&command.key, id);
        let (name_taken_by, already_there) = match uniqueness {
            Uniqueness::LeftToCommit => (None, None),
            Uniqueness::Asked => (
                self.live_name(&partner, Some(&command.name))?,
                self.store.find_by_digest(&new.digest)?.map(|record| record.key_id),
            ),
        };
        Ok(ImportFacts { command, name_taken_by, already_there, new, partner, policy })
    }
}

/// How an import finds out whether its keys' names and digests are new.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Uniqueness {
    /// The store refuses the commit.
    LeftToCommit,
    /// The store is asked for each key.
    Asked,
}

/// Partners and policies that an import has read already.
#[derive(Default)]
struct KnownParents {
    partners: HashMap<PartnerId, Partner>,
    policies: HashMap<PolicyId, (Policy, PolicyGroup)>,
}

fn shown_once(
    decision: Decision<LicenseKeyRow>,
    key: LicenseKey,
    now: Timestamp,
) -> Decision<GeneratedLicenseKey> {
    decision.map(|row| GeneratedLicenseKey { key, view: LicenseKeyView::at(row, now) })
}
