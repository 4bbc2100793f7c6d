"""Fixtures of the package's own tests."""

from __future__ import annotations

import os
from pathlib import Path
from uuid import uuid4

import pytest
from misp_onboarding import Onboarding

from .pki import Pki
from .support import BEGIN, Clock, Scenario


@pytest.fixture(scope="session")
def pki() -> Pki:
    return Pki(BEGIN)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def s(clock: Clock, pki: Pki) -> Scenario:
    return Scenario(Onboarding.in_memory(clock=clock), clock, pki)


@pytest.fixture(params=["memory", "sqlite in memory", "sqlite", "postgresql"])
def on_any_store(
    request: pytest.FixtureRequest, clock: Clock, pki: Pki, tmp_path: Path
) -> Scenario:
    """A scenario on each of the stores that the package brings along."""
    store: str = request.param
    if store == "memory":
        return Scenario(Onboarding.in_memory(clock=clock), clock, pki)
    if store == "sqlite in memory":
        return Scenario(Onboarding.open("sqlite://", clock=clock), clock, pki)
    if store == "sqlite":
        return Scenario(
            Onboarding.open(f"sqlite:///{tmp_path}/data.sqlite", clock=clock), clock, pki
        )
    # `cargo xtask test --only python` starts a server and says where.
    url = os.environ["DATABASE_URL"]
    schema = f"python_{uuid4().hex}"
    return Scenario(Onboarding.open(url, clock=clock, schema=schema, connections=2), clock, pki)
