//! The rules of license keys: generate, regenerate, deactivate, import, and what is allowed now.

use std::collections::{HashMap, HashSet};
use std::time::Duration;

use super::{
    LicenseKey, LicenseKeyDigest, LicenseKeyError, LicenseKeyName, LicenseKeyOrigin, LicenseKeyRecord,
    LicenseKeyRow, LicenseKeyState, LicenseKeyStatus,
};
use crate::Timestamp;
use crate::certificate::PartnerCertificate;
use crate::decision::{Context, Decision};
use crate::error::{Error, Field, FieldErrors};
use crate::event::EventKind;
use crate::id::{LicenseKeyId, PolicyId, Version};
use crate::partner::{Partner, PartnerId, PartnerState};
use crate::policy::{Policy, PolicyGroup};
use crate::rules::days;
use crate::state::state_enum;
use crate::store::{ChangeSet, RecordId};
use crate::text::{FieldProblem, FieldRule};
use crate::trust_store::TrustDomainRecord;

/// How long a key is to be good.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Validity {
    /// As long as configured; 90 days by default.
    #[default]
    Default,
    /// For a time from now on.
    For(Duration),
    /// Until just before an instant.
    Until(Timestamp),
}

/// A license key to generate.
#[derive(Clone, Debug)]
pub struct GenerateLicenseKey {
    /// Whose key it will be: an active partner with a valid certificate.
    pub partner: PartnerId,
    /// The policy that says what it allows: approved for the partner and usable now. Recommended.
    pub policy: Option<PolicyId>,
    /// See [`LicenseKeyName`].
    pub name: String,
    /// How long it is to be good, at most 1825 days by default.
    pub validity: Validity,
}

/// A license key to make in place of another.
#[derive(Clone, Debug, Default)]
pub struct RegenerateLicenseKey {
    /// See [`LicenseKeyName`]; none: the old key's.
    pub name: Option<String>,
    /// How long the new key is to be good, at most 1825 days by default.
    pub validity: Validity,
    /// How long the old key stays good beside the new one, at most 30 days by default; zero: it ends at once.
    pub overlap: Duration,
}

/// A license key that is in use already, to be imported.
#[derive(Debug)]
pub struct ImportLicenseKey {
    /// The key in clear.
    pub key: LicenseKey,
    /// Whose key it is; the partner may still be inactive.
    pub partner: PartnerId,
    /// The policy that says what it allows.
    pub policy: Option<PolicyId>,
    /// See [`LicenseKeyName`].
    pub name: String,
    /// The first instant at which it is not good any more; may lie in the past, and as far ahead as it did.
    pub expires_at: Timestamp,
}

state_enum!(
    /// What can be done with a license key.
    Action {
        /// Its record can be shown.
        View = "view",
        /// A new key can be made in its place.
        Regenerate = "regenerate",
        /// It can be switched off.
        Deactivate = "deactivate",
    }
);

/// A license key as it may be shown: everything but the key.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct LicenseKeyView {
    /// The record, with the names of what it belongs to.
    pub row: LicenseKeyRow,
    /// How it stood at the instant of asking.
    pub status: LicenseKeyStatus,
    /// What was allowed at the instant of asking.
    pub actions: Vec<Action>,
}

impl LicenseKeyView {
    pub(crate) fn at(row: LicenseKeyRow, now: Timestamp) -> Self {
        let status = row.key.status(now);
        let actions = Action::ALL.iter().copied().filter(|action| allows(&row, *action, now)).collect();
        Self { row, status, actions }
    }

    /// The key, masked: `...` and its last four characters.
    pub fn masked_key(&self) -> String {
        format!("...{}", self.row.key.last4)
    }
}

/// Whether the action is allowed on the key, as far as key and partner tell.
fn allows(row: &LicenseKeyRow, action: Action, now: Timestamp) -> bool {
    let key = &row.key;
    match action {
        Action::View => true,
        Action::Regenerate => row.partner_state == PartnerState::Active && may_regenerate(key, now).is_ok(),
        Action::Deactivate => may_deactivate(key, now).is_ok(),
    }
}

fn may_regenerate(key: &LicenseKeyRecord, now: Timestamp) -> Result<(), LicenseKeyError> {
    match key.status(now) {
        LicenseKeyStatus::Active | LicenseKeyStatus::Expired => Ok(()),
        found => Err(LicenseKeyError::WrongStatus { id: key.id, required: "active or expired", found }),
    }
}

