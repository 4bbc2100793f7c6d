//! Partners, and what may not outlive them.

use misp_onboarding::event::EventKind;
use misp_onboarding::partner::PartnerState;
use misp_onboarding::store::RecordId;

use super::history::History;
use super::{Contents, Index, Violations};

pub(super) fn check(
    contents: &Contents,
    index: &Index<'_>,
    history: &History<'_>,
    violations: &mut Violations,
) {
    for row in &contents.partners {
        let partner = &row.partner;
        let id = RecordId::Partner(partner.id.clone());
        let created = history.of(&id, &[EventKind::PartnerCreated]);
        violations.equal(
            &id,
            "its creation",
            Some((partner.created_at, partner.created_by.clone())),
            created,
        );
        let updated = Some((partner.updated_at, partner.updated_by.clone()));
        violations.equal(&id, "its last change", updated, history.moved(&id));

        let group = partner.policy_group.map(|group| index.groups.get(&group));
        violations.must(group != Some(None), &id, "its policy group must be there, found none");
        let name = group.flatten().map(|group| &group.name);
        violations.equal(&id, "the name of its group", row.policy_group_name.as_ref(), name);

        match partner.state {
            PartnerState::Inactive => {
                violations.must(
                    partner.certificate.is_none(),
                    &id,
                    "must be active, as it has a certificate",
                );
            }
            PartnerState::Active => {
                violations.must(partner.certificate.is_some(), &id, "must be inactive without a certificate");
            }
            PartnerState::Deactivated => {}
        }
        let certificate = partner.certificate.map(|one| index.certificates.get(&one));
        match certificate {
            Some(None) => violations.must(false, &id, "its certificate must be there, found none"),
            Some(Some(one)) => {
                violations.must(one.partner == partner.id, &id, "its certificate must be its own");
                violations.must(one.replaced_at.is_none(), &id, "its certificate must not be replaced");
            }
            None => {}
        }
        let ends = certificate.flatten().map(|one| one.not_after);
        violations.equal(&id, "the end of its certificate", row.certificate_ends, ends);
    }
    let partners = || contents.partners.iter().map(|row| &row.partner);
    let id = |partner: &misp_onboarding::partner::Partner| RecordId::Partner(partner.id.clone());
    violations.unique("its id without regard to case", partners().map(|one| (id(one), one.id.folded())));
    // An address is contact data, so it is told by whose it is alone.
    let mut emails = std::collections::HashMap::new();
    for partner in partners() {
        if let Some(other) = emails.insert(partner.email.folded(), id(partner)) {
            violations.must(
                false,
                id(partner),
                format_args!("its email address must be its own, found that of {other}"),
            );
        }
    }
}
