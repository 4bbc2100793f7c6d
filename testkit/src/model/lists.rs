//! Lists, filtered and sorted in random ways.

use std::fmt;

use misp_onboarding::certificate::CertificateStatus;
use misp_onboarding::license_key::{LicenseKeyFilter, LicenseKeyStatus};
use misp_onboarding::list::{Cursor, Direction, ListRequest, Page, SortKey, TimeRange};
use misp_onboarding::onboarding::ExpiringRequest;
use misp_onboarding::partner::{PartnerFilter, PartnerState};
use misp_onboarding::policy::{PolicyFilter, PolicyGroupFilter, PolicyGroupState, PolicyState};
use misp_onboarding::policy_link::{PolicyLinkFilter, PolicyLinkState};
use misp_onboarding::text::Substring;
use misp_onboarding::trust_store::{CaCertificateFilter, CaKind, CaState};
use misp_onboarding::{Actor, Error, Onboarding, Role};
use proptest::prelude::*;
use proptest::sample::select;

use super::command::{Pick, Who};
use super::engines::Difference;
use super::game::Game;
use super::known::Reasons;
use super::random::pick;

#[derive(Clone, Copy, Debug)]
pub(super) enum Of {
    Partners,
    Cas,
    Groups,
    Policies,
    Links,
    Keys,
    ExpiringCas,
    ExpiringCertificates,
    ExpiringKeys,
    PartnersForKey,
    PoliciesForKey,
    History,
}

/// A list that is read to its end.
#[derive(Clone, Debug)]
pub(super) struct Listing {
    pub(super) of: Of,
    /// The sort key with this number, counted around.
    pub(super) sort: usize,
    pub(super) direction: Direction,
    pub(super) page_size: u32,
    pub(super) counted: bool,
    pub(super) filter: Filter,
}

