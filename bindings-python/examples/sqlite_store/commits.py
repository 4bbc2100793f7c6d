"""Change sets: what has to hold for each change, and what it writes."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from typing import Any

from misp_onboarding.events import NewEvent
from misp_onboarding.stores import (
    Change,
    ChangeSet,
    Expect,
    Insert,
    Record,
    StoreConflict,
    StoreDuplicate,
    Unique,
    Update,
)

from .tables import PARTNER, TABLE_NAMED, TABLE_OF, Table, event_row

UNIQUE: Mapping[str, Unique] = {
    "partner.id_folded": Unique.PARTNER_ID,
    "partner.email_folded": Unique.PARTNER_EMAIL,
    "ca_certificate.domain, ca_certificate.fingerprint": Unique.CA_FINGERPRINT,
    "policy_group.name_folded": Unique.POLICY_GROUP_NAME,
    "policy.group, policy.name_folded": Unique.POLICY_NAME,
    "policy_link.partner, policy_link.policy": Unique.OPEN_POLICY_LINK,
    "license_key.digest": Unique.LICENSE_KEY_DIGEST,
    "license_key.partner, license_key.name_folded": Unique.LICENSE_KEY_NAME,
}
"""What is unique, by the columns with which SQLite names the constraint."""


def apply(connection: sqlite3.Connection, changes: ChangeSet) -> None:
    """Writes a change set, inside a transaction that takes it back when this raises."""
    for change in changes.changes:
        _apply(connection, change)
    for event in changes.events:
        _append_event(connection, event)


def _apply(connection: sqlite3.Connection, change: Change) -> None:
    if isinstance(change, Expect):
        _require(connection, TABLE_NAMED[change.record.kind], change.record.id, change.version)
    elif isinstance(change, Insert):
        _insert(connection, change.record)
    elif isinstance(change, Update):
        _update(connection, change.record)
    else:
        last = connection.execute("SELECT coalesce(max(sequence), 0) FROM event").fetchone()[0]
        if change.event.sequence <= last:
            raise StoreDuplicate(Unique.EVENT_SEQUENCE)
        _append_event(connection, change.event.event, change.event.sequence)


def _insert(connection: sqlite3.Connection, record: Record) -> None:
    table = TABLE_OF[type(record)]
    row = table.row(record)
    if _version(connection, table, row[table.key]) is not None:
        # Of a partner the id itself is what its users know as unique.
        raise StoreDuplicate(Unique.PARTNER_ID if table is PARTNER else Unique.RECORD_ID)
    _write(connection, _insertion(table.name, row), row)


def _update(connection: sqlite3.Connection, record: Record) -> None:
    table = TABLE_OF[type(record)]
    row = table.row(record)
    _require(connection, table, row[table.key], record.version - 1)
    assignments = ", ".join(f'"{column}" = :{column}' for column in row)
    _write(
        connection, f"UPDATE {table.name} SET {assignments} WHERE {table.key} = :{table.key}", row
    )


def _append_event(
    connection: sqlite3.Connection, event: NewEvent, sequence: int | None = None
) -> None:
    # Without a sequence SQLite gives the next one.
    row = {"sequence": sequence, **event_row(event)}
    connection.execute(_insertion("event", row), row)


def _insertion(table: str, row: Mapping[str, Any]) -> str:
    columns = ", ".join(f'"{column}"' for column in row)
    return f"INSERT INTO {table} ({columns}) VALUES ({', '.join(f':{column}' for column in row)})"


def _write(connection: sqlite3.Connection, statement: str, row: Mapping[str, Any]) -> None:
    try:
        connection.execute(statement, row)
    except sqlite3.IntegrityError as problem:
        constraint = str(problem).partition("UNIQUE constraint failed: ")[2]
        if constraint not in UNIQUE:
            raise
        raise StoreDuplicate(UNIQUE[constraint]) from problem


def _version(connection: sqlite3.Connection, table: Table[Any], id: str) -> int | None:
    found = connection.execute(
        f"SELECT version FROM {table.name} WHERE {table.key} = ?", (id,)
    ).fetchone()
    return None if found is None else int(found["version"])


def _require(connection: sqlite3.Connection, table: Table[Any], id: str, version: int) -> None:
    found = _version(connection, table, id)
    if found != version:
        raise StoreConflict(f"{table.name} {id}", version, found)
