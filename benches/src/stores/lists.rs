//! Every way to list license keys, with many of them and with a thousand.

use std::hint::black_box;

use anyhow::{Context, Result, ensure};
use misp_onboarding::license_key::{LicenseKeyFilter, LicenseKeySort, LicenseKeyStatus};
use misp_onboarding::list::{
    Cursor, DEFAULT_PAGE_SIZE, Direction, ListRequest, MAX_PAGE_SIZE, SortKey, TimeRange,
};
use misp_onboarding::onboarding::ExpiringRequest;

use super::measure::{Effort, side_by_side};
use super::population::{
    BIG_PARTNER, NOW, RARE_PARTNER, group_id, group_of_policy, names, partner_id, policies_of, policy_id,
};
use super::subject::{Subject, grouped};
use crate::row::Row;

type Request = ListRequest<LicenseKeyFilter, LicenseKeySort>;

/// How much slower a list may be with many keys.
const BAR: f64 = 2.0;
/// The page that is far from the first; of a small store the one in the same proportion.
const FAR_PAGE: u32 = 50_000;
const FAR_OF: u32 = 1_000_000;

/// One way to list.
struct Case {
    name: String,
    ask: Ask,
    /// Whether it may take time in proportion to the keys.
    counts: bool,
}

enum Ask {
    Keys(Request),
    Expiring(ExpiringRequest),
    /// The page in the middle of the newest first.
    FarPage,
}

/// Measures each way.
///
/// # Errors
/// A list fails, or shows more in one store than in the other.
pub(super) fn measure(store: &str, small: &Subject, large: &Subject, effort: Effort) -> Result<Vec<Row>> {
    cases()?
        .into_iter()
        .map(|case| {
            let name = format!("{store}, {}, {}", large.size(), case.name);
            measure_one(&case, small, large, effort).with_context(|| name.clone()).map(|(ours, yardstick)| {
                let bar = (!case.counts).then_some(BAR);
                Row::of_times(name, ours, (small.size(), yardstick), bar)
            })
        })
        .collect()
}

fn measure_one(case: &Case, small: &Subject, large: &Subject, effort: Effort) -> Result<(f64, f64)> {
    let (in_small, in_large) = (asked(case, small)?, asked(case, large)?);
    let (few, many) = (in_small.items(small)?, in_large.items(large)?);
    // A page that shows more has more to do.
    ensure!(few == many, "as many keys on both pages are needed, found {few} and {many}");
    side_by_side(effort, || in_large.items(large).map(|_| ()), || in_small.items(small).map(|_| ()))
}

/// The request of a case, for this store.
fn asked(case: &Case, subject: &Subject) -> Result<Ask> {
    Ok(match &case.ask {
        Ask::Keys(request) => Ask::Keys(request.clone()),
        Ask::Expiring(request) => Ask::Expiring(request.clone()),
        Ask::FarPage => Ask::Keys(Request::default().after(far_cursor(subject)?)),
    })
}

impl Ask {
    /// How many keys the page shows.
    fn items(&self, subject: &Subject) -> Result<usize> {
        let page = match self {
            Self::Keys(request) => subject.engine.list_license_keys(&subject.admin, request)?,
            Self::Expiring(request) => subject.engine.expiring_license_keys(&subject.admin, request)?,
            Self::FarPage => anyhow::bail!("a far page has a cursor"),
        };
        Ok(black_box(page).items.len())
    }
}

/// Walks to the page, on pages as large as they come; a cursor is good for every size.
fn far_cursor(subject: &Subject) -> Result<Option<Cursor>> {
    let rows = u64::from(FAR_PAGE - 1) * u64::from(DEFAULT_PAGE_SIZE) * u64::from(subject.population.keys)
        / u64::from(FAR_OF);
    let mut request = Request::default();
    let mut left = u32::try_from(rows)?;
    while left > 0 {
        request.page_size = left.min(MAX_PAGE_SIZE);
        left -= request.page_size;
        request.after = subject.engine.list_license_keys(&subject.admin, &request)?.next;
    }
    Ok(request.after)
}

