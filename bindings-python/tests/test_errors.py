"""Every way to fail: the class, the codes, the facts, and what a pickle brings back."""

from __future__ import annotations

import pickle
import sqlite3
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from misp_onboarding import Actor, Onboarding, OnboardingError, Role, Rules
from misp_onboarding.errors import (
    AlreadyExistsError,
    CertificateRejectedError,
    ConflictError,
    ErrorKind,
    Field,
    FieldRule,
    ForbiddenError,
    InvalidInputError,
    NotFoundError,
    PathError,
    StoreFailedError,
    TransferError,
    WrongStateError,
)
from misp_onboarding.license_keys import ImportLicenseKey, LicenseKey, LicenseKeyStatus
from misp_onboarding.partners import PartnerState
from misp_onboarding.policy_links import PolicyLinkState
from misp_onboarding.stores import LinkCounts, PolicyCounts

from .support import BEGIN, Scenario

NO_ID = "019bc186-de00-7101-8101-010101010101"


def fails(call: Callable[[], object]) -> OnboardingError:
    """The failure of a call, after it went through a pickle."""
    with pytest.raises(OnboardingError) as raised:
        call()
    error = raised.value
    copy = pickle.loads(pickle.dumps(error))
    assert type(copy) is type(error) and str(copy) == str(error) != ""
    assert (copy.kind, copy.code, copy.pms_code) == (error.kind, error.code, error.pms_code)
    assert copy.facts == error.facts
    return error


def test_all_field_errors_come_together(s: Scenario) -> None:
    s.partner("bank")
    bad = s.new_partner("1bank", organization="", contact_number="x", email="BANK@example.org")
    error = fails(lambda: s.onboarding.create_partner(s.admin, **bad))
    assert isinstance(error, InvalidInputError) and isinstance(error, ValueError)
    assert (error.kind, error.code, error.pms_code) == (
        ErrorKind.INVALID_INPUT,
        "input.invalid",
        "PMS_COR_001",
    )
    assert [(field.field, field.rule) for field in error.fields] == [
        (Field.PARTNER_ID, FieldRule.FORMAT),
        (Field.PARTNER_ORGANIZATION, FieldRule.LENGTH),
        (Field.PARTNER_CONTACT_NUMBER, FieldRule.CHARACTERS),
        (Field.PARTNER_EMAIL, FieldRule.TAKEN),
    ]
    last = error.fields[-1]
    assert (last.code, last.pms_code) == ("partner.email.taken", "PMS_PRT_011")
    assert error.fields[1].required == "1 to 128 characters" and error.fields[1].found == "0"
    assert "BANK@example.org" not in f"{error} {error!r} {error.facts}"


def test_what_is_taken_already_exists(s: Scenario) -> None:
    s.partner("bank")
    error = fails(lambda: s.partner("BANK", email="other@example.org"))
    assert isinstance(error, AlreadyExistsError)
    assert (error.code, error.pms_code) == ("input.taken", "PMS_PRT_051")
    assert [field.field for field in error.fields] == [Field.PARTNER_ID]


def test_a_missing_role_is_named(s: Scenario) -> None:
    error = fails(lambda: s.onboarding.deactivate_partner(s.manager, "bank"))
    assert isinstance(error, ForbiddenError)
    assert (error.code, error.pms_code) == ("actor.forbidden", "KER-ATH-403")
    assert error.facts == {
        "actor": "max",
        "required": (Role.PARTNER_ADMIN,),
        "found": (Role.POLICY_MANAGER,),
    }
    assert error.actor == "max"
    nobody = Actor("nobody", [])
    assert isinstance(fails(lambda: s.onboarding.events(nobody)), ForbiddenError)