/// What a filter asks; each list takes of it what it can ask for.
#[derive(Clone, Debug, Default)]
pub(super) struct Filter {
    id: Option<Pick>,
    partner: Option<Pick>,
    group: Option<Pick>,
    policy: Option<Pick>,
    /// What a name must contain, and which of the list's names.
    name: Option<(&'static str, u8)>,
    /// The state or status with this number, counted around.
    state: Option<usize>,
    /// Days from now.
    ends: Option<(i64, i64)>,
    /// The window of an expiry list.
    window: u32,
}

impl Listing {
    pub(super) fn any() -> BoxedStrategy<Self> {
        let of = select(
            &[
                Of::Partners,
                Of::Cas,
                Of::Groups,
                Of::Policies,
                Of::Links,
                Of::Keys,
                Of::Keys,
                Of::ExpiringCas,
                Of::ExpiringCertificates,
                Of::ExpiringKeys,
                Of::PartnersForKey,
                Of::PoliciesForKey,
                Of::History,
            ][..],
        );
        let seldom = |pick| prop_oneof![4 => Just(None), 1 => Strategy::prop_map(pick, Some)];
        let part =
            select(&["a", "AN", "bank", "%", "_", "\\", "ß", "SS", "é", "i", "İ", "100%", "no such"][..]);
        let filter = (
            seldom(pick()),
            seldom(pick()),
            seldom(pick()),
            seldom(pick()),
            prop_oneof![1 => Just(None), 1 => (part, 0u8..4).prop_map(Some)],
            prop_oneof![2 => Just(None), 1 => (0usize..6).prop_map(Some)],
            prop_oneof![4 => Just(None), 1 => (-60i64..60, -60i64..400).prop_map(Some)],
            prop_oneof![8 => 1u32..800, 1 => Just(0)],
        );
        let filter = filter.prop_map(|(id, partner, group, policy, name, state, ends, window)| Filter {
            id,
            partner,
            group,
            policy,
            name,
            state,
            ends,
            window,
        });
        let page_size = prop_oneof![6 => 1u32..4, 2 => Just(100), 1 => select(&[0u32, 101][..])];
        let direction = select(Direction::ALL);
        (of, 0usize..8, direction, page_size, any::<bool>(), filter)
            .prop_map(|(of, sort, direction, page_size, counted, filter)| Self {
                of,
                sort,
                direction,
                page_size,
                counted,
                filter,
            })
            .boxed()
    }
}

impl Game {
    /// Reads a list to its end, and says whether it could be.
    pub(super) fn list(&self, who: Who, listing: &Listing) -> Result<bool, Difference> {
        let Filter { partner, state, window, .. } = listing.filter;
        let actor = who.actor();
        let partner = self.known.partner_id(partner.unwrap_or(Pick::FIRST).among(self.known.partners.len()));
        let expiring = |after: Option<Cursor>| ExpiringRequest {
            window_days: window,
            page_size: listing.page_size,
            after,
        };
        let of = listing.of;
        match of {
            Of::Partners => {
                self.walk(who, listing, self.partner_filter(&listing.filter), Onboarding::list_partners)
            }
            Of::Cas => {
                self.walk(who, listing, self.ca_filter(&listing.filter), Onboarding::list_ca_certificates)
            }
            Of::Groups => {
                let filter = PolicyGroupFilter {
                    id: self.group(listing.filter.id),
                    name: listing.filter.any_name(),
                    state: nth(PolicyGroupState::ALL, state),
                };
                self.walk(who, listing, filter, Onboarding::list_policy_groups)
            }
            Of::Policies => {
                self.walk(who, listing, self.policy_filter(&listing.filter), Onboarding::list_policies)
            }
            Of::Links => {
                self.walk(who, listing, self.link_filter(&listing.filter), Onboarding::list_policy_links)
            }
            Of::Keys => {
                self.walk(who, listing, self.key_filter(&listing.filter), Onboarding::list_license_keys)
            }
            Of::ExpiringCas => {
                self.pages(who, |engine, after| engine.expiring_ca_certificates(&actor, &expiring(after)))
            }
            Of::ExpiringCertificates => self
                .pages(who, |engine, after| engine.expiring_partner_certificates(&actor, &expiring(after))),
            Of::ExpiringKeys => {
                self.pages(who, |engine, after| engine.expiring_license_keys(&actor, &expiring(after)))
            }
            Of::PartnersForKey => self.pages(who, |engine, after| {
                engine.partners_for_license_key(&actor, listing.page_size, after)
            }),
            Of::PoliciesForKey => {
                let rows = self.engines.both(|engine| engine.policies_for_license_key(&actor, &partner))?;
                Ok(rows.is_ok())
            }
            Of::History => {
                let history = self.engines.both(|engine| engine.certificate_history(&actor, &partner))?;
                Ok(history.is_ok())
            }
        }
    }

    fn walk<T: PartialEq + fmt::Debug, F: Clone, S: SortKey>(
        &self,
        who: Who,
        listing: &Listing,
        filter: F,
        list: impl Fn(&Onboarding, &Actor, &ListRequest<F, S>) -> Result<Page<T>, Error>,
    ) -> Result<bool, Difference> {
        let mut request = ListRequest::with_filter(filter)
            .sorted(S::ALL[listing.sort % S::ALL.len()], listing.direction)
            .page_size(listing.page_size);
        request.with_total = listing.counted;
        let actor = who.actor();
        self.pages(who, |engine, after| list(engine, &actor, &request.clone().after(after)))
    }

    /// Reads page after page.
    fn pages<T: PartialEq + fmt::Debug>(
        &self,
        who: Who,
        page: impl Fn(&Onboarding, Option<Cursor>) -> Result<Page<T>, Error>,
    ) -> Result<bool, Difference> {
        let mut after = None;
        loop {
            let answer = self.engines.both(|engine| page(engine, after.clone()))?;
            let Ok(read) = answer else {
                if who == Who::Nobody {
                    Reasons::of(who, Role::ALL, |_| {}).judge(&answer)?;
                }
                return Ok(false);
            };
            after = read.next;
            if after.is_none() {
                return Ok(true);
            }
        }
    }

