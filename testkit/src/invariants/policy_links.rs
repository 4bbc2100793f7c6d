//! Policy links.

use misp_onboarding::event::EventKind;
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
    for row in &contents.policy_links {
        let link = &row.link;
        let id = RecordId::PolicyLink(link.id);
        let requested = history.of(&id, &[EventKind::PolicyLinkRequested]);
        violations.equal(&id, "its request", Some((link.requested_at, link.requested_by.clone())), requested);
        let decided = history.of(&id, &[EventKind::PolicyLinkApproved, EventKind::PolicyLinkRejected]);
        violations.equal(&id, "its decision", link.decided_at.zip(link.decided_by.clone()), decided);
        let is_decided = link.state != PolicyLinkState::Pending;
        let told = (link.decided_at.is_some(), link.decided_by.is_some());
        violations.equal(&id, "whether its decision is there", told, (is_decided, is_decided));
        violations.must(
            is_decided || link.decision_comment.is_none(),
            &id,
            "must be decided, as its decision has a comment",
        );

        let (partner, policy) = (index.partners.get(&link.partner), index.policies.get(&link.policy));
        violations.must(partner.is_some(), &id, "its partner must be there, found none");
        violations.must(policy.is_some(), &id, "its policy must be there, found none");
        let (Some(partner), Some(policy)) = (partner, policy) else { continue };
        violations.must(
            is_decided || partner.state != PartnerState::Deactivated,
            &id,
            "must not be pending, as its partner is deactivated",
        );
        violations.equal(&id, "its policy's group", Some(policy.group), partner.policy_group);
        let group = index.groups.get(&policy.group).map(|group| &group.name);
        let shown = (&row.organization, &row.policy_name, row.policy_group, Some(&row.policy_group_name));
        let wanted = (&partner.organization, &policy.name, policy.group, group);
        violations.equal(&id, "what its row shows of partner and policy", shown, wanted);
    }
    let links = contents.policy_links.iter().map(|row| &row.link);
    let open = links.filter(|link| link.state != PolicyLinkState::Rejected);
    violations.unique(
        "its partner and policy among open links",
        open.map(|link| (RecordId::PolicyLink(link.id), (&link.partner, link.policy))),
    );
}
