"""Onboarding of MISPs, the MOSIP infrastructure providers: rules, certificates, license keys.

Every command and every read is a method of `Onboarding`. The modules hold the types of one noun
each: `partners`, `trust_store`, `certificates`, `policies`, `policy_links`, `license_keys`,
`lists`, `events`, `actors`, `rules`, `stores`, `errors`; `transfer` moves everything from store to
store. Two parts need no engine: `certificates.verify_path` and `certificates.validate` judge
certificates, `LicenseKey.parse` checks the form of a license key.

Instants are `datetime` with a time zone, in UTC where the engine makes them; one without is refused.
Records are frozen dataclasses, enumerations compare equal to their text, calls fail with a subclass
of `OnboardingError` and have changed nothing then.

Threads may share one `Onboarding`, and everything else here. Each call gives the interpreter's lock
back while the engine works, so certificates are validated on every core. A call too short to gain
from that is `authenticate`; its docstring says more.
"""

from __future__ import annotations

from . import (
    actors,
    certificates,
    errors,
    events,
    license_keys,
    lists,
    partners,
    policies,
    policy_links,
    rules,
    stores,
    transfer,
    trust_store,
)
from ._native import Onboarding, __version__
from .actors import Actor, Role
from .errors import OnboardingError
from .license_keys import LicenseKey
from .rules import Rules

__all__ = [
    "Actor",
    "LicenseKey",
    "Onboarding",
    "OnboardingError",
    "Role",
    "Rules",
    "__version__",
    "actors",
    "certificates",
    "errors",
    "events",
    "license_keys",
    "lists",
    "partners",
    "policies",
    "policy_links",
    "rules",
    "stores",
    "transfer",
    "trust_store",
]
