"""The store: every question of the engine, and what answers it."""

from __future__ import annotations

import os
import sqlite3
from datetime import datetime
from typing import Any, TypeVar

from misp_onboarding.certificates import PartnerCertificate
from misp_onboarding.events import Event
from misp_onboarding.license_keys import (
    LicenseKeyFilter,
    LicenseKeyRecord,
    LicenseKeyRow,
    LicenseKeySort,
)
from misp_onboarding.partners import Partner, PartnerFilter, PartnerRow, PartnerSort, PartnerState
from misp_onboarding.policies import (
    Policy,
    PolicyFilter,
    PolicyGroup,
    PolicyGroupFilter,
    PolicyGroupSort,
    PolicyGroupState,
    PolicyRow,
    PolicySort,
)
from misp_onboarding.policy_links import PolicyLink, PolicyLinkFilter, PolicyLinkRow, PolicyLinkSort
from misp_onboarding.stores import (
    AuthenticationPolicy,
    AuthenticationRecord,
    ChangeSet,
    LinkCounts,
    PolicyCounts,
    Query,
    Record,
)
from misp_onboarding.trust_store import (
    CaCertificate,
    CaCertificateFilter,
    CaCertificateSort,
    TrustDomainRecord,
)

from . import lists
from .commits import apply
from .database import Database
from .tables import (
    CA_CERTIFICATE,
    LICENSE_KEY,
    PARTNER,
    PARTNER_CERTIFICATE,
    POLICY,
    POLICY_GROUP,
    POLICY_LINK,
    TRUST_DOMAIN,
    Table,
    read_event,
)

F = TypeVar("F")
S = TypeVar("S")
T = TypeVar("T")
R = TypeVar("R", bound=Record)

LAST_SEQUENCE = 2**63 - 1
"""The largest number that SQLite can keep."""


