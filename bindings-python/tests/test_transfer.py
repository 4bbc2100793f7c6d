"""Moving a store: what comes out is what went in, whatever is at either end, and what a break leaves behind."""

from __future__ import annotations

import io
import pickle
import tempfile
from collections.abc import Callable
from contextlib import closing
from dataclasses import astuple
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from misp_onboarding import LicenseKey, Onboarding, OnboardingError, transfer
from misp_onboarding.errors import ErrorKind, InvalidInputError, StoreFailedError, TransferError
from misp_onboarding.license_keys import ImportLicenseKey
from misp_onboarding.stores import ChangeSet, Store
from misp_onboarding.transfer import Counts, Progress

from examples.sqlite_store import SqliteStore

from .support import BEGIN, Scenario

AT = BEGIN + timedelta(days=7)


@pytest.fixture
def furnished(s: Scenario) -> Scenario:
    """Something of every kind: a key that was replaced, one of MOSIP's, a partner with two certificates."""
    bank, policy = s.ready_partner("Bänk")
    s.onboarding.upload_certificate(s.admin, bank.id, s.pki.issue(bank.organization).pem)
    old = s.key(bank.id, "production", policy=policy.id).view.row.key.id
    s.onboarding.regenerate_license_key(s.admin, old, overlap=timedelta(days=3))
    end = BEGIN + timedelta(days=30)
    imported = ImportLicenseKey(LicenseKey.parse("A" * 50), bank.id, policy.id, "old", end)
    s.onboarding.import_license_keys(s.admin, [imported])
    s.partner("inactive")
    return s


def exported(store: Onboarding | Store) -> bytes:
    file = io.BytesIO()
    transfer.export(store, file, at=AT)
    return file.getvalue()


def fails(call: Callable[[], object]) -> TransferError:
    """The failure of a call, after it went through a pickle."""
    with pytest.raises(TransferError) as raised:
        call()
    error = raised.value
    copy = pickle.loads(pickle.dumps(error))
    assert (copy.kind, copy.code, copy.facts) == (error.kind, error.code, error.facts)
    assert str(copy) == str(error)
    return error


def test_a_file_comes_back_as_it_was_from_every_kind_of_store(
    furnished: Scenario, on_any_store: Scenario, tmp_path: Path
) -> None:
    file = exported(furnished.onboarding)
    read = Counts(
        events=len(furnished.onboarding.events(furnished.admin)),
        trust_domains=1,
        ca_certificates=2,
        policy_groups=1,
        policies=1,
        partners=2,
        partner_certificates=2,
        policy_links=1,
        license_keys=3,
    )
    assert transfer.verify(io.BytesIO(file)) == read
    assert read.total() == file.count(b"\n") - 2
    imported = transfer.import_(on_any_store.onboarding, io.BytesIO(file))
    assert (imported.read, imported.added) == (read, read)
    assert pickle.loads(pickle.dumps(imported)) == imported and "policy_links=1" in repr(imported)
    assert exported(on_any_store.onboarding) == file
    # On to a store written in Python, and from it back into memory.
    with closing(SqliteStore(tmp_path / "own.sqlite")) as own:
        assert transfer.import_(own, io.BytesIO(exported(on_any_store.onboarding))).added == read
        assert exported(own) == file
        again = Onboarding.in_memory(clock=furnished.clock)
        transfer.import_(again, io.BytesIO(exported(own)))
    assert exported(again) == file
    assert again.authenticate("A" * 50) == furnished.onboarding.authenticate("A" * 50)
    # Commands go on there, and events behind those that came along.
    Scenario(again, furnished.clock, furnished.pki).partner("telecom")
    assert [event.sequence for event in again.events(furnished.admin)] == [
        *range(1, read.events + 2)
    ]


