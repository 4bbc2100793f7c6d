"""Calls from Python beside the same calls from Rust, on the same engine in turns; writes the ratios as JSON.

Each call gives the interpreter's lock back and takes it again. Threads that validate certificates or look keys up in
SQLite shall scale with the cores: those rows have a bar. They stand beside Rust's own threads too, as what is called a
core is not always a whole one. `authenticate` on the store in memory takes less time than it takes to hand the lock
from one thread to another, so that its rows with threads have no bar. Several processes do not share the lock.

Usage: calls.py OUTPUT ROUNDS
"""

from __future__ import annotations

import io
import json
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from pathlib import Path
from threading import Barrier
from time import perf_counter_ns
from typing import Union

sys.path.insert(0, str(Path(__file__).parents[1]))

from misp_onboarding import Onboarding, _native, transfer

from tests.pki import Pki, rsa2048
from tests.support import Clock, Scenario

THREADS = 8
CORES = min(THREADS, os.cpu_count() or 1)
NOW = datetime.now(timezone.utc).replace(microsecond=0)
Row = dict[str, Union[str, float, None]]


def authenticate_all(onboarding: Onboarding, keys: Sequence[str]) -> None:
    authenticate = onboarding.authenticate
    for key in keys:
        authenticate(key)


def in_threads(work: Callable[[], None], threads: int) -> int:
    """The time from the moment that all threads are there to the end of the last."""
    barrier = Barrier(threads + 1)

    def one() -> None:
        barrier.wait()
        work()

    with ThreadPoolExecutor(threads) as pool:
        running = [pool.submit(one) for _ in range(threads)]
        barrier.wait()
        started = perf_counter_ns()
        for thread in running:
            thread.result()
        return perf_counter_ns() - started


def once(work: Callable[[], None]) -> int:
    started = perf_counter_ns()
    work()
    return perf_counter_ns() - started


def compare(
    rounds: int, calls: int, ours: Callable[[], int], theirs: Callable[[], int]
) -> tuple[float, float]:
    """Nanoseconds a call of both, each the best of rounds in which they take turns: whatever else
    the machine does makes a round slower, never faster.
    """
    times = [(ours() / calls, theirs() / calls) for _ in range(rounds)]
    return min(time for time, _ in times), min(time for _, time in times)


def row(case: str, yardstick: str, ours: float, theirs: float, bar: float | None) -> Row:
    return {
        "case": case,
        "yardstick": yardstick,
        "ours_ns": ours,
        "yardstick_ns": theirs,
        "ratio": ours / theirs,
        "bar": bar,
    }


def authenticate_rows(
    rounds: int, engine: Onboarding, keys: Sequence[str], store: str
) -> list[Row]:
    """One thread and many, on one store."""
    alone, theirs = compare(
        rounds,
        len(keys),
        lambda: once(lambda: authenticate_all(engine, keys)),
        lambda: _native.time_authenticate(engine, keys, 1),
    )
    # A microsecond more than Rust, told as a ratio like every bar.
    bar = (theirs + 1_000) / theirs
    case = f"authenticate, {store}"
    rows = [row(case, "Rust, and 1 us at most", alone, theirs, bar)]
    ours, theirs = compare(
        rounds // 4 + 1,
        len(keys) * THREADS,
        lambda: in_threads(lambda: authenticate_all(engine, keys), THREADS),
        lambda: _native.time_authenticate(engine, keys, THREADS),
    )
    case = f"{case}, {THREADS} threads on {CORES} cores"
    rows.append(row(case, "Rust, as many threads", ours, theirs, None))
    scales = None if store == "memory" else 1.25
    rows.append(row(case, f"one thread, / {CORES}", ours, alone / CORES, scales))
    return rows


def main() -> None:
    output, rounds = Path(sys.argv[1]), int(sys.argv[2])
    # The clock of the operating system, as in use; the certificates are good around now.
    pki = Pki(NOW, rsa2048)
    s = Scenario(Onboarding.in_memory(), Clock(NOW), pki)
    _, policy = s.ready_partner("bank")
    keys = [s.key("bank", f"key {n}", policy=policy.id).key.reveal() for n in range(1_000)]
    file = pki.issue("Example Bank").pem.encode()
    assert (
        s.onboarding.authenticate(keys[0])
        and s.onboarding.inspect_certificate(s.admin, "bank", file).accepted
    )
    engine, admin = s.onboarding, s.admin
    files = [file] * 25

    def inspect_all(contents: Sequence[bytes]) -> None:
        for content in contents:
            engine.inspect_certificate(admin, "bank", content)

    rows = authenticate_rows(rounds, engine, keys, "memory")
    with tempfile.TemporaryDirectory() as folder:
        on_disk = Onboarding.open(Path(folder) / "data.sqlite")
        moved = io.BytesIO()
        transfer.export(engine, moved)
        moved.seek(0)
        transfer.import_(on_disk, moved)
        assert on_disk.authenticate(keys[0]) == engine.authenticate(keys[0])
        rows += authenticate_rows(rounds // 2 + 1, on_disk, keys, "SQLite")
    ours, theirs = compare(
        rounds,
        len(files),
        lambda: once(lambda: inspect_all(files)),
        lambda: _native.time_inspect(engine, admin, "bank", files, 1),
    )
    rows.append(row("inspect", "Rust", ours, theirs, 1.05))
    alone = ours

    def report_all() -> None:
        for content in files:
            report = engine.inspect_certificate(admin, "bank", content)
            _ = report.details, report.chain, report.findings

    ours, _ = compare(rounds, len(files), lambda: once(report_all), lambda: 1)
    rows.append(row("inspect, the whole report read", "Rust", ours, theirs, None))
    case = f"inspect, {THREADS} threads on {CORES} cores"
    # Long enough for the start of the threads not to count.
    many = files * 8
    ours, theirs = compare(
        rounds // 4 + 1,
        len(many) * THREADS,
        lambda: in_threads(lambda: inspect_all(many), THREADS),
        lambda: _native.time_inspect(engine, admin, "bank", many, THREADS),
    )
    rows.append(row(case, "Rust, as many threads", ours, theirs, None))
    rows.append(row(case, f"one thread, / {CORES}", ours, alone / CORES, 1.25))
    output.write_text(json.dumps(rows, indent=2))


if __name__ == "__main__":
    main()