def test_partners_have_their_errors(s: Scenario) -> None:
    engine, admin = s.onboarding, s.admin
    unknown = fails(lambda: engine.partner(admin, "bank"))
    assert isinstance(unknown, NotFoundError)
    assert (unknown.code, unknown.pms_code) == ("partner.not_found", "PMS_PRT_005")
    assert unknown.facts == {"id": "bank"} and unknown.id == "bank"
    with pytest.raises(AttributeError, match="no attribute 'found'"):
        unknown.found  # noqa: B018

    s.partner("bank")
    first, second = s.group("First"), s.group("Second")
    policy = s.policy(first)
    inactive = fails(lambda: engine.request_policy(admin, "bank", policy.id, "why not"))
    assert isinstance(inactive, WrongStateError)
    assert (inactive.code, inactive.found) == ("partner.not_active", PartnerState.INACTIVE)
    engine.select_policy_group(admin, "bank", first.id)
    again = fails(lambda: engine.select_policy_group(admin, "bank", second.id))
    assert (again.code, again.pms_code, again.found) == (
        "partner.policy_group_already_selected",
        "PMS_PRT_049",
        first.id,
    )
    s.active_partner("other")
    groupless = fails(lambda: engine.request_policy(admin, "other", policy.id, "why not"))
    assert groupless.code == "partner.no_policy_group"
    engine.deactivate_partner(admin, "bank")
    assert fails(lambda: engine.update_partner(admin, "bank")).code == "partner.deactivated"
    twice = fails(lambda: engine.deactivate_partner(admin, "bank"))
    assert (twice.code, twice.pms_code) == ("partner.already_deactivated", "PMS_PM_063")


def test_the_trust_store_has_its_errors(s: Scenario) -> None:
    engine, admin = s.onboarding, s.admin
    assert fails(lambda: engine.ca_certificate(admin, NO_ID)).code == "ca_certificate.not_found"
    domain = fails(lambda: engine.upload_ca_certificates(admin, s.pki.ca_pem, domain="OTHER"))
    assert isinstance(domain, InvalidInputError) and domain.fields == ()
    assert (domain.code, domain.found) == ("trust_store.unknown_domain", "OTHER")
    assert domain.allowed == ("AUTH", "DEVICE", "FTM")
    unreadable = fails(lambda: engine.upload_ca_certificates(admin, b"<html>"))
    assert isinstance(unreadable, CertificateRejectedError) and unreadable.report is None
    assert (unreadable.code, unreadable.pms_code) == ("certificate.unreadable_file", "KER-KMS-013")
    assert "a web page" in unreadable.reason
    engine.upload_ca_certificates(admin, s.pki.root.pem)
    [root] = engine.list_ca_certificates(admin).items
    reason = fails(lambda: engine.distrust_ca_certificate(admin, root.id, ""))
    assert isinstance(reason, InvalidInputError)
    assert reason.fields[0].field is Field.DISTRUST_REASON
    engine.distrust_ca_certificate(admin, root.id, "leaked")
    twice = fails(lambda: engine.distrust_ca_certificate(admin, root.id, "leaked"))
    assert twice.code == "ca_certificate.not_trusted"


def test_a_rejected_certificate_carries_its_report(s: Scenario) -> None:
    s.partner("bank")
    pem = s.pki.issue("Other", days=-1, start=-9).pem
    error = fails(lambda: s.onboarding.upload_certificate(s.admin, "bank", pem))
    assert isinstance(error, CertificateRejectedError) and error.report is not None
    assert (error.kind, error.code) == (ErrorKind.CERTIFICATE_REJECTED, "certificate.rejected")
    assert error.pms_code == "KER-PCM-004"
    assert {finding.code for finding in error.report.findings} == {
        "certificate.expired",
        "certificate.organization_differs",
        "certificate.path.missing_issuer",
    }
    [path] = [finding.path for finding in error.report.findings if finding.path]
    assert path.failure.missing_issuer and "Test Issuing CA" in path.failure.missing_issuer.name
    assert str(error.report).startswith("Certificate rejected\n")


def test_policies_have_their_errors(s: Scenario) -> None:
    engine, manager = s.onboarding, s.manager
    no_group = fails(lambda: engine.policy_group(manager, NO_ID))
    assert (no_group.code, no_group.pms_code) == ("policy_group.not_found", "PMS_PRT_002")
    assert fails(lambda: engine.policy(manager, NO_ID)).code == "policy.not_found"
    group = s.group()
    assert isinstance(fails(lambda: s.group("BANKS")), AlreadyExistsError)
    draft = s.draft(group, "Draft")
    active = s.policy(group, "Active")
    in_use = fails(lambda: engine.deactivate_policy_group(manager, group.id))
    assert (in_use.code, in_use.found) == ("policy_group.in_use", PolicyCounts(draft=1, active=1))
    not_draft = fails(lambda: engine.edit_policy(manager, active.id, name="Other"))
    assert (not_draft.code, not_draft.pms_code) == ("policy.not_draft", "PMS_POL_020")
    assert fails(lambda: engine.deactivate_policy(manager, draft.id)).code == "policy.not_active"
    soon = s.draft(group, "Soon", valid_until=BEGIN + timedelta(hours=1))
    s.clock.advance(hours=2)
    ended = fails(lambda: engine.publish_policy(manager, soon.id))
    assert (ended.code, ended.ended_at) == ("policy.ended", BEGIN + timedelta(hours=1))
    _, linked = s.ready_partner("bank")
    used = fails(lambda: engine.deactivate_policy(manager, linked.id))
    assert (used.code, used.found) == ("policy.in_use", LinkCounts(pending=0, approved=1))
    engine.deactivate_policy(manager, active.id)
    twice = fails(lambda: engine.deactivate_policy(manager, active.id))
    assert twice.code == "policy.already_deactivated"
    empty = s.group("Empty")
    engine.deactivate_policy_group(manager, empty.id)
    closed = fails(lambda: s.draft(empty))
    assert closed.code == "policy_group.not_active"
    twice = fails(lambda: engine.deactivate_policy_group(manager, empty.id))
    assert twice.code == "policy_group.already_deactivated"
    bad = fails(lambda: s.draft(group, "Bad", document="[]"))
    assert isinstance(bad, InvalidInputError) and bad.pms_code == "PMS_PV_001"


