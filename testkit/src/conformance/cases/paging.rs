//! Pages: every order, every size, every row once, whatever comes and goes in between.

use std::collections::BTreeSet;

use misp_onboarding::license_key::{
    LicenseKeyFilter, LicenseKeyRecord, LicenseKeySort, LicenseKeyState, LicenseKeyStatus,
};
use misp_onboarding::list::{Direction, ListRow, Position, SortKey, SortValue};
use misp_onboarding::partner::Partner;
use misp_onboarding::policy::{Policy, PolicyGroup, PolicyGroupSort};
use misp_onboarding::store::{ChangeSet, Store};

use crate::conformance::check::{Failure, Verdict, equal, holds};
use crate::conformance::list::{
    CaCertificates, DIRECTIONS, LicenseKeys, List, Partners, Policies, PolicyGroups, PolicyLinks,
    every_order, ids, in_order, pages, position, query,
};
use crate::conformance::samples::{self, InState, NOW, Successor, after, literal};
use crate::conformance::world::World;

/// Every sort key in both directions, in pages of every size, against the order made from the rows themselves.
fn ordered<L: List>(store: &dyn Store, rows: &[L::Row]) -> Verdict {
    for sort in L::Sort::ALL {
        let values: Vec<SortValue> = rows.iter().map(|row| row.sort_value(*sort)).collect();
        let distinct = values.iter().collect::<BTreeSet<_>>().len();
        // Names of groups and ids of partners are unique; all other values are shared by some rows.
        let ties = distinct < rows.len() || ["policy_group.name", "partner.id"].contains(&sort.as_str());
        holds(format_args!("the suite's own rows have equal values of {}", sort.as_str()), ties)?;
        for direction in DIRECTIONS {
            let wanted = in_order(rows, *sort, direction);
            for size in [1, 2, 3, 100] {
                let what = format!("rows by {} {direction} in pages of {size}", sort.as_str());
                let found = pages::<L>(store, query(L::Filter::default(), *sort, direction, 0), size)?;
                equal(&what, ids(&found), ids(&wanted))?;
                holds(format_args!("{what} show what is stored"), found == wanted)?;
            }
            for limit in [0, 1, 7, 1_000] {
                let found = L::list(store, &query(L::Filter::default(), *sort, direction, limit))?;
                let first: Vec<_> = wanted.iter().take(limit as usize).cloned().collect();
                equal(format_args!("at most {limit} rows"), ids(&found), ids(&first))?;
            }
            for row in &wanted {
                let mut rest = query(L::Filter::default(), *sort, direction, 1_000);
                rest.after = Some(position(row, *sort));
                let place = wanted.iter().position(|found| found == row).unwrap_or_default();
                let found = L::list(store, &rest)?;
                equal(
                    format_args!("rows after {}", row.tie_break()),
                    ids(&found),
                    ids(&wanted[place + 1..]),
                )?;
            }
        }
    }
    equal("their count", L::count(store, &L::Filter::default(), NOW)?, rows.len() as u64)
}

fn world(store: &dyn Store) -> Result<World, Failure> {
    let world = World::new();
    world.write(store)?;
    Ok(world)
}

pub(crate) fn partners_come_in_every_order(store: &dyn Store) -> Verdict {
    let world = world(store)?;
    ordered::<Partners>(store, &world.partner_rows())
}

pub(crate) fn ca_certificates_come_in_every_order(store: &dyn Store) -> Verdict {
    let world = world(store)?;
    ordered::<CaCertificates>(store, &world.cas)
}

pub(crate) fn policy_groups_come_in_every_order(store: &dyn Store) -> Verdict {
    let world = world(store)?;
    ordered::<PolicyGroups>(store, &world.groups)
}

pub(crate) fn policies_come_in_every_order(store: &dyn Store) -> Verdict {
    let world = world(store)?;
    ordered::<Policies>(store, &world.policy_rows())
}

pub(crate) fn policy_links_come_in_every_order(store: &dyn Store) -> Verdict {
    let world = world(store)?;
    ordered::<PolicyLinks>(store, &world.link_rows())
}

pub(crate) fn license_keys_come_in_every_order(store: &dyn Store) -> Verdict {
    let world = world(store)?;
    ordered::<LicenseKeys>(store, &world.key_rows())
}

