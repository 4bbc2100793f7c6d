"""Records, instants and secrets as Python values."""

from __future__ import annotations

import copy
import dataclasses
import json
import pickle
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from misp_onboarding import Actor, LicenseKey, Onboarding, Role
from misp_onboarding.certificates import verify_path
from misp_onboarding.errors import FieldRule, InvalidInputError
from misp_onboarding.license_keys import Authorization, ImportLicenseKey, Refusal
from misp_onboarding.lists import TimeRange
from misp_onboarding.partners import PartnerFilter, PartnerRow, PartnerState
from misp_onboarding.policies import UNCHANGED, PolicyPermissions

from .support import BEGIN, Scenario

NAIVE = datetime(2026, 1, 15, 12)  # noqa: DTZ001


def everything(s: Scenario) -> list[Any]:
    """A value of each class that the engine answers with and that can be pickled."""
    engine, admin = s.onboarding, s.admin
    report = engine.upload_ca_certificates(admin, s.pki.ca_pem + "-----BEGIN CERTIFICATE-----\n")
    _, policy = s.ready_partner("bank")
    made = s.key("bank", "production", policy=policy.id)
    ca = engine.list_ca_certificates(admin).items[0]
    return [
        report,
        engine.ca_chain(admin, ca.id),
        engine.list_partners(admin),
        engine.list_policies(admin),
        engine.list_policy_groups(admin),
        engine.list_policy_links(admin),
        engine.certificate_history(admin, "bank"),
        engine.upload_certificate(admin, "bank", s.pki.issue("Example Bank").pem),
        engine.inspect_certificate(admin, "bank", s.pki.issue("Other", days=1).pem),
        engine.inspect_certificate(admin, "bank", b"nothing"),
        made.view,
        engine.events(admin),
        engine.authenticate(made.key.reveal()),
        engine.authenticate("x"),
        engine.authenticate_at(made.key.reveal(), BEGIN + timedelta(days=99)),
        engine.distrust_ca_certificate(admin, ca.id, "leaked"),
        engine.rules,
        admin,
    ]


def test_what_the_engine_answers_is_pickled_compared_and_shown(s: Scenario) -> None:
    for value in everything(s):
        again = pickle.loads(pickle.dumps(value))
        assert again == value and type(again) is type(value)
        assert repr(again) == repr(value) and str(again) == str(value)
        assert copy.deepcopy(value) == value
        assert value != "something else"
        if not isinstance(value, list):
            hash(value)
            assert hash(again) == hash(value)


def test_two_that_differ_are_not_equal(s: Scenario) -> None:
    first, second = everything(s)[8:10]
    assert first != second and first.details is not None and second.details is None
    assert s.onboarding.authenticate("x") != s.onboarding.authenticate("0" * 50)
    assert Actor("a", [Role.PARTNER_ADMIN]) != Actor("a", [])


def test_records_are_frozen_and_can_be_replaced(s: Scenario) -> None:
    partner = s.partner("bank")
    with pytest.raises(dataclasses.FrozenInstanceError):
        partner.id = "other"  # type: ignore[misc]
    other = dataclasses.replace(partner, version=2)
    assert (other.version, other.id) == (2, "bank") and other != partner


def test_contact_data_is_in_no_repr(s: Scenario) -> None:
    s.partner("bank", address="7 Elm Road", contact_number="555-7777", email="me@example.org")
    page = s.onboarding.list_partners(s.admin, filter=PartnerFilter(email="ME@example.org"))
    assert page.items[0].partner.email == "me@example.org"
    shown = f"{page!r} {PartnerFilter(email='ME@example.org')!r} {s.onboarding.events(s.admin)!r}"
    for secret in ("Elm", "7777", "me@example.org", "ME@example.org"):
        assert secret not in shown


def test_a_license_key_shows_itself_only_when_asked(s: Scenario) -> None:
    s.active_partner("bank")
    made = s.key("bank", "production")
    text = made.key.reveal()
    assert LicenseKey.parse(text).reveal() == text and text.endswith(made.key.last4)
    imported = ImportLicenseKey(made.key, partner="bank", policy=None, name="x", expires_at=BEGIN)
    for shown in (f"{made!r} {made}", f"{imported!r}", f"{made.key!r} {made.key}"):
        assert text not in shown and "LicenseKey(elided)" in shown
    forbidden: list[Callable[[LicenseKey], object]] = [pickle.dumps, copy.copy, copy.deepcopy]
    for take in forbidden:
        with pytest.raises(TypeError, match="neither copied nor pickled"):
            take(made.key)
    assert not hasattr(made.key, "__dict__")
    with pytest.raises(InvalidInputError, match="mistyped") as malformed:
        LicenseKey.parse(text[:-1] + ("0" if text[-1] != "0" else "1"))
    assert text not in str(malformed.value)
    assert LicenseKey.generate().reveal() != LicenseKey.generate().reveal()


