"""What the package offers to tests: certificates, the clock, the suite, the fixtures."""

from __future__ import annotations

import ssl
from datetime import datetime, timedelta, timezone
from typing import Any, cast

import pytest
from misp_onboarding import Onboarding
from misp_onboarding.certificates import validate, verify_path
from misp_onboarding.errors import PathError
from misp_onboarding.stores import ChangeSet, Store
from misp_onboarding.testing import (
    ManualClock,
    TestPki,
    check_store,
    conformance_cases,
    make_certificate,
)

from .support import BEGIN

pytest_plugins = ["pytester"]


@pytest.fixture(scope="module")
def kit() -> TestPki:
    return TestPki(BEGIN)


def test_the_pki_is_good_around_its_instant(kit: TestPki) -> None:
    bank = kit.issue("Example Bank")
    path = verify_path(bank.der, roots=[kit.root.pem], intermediates=[kit.issuing.der], at=BEGIN)
    assert len(path.leaf_to_root) == 3
    assert kit.at == BEGIN
    assert kit.ca_pem.count("BEGIN CERTIFICATE") == 2
    assert ssl.PEM_cert_to_DER_cert(bank.pem) == bank.der
    assert "PRIVATE KEY" in bank.private_key_pem and "PRIVATE" not in repr(bank)
    assert bank == bank and bank != kit.root
    for instant in (BEGIN - timedelta(days=2), BEGIN + timedelta(days=731)):
        with pytest.raises(PathError):
            verify_path(bank.der, roots=[kit.root.der], intermediates=[kit.issuing.der], at=instant)


@pytest.mark.parametrize(
    ("defect", "code"),
    [
        ({"not_after": BEGIN + timedelta(days=100)}, "certificate.validity_too_short"),
        ({"not_before": BEGIN + timedelta(days=1)}, "certificate.not_yet_valid"),
        ({"not_after": BEGIN - timedelta(days=1)}, "certificate.expired"),
        ({"organization": "Example Bakery"}, "certificate.organization_differs"),
        ({"organization": ""}, "certificate.organization_missing"),
        ({"ca": True}, "certificate.is_ca"),
        ({"key": "RSA 1024"}, "certificate.key"),
        ({"key": "secp256k1"}, "certificate.key"),
        ({"corrupted": True}, "certificate.path.signature"),
        (
            {"extensions": [("1.3.6.1.4.1.55555.1", True, b"\x05\x00")]},
            "certificate.path.unknown_critical_extension",
        ),
    ],
)
def test_every_defect_is_found(kit: TestPki, defect: dict[str, Any], code: str) -> None:
    fields: dict[str, Any] = {
        "not_before": BEGIN - timedelta(days=1),
        "not_after": BEGIN + timedelta(days=730),
    }
    bad = make_certificate("partner", "Example Bank", issuer=kit.issuing, **{**fields, **defect})
    report = validate(
        bad.der,
        roots=[kit.root.der],
        intermediates=[kit.issuing.der],
        organization="Example Bank",
        at=BEGIN,
    )
    assert code in [finding.code for finding in report.findings], report


def test_a_certificate_of_version_1_is_found(kit: TestPki) -> None:
    old = make_certificate(
        "blank", "Old", issuer=kit.issuing, version=1, organization="Example Bank"
    )
    report = validate(
        old.der,
        roots=[kit.root.der],
        intermediates=[kit.issuing.der],
        organization="Example Bank",
        at=BEGIN,
    )
    assert "certificate.version" in [finding.code for finding in report.findings]


def test_certificates_of_every_kind_can_be_made(kit: TestPki) -> None:
    root = make_certificate("root", "Other Root", key="RSA 2048", signature="SHA384withRSA")
    middle = make_certificate("intermediate", "Other CA", issuer=root, path_length=0, key="P-384")
    leaf = make_certificate(
        "partner",
        "Example Bank",
        issuer=middle,
        signature="SHA384withECDSA",
        key_usage=["digitalSignature"],
        extended_key_usage=["1.3.6.1.5.5.7.3.2"],
        policies=["2.16.840.1.101.3.2.1.48.1"],
        serial=7,
        without=["2.5.29.35"],
    )
    assert (
        len(
            verify_path(
                leaf.der, roots=[root.der], intermediates=[middle.der], at=BEGIN
            ).leaf_to_root
        )
        == 3
    )
    forged = make_certificate("partner", "Example Bank", issuer=middle, signed_by=kit.root)
    with pytest.raises(PathError):
        verify_path(forged.der, roots=[root.der], intermediates=[middle.der], at=BEGIN)
    blank = make_certificate("blank", "Alone", key="Ed25519", signature="Ed25519")
    assert blank.der


