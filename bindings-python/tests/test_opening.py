"""Ways to make an engine: URLs, rules, clocks."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path

import pytest
from misp_onboarding import Onboarding, Rules
from misp_onboarding.certificates import OrganizationMatch, Profile
from misp_onboarding.errors import Field, InvalidInputError, StoreFailedError
from misp_onboarding.rules import CertificateRules, LicenseKeyRules

from .support import BEGIN, Clock, Scenario

TOML = """
languages = ["fra", "eng"]
approver_must_differ = true

[license_key]
max_validity_days = 365

[certificate]
organization_match = "loose"
profile = "strict"
allowed_curves = ["P-256"]
"""
READ = Rules(
    languages=("fra", "eng"),
    approver_must_differ=True,
    license_key=LicenseKeyRules(max_validity_days=365),
    certificate=CertificateRules(
        organization_match=OrganizationMatch.LOOSE,
        profile=Profile.STRICT,
        allowed_curves=("P-256",),
    ),
)


def test_the_defaults_are_those_of_the_engine() -> None:
    assert Onboarding.in_memory().rules == Rules() == Rules.from_dict({})
    assert CertificateRules() == Rules.from_toml("").certificate


def test_rules_come_from_keywords_a_mapping_or_toml(tmp_path: Path) -> None:
    assert Rules.from_toml(TOML) == READ
    file = tmp_path / "rules.toml"
    file.write_text(TOML)
    assert Rules.load(file) == Rules.load(str(file)) == READ
    settings = {
        "languages": ["fra", "eng"],
        "approver_must_differ": True,
        "license_key": {"max_validity_days": 365},
        "certificate": {
            "organization_match": "loose",
            "profile": "strict",
            "allowed_curves": ["P-256"],
        },
    }
    assert Rules.from_dict(settings) == READ
    for rules in (READ, settings):
        engine = Onboarding.in_memory(rules=rules)
        assert engine.rules == READ


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"langages": ["eng"]}, "^rules: unknown field `langages`"),
        ({"languages": ["english"]}, r"^rules.languages\[0\]: an ISO 639-3 code"),
        ({"license_key": {"days": 1}}, "^rules.license_key: unknown field `days`"),
        ({"certificate": {"min_rsa_bits": -1}}, "^rules.certificate.min_rsa_bits: "),
        ({"certificate": {"allowed_curves": ["P-1"]}}, "^rules.certificate.allowed_curves: P-256"),
    ],
)
def test_unknown_names_and_values_are_refused(settings: dict[str, object], message: str) -> None:
    with pytest.raises(InvalidInputError, match=message):
        Onboarding.in_memory(rules=settings)
    with pytest.raises(InvalidInputError, match=message):
        Rules.from_dict(settings)


def test_other_kinds_and_other_toml_are_refused() -> None:
    with pytest.raises(
        TypeError, match="^rules.approver_must_differ: a boolean needed, found an int$"
    ):
        Onboarding.in_memory(rules={"approver_must_differ": 1})
    with pytest.raises(TypeError, match="^rules: a Rules needed, found int$"):
        Onboarding.in_memory(rules=7)  # type: ignore[arg-type]
    with pytest.raises(InvalidInputError, match="^rules: TOML parse error at line 1"):
        Rules.from_toml("languages = ")
    with pytest.raises(InvalidInputError, match="unknown field `langages`"):
        Rules.from_toml("langages = []")


def test_rules_that_contradict_each_other_are_all_named() -> None:
    rules = Rules(languages=(), partner_domain="OTHER")
    with pytest.raises(InvalidInputError) as refused:
        Onboarding.in_memory(rules=rules)
    assert [field.field for field in refused.value.fields] == [Field.RULES, Field.RULES]


@pytest.mark.parametrize(
    "url",
    [
        "",
        "data.sqlite",
        "mysql://root:secret@localhost/db",
        "sqlite:/data",
        "sqlite:///",
        "sqlite://x",
    ],
)
def test_another_url_is_refused_without_its_secrets(url: str) -> None:
    with pytest.raises(
        InvalidInputError, match="^url: sqlite:///file, sqlite:// or postgres"
    ) as refused:
        Onboarding.open(url)
    assert "secret" not in f"{refused.value} {refused.value.facts}"


def test_urls_name_files_as_sqlalchemy_does(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Onboarding.open("sqlite:///relative.sqlite")
    Onboarding.open(f"sqlite:///{tmp_path}/absolute.sqlite")
    Onboarding.open(tmp_path / "path.sqlite")
    assert sorted(path.name for path in tmp_path.glob("*.sqlite")) == [
        "absolute.sqlite",
        "path.sqlite",
        "relative.sqlite",
    ]
    assert repr(Onboarding.open("sqlite:///:memory:")) == "<Onboarding on SQLite in memory>"


def test_keywords_for_postgresql_are_for_it_alone() -> None:
    with pytest.raises(InvalidInputError, match="^url: a postgresql URL for schema"):
        Onboarding.open("sqlite://", schema="x")
    # Nothing listens on port 1.
    with pytest.raises(StoreFailedError) as failed:
        Onboarding.open("postgresql://nobody@127.0.0.1:1/none", connections=1)
    assert failed.value.code == "store.unavailable" and failed.value.__cause__


def test_a_clock_is_an_object_or_a_callable(s: Scenario) -> None:
    for clock in (Clock(BEGIN), lambda: BEGIN):
        engine = Onboarding.in_memory(clock=clock)
        assert Scenario(engine, s.clock, s.pki).partner("bank").created_at == BEGIN
    before = Onboarding.in_memory()
    created = Scenario(before, s.clock, s.pki).partner("bank").created_at
    assert abs(created - datetime.now(created.tzinfo)) < timedelta(hours=1)


def test_what_a_clock_raises_comes_out_and_nothing_was_changed(s: Scenario) -> None:
    class Broken(Exception):
        pass

    def broken() -> datetime:
        raise Broken("no time")

    clock = Clock()
    engine = Onboarding.in_memory(clock=lambda: clock.now())
    scenario = Scenario(engine, clock, s.pki)
    scenario.partner("bank")
    clock.now = broken  # type: ignore[method-assign]
    with pytest.raises(Broken, match="no time"):
        scenario.partner("other")
    del clock.now
    assert [row.partner.id for row in engine.list_partners(s.admin).items] == ["bank"]
