"""Fixtures for pytest, there as soon as the package is installed.

Override one in your `conftest.py` to change it: a fixture `onboarding` of your own, on your own store,
is what `active_partner` then works on.
"""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from . import Actor, Onboarding, Role
from .partners import Partner
from .testing import ManualClock, TestPki

__all__ = ["active_partner", "clock", "onboarding", "test_pki"]


@pytest.fixture
def clock() -> ManualClock:
    """A clock that stands at 2026-01-15T12:00:00Z until a test sets it or moves it on."""
    return ManualClock(datetime(2026, 1, 15, 12, tzinfo=timezone.utc))


@pytest.fixture
def test_pki(clock: ManualClock) -> TestPki:
    """A root, an issuing CA below it and partner certificates on demand, good at the clock's instant."""
    return TestPki(clock.now())


@pytest.fixture
def onboarding(clock: ManualClock) -> Onboarding:
    """An engine on a new store in memory, which asks `clock` for the time."""
    return Onboarding.in_memory(clock=clock)


@pytest.fixture
def active_partner(onboarding: Onboarding, test_pki: TestPki) -> Partner:
    """The partner `example-bank`, whose certificate the engine has accepted over the CAs of `test_pki`."""
    admin = Actor("pytest", [Role.PARTNER_ADMIN])
    onboarding.upload_ca_certificates(admin, test_pki.ca_pem)
    onboarding.create_partner(
        admin,
        id="example-bank",
        organization="Example Bank",
        address="1 Harbor Street",
        contact_number="+1 (555) 0100",
        email="misp@example.org",
    )
    certificate = test_pki.issue("Example Bank").pem
    return onboarding.upload_certificate(admin, "example-bank", certificate).partner