fn may_deactivate(key: &LicenseKeyRecord, now: Timestamp) -> Result<(), LicenseKeyError> {
    match key.status(now) {
        LicenseKeyStatus::Active | LicenseKeyStatus::Expired => Ok(()),
        // While its overlap runs a replaced key still opens doors.
        LicenseKeyStatus::Replaced if key.overlap_ends_at.is_some_and(|end| now < end) => Ok(()),
        found => {
            let required = "active, expired, or replaced with its overlap still running";
            Err(LicenseKeyError::WrongStatus { id: key.id, required, found })
        }
    }
}

/// A key just made: what stores keep of it.
pub(crate) struct NewKey {
    pub(crate) id: LicenseKeyId,
    pub(crate) digest: LicenseKeyDigest,
    pub(crate) last4: String,
}

/// What the store knows that a key for a partner depends on.
pub(crate) struct KeyFacts {
    pub(crate) partner: Partner,
    /// The partner's current certificate, and why its path does not hold now.
    pub(crate) certificate: Option<(PartnerCertificate, Result<(), String>)>,
    /// The trust domain that the path was validated in.
    pub(crate) trust_domain: Option<TrustDomainRecord>,
    /// The policy asked for, its group, and whether it is approved for the partner.
    pub(crate) policy: Option<(Policy, PolicyGroup, bool)>,
    /// The partner's live key of the name asked for.
    pub(crate) name_taken_by: Option<LicenseKeyId>,
}

pub(crate) fn generate(
    new: NewKey,
    command: &GenerateLicenseKey,
    facts: &KeyFacts,
    context: &Context<'_>,
) -> Result<Decision<LicenseKeyRow>, Error> {
    let mut errors = FieldErrors::default();
    let name = errors.take(Field::LicenseKeyName, LicenseKeyName::parse(&command.name));
    let expires_at = errors.take(Field::LicenseKeyValidity, end_of(command.validity, context));
    name_taken(&mut errors, facts.name_taken_by);
    let (Some(name), Some(expires_at), true) = (name, expires_at, errors.is_empty()) else {
        return Err(errors.into_error().into());
    };
    key_allowed(facts, context)?;
    let key = record(new, facts, name, expires_at, LicenseKeyOrigin::Generated, context);
    let mut changes = ChangeSet::new();
    guard(&mut changes, facts, context);
    tell_made(&mut changes, &key, EventKind::LicenseKeyGenerated, context);
    Ok(Decision::new(changes, row(key, facts)))
}

pub(crate) fn regenerate(
    new: NewKey,
    old: &LicenseKeyRecord,
    command: &RegenerateLicenseKey,
    facts: &KeyFacts,
    context: &Context<'_>,
) -> Result<Decision<LicenseKeyRow>, Error> {
    let mut errors = FieldErrors::default();
    let name = match &command.name {
        Some(raw) => errors.take(Field::LicenseKeyName, LicenseKeyName::parse(raw)),
        None => Some(old.name.clone()),
    };
    let expires_at = errors.take(Field::LicenseKeyValidity, end_of(command.validity, context));
    if command.overlap > days(context.rules.license_key.max_overlap_days) {
        let required = format!("at most {} days", context.rules.license_key.max_overlap_days);
        let problem = FieldProblem::new(FieldRule::Range, required, in_days(command.overlap));
        errors.add(Field::LicenseKeyOverlap, problem);
    }
    name_taken(&mut errors, facts.name_taken_by.filter(|other| *other != old.id));
    let (Some(name), Some(expires_at), true) = (name, expires_at, errors.is_empty()) else {
        return Err(errors.into_error().into());
    };
    may_regenerate(old, context.now)?;
    key_allowed(facts, context)?;
    let mut key = record(new, facts, name, expires_at, LicenseKeyOrigin::Generated, context);
    key.replaces = Some(old.id);
    let replaced = LicenseKeyRecord {
        state: LicenseKeyState::Replaced,
        // An overlap never makes a key good for longer than it was.
        overlap_ends_at: Some(context.now.plus(command.overlap).min(old.expires_at)),
        replaced_by: Some(key.id),
        version: old.version.next(),
        ..old.clone()
    };
    let mut changes = ChangeSet::new();
    guard(&mut changes, facts, context);
    let overlap_ends_at = replaced.overlap_ends_at.unwrap_or(context.now).to_string();
    let replaced_facts = [("replaced_by", key.id.to_string()), ("overlap_ends_at", overlap_ends_at)];
    // The old key first, so that the new one may take its name.
    changes.update_with(context, old.clone(), replaced, EventKind::LicenseKeyReplaced, replaced_facts);
    tell_made(&mut changes, &key, EventKind::LicenseKeyGenerated, context);
    Ok(Decision::new(changes, row(key, facts)))
}

