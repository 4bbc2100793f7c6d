"""Certificates: reading, reporting, path validation. Needs neither an engine nor a store."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING

from ._native import (
    CertificateReport,
    TrustAnchors,
    Validator,
    certificate_details,
    certificate_status,
    validate,
    verify_path,
)
from ._text import StableText

if TYPE_CHECKING:
    from .partners import Partner

__all__ = [
    "CertificateDetails",
    "CertificateRef",
    "CertificateReport",
    "CertificateStatus",
    "Finding",
    "MissingIssuer",
    "OrganizationMatch",
    "PartnerCertificate",
    "PathFailure",
    "PathFault",
    "PathReport",
    "Profile",
    "Severity",
    "TrustAnchors",
    "UploadOutcome",
    "UploadedCertificate",
    "Validator",
    "VerifiedPath",
    "validate",
    "verify_path",
]


class CertificateStatus(StableText):
    """How a certificate stands at an instant."""

    NONE = "none"
    """There is none."""
    VALID = "valid"
    """Valid for more than 30 days to come."""
    EXPIRING = "expiring"
    """Valid, and ends within 30 days."""
    EXPIRED = "expired"
    """Its validity has ended."""


class Severity(StableText):
    """How bad a finding is."""

    ERROR = "error"
    """The certificate is refused."""
    WARNING = "warning"
    """The certificate is accepted; somebody should know."""


class Profile(StableText):
    """How closely certificates have to follow RFC 5280."""

    DEFAULT = "default"
    """As section 6 asks of a validator: what it must refuse is refused, what issuers do wrong
    beyond that is not.
    """
    STRICT = "strict"
    """In addition what sections 4.1 and 4.2 ask of issuers."""


class OrganizationMatch(StableText):
    """How the certificate's subject O is compared with the partner's organization name."""

    EXACT = "exact"
    """Every character must be equal, after NFC."""
    LOOSE = "loose"
    """Case and white space do not count."""


class UploadOutcome(StableText):
    """What an upload did."""

    ACTIVATED = "activated"
    """The partner's first certificate: it is active now."""
    REPLACED = "replaced"
    """The certificate took the place of the one before."""
    UNCHANGED = "unchanged"
    """The certificate is the current one already; nothing changed."""


class PathFault(StableText):
    """Which rule a path breaks."""

    MISSING_ISSUER = "missing_issuer"
    """No issuer of the certificate is known."""
    SIGNATURE = "signature"
    """The certificate's signature does not verify with its issuer's key, or cannot be checked."""
    NOT_YET_VALID = "not_yet_valid"
    """The certificate is not valid yet."""
    EXPIRED = "expired"
    """The certificate is no longer valid."""
    BASIC_CONSTRAINTS = "basic_constraints"
    """The issuer is not a CA by its basic constraints."""
    PATH_LENGTH = "path_length"
    """More intermediate certificates follow than are allowed."""
    KEY_CERT_SIGN = "key_cert_sign"
    """The issuer's key may not sign certificates."""
    NAME_CONSTRAINTS = "name_constraints"
    """A name lies outside of what an issuer may certify."""
    POLICY = "policy"
    """The policies of the path do not satisfy what the path or the caller requires."""
    UNKNOWN_CRITICAL_EXTENSION = "unknown_critical_extension"
    """An extension is critical and unknown."""
    DISTRUSTED = "distrusted"
    """The certificate is distrusted."""
    LIMIT = "limit"
    """A bound on the work was reached before a valid path was found."""
    STRICT_PROFILE = "strict_profile"
    """The strict profile asks for more than the certificate has."""


@dataclass(frozen=True)
class CertificateRef:
    """A certificate as it is named in an error."""

    subject: str
    """The subject by RFC 4514."""
    sha256: str
    """The fingerprint."""

    def __str__(self) -> str:
        return f"{self.subject or 'a certificate without a subject'} (sha256 {self.sha256})"


@dataclass(frozen=True)
class MissingIssuer:
    """The issuer that a path ends for want of."""

    name: str
    """Its name by RFC 4514."""
    key_id: str | None
    """The identifier of its key in lower-case hexadecimal, where the certificate names one."""


@dataclass(frozen=True)
class PathFailure:
    """One candidate path and the rule it breaks."""

    fault: PathFault
    """Which rule."""
    certificate: CertificateRef
    """The certificate that breaks it."""
    rule: str
    """Where the rule stands, for example `RFC 5280 section 6.1.3 (a)(2)`."""
    required: str
    """What the rule requires."""
    found: str
    """What was found."""
    path: tuple[CertificateRef, ...]
    """The candidate path as far as it goes, leaf first."""
    missing_issuer: MissingIssuer | None
    """The issuer that is not known, for `PathFault.MissingIssuer`."""

    @property
    def code(self) -> str:
        """The stable code of the fault, such as `certificate.path.expired`."""
        return f"certificate.path.{self.fault.value}"

    def __str__(self) -> str:
        return f"{self.certificate}: {self.rule} requires {self.required}, found {self.found}"


