"""The lists: what a filter lets through and what a sort key means, as SQL.

A condition is named as the field of the filter that it is for, and takes that field's value as the parameter of the same
name. `fold_case` is a function that the store gives to SQLite. The store sorts what it finds, which is quick for some
thousand rows. For more, keep what a list is sorted by in the table that it lists, with an index for each sort key.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any, Generic, TypeVar

from misp_onboarding.license_keys import LicenseKeyFilter, LicenseKeyRow, LicenseKeySort
from misp_onboarding.lists import Direction, TimeRange
from misp_onboarding.partners import PartnerFilter, PartnerRow, PartnerSort, PartnerState
from misp_onboarding.policies import (
    PolicyFilter,
    PolicyGroup,
    PolicyGroupFilter,
    PolicyGroupSort,
    PolicyRow,
    PolicySort,
)
from misp_onboarding.policy_links import PolicyLinkFilter, PolicyLinkRow, PolicyLinkSort
from misp_onboarding.stores import Query
from misp_onboarding.trust_store import CaCertificate, CaCertificateFilter, CaCertificateSort

from .tables import (
    CA_CERTIFICATE,
    LICENSE_KEY,
    PARTNER,
    POLICY,
    POLICY_GROUP,
    POLICY_LINK,
    instant,
    to_column,
)

F = TypeVar("F")
S = TypeVar("S")
T = TypeVar("T")

LATEST = datetime(9999, 12, 30, 21, 59, 59, 999_999, tzinfo=timezone.utc)
"""The engine's latest instant: where a row without the instant that a list is sorted by stands."""
EXPIRING = timedelta(days=30)
"""A certificate is expiring when it ends no later than this from now."""


@dataclass(frozen=True)
class Listing(Generic[F, S, T]):
    """A list: where its rows come from and what can be asked of it."""

    columns: str
    """What a row consists of."""
    source: str
    """The tables that it comes from."""
    read: Callable[[sqlite3.Row], T]
    """What is shown of a row."""
    id: str
    """What tells rows of the same sort value apart."""
    order: Mapping[S, str]
    """What each sort key sorts by."""
    conditions: Mapping[str, str]
    """What each field of the filter asks of a row."""

    def page(self, query: Query[F, S]) -> tuple[str, dict[str, Any]]:
        """The statement that finds what a query asks for, and its parameters."""
        where, values = self._where(query.filter, query.now)
        sort = self.order[query.sort]
        up = query.direction is Direction.ASCENDING
        if query.after is not None:
            where += f" AND ({sort}, {self.id}) {'>' if up else '<'} (:after_value, :after_id)"
            values.update(after_value=to_column(query.after.value), after_id=query.after.id)
        way = "ASC" if up else "DESC"
        order = f"ORDER BY {sort} {way}, {self.id} {way} LIMIT :limit"
        statement = f"SELECT {self.columns} FROM {self.source} WHERE {where} {order}"
        return statement, {**values, "limit": query.limit}

    def count(self, filter: F, now: datetime | None = None) -> tuple[str, dict[str, Any]]:
        """The statement that counts what a filter lets through, and its parameters."""
        where, values = self._where(filter, now)
        return f"SELECT count(*) FROM {self.source} WHERE {where}", values

    def _where(self, filter: F, now: datetime | None) -> tuple[str, dict[str, Any]]:
        where = ["true"]
        values: dict[str, Any] = {}
        if now is not None:
            soon = now + EXPIRING if LATEST - now > EXPIRING else LATEST
            values.update(now=to_column(now), soon=to_column(soon))
        for name, value in vars(filter).items():
            if value is None:
                continue
            where.append(self.conditions[name])
            if isinstance(value, TimeRange):
                values.update(first=to_column(value.from_), last=to_column(value.to))
            else:
                values[name] = to_column(value)
        return " AND ".join(where), values


def _contains(column: str, part: str) -> str:
    # Not LIKE, to which % and _ are more than themselves.
    return f"instr({column}, :{part}) > 0"


