//! Lookups, which must find what the lists show.

use std::collections::HashMap;

use misp_onboarding::license_key::{
    AuthenticationFacts, AuthenticationPolicy, AuthenticationRecord, LicenseKeyRecord, LicenseKeyState,
};
use misp_onboarding::policy_link::PolicyLinkState;
use misp_onboarding::store::{RecordId, Store};

use super::contents::Index;
use super::{Contents, Violations};
use crate::conformance::Failure;
use crate::conformance::snapshot::stored;

/// Looks up all that the lists show, by its id and by what else it can be found by.
pub(super) fn violations(store: &dyn Store, contents: &Contents) -> Result<Vec<String>, Failure> {
    let mut violations = Violations::default();
    for record in contents.records() {
        let id = record.record_id();
        let found = stored(store, &id)?;
        violations.must(found.as_ref() == Some(&record), &id, "its lookup must find what the list shows");
    }
    for row in &contents.partners {
        let partner = &row.partner;
        let id = RecordId::Partner(partner.id.clone());
        let found = (store.partner_id_like(&partner.id)?, store.partner_id_by_email(&partner.email)?);
        let wanted = (Some(partner.id.clone()), Some(partner.id.clone()));
        violations.equal(&id, "what its id and email address find", found, wanted);
    }
    for group in &contents.policy_groups {
        let found = store.policy_group_named(&group.name)?;
        violations.equal(RecordId::PolicyGroup(group.id), "what its name finds", found, Some(group.id));
    }
    for row in &contents.policies {
        let (id, group) = (row.policy.id, row.policy.group);
        let found = store.policy_named(group, &row.policy.name)?;
        violations.equal(RecordId::Policy(id), "what its name finds", found, Some(id));
    }
    for row in contents.policy_links.iter().filter(|row| row.link.state != PolicyLinkState::Rejected) {
        let link = &row.link;
        let found = store.open_policy_link(&link.partner, link.policy)?.map(|found| found.id);
        violations.equal(RecordId::PolicyLink(link.id), "what partner and policy find", found, Some(link.id));
    }
    look_up_keys(store, contents, &mut violations)?;
    Ok(violations.found)
}

fn look_up_keys(store: &dyn Store, contents: &Contents, violations: &mut Violations) -> Result<(), Failure> {
    let index = Index::of(contents);
    let links = contents.policy_links.iter().map(|row| &row.link);
    let open: HashMap<_, _> = links
        .filter(|link| link.state != PolicyLinkState::Rejected)
        .map(|link| ((&link.partner, link.policy), link.state))
        .collect();
    for row in &contents.license_keys {
        let key = &row.key;
        let id = RecordId::LicenseKey(key.id);
        violations.must(
            store.license_key(key.id)?.as_ref() == Some(row),
            &id,
            "its row must be that of the list",
        );
        if key.state == LicenseKeyState::Active {
            let found = store.live_license_key_named(&key.partner, &key.name)?;
            violations.equal(&id, "what its name finds", found, Some(key.id));
        }
        let approved = key.policy.and_then(|policy| open.get(&(&key.partner, policy)))
            == Some(&PolicyLinkState::Approved);
        let found = store.find_by_digest(&key.digest)?;
        violations.equal(
            &id,
            "what its digest finds",
            found.as_deref(),
            authentication(key, &index, approved).as_ref(),
        );
        let mut shown = None;
        store.show_by_digest(&key.digest, &mut |facts| shown = facts.map(AuthenticationFacts::to_record))?;
        violations.equal(&id, "what is shown of its digest", shown.as_ref(), found.as_deref());
    }
    Ok(())
}

/// What a verdict on the key rests on; none where partner or policy are not there, which is told elsewhere.
fn authentication(key: &LicenseKeyRecord, index: &Index<'_>, approved: bool) -> Option<AuthenticationRecord> {
    let partner = index.partners.get(&key.partner)?;
    let policy = match key.policy {
        None => None,
        Some(id) => {
            let policy = index.policies.get(&id)?;
            Some(AuthenticationPolicy {
                id,
                permissions: policy.document.permissions(),
                state: policy.state,
                valid_until: policy.valid_until,
                group_state: index.groups.get(&policy.group)?.state,
                link_approved: approved,
            })
        }
    };
    Some(AuthenticationRecord {
        key_id: key.id,
        digest: key.digest,
        name: key.name.clone(),
        state: key.state,
        expires_at: key.expires_at,
        overlap_ends_at: key.overlap_ends_at,
        partner: key.partner.clone(),
        organization: partner.organization.clone(),
        partner_state: partner.state,
        policy,
    })
}
