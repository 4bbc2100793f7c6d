"""A harness: tests of a gateway that asks the engine about every request, with a clock that they set.

`pip install pytest cryptography misp-onboarding`, then `pytest test_harness.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from misp_onboarding import Actor, Onboarding, Role
from misp_onboarding.license_keys import GeneratedLicenseKey

ADMIN = Actor("harness", [Role.PARTNER_ADMIN])
BANK = "example-bank"


@dataclass
class Clock:
    """What the engine takes for the present."""

    instant: datetime = datetime(2026, 1, 15, tzinfo=timezone.utc)

    def now(self) -> datetime:
        return self.instant


def gateway(onboarding: Onboarding, key: str, request: str) -> tuple[int, str]:
    """What is under test: whom a request is forwarded for, or the status it is refused with."""
    if verdict := onboarding.authenticate(key):
        return 200, f"{verdict.partner} asks {request}"
    return (400 if verdict.code == "authenticate.malformed" else 401), verdict.code


def certificates(now: datetime) -> tuple[str, str]:
    """A CA's certificate and one that it signed for the bank, in PEM."""

    def sign(organization: str, issuer: x509.Name | None) -> str:
        name = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization)])
        constraints = x509.BasicConstraints(ca=issuer is None, path_length=None)
        key = ca if issuer is None else ec.generate_private_key(ec.SECP256R1())
        builder = x509.CertificateBuilder(issuer or name, name, key.public_key())
        builder = builder.serial_number(x509.random_serial_number())
        builder = builder.not_valid_before(now).not_valid_after(now + timedelta(days=730))
        signed = builder.add_extension(constraints, critical=True).sign(ca, SHA256())
        return signed.public_bytes(Encoding.PEM).decode()

    ca = ec.generate_private_key(ec.SECP256R1())
    issuer = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Harness CA")])
    return sign("Harness CA", None), sign("Example Bank", issuer)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def onboarding(clock: Clock) -> Onboarding:
    """An engine in memory with one active partner."""
    engine = Onboarding.in_memory(clock=clock)
    root, leaf = certificates(clock.now())
    assert engine.upload_ca_certificates(ADMIN, root).all_accepted()
    engine.create_partner(
        ADMIN,
        id=BANK,
        organization="Example Bank",
        address="1 Harbor Street",
        contact_number="+1 (555) 0100",
        email="misp@example.org",
    )
    engine.upload_certificate(ADMIN, BANK, leaf)
    return engine


@pytest.fixture
def generated(onboarding: Onboarding) -> GeneratedLicenseKey:
    return onboarding.generate_license_key(ADMIN, partner=BANK, name="production")


def test_a_good_key_is_forwarded(onboarding: Onboarding, generated: GeneratedLicenseKey) -> None:
    answer = gateway(onboarding, generated.key.reveal(), "kyc")
    assert answer == (200, "example-bank asks kyc")


def test_a_mistyped_key_is_told_apart(
    onboarding: Onboarding, generated: GeneratedLicenseKey
) -> None:
    cut = generated.key.reveal()[:-1]
    assert gateway(onboarding, cut, "kyc") == (400, "authenticate.malformed")


@pytest.mark.parametrize(
    ("happens", "code"),
    [
        (lambda engine, id: engine.deactivate_license_key(ADMIN, id), "deactivated"),
        (lambda engine, id: engine.regenerate_license_key(ADMIN, id), "replaced"),
        (lambda engine, id: engine.deactivate_partner(ADMIN, BANK), "partner_deactivated"),
    ],
)
def test_what_ends_a_key_ends_it_with_the_next_request(
    onboarding: Onboarding,
    generated: GeneratedLicenseKey,
    happens: Callable[[Onboarding, str], object],
    code: str,
) -> None:
    happens(onboarding, generated.view.row.key.id)
    assert gateway(onboarding, generated.key.reveal(), "kyc") == (401, f"authenticate.{code}")


def test_a_key_is_good_until_its_last_microsecond(
    onboarding: Onboarding, generated: GeneratedLicenseKey, clock: Clock
) -> None:
    end = generated.view.row.key.expires_at
    clock.instant = end - timedelta(microseconds=1)
    assert gateway(onboarding, generated.key.reveal(), "kyc")[0] == 200
    clock.instant = end
    assert gateway(onboarding, generated.key.reveal(), "kyc") == (401, "authenticate.expired")
