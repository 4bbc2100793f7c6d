"""The port to a database: what a store reads and writes.

A store of a host's own is any object with the methods of `Store`. Give it to `Onboarding(store)`,
and try it with `misp_onboarding.testing.check_store`.

Identifiers, names, fingerprints and digests are text that the engine has checked and normalized;
records are the frozen dataclasses of the other modules, kept as they are, every field of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, Protocol, TypeVar, Union

from ._native import fold_case
from ._text import StableText
from .certificates import PartnerCertificate
from .events import Event, NewEvent, RecordId
from .license_keys import (
    LicenseKeyFilter,
    LicenseKeyRecord,
    LicenseKeyRow,
    LicenseKeySort,
    LicenseKeyState,
)
from .lists import Direction
from .partners import Partner, PartnerFilter, PartnerRow, PartnerSort, PartnerState
from .policies import (
    Policy,
    PolicyFilter,
    PolicyGroup,
    PolicyGroupFilter,
    PolicyGroupSort,
    PolicyGroupState,
    PolicyPermissions,
    PolicyRow,
    PolicySort,
    PolicyState,
)
from .policy_links import PolicyLink, PolicyLinkFilter, PolicyLinkRow, PolicyLinkSort
from .trust_store import (
    CaCertificate,
    CaCertificateFilter,
    CaCertificateSort,
    TrustDomainRecord,
)

_F = TypeVar("_F")
_S = TypeVar("_S")

__all__ = [
    "AuthenticationPolicy",
    "AuthenticationRecord",
    "CertificateRepository",
    "Change",
    "ChangeSet",
    "EventRepository",
    "Expect",
    "Insert",
    "LicenseKeyRepository",
    "LinkCounts",
    "PartnerRepository",
    "PolicyCounts",
    "PolicyLinkRepository",
    "PolicyRepository",
    "Position",
    "Query",
    "Record",
    "RecordId",
    "RestoreEvent",
    "Store",
    "StoreConflict",
    "StoreDuplicate",
    "StoreFailure",
    "StoreMissingReference",
    "StoreUnavailable",
    "Unique",
    "Update",
    "fold_case",
]


Record = Union[
    TrustDomainRecord,
    CaCertificate,
    Partner,
    PartnerCertificate,
    PolicyGroup,
    Policy,
    PolicyLink,
    LicenseKeyRecord,
]
"""A record of any kind, whole."""


@dataclass(frozen=True)
class Insert:
    """Adds a record that is not there yet, at the version it has.

    That is 1 for one just made; one that comes from another store brings its own.
    """

    record: Record
    """The record."""


@dataclass(frozen=True)
class Update:
    """Puts a record in place of its predecessor, which must be at the version just before."""

    record: Record
    """The record."""


@dataclass(frozen=True)
class Expect:
    """Changes nothing: the record must be at this version."""

    record: RecordId
    """Which record."""
    version: int
    """Its version."""


@dataclass(frozen=True)
class RestoreEvent:
    """Puts an event of another store in the place it had there.

    That must lie beyond the last event here, or it is `StoreDuplicate(Unique.EVENT_SEQUENCE)`.
    Events that are told afterwards follow it.
    """

    event: Event
    """The event."""


Change = Union[Insert, Update, Expect, RestoreEvent]
"""One change of a store, or one condition for it."""


@dataclass(frozen=True)
class ChangeSet:
    """Changes that are applied in this order, all or none, together with their events."""

    changes: tuple[Change, ...] = ()
    """What changes and on which conditions, in order."""
    events: tuple[NewEvent, ...] = ()
    """What is told of it, in order."""


class Unique(StableText):
    """What may be in a store only once."""

    RECORD_ID = "record_id"
    """The identifier of any record."""
    PARTNER_ID = "partner_id"
    """A partner's id, without regard to case."""
    PARTNER_EMAIL = "partner_email"
    """A partner's email address, without regard to case."""
    CA_FINGERPRINT = "ca_fingerprint"
    """A CA certificate's fingerprint, in its domain."""
    POLICY_GROUP_NAME = "policy_group_name"
    """A policy group's name, without regard to case."""
    POLICY_NAME = "policy_name"
    """A policy's name in its group, without regard to case."""
    OPEN_POLICY_LINK = "open_policy_link"
    """A partner's pending or approved link to a policy."""
    LICENSE_KEY_DIGEST = "license_key_digest"
    """A license key's digest."""
    LICENSE_KEY_NAME = "license_key_name"
    """The name of a partner's license key that is neither deactivated nor replaced, without regard
    to case.
    """
    EVENT_SEQUENCE = "event_sequence"
    """A place in the order of events, which is given once and in ascending order."""


