"""Partners: who is admitted, and in which state they are."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from ._native import certificate_status
from ._text import StableText
from .certificates import CertificateStatus
from .lists import TimeRange

__all__ = [
    "Partner",
    "PartnerFilter",
    "PartnerRow",
    "PartnerSort",
    "PartnerState",
]


class PartnerState(StableText):
    """Where a partner stands: `Inactive` until its first certificate is accepted, then `Active`;
    `Deactivated` is final.
    """

    INACTIVE = "inactive"
    """Created, no certificate yet."""
    ACTIVE = "active"
    """Its certificate was accepted."""
    DEACTIVATED = "deactivated"
    """Can do nothing any more; final."""


@dataclass(frozen=True)
class Partner:
    """A partner, as stores keep it. The type is always MISP."""

    id: str
    """The id, chosen by the Partner Admin."""
    organization: str
    """The organization, as the certificate's subject must name it; never changes."""
    address: str = field(repr=False)
    """The postal address."""
    contact_number: str = field(repr=False)
    """The telephone number."""
    email: str = field(repr=False)
    """The email address."""
    language: str
    """The language for messages to the partner."""
    policy_group: str | None
    """The policy group, selected once."""
    state: PartnerState
    """Where the partner stands."""
    certificate: str | None
    """The current certificate."""
    created_at: datetime
    """When the partner was created."""
    created_by: str
    """Who created it."""
    updated_at: datetime
    """When it, or anything of it, last changed."""
    updated_by: str
    """Who changed it last."""
    version: int
    """Moves with every change of the partner or of anything that is the partner's: certificate,
    links, keys.
    """


class PartnerSort(StableText):
    """What the list of partners can be sorted by."""

    ID = "partner.id"
    """The partner's id."""
    ORGANIZATION = "partner.organization"
    """The organization's name."""
    POLICY_GROUP = "partner.policy_group"
    """The name of the policy group."""
    STATE = "partner.state"
    """The state's name."""
    CREATED_AT = "partner.created_at"
    """When the partner was created."""
    CERTIFICATE_ENDS = "partner.certificate_ends"
    """When the current certificate ends."""


@dataclass(frozen=True)
class PartnerFilter:
    """Which partners a list shows; what is not set lets every partner through."""

    id: str | None = None
    """The id, exactly."""
    organization: str | None = None
    """Part of the organization's name."""
    email: str | None = field(default=None, repr=False)
    """The email address, without regard to case."""
    policy_group: str | None = None
    """The policy group."""
    policy_group_name: str | None = None
    """Part of the policy group's name."""
    state: PartnerState | None = None
    """The state."""
    certificate_status: CertificateStatus | None = None
    """The status of the current certificate at the instant of asking."""
    certificate_ends: TimeRange | None = None
    """When the current certificate ends."""


@dataclass(frozen=True)
class PartnerRow:
    """A partner in a list."""

    partner: Partner
    """The partner."""
    policy_group_name: str | None
    """The name of its policy group."""
    certificate_ends: datetime | None
    """The last instant at which its current certificate is valid."""

    def certificate_status(self, at: datetime) -> CertificateStatus:
        """The status of the current certificate at an instant."""
        return certificate_status(self.certificate_ends, at)
