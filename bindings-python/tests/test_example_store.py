"""The example store: under the suite that every store must pass, and as a host would use it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from misp_onboarding import Onboarding
from misp_onboarding.errors import StoreFailedError
from misp_onboarding.events import NewEvent
from misp_onboarding.stores import ChangeSet, Expect, StoreUnavailable
from misp_onboarding.testing import ConformanceCase, check_store, conformance_cases

from examples.sqlite_store import SqliteStore, commits, database

from . import test_guide
from .pki import Pki
from .support import Clock, Scenario


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store.sqlite"


@pytest.fixture
def store(path: Path) -> Iterator[SqliteStore]:
    with closing(SqliteStore(path)) as store:
        yield store


@pytest.fixture
def on_example(store: SqliteStore, clock: Clock, pki: Pki) -> Scenario:
    return Scenario(Onboarding(store, clock=clock), clock, pki)


@pytest.mark.parametrize("case", conformance_cases(), ids=str)
def test_it_does_what_every_store_must(case: ConformanceCase, store: SqliteStore) -> None:
    case.check(store)


def test_the_guide_and_what_is_in_the_file_afterwards(on_example: Scenario, path: Path) -> None:
    s = on_example
    test_guide.test_the_guide_from_the_trust_store_to_the_last_event(s)
    with closing(SqliteStore(path)) as store:
        again = Onboarding(store, clock=s.clock)
        assert again.events(s.admin) == s.onboarding.events(s.admin) != []
        assert again.list_partners(s.admin) == s.onboarding.list_partners(s.admin)
        keys = s.onboarding.list_license_keys(s.admin, with_total=True)
        assert again.list_license_keys(s.admin, with_total=True) == keys and keys.total == 3


def test_a_file_that_another_program_writes_to_all_the_time_is_unavailable(
    on_example: Scenario, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.01)
    with closing(SqliteStore(path)) as store, closing(sqlite3.connect(path)) as other:
        s = replace(on_example, onboarding=Onboarding(store, clock=on_example.clock))
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreFailedError) as failed:
            s.partner("bank")
        assert failed.value.code == "store.unavailable"
        assert isinstance(failed.value.__cause__, StoreUnavailable)
        assert isinstance(failed.value.__cause__.__cause__, sqlite3.OperationalError)
        other.rollback()
        assert s.partner("bank").id == "bank"


def test_an_error_in_the_middle_of_a_commit_comes_out_and_leaves_nothing(
    on_example: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(event: NewEvent) -> dict[str, object]:
        raise ZeroDivisionError(event.kind)

    s = on_example
    with monkeypatch.context() as patched, pytest.raises(StoreFailedError) as failed:
        patched.setattr(commits, "event_row", broken)
        s.partner("bank")
    assert isinstance(failed.value.__cause__, ZeroDivisionError)
    assert s.onboarding.list_partners(s.admin).items == ()
    assert s.partner("bank").version == 1


class Forgetful(SqliteStore):
    """Loses the last event of each change set."""

    def commit(self, changes: ChangeSet, /) -> None:
        super().commit(replace(changes, events=changes.events[:-1]))


class Trusting(SqliteStore):
    """Does not look whether what a decision rests on has changed."""

    def commit(self, changes: ChangeSet, /) -> None:
        kept = tuple(change for change in changes.changes if not isinstance(change, Expect))
        super().commit(replace(changes, changes=kept))


@pytest.mark.parametrize(
    ("broken", "noticed_by"),
    [
        (Forgetful, "events_come_back_as_told"),
        (Trusting, "an_expectation_holds_at_its_version_only"),
    ],
)
def test_the_suite_notices_a_store_that_goes_wrong(
    broken: type[SqliteStore], noticed_by: str, path: Path
) -> None:
    [case] = [case for case in conformance_cases() if case.name == noticed_by]
    with closing(broken(path)) as store, pytest.raises(AssertionError) as noticed:
        check_store(lambda: store, [case])
    assert f"\n{noticed_by}: " in str(noticed.value)
