//! A list of thousands of license keys: long enough that a store cannot look at all of it for each page and be quick.

use misp_onboarding::license_key::{
    LicenseKeyFilter, LicenseKeyRecord, LicenseKeyRow, LicenseKeySort, LicenseKeyState, LicenseKeyStatus,
};
use misp_onboarding::list::{SortKey, TimeRange};
use misp_onboarding::partner::Partner;
use misp_onboarding::store::{ChangeSet, Store};
use misp_onboarding::text::fold_case;

use crate::conformance::check::{Failure, Verdict, equal, holds};
use crate::conformance::list::{DIRECTIONS, LicenseKeys, List, all, ids, in_order, position, query};
use crate::conformance::samples::{self, InState, NOW, after, literal};

/// The oldest keys: each of a partner of its own, which has no other.
const OF_COTTAGES: u32 = 130;
/// The keys with an old name, for the first policy, all of which have ended.
const OLD: u32 = 1_100;
const KEYS: u32 = 3_700;

fn key(number: u32) -> LicenseKeyRecord {
    let is_old = number < OLD;
    let partner = if number < OF_COTTAGES { format!("cottage{number}") } else { "house".to_owned() };
    let key = samples::license_key(number, &partner);
    let key = LicenseKeyRecord {
        policy: Some(samples::policy_id(u32::from(!is_old))),
        name: literal(&format!("{} {number}", if is_old { "Ancient" } else { "Young" })),
        created_at: after(i64::from(number) - 10_000),
        expires_at: after(if is_old { i64::from(number) - 5_000 } else { i64::from(number) }),
        ..key
    };
    if number.is_multiple_of(50) { key.in_state(LicenseKeyState::Deactivated) } else { key }
}

fn fill(store: &dyn Store) -> Result<(), Failure> {
    let mut changes = ChangeSet::new();
    for number in 0..2 {
        let name = if number == 0 { "First" } else { "Second" };
        changes.insert(samples::policy_group(number, name)).insert(samples::policy(number, number, name));
    }
    changes.insert(Partner { organization: literal("House of Keys"), ..samples::partner("house") });
    for number in 0..OF_COTTAGES {
        let organization = literal(&format!("Cottage {number}"));
        changes.insert(Partner { organization, ..samples::partner(&format!("cottage{number}")) });
    }
    for number in 0..KEYS {
        changes.insert(key(number));
    }
    store.commit(&changes)?;
    Ok(())
}

type Passes = fn(&LicenseKeyRow) -> bool;

fn has(text: &str, part: &str) -> bool {
    fold_case(text).contains(part)
}

/// What lets through some old keys only, which are far from the newest.
fn filters() -> Vec<(&'static str, LicenseKeyFilter, Passes)> {
    let any = LicenseKeyFilter::default;
    let ended = TimeRange { from: after(-5_000), to: after(-4_000) };
    vec![
        ("of many partners", LicenseKeyFilter { organization: Some(literal("COTTAGE")), ..any() }, |row| {
            has(row.organization.as_str(), "cottage")
        }),
        ("of few partners", LicenseKeyFilter { organization: Some(literal("cottage 12")), ..any() }, |row| {
            has(row.organization.as_str(), "cottage 12")
        }),
        (
            "of partners by two letters",
            LicenseKeyFilter { organization: Some(literal("ge")), ..any() },
            |row| has(row.organization.as_str(), "ge"),
        ),
        ("of a partner", LicenseKeyFilter { partner: Some(literal("cottage7")), ..any() }, |row| {
            row.key.partner.as_str() == "cottage7"
        }),
        ("of many names", LicenseKeyFilter { name: Some(literal("ancient")), ..any() }, |row| {
            has(row.key.name.as_str(), "ancient")
        }),
        ("of few names", LicenseKeyFilter { name: Some(literal("cient 10")), ..any() }, |row| {
            has(row.key.name.as_str(), "cient 10")
        }),
        ("of names by two letters", LicenseKeyFilter { name: Some(literal("t ")), ..any() }, |row| {
            has(row.key.name.as_str(), "ancient")
        }),
        ("for a policy", LicenseKeyFilter { policy: Some(samples::policy_id(0)), ..any() }, |row| {
            row.key.policy == Some(samples::policy_id(0))
        }),
        (
            "for a group's name",
            LicenseKeyFilter { policy_group_name: Some(literal("irs")), ..any() },
            |row| row.key.policy == Some(samples::policy_id(0)),
        ),
        ("ended then", LicenseKeyFilter { expires: Some(ended), ..any() }, |row| {
            after(-5_000) <= row.key.expires_at && row.key.expires_at <= after(-4_000)
        }),
        ("expired", LicenseKeyFilter { status: Some(LicenseKeyStatus::Expired), ..any() }, |row| {
            row.key.status(NOW) == LicenseKeyStatus::Expired
        }),
        ("active", LicenseKeyFilter { status: Some(LicenseKeyStatus::Active), ..any() }, |row| {
            row.key.status(NOW) == LicenseKeyStatus::Active
        }),
        ("deactivated", LicenseKeyFilter { status: Some(LicenseKeyStatus::Deactivated), ..any() }, |row| {
            row.key.status(NOW) == LicenseKeyStatus::Deactivated
        }),
        (
            "expired, of many partners and names",
            LicenseKeyFilter {
                status: Some(LicenseKeyStatus::Expired),
                organization: Some(literal("cottage")),
                name: Some(literal("ancient")),
                ..any()
            },
            |row| {
                row.key.status(NOW) == LicenseKeyStatus::Expired && has(row.organization.as_str(), "cottage")
            },
        ),
    ]
}

pub(crate) fn a_page_of_a_long_list_is_found_wherever_its_rows_are(store: &dyn Store) -> Verdict {
    fill(store)?;
    let rows = all::<LicenseKeys>(store, LicenseKeyFilter::default())?;
    equal("the number of keys", rows.len(), KEYS as usize)?;
    for (name, filter, passes) in filters() {
        let wanted: Vec<LicenseKeyRow> = rows.iter().filter(|row| passes(row)).cloned().collect();
        holds(
            format_args!("the suite's own keys {name} are some of all"),
            !wanted.is_empty() && wanted.len() < rows.len(),
        )?;
        for sort in LicenseKeySort::ALL.iter().copied() {
            for direction in DIRECTIONS {
                let wanted = in_order(&wanted, sort, direction);
                for place in [0, wanted.len() / 2] {
                    let mut query = query(filter.clone(), sort, direction, 9);
                    query.after =
                        place.checked_sub(1).and_then(|last| wanted.get(last)).map(|row| position(row, sort));
                    let found = LicenseKeys::list(store, &query)?;
                    let page: Vec<LicenseKeyRow> = wanted.iter().skip(place).take(9).cloned().collect();
                    let what = format!("keys {name} by {} {direction} after {place}", sort.as_str());
                    equal(&what, ids(&found), ids(&page))?;
                }
            }
        }
    }
    Ok(())
}
