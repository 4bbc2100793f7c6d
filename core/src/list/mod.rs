//! Lists: typed filters and sort keys, keyset cursors, pages.

mod cursor;

use std::fmt;

pub use cursor::Cursor;

use crate::Timestamp;
use crate::error::{Description, ErrorKind};
use crate::state::state_enum;

/// How many items a page holds where the request does not say.
pub const DEFAULT_PAGE_SIZE: u32 = 8;
/// The most items a page can hold.
pub const MAX_PAGE_SIZE: u32 = 100;

/// A request for one page of a list.
#[derive(Clone, Debug)]
pub struct ListRequest<F, S> {
    /// Which records; all conditions must hold.
    pub filter: F,
    /// Sorted by what; the id decides between equals.
    pub sort: S,
    /// In which direction; ids too.
    pub direction: Direction,
    /// Items on the page, 1 to 100.
    pub page_size: u32,
    /// Where the page before ended ([`Page::next`]), none for the first page.
    pub after: Option<Cursor>,
    /// Whether to count all records that the filter lets through. Costs time in proportion to them.
    pub with_total: bool,
}

impl<F: Default, S: SortKey> Default for ListRequest<F, S> {
    /// The first eight of all records, newest first.
    fn default() -> Self {
        Self::with_filter(F::default())
    }
}

impl<F, S: SortKey> ListRequest<F, S> {
    /// The first eight of the records that the filter lets through, newest first.
    pub fn with_filter(filter: F) -> Self {
        Self {
            filter,
            sort: S::NEWEST,
            direction: Direction::Descending,
            page_size: DEFAULT_PAGE_SIZE,
            after: None,
            with_total: false,
        }
    }

    /// The same request sorted in another way.
    #[must_use]
    pub fn sorted(mut self, sort: S, direction: Direction) -> Self {
        self.sort = sort;
        self.direction = direction;
        self
    }

    /// The same request with another page size.
    #[must_use]
    pub fn page_size(mut self, items: u32) -> Self {
        self.page_size = items;
        self
    }

    /// The same request for the page after `cursor`.
    #[must_use]
    pub fn after(mut self, cursor: Option<Cursor>) -> Self {
        self.after = cursor;
        self
    }

    /// The same request with the total counted.
    #[must_use]
    pub fn counted(mut self) -> Self {
        self.with_total = true;
        self
    }
}

state_enum!(
    /// The direction of a sort.
    Direction {
        /// Smallest, earliest, first letter first.
        Ascending = "ascending",
        /// Largest, latest, last letter first.
        Descending = "descending",
    }
);

/// One page of a list.
#[derive(Clone, Debug, PartialEq, Eq, serde::Serialize)]
pub struct Page<T> {
    /// The records, at most as many as asked for.
    pub items: Vec<T>,
    /// Where the next page begins; none when this was the last one.
    pub next: Option<Cursor>,
    /// How many records the filter lets through, where asked for.
    pub total: Option<u64>,
}

/// What a list can be sorted by.
pub trait SortKey: Copy + Eq + fmt::Debug + Send + Sync + 'static {
    /// Every sort key of the list.
    const ALL: &'static [Self];
    /// The key that puts the newest record first when descending.
    const NEWEST: Self;

    /// The key's stable name, unique over all lists, such as `partner.organization`.
    fn as_str(self) -> &'static str;

    /// Whether the key's values are instants rather than text.
    fn is_time(self) -> bool;
}

