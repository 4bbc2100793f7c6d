"""Many threads on one engine, and the interpreter free while the engine works."""

from __future__ import annotations

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from misp_onboarding import Onboarding
from misp_onboarding.errors import AlreadyExistsError
from misp_onboarding.license_keys import LicenseKeyFilter
from misp_onboarding.lists import every

from .support import Scenario

THREADS = 8


def test_threads_share_one_engine(on_any_store: Scenario) -> None:
    s = on_any_store
    _, policy = s.ready_partner("bank")
    start = threading.Barrier(THREADS)

    def work(thread: int) -> list[str]:
        start.wait()
        made = []
        for number in range(5):
            key = s.key("bank", f"key {thread} {number}", policy=policy.id).key
            assert s.onboarding.authenticate(key.reveal())
            made.append(key.last4)
        return made

    with ThreadPoolExecutor(THREADS) as pool:
        made = [last4 for keys in pool.map(work, range(THREADS)) for last4 in keys]
    found = every(s.onboarding.list_license_keys, s.admin, filter=LicenseKeyFilter(partner="bank"))
    assert sorted(view.row.key.last4 for view in found) == sorted(made)
    events = s.onboarding.events(s.admin)
    assert len({event.sequence for event in events}) == len(events)


def test_of_threads_that_race_for_a_name_one_wins(s: Scenario) -> None:
    s.active_partner("bank")
    start = threading.Barrier(THREADS)

    def work(_: int) -> bool:
        start.wait()
        try:
            s.key("bank", "production")
        except AlreadyExistsError:
            return False
        return True

    with ThreadPoolExecutor(THREADS) as pool:
        assert list(pool.map(work, range(THREADS))).count(True) == 1


HOLD = """
import sqlite3, sys
database = sqlite3.connect(sys.argv[1], isolation_level=None)
database.execute("BEGIN IMMEDIATE")
print("held", flush=True)
sys.stdin.readline()
database.execute("ROLLBACK")
"""


def test_other_threads_run_while_the_engine_waits(s: Scenario, tmp_path: Path) -> None:
    path = tmp_path / "data.sqlite"
    engine = Onboarding.open(path)
    # Another process writes. SQLite makes the engine wait for it, until this thread tells it to stop.
    with (
        subprocess.Popen(
            [sys.executable, "-c", HOLD, str(path)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        ) as other,
        ThreadPoolExecutor(1) as pool,
    ):
        assert other.stdin and other.stdout and other.stdout.readline() == "held\n"
        entered = threading.Event()

        def waits() -> None:
            entered.set()
            Scenario(engine, s.clock, s.pki).partner("bank")

        waiting = pool.submit(waits)
        entered.wait()
        # With the interpreter held, this thread would go on when SQLite has given up, and not before.
        other.stdin.write("stop\n")
        other.stdin.flush()
        waiting.result()
    assert engine.partner(s.admin, "bank").id == "bank"