def _certificate_status(not_after: str) -> str:
    return (
        f"CASE WHEN {not_after} IS NULL THEN 'none' WHEN {not_after} < :now THEN 'expired' "
        f"WHEN {not_after} <= :soon THEN 'expiring' ELSE 'valid' END"
    )


def _read_partner(row: sqlite3.Row) -> PartnerRow:
    ends = row["certificate_ends"]
    return PartnerRow(
        partner=PARTNER.read(row),
        policy_group_name=row["policy_group_name"],
        certificate_ends=None if ends is None else instant(ends),
    )


PARTNERS = Listing[PartnerFilter, PartnerSort, PartnerRow](
    columns=f"{PARTNER.columns}, policy_group.name AS policy_group_name, "
    "partner_certificate.not_after AS certificate_ends",
    source="partner LEFT JOIN policy_group ON policy_group.id = partner.policy_group "
    "LEFT JOIN partner_certificate ON partner_certificate.id = partner.certificate",
    read=_read_partner,
    id="partner.id",
    order={
        PartnerSort.ID: "partner.id_folded",
        PartnerSort.ORGANIZATION: "partner.organization_folded",
        PartnerSort.POLICY_GROUP: "coalesce(policy_group.name_folded, '')",
        PartnerSort.STATE: "partner.state",
        PartnerSort.CREATED_AT: "partner.created_at",
        PartnerSort.CERTIFICATE_ENDS: f"coalesce(partner_certificate.not_after, '{to_column(LATEST)}')",
    },
    conditions={
        "id": "partner.id = :id",
        "organization": _contains("partner.organization_folded", "organization"),
        "email": "partner.email_folded = fold_case(:email)",
        "policy_group": "partner.policy_group = :policy_group",
        "policy_group_name": _contains("policy_group.name_folded", "policy_group_name"),
        "state": "partner.state = :state",
        "certificate_status": f"{_certificate_status('partner_certificate.not_after')} = :certificate_status",
        "certificate_ends": "partner_certificate.not_after BETWEEN :first AND :last",
    },
)

CA_CERTIFICATES = Listing[CaCertificateFilter, CaCertificateSort, CaCertificate](
    columns=CA_CERTIFICATE.columns,
    source="ca_certificate",
    read=CA_CERTIFICATE.read,
    id="id",
    order={
        CaCertificateSort.SUBJECT: "subject_folded",
        CaCertificateSort.ISSUER: "issuer_folded",
        CaCertificateSort.UPLOADED_AT: "uploaded_at",
        CaCertificateSort.NOT_AFTER: "not_after",
    },
    conditions={
        "id": "id = :id",
        "domain": "domain = :domain",
        "kind": "kind = :kind",
        "state": "state = :state",
        "status": f"{_certificate_status('not_after')} = :status",
        "fingerprint": "fingerprint = :fingerprint",
        "subject": _contains("subject_folded", "subject"),
        "issuer": _contains("issuer_folded", "issuer"),
        "ends": "not_after BETWEEN :first AND :last",
    },
)

POLICY_GROUPS = Listing[PolicyGroupFilter, PolicyGroupSort, PolicyGroup](
    columns=POLICY_GROUP.columns,
    source="policy_group",
    read=POLICY_GROUP.read,
    id="id",
    order={PolicyGroupSort.NAME: "name_folded", PolicyGroupSort.CREATED_AT: "created_at"},
    conditions={
        "id": "id = :id",
        "name": _contains("name_folded", "name"),
        "state": "state = :state",
    },
)

POLICIES = Listing[PolicyFilter, PolicySort, PolicyRow](
    columns=f"{POLICY.columns}, policy_group.name AS group_name",
    source='policy JOIN policy_group ON policy_group.id = policy."group"',
    read=lambda row: PolicyRow(POLICY.read(row), row["group_name"]),
    id="policy.id",
    order={
        PolicySort.NAME: "policy.name_folded",
        PolicySort.POLICY_GROUP: "policy_group.name_folded",
        PolicySort.CREATED_AT: "policy.created_at",
    },
    conditions={
        "id": "policy.id = :id",
        "group": 'policy."group" = :group',
        "group_name": _contains("policy_group.name_folded", "group_name"),
        "name": _contains("policy.name_folded", "name"),
        "state": "policy.state = :state",
    },
)

