//! Policy groups and policies.

use std::collections::HashSet;

use misp_onboarding::event::EventKind;
use misp_onboarding::policy::{PolicyGroupState, PolicyState};
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
    for group in &contents.policy_groups {
        let id = RecordId::PolicyGroup(group.id);
        let created = history.of(&id, &[EventKind::PolicyGroupCreated]);
        violations.equal(&id, "its creation", Some((group.created_at, group.created_by.clone())), created);
    }
    let groups = contents.policy_groups.iter();
    violations.unique("its name", groups.map(|group| (RecordId::PolicyGroup(group.id), group.name.folded())));

    let links = contents.policy_links.iter().map(|row| &row.link);
    let open: HashSet<_> =
        links.filter(|link| link.state != PolicyLinkState::Rejected).map(|link| link.policy).collect();
    for row in &contents.policies {
        let policy = &row.policy;
        let id = RecordId::Policy(policy.id);
        let created = history.of(&id, &[EventKind::PolicyCreated]);
        violations.equal(&id, "its creation", Some((policy.created_at, policy.created_by.clone())), created);
        let published = history.of(&id, &[EventKind::PolicyPublished]).map(|(at, _)| at);
        violations.equal(&id, "the instant it was published", policy.published_at, published);
        let is_published = policy.state != PolicyState::Draft;
        violations.equal(&id, "whether it was published", policy.published_at.is_some(), is_published);
        let may_have_links = policy.state == PolicyState::Active || !open.contains(&policy.id);
        violations.must(may_have_links, &id, "must be active while links to it are open");
        match index.groups.get(&policy.group) {
            None => violations.must(false, &id, "its group must be there, found none"),
            Some(group) => {
                violations.equal(&id, "the name of its group", &row.group_name, &group.name);
                let in_use = policy.state != PolicyState::Deactivated;
                let usable = group.state == PolicyGroupState::Active || !in_use;
                violations.must(usable, &id, "must be deactivated as its group is");
            }
        }
    }
    let names = contents.policies.iter().map(|row| &row.policy);
    violations.unique(
        "its name in the group",
        names.map(|policy| (RecordId::Policy(policy.id), (policy.group, policy.name.folded()))),
    );
}
