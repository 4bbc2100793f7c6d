"""The database file: a connection for each call in progress, and transactions."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from misp_onboarding.stores import StoreMissingReference, StoreUnavailable, fold_case

SCHEMA = Path(__file__).with_name("schema.sql").read_text("utf-8")
BUSY_SECONDS = 30.0
"""How long a writer waits for another one."""


class Database:
    """Lends each call a connection that no other call has meanwhile.

    The engine calls a store from many threads, its own among them, which come and go. So connections
    do not belong to threads: they wait in a list until the next call needs one.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        """Makes the file and its tables where they are not there."""
        self._path = os.fspath(path)
        self._idle: list[sqlite3.Connection] = []
        with self._lent() as connection:
            # Readers and a writer do not wait for each other. What is committed is on the disk.
            connection.execute("PRAGMA journal_mode = WAL")
            connection.executescript(SCHEMA)

    def rows(self, statement: str, values: Mapping[str, Any]) -> list[sqlite3.Row]:
        """What one statement finds. It sees the database as it is at one instant."""
        with self._lent() as connection:
            return connection.execute(statement, values).fetchall()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All that is written inside, durably, or nothing. One writer at a time."""
        with self._lent() as connection:
            # IMMEDIATE waits for other writers here, so what is read inside cannot change until the end.
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
                _commit(connection)
            finally:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")

    def close(self) -> None:
        """Closes the connections that are not in use."""
        while self._idle:
            self._idle.pop().close()

    @contextmanager
    def _lent(self) -> Iterator[sqlite3.Connection]:
        try:
            try:
                connection = self._idle.pop()
            except IndexError:
                connection = self._connect()
            try:
                yield connection
            finally:
                self._idle.append(connection)
        except sqlite3.OperationalError as problem:
            # What "is not necessarily under the control of the programmer" (PEP 249): a lock, a full disk.
            raise StoreUnavailable(str(problem)) from problem

    def _connect(self) -> sqlite3.Connection:
        # Without an isolation level the module leaves it to us where transactions begin and end.
        connection = sqlite3.connect(
            self._path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        connection.row_factory = sqlite3.Row
        connection.create_function("fold_case", 1, fold_case, deterministic=True)
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("PRAGMA synchronous = FULL")
        return connection


def _commit(connection: sqlite3.Connection) -> None:
    try:
        connection.execute("COMMIT")
    except sqlite3.IntegrityError as problem:
        # Only references are checked this late. The transaction goes on, so SQLite can still tell which one it is.
        table, column = connection.execute(
            'SELECT broken."table", reference."from" FROM pragma_foreign_key_check AS broken '
            'JOIN pragma_foreign_key_list(broken."table") AS reference ON reference.id = broken.fkid LIMIT 1'
        ).fetchone()
        raise StoreMissingReference(f"{table}.{column}") from problem
