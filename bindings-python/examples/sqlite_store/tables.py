"""The tables: which record each keeps, and how a record becomes a row and a row a record."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime, timezone
from enum import Enum
from typing import Any, Generic, TypeVar

from misp_onboarding.certificates import PartnerCertificate
from misp_onboarding.events import Event, EventKind, NewEvent, RecordId
from misp_onboarding.license_keys import LicenseKeyOrigin, LicenseKeyRecord, LicenseKeyState
from misp_onboarding.partners import Partner, PartnerState
from misp_onboarding.policies import Policy, PolicyGroup, PolicyGroupState, PolicyState
from misp_onboarding.policy_links import PolicyLink, PolicyLinkState
from misp_onboarding.stores import Record, fold_case
from misp_onboarding.trust_store import CaCertificate, CaKind, CaState, TrustDomainRecord

R = TypeVar("R", bound=Record)


def to_column(value: Any) -> Any:
    """A value as SQLite keeps it. Text, numbers, octets and None stay what they are."""
    if isinstance(value, datetime):
        return value.astimezone(timezone.utc).isoformat(timespec="microseconds")
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, (tuple, Mapping)):
        return json.dumps(list(value) if isinstance(value, tuple) else dict(value))
    return value


def instant(text: str) -> datetime:
    """What `to_column` made of an instant."""
    return datetime.fromisoformat(text)


def texts(text: str) -> tuple[str, ...]:
    """What `to_column` made of a tuple."""
    return tuple(json.loads(text))


@dataclass(frozen=True)
class Table(Generic[R]):
    """A table whose columns are the fields of a record. Its name is the kind in a `RecordId`."""

    name: str
    """The table's name."""
    record: type[R]
    """What a row of it is."""
    reads: Mapping[str, Callable[[Any], Any]]
    """How a column becomes a field, where it is not the field already."""
    folded: tuple[str, ...] = ()
    """The fields that are kept in folded form as well."""
    key: str = "id"
    """The field that says which record it is."""

    @property
    def columns(self) -> str:
        """What to select. The names say the table, so the rows of two tables may be one row."""
        return ", ".join(
            f'{self.name}."{f.name}" AS "{self.name}.{f.name}"' for f in fields(self.record)
        )

    def read(self, row: sqlite3.Row) -> R:
        """The record in a row."""
        values = {f.name: row[f"{self.name}.{f.name}"] for f in fields(self.record)}
        for name, read in self.reads.items():
            if values[name] is not None:
                values[name] = read(values[name])
        return self.record(**values)

    def row(self, record: R) -> dict[str, Any]:
        """The columns of a record and their values."""
        values = {f.name: to_column(getattr(record, f.name)) for f in fields(record)}
        return {**values, **{f"{name}_folded": fold_case(values[name]) for name in self.folded}}


TRUST_DOMAIN = Table("trust_domain", TrustDomainRecord, {}, key="domain")
CA_CERTIFICATE = Table(
    "ca_certificate",
    CaCertificate,
    {
        "kind": CaKind,
        "state": CaState,
        "not_before": instant,
        "not_after": instant,
        "uploaded_at": instant,
        "distrusted_at": instant,
    },
    folded=("subject", "issuer"),
)
PARTNER = Table(
    "partner",
    Partner,
    {"state": PartnerState, "created_at": instant, "updated_at": instant},
    folded=("id", "organization", "email"),
)
PARTNER_CERTIFICATE = Table(
    "partner_certificate",
    PartnerCertificate,
    {
        "not_before": instant,
        "not_after": instant,
        "path": texts,
        "uploaded_at": instant,
        "replaced_at": instant,
    },
)
POLICY_GROUP = Table(
    "policy_group",
    PolicyGroup,
    {"state": PolicyGroupState, "created_at": instant},
    folded=("name",),
)
POLICY = Table(
    "policy",
    Policy,
    {
        "valid_until": instant,
        "state": PolicyState,
        "created_at": instant,
        "published_at": instant,
    },
    folded=("name",),
)
POLICY_LINK = Table(
    "policy_link",
    PolicyLink,
    {"state": PolicyLinkState, "requested_at": instant, "decided_at": instant},
)
LICENSE_KEY = Table(
    "license_key",
    LicenseKeyRecord,
    {
        "state": LicenseKeyState,
        "origin": LicenseKeyOrigin,
        "created_at": instant,
        "expires_at": instant,
        "overlap_ends_at": instant,
        "deactivated_at": instant,
    },
    folded=("name",),
)

_ALL: tuple[Table[Any], ...] = (
    TRUST_DOMAIN,
    CA_CERTIFICATE,
    PARTNER,
    PARTNER_CERTIFICATE,
    POLICY_GROUP,
    POLICY,
    POLICY_LINK,
    LICENSE_KEY,
)
TABLE_OF: Mapping[type[Any], Table[Any]] = {table.record: table for table in _ALL}
"""The table of each class of record."""
TABLE_NAMED: Mapping[str, Table[Any]] = {table.name: table for table in _ALL}
"""The table of each kind of record."""


def event_row(event: NewEvent) -> dict[str, Any]:
    """The columns of an event and their values, but for its place in the order."""
    values = {
        f.name: to_column(getattr(event, f.name)) for f in fields(event) if f.name != "subject"
    }
    return {**values, "subject_kind": event.subject.kind, "subject_id": event.subject.id}


def read_event(row: sqlite3.Row) -> Event:
    """The event in a row."""
    event = NewEvent(
        at=instant(row["at"]),
        actor=row["actor"],
        kind=EventKind(row["kind"]),
        subject=RecordId(row["subject_kind"], row["subject_id"]),
        version=row["version"],
        partner=row["partner"],
        old_state=row["old_state"],
        new_state=row["new_state"],
        facts=json.loads(row["facts"]),
    )
    return Event(row["sequence"], event)