@dataclass(frozen=True)
class PathReport:
    """Why a certificate has no valid path to a root.  Its `failure` is that of the best candidate: one
    that reaches a root or a distrusted certificate before one that does not; then one that breaks
    another rule before one whose signature does not verify; then a longer path before a shorter
    one.
    """

    failure: PathFailure
    """Why the best candidate path is not valid."""
    others: tuple[PathFailure, ...]
    """Why other candidates are not, at most `MAX_REPORTED_CANDIDATES`."""
    others_left_off: int
    """How many more candidates failed."""


@dataclass(frozen=True)
class Finding:
    """A rule that a certificate or a file breaks."""

    code: str
    """The stable code, such as `certificate.expired`."""
    pms_code: str | None
    """MOSIP's code for the same finding, where it has one."""
    severity: Severity
    """Whether it refuses the certificate."""
    certificate: CertificateRef | None
    """The certificate it is about; none for a finding about the file."""
    rule: str
    """Where the rule is written, such as `RFC 5280 section 4.1.2.5`."""
    required: str
    """What the rule needs."""
    found: str
    """What was found."""
    path: PathReport | None = None
    """Of a finding about the path: the candidate path that came farthest, the issuer that is
    missing, and why each other candidate failed.
    """

    def is_error(self) -> bool:
        """Whether it refuses the certificate."""
        return self.severity is Severity.ERROR

    def __str__(self) -> str:
        needed = f"{self.required} needed, found {self.found}"
        return f"{self.severity} {self.code}: {needed} [{self.rule}]"


@dataclass(frozen=True)
class CertificateDetails:
    """What a certificate says of itself, for people and other programs to read."""

    version: int
    """X.509 version: 1, 2 or 3."""
    serial_number: str
    """The serial number in hexadecimal."""
    subject: str
    """The subject as RFC 4514 text."""
    issuer: str
    """The issuer as RFC 4514 text."""
    organization: str | None
    """The subject's organization (O), where it has one."""
    not_before: datetime
    """The first instant at which it is valid."""
    not_after: datetime
    """The last instant at which it is valid."""
    key_algorithm: str
    """Kind and size of the key, such as `RSA 2048` or `EC P-256`."""
    signature_algorithm: str
    """How it is signed, such as `SHA256withRSA`."""
    is_ca: bool
    """Whether BasicConstraints make it a CA."""
    key_usages: tuple[str, ...]
    """What KeyUsage allows the key to do (RFC 5280 section 4.2.1.3); empty where there is no such
    extension.
    """
    extended_key_usages: tuple[str, ...]
    """What ExtendedKeyUsage allows the key to do; empty where there is no such extension."""
    subject_key_id: str | None
    """SubjectKeyIdentifier in hexadecimal."""
    authority_key_id: str | None
    """AuthorityKeyIdentifier in hexadecimal."""
    sha256: str
    """SHA-256 of the certificate."""
    sha1: str
    """SHA-1 of the certificate, as older tools show it."""


@dataclass(frozen=True)
class PartnerCertificate:
    """A certificate that a partner uploaded and the engine accepted, as stores keep it.  The
    partner's current certificate is the one its record names; the others are history.
    """

    id: str
    """The id."""
    partner: str
    """Whose certificate it is."""
    der: bytes = field(repr=False)
    """The certificate as uploaded."""
    fingerprint: str
    """SHA-256 of the certificate."""
    subject: str
    """The subject as RFC 4514 text."""
    issuer: str
    """The issuer as RFC 4514 text."""
    serial_number: str
    """The serial number in hexadecimal."""
    not_before: datetime
    """The first instant at which it is valid."""
    not_after: datetime
    """The last instant at which it is valid."""
    domain: str
    """The trust domain whose CA certificates it was accepted over."""
    path: tuple[str, ...]
    """The fingerprints of those CA certificates, its issuer first, the root last."""
    uploaded_at: datetime
    """When it was uploaded."""
    uploaded_by: str
    """Who uploaded it."""
    replaced_at: datetime | None
    """When a later certificate took its place."""
    version: int
    """Moves with every change."""

    def details(self) -> CertificateDetails:
        """What the certificate says of itself."""
        return certificate_details(self.der)

    def status(self, at: datetime) -> CertificateStatus:
        """How the certificate stands at an instant, by its dates."""
        return certificate_status(self.not_after, at)


@dataclass(frozen=True)
class UploadedCertificate:
    """A certificate that was accepted."""

    outcome: UploadOutcome
    """What the upload did."""
    partner: Partner
    """The partner after it."""
    certificate: PartnerCertificate
    """The certificate as it is kept."""
    report: CertificateReport
    """The same report as that of an inspection."""


@dataclass(frozen=True)
class VerifiedPath:
    """A path that was found valid: the evidence that a certificate chains to a root."""

    leaf_to_root: tuple[bytes, ...] = field(repr=False)
    """The certificates of the path in DER, the leaf first and the root last."""
    valid_policies: frozenset[str] | None
    """The policies under which it is valid, as object identifiers; None: any policy."""

    @property
    def root(self) -> bytes:
        """The root it ends at, in DER."""
        return self.leaf_to_root[-1]

    def details(self) -> tuple[CertificateDetails, ...]:
        """What the certificates of the path say of themselves, in the same order."""
        return tuple(certificate_details(der) for der in self.leaf_to_root)