pub(crate) fn deactivate(
    row: &LicenseKeyRow,
    partner: &Partner,
    context: &Context<'_>,
) -> Result<Decision<LicenseKeyRow>, Error> {
    let key = &row.key;
    may_deactivate(key, context.now)?;
    let changed = LicenseKeyRecord {
        state: LicenseKeyState::Deactivated,
        deactivated_at: Some(context.now),
        version: key.version.next(),
        ..key.clone()
    };
    let mut changes = ChangeSet::new();
    changes.update(context.moved(partner));
    let facts = [("name", key.name.to_string())];
    changes.update_with(context, key.clone(), changed.clone(), EventKind::LicenseKeyDeactivated, facts);
    Ok(Decision::new(changes, LicenseKeyRow { key: changed, ..row.clone() }))
}

/// A key of an import, with what the store knows about it.
pub(crate) struct ImportFacts<'a> {
    pub(crate) command: &'a ImportLicenseKey,
    pub(crate) new: NewKey,
    pub(crate) partner: Partner,
    pub(crate) policy: Option<(Policy, PolicyGroup)>,
    pub(crate) name_taken_by: Option<LicenseKeyId>,
    pub(crate) already_there: Option<LicenseKeyId>,
}

pub(crate) fn import(
    keys: Vec<ImportFacts<'_>>,
    context: &Context<'_>,
) -> Result<Decision<Vec<LicenseKeyRow>>, Error> {
    let mut changes = ChangeSet::new();
    let mut digests: HashMap<LicenseKeyDigest, usize> = HashMap::new();
    let mut names: HashSet<(PartnerId, String)> = HashSet::new();
    let mut moved: HashSet<PartnerId> = HashSet::new();
    let mut rows = Vec::with_capacity(keys.len());
    for (index, facts) in keys.into_iter().enumerate() {
        if let Some(first) = digests.insert(facts.new.digest, index) {
            return Err(LicenseKeyError::ImportedTwice { first, second: index }.into());
        }
        let at_index = |source: Error| LicenseKeyError::Import { index, source: Box::new(source) };
        let partner = facts.partner.clone();
        let row = import_one(facts, &mut names, context).map_err(at_index)?;
        if moved.insert(partner.id.clone()) {
            changes.update(context.moved(&partner));
        }
        tell_made(&mut changes, &row.key, EventKind::LicenseKeyImported, context);
        rows.push(row);
    }
    Ok(Decision::new(changes, rows))
}

fn import_one(
    facts: ImportFacts<'_>,
    names: &mut HashSet<(PartnerId, String)>,
    context: &Context<'_>,
) -> Result<LicenseKeyRow, Error> {
    let ImportFacts { command, new, partner, policy, name_taken_by, already_there } = facts;
    if let Some(id) = already_there {
        return Err(LicenseKeyError::AlreadyImported { id }.into());
    }
    let mut errors = FieldErrors::default();
    let name = errors.take(Field::LicenseKeyName, LicenseKeyName::parse(&command.name));
    name_taken(&mut errors, name_taken_by);
    if let Some(name) = &name
        && !names.insert((partner.id.clone(), name.folded()))
    {
        let problem = FieldProblem::new(FieldRule::Taken, NAME_RULE, "another key of the same import");
        errors.add(Field::LicenseKeyName, problem);
    }
    let (Some(name), true) = (name, errors.is_empty()) else {
        return Err(errors.into_error().into());
    };
    crate::partner::rules::not_deactivated(&partner)?;
    let facts = KeyFacts {
        partner,
        certificate: None,
        trust_domain: None,
        policy: policy.map(|(policy, group)| (policy, group, true)),
        name_taken_by: None,
    };
    let key = record(new, &facts, name, command.expires_at, LicenseKeyOrigin::Imported, context);
    Ok(row(key, &facts))
}

const NAME_RULE: &str = "a name no live key of the partner has in any case";

fn name_taken(errors: &mut FieldErrors, by: Option<LicenseKeyId>) {
    if let Some(other) = by {
        let problem = FieldProblem::new(FieldRule::Taken, NAME_RULE, format!("license key {other}"));
        errors.add(Field::LicenseKeyName, problem);
    }
}