def test_policy_links_have_their_errors(s: Scenario) -> None:
    engine, admin = s.onboarding, s.admin
    assert fails(lambda: engine.policy_link(admin, NO_ID)).code == "policy_link.not_found"
    _, policy = s.ready_partner("bank")
    open_link = fails(lambda: engine.request_policy(admin, "bank", policy.id, "again"))
    assert isinstance(open_link, AlreadyExistsError) and open_link.fields == ()
    assert (open_link.code, open_link.found) == (
        "policy_link.already_approved",
        PolicyLinkState.APPROVED,
    )
    decided = fails(lambda: engine.reject_policy_link(admin, open_link.link))
    assert (decided.code, decided.pms_code) == ("policy_link.already_decided", "PMS_PM_034")
    foreign = s.policy(s.group("Other"))
    wrong = fails(lambda: engine.request_policy(admin, "bank", foreign.id, "why not"))
    assert wrong.code == "policy_link.foreign_policy_group"


def test_whoever_requested_may_be_kept_from_approving(s: Scenario) -> None:
    strict = Onboarding.in_memory(clock=s.clock, rules=Rules(approver_must_differ=True))
    error = fails(lambda: Scenario(strict, s.clock, s.pki).ready_partner("bank"))
    assert isinstance(error, ForbiddenError) and error.code == "policy_link.approver_is_requester"


def test_license_keys_have_their_errors(s: Scenario) -> None:
    engine, admin = s.onboarding, s.admin
    assert fails(lambda: engine.license_key(admin, NO_ID)).pms_code == "PMS_MSP_441"
    _, policy = s.ready_partner("bank")
    made = s.key("bank", "production")
    taken = fails(lambda: s.key("bank", "PRODUCTION"))
    assert isinstance(taken, AlreadyExistsError) and taken.pms_code == "PMS_MSP_424"
    unlinked = s.policy(s.group("Other"))
    assert (
        fails(lambda: s.key("bank", "x", policy=unlinked.id)).code
        == "license_key.policy_not_approved"
    )
    too_long = fails(lambda: s.key("bank", "x", validity=timedelta(days=9_999)))
    assert isinstance(too_long, InvalidInputError)
    assert too_long.fields[0].field is Field.LICENSE_KEY_VALIDITY
    id = made.view.row.key.id
    engine.deactivate_license_key(admin, id)
    twice = fails(lambda: engine.deactivate_license_key(admin, id))
    assert twice.code == "license_key.already_deactivated"
    other = s.key("bank", "production").view.row.key.id
    engine.regenerate_license_key(admin, other)
    replaced = fails(lambda: engine.regenerate_license_key(admin, other))
    assert (replaced.code, replaced.found) == (
        "license_key.wrong_status",
        LicenseKeyStatus.REPLACED,
    )
    engine.distrust_ca_certificate(admin, engine.list_ca_certificates(admin).items[0].id, "leaked")
    assert fails(lambda: s.key("bank", "y")).code == "license_key.certificate_not_trusted"
    s.clock.advance(days=1_000)
    late = fails(lambda: s.key("bank", "z"))
    assert (late.code, late.now) == ("license_key.certificate_not_valid", s.clock.now())
    assert policy.id


