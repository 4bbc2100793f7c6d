"""A harness: tests of a gateway that asks the engine about every request, with a clock that they set.

The fixtures `onboarding`, `clock` and `active_partner` come with the package: an engine in memory, the clock that it
asks, and a partner whose certificate it has accepted.

`pip install pytest misp-onboarding`, then `pytest test_harness.py`.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from misp_onboarding import Actor, Onboarding, Role
from misp_onboarding.license_keys import GeneratedLicenseKey
from misp_onboarding.partners import Partner
from misp_onboarding.testing import ManualClock

ADMIN = Actor("harness", [Role.PARTNER_ADMIN])


def gateway(onboarding: Onboarding, key: str, request: str) -> tuple[int, str]:
    """What is under test: whom a request is forwarded for, or the status it is refused with."""
    if verdict := onboarding.authenticate(key):
        return 200, f"{verdict.partner} asks {request}"
    return (400 if verdict.code == "authenticate.malformed" else 401), verdict.code


@pytest.fixture
def generated(onboarding: Onboarding, active_partner: Partner) -> GeneratedLicenseKey:
    return onboarding.generate_license_key(ADMIN, partner=active_partner.id, name="production")


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
        (lambda engine, key: engine.deactivate_license_key(ADMIN, key.id), "deactivated"),
        (lambda engine, key: engine.regenerate_license_key(ADMIN, key.id), "replaced"),
        (lambda engine, key: engine.deactivate_partner(ADMIN, key.partner), "partner_deactivated"),
    ],
)
def test_what_ends_a_key_ends_it_with_the_next_request(
    onboarding: Onboarding,
    generated: GeneratedLicenseKey,
    happens: Callable[[Onboarding, object], object],
    code: str,
) -> None:
    happens(onboarding, generated.view.row.key)
    assert gateway(onboarding, generated.key.reveal(), "kyc") == (401, f"authenticate.{code}")


def test_a_key_is_good_until_its_last_microsecond(
    onboarding: Onboarding, generated: GeneratedLicenseKey, clock: ManualClock
) -> None:
    end = generated.view.row.key.expires_at
    clock.set(end - timedelta(microseconds=1))
    assert gateway(onboarding, generated.key.reveal(), "kyc")[0] == 200
    clock.set(end)
    assert gateway(onboarding, generated.key.reveal(), "kyc") == (401, "authenticate.expired")
