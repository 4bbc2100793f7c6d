//! Which ways there are to list license keys.

use anyhow::Result;
use misp_onboarding::id::LicenseKeyId;
use misp_onboarding::license_key::{LicenseKeyFilter, LicenseKeySort, LicenseKeyStatus};
use misp_onboarding::list::{Direction, ListRequest, SortKey, TimeRange};
use misp_onboarding::onboarding::ExpiringRequest;
use misp_onboarding::text::Substring;

use crate::stores::population::names::{
    ABSENT, ABSENT_SHORT, COMMON_GROUP, COMMON_KEY, COMMON_ORGANIZATION, COMMON_POLICY, RARE_GROUP, RARE_KEY,
    RARE_ORGANIZATION, RARE_POLICY,
};
use crate::stores::population::{
    BIG_PARTNER, NOW, RARE_PARTNER, group_id, group_of_policy, partner_id, policies_of, policy_id,
};

pub(super) type Request = ListRequest<LicenseKeyFilter, LicenseKeySort>;

/// One way to list.
pub(super) struct Case {
    pub(super) name: String,
    pub(super) ask: Ask,
    /// Whether it may take time in proportion to the keys.
    pub(super) counts: bool,
}

/// What is asked for.
pub(super) enum Ask {
    Keys(Box<Request>),
    Expiring(ExpiringRequest),
    /// The page in the middle of the newest first, in proportion to the store.
    FarPage,
}

/// Every way.
///
/// # Errors
/// A text is none to look for.
pub(super) fn all() -> Result<Vec<Case>> {
    let mut cases = vec![
        Case::of("first page", Request::default()),
        Case { name: "page 50,000 by cursor".to_owned(), ask: Ask::FarPage, counts: false },
        Case {
            counts: true,
            ..Case::of("first page with the total, which counts", Request::default().counted())
        },
    ];
    for sort in LicenseKeySort::ALL {
        for direction in [Direction::Ascending, Direction::Descending] {
            let name = format!("by {}, {direction}", sort.as_str().trim_start_matches("license_key."));
            cases.push(Case::of(name, Request::default().sorted(*sort, direction)));
        }
    }
    cases.extend(exact());
    cases.extend(substrings()?);
    cases.push(Case {
        name: "expiring within 30 days".to_owned(),
        ask: Ask::Expiring(ExpiringRequest::default()),
        counts: false,
    });
    Ok(cases)
}

impl Case {
    fn of(name: impl Into<String>, request: Request) -> Self {
        Self { name: name.into(), ask: Ask::Keys(Box::new(request)), counts: false }
    }
}

/// A case with one condition.
fn filter(name: impl AsRef<str>, set: impl FnOnce(&mut LicenseKeyFilter)) -> Case {
    let mut filter = LicenseKeyFilter::default();
    set(&mut filter);
    Case::of(format!("filter {}", name.as_ref()), Request::with_filter(filter))
}

/// Ids, states and instants: of many keys, of the twelve that nobody shares, and of none.
fn exact() -> Vec<Case> {
    let policy = policies_of(BIG_PARTNER)[0];
    let within = |from, to| TimeRange { from: NOW.plus_days(from), to: NOW.plus_days(to) };
    let mut cases = vec![
        filter("id, absent", |filter| filter.id = Some(LicenseKeyId::new(NOW, [0; 10]))),
        filter("partner, many keys", |filter| filter.partner = Some(partner_id(BIG_PARTNER))),
        filter("partner, 12 keys", |filter| filter.partner = Some(partner_id(RARE_PARTNER))),
        filter("policy, many keys", |filter| filter.policy = Some(policy_id(policy))),
        filter("policy, 12 keys", |filter| filter.policy = Some(policy_id(0))),
        filter("policy group, many keys", |filter| {
            filter.policy_group = Some(group_id(group_of_policy(policy)));
        }),
        filter("policy group, 12 keys", |filter| filter.policy_group = Some(group_id(0))),
        filter("expires within 90 days", |filter| filter.expires = Some(within(0, 90))),
        filter("expires, absent", |filter| filter.expires = Some(within(9_000, 9_001))),
    ];
    for status in LicenseKeyStatus::ALL {
        cases.push(filter(format!("status {status}"), |filter| filter.status = Some(*status)));
    }
    cases
}

/// Parts of names: of many keys, of the twelve that nobody shares, and of none.
fn substrings() -> Result<Vec<Case>> {
    type Set = fn(&mut LicenseKeyFilter, Substring);
    let names: [(&str, &str, &str, Set); 4] = [
        ("name", COMMON_KEY, RARE_KEY, |filter, part| filter.name = Some(part)),
        ("organization", COMMON_ORGANIZATION, RARE_ORGANIZATION, |filter, part| {
            filter.organization = Some(part);
        }),
        ("policy name", COMMON_POLICY, RARE_POLICY, |filter, part| filter.policy_name = Some(part)),
        ("policy group name", COMMON_GROUP, RARE_GROUP, |filter, part| {
            filter.policy_group_name = Some(part);
        }),
    ];
    let mut cases = Vec::new();
    for (name, common, rare, set) in names {
        let parts =
            [("common", common), ("rare", rare), ("absent", ABSENT), ("absent, two letters", ABSENT_SHORT)];
        for (how, part) in parts {
            let part = Substring::parse(part)?;
            cases.push(filter(format!("{name}, {how}"), |filter| set(filter, part)));
        }
    }
    Ok(cases)
}