def test_enumerations_are_their_text(s: Scenario) -> None:
    partner = s.partner("bank")
    assert partner.state is PartnerState.INACTIVE and str(partner.state) == "inactive"
    texts: set[str] = {"inactive"}
    assert partner.state in texts
    assert f"{partner.state} {partner.state!s} {partner.state:>9}" == "inactive inactive  inactive"
    assert json.dumps([partner.state]) == '["inactive"]' and PartnerState("active").name == "ACTIVE"
    assert repr(partner.state) == "PartnerState.INACTIVE"


def test_an_actor_is_checked_when_it_is_made() -> None:
    actor = Actor("ana", ["PartnerAdmin", Role.PARTNER_ADMIN])
    assert (actor.id, actor.roles) == ("ana", frozenset({Role.PARTNER_ADMIN}))
    assert (
        actor == Actor("ana", {Role.PARTNER_ADMIN}) and len({actor, Actor("ana", actor.roles)}) == 1
    )
    with pytest.raises(InvalidInputError, match="^id: 1 to 128 characters needed, found 0$"):
        Actor("", [])
    with pytest.raises(
        InvalidInputError, match="^roles: one of PartnerAdmin, PolicyManager needed"
    ):
        Actor("ana", ["Admin"])
    with pytest.raises(TypeError, match="a sequence of Role needed"):
        Actor("ana", "PartnerAdmin")


def test_an_authorization_can_be_made_by_hand(s: Scenario) -> None:
    _, policy = s.ready_partner("bank")
    good = s.onboarding.authenticate(s.key("bank", "x", policy=policy.id).key.reveal())
    assert isinstance(good, Authorization)
    fields = {
        name: getattr(good, name)
        for name in ("key_id", "name", "partner", "organization", "policy", "permissions")
    }
    assert Authorization(**fields, valid_until=good.valid_until) == good
    assert Authorization(**fields, valid_until=BEGIN) != good
    bare = Authorization(
        key_id=good.key_id, name="x", partner="bank", organization="Bank", valid_until=BEGIN
    )
    assert bare.policy is None and bare.permissions is None and bare
    assert 'partner="bank"' in repr(bare)
    with pytest.raises(TypeError):
        Refusal()


def test_instants_are_exact_to_the_microsecond_in_any_zone(s: Scenario) -> None:
    group = s.group()
    for instant in (
        datetime(2026, 3, 1, 0, 0, 0, 1, timezone.utc),
        datetime(2027, 12, 31, 23, 59, 59, 999_999, timezone(timedelta(hours=-11, minutes=-30))),
        datetime(2028, 2, 29, 12, 30, 15, 123_456, timezone(timedelta(hours=5, minutes=45))),
        datetime(9_999, 12, 30, 21, 59, 59, 999_999, timezone.utc),
    ):
        policy = s.draft(group, str(instant), valid_until=instant)
        assert policy.valid_until == instant
        assert policy.valid_until is not None and policy.valid_until.tzinfo is timezone.utc
        assert not policy.has_ended(instant - timedelta(microseconds=1))
        assert policy.has_ended(instant)
    for year in range(1, 9_999, 7):
        day = datetime(year, 1 + year % 12, 1 + year % 28, 1, 2, 3, year, timezone.utc)
        s.clock.instant = day
        assert (
            s.onboarding.create_policy_group(s.manager, name=f"{year}", description="x").created_at
            == day
        )


def test_instants_beyond_the_engine_stop_at_its_ends(s: Scenario) -> None:
    last = datetime.max.replace(tzinfo=timezone.utc)
    policy = s.draft(s.group(), valid_until=last)
    assert policy.valid_until == datetime(9_999, 12, 30, 21, 59, 59, 999_999, timezone.utc)
    open_range = TimeRange()
    s.active_partner("bank")
    page = s.onboarding.list_partners(s.admin, filter=PartnerFilter(certificate_ends=open_range))
    assert len(page.items) == 1


def first_row(s: Scenario) -> PartnerRow:
    return s.onboarding.list_partners(s.admin).items[0]


