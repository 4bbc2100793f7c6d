//! The rules of partners: create, update, select a policy group, deactivate.

use super::{
    Address, ContactNumber, EmailAddress, Language, OrganizationName, Partner, PartnerError, PartnerId,
    PartnerState,
};
use crate::decision::{Context, Decision};
use crate::error::{Error, Field, FieldErrors, InvalidInput};
use crate::event::EventKind;
use crate::id::{PolicyGroupId, Version};
use crate::license_key::{LicenseKeyRecord, LicenseKeyState};
use crate::policy::{PolicyGroup, PolicyGroupState};
use crate::policy_link::{PolicyLink, PolicyLinkState};
use crate::rules::Rules;
use crate::store::{ChangeSet, RecordId};
use crate::text::{Comment, FieldProblem, FieldRule};

/// A partner to create, as it was typed.
#[derive(Clone, Default)]
pub struct NewPartner {
    /// See [`PartnerId`].
    pub id: String,
    /// See [`OrganizationName`].
    pub organization: String,
    /// See [`Address`].
    pub address: String,
    /// See [`ContactNumber`].
    pub contact_number: String,
    /// See [`EmailAddress`].
    pub email: String,
    /// One of the configured languages; none: the first of them.
    pub language: Option<String>,
    /// An active policy group; it can also be selected later, once.
    pub policy_group: Option<PolicyGroupId>,
}

/// What of a partner is to change; what is not set stays.
#[derive(Clone, Default)]
pub struct PartnerUpdate {
    /// See [`Address`].
    pub address: Option<String>,
    /// See [`ContactNumber`].
    pub contact_number: Option<String>,
    /// See [`EmailAddress`].
    pub email: Option<String>,
    /// One of the configured languages.
    pub language: Option<String>,
}

/// Contact data does not reach a log by way of Debug.
impl std::fmt::Debug for NewPartner {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("NewPartner")
            .field("id", &self.id)
            .field("organization", &self.organization)
            .field("language", &self.language)
            .field("policy_group", &self.policy_group)
            .finish_non_exhaustive()
    }
}

/// Contact data does not reach a log by way of Debug.
impl std::fmt::Debug for PartnerUpdate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PartnerUpdate").field("language", &self.language).finish_non_exhaustive()
    }
}

/// A partner to create, each field checked by itself.
pub(crate) struct Draft {
    pub(crate) id: Option<PartnerId>,
    organization: Option<OrganizationName>,
    address: Option<Address>,
    contact_number: Option<ContactNumber>,
    pub(crate) email: Option<EmailAddress>,
    language: Option<Language>,
    pub(crate) policy_group: Option<PolicyGroupId>,
    errors: FieldErrors,
}

impl Draft {
    pub(crate) fn check(new: &NewPartner, rules: &Rules) -> Self {
        let mut errors = FieldErrors::default();
        Self {
            id: errors.take(Field::PartnerId, PartnerId::parse(&new.id)),
            organization: errors.take(Field::PartnerOrganization, OrganizationName::parse(&new.organization)),
            address: errors.take(Field::PartnerAddress, Address::parse(&new.address)),
            contact_number: errors
                .take(Field::PartnerContactNumber, ContactNumber::parse(&new.contact_number)),
            email: errors.take(Field::PartnerEmail, EmailAddress::parse(&new.email)),
            language: errors.take(Field::PartnerLanguage, language(new.language.as_deref(), rules)),
            policy_group: new.policy_group,
            errors,
        }
    }
}

fn language(given: Option<&str>, rules: &Rules) -> Result<Language, FieldProblem> {
    let allowed = || rules.languages.iter().map(Language::as_str).collect::<Vec<_>>().join(", ");
    let outside = |found: &str| FieldProblem::new(FieldRule::Range, format!("one of {}", allowed()), found);
    let chosen = match given {
        Some(text) => text.parse()?,
        None => *rules.languages.first().ok_or_else(|| outside("none"))?,
    };
    if rules.languages.contains(&chosen) { Ok(chosen) } else { Err(outside(chosen.as_str())) }
}

/// What the store knows of a draft's id, email address and policy group.
pub(crate) struct CreateFacts {
    pub(crate) id_taken_by: Option<PartnerId>,
    pub(crate) email_taken_by: Option<PartnerId>,
    pub(crate) policy_group: Option<PolicyGroup>,
}