fn cases() -> Result<Vec<Case>> {
    let mut cases = vec![
        case("first page", Request::default()),
        Case { name: format!("page {} by cursor", grouped(FAR_PAGE)), ask: Ask::FarPage, counts: false },
    ];
    let counted = case("first page with the total, which counts", Request::default().counted());
    cases.push(Case { counts: true, ..counted });
    for sort in LicenseKeySort::ALL {
        for direction in [Direction::Ascending, Direction::Descending] {
            let name = format!("by {}, {direction}", sort.as_str().trim_start_matches("license_key."));
            cases.push(case(&name, Request::default().sorted(*sort, direction)));
        }
    }
    for (name, filter) in exact_filters() {
        cases.push(case(&format!("filter {name}"), Request::with_filter(filter)));
    }
    for (name, filter) in substring_filters()? {
        cases.push(case(&format!("filter {name}"), Request::with_filter(filter)));
    }
    cases.push(Case {
        name: "expiring within 30 days".to_owned(),
        ask: Ask::Expiring(ExpiringRequest::default()),
        counts: false,
    });
    Ok(cases)
}

fn case(name: &str, request: Request) -> Case {
    Case { name: name.to_owned(), ask: Ask::Keys(request), counts: false }
}

fn exact_filters() -> Vec<(String, LicenseKeyFilter)> {
    let any = LicenseKeyFilter::default();
    let common = policies_of(BIG_PARTNER)[0];
    let mut filters = vec![
        ("id, absent".to_owned(), LicenseKeyFilter { id: Some(absent_id()), ..any.clone() }),
        (
            "partner, many keys".to_owned(),
            LicenseKeyFilter { partner: Some(partner_id(BIG_PARTNER)), ..any.clone() },
        ),
        (
            "partner, 12 keys".to_owned(),
            LicenseKeyFilter { partner: Some(partner_id(RARE_PARTNER)), ..any.clone() },
        ),
        ("policy, many keys".to_owned(), LicenseKeyFilter { policy: Some(policy_id(common)), ..any.clone() }),
        ("policy, 12 keys".to_owned(), LicenseKeyFilter { policy: Some(policy_id(0)), ..any.clone() }),
        (
            "policy group, many keys".to_owned(),
            LicenseKeyFilter { policy_group: Some(group_id(group_of_policy(common))), ..any.clone() },
        ),
        (
            "policy group, 12 keys".to_owned(),
            LicenseKeyFilter { policy_group: Some(group_id(0)), ..any.clone() },
        ),
        (
            "expires within 90 days".to_owned(),
            LicenseKeyFilter { expires: Some(TimeRange { from: NOW, to: NOW.plus_days(90) }), ..any.clone() },
        ),
        (
            "expires, absent".to_owned(),
            LicenseKeyFilter {
                expires: Some(TimeRange { from: NOW.plus_days(9_000), to: NOW.plus_days(9_001) }),
                ..any.clone()
            },
        ),
    ];
    for status in LicenseKeyStatus::ALL {
        filters.push((format!("status {status}"), LicenseKeyFilter { status: Some(*status), ..any.clone() }));
    }
    filters
}

fn absent_id() -> misp_onboarding::id::LicenseKeyId {
    misp_onboarding::id::LicenseKeyId::new(NOW, [0; 10])
}

fn substring_filters() -> Result<Vec<(String, LicenseKeyFilter)>> {
    use names::{ABSENT, ABSENT_SHORT, COMMON_GROUP, COMMON_KEY, COMMON_ORGANIZATION, COMMON_POLICY};
    use names::{RARE_GROUP, RARE_KEY, RARE_ORGANIZATION, RARE_POLICY};
    let any = LicenseKeyFilter::default;
    let mut filters = Vec::new();
    let texts = |common, rare| {
        [("common", common), ("rare", rare), ("absent", ABSENT), ("absent, two letters", ABSENT_SHORT)]
    };
    for (how, text) in texts(COMMON_KEY, RARE_KEY) {
        let name = Some(misp_onboarding::text::Substring::parse(text)?);
        filters.push((format!("name, {how}"), LicenseKeyFilter { name, ..any() }));
    }
    for (how, text) in texts(COMMON_ORGANIZATION, RARE_ORGANIZATION) {
        let organization = Some(misp_onboarding::text::Substring::parse(text)?);
        filters.push((format!("organization, {how}"), LicenseKeyFilter { organization, ..any() }));
    }
    for (how, text) in texts(COMMON_POLICY, RARE_POLICY) {
        let policy_name = Some(misp_onboarding::text::Substring::parse(text)?);
        filters.push((format!("policy name, {how}"), LicenseKeyFilter { policy_name, ..any() }));
    }
    for (how, text) in texts(COMMON_GROUP, RARE_GROUP) {
        let policy_group_name = Some(misp_onboarding::text::Substring::parse(text)?);
        filters.push((format!("policy group name, {how}"), LicenseKeyFilter { policy_group_name, ..any() }));
    }
    Ok(filters)
}
