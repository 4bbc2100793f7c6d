//! Lists: what is asked for, and what is answered.

use misp_onboarding::Timestamp;
use misp_onboarding::list::{self as core, Cursor, Direction, TimeRange};
use misp_onboarding::onboarding;

use crate::convert::{Mirror, mirror, same};

/// The direction of a sort.
#[uniffi::remote(Enum)]
pub enum Direction {
    /// Smallest, earliest, first letter first.
    Ascending,
    /// Largest, latest, last letter first.
    Descending,
}

/// A range of instants for filters, both ends included.
#[uniffi::remote(Record)]
pub struct TimeRange {
    /// The first instant in the range.
    pub from: Timestamp,
    /// The last instant in the range.
    pub to: Timestamp,
}

same!(Direction, TimeRange);

/// A request for one page of what ends soon.
#[derive(Clone, Debug, uniffi::Record)]
pub struct ExpiringRequest {
    /// How far to look ahead, in days of 24 hours; what ends exactly then is included.
    #[uniffi(default = 30)]
    pub window_days: i32,
    /// Items on the page, 1 to 100.
    #[uniffi(default = 8)]
    pub page_size: i32,
    /// Where the page before ended, null for the first page.
    #[uniffi(default = None)]
    pub after: Option<Cursor>,
}

impl From<ExpiringRequest> for onboarding::ExpiringRequest {
    fn from(request: ExpiringRequest) -> Self {
        Self {
            window_days: Mirror::of(request.window_days),
            page_size: Mirror::of(request.page_size),
            after: request.after,
        }
    }
}

/// The value of a sort key in one row.
#[derive(Clone, Debug, uniffi::Enum)]
pub enum SortValue {
    /// Case-folded text, compared byte by byte; empty where the row has none.
    Text {
        /// The text.
        text: String,
    },
    /// An instant; the latest there is where the row has none.
    Time {
        /// The instant.
        instant: Timestamp,
    },
}

impl Mirror<core::SortValue> for SortValue {
    fn of(core: core::SortValue) -> Self {
        match core {
            core::SortValue::Text(text) => Self::Text { text },
            core::SortValue::Time(instant) => Self::Time { instant },
        }
    }
}

mirror! {
    /// The place in a list after one of its rows.
    Position of core::Position {
        /// The row's value of the sort key.
        value: SortValue,
        /// The row's id.
        id: String,
    }
}

/// Declares what a list needs: its sort keys, the request for a page, the page, and what a store is asked for.
macro_rules! list {
    (
        $(#[$doc:meta])*
        $sort:ident of $core:ty { $($(#[$variant_doc:meta])* $variant:ident,)+ }
        filter $filter:ident
        request $request:ident
        page $page:ident of $row:ty as $core_row:ty,
        query $query:ident
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, uniffi::Enum)]
        pub enum $sort { $($(#[$variant_doc])* $variant,)+ }

        impl $crate::convert::Mirror<$sort> for $core {
            fn of(sort: $sort) -> Self {
                match sort { $($sort::$variant => Self::$variant,)+ }
            }
        }

        impl TryFrom<$core> for $sort {
            type Error = misp_onboarding::store::StoreError;

            /// The engine may learn to sort by more than a store written in Kotlin knows of.
            fn try_from(sort: $core) -> Result<Self, Self::Error> {
                match sort {
                    $(<$core>::$variant => Ok(Self::$variant),)+
                    other => Err(Self::Error::backend(format!("a sort key that is known is needed, found {other}"))),
                }
            }
        }

        /// A request for one page of a list: the first eight of all records, newest first, unless it says otherwise.
        #[derive(Clone, Debug, uniffi::Record)]
        pub struct $request {
            /// Which records; all conditions must hold.
            #[uniffi(default)]
            pub filter: $filter,
            /// Sorted by what, the id decides between equals; null: by when the record was made.
            #[uniffi(default = None)]
            pub sort: Option<$sort>,
            /// In which direction, ids too; null: descending.
            #[uniffi(default = None)]
            pub direction: Option<misp_onboarding::list::Direction>,
            /// Items on the page, 1 to 100.
            #[uniffi(default = 8)]
            pub page_size: i32,
            /// Where the page before ended (its `next`), null for the first page.
            #[uniffi(default = None)]
            pub after: Option<misp_onboarding::list::Cursor>,
            /// Whether to count all records that the filter lets through. Costs time in proportion to them.
            #[uniffi(default = false)]
            pub with_total: bool,
        }

        impl From<$request> for misp_onboarding::list::ListRequest<$filter, $core> {
            fn from(request: $request) -> Self {
                let mut core = Self::with_filter(request.filter);
                if let Some(sort) = request.sort {
                    core.sort = $crate::convert::Mirror::of(sort);
                }
                core.direction = request.direction.unwrap_or(core.direction);
                core.page_size = $crate::convert::Mirror::of(request.page_size);
                core.after = request.after;
                core.with_total = request.with_total;
                core
            }
        }

        /// One page of a list.
        #[derive(Clone, Debug, uniffi::Record)]
        pub struct $page {
            /// The records, at most as many as asked for.
            pub items: Vec<$row>,
            /// Where the next page begins; null when this was the last one.
            pub next: Option<misp_onboarding::list::Cursor>,
            /// How many records the filter lets through, where asked for.
            pub total: Option<i64>,
        }

        impl $crate::convert::Mirror<misp_onboarding::list::Page<$core_row>> for $page {
            fn of(core: misp_onboarding::list::Page<$core_row>) -> Self {
                Self {
                    items: $crate::convert::Mirror::of(core.items),
                    next: core.next,
                    total: $crate::convert::Mirror::of(core.total),
                }
            }
        }

        /// What a store is asked for: at most `limit` rows after a place, in order.
        #[derive(Clone, Debug, uniffi::Record)]
        pub struct $query {
            /// Which rows; all conditions must hold.
            pub filter: $filter,
            /// Sorted by what.
            pub sort: $sort,
            /// In which direction; the id has the same.
            pub direction: misp_onboarding::list::Direction,
            /// Only rows beyond this place in the given direction; null from the start.
            pub after: Option<$crate::list::Position>,
            /// The most rows.
            pub limit: i32,
            /// The instant that statuses are derived from.
            pub now: misp_onboarding::Timestamp,
        }

        impl TryFrom<&misp_onboarding::list::Query<$filter, $core>> for $query {
            type Error = misp_onboarding::store::StoreError;

            fn try_from(core: &misp_onboarding::list::Query<$filter, $core>) -> Result<Self, Self::Error> {
                Ok(Self {
                    filter: core.filter.clone(),
                    sort: core.sort.try_into()?,
                    direction: core.direction,
                    after: $crate::convert::Mirror::of(core.after.clone()),
                    limit: $crate::convert::Mirror::of(core.limit),
                    now: core.now,
                })
            }
        }
    };
}
pub(crate) use list;
