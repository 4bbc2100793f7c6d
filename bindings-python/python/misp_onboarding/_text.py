"""What all enumerations of the package have in common."""

from __future__ import annotations

from enum import Enum


class StableText(str, Enum):
    """An enumeration whose values are text that never changes.

    A member is equal to its text and prints as it, so it goes into JSON and databases as it is.
    `Role("PartnerAdmin")` finds the member of a text.
    """

    def __str__(self) -> str:
        return str(self.value)

    def __repr__(self) -> str:
        return f"{type(self).__name__}.{self.name}"

    # An enum with `str` mixed in formats as the member's name before Python 3.12.
    def __format__(self, format_spec: str) -> str:
        return format(str(self.value), format_spec)