_SHOWN = (
    "partner.organization AS organization, partner.state AS partner_state, policy.name AS policy_name, "
    'policy."group" AS policy_group, policy_group.name AS policy_group_name'
)
"""What the rows of policy links and license keys show of other records."""


def _read_policy_link(row: sqlite3.Row) -> PolicyLinkRow:
    return PolicyLinkRow(
        link=POLICY_LINK.read(row),
        organization=row["organization"],
        policy_name=row["policy_name"],
        policy_group=row["policy_group"],
        policy_group_name=row["policy_group_name"],
    )


POLICY_LINKS = Listing[PolicyLinkFilter, PolicyLinkSort, PolicyLinkRow](
    columns=f"{POLICY_LINK.columns}, {_SHOWN}",
    source="policy_link JOIN partner ON partner.id = policy_link.partner "
    'JOIN policy ON policy.id = policy_link.policy JOIN policy_group ON policy_group.id = policy."group"',
    read=_read_policy_link,
    id="policy_link.id",
    order={
        PolicyLinkSort.PARTNER: "partner.id_folded",
        PolicyLinkSort.ORGANIZATION: "partner.organization_folded",
        PolicyLinkSort.POLICY: "policy.name_folded",
        PolicyLinkSort.POLICY_GROUP: "policy_group.name_folded",
        PolicyLinkSort.STATE: "policy_link.state",
        PolicyLinkSort.REQUESTED_AT: "policy_link.requested_at",
    },
    conditions={
        "id": "policy_link.id = :id",
        "partner": "policy_link.partner = :partner",
        "organization": _contains("partner.organization_folded", "organization"),
        "policy": "policy_link.policy = :policy",
        "policy_name": _contains("policy.name_folded", "policy_name"),
        "policy_group": 'policy."group" = :policy_group',
        "policy_group_name": _contains("policy_group.name_folded", "policy_group_name"),
        "state": "policy_link.state = :state",
    },
)


def _read_license_key(row: sqlite3.Row) -> LicenseKeyRow:
    return LicenseKeyRow(
        key=LICENSE_KEY.read(row),
        organization=row["organization"],
        partner_state=PartnerState(row["partner_state"]),
        policy_name=row["policy_name"],
        policy_group=row["policy_group"],
        policy_group_name=row["policy_group_name"],
    )


LICENSE_KEYS = Listing[LicenseKeyFilter, LicenseKeySort, LicenseKeyRow](
    columns=f"{LICENSE_KEY.columns}, {_SHOWN}",
    source="license_key JOIN partner ON partner.id = license_key.partner "
    'LEFT JOIN policy ON policy.id = license_key.policy LEFT JOIN policy_group ON policy_group.id = policy."group"',
    read=_read_license_key,
    id="license_key.id",
    order={
        LicenseKeySort.PARTNER: "partner.id_folded",
        LicenseKeySort.ORGANIZATION: "partner.organization_folded",
        LicenseKeySort.POLICY_GROUP: "coalesce(policy_group.name_folded, '')",
        LicenseKeySort.POLICY: "coalesce(policy.name_folded, '')",
        LicenseKeySort.NAME: "license_key.name_folded",
        LicenseKeySort.CREATED_AT: "license_key.created_at",
        LicenseKeySort.EXPIRES_AT: "license_key.expires_at",
    },
    conditions={
        "id": "license_key.id = :id",
        "partner": "license_key.partner = :partner",
        "organization": _contains("partner.organization_folded", "organization"),
        "policy": "license_key.policy = :policy",
        "policy_name": _contains("policy.name_folded", "policy_name"),
        "policy_group": 'policy."group" = :policy_group',
        "policy_group_name": _contains("policy_group.name_folded", "policy_group_name"),
        "name": _contains("license_key.name_folded", "name"),
        "status": "CASE WHEN license_key.state = 'active' AND license_key.expires_at <= :now THEN 'expired' "
        "ELSE license_key.state END = :status",
        "expires": "license_key.expires_at BETWEEN :first AND :last",
    },
)