@dataclass(frozen=True)
class Position:
    """The place in a list after one of its rows."""

    value: str | datetime
    """The row's value of the sort key."""
    id: str
    """The row's id."""


@dataclass(frozen=True)
class Query(Generic[_F, _S]):
    """What a store is asked for: at most `limit` rows after a place, in order.

    The order is that of the sort value and then of the id, both compared byte by byte (text as
    `fold_case` makes it, in UTF-8) or by time, and both in the query's direction. A row without a
    value has the empty text, or the last instant, `9999-12-30T21:59:59.999999Z`. All conditions of the filter must
    hold; a part of a name arrives as `fold_case` makes it and is looked for to the letter.
    """

    filter: _F
    """Which rows; all conditions must hold."""
    sort: _S
    """Sorted by what."""
    direction: Direction
    """In which direction; the id has the same."""
    after: Position | None
    """Only rows beyond this place in the given direction; none from the start."""
    limit: int
    """The most rows."""
    now: datetime
    """The instant that statuses are derived from."""


@dataclass(frozen=True)
class PolicyCounts:
    """How many policies of a group stand in the way of its deactivation."""

    draft: int
    """Drafts."""
    active: int
    """Active policies."""


@dataclass(frozen=True)
class LinkCounts:
    """How many links stand in the way of a policy's deactivation."""

    pending: int
    """Pending links."""
    approved: int
    """Approved links."""


@dataclass(frozen=True)
class AuthenticationPolicy:
    """What a verdict needs to know of a key's policy."""

    id: str
    """The policy."""
    permissions: PolicyPermissions
    """What it allows."""
    state: PolicyState
    """Where it stands."""
    valid_until: datetime | None
    """The first instant at which it is not valid any more."""
    group_state: PolicyGroupState
    """Where its group stands."""
    link_approved: bool
    """Whether the partner has an approved link to it."""


@dataclass(frozen=True)
class AuthenticationRecord:
    """Everything a verdict needs, as a store finds it in one read."""

    key_id: str
    """The key's record."""
    digest: str
    """The digest that the record was found by."""
    name: str
    """The key's name."""
    state: LicenseKeyState
    """What was last done to the key."""
    expires_at: datetime
    """The first instant at which the key is not good any more."""
    overlap_ends_at: datetime | None
    """Of a replaced key: the end of its overlap."""
    partner: str
    """Whose key it is."""
    organization: str
    """The partner's organization."""
    partner_state: PartnerState
    """Where the partner stands."""
    policy: AuthenticationPolicy | None
    """The key's policy, where it has one."""


class StoreFailure(Exception):
    """What a store raises instead of doing what it was asked. Nothing was changed."""


class StoreConflict(StoreFailure):
    """Another writer was first: a record is not at the version that the change was decided on.

    The engine reads and decides again.
    """

    def __init__(self, record: str, required: int, found: int | None) -> None:
        super().__init__(record, required, found)
        self.record = record
        """The record, by kind and id: `str(record_id)`."""
        self.required = required
        """The version decided on."""
        self.found = found
        """The version found; None where there is no such record."""

    def __str__(self) -> str:
        found = "no such record" if self.found is None else self.found
        return f"{self.record} must be at version {self.required}, found {found}"


