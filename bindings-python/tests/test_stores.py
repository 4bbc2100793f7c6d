"""Engines on stores written in Python: what their exceptions mean, and that nothing is half done after one."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, cast

import pytest
from misp_onboarding import Onboarding, stores
from misp_onboarding.errors import (
    ConflictError,
    InvalidInputError,
    OnboardingError,
    StoreFailedError,
)
from misp_onboarding.stores import (
    ChangeSet,
    Store,
    StoreConflict,
    StoreDuplicate,
    StoreMissingReference,
    StoreUnavailable,
    Unique,
)

from examples.sqlite_store import SqliteStore

from .pki import Pki
from .support import Clock, Scenario

Hook = Callable[[str], None]


class Watched:
    """A store that tells a hook of each call before it is made; the hook may raise."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.hook: Hook = lambda method: None

    def __getattr__(self, name: str) -> Any:
        method = getattr(self.store, name)

        def called(*arguments: Any) -> Any:
            self.hook(name)
            return method(*arguments)

        return called if callable(method) else method


@pytest.fixture
def watched(tmp_path: Path) -> Watched:
    return Watched(SqliteStore(tmp_path / "data.sqlite"))


@pytest.fixture
def s(watched: Watched, clock: Clock, pki: Pki) -> Scenario:
    return Scenario(Onboarding(cast(Store, watched), clock=clock), clock, pki)


def raising(exception: BaseException, *, of: str = "commit", times: int = 1_000) -> Hook:
    left = [times]

    def hook(method: str) -> None:
        if method == of and left[0] > 0:
            left[0] -= 1
            raise exception

    return hook


def test_an_object_that_lacks_a_method_is_refused_and_told_which() -> None:
    class Half:
        def partner(self, id: str) -> None: ...

    with pytest.raises(
        TypeError, match=r"every method of a Store needed, Half lacks partner_id_like, .*commit"
    ):
        Onboarding(cast(Store, Half()))


def test_an_exception_of_the_store_comes_out_as_the_cause_and_nothing_has_changed(
    s: Scenario, watched: Watched
) -> None:
    before = s.active_partner("bank")
    mine = RuntimeError("the disk is gone")
    watched.hook = raising(mine)
    with pytest.raises(StoreFailedError) as failed:
        s.onboarding.deactivate_partner(s.admin, "bank")
    assert failed.value.__cause__ is mine
    assert failed.value.code == "store.backend"
    assert mine.__traceback__ is not None, "where it was raised is kept"
    watched.hook = lambda method: None
    assert s.onboarding.partner(s.admin, "bank") == before


def test_whichever_call_of_the_store_fails_the_command_fails_and_nothing_changes(
    s: Scenario, watched: Watched
) -> None:
    partner, policy = s.ready_partner("bank")
    events = s.onboarding.events(s.admin)
    number = 0
    for number in range(1_000):
        calls = [0]

        def hook(method: str, number: int = number, calls: list[int] = calls) -> None:
            calls[0] += 1
            if calls[0] == number + 1:
                raise OSError(f"call {number}: {method}")

        watched.hook = hook
        try:
            s.onboarding.generate_license_key(
                s.admin, partner=partner.id, name="x", policy=policy.id
            )
        except StoreFailedError as failed:
            assert isinstance(failed.__cause__, OSError)
        else:
            break
        watched.hook = lambda method: None
        assert s.onboarding.events(s.admin) == events
    assert number > 5, "a command asks the store more than once"
    watched.hook = lambda method: None
    assert len(s.onboarding.events(s.admin)) == len(events) + 1


def test_failures_with_a_meaning_become_the_engines(s: Scenario, watched: Watched) -> None:
    s.active_partner("bank")
    cases: list[tuple[Exception, type[OnboardingError], str, dict[str, Any]]] = [
        (StoreUnavailable("busy"), StoreFailedError, "store.unavailable", {}),
        (
            StoreMissingReference("license_key.partner"),
            StoreFailedError,
            "store.missing_reference",
            {"reference": "license_key.partner"},
        ),
        (StoreConflict("partner bank", 2, 3), ConflictError, "store.conflict", {"attempts": 64}),
        (StoreDuplicate(Unique.PARTNER_EMAIL), ConflictError, "store.conflict", {"attempts": 64}),
    ]
    for raised, kind, code, facts in cases:
        watched.hook = raising(raised)
        with pytest.raises(kind) as failed:
            s.onboarding.deactivate_partner(s.admin, "bank")
        assert (failed.value.code, failed.value.facts) == (code, facts)
    # Two are races, which the engine decides again; the third try goes through.
    watched.hook = raising(StoreConflict("partner bank", 2, None), times=2)
    assert s.onboarding.deactivate_partner(s.admin, "bank").state == "deactivated"


def test_what_is_no_failure_ends_the_call_as_it_is(s: Scenario, watched: Watched) -> None:
    before = s.active_partner("bank")
    for raised in (KeyboardInterrupt(), SystemExit(3)):
        watched.hook = raising(raised)
        with pytest.raises(type(raised)) as ended:
            s.onboarding.deactivate_partner(s.admin, "bank")
        assert ended.value is raised
    watched.hook = lambda method: None
    assert s.onboarding.partner(s.admin, "bank") == before


def test_an_answer_that_is_no_record_is_told_by_method_and_field(
    s: Scenario, watched: Watched
) -> None:
    partner = s.active_partner("bank")

    def answer(value: Any) -> pytest.ExceptionInfo[StoreFailedError]:
        watched.partner = lambda id: value  # type: ignore[attr-defined]
        with pytest.raises(StoreFailedError) as failed:
            s.onboarding.partner(s.admin, "bank")
        return failed

    wrong = answer("bank").value.__cause__
    assert isinstance(wrong, TypeError) and "store.partner(): a Partner needed, found str" in str(
        wrong
    )
    broken = object.__new__(type(partner))
    for name in partner.__dataclass_fields__:
        object.__setattr__(broken, name, getattr(partner, name))
    object.__setattr__(broken, "email", "nobody")
    cause = answer(broken).value.__cause__
    assert isinstance(cause, InvalidInputError) and "store.partner().email" in str(cause)


def test_threads_share_a_store_and_each_gets_its_way_or_a_conflict(s: Scenario) -> None:
    partner, policy = s.ready_partner("bank")
    ready = threading.Barrier(8)
    failures: list[BaseException] = []

    def work(number: int) -> None:
        ready.wait()
        try:
            for turn in range(5):
                s.onboarding.generate_license_key(
                    s.admin,
                    partner=partner.id,
                    name=f"{number}-{turn}",
                    policy=policy.id,
                    validity=timedelta(days=30),
                )
        except BaseException as raised:
            failures.append(raised)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert s.onboarding.list_license_keys(s.admin, with_total=True, page_size=1).total == 40


def test_failures_tell_what_they_know() -> None:
    assert str(StoreConflict("partner bank", 2, 3)) == "partner bank must be at version 2, found 3"
    assert "found no such record" in str(StoreConflict("partner bank", 2, None))
    assert str(StoreDuplicate(Unique.PARTNER_ID)) == "partner_id must be unique, found a second one"
    assert "license_key.partner" in str(StoreMissingReference("license_key.partner"))
    assert issubclass(StoreUnavailable, stores.StoreFailure)
    assert stores.fold_case("Straße ÉCOLE") == stores.fold_case("STRASSE e\u0301cole")
    assert ChangeSet() == ChangeSet(changes=(), events=())
