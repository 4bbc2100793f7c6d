"""Policy groups and policies: what a partner may be allowed to do."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Final

from ._native import policy_permissions
from ._text import StableText

__all__ = [
    "UNCHANGED",
    "Policy",
    "PolicyFilter",
    "PolicyGroup",
    "PolicyGroupFilter",
    "PolicyGroupSort",
    "PolicyGroupState",
    "PolicyPermissions",
    "PolicyRow",
    "PolicySort",
    "PolicyState",
    "Unchanged",
]


class PolicyGroupState(StableText):
    """Where a policy group stands."""

    ACTIVE = "active"
    """Usable; groups are born active."""
    DEACTIVATED = "deactivated"
    """Not usable any more; final."""


@dataclass(frozen=True)
class PolicyGroup:
    """A policy group, as stores keep it."""

    id: str
    """The id."""
    name: str
    """The name."""
    description: str
    """What it is for."""
    state: PolicyGroupState
    """Where it stands."""
    created_at: datetime
    """When it was created."""
    created_by: str
    """Who created it."""
    version: int
    """Moves with every change of the group and with every policy drafted in it."""


class PolicyGroupSort(StableText):
    """What the list of policy groups can be sorted by."""

    NAME = "policy_group.name"
    """The name."""
    CREATED_AT = "policy_group.created_at"
    """When it was created."""


@dataclass(frozen=True)
class PolicyGroupFilter:
    """Which policy groups a list shows; what is not set lets every one through."""

    id: str | None = None
    """The id, exactly."""
    name: str | None = None
    """Part of the name."""
    state: PolicyGroupState | None = None
    """The state."""


class PolicyState(StableText):
    """Where a policy stands."""

    DRAFT = "draft"
    """Being written."""
    ACTIVE = "active"
    """Published; immutable from then on."""
    DEACTIVATED = "deactivated"
    """Not usable any more; final."""


@dataclass(frozen=True)
class PolicyPermissions:
    """What a policy allows."""

    allow_auth_request_delegation: bool
    """`allowAuthRequestDelegation`"""
    allow_kyc_request_delegation: bool
    """`allowKycRequestDelegation`"""
    trust_binded_auth_verification_token: bool
    """`trustBindedAuthVerificationToken`; false where the document has none."""
    allow_key_binding_delegation: bool
    """`allowKeyBindingDelegation`; false where the document has none."""


@dataclass(frozen=True)
class Policy:
    """A MISP policy, as stores keep it."""

    id: str
    """The id."""
    group: str
    """The group it belongs to."""
    name: str
    """The name."""
    description: str
    """What it is for."""
    document: str
    """What it allows, as written."""
    valid_until: datetime | None
    """The first instant at which it is not valid any more; none: no end."""
    state: PolicyState
    """Where it stands."""
    created_at: datetime
    """When it was created."""
    created_by: str
    """Who created it."""
    published_at: datetime | None
    """When it was published."""
    version: int
    """Moves with every change of the policy or of a link to it."""

    def has_ended(self, at: datetime) -> bool:
        """Whether the policy's validity has ended at an instant."""
        return self.valid_until is not None and at >= self.valid_until

    def permissions(self) -> PolicyPermissions:
        """What the document allows."""
        return policy_permissions(self.document)


class PolicySort(StableText):
    """What the list of policies can be sorted by."""

    NAME = "policy.name"
    """The name."""
    POLICY_GROUP = "policy.policy_group"
    """The name of the group."""
    CREATED_AT = "policy.created_at"
    """When it was created."""


@dataclass(frozen=True)
class PolicyFilter:
    """Which policies a list shows; what is not set lets every one through."""

    id: str | None = None
    """The id, exactly."""
    group: str | None = None
    """The group."""
    group_name: str | None = None
    """Part of the group's name."""
    name: str | None = None
    """Part of the name."""
    state: PolicyState | None = None
    """The state."""


@dataclass(frozen=True)
class PolicyRow:
    """A policy in a list."""

    policy: Policy
    """The policy."""
    group_name: str
    """The name of its group."""


class Unchanged(Enum):
    """The type of `UNCHANGED`."""

    UNCHANGED = "unchanged"
    """What `edit_policy` leaves as it is."""

    def __repr__(self) -> str:
        return "UNCHANGED"


UNCHANGED: Final = Unchanged.UNCHANGED
"""For `edit_policy`: the end of the validity stays as it is, while None takes it away."""
