//! Every way to list license keys, with many of them and with a thousand.

mod cases;

use std::hint::black_box;

use anyhow::{Context, Result, bail, ensure};
use misp_onboarding::list::{Cursor, DEFAULT_PAGE_SIZE, MAX_PAGE_SIZE};

use self::cases::{Ask, Case, Request};
use super::measure::{Effort, side_by_side};
use super::subject::Subject;
use crate::row::Row;

/// How much slower a list may be with many keys.
const BAR: f64 = 2.0;
/// The page that is far from the first, of so many keys; of fewer the one in the same proportion.
const FAR_PAGE: u64 = 50_000;
const FAR_OF: u64 = 1_000_000;

/// Measures each way.
///
/// # Errors
/// A list fails, or shows more in one store than in the other.
pub(super) fn measure(store: &str, small: &Subject, large: &Subject, effort: Effort) -> Result<Vec<Row>> {
    let one = |case: Case| {
        let name = format!("{store}, {}, {}", large.size(), case.name);
        let (ours, yardstick) = measure_one(&case, small, large, effort).with_context(|| name.clone())?;
        Ok(Row::of_times(name, ours, (small.size(), yardstick), (!case.counts).then_some(BAR)))
    };
    cases::all()?.into_iter().map(one).collect()
}

fn measure_one(case: &Case, small: &Subject, large: &Subject, effort: Effort) -> Result<(f64, f64)> {
    let (of_few, of_many) = (asked(case, small)?, asked(case, large)?);
    let (few, many) = (items(&of_few, small)?, items(&of_many, large)?);
    // A page that shows more has more to do.
    ensure!(few == many, "as many keys on both pages are needed, found {few} and {many}");
    side_by_side(effort, || items(&of_many, large).map(|_| ()), || items(&of_few, small).map(|_| ()))
}

/// What a case asks this store for.
fn asked(case: &Case, subject: &Subject) -> Result<Ask> {
    Ok(match &case.ask {
        Ask::Keys(request) => Ask::Keys(request.clone()),
        Ask::Expiring(request) => Ask::Expiring(request.clone()),
        Ask::FarPage => Ask::Keys(Box::new(Request::default().after(far_cursor(subject)?))),
    })
}

/// How many keys the page shows.
fn items(ask: &Ask, subject: &Subject) -> Result<usize> {
    let page = match ask {
        Ask::Keys(request) => subject.engine.list_license_keys(&subject.admin, request)?,
        Ask::Expiring(request) => subject.engine.expiring_license_keys(&subject.admin, request)?,
        Ask::FarPage => bail!("a far page is asked for by its cursor"),
    };
    Ok(black_box(page).items.len())
}

/// Walks to the page, on pages as large as they come; a cursor is good for every size.
fn far_cursor(subject: &Subject) -> Result<Option<Cursor>> {
    let rows = (FAR_PAGE - 1) * u64::from(DEFAULT_PAGE_SIZE) * u64::from(subject.population.keys) / FAR_OF;
    let mut left = u32::try_from(rows)?;
    let mut request = Request::default();
    while left > 0 {
        request.page_size = left.min(MAX_PAGE_SIZE);
        left -= request.page_size;
        request.after = subject.engine.list_license_keys(&subject.admin, &request)?.next;
    }
    Ok(request.after)
}
