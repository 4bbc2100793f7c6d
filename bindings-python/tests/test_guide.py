"""The guide end to end, on every store."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from misp_onboarding import Onboarding
from misp_onboarding.certificates import CertificateStatus, UploadOutcome
from misp_onboarding.errors import CertificateRejectedError
from misp_onboarding.events import EventKind
from misp_onboarding.license_keys import (
    Action,
    Authorization,
    ImportLicenseKey,
    LicenseKey,
    LicenseKeyFilter,
    LicenseKeyOrigin,
    LicenseKeyStatus,
    Refusal,
)
from misp_onboarding.partners import PartnerState
from misp_onboarding.policies import PolicyGroupState, PolicyState
from misp_onboarding.policy_links import PolicyLinkState
from misp_onboarding.trust_store import AddedAsIntermediate, AddedAsRoot, AlreadyPresent, CaState

from .support import BEGIN, ORGANIZATION, Scenario


def test_the_guide_from_the_trust_store_to_the_last_event(on_any_store: Scenario) -> None:
    s = on_any_store
    engine, admin, manager = s.onboarding, s.admin, s.manager

    uploaded = engine.upload_ca_certificates(admin, s.pki.ca_pem)
    assert [type(entry.outcome) for entry in uploaded.entries] == [AddedAsRoot, AddedAsIntermediate]
    assert uploaded.all_accepted() and "added as root" in str(uploaded)
    again = engine.upload_ca_certificates(admin, s.pki.root.der, domain="auth")
    assert isinstance(again.entries[0].outcome, AlreadyPresent)
    issuing = uploaded.entries[1].outcome
    assert isinstance(issuing, AddedAsIntermediate)
    chain = engine.ca_chain(admin, issuing.id)
    assert [ca.der for ca in chain.certificates] == [s.pki.issuing.der, s.pki.root.der]
    assert chain.to_pkcs7().startswith(b"0") and s.pki.root.der in chain.to_pkcs7()
    ca = engine.ca_certificate(admin, issuing.id)
    assert ca.details().subject == ca.subject and ca.status(BEGIN) is CertificateStatus.VALID

    bank = s.partner("bank")
    assert bank.state is PartnerState.INACTIVE and bank.created_at == BEGIN
    short = s.pki.issue("Another Bank", days=10).pem
    report = engine.inspect_certificate(admin, "bank", short)
    assert not report.accepted
    codes = {finding.code for finding in report.findings}
    assert {"certificate.organization_differs", "certificate.validity_too_short"} <= codes
    with pytest.raises(CertificateRejectedError) as rejected:
        engine.upload_certificate(admin, "bank", short)
    assert rejected.value.report == report
    certificate = s.pki.issue(ORGANIZATION)
    accepted = engine.upload_certificate(admin, "bank", certificate.der)
    assert accepted.outcome is UploadOutcome.ACTIVATED and accepted.report.accepted
    assert accepted.partner.state is PartnerState.ACTIVE
    assert accepted.certificate.status(BEGIN) is CertificateStatus.VALID
    assert [link.subject for link in accepted.report.chain] == [ca.subject, ca.issuer]
    history = engine.certificate_history(admin, "bank")
    assert history == [accepted.certificate] and history[0].details() == accepted.report.details
    assert engine.partners_relying_on(admin, issuing.id) == ["bank"]

    group = s.group()
    draft = s.draft(group)
    edited = engine.edit_policy(manager, draft.id, description="Sign-in alone")
    assert (edited.description, edited.name, edited.valid_until) == (
        "Sign-in alone",
        draft.name,
        None,
    )
    policy = engine.publish_policy(manager, draft.id)
    assert policy.state is PolicyState.ACTIVE and policy.permissions().allow_auth_request_delegation
    assert engine.select_policy_group(admin, "bank", group.id).policy_group == group.id
    link = engine.request_policy(admin, "bank", policy.id, "for online banking")
    link = engine.approve_policy_link(admin, link.id, "contract signed")
    assert link.state is PolicyLinkState.APPROVED and engine.policy_link(admin, link.id) == link

    assert [row.partner.id for row in engine.partners_for_license_key(admin).items] == ["bank"]
    assert [row.policy for row in engine.policies_for_license_key(admin, "bank")] == [
        engine.policy(admin, policy.id)
    ]
    made = s.key("bank", "production", policy=policy.id)
    good = engine.authenticate(made.key.reveal())
    assert good and isinstance(good, Authorization)
    assert (good.partner, good.organization, good.name) == ("bank", ORGANIZATION, "production")
    assert (good.policy, good.permissions) == (policy.id, policy.permissions())
    assert good.valid_until == BEGIN + timedelta(days=90) == made.view.row.key.expires_at
    assert made.view.masked_key() == f"...{made.key.last4}"
    assert made.view.actions == (Action.VIEW, Action.REGENERATE, Action.DEACTIVATE)

    new = engine.regenerate_license_key(
        admin, made.view.row.key.id, overlap=timedelta(days=7), validity=timedelta(days=365)
    )
    assert new.view.row.key.replaces == made.view.row.key.id
    assert engine.license_key(admin, made.view.row.key.id).status is LicenseKeyStatus.REPLACED
    assert engine.authenticate(made.key.reveal()) and engine.authenticate(new.key.reveal())
    late = engine.authenticate_at(made.key.reveal(), BEGIN + timedelta(days=8))
    assert not late and isinstance(late, Refusal)
    assert (late.code, late.facts) == (
        "authenticate.replaced",
        {"since": BEGIN + timedelta(days=7)},
    )

    old = LicenseKey.parse("A" * 50)
    end = BEGIN + timedelta(days=30)
    [imported] = engine.import_license_keys(
        admin, [ImportLicenseKey(old, partner="bank", policy=policy.id, name="old", expires_at=end)]
    )
    assert imported.row.key.origin is LicenseKeyOrigin.IMPORTED
    assert imported.row.key.digest == old.digest() and engine.authenticate(old.reveal())

    s.clock.advance(days=330)
    assert [
        view.row.key.name for view in engine.expiring_license_keys(admin, window_days=40).items
    ] == ["production"]
    assert engine.expiring_partner_certificates(admin, window_days=500).items
    assert not engine.expiring_ca_certificates(admin).items
    expired = engine.list_license_keys(
        admin, filter=LicenseKeyFilter(status=LicenseKeyStatus.EXPIRED)
    )
    assert [view.row.key.name for view in expired.items] == ["old"]

    gone = engine.deactivate_license_key(admin, new.view.row.key.id)
    assert gone.status is LicenseKeyStatus.DEACTIVATED and gone.actions == (Action.VIEW,)
    assert engine.deactivate_partner(admin, "bank").state is PartnerState.DEACTIVATED
    refused = engine.authenticate(new.key.reveal())
    assert isinstance(refused, Refusal) and refused.code == "authenticate.partner_deactivated"
    distrusted = engine.distrust_ca_certificate(admin, issuing.id, "key leaked")
    assert distrusted.ca_certificate.state is CaState.DISTRUSTED
    assert distrusted.affected_partners == ("bank",)
    other = s.group("Telecoms")
    unused = s.policy(other, "Unused")
    assert engine.deactivate_policy(manager, unused.id).state is PolicyState.DEACTIVATED
    closed = engine.deactivate_policy_group(manager, other.id)
    assert closed.state is PolicyGroupState.DEACTIVATED
    assert engine.policy_group(admin, other.id) == closed

    events = engine.events(admin)
    assert [event.sequence for event in events] == sorted(event.sequence for event in events)
    assert {EventKind.PARTNER_ACTIVATED, EventKind.LICENSE_KEY_REPLACED} <= {
        event.event.kind for event in events
    }
    last = events[-1]
    assert str(last.event.subject) == f"policy_group {other.id}" and last.event.actor == "max"
    assert engine.events(admin, after=events[2].sequence, limit=2) == events[3:5]
    assert engine.events(admin, after=last.sequence) == []


def test_a_file_is_there_when_it_is_opened_again(s: Scenario, tmp_path: Path) -> None:
    path = tmp_path / "data.sqlite"
    first = Scenario(Onboarding.open(path, clock=s.clock), s.clock, s.pki)
    first.ready_partner("bank")
    made = first.key("bank", "production")
    del first
    again = Onboarding.open(f"sqlite:///{path}", clock=s.clock)
    assert again.authenticate(made.key.reveal())
    assert again.license_key(s.admin, made.view.row.key.id) == made.view
    assert repr(again) == "<Onboarding on SQLite>"
    peppered = Onboarding.open(path, clock=s.clock, pepper=b"x" * 32)
    unknown = peppered.authenticate(made.key.reveal())
    assert isinstance(unknown, Refusal) and unknown.code == "authenticate.unknown"
    own = Scenario(peppered, s.clock, s.pki).key("bank", "peppered")
    assert peppered.authenticate(own.key.reveal())
    assert own.view.row.key.digest == own.key.digest(pepper=b"x" * 32) != own.key.digest()
