"""License keys: what a partner shows with every request."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ._native import Authorization, LicenseKey, Refusal, license_key_status
from ._text import StableText
from .lists import TimeRange
from .partners import PartnerState

__all__ = [
    "Action",
    "Authorization",
    "GeneratedLicenseKey",
    "ImportLicenseKey",
    "LicenseKey",
    "LicenseKeyFilter",
    "LicenseKeyOrigin",
    "LicenseKeyRecord",
    "LicenseKeyRow",
    "LicenseKeySort",
    "LicenseKeyState",
    "LicenseKeyStatus",
    "LicenseKeyView",
    "Refusal",
]


class LicenseKeyState(StableText):
    """What was last done to a license key. Whether it has expired is a matter of the clock, see
    `LicenseKeyStatus`.
    """

    ACTIVE = "active"
    """Generated or imported."""
    REPLACED = "replaced"
    """Superseded by a regenerated key."""
    DEACTIVATED = "deactivated"
    """Switched off; final."""


class LicenseKeyStatus(StableText):
    """How a license key stands at an instant."""

    ACTIVE = "active"
    """Good."""
    EXPIRED = "expired"
    """Its validity has ended."""
    REPLACED = "replaced"
    """Superseded by a regenerated key, whether its overlap is over or not."""
    DEACTIVATED = "deactivated"
    """Switched off; final."""


class LicenseKeyOrigin(StableText):
    """Where a license key came from."""

    GENERATED = "generated"
    """The engine made it."""
    IMPORTED = "imported"
    """It was in use before, and was imported."""


@dataclass(frozen=True)
class LicenseKeyRecord:
    """A license key, as stores keep it: everything but the key."""

    id: str
    """The id."""
    partner: str
    """Whose key it is."""
    policy: str | None
    """The policy that says what the key allows."""
    name: str
    """The name."""
    digest: str
    """What the key is found by; unique."""
    last4: str
    """The key's last four characters, for display."""
    state: LicenseKeyState
    """What was last done to it."""
    origin: LicenseKeyOrigin
    """Where it came from."""
    created_at: datetime
    """When it was made."""
    created_by: str
    """Who made it."""
    expires_at: datetime
    """The first instant at which it is not good any more."""
    overlap_ends_at: datetime | None
    """Of a replaced key: the first instant at which it is not good any more, no later than
    `expires_at`.
    """
    deactivated_at: datetime | None
    """When it was deactivated."""
    replaces: str | None
    """The key it was made in place of."""
    replaced_by: str | None
    """The key made in its place."""
    version: int
    """Moves with every change."""

    def status(self, at: datetime) -> LicenseKeyStatus:
        """How the key stands at an instant. A key is good until just before `expires_at`."""
        return license_key_status(self, at)


class LicenseKeySort(StableText):
    """What the list of license keys can be sorted by."""

    PARTNER = "license_key.partner"
    """The partner's id."""
    ORGANIZATION = "license_key.organization"
    """The organization's name."""
    POLICY_GROUP = "license_key.policy_group"
    """The name of the policy's group."""
    POLICY = "license_key.policy"
    """The policy's name."""
    NAME = "license_key.name"
    """The key's name."""
    CREATED_AT = "license_key.created_at"
    """When it was made."""
    EXPIRES_AT = "license_key.expires_at"
    """When it expires."""


@dataclass(frozen=True)
class LicenseKeyFilter:
    """Which license keys a list shows; what is not set lets every one through."""

    id: str | None = None
    """The id, exactly."""
    partner: str | None = None
    """The partner."""
    organization: str | None = None
    """Part of the organization's name."""
    policy_group: str | None = None
    """The policy's group."""
    policy_group_name: str | None = None
    """Part of the group's name."""
    policy: str | None = None
    """The policy."""
    policy_name: str | None = None
    """Part of the policy's name."""
    name: str | None = None
    """Part of the key's name."""
    status: LicenseKeyStatus | None = None
    """How the key stands at the instant of asking."""
    expires: TimeRange | None = None
    """When it expires."""


@dataclass(frozen=True)
class LicenseKeyRow:
    """A license key in a list."""

    key: LicenseKeyRecord
    """The key's record."""
    organization: str
    """The partner's organization."""
    partner_state: PartnerState
    """Where the partner stands."""
    policy_name: str | None
    """The name of the policy."""
    policy_group: str | None
    """The policy's group."""
    policy_group_name: str | None
    """The name of the policy's group."""


class Action(StableText):
    """What can be done with a license key."""

    VIEW = "view"
    """Its record can be shown."""
    REGENERATE = "regenerate"
    """A new key can be made in its place."""
    DEACTIVATE = "deactivate"
    """It can be switched off."""


@dataclass(frozen=True)
class LicenseKeyView:
    """A license key as it may be shown: everything but the key."""

    row: LicenseKeyRow
    """The record, with the names of what it belongs to."""
    status: LicenseKeyStatus
    """How it stood at the instant of asking."""
    actions: tuple[Action, ...]
    """What was allowed at the instant of asking."""

    def masked_key(self) -> str:
        """The key, masked: `...` and its last four characters."""
        return f"...{self.row.key.last4}"


@dataclass(frozen=True)
class GeneratedLicenseKey:
    """A license key just made: the one time that it leaves the engine in clear."""

    key: LicenseKey
    """The key in clear. Show it once; it cannot be shown again."""
    view: LicenseKeyView
    """Everything else about it."""


@dataclass(frozen=True)
class ImportLicenseKey:
    """A license key that is in use already, to be imported."""

    key: LicenseKey
    """The key in clear."""
    partner: str
    """Whose key it is; the partner may still be inactive."""
    policy: str | None
    """The policy that says what it allows."""
    name: str
    """See `LicenseKeyName`."""
    expires_at: datetime
    """The first instant at which it is not good any more; may lie in the past, and as far ahead as
    it did.
    """
