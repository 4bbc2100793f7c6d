"""Certificates for tests, made on the spot."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Union

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

DAY = timedelta(days=1)
Key = Union[ec.EllipticCurvePrivateKey, rsa.RSAPrivateKey]


def p256() -> Key:
    return ec.generate_private_key(ec.SECP256R1())


def rsa2048() -> Key:
    return rsa.generate_private_key(65_537, 2_048)


@dataclass(frozen=True)
class Issued:
    """A certificate with its key."""

    certificate: x509.Certificate
    key: Key

    @property
    def pem(self) -> str:
        return self.certificate.public_bytes(Encoding.PEM).decode()

    @property
    def der(self) -> bytes:
        return self.certificate.public_bytes(Encoding.DER)


class Pki:
    """A root, an issuing CA below it, and whatever they sign, good around an instant."""

    def __init__(self, now: datetime, new_key: Callable[[], Key] = p256) -> None:
        self.now = now
        self.new_key = new_key
        self.root = self._issue("Test Root", None, ca=True, days=7_300)
        self.issuing = self._issue("Test Issuing CA", self.root, ca=True, days=3_650)

    @property
    def ca_pem(self) -> str:
        return self.root.pem + self.issuing.pem

    def issue(self, organization: str, *, days: int = 730, start: int = -1) -> Issued:
        """A partner certificate that begins and ends so many days from now."""
        return self._issue(
            "misp.example.org", self.issuing, organization=organization, days=days, start=start
        )

    def _issue(
        self,
        name: str,
        issuer: Issued | None,
        *,
        organization: str = "Test Authority",
        ca: bool = False,
        days: int,
        start: int = -1,
    ) -> Issued:
        key = self.new_key()
        subject = x509.Name(
            [
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization),
                x509.NameAttribute(NameOID.COMMON_NAME, name),
            ]
        )
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer.certificate.subject if issuer else subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(self.now + start * DAY)
            .not_valid_after(self.now + days * DAY)
            .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        )
        signer = issuer.key if issuer else key
        return Issued(builder.sign(signer, SHA256()), key)