class StoreDuplicate(StoreFailure):
    """Something that may be there only once is there already. The engine reads and decides again."""

    def __init__(self, unique: Unique) -> None:
        super().__init__(unique)
        self.unique = unique
        """What it is."""

    def __str__(self) -> str:
        return f"{self.unique} must be unique, found a second one"


class StoreMissingReference(StoreFailure):
    """A record names another one that is not there."""

    def __init__(self, reference: str) -> None:
        super().__init__(reference)
        self.reference = reference
        """Which reference, such as `license_key.partner`."""

    def __str__(self) -> str:
        return f"a record that is named must be there, found none: {self.reference}"


class StoreUnavailable(StoreFailure):
    """The store cannot answer now: it is busy, unreachable or full."""


class PartnerRepository(Protocol):
    """Reads of partners."""

    def partner(self, id: str, /) -> Partner | None:
        """The partner with exactly this id. One lookup."""
        ...

    def partner_id_like(self, id: str, /) -> str | None:
        """The id of the partner whose id equals this one without regard to case. One lookup."""
        ...

    def partner_id_by_email(self, email: str, /) -> str | None:
        """The id of the partner with this email address, without regard to case. One lookup."""
        ...

    def list_partners(self, query: Query[PartnerFilter, PartnerSort], /) -> Sequence[PartnerRow]:
        """A stretch of the list of partners; see `Query`."""
        ...

    def count_partners(self, filter: PartnerFilter, now: datetime, /) -> int:
        """How many partners the filter lets through at `now`."""
        ...


class CertificateRepository(Protocol):
    """Reads of CA certificates and partner certificates."""

    def trust_domain(self, domain: str, /) -> TrustDomainRecord | None:
        """The record of a trust domain; None while it holds no CA certificate. One lookup."""
        ...

    def ca_certificates(self, domain: str, /) -> Sequence[CaCertificate]:
        """Every CA certificate of a domain, distrusted ones too.

        Oldest first: by instant of upload, then by id.
        """
        ...

    def ca_certificate(self, id: str, /) -> CaCertificate | None:
        """The CA certificate with this id. One lookup."""
        ...

    def list_ca_certificates(
        self, query: Query[CaCertificateFilter, CaCertificateSort], /
    ) -> Sequence[CaCertificate]:
        """A stretch of the list of CA certificates; see `Query`."""
        ...

    def count_ca_certificates(self, filter: CaCertificateFilter, now: datetime, /) -> int:
        """How many CA certificates the filter lets through at `now`."""
        ...

    def partner_certificate(self, id: str, /) -> PartnerCertificate | None:
        """The partner certificate with this id. One lookup."""
        ...

    def partner_certificates(self, partner: str, /) -> Sequence[PartnerCertificate]:
        """Every certificate a partner ever uploaded.

        Newest first: by instant of upload, then by id, both descending.
        """
        ...

    def partners_relying_on(self, domain: str, fingerprint: str, /) -> Sequence[str]:
        """The partners whose current certificate was accepted over a path with this CA certificate.

        The path is of this domain. By id ascending.
        """
        ...


class PolicyRepository(Protocol):
    """Reads of policy groups and policies."""

    def policy_group(self, id: str, /) -> PolicyGroup | None:
        """The policy group with this id. One lookup."""
        ...

    def policy_group_named(self, name: str, /) -> str | None:
        """The id of the group with this name, without regard to case. One lookup."""
        ...

    def policy_counts(self, group: str, /) -> PolicyCounts:
        """How many draft and active policies a group has."""
        ...

    def list_policy_groups(
        self, query: Query[PolicyGroupFilter, PolicyGroupSort], /
    ) -> Sequence[PolicyGroup]:
        """A stretch of the list of policy groups; see `Query`."""
        ...

    def count_policy_groups(self, filter: PolicyGroupFilter, /) -> int:
        """How many policy groups the filter lets through."""
        ...

    def policy(self, id: str, /) -> Policy | None:
        """The policy with this id. One lookup."""
        ...

    def policy_named(self, group: str, name: str, /) -> str | None:
        """The id of the group's policy with this name, without regard to case. One lookup."""
        ...

    def list_policies(self, query: Query[PolicyFilter, PolicySort], /) -> Sequence[PolicyRow]:
        """A stretch of the list of policies; see `Query`."""
        ...

    def count_policies(self, filter: PolicyFilter, /) -> int:
        """How many policies the filter lets through."""
        ...


