"""Policy links: a partner's requested or approved right to a policy."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ._text import StableText

__all__ = [
    "PolicyLink",
    "PolicyLinkFilter",
    "PolicyLinkRow",
    "PolicyLinkSort",
    "PolicyLinkState",
]


class PolicyLinkState(StableText):
    """Where a policy link stands. Approved and rejected are final; after a rejection a new link
    can be requested.
    """

    PENDING = "pending"
    """Requested, not decided."""
    APPROVED = "approved"
    """The partner may use the policy."""
    REJECTED = "rejected"
    """The partner may not."""


@dataclass(frozen=True)
class PolicyLink:
    """A policy link, as stores keep it."""

    id: str
    """The id."""
    partner: str
    """The partner."""
    policy: str
    """The policy."""
    state: PolicyLinkState
    """Where it stands."""
    request_comment: str
    """What the request said."""
    requested_at: datetime
    """When it was requested."""
    requested_by: str
    """Who requested it."""
    decided_at: datetime | None
    """When it was decided."""
    decided_by: str | None
    """Who decided."""
    decision_comment: str | None
    """What the decision said."""
    version: int
    """Moves with every change."""


class PolicyLinkSort(StableText):
    """What the list of policy links can be sorted by."""

    PARTNER = "policy_link.partner"
    """The partner's id."""
    ORGANIZATION = "policy_link.organization"
    """The organization's name."""
    POLICY = "policy_link.policy"
    """The policy's name."""
    POLICY_GROUP = "policy_link.policy_group"
    """The name of the policy's group."""
    STATE = "policy_link.state"
    """The state's name."""
    REQUESTED_AT = "policy_link.requested_at"
    """When it was requested."""


@dataclass(frozen=True)
class PolicyLinkFilter:
    """Which policy links a list shows; what is not set lets every one through."""

    id: str | None = None
    """The id, exactly."""
    partner: str | None = None
    """The partner."""
    organization: str | None = None
    """Part of the organization's name."""
    policy: str | None = None
    """The policy."""
    policy_name: str | None = None
    """Part of the policy's name."""
    policy_group: str | None = None
    """The policy's group."""
    policy_group_name: str | None = None
    """Part of the group's name."""
    state: PolicyLinkState | None = None
    """The state."""


@dataclass(frozen=True)
class PolicyLinkRow:
    """A policy link in a list."""

    link: PolicyLink
    """The link."""
    organization: str
    """The partner's organization."""
    policy_name: str
    """The policy's name."""
    policy_group: str
    """The policy's group."""
    policy_group_name: str
    """The name of the policy's group."""
