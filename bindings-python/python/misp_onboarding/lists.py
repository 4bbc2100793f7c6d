"""Lists: filters, sort keys, pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timezone
from typing import Any, Generic, TypeVar

from ._text import StableText

_T = TypeVar("_T")
_FIRST = datetime.min.replace(tzinfo=timezone.utc)
_LAST = datetime.max.replace(tzinfo=timezone.utc)

DEFAULT_PAGE_SIZE = 8
"""How many items a page holds where the request does not say."""
MAX_PAGE_SIZE = 100
"""The most items a page can hold."""

__all__ = [
    "DEFAULT_PAGE_SIZE",
    "MAX_PAGE_SIZE",
    "Direction",
    "Page",
    "TimeRange",
    "every",
]


class Direction(StableText):
    """The direction of a sort."""

    ASCENDING = "ascending"
    """Smallest, earliest, first letter first."""
    DESCENDING = "descending"
    """Largest, latest, last letter first."""


@dataclass(frozen=True)
class Page(Generic[_T]):
    """One page of a list."""

    items: tuple[_T, ...]
    """The records, at most as many as asked for."""
    next: str | None
    """Where the next page begins, for `after`; None when this was the last one."""
    total: int | None
    """How many records the filter lets through, where asked for."""


@dataclass(frozen=True)
class TimeRange:
    """A range of instants for filters, both ends included."""

    from_: datetime = _FIRST
    """The first instant in the range."""
    to: datetime = _LAST
    """The last instant in the range."""


def every(list_page: Callable[..., Page[_T]], *args: Any, **request: Any) -> Iterator[_T]:
    """Every record of a list, page after page, each page read when it is needed.

    >>> for row in every(onboarding.list_partners, admin, filter=PartnerFilter(organization="bank")):
    ...     print(row.partner.id)

    Takes what the method takes, except `after` and `with_total`; pages are as large as can be unless
    `page_size` is given. What is added while it runs may be missed; nothing is told twice.
    """
    request.setdefault("page_size", MAX_PAGE_SIZE)
    after: str | None = None
    while True:
        page = list_page(*args, after=after, **request)
        yield from page.items
        if page.next is None:
            return
        after = page.next
