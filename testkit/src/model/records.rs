//! Single records along the way; every list in every order, and every record, in the end.

use misp_onboarding::license_key::{Action, LicenseKeySort, LicenseKeyStatus, LicenseKeyView};
use misp_onboarding::list::{Direction, ListRequest, SortKey};
use misp_onboarding::partner::{PartnerFilter, PartnerSort, PartnerState};
use misp_onboarding::policy::{PolicyGroupSort, PolicySort};
use misp_onboarding::policy_link::PolicyLinkSort;
use misp_onboarding::trust_store::CaCertificateSort;

use super::command::{Pick, Who};
use super::engines::{Difference, equal};
use super::game::{Checked, Game};
use super::lists::{Filter, Listing, Of};

impl Game {
    /// Looks up one record of each kind by its id.
    pub(super) fn look_up(&self, who: Who, pick: Pick) -> Result<bool, Difference> {
        let (known, actor) = (&self.known, who.actor());
        let partner = known.partner_id(pick.among(known.partners.len()));
        let group = known.group_id(pick.among(known.groups.len()));
        let policy = known.policy_id(pick.among(known.policies.len()));
        let link = known.link_id(pick.among(known.links.len()));
        let key = known.key_id(pick.among(known.keys.len()));
        let found = [
            self.engines.both(|engine| engine.partner(&actor, &partner))?.is_ok(),
            self.engines.both(|engine| engine.policy_group(&actor, group))?.is_ok(),
            self.engines.both(|engine| engine.policy(&actor, policy))?.is_ok(),
            self.engines.both(|engine| engine.policy_link(&actor, link))?.is_ok(),
            self.engines.both(|engine| engine.license_key(&actor, key))?.is_ok(),
        ];
        Ok(found.contains(&true))
    }

    /// Every list in every order, page by page, and every record as the model has it.
    pub(super) fn check_lists(&self) -> Checked {
        self.in_every_order(PartnerSort::ALL.len(), Of::Partners)?;
        self.in_every_order(CaCertificateSort::ALL.len(), Of::Cas)?;
        self.in_every_order(PolicyGroupSort::ALL.len(), Of::Groups)?;
        self.in_every_order(PolicySort::ALL.len(), Of::Policies)?;
        self.in_every_order(PolicyLinkSort::ALL.len(), Of::Links)?;
        self.in_every_order(LicenseKeySort::ALL.len(), Of::Keys)?;
        self.check_records()
    }

    fn in_every_order(&self, sorts: usize, of: Of) -> Checked {
        for sort in 0..sorts {
            for direction in Direction::ALL {
                let filter = Filter::default();
                let (direction, counted) = (*direction, sort == 0);
                let listing = Listing { of, sort, direction, page_size: 3, counted, filter };
                self.list(Who::Rose, &listing)?;
            }
        }
        Ok(())
    }

    fn check_records(&self) -> Checked {
        let (known, reader, now) = (&self.known, Who::Rose.actor(), self.now());
        for partner in &known.partners {
            let filter = PartnerFilter { id: Some(partner.id.clone()), ..PartnerFilter::default() };
            let request = ListRequest::with_filter(filter);
            let page = self.engines.answer(|engine| engine.list_partners(&reader, &request))?;
            let found = page.items.first().map(|row| (row.partner.state, row.certificate_status(now)));
            let wanted = (partner.state, known.certificate_status(partner, now));
            equal(format!("state and certificate of {}", partner.id), found, Some(wanted))?;
        }
        for policy in &known.policies {
            let found = self.engines.answer(|engine| engine.policy(&reader, policy.id))?;
            equal(
                format!("the policy {}", policy.id),
                (found.state, found.valid_until),
                (policy.state, policy.ends),
            )?;
        }
        for link in &known.links {
            let found = self.engines.answer(|engine| engine.policy_link(&reader, link.id))?;
            equal(format!("the link {}", link.id), found.state, link.state)?;
        }
        for key in &known.keys {
            let LicenseKeyView { status, actions, .. } =
                self.engines.answer(|engine| engine.license_key(&reader, key.id))?;
            let mut allowed = vec![Action::View];
            let active = known.partners[key.partner].state == PartnerState::Active;
            let replaceable =
                [LicenseKeyStatus::Active, LicenseKeyStatus::Expired].contains(&key.status(now));
            allowed.extend((active && replaceable).then_some(Action::Regenerate));
            allowed.extend(known.can_be_switched_off(key, now).then_some(Action::Deactivate));
            equal(format!("the key {}", key.id), (status, actions), (key.status(now), allowed))?;
        }
        Ok(())
    }
}
