"""What tests need: certificates with any defect, a clock set by hand, the suite for stores.

Nothing here is for production: the test PKI's keys are made without care for their secrecy.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

from ._native import TestCertificate, TestPki, make_certificate, run_conformance_case
from ._native import conformance_cases as _conformance_cases
from .stores import Store

__all__ = [
    "ConformanceCase",
    "ManualClock",
    "TestCertificate",
    "TestPki",
    "check_store",
    "conformance_cases",
    "make_certificate",
]


class ManualClock:
    """A clock that stands still until it is set or moved on. Threads may share it.

    >>> clock = ManualClock(datetime(2026, 1, 15, 12, tzinfo=timezone.utc))
    >>> onboarding = Onboarding.in_memory(clock=clock)
    >>> clock.advance(timedelta(days=90))
    """

    def __init__(self, now: datetime) -> None:
        """Stands at `now`, an instant with a time zone."""
        self._lock = threading.Lock()
        self._now = _aware(now)

    def now(self) -> datetime:
        """The instant it stands at."""
        with self._lock:
            return self._now

    def set(self, now: datetime) -> None:
        """Sets it, forward or back."""
        with self._lock:
            self._now = _aware(now)

    def advance(self, by: timedelta) -> datetime:
        """Moves it on and says where it stands then."""
        with self._lock:
            self._now += by
            return self._now

    def __repr__(self) -> str:
        return f"ManualClock({self.now().isoformat()})"


def _aware(instant: datetime) -> datetime:
    if instant.tzinfo is None or instant.utcoffset() is None:
        raise ValueError("now: a datetime with a time zone needed, found one without")
    return instant.astimezone(timezone.utc)


@dataclass(frozen=True)
class ConformanceCase:
    """Something that every store must do."""

    name: str
    """What the store must do, as the name of a test."""

    def check(self, store: Store) -> None:
        """Tries it with an empty store, which is of no use afterwards.

        Raises `AssertionError` that says what the store did otherwise.
        """
        failure = run_conformance_case(self.name, store)
        if failure is not None:
            raise AssertionError(f"{self.name}: {failure}")

    def __str__(self) -> str:
        return self.name


def conformance_cases() -> list[ConformanceCase]:
    """Every case of the suite that the package's own stores pass, for tests of their own:

    >>> @pytest.mark.parametrize("case", conformance_cases(), ids=str)
    ... def test_conformance(case: ConformanceCase) -> None:
    ...     case.check(MyStore())
    """
    return [ConformanceCase(name) for name in _conformance_cases()]


def check_store(
    empty_store: Callable[[], Store], cases: Iterable[ConformanceCase] | None = None
) -> None:
    """Runs every case of the suite (or those given), each with a store that `empty_store` makes.

    Raises `AssertionError` that lists every case that failed and what the store did otherwise. An
    exception of the store that is not a `StoreFailure` fails the case it happens in.
    """
    failures: list[str] = []
    for case in conformance_cases() if cases is None else cases:
        try:
            case.check(empty_store())
        except AssertionError as failure:
            failures.append(str(failure))
    if failures:
        raise AssertionError(f"{len(failures)} cases failed:\n" + "\n".join(failures))
