//! Ordered indexes: one per sort key of a list, and relations from one record to many.

use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::hash::Hash;
use std::iter::Peekable;
use std::ops::Bound;
use std::sync::{Arc, LazyLock};

use crate::Timestamp;
use crate::id::{CaCertificateId, LicenseKeyId, PolicyGroupId, PolicyId, PolicyLinkId};
use crate::list::{Direction, Position, SortValue};
use crate::partner::PartnerId;

/// A [`SortValue`] that rows of equal text share. Sorts alike.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Value {
    Text(Arc<str>),
    Time(Timestamp),
}

static NO_TEXT: LazyLock<Arc<str>> = LazyLock::new(|| "".into());

impl Value {
    pub(super) fn text(text: Option<&Arc<str>>) -> Self {
        Self::Text(Arc::clone(text.unwrap_or(&NO_TEXT)))
    }

    pub(super) fn time(time: Option<Timestamp>) -> Self {
        Self::Time(time.unwrap_or(Timestamp::MAX))
    }
}

impl From<&SortValue> for Value {
    fn from(value: &SortValue) -> Self {
        match value {
            SortValue::Text(text) => Self::Text(text.as_str().into()),
            SortValue::Time(time) => Self::Time(*time),
        }
    }
}

/// An id by which rows of equal value are told apart. Its order must be that of the bytes of its text.
pub(super) trait RowId: Clone + Ord + fmt::Display {
    /// The id with exactly this text.
    fn from_text(text: &str) -> Option<Self>;
}

impl RowId for PartnerId {
    fn from_text(text: &str) -> Option<Self> {
        Some(Self::from_stored(text))
    }
}

macro_rules! uuid_row_id {
    ($($id:ty),+) => {
        $(impl RowId for $id {
            fn from_text(text: &str) -> Option<Self> {
                // Upper-case digits read as the same UUID, but as text they sort elsewhere.
                text.parse().ok().filter(|id: &Self| id.to_string() == text)
            }
        })+
    };
}

uuid_row_id!(CaCertificateId, PolicyGroupId, PolicyId, PolicyLinkId, LicenseKeyId);

/// The ids of a list's rows in the order of each of its `N` sort keys.
#[derive(Debug)]
pub(super) struct Index<I, const N: usize> {
    orders: [BTreeSet<(Value, I)>; N],
}

impl<I: RowId, const N: usize> Default for Index<I, N> {
    fn default() -> Self {
        Self { orders: std::array::from_fn(|_| BTreeSet::new()) }
    }
}

impl<I: RowId, const N: usize> Index<I, N> {
    /// Moves a row from its old values to its new ones; none where it was or will not be there.
    pub(super) fn move_row(&mut self, id: &I, old: Option<&[Value; N]>, new: Option<&[Value; N]>) {
        for (key, order) in self.orders.iter_mut().enumerate() {
            let (old, new) = (old.map(|values| &values[key]), new.map(|values| &values[key]));
            if old == new {
                continue;
            }
            if let Some(value) = old {
                order.remove(&(value.clone(), id.clone()));
            }
            if let Some(value) = new {
                order.insert((value.clone(), id.clone()));
            }
        }
    }

    /// The rows beyond a place, in the order of the sort key with this number.
    pub(super) fn beyond<'a>(
        &'a self,
        key: usize,
        direction: Direction,
        after: Option<&Position>,
    ) -> impl Iterator<Item = &'a I> + use<'a, I, N> {
        self.rows(key, direction, after, (Bound::Unbounded, Bound::Unbounded)).map(id_of)
    }

    /// The same with the values, of the rows between two others.
    pub(super) fn rows<'a>(
        &'a self,
        key: usize,
        direction: Direction,
        after: Option<&Position>,
        (mut from, mut to): Ends<I>,
    ) -> Rows<'a, I> {
        let Some(order) = self.orders.get(key) else { return Box::new(std::iter::empty()) };
        let mut unlike = None;
        if let Some(after) = after {
            let value = Value::from(&after.value);
            match I::from_text(&after.id) {
                Some(id) => {
                    let (place, ahead) = ((value, id), direction == Direction::Ascending);
                    let bound = if ahead { &mut from } else { &mut to };
                    let is_narrower = match &*bound {
                        Bound::Unbounded => true,
                        Bound::Included(other) | Bound::Excluded(other) if ahead => place >= *other,
                        Bound::Included(other) | Bound::Excluded(other) => place <= *other,
                    };
                    if is_narrower {
                        *bound = Bound::Excluded(place);
                    }
                }
                // No row has such an id, so no page of this store ended there. Every row is compared as text instead.
                None => unlike = Some((value, after.id.clone())),
            }
        }
        if is_empty(&from, &to) {
            return Box::new(std::iter::empty());
        }
        let range = order.range((from, to));
        match (direction, unlike) {
            (Direction::Ascending, None) => Box::new(range),
            (Direction::Descending, None) => Box::new(range.rev()),
            (Direction::Ascending, Some((value, id))) => {
                Box::new(range.filter(move |row| compare_text(row, &value, &id).is_gt()))
            }
            (Direction::Descending, Some((value, id))) => {
                Box::new(range.rev().filter(move |row| compare_text(row, &value, &id).is_lt()))
            }
        }
    }
}