/// The first instant at which a key made now is not good any more.
fn end_of(validity: Validity, context: &Context<'_>) -> Result<Timestamp, FieldProblem> {
    let rules = &context.rules.license_key;
    let end = match validity {
        Validity::Default => context.now.plus(days(rules.default_validity_days)),
        Validity::For(duration) => context.now.plus(duration),
        Validity::Until(end) => end,
    };
    let longest = context.now.plus(days(rules.max_validity_days));
    if end > context.now && end <= longest {
        return Ok(end);
    }
    let required = format!("an end after {} and not after {longest}", context.now);
    Err(FieldProblem::new(FieldRule::Range, required, end.to_string()))
}

fn in_days(duration: Duration) -> String {
    format!("{:.6} days", duration.as_secs_f64() / 86_400.0)
}

/// Fails where a key for the partner and policy cannot be made now.
fn key_allowed(facts: &KeyFacts, context: &Context<'_>) -> Result<(), Error> {
    let (partner, now) = (&facts.partner, context.now);
    crate::partner::rules::active(partner)?;
    match &facts.certificate {
        // An active partner has a certificate; a store that lost it must not open a door.
        None => {
            let found = "no certificate".to_owned();
            return Err(LicenseKeyError::CertificateNotTrusted { partner: partner.id.clone(), found }.into());
        }
        Some((certificate, _)) if now < certificate.not_before || now > certificate.not_after => {
            return Err(LicenseKeyError::CertificateNotValid {
                partner: partner.id.clone(),
                now,
                not_before: certificate.not_before,
                not_after: certificate.not_after,
            }
            .into());
        }
        Some((_, Err(reason))) => {
            let found = reason.clone();
            return Err(LicenseKeyError::CertificateNotTrusted { partner: partner.id.clone(), found }.into());
        }
        Some((_, Ok(()))) => {}
    }
    if let Some((policy, group, approved)) = &facts.policy {
        if !approved {
            let (partner, policy) = (partner.id.clone(), policy.id);
            return Err(LicenseKeyError::PolicyNotApproved { partner, policy }.into());
        }
        crate::policy::rules::usable(policy, group, now)?;
    }
    Ok(())
}

/// Makes the change depend on everything that [`key_allowed`] looked at.
fn guard(changes: &mut ChangeSet, facts: &KeyFacts, context: &Context<'_>) {
    changes.update(context.moved(&facts.partner));
    if let Some(domain) = &facts.trust_domain {
        changes.expect(RecordId::TrustDomain(domain.domain.clone()), domain.version);
    }
    if let Some((policy, group, _)) = &facts.policy {
        changes.expect(RecordId::Policy(policy.id), policy.version);
        changes.expect(RecordId::PolicyGroup(group.id), group.version);
    }
}

fn record(
    new: NewKey,
    facts: &KeyFacts,
    name: LicenseKeyName,
    expires_at: Timestamp,
    origin: LicenseKeyOrigin,
    context: &Context<'_>,
) -> LicenseKeyRecord {
    LicenseKeyRecord {
        id: new.id,
        partner: facts.partner.id.clone(),
        policy: facts.policy.as_ref().map(|(policy, _, _)| policy.id),
        name,
        digest: new.digest,
        last4: new.last4,
        state: LicenseKeyState::Active,
        origin,
        created_at: context.now,
        created_by: context.actor.clone(),
        expires_at,
        overlap_ends_at: None,
        deactivated_at: None,
        replaces: None,
        replaced_by: None,
        version: Version::FIRST,
    }
}

fn row(key: LicenseKeyRecord, facts: &KeyFacts) -> LicenseKeyRow {
    let policy = facts.policy.as_ref();
    LicenseKeyRow {
        key,
        organization: facts.partner.organization.clone(),
        partner_state: facts.partner.state,
        policy_name: policy.map(|(policy, _, _)| policy.name.clone()),
        policy_group: policy.map(|(_, group, _)| group.id),
        policy_group_name: policy.map(|(_, group, _)| group.name.clone()),
    }
}

fn tell_made(changes: &mut ChangeSet, key: &LicenseKeyRecord, kind: EventKind, context: &Context<'_>) {
    let mut facts = vec![("name", key.name.to_string()), ("expires_at", key.expires_at.to_string())];
    facts.extend(key.policy.map(|policy| ("policy", policy.to_string())));
    facts.extend(key.replaces.map(|old| ("replaces", old.to_string())));
    changes.insert_with(context, key.clone(), kind, facts);
}
