"""The engine's configuration: every number and list that a country may set."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ._native import rules_from_dict, rules_from_toml
from .certificates import OrganizationMatch, Profile

__all__ = [
    "CertificateRules",
    "LicenseKeyRules",
    "Rules",
]


@dataclass(frozen=True)
class CertificateRules:
    """What certificates must fulfil. Days have 24 hours."""

    min_days_left: int = 335
    """The fewest days that a partner certificate must have left. Default: 335, a year less 30 days
    of grace (`KER-KMS-021`).
    """
    ca_min_months_left: int = 12
    """The fewest calendar months that a CA certificate must have left. Default: 12
    (`KER-PCM-017`).
    """
    min_rsa_bits: int = 2_048
    """The fewest bits of an RSA key. Default: 2048 (`KER-PCM-013`)."""
    allowed_curves: tuple[str, ...] = ("P-256", "P-384", "P-521")
    """The elliptic curves that keys may use. Default: P-256, P-384, P-521."""
    allowed_signature_algorithms: tuple[str, ...] = (
        "SHA256withRSA",
        "SHA384withRSA",
        "SHA512withRSA",
        "SHA256withRSAandMGF1",
        "SHA384withRSAandMGF1",
        "SHA512withRSAandMGF1",
        "SHA256withECDSA",
        "SHA384withECDSA",
        "SHA512withECDSA",
        "Ed25519",
    )
    """The algorithms that certificates may be signed with. Default: SHA-256/384/512 with RSA (PKCS
    #1 or PSS) or ECDSA, and Ed25519 (`KER-PCM-014`).
    """
    organization_match: OrganizationMatch = OrganizationMatch.EXACT
    """How the organization is compared. Default: exactly (`KER-PCM-008`)."""
    profile: Profile = Profile.DEFAULT
    """Which path validation is asked of partner certificates and CA certificates. Default: the
    default profile.
    """


@dataclass(frozen=True)
class LicenseKeyRules:
    """How long license keys are good, in days of 24 hours."""

    default_validity_days: int = 90
    """Validity of a key for which none was chosen. Default: 90."""
    max_validity_days: int = 1_825
    """The longest validity. Default: 1825."""
    max_overlap_days: int = 30
    """The longest time for which a replaced key stays good. Default: 30."""


@dataclass(frozen=True)
class Rules:
    """The engine's configuration.

    Whatever takes rules takes this, or a mapping of the same names. What is not given has its
    default; an unknown name, or settings that contradict each other, are refused with
    `InvalidInputError` when the engine is set up.

    >>> Rules(license_key=LicenseKeyRules(max_validity_days=365), approver_must_differ=True)
    """

    languages: tuple[str, ...] = ("eng", "fra", "ara")
    """The languages that partners may choose, ISO 639-3; a partner that chooses none gets the
    first. Default: `eng`, `fra`, `ara`.
    """
    trust_domains: tuple[str, ...] = ("AUTH", "DEVICE", "FTM")
    """The trust domains that CA certificates can be uploaded to. Default: `AUTH`, `DEVICE`, `FTM`."""
    partner_domain: str = "AUTH"
    """The trust domain that partner certificates are validated in. Default: `AUTH`."""
    certificate: CertificateRules = field(default_factory=CertificateRules)
    """What certificates must fulfil."""
    license_key: LicenseKeyRules = field(default_factory=LicenseKeyRules)
    """How long license keys are good."""
    approver_must_differ: bool = False
    """Whether a policy request must be approved by somebody else than its requester. Default: no."""

    @classmethod
    def from_dict(cls, settings: Mapping[str, Any]) -> Rules:
        """Reads the rules from a mapping such as JSON gives, sections as mappings in it.

        Raises `InvalidInputError` for an unknown name or a value of another kind.
        """
        return rules_from_dict(settings)

    @classmethod
    def from_toml(cls, text: str) -> Rules:
        """Reads the rules from TOML text, sections as tables.

        Raises `InvalidInputError` where it is no TOML, for an unknown name or a value of another
        kind.
        """
        return rules_from_toml(text)

    @classmethod
    def load(cls, path: str | Path) -> Rules:
        """Reads the rules from a TOML file, as `from_toml` does.

        Raises `OSError` where the file cannot be read.
        """
        return cls.from_toml(Path(path).read_text(encoding="utf-8"))
