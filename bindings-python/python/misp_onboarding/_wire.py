"""Which class stands for which type of the engine, by the name that the type has there.

The native module reads this once, when the first value crosses.
"""

from __future__ import annotations

import dataclasses
from enum import Enum
from types import ModuleType
from typing import Any

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

_MODULES: tuple[ModuleType, ...] = (
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
_PUBLIC: dict[str, type[Any]] = {
    value.__name__: value
    for module in _MODULES
    for value in vars(module).values()
    if isinstance(value, type) and value.__module__ == module.__name__
}

ENUMS: dict[str, dict[str, Enum]] = {
    name: {member.value: member for member in cls}
    for name, cls in _PUBLIC.items()
    if issubclass(cls, Enum)
}
"""The members of each enumeration by their text."""

CLASSES: dict[str, type[Any]] = {
    # An exception cannot be part of a report, so the report has a class of its own.
    {"PathReport": "PathError"}.get(name, name): cls
    for name, cls in _PUBLIC.items()
    if dataclasses.is_dataclass(cls)
}
CLASSES["CertificateReport"] = certificates.CertificateReport
"""The class of each structure."""

VARIANTS: dict[str, type[Any]] = {
    "CaOutcome.AddedAsRoot": trust_store.AddedAsRoot,
    "CaOutcome.AddedAsIntermediate": trust_store.AddedAsIntermediate,
    "CaOutcome.AlreadyPresent": trust_store.AlreadyPresent,
    "CaOutcome.Rejected": trust_store.Rejected,
    "Change.insert": stores.Insert,
    "Change.update": stores.Update,
    "Change.expect": stores.Expect,
    "Change.restore_event": stores.RestoreEvent,
    "Record.trust_domain": trust_store.TrustDomainRecord,
    "Record.ca_certificate": trust_store.CaCertificate,
    "Record.partner": partners.Partner,
    "Record.partner_certificate": certificates.PartnerCertificate,
    "Record.policy_group": policies.PolicyGroup,
    "Record.policy": policies.Policy,
    "Record.policy_link": policy_links.PolicyLink,
    "Record.license_key": license_keys.LicenseKeyRecord,
}
"""The class of each variant that carries something. A record stands for itself."""

FIELDS: dict[str, tuple[str, ...]] = {
    name: tuple(field.name for field in dataclasses.fields(cls)) for name, cls in VARIANTS.items()
}
"""The fields of those classes, in order."""