/// Where a stretch of rows begins and ends.
pub(super) type Ends<I> = (Bound<(Value, I)>, Bound<(Value, I)>);

/// Rows in order.
pub(super) type Rows<'a, I> = Box<dyn Iterator<Item = &'a (Value, I)> + 'a>;

/// Whether no row can lie between; a set takes no such range.
fn is_empty<T: Ord>(from: &Bound<T>, to: &Bound<T>) -> bool {
    match (from, to) {
        (Bound::Unbounded, _) | (_, Bound::Unbounded) => false,
        (Bound::Included(from), Bound::Included(to)) => from > to,
        (Bound::Included(from) | Bound::Excluded(from), Bound::Included(to) | Bound::Excluded(to)) => {
            from >= to
        }
    }
}

/// Rows of several indexes, which share none, in the order that each of them has.
pub(super) struct Merged<'a, I> {
    lanes: Vec<Peekable<Rows<'a, I>>>,
    direction: Direction,
}

impl<'a, I: RowId> Merged<'a, I> {
    pub(super) fn new(lanes: impl Iterator<Item = Rows<'a, I>>, direction: Direction) -> Self {
        Self { lanes: lanes.map(Iterator::peekable).collect(), direction }
    }
}

impl<'a, I: RowId> Iterator for Merged<'a, I> {
    type Item = &'a I;

    fn next(&mut self) -> Option<&'a I> {
        let mut first: Option<(usize, &'a (Value, I))> = None;
        for (lane, rows) in self.lanes.iter_mut().enumerate() {
            let Some(row) = rows.peek().copied() else { continue };
            let is_first = first.is_none_or(|(_, first)| match self.direction {
                Direction::Ascending => row < first,
                Direction::Descending => row > first,
            });
            if is_first {
                first = Some((lane, row));
            }
        }
        self.lanes.get_mut(first?.0)?.next().map(id_of)
    }
}

fn id_of<I>(row: &(Value, I)) -> &I {
    &row.1
}

fn compare_text<I: RowId>(row: &(Value, I), value: &Value, id: &str) -> std::cmp::Ordering {
    row.0.cmp(value).then_with(|| row.1.to_string().as_str().cmp(id))
}

/// Brings a few rows into the order in which [`Index::beyond`] would give them.
pub(super) fn sort_few<'a, I: RowId>(
    mut rows: Vec<(&'a Value, &'a I)>,
    direction: Direction,
    after: Option<&Position>,
) -> Vec<&'a I> {
    if let Some(after) = after {
        let value = Value::from(&after.value);
        rows.retain(|(row, id)| {
            let order = (*row).cmp(&value).then_with(|| id.to_string().as_str().cmp(&after.id));
            match direction {
                Direction::Ascending => order.is_gt(),
                Direction::Descending => order.is_lt(),
            }
        });
    }
    rows.sort_unstable();
    if direction == Direction::Descending {
        rows.reverse();
    }
    rows.into_iter().map(|(_, id)| id).collect()
}

/// From each record to the many that name it.
#[derive(Debug)]
pub(super) struct Relation<A, B> {
    of: HashMap<A, BTreeSet<B>>,
}

impl<A, B> Default for Relation<A, B> {
    fn default() -> Self {
        Self { of: HashMap::new() }
    }
}

impl<A: Eq + Hash, B: Ord> Relation<A, B> {
    pub(super) fn add(&mut self, one: A, other: B) {
        self.of.entry(one).or_default().insert(other);
    }

    pub(super) fn remove(&mut self, one: &A, other: &B) {
        if let Some(others) = self.of.get_mut(one) {
            others.remove(other);
            if others.is_empty() {
                self.of.remove(one);
            }
        }
    }

    /// The ones related to this one, in ascending order.
    pub(super) fn of<'a>(&'a self, one: &A) -> impl DoubleEndedIterator<Item = &'a B> + use<'a, A, B> {
        self.of.get(one).into_iter().flatten()
    }

    pub(super) fn count(&self, one: &A) -> usize {
        self.of.get(one).map_or(0, BTreeSet::len)
    }
}
