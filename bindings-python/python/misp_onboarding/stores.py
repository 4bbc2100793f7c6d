"""The port to a database: what a store reads and writes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar, Union

from ._text import StableText
from .certificates import PartnerCertificate
from .events import NewEvent, RecordId
from .license_keys import LicenseKeyRecord, LicenseKeyState
from .lists import Direction
from .partners import Partner, PartnerState
from .policies import Policy, PolicyGroup, PolicyGroupState, PolicyPermissions, PolicyState
from .policy_links import PolicyLink
from .trust_store import CaCertificate, TrustDomainRecord

_F = TypeVar("_F")
_S = TypeVar("_S")

__all__ = [
    "AuthenticationPolicy",
    "AuthenticationRecord",
    "Change",
    "ChangeSet",
    "Expect",
    "Insert",
    "LinkCounts",
    "PolicyCounts",
    "Position",
    "Query",
    "Record",
    "RecordId",
    "Unique",
    "Update",
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
    """Adds a record that is not there yet. Its version is 1."""

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


Change = Union[Insert, Update, Expect]
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
    """What a store is asked for: at most `limit` rows after a place, in order."""

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