pub(crate) fn rows_follow_the_records_they_show(store: &dyn Store) -> Verdict {
    let mut world = world(store)?;
    // What other records' rows show changes: names of groups, policies and organizations, a certificate's end.
    for (index, group) in world.groups.iter_mut().enumerate().take(6) {
        let name = literal(&format!("{} group", ["zz", "Yy", "xx", "00", "ää", "mm"][index]));
        *group = PolicyGroup { name, ..group.clone() }.next();
        store.commit(ChangeSet::new().update(group.clone()))?;
    }
    for (index, policy) in world.policies.iter_mut().enumerate().take(12) {
        *policy = Policy {
            name: literal(&format!("renamed {}", 99 - index)),
            group: samples::policy_group_id(index as u32 % 4),
            ..policy.clone()
        }
        .next();
    }
    let mut changes = ChangeSet::new();
    for policy in &world.policies[..12] {
        changes.update(policy.clone());
    }
    for (index, partner) in world.partners.iter_mut().enumerate().take(12) {
        *partner = Partner {
            organization: literal(&format!("{} ltd", ["Q", "p", "R"][index % 3])),
            policy_group: Some(samples::policy_group_id(index as u32 / 2)),
            ..partner.clone()
        }
        .next();
        changes.update(partner.clone());
    }
    for (index, certificate) in world.certificates.iter_mut().enumerate() {
        certificate.not_after = after(86_400 * (index as i64 * 5 % 7));
        certificate.version = certificate.version.next();
        changes.update(certificate.clone());
    }
    // Keys and links change what they rest on.
    for (index, key) in world.keys.iter_mut().enumerate().step_by(3) {
        let policy = (index % 2 == 0).then(|| samples::policy_id(index as u32 % 9));
        *key = LicenseKeyRecord { policy, expires_at: after(index as i64 % 5), ..key.clone() }.next();
        changes.update(key.clone());
    }
    store.commit(&changes)?;
    every_order::<Partners>(store, &world.partner_rows())?;
    every_order::<PolicyGroups>(store, &world.groups)?;
    every_order::<Policies>(store, &world.policy_rows())?;
    every_order::<PolicyLinks>(store, &world.link_rows())?;
    every_order::<LicenseKeys>(store, &world.key_rows())?;
    for row in world.key_rows() {
        equal("the row of a single key", store.license_key(row.key.id)?, Some(row))?;
    }
    Ok(())
}

pub(crate) fn a_place_need_not_be_that_of_a_row(store: &dyn Store) -> Verdict {
    let world = world(store)?;
    let groups = &world.groups;
    // Places before, between and after all rows, with ids that no row has, some of them no ids at all.
    let values = ["", "a", "alpha", "alpha ", "zulu", "～", "\u{10FFFF}"];
    let some_id = samples::policy_group_id(7).to_string();
    for value in values {
        for id in ["", "0", &some_id, &some_id.to_uppercase(), "zzzz", "\u{10FFFF}"] {
            for direction in DIRECTIONS {
                let sort = PolicyGroupSort::Name;
                let place = Position { value: SortValue::Text(value.to_owned()), id: id.to_owned() };
                let wanted: Vec<PolicyGroup> = in_order(groups, sort, direction)
                    .into_iter()
                    .filter(|row| {
                        let row = (row.sort_value(sort), row.tie_break());
                        let place = (place.value.clone(), place.id.clone());
                        if direction == Direction::Ascending { row > place } else { row < place }
                    })
                    .collect();
                let mut rest = query(Default::default(), sort, direction, 1_000);
                rest.after = Some(place);
                let found = store.list_policy_groups(&rest)?;
                equal(format_args!("{direction} from {value:?} {id:?}"), ids(&found), ids(&wanted))?;
            }
        }
    }
    Ok(())
}

pub(crate) fn pages_stay_whole_while_rows_come_and_go(store: &dyn Store) -> Verdict {
    // All rows of one organization have the same value, so that the ids alone decide.
    let sorts = [LicenseKeySort::CreatedAt, LicenseKeySort::Name, LicenseKeySort::Organization];
    for (index, sort) in (0..).zip(sorts) {
        come_and_go(store, sort, Direction::Ascending, 2 * index)?;
        come_and_go(store, sort, Direction::Descending, 2 * index + 1)?;
    }
    Ok(())
}

/// Goes through the active keys of one partner, while keys end and others are made on both sides of the place.
fn come_and_go(store: &dyn Store, sort: LicenseKeySort, direction: Direction, round: u32) -> Verdict {
    const PAGE: usize = 6;
    let partner = format!("partner{round}");
    // The key at a place of the list, counted in the list's own direction.
    let key = |place: u32| {
        let rank = if direction == Direction::Ascending { place } else { 200 - place };
        LicenseKeyRecord {
            name: literal(&format!("{rank:04}")),
            created_at: after(i64::from(rank)),
            ..samples::license_key(round * 1_000 + rank, &partner)
        }
    };
    let mut active: BTreeSet<u32> = (1..100).step_by(3).collect();
    let mut made = active.clone();
    let mut changes = ChangeSet::new();
    changes.insert(samples::partner(&partner));
    for place in &active {
        changes.insert(key(*place));
    }
    store.commit(&changes)?;
    let filter = LicenseKeyFilter {
        partner: Some(literal(&partner)),
        status: Some(LicenseKeyStatus::Active),
        ..Default::default()
    };
    let mut next_page = query(filter, sort, direction, PAGE as u32);
    let mut last = 0;
    loop {
        let page = store.list_license_keys(&next_page)?;
        let wanted: Vec<u32> = active.range(last + 1..).take(PAGE).copied().collect();
        let keys = wanted.iter().map(|place| key(*place).id.to_string()).collect();
        equal(format_args!("{} {direction} after place {last}", sort.as_str()), ids(&page), keys)?;
        let Some(row) = page.last() else { return Ok(()) };
        next_page.after = Some(position(row, sort));
        last = wanted.last().copied().unwrap_or(last);
        // The row at the place itself ends, and one far ahead; one comes just before the place and one just after.
        let mut changes = ChangeSet::new();
        for ended in [Some(last), active.range(last + 10..).next().copied()].into_iter().flatten() {
            active.remove(&ended);
            let key = key(ended);
            changes.update(key.in_state(LicenseKeyState::Deactivated).next());
        }
        for new in [last - 1, last + 1] {
            if new < 110 && made.insert(new) {
                active.insert(new);
                changes.insert(key(new));
            }
        }
        store.commit(&changes)?;
    }
}