class PolicyLinkRepository(Protocol):
    """Reads of policy links."""

    def policy_link(self, id: str, /) -> PolicyLink | None:
        """The policy link with this id. One lookup."""
        ...

    def open_policy_link(self, partner: str, policy: str, /) -> PolicyLink | None:
        """The partner's pending or approved link to a policy; there is at most one. One lookup."""
        ...

    def pending_policy_links(self, partner: str, /) -> Sequence[PolicyLink]:
        """Every pending link of a partner, by id ascending."""
        ...

    def link_counts(self, policy: str, /) -> LinkCounts:
        """How many pending and approved links a policy has."""
        ...

    def list_policy_links(
        self, query: Query[PolicyLinkFilter, PolicyLinkSort], /
    ) -> Sequence[PolicyLinkRow]:
        """A stretch of the list of policy links; see `Query`."""
        ...

    def count_policy_links(self, filter: PolicyLinkFilter, /) -> int:
        """How many policy links the filter lets through."""
        ...


class LicenseKeyRepository(Protocol):
    """Reads of license keys."""

    def license_key(self, id: str, /) -> LicenseKeyRow | None:
        """The license key with this id, as a row of the list. One lookup."""
        ...

    def find_by_digest(self, digest: str, /) -> AuthenticationRecord | None:
        """Everything the verdict on the key with this digest needs.

        One round trip, one lookup: this is the call of every request.
        """
        ...

    def live_license_key_named(self, partner: str, name: str, /) -> str | None:
        """The id of the partner's key of this name that is neither deactivated nor replaced.

        Without regard to case. One lookup.
        """
        ...

    def license_keys_to_deactivate(self, partner: str, /) -> Sequence[LicenseKeyRecord]:
        """Every key of a partner that is not deactivated, by id ascending."""
        ...

    def list_license_keys(
        self, query: Query[LicenseKeyFilter, LicenseKeySort], /
    ) -> Sequence[LicenseKeyRow]:
        """A stretch of the list of license keys; see `Query`."""
        ...

    def count_license_keys(self, filter: LicenseKeyFilter, now: datetime, /) -> int:
        """How many license keys the filter lets through at `now`."""
        ...


class EventRepository(Protocol):
    """Reads of events."""

    def events_after(self, after: int, limit: int, /) -> Sequence[Event]:
        """At most `limit` events beyond the place `after`, in order.

        No event is ever added at or before a place that was answered, also while others commit.
        """
        ...


class Store(
    PartnerRepository,
    CertificateRepository,
    PolicyRepository,
    PolicyLinkRepository,
    LicenseKeyRepository,
    EventRepository,
    Protocol,
):
    """All that the engine reads, and the one way to write.

    Threads may call a store at the same time. Reads see only what was committed, each answer as of
    one instant; they change nothing and may be called again. What is unique is listed in `Unique`;
    names, ids and emails are compared by `fold_case`.

    A failure that has a meaning is raised as a subclass of `StoreFailure`; the engine decides again
    after `StoreConflict` and `StoreDuplicate`. Any other exception ends the call: it comes out as the
    `__cause__` of a `StoreFailedError`.
    """

    def commit(self, changes: ChangeSet, /) -> None:
        """Applies the changes in their order and appends the events, all or nothing.

        Once it has returned, the change lasts. `StoreConflict` where an updated or expected record
        is not at the version asked for, `StoreDuplicate` where something unique would be there
        twice, `StoreMissingReference` where a record names one that is not there at the end. After
        any exception nothing is changed.
        """
        ...
