"""Every filter, every sort key, pages and cursors of every list."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from misp_onboarding.certificates import CertificateStatus
from misp_onboarding.license_keys import (
    ImportLicenseKey,
    LicenseKey,
    LicenseKeyFilter,
    LicenseKeySort,
    LicenseKeyStatus,
)
from misp_onboarding.lists import MAX_PAGE_SIZE, Page, TimeRange, every
from misp_onboarding.partners import PartnerFilter, PartnerSort, PartnerState
from misp_onboarding.policies import (
    PolicyFilter,
    PolicyGroupFilter,
    PolicyGroupSort,
    PolicyGroupState,
    PolicySort,
    PolicyState,
)
from misp_onboarding.policy_links import PolicyLinkFilter, PolicyLinkSort, PolicyLinkState
from misp_onboarding.trust_store import CaCertificateFilter, CaCertificateSort, CaKind, CaState

from .support import BEGIN, Scenario


def matches(
    s: Scenario, method: Callable[..., Page[Any]], cls: Any, conditions: dict[str, tuple[Any, int]]
) -> None:
    """Each condition lets as many records through as it says, alone, and as a mapping."""
    assert set(conditions) == {field.name for field in dataclasses.fields(cls)}
    for name, (value, count) in conditions.items():
        page = method(s.admin, filter=cls(**{name: value}), with_total=True, page_size=100)
        assert (len(page.items), page.total) == (count, count), name
        assert method(s.admin, filter={name: value}, page_size=100).items == page.items, name


def sorts(s: Scenario, method: Callable[..., Page[Any]], keys: Any) -> None:
    """Each key sorts, in both directions, and pages one by one give the same."""
    for key in keys:
        down = method(s.admin, sort=key, page_size=100).items
        up = method(s.admin, sort=key, descending=False, page_size=100).items
        assert up == down[::-1] and len(up) > 1, key
        assert list(every(method, s.admin, sort=key, descending=False, page_size=1)) == list(up), (
            key
        )
        assert method(s.admin, sort=str(key), page_size=100).items == down


def test_partners(s: Scenario) -> None:
    s.ready_partner("bank")
    s.clock.advance(hours=1)
    s.partner("Telecom", organization="Ünï Telecom", email="T@example.org")
    group = s.group("Unused")
    assert group
    page = s.onboarding.list_partners(s.admin, filter=PartnerFilter(id="bank"))
    [row] = page.items
    assert row.policy_group_name == "Group of bank"
    assert row.certificate_status(BEGIN) is CertificateStatus.VALID
    ends = row.certificate_ends
    assert ends is not None and row.certificate_status(ends) is CertificateStatus.EXPIRING
    conditions = {
        "id": ("bank", 1),
        "organization": ("üNÏ", 1),
        "email": ("t@example.org", 1),
        "policy_group": (row.partner.policy_group, 1),
        "policy_group_name": ("OF BANK", 1),
        "state": (PartnerState.ACTIVE, 1),
        "certificate_status": (CertificateStatus.NONE, 1),
        "certificate_ends": (TimeRange(ends, ends), 1),
    }
    matches(s, s.onboarding.list_partners, PartnerFilter, conditions)
    sorts(s, s.onboarding.list_partners, PartnerSort)
    both = PartnerFilter(id="bank", state=PartnerState.INACTIVE)
    assert s.onboarding.list_partners(s.admin, filter=both).items == ()


def test_ca_certificates(s: Scenario) -> None:
    s.onboarding.upload_ca_certificates(s.admin, s.pki.ca_pem)
    s.onboarding.upload_ca_certificates(s.admin, s.pki.root.pem, domain="FTM")
    [issuing] = s.onboarding.list_ca_certificates(
        s.admin, filter=CaCertificateFilter(kind=CaKind.INTERMEDIATE)
    ).items
    s.onboarding.distrust_ca_certificate(s.admin, issuing.id, "leaked")
    conditions = {
        "id": (issuing.id, 1),
        "domain": ("auth", 2),
        "kind": (CaKind.ROOT, 2),
        "state": (CaState.DISTRUSTED, 1),
        "status": (CertificateStatus.VALID, 3),
        "fingerprint": (issuing.fingerprint.upper(), 1),
        "subject": ("issuing", 1),
        "issuer": ("TEST ROOT", 3),
        "ends": (TimeRange(to=issuing.not_after), 1),
    }
    matches(s, s.onboarding.list_ca_certificates, CaCertificateFilter, conditions)
    sorts(s, s.onboarding.list_ca_certificates, CaCertificateSort)


def test_policy_groups_and_policies(s: Scenario) -> None:
    first, second = s.group("Banks"), s.group("Telecoms")
    s.onboarding.deactivate_policy_group(s.manager, s.group("Old").id)
    policy = s.policy(first, "Sign-in")
    s.draft(second, "E-KYC")
    groups = {
        "id": (first.id, 1),
        "name": ("COM", 1),
        "state": (PolicyGroupState.DEACTIVATED, 1),
    }
    matches(s, s.onboarding.list_policy_groups, PolicyGroupFilter, groups)
    sorts(s, s.onboarding.list_policy_groups, PolicyGroupSort)
    policies = {
        "id": (policy.id, 1),
        "group": (second.id, 1),
        "group_name": ("bank", 1),
        "name": ("sign", 1),
        "state": (PolicyState.DRAFT, 1),
    }
    matches(s, s.onboarding.list_policies, PolicyFilter, policies)
    sorts(s, s.onboarding.list_policies, PolicySort)


def test_policy_links(s: Scenario) -> None:
    _, policy = s.ready_partner("bank")
    other, second = s.ready_partner("telecom", organization="Telecom")
    extra = s.policy(s.onboarding.policy_group(s.admin, second.group), "E-KYC")
    s.clock.advance(hours=1)
    pending = s.onboarding.request_policy(s.admin, other.id, extra.id, "more")
    conditions = {
        "id": (pending.id, 1),
        "partner": ("telecom", 2),
        "organization": ("example", 1),
        "policy": (policy.id, 1),
        "policy_name": ("sign", 2),
        "policy_group": (policy.group, 1),
        "policy_group_name": ("of telecom", 2),
        "state": (PolicyLinkState.PENDING, 1),
    }
    matches(s, s.onboarding.list_policy_links, PolicyLinkFilter, conditions)
    sorts(s, s.onboarding.list_policy_links, PolicyLinkSort)


def test_license_keys(s: Scenario) -> None:
    _, policy = s.ready_partner("bank")
    s.active_partner("telecom", organization="Telecom")
    first = s.key("bank", "production", policy=policy.id)
    s.clock.advance(hours=1)
    s.key("telecom", "test 100%", validity=timedelta(days=1))
    old = ImportLicenseKey(
        LicenseKey.parse("A" * 50), partner="bank", policy=None, name="old", expires_at=BEGIN
    )
    s.onboarding.import_license_keys(s.admin, [old])
    record = first.view.row.key
    conditions = {
        "id": (record.id, 1),
        "partner": ("bank", 2),
        "organization": ("example", 2),
        "policy_group": (policy.group, 1),
        "policy_group_name": ("of bank", 1),
        "policy": (policy.id, 1),
        "policy_name": ("sign", 1),
        "name": ("100%", 1),
        "status": (LicenseKeyStatus.EXPIRED, 1),
        "expires": (TimeRange(from_=record.expires_at), 1),
    }
    matches(s, s.onboarding.list_license_keys, LicenseKeyFilter, conditions)
    sorts(s, s.onboarding.list_license_keys, LicenseKeySort)
    assert record.status(BEGIN) is LicenseKeyStatus.ACTIVE
    assert record.status(record.expires_at) is LicenseKeyStatus.EXPIRED


def test_every_reads_page_after_page(s: Scenario) -> None:
    for number in range(MAX_PAGE_SIZE + 5):
        s.partner(f"p{number}")
    first = s.onboarding.list_partners(s.admin, sort=PartnerSort.ID, with_total=True)
    assert (len(first.items), first.total) == (8, 105) and first.next
    rows = list(every(s.onboarding.list_partners, s.admin, sort=PartnerSort.ID, descending=False))
    assert [row.partner.id for row in rows] == sorted(f"p{n}" for n in range(105))
    eligible = every(s.onboarding.partners_for_license_key, s.admin)
    assert list(eligible) == []


def test_a_filter_of_another_list_is_refused_by_name(s: Scenario) -> None:
    with pytest.raises(TypeError, match="^filter: a PartnerFilter needed, found PolicyFilter$"):
        s.onboarding.list_partners(s.admin, filter=PolicyFilter())  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="^filter: unknown field `stat`"):
        s.onboarding.list_partners(s.admin, filter={"stat": "active"})
    with pytest.raises(ValueError, match="^filter.policy_group: a UUID of 36 characters needed"):
        s.onboarding.list_partners(s.admin, filter=PartnerFilter(policy_group="x"))
    with pytest.raises(TypeError, match="^filter.state: .* found an int$"):
        s.onboarding.list_partners(s.admin, filter=PartnerFilter(state=1))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="^sort: one of partner.id, "):
        s.onboarding.list_partners(s.admin, sort=PolicySort.NAME)  # type: ignore[arg-type]
