//! License keys.

use std::collections::HashSet;

use misp_onboarding::event::EventKind;
use misp_onboarding::license_key::{LicenseKeyOrigin, LicenseKeyRecord, LicenseKeyRow, LicenseKeyState};
use misp_onboarding::partner::PartnerState;
use misp_onboarding::policy_link::PolicyLinkState;
use misp_onboarding::store::RecordId;

use super::history::History;
use super::{Contents, Index, Violations};

pub(super) fn check(
    contents: &Contents,
    index: &Index<'_>,
    history: &History<'_>,
    violations: &mut Violations,
) {
    let links = contents.policy_links.iter().map(|row| &row.link);
    let approved: HashSet<_> = links
        .filter(|link| link.state == PolicyLinkState::Approved)
        .map(|link| (&link.partner, link.policy))
        .collect();
    for row in &contents.license_keys {
        let key = &row.key;
        let id = RecordId::LicenseKey(key.id);
        let made = match key.origin {
            LicenseKeyOrigin::Generated => EventKind::LicenseKeyGenerated,
            LicenseKeyOrigin::Imported => EventKind::LicenseKeyImported,
        };
        let made = history.of(&id, &[made]);
        violations.equal(&id, "its making", Some((key.created_at, key.created_by.clone())), made);
        let deactivated = history.of(&id, &[EventKind::LicenseKeyDeactivated]).map(|(at, _)| at);
        violations.equal(&id, "the instant it was deactivated", key.deactivated_at, deactivated);
        let was_replaced = history.of(&id, &[EventKind::LicenseKeyReplaced]).is_some();
        let told = (key.replaced_by.is_some(), key.overlap_ends_at.is_some());
        violations.equal(&id, "whether successor and overlap are there", told, (was_replaced, was_replaced));
        check_state(&id, key, violations);
        check_neighbors(&id, key, index, violations);
        check_parents(&id, row, index, violations);
        if let (LicenseKeyOrigin::Generated, Some(policy)) = (key.origin, key.policy) {
            // An approval is final, and no key is generated without one.
            violations.must(
                approved.contains(&(&key.partner, policy)),
                &id,
                "its policy must be approved for its partner",
            );
        }
    }
    let keys = || contents.license_keys.iter().map(|row| &row.key);
    violations.unique("its digest", keys().map(|key| (RecordId::LicenseKey(key.id), *key.digest.as_bytes())));
    let live = keys().filter(|key| key.state == LicenseKeyState::Active);
    violations.unique(
        "its name among its partner's live keys",
        live.map(|key| (RecordId::LicenseKey(key.id), (&key.partner, key.name.folded()))),
    );
}

fn check_state(id: &RecordId, key: &LicenseKeyRecord, violations: &mut Violations) {
    let is_deactivated = key.state == LicenseKeyState::Deactivated;
    violations.equal(id, "whether it was deactivated", key.deactivated_at.is_some(), is_deactivated);
    let replaced = key.replaced_by.is_some();
    match key.state {
        LicenseKeyState::Active => violations.must(!replaced, id, "must be replaced, as it has a successor"),
        LicenseKeyState::Replaced => {
            violations.must(replaced, id, "must have a successor, as it is replaced")
        }
        LicenseKeyState::Deactivated => {}
    }
    let overlap_fits = key.overlap_ends_at.is_none_or(|end| end <= key.expires_at);
    violations.must(overlap_fits, id, "its overlap must end no later than its validity");
}

/// A key and the one in its place know each other, and are the same partner's for the same policy.
fn check_neighbors(id: &RecordId, key: &LicenseKeyRecord, index: &Index<'_>, violations: &mut Violations) {
    let same = |other: &LicenseKeyRecord| (&other.partner, other.policy) == (&key.partner, key.policy);
    if let Some(old) = key.replaces {
        let knows = |old: &&LicenseKeyRecord| old.replaced_by == Some(key.id) && same(old);
        let old = index.keys.get(&old).filter(|old| knows(old));
        violations.must(old.is_some(), id, "the key that it replaces must be there and know it");
    }
    if let Some(new) = key.replaced_by {
        let knows = |new: &&LicenseKeyRecord| new.replaces == Some(key.id) && same(new);
        let new = index.keys.get(&new).filter(|new| knows(new));
        violations.must(new.is_some(), id, "the key that replaces it must be there and know it");
    }
}

fn check_parents(id: &RecordId, row: &LicenseKeyRow, index: &Index<'_>, violations: &mut Violations) {
    let key = &row.key;
    match index.partners.get(&key.partner) {
        None => violations.must(false, id, "its partner must be there, found none"),
        Some(partner) => {
            violations.must(
                partner.state != PartnerState::Deactivated || key.state == LicenseKeyState::Deactivated,
                id,
                "must be deactivated as its partner is",
            );
            let shown = (&row.organization, row.partner_state);
            violations.equal(
                id,
                "what its row shows of its partner",
                shown,
                (&partner.organization, partner.state),
            );
        }
    }
    let policy = key.policy.map(|policy| index.policies.get(&policy));
    violations.must(policy != Some(None), id, "its policy must be there, found none");
    let policy = policy.flatten();
    let group = policy.and_then(|policy| index.groups.get(&policy.group));
    let shown = (row.policy_name.as_ref(), row.policy_group, row.policy_group_name.as_ref());
    let wanted = (
        policy.map(|policy| &policy.name),
        policy.map(|policy| policy.group),
        group.map(|group| &group.name),
    );
    violations.equal(id, "what its row shows of its policy", shown, wanted);
}