def test_what_cannot_be_made_is_refused(kit: TestPki) -> None:
    for wrong in ({"key": "P-192"}, {"signature": "MD5withRSA"}, {"key_usage": ["flying"]}):
        with pytest.raises(ValueError, match="one of"):
            make_certificate("partner", "x", issuer=kit.issuing, **cast(Any, wrong))
    with pytest.raises(ValueError, match="kind: one of root"):
        make_certificate(cast(Any, "leaf"), "x")
    with pytest.raises(ValueError):
        make_certificate("partner", "x", issuer=kit.issuing, signature="SHA256withRSA")
    with pytest.raises(ValueError, match="not_after"):
        kit.issue("x", not_after=datetime(2027, 1, 1))  # noqa: DTZ001


def test_the_clock_stands_until_it_is_moved() -> None:
    clock = ManualClock(BEGIN)
    onboarding = Onboarding.in_memory(clock=clock)
    assert onboarding.rules and clock.now() == BEGIN
    assert clock.advance(timedelta(days=1)) == BEGIN + timedelta(days=1)
    clock.set(BEGIN.astimezone(timezone(timedelta(hours=5))))
    assert clock.now() == BEGIN and repr(clock) == "ManualClock(2026-01-15T12:00:00+00:00)"
    naive = BEGIN.replace(tzinfo=None)
    for use in (lambda: clock.set(naive), lambda: ManualClock(naive)):
        with pytest.raises(ValueError, match="time zone"):
            use()


class Nothing:
    """A store that finds nothing and keeps nothing."""

    def __getattr__(self, name: str) -> Any:
        if name.startswith(
            ("list_", "ca_certificates", "partner_certificates", "pending_", "partners_", "events_")
        ):
            return lambda *_: []
        if name.startswith(("count_",)):
            return lambda *_: 0
        return lambda *_: None

    def commit(self, changes: ChangeSet) -> None:
        pass


def test_the_suite_names_every_case_that_a_store_fails() -> None:
    cases = conformance_cases()
    assert len(cases) > 80 and len({case.name for case in cases}) == len(cases)
    with pytest.raises(AssertionError) as failed:
        check_store(lambda: cast(Store, Nothing()), cases[:12])
    text = str(failed.value)
    assert "partners_come_back_as_written" in text and "cases failed" in text
    with pytest.raises(LookupError):
        type(cases[0])("no_such_case").check(cast(Store, Nothing()))


def test_the_fixtures_are_there_and_can_be_overridden(
    pytester: pytest.Pytester,
) -> None:
    pytester.makepyfile(
        test_harness="""
        from datetime import timedelta

        from misp_onboarding import Actor, Role

        def test_a_partner(onboarding, active_partner, clock, test_pki):
            admin = Actor("ana", [Role.PARTNER_ADMIN])
            assert active_partner.state == "active"
            key = onboarding.generate_license_key(admin, partner=active_partner.id, name="x")
            assert onboarding.authenticate(key.key.reveal())
            clock.advance(timedelta(days=90))
            assert onboarding.authenticate(key.key.reveal()).code == "authenticate.expired"
            assert test_pki.issue("Example Bank").pem

        class TestOwn:
            import pytest

            @pytest.fixture
            def onboarding(self):
                from misp_onboarding import Onboarding
                return Onboarding.open("sqlite://")

            def test_an_engine_of_its_own(self, onboarding):
                assert "SQLite" in repr(onboarding)
        """
    )
    pytester.runpytest_subprocess("-q").assert_outcomes(passed=2)
