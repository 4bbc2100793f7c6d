"""Where most tests begin: an engine, somebody in each role, and a partner as far as needed."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone
from typing import Any

from misp_onboarding import Actor, Onboarding, Role
from misp_onboarding.license_keys import GeneratedLicenseKey
from misp_onboarding.partners import Partner
from misp_onboarding.policies import Policy, PolicyGroup

from .pki import Pki

BEGIN = datetime(2026, 1, 15, 12, tzinfo=timezone.utc)
DOCUMENT = '{"allowAuthRequestDelegation": true, "allowKycRequestDelegation": false}'
ORGANIZATION = "Example Bank"


@dataclass
class Clock:
    """A clock set by hand."""

    instant: datetime = BEGIN

    def now(self) -> datetime:
        return self.instant

    def advance(self, **length: float) -> None:
        self.instant += timedelta(**length)


@dataclass
class Scenario:
    """An engine and what a test needs around it."""

    onboarding: Onboarding
    clock: Clock
    pki: Pki
    admin: Actor = field(default_factory=lambda: Actor("ana", [Role.PARTNER_ADMIN]))
    manager: Actor = field(default_factory=lambda: Actor("max", [Role.POLICY_MANAGER]))

    @staticmethod
    def new_partner(id: str, **changes: Any) -> dict[str, Any]:
        fields = {
            "id": id,
            "organization": ORGANIZATION,
            "address": "1 Harbor Street",
            "contact_number": "+1 (555) 0100",
            "email": f"{id}@example.org",
        }
        return {**fields, **changes}

    def partner(self, id: str, **changes: Any) -> Partner:
        """A partner without a certificate."""
        return self.onboarding.create_partner(self.admin, **self.new_partner(id, **changes))

    def active_partner(self, id: str, **changes: Any) -> Partner:
        """A partner with a certificate."""
        self.onboarding.upload_ca_certificates(self.admin, self.pki.ca_pem)
        partner = self.partner(id, **changes)
        pem = self.pki.issue(partner.organization).pem
        return self.onboarding.upload_certificate(self.admin, id, pem).partner

    def group(self, name: str = "Banks") -> PolicyGroup:
        return self.onboarding.create_policy_group(
            self.manager, name=name, description="What banks may do"
        )

    def draft(self, group: PolicyGroup, name: str = "Sign-in", **changes: Any) -> Policy:
        fields: dict[str, Any] = {
            "group": group.id,
            "name": name,
            "description": "Without e-KYC",
            "document": DOCUMENT,
        }
        return self.onboarding.create_policy(self.manager, **{**fields, **changes})

    def policy(self, group: PolicyGroup, name: str = "Sign-in", **changes: Any) -> Policy:
        draft = self.draft(group, name, **changes)
        return self.onboarding.publish_policy(self.manager, draft.id)

    def ready_partner(self, id: str, **changes: Any) -> tuple[Partner, Policy]:
        """An active partner with an approved policy."""
        partner = self.active_partner(id, **changes)
        group = self.group(f"Group of {id}")
        policy = self.policy(group)
        self.onboarding.select_policy_group(self.admin, id, group.id)
        link = self.onboarding.request_policy(self.admin, id, policy.id, "for online banking")
        self.onboarding.approve_policy_link(self.admin, link.id)
        return partner, policy

    def key(self, partner: str, name: str, **changes: Any) -> GeneratedLicenseKey:
        return self.onboarding.generate_license_key(
            self.admin, partner=partner, name=name, **changes
        )
