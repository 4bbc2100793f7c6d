"""Events: what changed, in the order in which it did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from ._text import StableText

__all__ = [
    "Event",
    "EventKind",
    "NewEvent",
    "RecordId",
]


class EventKind(StableText):
    """What happened."""

    CA_CERTIFICATE_ADDED = "ca_certificate.added"
    """A CA certificate was uploaded."""
    CA_CERTIFICATE_DISTRUSTED = "ca_certificate.distrusted"
    """A CA certificate is not trusted any more."""
    PARTNER_CREATED = "partner.created"
    """A partner was created."""
    PARTNER_UPDATED = "partner.updated"
    """A partner's address, contact number, email or language changed."""
    PARTNER_POLICY_GROUP_SELECTED = "partner.policy_group_selected"
    """A partner's policy group was selected."""
    PARTNER_ACTIVATED = "partner.activated"
    """A partner's first certificate was accepted."""
    PARTNER_DEACTIVATED = "partner.deactivated"
    """A partner was deactivated."""
    PARTNER_CERTIFICATE_UPLOADED = "partner_certificate.uploaded"
    """A partner's certificate was stored."""
    PARTNER_CERTIFICATE_REPLACED = "partner_certificate.replaced"
    """A partner's certificate was replaced by a later one."""
    POLICY_GROUP_CREATED = "policy_group.created"
    """A policy group was created."""
    POLICY_GROUP_DEACTIVATED = "policy_group.deactivated"
    """A policy group was deactivated."""
    POLICY_CREATED = "policy.created"
    """A policy was drafted."""
    POLICY_EDITED = "policy.edited"
    """A draft was edited."""
    POLICY_PUBLISHED = "policy.published"
    """A policy was published."""
    POLICY_DEACTIVATED = "policy.deactivated"
    """A policy was deactivated."""
    POLICY_LINK_REQUESTED = "policy_link.requested"
    """A policy was requested for a partner."""
    POLICY_LINK_APPROVED = "policy_link.approved"
    """A policy request was approved."""
    POLICY_LINK_REJECTED = "policy_link.rejected"
    """A policy request was rejected."""
    LICENSE_KEY_GENERATED = "license_key.generated"
    """A license key was made."""
    LICENSE_KEY_IMPORTED = "license_key.imported"
    """A license key that was in use before was imported."""
    LICENSE_KEY_REPLACED = "license_key.replaced"
    """A license key was replaced by another."""
    LICENSE_KEY_DEACTIVATED = "license_key.deactivated"
    """A license key was deactivated."""


@dataclass(frozen=True)
class RecordId:
    """Which record."""

    kind: str
    """The kind of record: `trust_domain`, `ca_certificate`, `partner`, `partner_certificate`,
    `policy_group`, `policy`, `policy_link` or `license_key`.
    """
    id: str
    """The id within its kind."""

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"


@dataclass(frozen=True)
class NewEvent:
    """A change, before the store gives it its place in the order."""

    at: datetime
    """When."""
    actor: str
    """Who."""
    kind: EventKind
    """What."""
    subject: RecordId
    """The record that changed."""
    version: int
    """The record's version after the change."""
    partner: str | None
    """The partner it concerns."""
    old_state: str | None
    """The record's state before; none where it was just made."""
    new_state: str | None
    """The record's state after."""
    facts: Mapping[str, str] = field(hash=False)
    """Further facts by name: ids, names, comments. Never a secret, never contact data."""


@dataclass(frozen=True)
class Event:
    """A change that happened."""

    sequence: int
    """Its place in the order."""
    event: NewEvent
    """What happened."""