pub(crate) fn create(
    draft: Draft,
    facts: CreateFacts,
    context: &Context<'_>,
) -> Result<Decision<Partner>, InvalidInput> {
    let Draft { id, organization, address, contact_number, email, language, policy_group, mut errors } =
        draft;
    if let Some(other) = facts.id_taken_by {
        let found = format!("partner {other}");
        errors.add(
            Field::PartnerId,
            FieldProblem::new(FieldRule::Taken, "an id no partner has in any case", found),
        );
    }
    if let Some(other) = facts.email_taken_by {
        errors.add(Field::PartnerEmail, email_taken(&other));
    }
    if let Some(id) = policy_group {
        let required = "an active policy group";
        match &facts.policy_group {
            None => {
                let problem = FieldProblem::new(FieldRule::Unknown, required, format!("no group {id}"));
                errors.add(Field::PartnerPolicyGroup, problem);
            }
            Some(group) if group.state != PolicyGroupState::Active => {
                let found = format!("{} {}", group.state, group.name);
                errors
                    .add(Field::PartnerPolicyGroup, FieldProblem::new(FieldRule::NotActive, required, found));
            }
            Some(_) => {}
        }
    }
    let (
        Some(id),
        Some(organization),
        Some(address),
        Some(contact_number),
        Some(email),
        Some(language),
        true,
    ) = (id, organization, address, contact_number, email, language, errors.is_empty())
    else {
        return Err(errors.into_error());
    };
    let partner = Partner {
        id,
        organization,
        address,
        contact_number,
        email,
        language,
        policy_group,
        state: PartnerState::Inactive,
        certificate: None,
        created_at: context.now,
        created_by: context.actor.clone(),
        updated_at: context.now,
        updated_by: context.actor.clone(),
        version: Version::FIRST,
    };
    let mut changes = ChangeSet::new();
    let mut event_facts = vec![("organization", partner.organization.to_string())];
    event_facts.extend(partner.policy_group.map(|group| ("policy_group", group.to_string())));
    changes.insert_with(context, partner.clone(), EventKind::PartnerCreated, event_facts);
    if let Some(group) = &facts.policy_group {
        changes.expect(RecordId::PolicyGroup(group.id), group.version);
    }
    Ok(Decision::new(changes, partner))
}

fn email_taken(other: &PartnerId) -> FieldProblem {
    FieldProblem::new(
        FieldRule::Taken,
        "an email address no partner has in any case",
        format!("partner {other}"),
    )
}

/// The fields of an update, each checked by itself.
pub(crate) struct CheckedUpdate {
    address: Option<Address>,
    contact_number: Option<ContactNumber>,
    pub(crate) email: Option<EmailAddress>,
    language: Option<Language>,
    errors: FieldErrors,
}

impl CheckedUpdate {
    pub(crate) fn check(update: &PartnerUpdate, rules: &Rules) -> Self {
        let mut errors = FieldErrors::default();
        let text = |given: &Option<String>| given.clone();
        Self {
            address: text(&update.address)
                .and_then(|raw| errors.take(Field::PartnerAddress, Address::parse(&raw))),
            contact_number: text(&update.contact_number)
                .and_then(|raw| errors.take(Field::PartnerContactNumber, ContactNumber::parse(&raw))),
            email: text(&update.email)
                .and_then(|raw| errors.take(Field::PartnerEmail, EmailAddress::parse(&raw))),
            language: text(&update.language)
                .and_then(|raw| errors.take(Field::PartnerLanguage, language(Some(&raw), rules))),
            errors,
        }
    }
}