/// Declares the sort keys of one list.
macro_rules! sort_keys {
    ($(#[$doc:meta])* $name:ident newest $newest:ident {
        $($(#[$variant_doc:meta])* $variant:ident = $text:literal $(($time:ident))?,)+
    }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum $name { $($(#[$variant_doc])* $variant,)+ }

        impl $crate::list::SortKey for $name {
            const ALL: &'static [Self] = &[$(Self::$variant,)+];
            const NEWEST: Self = Self::$newest;

            fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }

            fn is_time(self) -> bool {
                match self { $(Self::$variant => $crate::list::sort_keys!(@time $($time)?),)+ }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str($crate::list::SortKey::as_str(*self))
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::text::FieldProblem;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                use $crate::list::SortKey;
                let names = Self::ALL.iter().map(|key| key.as_str());
                let found = Self::ALL.iter().copied().find(|key| key.as_str() == text);
                found.ok_or_else(|| $crate::text::FieldProblem::not_one_of(names, text))
            }
        }

        $crate::wire::text_on_the_wire!($name);
    };
    (@time) => { false };
    (@time time) => { true };
}
pub(crate) use sort_keys;

/// The value of a sort key in one row.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
#[serde(untagged)]
pub enum SortValue {
    /// Case-folded text, compared byte by byte; empty where the row has none.
    Text(String),
    /// An instant; [`Timestamp::MAX`] where the row has none.
    Time(Timestamp),
}

/// A row of a list, as it can be sorted.
pub trait ListRow<S: SortKey> {
    /// The value that `key` has in this row: text for text keys, an instant for time keys.
    fn sort_value(&self, key: S) -> SortValue;

    /// The id that decides between rows of equal value, compared byte by byte.
    fn tie_break(&self) -> String;
}

/// The place in a list after one of its rows.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize)]
pub struct Position {
    /// The row's value of the sort key.
    pub value: SortValue,
    /// The row's id.
    pub id: String,
}

/// What a store is asked for: at most `limit` rows after a place, in order.
#[derive(Clone, Debug, serde::Serialize)]
pub struct Query<F, S> {
    /// Which rows; all conditions must hold.
    pub filter: F,
    /// Sorted by what.
    pub sort: S,
    /// In which direction; the id has the same.
    pub direction: Direction,
    /// Only rows beyond this place in the given direction; none from the start.
    pub after: Option<Position>,
    /// The most rows.
    pub limit: u32,
    /// The instant that statuses are derived from.
    pub now: Timestamp,
}

/// A range of instants for filters, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TimeRange {
    /// The first instant in the range.
    pub from: Timestamp,
    /// The last instant in the range.
    pub to: Timestamp,
}

impl TimeRange {
    /// Whether the instant lies in the range.
    pub fn contains(&self, instant: Timestamp) -> bool {
        self.from <= instant && instant <= self.to
    }
}

/// A list request that cannot be answered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, serde::Serialize)]
#[non_exhaustive]
#[serde(untagged)]
pub enum ListError {
    /// The page size is 0 or too large. MOSIP: `PMS_PRT_361`.
    #[error("a page has {min} to {max} items, found {found}")]
    PageSize {
        /// The fewest items.
        min: u32,
        /// The most items.
        max: u32,
        /// The size asked for.
        found: u32,
    },
    /// The cursor is not one that the engine made.
    #[error("a cursor taken from a page of this list is needed, found text that is none")]
    MalformedCursor,
    /// The cursor belongs to another list or another sort.
    #[error("a cursor of {required} is needed, found one of {found}")]
    ForeignCursor {
        /// Sort key and direction of the request.
        required: String,
        /// Sort key and direction of the cursor.
        found: String,
    },
    /// The window of an expiry list is empty or too long.
    #[error("a window of 1 to {max_days} days is needed, found {found_days}")]
    Window {
        /// The most days.
        max_days: u32,
        /// The days asked for.
        found_days: u32,
    },
}

impl ListError {
    pub(crate) fn describe(&self) -> Description {
        let (code, pms_code) = match self {
            Self::PageSize { .. } => ("list.page_size", Some("PMS_PRT_361")),
            Self::MalformedCursor => ("list.malformed_cursor", None),
            Self::ForeignCursor { .. } => ("list.foreign_cursor", None),
            Self::Window { .. } => ("list.window", None),
        };
        (ErrorKind::InvalidInput, code, pms_code)
    }
}

/// Turns a request into what the store is asked for: one row more than the page, to learn whether there is a next.
pub(crate) fn plan<F: Clone, S: SortKey>(
    request: &ListRequest<F, S>,
    now: Timestamp,
) -> Result<Query<F, S>, ListError> {
    if request.page_size < 1 || request.page_size > MAX_PAGE_SIZE {
        return Err(ListError::PageSize { min: 1, max: MAX_PAGE_SIZE, found: request.page_size });
    }
    let after =
        request.after.as_ref().map(|cursor| cursor.position(request.sort, request.direction)).transpose()?;
    Ok(Query {
        filter: request.filter.clone(),
        sort: request.sort,
        direction: request.direction,
        after,
        limit: request.page_size + 1,
        now,
    })
}

/// Makes the page of the rows that the store answered a planned query with.
pub(crate) fn page<T: ListRow<S>, F, S: SortKey>(
    request: &ListRequest<F, S>,
    mut rows: Vec<T>,
    total: Option<u64>,
) -> Page<T> {
    let size = usize::try_from(request.page_size).unwrap_or(usize::MAX);
    let more = rows.len() > size;
    rows.truncate(size);
    let next = rows.last().filter(|_| more).map(|last| {
        let position = Position { value: last.sort_value(request.sort), id: last.tie_break() };
        Cursor::new(request.sort, request.direction, &position)
    });
    Page { items: rows, next, total }
}