def test_a_file_may_be_text_or_bytes_and_take_as_little_as_it_likes(
    furnished: Scenario, tmp_path: Path
) -> None:
    file = exported(furnished.onboarding)
    text = io.StringIO()
    transfer.export(furnished.onboarding, text, at=AT)
    assert text.getvalue().encode() == file and "Bänk" in text.getvalue()
    path = tmp_path / "store.jsonl"
    with path.open("w", encoding="utf-8") as opened:
        transfer.export(furnished.onboarding, opened, at=AT)
    assert path.read_bytes() == file
    with tempfile.NamedTemporaryFile("w+", encoding="utf-8") as temporary:
        transfer.export(furnished.onboarding, temporary, at=AT)
        temporary.seek(0)
        assert transfer.verify(temporary).partners == 2

    class Narrow:
        """Takes a few bytes at a time, and gives them back one by one."""

        def __init__(self) -> None:
            self.taken = bytearray()
            self.given = 0

        def write(self, data: bytes) -> int:
            self.taken += data[:7_000]
            return min(len(data), 7_000)

        def read(self, most: int) -> bytes:
            self.given += 1
            return bytes(self.taken[self.given - 1 : self.given])

    narrow = Narrow()
    transfer.export(furnished.onboarding, narrow, at=AT)
    assert narrow.taken == file
    assert transfer.verify(narrow) == transfer.verify(io.StringIO(text.getvalue()))


def test_what_is_held_in_memory_does_not_grow_with_the_store(s: Scenario) -> None:
    for number in range(200):
        s.partner(f"p{number}", address="x" * 2_000)
    sizes: list[int] = []

    class Counting(io.BytesIO):
        def write(self, data: Any, /) -> int:
            sizes.append(len(data))
            return super().write(data)

        def read(self, most: int | None = -1, /) -> bytes:
            assert most is not None
            sizes.append(most)
            return super().read(most)

    file = Counting()
    transfer.export(s.onboarding, file, at=AT)
    file.seek(0)
    transfer.verify(file)
    assert len(file.getvalue()) > 450_000
    assert len(sizes) > 10 and 0 < min(sizes) <= max(sizes) < 100_000


def test_progress_is_told_of_what_is_there(s: Scenario) -> None:
    for number in range(600):
        s.partner(f"p{number}")
    file = io.BytesIO()
    told: list[Progress] = []

    def progress(so_far: Progress) -> None:
        told.append(so_far)
        # The line before the first event, and all that are counted.
        assert file.getvalue().count(b"\n") == 1 + so_far.done.total()
        assert so_far.expected.partners == so_far.expected.events == 600

    counts = transfer.export(s.onboarding, file, at=AT, progress=progress)
    assert [so_far.done.total() for so_far in told] == [500, 600, 1_100, 1_200]
    assert told[-1].done == counts and "partners=600" in repr(told[-1])
    target = Onboarding.in_memory()

    def imported(so_far: Progress) -> None:
        told.append(so_far)
        there = target.list_partners(s.admin, with_total=True, page_size=1).total
        assert there == so_far.done.partners

    told.clear()
    transfer.import_(target, io.BytesIO(file.getvalue()), progress=imported)
    assert len(told) > 2 and told[-1].done == counts
    assert astuple(told[-1].expected) == astuple(counts)