pub(crate) fn update(
    partner: &Partner,
    update: CheckedUpdate,
    email_taken_by: Option<PartnerId>,
    context: &Context<'_>,
) -> Result<Decision<Partner>, Error> {
    not_deactivated(partner)?;
    let CheckedUpdate { address, contact_number, email, language, mut errors } = update;
    if let Some(other) = email_taken_by.filter(|other| *other != partner.id) {
        errors.add(Field::PartnerEmail, email_taken(&other));
    }
    errors.finish()?;
    let changed = Partner {
        address: address.unwrap_or_else(|| partner.address.clone()),
        contact_number: contact_number.unwrap_or_else(|| partner.contact_number.clone()),
        email: email.unwrap_or_else(|| partner.email.clone()),
        language: language.unwrap_or(partner.language),
        ..partner.clone()
    };
    if changed == *partner {
        return Ok(Decision::unchanged(changed));
    }
    // Which fields changed is told, what they hold is contact data and is not.
    let fields: Vec<&str> = [
        ("address", changed.address != partner.address),
        ("contact_number", changed.contact_number != partner.contact_number),
        ("email", changed.email != partner.email),
        ("language", changed.language != partner.language),
    ]
    .into_iter()
    .filter_map(|(name, differs)| differs.then_some(name))
    .collect();
    let changed = context.moved(&changed);
    let mut changes = ChangeSet::new();
    changes.update_with(
        context,
        partner.clone(),
        changed.clone(),
        EventKind::PartnerUpdated,
        [("fields", fields.join(","))],
    );
    Ok(Decision::new(changes, changed))
}

pub(crate) fn select_policy_group(
    partner: &Partner,
    group: &PolicyGroup,
    context: &Context<'_>,
) -> Result<Decision<Partner>, Error> {
    not_deactivated(partner)?;
    if let Some(found) = partner.policy_group {
        return Err(PartnerError::PolicyGroupAlreadySelected { id: partner.id.clone(), found }.into());
    }
    crate::policy::rules::group_active(group)?;
    let changed = Partner { policy_group: Some(group.id), ..context.moved(partner) };
    let mut changes = ChangeSet::new();
    changes.update_with(
        context,
        partner.clone(),
        changed.clone(),
        EventKind::PartnerPolicyGroupSelected,
        [("policy_group", group.id.to_string()), ("policy_group_name", group.name.to_string())],
    );
    changes.expect(RecordId::PolicyGroup(group.id), group.version);
    Ok(Decision::new(changes, changed))
}

/// What of a partner goes down with it.
pub(crate) struct Dependents {
    /// Its pending policy links, each with its policy.
    pub(crate) pending_links: Vec<(PolicyLink, crate::policy::Policy)>,
    /// Its license keys that are not deactivated.
    pub(crate) license_keys: Vec<LicenseKeyRecord>,
}

pub(crate) fn deactivate(
    partner: &Partner,
    dependents: Dependents,
    context: &Context<'_>,
) -> Result<Decision<Partner>, Error> {
    if partner.state == PartnerState::Deactivated {
        return Err(PartnerError::AlreadyDeactivated { id: partner.id.clone() }.into());
    }
    let changed = Partner { state: PartnerState::Deactivated, ..context.moved(partner) };
    let mut changes = ChangeSet::new();
    changes.update_with(context, partner.clone(), changed.clone(), EventKind::PartnerDeactivated, []);
    let reason = || [("reason", "partner deactivated".to_owned())];
    for (link, policy) in dependents.pending_links {
        let closed = PolicyLink {
            state: PolicyLinkState::Rejected,
            decided_at: Some(context.now),
            decided_by: Some(context.actor.clone()),
            decision_comment: Some(Comment::from_stored("partner deactivated")),
            version: link.version.next(),
            ..link.clone()
        };
        changes.update_with(context, link, closed, EventKind::PolicyLinkRejected, reason());
        crate::policy::rules::move_version(&mut changes, &policy);
    }
    for key in dependents.license_keys {
        let down = LicenseKeyRecord {
            state: LicenseKeyState::Deactivated,
            deactivated_at: Some(context.now),
            version: key.version.next(),
            ..key.clone()
        };
        changes.update_with(context, key, down, EventKind::LicenseKeyDeactivated, reason());
    }
    Ok(Decision::new(changes, changed))
}

/// Fails for a deactivated partner.
pub(crate) fn not_deactivated(partner: &Partner) -> Result<(), PartnerError> {
    if partner.state == PartnerState::Deactivated {
        return Err(PartnerError::Deactivated { id: partner.id.clone() });
    }
    Ok(())
}

/// Fails for a partner that is not active.
pub(crate) fn active(partner: &Partner) -> Result<(), PartnerError> {
    if partner.state != PartnerState::Active {
        return Err(PartnerError::NotActive { id: partner.id.clone(), found: partner.state });
    }
    Ok(())
}