@pytest.mark.parametrize(
    ("name", "call"),
    [
        ("valid_until", lambda s: s.draft(s.group(), valid_until=NAIVE)),
        (
            "valid_until",
            lambda s: s.onboarding.edit_policy(s.manager, s.draft(s.group()).id, valid_until=NAIVE),
        ),
        ("validity", lambda s: s.key("bank", "x", validity=NAIVE)),
        ("at", lambda s: s.onboarding.authenticate_at("x", NAIVE)),
        ("at", lambda s: s.partner("bank") and first_row(s).certificate_status(NAIVE)),
        (
            "filter.certificate_ends.to",
            lambda s: s.onboarding.list_partners(
                s.admin, filter=PartnerFilter(certificate_ends=TimeRange(BEGIN, NAIVE))
            ),
        ),
        (
            "keys[0].expires_at",
            lambda s: s.onboarding.import_license_keys(
                s.admin,
                [ImportLicenseKey(LicenseKey.generate(), "bank", None, "x", expires_at=NAIVE)],
            ),
        ),
        ("clock.now()", lambda s: Onboarding.in_memory(clock=lambda: NAIVE).authenticate("x" * 50)),
    ],
)
def test_a_datetime_without_a_zone_is_refused_by_name(
    s: Scenario, name: str, call: Callable[[Scenario], object]
) -> None:
    with pytest.raises(InvalidInputError) as refused:
        call(s)
    assert str(refused.value) == f"{name}: a datetime with a time zone needed, found one without"
    [field] = refused.value.fields
    assert (field.field, field.rule) == (name, FieldRule.FORMAT)
    assert (field.required, field.found) == ("a datetime with a time zone", "one without")


def test_other_kinds_of_argument_are_refused_by_name(s: Scenario) -> None:
    engine: Any = s.onboarding
    cls: Any = Onboarding
    calls: list[tuple[Callable[[], object], str]] = [
        (lambda: engine.partner(s.admin, 7), "processing 'partner'$"),
        (lambda: engine.partner("ana", "bank"), "processing 'actor'$"),
        (
            lambda: engine.inspect_certificate(s.admin, "bank", 7),
            "bytes, or PEM as str, needed, found int\\nwhile processing 'file'$",
        ),
        (
            lambda: engine.generate_license_key(s.admin, partner="b", name="x", validity=7),
            "^validity: a timedelta",
        ),
        (
            lambda: engine.import_license_keys(s.admin, ["x"]),
            r"^keys\[0\]: an ImportLicenseKey needed",
        ),
        (
            lambda: engine.authenticate_at("x", "noon"),
            "^at: a datetime with a time zone needed, found str",
        ),
        (lambda: cls.in_memory(clock=7), "^clock: an object with a method now"),
        (lambda: cls.open(7), "str, bytes or os.PathLike"),
    ]
    for call, message in calls:
        with pytest.raises(TypeError, match=message):
            call()
    with pytest.raises(InvalidInputError, match="^overlap: a timedelta of zero or more needed"):
        engine.regenerate_license_key(
            s.admin, "019bc186-de00-7101-8101-010101010101", overlap=timedelta(microseconds=-1)
        )
    with pytest.raises(InvalidInputError, match="^after: .*-1"):
        engine.events(s.admin, after=-1)
    with pytest.raises(InvalidInputError, match="^max_depth: .*-1"):
        verify_path(s.pki.root.pem, [], at=BEGIN, max_depth=-1)
    with pytest.raises(InvalidInputError, match="^pepper: at least 32 bytes needed, found 4$"):
        Onboarding.in_memory(pepper=b"salt")


def test_an_edit_leaves_the_end_or_takes_it_away(s: Scenario) -> None:
    end = BEGIN + timedelta(days=9)
    draft = s.draft(s.group(), valid_until=end)
    edit = s.onboarding.edit_policy
    assert edit(s.manager, draft.id, name="Other").valid_until == end
    assert edit(s.manager, draft.id, valid_until=UNCHANGED).valid_until == end
    assert edit(s.manager, draft.id, valid_until=None).valid_until is None
    assert repr(UNCHANGED) == "UNCHANGED" and pickle.loads(pickle.dumps(UNCHANGED)) is UNCHANGED
    assert draft.permissions() == PolicyPermissions(
        allow_auth_request_delegation=True,
        allow_kyc_request_delegation=False,
        trust_binded_auth_verification_token=False,
        allow_key_binding_delegation=False,
    )