class SqliteStore:
    """A `misp_onboarding.stores.Store` in a SQLite file.

    >>> onboarding = Onboarding(SqliteStore("onboarding.sqlite"))
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        """Opens the file at `path`, which is made where it is not there."""
        self._database = Database(path)

    def close(self) -> None:
        """Closes the file; for when no call is in progress any more."""
        self._database.close()

    def commit(self, changes: ChangeSet, /) -> None:
        with self._database.transaction() as connection:
            apply(connection, changes)

    # Partners

    def partner(self, id: str, /) -> Partner | None:
        return self._one(PARTNER, "id = :id", id=id)

    def partner_id_like(self, id: str, /) -> str | None:
        return self._value("SELECT id FROM partner WHERE id_folded = fold_case(:id)", id=id)

    def partner_id_by_email(self, email: str, /) -> str | None:
        return self._value(
            "SELECT id FROM partner WHERE email_folded = fold_case(:email)", email=email
        )

    def list_partners(self, query: Query[PartnerFilter, PartnerSort], /) -> list[PartnerRow]:
        return self._page(lists.PARTNERS, query)

    def count_partners(self, filter: PartnerFilter, now: datetime, /) -> int:
        return self._count(lists.PARTNERS, filter, now)

    # Certificates

    def trust_domain(self, domain: str, /) -> TrustDomainRecord | None:
        return self._one(TRUST_DOMAIN, "domain = :domain", domain=domain)

    def ca_certificates(self, domain: str, /) -> list[CaCertificate]:
        return self._all(CA_CERTIFICATE, "domain = :domain ORDER BY uploaded_at, id", domain=domain)

    def ca_certificate(self, id: str, /) -> CaCertificate | None:
        return self._one(CA_CERTIFICATE, "id = :id", id=id)

    def list_ca_certificates(
        self, query: Query[CaCertificateFilter, CaCertificateSort], /
    ) -> list[CaCertificate]:
        return self._page(lists.CA_CERTIFICATES, query)

    def count_ca_certificates(self, filter: CaCertificateFilter, now: datetime, /) -> int:
        return self._count(lists.CA_CERTIFICATES, filter, now)

    def partner_certificate(self, id: str, /) -> PartnerCertificate | None:
        return self._one(PARTNER_CERTIFICATE, "id = :id", id=id)

    def partner_certificates(self, partner: str, /) -> list[PartnerCertificate]:
        newest_first = "partner = :partner ORDER BY uploaded_at DESC, id DESC"
        return self._all(PARTNER_CERTIFICATE, newest_first, partner=partner)

    def partners_relying_on(self, domain: str, fingerprint: str, /) -> list[str]:
        statement = """
            SELECT partner.id FROM partner JOIN partner_certificate AS current ON current.id = partner.certificate
            WHERE current.domain = :domain
              AND EXISTS (SELECT 1 FROM json_each(current.path) WHERE value = :fingerprint)
            ORDER BY partner.id"""
        return [row["id"] for row in self._rows(statement, domain=domain, fingerprint=fingerprint)]

    # Policy groups and policies

    def policy_group(self, id: str, /) -> PolicyGroup | None:
        return self._one(POLICY_GROUP, "id = :id", id=id)

    def policy_group_named(self, name: str, /) -> str | None:
        return self._value(
            "SELECT id FROM policy_group WHERE name_folded = fold_case(:name)", name=name
        )

    def policy_counts(self, group: str, /) -> PolicyCounts:
        statement = """
            SELECT count(*) FILTER (WHERE state = 'draft') AS draft, count(*) FILTER (WHERE state = 'active') AS active
            FROM policy WHERE "group" = :group"""
        [row] = self._rows(statement, group=group)
        return PolicyCounts(draft=row["draft"], active=row["active"])

    def list_policy_groups(
        self, query: Query[PolicyGroupFilter, PolicyGroupSort], /
    ) -> list[PolicyGroup]:
        return self._page(lists.POLICY_GROUPS, query)

    def count_policy_groups(self, filter: PolicyGroupFilter, /) -> int:
        return self._count(lists.POLICY_GROUPS, filter)

    def policy(self, id: str, /) -> Policy | None:
        return self._one(POLICY, "id = :id", id=id)

    def policy_named(self, group: str, name: str, /) -> str | None:
        statement = (
            'SELECT id FROM policy WHERE "group" = :group AND name_folded = fold_case(:name)'
        )
        return self._value(statement, group=group, name=name)

    def list_policies(self, query: Query[PolicyFilter, PolicySort], /) -> list[PolicyRow]:
        return self._page(lists.POLICIES, query)

    def count_policies(self, filter: PolicyFilter, /) -> int:
        return self._count(lists.POLICIES, filter)

    # Policy links

    def policy_link(self, id: str, /) -> PolicyLink | None:
        return self._one(POLICY_LINK, "id = :id", id=id)

    def open_policy_link(self, partner: str, policy: str, /) -> PolicyLink | None:
        is_open = "partner = :partner AND policy = :policy AND state <> 'rejected'"
        return self._one(POLICY_LINK, is_open, partner=partner, policy=policy)

    def pending_policy_links(self, partner: str, /) -> list[PolicyLink]:
        pending = "partner = :partner AND state = 'pending' ORDER BY id"
        return self._all(POLICY_LINK, pending, partner=partner)

    def link_counts(self, policy: str, /) -> LinkCounts:
        statement = """
            SELECT count(*) FILTER (WHERE state = 'pending') AS pending,
                   count(*) FILTER (WHERE state = 'approved') AS approved
            FROM policy_link WHERE policy = :policy"""
        [row] = self._rows(statement, policy=policy)
        return LinkCounts(pending=row["pending"], approved=row["approved"])

    def list_policy_links(
        self, query: Query[PolicyLinkFilter, PolicyLinkSort], /
    ) -> list[PolicyLinkRow]:
        return self._page(lists.POLICY_LINKS, query)

    def count_policy_links(self, filter: PolicyLinkFilter, /) -> int:
        return self._count(lists.POLICY_LINKS, filter)

    # License keys

    def license_key(self, id: str, /) -> LicenseKeyRow | None:
        shown = lists.LICENSE_KEYS
        rows = self._rows(
            f"SELECT {shown.columns} FROM {shown.source} WHERE {shown.id} = :id", id=id
        )
        return shown.read(rows[0]) if rows else None

    def find_by_digest(self, digest: str, /) -> AuthenticationRecord | None:
        # One statement, so that it is all of one instant: this is the call of every request.
        statement = f"""
            SELECT {LICENSE_KEY.columns}, {POLICY.columns}, partner.organization AS organization,
                   partner.state AS partner_state, policy_group.state AS group_state,
                   EXISTS (SELECT 1 FROM policy_link AS link WHERE link.state = 'approved'
                           AND link.partner = license_key.partner AND link.policy = policy.id) AS link_approved
            FROM {lists.LICENSE_KEYS.source} WHERE license_key.digest = :digest"""
        rows = self._rows(statement, digest=digest)
        return _authentication_record(rows[0]) if rows else None

    def live_license_key_named(self, partner: str, name: str, /) -> str | None:
        statement = """
            SELECT id FROM license_key
            WHERE partner = :partner AND name_folded = fold_case(:name) AND state = 'active'"""
        return self._value(statement, partner=partner, name=name)

    def license_keys_to_deactivate(self, partner: str, /) -> list[LicenseKeyRecord]:
        return self._all(
            LICENSE_KEY,
            "partner = :partner AND state <> 'deactivated' ORDER BY id",
            partner=partner,
        )

    def list_license_keys(
        self, query: Query[LicenseKeyFilter, LicenseKeySort], /
    ) -> list[LicenseKeyRow]:
        return self._page(lists.LICENSE_KEYS, query)

    def count_license_keys(self, filter: LicenseKeyFilter, now: datetime, /) -> int:
        return self._count(lists.LICENSE_KEYS, filter, now)

    # Events

    def events_after(self, after: int, limit: int, /) -> list[Event]:
        statement = "SELECT * FROM event WHERE sequence > :after ORDER BY sequence LIMIT :limit"
        rows = self._rows(statement, after=min(after, LAST_SEQUENCE), limit=limit)
        return [read_event(row) for row in rows]

    # What all of them are made of

    def _rows(self, statement: str, **values: Any) -> list[sqlite3.Row]:
        return self._database.rows(statement, values)

    def _value(self, statement: str, **values: Any) -> str | None:
        rows = self._rows(statement, **values)
        return str(rows[0][0]) if rows else None

    def _all(self, table: Table[R], where: str, **values: Any) -> list[R]:
        statement = f"SELECT {table.columns} FROM {table.name} WHERE {where}"
        return [table.read(row) for row in self._rows(statement, **values)]

    def _one(self, table: Table[R], where: str, **values: Any) -> R | None:
        return next(iter(self._all(table, where, **values)), None)

    def _page(self, listing: lists.Listing[F, S, T], query: Query[F, S]) -> list[T]:
        statement, values = listing.page(query)
        return [listing.read(row) for row in self._database.rows(statement, values)]

    def _count(
        self, listing: lists.Listing[F, S, T], filter: F, now: datetime | None = None
    ) -> int:
        [row] = self._database.rows(*listing.count(filter, now))
        return int(row[0])


def _authentication_record(row: sqlite3.Row) -> AuthenticationRecord:
    key = LICENSE_KEY.read(row)
    return AuthenticationRecord(
        key_id=key.id,
        digest=key.digest,
        name=key.name,
        state=key.state,
        expires_at=key.expires_at,
        overlap_ends_at=key.overlap_ends_at,
        partner=key.partner,
        organization=row["organization"],
        partner_state=PartnerState(row["partner_state"]),
        policy=None if key.policy is None else _authentication_policy(row),
    )


def _authentication_policy(row: sqlite3.Row) -> AuthenticationPolicy:
    policy = POLICY.read(row)
    return AuthenticationPolicy(
        id=policy.id,
        permissions=policy.permissions(),
        state=policy.state,
        valid_until=policy.valid_until,
        group_state=PolicyGroupState(row["group_state"]),
        link_approved=bool(row["link_approved"]),
    )