def test_an_import_names_the_key_that_breaks_a_rule(s: Scenario) -> None:
    s.partner("bank")

    def key(letter: str, **changes: str) -> ImportLicenseKey:
        fields = {"partner": "bank", "name": letter, **changes}
        return ImportLicenseKey(
            LicenseKey.parse(letter * 50), policy=None, expires_at=BEGIN, **fields
        )

    def load(*keys: ImportLicenseKey) -> Callable[[], object]:
        return lambda: s.onboarding.import_license_keys(s.admin, keys)

    stranger = fails(load(key("a"), key("b", partner="nobody")))
    assert isinstance(stranger, NotFoundError) and stranger.code == "partner.not_found"
    assert (stranger.index, stranger.id) == (1, "nobody")
    nameless = fails(load(key("a", name="")))
    assert isinstance(nameless, InvalidInputError)
    assert (nameless.index, nameless.fields[0].field) == (0, Field.LICENSE_KEY_NAME)
    twice = fails(load(key("a"), key("a", name="other")))
    assert (twice.code, twice.first, twice.second) == ("license_key.imported_twice", 0, 1)
    [there] = s.onboarding.import_license_keys(s.admin, [key("a")])
    known = fails(load(key("a", name="other")))
    assert isinstance(known, AlreadyExistsError) and known.code == "license_key.already_imported"
    assert there.status is LicenseKeyStatus.EXPIRED
    with pytest.raises(NotFoundError) as raised:
        load(key("b", partner="nobody"))()
    assert isinstance(raised.value.__cause__, NotFoundError)


def test_lists_have_their_errors(s: Scenario) -> None:
    engine, admin = s.onboarding, s.admin
    for size in (-1, 0, 101, 10**12):
        error = fails(partial(engine.list_partners, admin, page_size=size))
        assert (error.code, error.pms_code, error.max) == ("list.page_size", "PMS_PRT_361", 100)
    assert fails(lambda: engine.list_partners(admin, after="ä")).code == "list.malformed_cursor"
    s.partner("a")
    s.partner("b")
    cursor = engine.list_partners(admin, page_size=1).next
    foreign = fails(lambda: engine.list_policies(admin, after=cursor))
    assert (foreign.code, foreign.found) == ("list.foreign_cursor", "another list")
    window = fails(lambda: engine.expiring_license_keys(admin, window_days=0))
    assert (window.code, window.max_days) == ("list.window", 36_525)


def test_a_store_that_fails_says_why(s: Scenario, tmp_path: Path) -> None:
    text = tmp_path / "text"
    text.write_text("no database " * 100)
    error = fails(lambda: Onboarding.open(text))
    assert isinstance(error, StoreFailedError)
    assert (error.kind, error.code) == (ErrorKind.STORE, "store.backend")
    with pytest.raises(StoreFailedError) as raised:
        Onboarding.open(text)
    assert "an SQLite database is needed" in str(raised.value.__cause__)
    with pytest.raises(StoreFailedError):
        Onboarding.open(tmp_path / "no folder" / "data.sqlite")


def test_a_store_of_a_later_version_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "data.sqlite"
    Onboarding.open(path)
    database = sqlite3.connect(path)
    [(version,)] = database.execute("PRAGMA user_version")
    database.execute(f"PRAGMA user_version = {version + 1}")
    database.close()
    error = fails(lambda: Onboarding.open(path))
    assert isinstance(error, StoreFailedError) and error.code == "store.schema_too_new"
    assert (error.supported, error.found) == (version, version + 1)


def test_each_kind_has_a_class_of_its_own() -> None:
    classes = {
        ErrorKind.INVALID_INPUT: InvalidInputError,
        ErrorKind.NOT_FOUND: NotFoundError,
        ErrorKind.ALREADY_EXISTS: AlreadyExistsError,
        ErrorKind.WRONG_STATE: WrongStateError,
        ErrorKind.FORBIDDEN: ForbiddenError,
        ErrorKind.CERTIFICATE_REJECTED: CertificateRejectedError,
        ErrorKind.CONFLICT: ConflictError,
        ErrorKind.STORE: StoreFailedError,
    }
    assert set(classes) == set(ErrorKind)
    assert set(OnboardingError.__subclasses__()) == {*classes.values(), PathError, TransferError}
    for kind, cls in classes.items():
        error = cls("why", kind=kind, code="some.code", facts={"found": 1})
        copy = pickle.loads(pickle.dumps(error))
        assert (copy.kind, copy.code, copy.found, copy.args) == (kind, "some.code", 1, ("why",))
