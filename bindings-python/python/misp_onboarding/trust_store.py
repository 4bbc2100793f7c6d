"""The trust store: uploaded CA certificates, by domain."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Union

from ._native import certificate_details, certificate_status, certs_only
from ._text import StableText
from .certificates import CertificateDetails, CertificateStatus, Finding
from .lists import TimeRange

__all__ = [
    "AddedAsIntermediate",
    "AddedAsRoot",
    "AlreadyPresent",
    "CaCertificate",
    "CaCertificateFilter",
    "CaCertificateSort",
    "CaChain",
    "CaKind",
    "CaOutcome",
    "CaState",
    "CaUploadEntry",
    "CaUploadReport",
    "Distrusted",
    "Rejected",
    "TrustDomainRecord",
]


@dataclass(frozen=True)
class TrustDomainRecord:
    """A domain of the trust store, as stores keep it: made with its first CA certificate.  Its
    version moves with every change of a CA certificate in it, so whatever was decided on the
    domain's CA certificates can be committed on the condition that none has changed since.
    """

    domain: str
    """The domain."""
    version: int
    """Moves with every change of a CA certificate in the domain."""


class CaKind(StableText):
    """What a CA certificate is in the trust store."""

    ROOT = "root"
    """Self-signed; anchors paths."""
    INTERMEDIATE = "intermediate"
    """Links paths to a root."""


class CaState(StableText):
    """Whether a CA certificate may be used."""

    TRUSTED = "trusted"
    """Anchors or links paths."""
    DISTRUSTED = "distrusted"
    """Neither anchors nor links anything any more; final."""


@dataclass(frozen=True)
class CaCertificate:
    """A CA certificate, as stores keep it."""

    id: str
    """The id."""
    domain: str
    """The domain it is trusted in."""
    kind: CaKind
    """Root or intermediate."""
    state: CaState
    """Trusted or not."""
    der: bytes = field(repr=False)
    """The certificate as uploaded."""
    fingerprint: str
    """SHA-256 of the certificate; unique in the domain."""
    subject: str
    """The subject as RFC 4514 text."""
    issuer: str
    """The issuer as RFC 4514 text."""
    not_before: datetime
    """The first instant at which it is valid."""
    not_after: datetime
    """The last instant at which it is valid."""
    uploaded_at: datetime
    """When it was uploaded."""
    uploaded_by: str
    """Who uploaded it."""
    distrusted_at: datetime | None
    """Since when it is distrusted."""
    distrust_reason: str | None
    """Why it is distrusted."""
    version: int
    """Moves with every change."""

    def details(self) -> CertificateDetails:
        """What the certificate says of itself."""
        return certificate_details(self.der)

    def status(self, at: datetime) -> CertificateStatus:
        """How the certificate stands at an instant, by its dates."""
        return certificate_status(self.not_after, at)


class CaCertificateSort(StableText):
    """What the list of CA certificates can be sorted by."""

    SUBJECT = "ca_certificate.subject"
    """The subject."""
    ISSUER = "ca_certificate.issuer"
    """The issuer."""
    UPLOADED_AT = "ca_certificate.uploaded_at"
    """When it was uploaded."""
    NOT_AFTER = "ca_certificate.not_after"
    """When it ends."""


@dataclass(frozen=True)
class CaCertificateFilter:
    """Which CA certificates a list shows; what is not set lets every one through."""

    id: str | None = None
    """The id, exactly."""
    domain: str | None = None
    """The domain."""
    kind: CaKind | None = None
    """Root or intermediate."""
    state: CaState | None = None
    """Trusted or not."""
    status: CertificateStatus | None = None
    """Valid, expiring or expired at the instant of asking."""
    fingerprint: str | None = None
    """The fingerprint, exactly."""
    subject: str | None = None
    """Part of the subject."""
    issuer: str | None = None
    """Part of the issuer."""
    ends: TimeRange | None = None
    """When it ends."""


@dataclass(frozen=True)
class AddedAsRoot:
    """Self-signed: it anchors paths now."""

    id: str
    """The CA certificate's id in the trust store."""

    def __str__(self) -> str:
        return "added as root"


@dataclass(frozen=True)
class AddedAsIntermediate:
    """It chains to a root: it links paths now."""

    id: str
    """The CA certificate's id in the trust store."""

    def __str__(self) -> str:
        return "added as intermediate"


@dataclass(frozen=True)
class AlreadyPresent:
    """It is in the domain already, or earlier in the file; nothing changed."""

    id: str
    """The CA certificate's id in the trust store."""

    def __str__(self) -> str:
        return "already present"


@dataclass(frozen=True)
class Rejected:
    """It was not added."""

    findings: tuple[Finding, ...]
    """Why."""

    def __str__(self) -> str:
        return "rejected"


CaOutcome = Union[AddedAsRoot, AddedAsIntermediate, AlreadyPresent, Rejected]
"""What became of an uploaded CA certificate."""


@dataclass(frozen=True)
class CaUploadEntry:
    """What became of one entry of a file of CA certificates."""

    line: int | None
    """The line its PEM block begins in, counted from 1; none in a file without PEM."""
    details: CertificateDetails | None
    """What the certificate says of itself; none where it could not be read."""
    outcome: CaOutcome
    """What became of it."""


@dataclass(frozen=True)
class CaUploadReport:
    """What became of a file of CA certificates, entry by entry in its order.  Its `Display` is a
    text for people.
    """

    domain: str
    """The domain."""
    entries: tuple[CaUploadEntry, ...]
    """What became of each entry of the file, none left out."""

    def all_accepted(self) -> bool:
        """Whether no entry was rejected."""
        return not any(isinstance(entry.outcome, Rejected) for entry in self.entries)

    def __str__(self) -> str:
        lines: list[str] = []
        for number, entry in enumerate(self.entries, 1):
            subject = "(unreadable)" if entry.details is None else entry.details.subject
            lines.append(f"{number}. {subject}: {entry.outcome}")
            if isinstance(entry.outcome, Rejected):
                lines.extend(f"   {finding}" for finding in entry.outcome.findings)
        return "".join(f"{line}\n" for line in lines)


@dataclass(frozen=True)
class CaChain:
    """The chain of a stored CA certificate."""

    certificates: tuple[CaCertificate, ...]
    """The CA certificate asked for first, its root last."""

    def to_pkcs7(self) -> bytes:
        """The chain as a PKCS#7 file (certs-only, DER; `.p7b`), in the same order."""
        return certs_only([ca.der for ca in self.certificates])


@dataclass(frozen=True)
class Distrusted:
    """A CA certificate that is not trusted any more, and whom that concerns."""

    ca_certificate: CaCertificate
    """The CA certificate."""
    affected_partners: tuple[str, ...]
    """The partners whose current certificate was accepted over a path with it, by id."""
