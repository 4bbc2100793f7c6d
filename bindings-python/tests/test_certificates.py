"""The part that needs neither an engine nor a store."""

from __future__ import annotations

import pickle
from datetime import timedelta
from typing import Any

import pytest
from misp_onboarding.certificates import (
    CertificateReport,
    PathFault,
    Profile,
    Severity,
    validate,
    verify_path,
)
from misp_onboarding.errors import CertificateRejectedError, ErrorKind, InvalidInputError, PathError
from misp_onboarding.rules import CertificateRules

from .pki import Pki
from .support import BEGIN, ORGANIZATION


def test_a_good_path_is_shown_from_leaf_to_root(pki: Pki) -> None:
    leaf = pki.issue(ORGANIZATION)
    for certificate in (leaf.pem, leaf.pem.encode(), leaf.der):
        path = verify_path(certificate, [pki.root.pem], [pki.issuing.der], at=BEGIN)
        assert path.leaf_to_root == (leaf.der, pki.issuing.der, pki.root.der)
        assert path.root == pki.root.der and path.valid_policies == frozenset()
    assert [details.organization for details in path.details()] == [
        ORGANIZATION,
        "Test Authority",
        "Test Authority",
    ]
    assert pickle.loads(pickle.dumps(path)) == path and "leaf_to_root" not in repr(path)


def test_a_bad_path_says_why(pki: Pki) -> None:
    leaf = pki.issue(ORGANIZATION, days=10)
    with pytest.raises(PathError) as expired:
        verify_path(leaf.pem, [pki.root.pem], [pki.issuing.pem], at=BEGIN + timedelta(days=11))
    error = pickle.loads(pickle.dumps(expired.value))
    assert (error.code, error.fault) == ("certificate.path.expired", PathFault.EXPIRED)
    assert error.kind is ErrorKind.CERTIFICATE_REJECTED
    failure = error.report.failure
    assert failure.code == error.code and failure.rule.startswith("RFC 5280")
    assert [link.subject for link in failure.path] == [
        "CN=misp.example.org,O=Example Bank",
        "CN=Test Issuing CA,O=Test Authority",
        "CN=Test Root,O=Test Authority",
    ]
    assert str(error) == f"no valid path to a root: {failure}"
    with pytest.raises(PathError) as missing:
        verify_path(leaf.pem, [pki.root.pem], at=BEGIN)
    assert missing.value.fault is PathFault.MISSING_ISSUER
    issuer = missing.value.report.failure.missing_issuer
    assert issuer is not None and issuer.name == "CN=Test Issuing CA,O=Test Authority"


def test_each_option_counts(pki: Pki) -> None:
    leaf = pki.issue(ORGANIZATION).pem
    cas: dict[str, Any] = {
        "roots": [pki.root.pem],
        "intermediates": [pki.issuing.pem],
        "at": BEGIN,
    }
    verify_path(leaf, **cas, profile="default", max_depth=1, inhibit_policy_mapping=True)
    verify_path(leaf, **cas, profile=Profile.DEFAULT, inhibit_any_policy=True)
    policy = "2.16.840.1.101.3.2.1.48.1"
    refused_with: list[tuple[dict[str, Any], PathFault]] = [
        # Without key identifiers, which the strict profile asks for.
        ({"profile": "strict"}, PathFault.STRICT_PROFILE),
        ({"max_depth": 0}, PathFault.PATH_LENGTH),
        ({"require_explicit_policy": True}, PathFault.POLICY),
        ({"require_explicit_policy": True, "initial_policies": [policy]}, PathFault.POLICY),
    ]
    for options, fault in refused_with:
        with pytest.raises(PathError) as refused:
            verify_path(leaf, **cas, **options)
        assert refused.value.fault is fault, options
    with pytest.raises(InvalidInputError, match="^initial_policies: "):
        verify_path(leaf, **cas, initial_policies=["x"])
    lax: Any = "lax"
    with pytest.raises(InvalidInputError, match="^profile: "):
        verify_path(leaf, **cas, profile=lax)


def test_what_is_no_certificate_is_named(pki: Pki) -> None:
    with pytest.raises(CertificateRejectedError, match=r"^leaf: .*web page$") as html:
        verify_path("<html>", [pki.root.pem], at=BEGIN)
    assert html.value.code == "certificate.unreadable_file"
    with pytest.raises(CertificateRejectedError, match=r"^roots\[1\]: malformed") as malformed:
        verify_path(pki.root.pem, [pki.root.pem, b"\x30\x03\x02\x01\x00"], at=BEGIN)
    assert malformed.value.code == "certificate.malformed"
    with pytest.raises(CertificateRejectedError, match="^leaf: one certificate is needed") as two:
        verify_path(pki.ca_pem, [pki.root.pem], at=BEGIN)
    assert two.value.code == "certificate.several_end_entities"


def test_a_report_names_every_finding(pki: Pki) -> None:
    cas: dict[str, Any] = {"roots": [pki.root.pem], "intermediates": [pki.issuing.pem]}
    good = validate(pki.issue(ORGANIZATION).pem, **cas, organization=ORGANIZATION, at=BEGIN)
    assert isinstance(good, CertificateReport) and good.accepted and good.findings == ()
    assert good.details is not None and good.details.organization == ORGANIZATION
    assert good.details.key_algorithm == "EC P-256" and not good.details.is_ca
    assert len(good.chain) == 2 and str(good).startswith("Certificate accepted\n")
    bad = validate(pki.issue(ORGANIZATION, days=20).pem, **cas, organization="Other", at=BEGIN)
    assert [(finding.code, finding.severity) for finding in bad.findings] == [
        ("certificate.validity_too_short", Severity.ERROR),
        ("certificate.expires_soon", Severity.WARNING),
        ("certificate.organization_differs", Severity.ERROR),
    ]
    first = bad.findings[0]
    assert first.is_error() and (first.pms_code, first.required) == (
        "KER-KMS-021",
        "at least 335 days left",
    )
    assert str(first) == (
        "error certificate.validity_too_short: at least 335 days left needed, "
        f"found {first.found} [{first.rule}]"
    )
    for rules in (CertificateRules(min_days_left=10), {"min_days_left": 10}):
        report = validate(
            pki.issue(ORGANIZATION, days=20).pem,
            **cas,
            organization=ORGANIZATION,
            at=BEGIN,
            rules=rules,
        )
        assert report.accepted and len(report.findings) == 1
    unreadable = validate(b"", **cas, organization="x", at=BEGIN)
    assert unreadable.details is None and unreadable.chain == () and not unreadable.accepted