def test_an_export_that_was_broken_off_goes_on_where_it_stopped(
    furnished: Scenario, tmp_path: Path
) -> None:
    whole = exported(furnished.onboarding)
    assert transfer.unfinished(io.BytesIO(whole)) is None
    path = tmp_path / "store.jsonl"
    for cut in [*range(0, len(whole), 997), len(whole) - 1]:
        path.write_bytes(whole[:cut])
        with path.open("r+b") as file:
            so_far = transfer.unfinished(file)
            assert so_far is not None and so_far.bytes == whole.rfind(b"\n", 0, cut) + 1
            assert so_far.counts.total() == max(whole[: so_far.bytes].count(b"\n") - 1, 0)
            assert f"{so_far.bytes} bytes" in repr(so_far)
            file.seek(so_far.bytes)
            file.truncate()
            transfer.resume(furnished.onboarding, so_far, file, at=AT)
        assert path.read_bytes() == whole, cut
    other = Onboarding.in_memory(clock=furnished.clock)
    Scenario(other, furnished.clock, furnished.pki).partner("other")
    foreign = transfer.unfinished(io.BytesIO(whole[: len(whole) // 2]))
    assert foreign is not None
    error = fails(lambda: transfer.resume(other, foreign, io.BytesIO(), at=AT))
    assert (error.kind, error.code) == (ErrorKind.WRONG_STATE, "transfer.differs")
    assert error.what == f"event {foreign.counts.events}"


class Stop(BaseException):
    """Neither a failure nor a known one."""


class StopAfter:
    """Progress that is told so often, and then raises."""

    def __init__(self, calls: int) -> None:
        self.left = calls
        self.raised = Stop()

    def __call__(self, so_far: Progress) -> None:
        self.left -= 1
        if self.left < 0:
            raise self.raised


def test_what_progress_raises_comes_out_and_what_is_there_stays(
    s: Scenario, tmp_path: Path
) -> None:
    for number in range(600):
        s.partner(f"p{number}")
    whole = exported(s.onboarding)
    target = Onboarding.open(tmp_path / "data.sqlite")

    def stopped(call: Callable[[StopAfter], object]) -> int:
        """How often the call can be stopped until it comes to its end."""
        for number in range(100):
            stop = StopAfter(number)
            try:
                call(stop)
            except Stop as raised:
                assert raised is stop.raised
            else:
                return number
        raise AssertionError("it never ends")

    def export(stop: StopAfter) -> None:
        file = io.BytesIO()
        try:
            transfer.export(s.onboarding, file, at=AT, progress=stop)
        finally:
            there = file.getvalue()
            assert whole.startswith(there) and there.endswith(b"\n")
            so_far = transfer.unfinished(io.BytesIO(there))
            if so_far is not None:
                assert so_far.bytes == len(there)
                transfer.resume(s.onboarding, so_far, file, at=AT)
            assert file.getvalue() == whole

    assert stopped(export) == 4
    # Each goes on behind the commits of those before it.
    assert stopped(lambda stop: transfer.import_(target, io.BytesIO(whole), progress=stop)) > 1
    assert exported(target) == whole


def test_what_a_file_raises_comes_out_as_it_is(furnished: Scenario) -> None:
    whole = exported(furnished.onboarding)

    class Broken:
        """Reads half of a file, if any of it, and no more; writes nothing."""

        def __init__(self, raised: BaseException, half: bytes = b"") -> None:
            self.raised = raised
            self.half = half

        def write(self, data: bytes) -> int:
            raise self.raised

        def read(self, most: int) -> bytes:
            half, self.half = self.half, b""
            if not half:
                raise self.raised
            return half

    for raised in (OSError(28, "full"), InterruptedError("again"), KeyboardInterrupt(), Stop()):
        file = Broken(raised)
        calls: list[Callable[[], object]] = [
            partial(transfer.export, furnished.onboarding, file),
            partial(transfer.verify, file),
            partial(transfer.unfinished, file),
            partial(transfer.import_, Onboarding.in_memory(), file),
        ]
        for call in calls:
            with pytest.raises(type(raised)) as ended:
                call()
            assert ended.value is raised
    # What came before is in the store, and the import is begun again.
    target = Onboarding.in_memory(clock=furnished.clock)
    with pytest.raises(OSError, match="gone"):
        transfer.import_(target, Broken(OSError("gone"), whole[: len(whole) // 2]))
    transfer.import_(target, io.BytesIO(whole))
    assert exported(target) == whole


def test_a_command_during_an_export_ends_it(furnished: Scenario) -> None:
    last = len(furnished.onboarding.events(furnished.admin))

    def interferes(so_far: Progress) -> None:
        if so_far.done.total() == last:
            furnished.partner("telecom")

    error = fails(
        lambda: transfer.export(furnished.onboarding, io.BytesIO(), at=AT, progress=interferes)
    )
    assert (error.kind, error.code) == (ErrorKind.CONFLICT, "transfer.moved")
    assert error.facts == {"last": last, "found": last + 1}
    assert exported(furnished.onboarding).count(b"telecom") > 0


def test_a_store_in_use_for_something_else_is_refused_before_anything_is_written(
    furnished: Scenario, on_any_store: Scenario
) -> None:
    file = exported(furnished.onboarding)
    on_any_store.partner("another")
    before = exported(on_any_store.onboarding)
    error = fails(lambda: transfer.import_(on_any_store.onboarding, io.BytesIO(file)))
    assert isinstance(error, OnboardingError)
    assert (error.kind, error.code) == (ErrorKind.WRONG_STATE, "transfer.differs")
    assert error.what == "event 1"
    assert exported(on_any_store.onboarding) == before


def test_a_file_that_is_none_is_refused(furnished: Scenario) -> None:
    whole = exported(furnished.onboarding)
    [first, second, *_] = whole.splitlines(keepends=True)
    files: list[tuple[bytes, str, dict[str, Any]]] = [
        (b"", "transfer.not_an_export", {"found": "no whole line"}),
        (b"key,partner\n", "transfer.not_an_export", {"found": "another first line"}),
        (
            first.replace(b'"version":1', b'"version":7'),
            "transfer.unknown_version",
            {"supported": 1, "found": 7},
        ),
        (first + second, "transfer.cut", {"lines": 2}),
        (first + b"{}\n", "transfer.line", {}),
        (first + b"x" * (4 << 20), "transfer.line_too_long", {"line": 2, "max": 2_097_152}),
        (whole.replace(b"inactive@", b"inactivf@"), "transfer.damaged", {}),
    ]
    for file, code, facts in files:
        calls: list[Callable[[], object]] = [
            partial(transfer.verify, io.BytesIO(file)),
            partial(transfer.import_, Onboarding.in_memory(), io.BytesIO(file)),
        ]
        for call in calls:
            error = fails(call)
            assert (error.kind, error.code) == (ErrorKind.INVALID_INPUT, code)
            assert error.pms_code is None and {**error.facts, **facts} == error.facts
    assert fails(lambda: transfer.unfinished(io.StringIO("nothing\n"))).found


def test_a_store_of_ones_own_that_fails_says_why(furnished: Scenario, tmp_path: Path) -> None:
    file = exported(furnished.onboarding)

    class Failing(SqliteStore):
        """Takes the events, and then runs out of space."""

        def commit(self, changes: ChangeSet, /) -> None:
            if self.events_after(0, 1):
                raise OSError("the disk is full")
            super().commit(changes)

    with (
        closing(Failing(tmp_path / "own.sqlite")) as own,
        pytest.raises(StoreFailedError) as failed,
    ):
        transfer.import_(own, io.BytesIO(file))
    assert isinstance(failed.value.__cause__, OSError)
    with closing(SqliteStore(tmp_path / "own.sqlite")) as repaired:
        added = transfer.import_(repaired, io.BytesIO(file)).added
        assert added.events == 0 and added.partners == 2
        assert exported(repaired) == file


def test_other_arguments_are_refused_before_anything_is_begun(s: Scenario) -> None:
    anything: Any = transfer
    calls: list[tuple[Callable[[], object], str]] = [
        (lambda: anything.export(s.onboarding, b""), "^file: an object with a method write needed"),
        (lambda: anything.verify(7), "^file: an object with a method read needed, found int$"),
        (lambda: anything.export("x", io.BytesIO()), "every method of a Store needed, str lacks"),
        (
            lambda: anything.resume(s.onboarding, None, io.BytesIO()),
            "argument 'unfinished'|processing 'unfinished'",
        ),
        (
            lambda: anything.export(s.onboarding, io.BytesIO(), progress=7),
            "'int' object is not callable",
        ),
    ]
    s.partner("bank")
    for call, message in calls:
        with pytest.raises(TypeError, match=message):
            call()
    with pytest.raises(InvalidInputError, match="^at: a datetime with a time zone needed"):
        transfer.export(s.onboarding, io.BytesIO(), at=BEGIN.replace(tzinfo=None))

    class Odd:
        def write(self, data: bytes) -> int:
            return 0

        def read(self, most: int) -> Any:
            return most

    with pytest.raises(OSError, match="at least one byte"):
        transfer.export(s.onboarding, Odd())
    with pytest.raises(TypeError, match=r"^file.read\(\): bytes or str needed, found int$"):
        transfer.verify(Odd())