    fn partner_filter(&self, filter: &Filter) -> PartnerFilter {
        PartnerFilter {
            id: filter.id.map(|pick| self.known.partner_id(pick.among(self.known.partners.len()))),
            organization: filter.name_of(0),
            policy_group: self.group(filter.group),
            policy_group_name: filter.name_of(1),
            state: nth(PartnerState::ALL, filter.state.filter(|number| number % 2 == 0)),
            certificate_status: nth(CertificateStatus::ALL, filter.state.filter(|number| number % 2 == 1)),
            certificate_ends: self.range(filter.ends),
            ..PartnerFilter::default()
        }
    }

    fn ca_filter(&self, filter: &Filter) -> CaCertificateFilter {
        CaCertificateFilter {
            kind: nth(CaKind::ALL, filter.state.filter(|number| number % 3 == 0)),
            state: nth(CaState::ALL, filter.state.filter(|number| number % 3 == 1)),
            status: nth(CertificateStatus::ALL, filter.state.filter(|number| number % 3 == 2)),
            subject: filter.name_of(0),
            issuer: filter.name_of(1),
            ends: self.range(filter.ends),
            domain: filter.group.map(|_| misp_onboarding::trust_store::TrustDomain::auth()),
            ..CaCertificateFilter::default()
        }
    }

    fn policy_filter(&self, filter: &Filter) -> PolicyFilter {
        PolicyFilter {
            id: self.policy(filter.id),
            group: self.group(filter.group),
            group_name: filter.name_of(0),
            name: filter.name_of(1),
            state: nth(PolicyState::ALL, filter.state),
        }
    }

    fn link_filter(&self, filter: &Filter) -> PolicyLinkFilter {
        PolicyLinkFilter {
            id: filter.id.map(|pick| self.known.link_id(pick.among(self.known.links.len()))),
            partner: filter.partner.map(|pick| self.known.partner_id(pick.among(self.known.partners.len()))),
            organization: filter.name_of(0),
            policy: self.policy(filter.policy),
            policy_name: filter.name_of(1),
            policy_group: self.group(filter.group),
            policy_group_name: filter.name_of(2),
            state: nth(PolicyLinkState::ALL, filter.state),
        }
    }

    fn key_filter(&self, filter: &Filter) -> LicenseKeyFilter {
        LicenseKeyFilter {
            id: filter.id.map(|pick| self.known.key_id(pick.among(self.known.keys.len()))),
            partner: filter.partner.map(|pick| self.known.partner_id(pick.among(self.known.partners.len()))),
            organization: filter.name_of(0),
            policy_group: self.group(filter.group),
            policy_group_name: filter.name_of(1),
            policy: self.policy(filter.policy),
            policy_name: filter.name_of(2),
            name: filter.name_of(3),
            status: nth(LicenseKeyStatus::ALL, filter.state),
            expires: self.range(filter.ends),
        }
    }

    fn group(&self, pick: Option<Pick>) -> Option<misp_onboarding::id::PolicyGroupId> {
        pick.map(|pick| self.known.group_id(pick.among(self.known.groups.len())))
    }

    fn policy(&self, pick: Option<Pick>) -> Option<misp_onboarding::id::PolicyId> {
        pick.map(|pick| self.known.policy_id(pick.among(self.known.policies.len())))
    }

    fn range(&self, days: Option<(i64, i64)>) -> Option<TimeRange> {
        let days_from_now = |days| self.now().plus_days(days);
        days.map(|(from, to)| TimeRange { from: days_from_now(from), to: days_from_now(to) })
    }
}

impl Filter {
    /// What the list's name with this number must contain.
    fn name_of(&self, number: u8) -> Option<Substring> {
        self.name.filter(|(_, which)| *which == number).and_then(|(part, _)| Substring::parse(part).ok())
    }

    fn any_name(&self) -> Option<Substring> {
        self.name.and_then(|(part, _)| Substring::parse(part).ok())
    }
}

/// The value with this number, counted around.
fn nth<T: Copy>(all: &[T], number: Option<usize>) -> Option<T> {
    number.map(|number| all[number % all.len()])
}
