"""The part that needs neither an engine nor a store."""

from __future__ import annotations

import pickle
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any, cast

import pytest
from misp_onboarding.certificates import (
    CertificateReport,
    PathFault,
    Profile,
    Severity,
    TrustAnchors,
    Validator,
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


def test_a_trust_store_is_loaded_once_for_many_certificates(pki: Pki) -> None:
    anchors = TrustAnchors([pki.root.pem], [pki.issuing.der])
    assert "certificates: 2" in repr(anchors)
    leaf = pki.issue(ORGANIZATION)
    path = anchors.verify(leaf.pem, at=BEGIN)
    assert path == verify_path(leaf.der, [pki.root.der], [pki.issuing.der], at=BEGIN)
    # What came along with the leaf counts too.
    bare = TrustAnchors([pki.root.der])
    assert bare.verify(leaf.der, [pki.issuing.pem], at=BEGIN, profile=Profile.DEFAULT) == path
    for options, fault in (
        ({"at": BEGIN + timedelta(days=9_999)}, PathFault.EXPIRED),
        ({"at": BEGIN, "max_depth": 0}, PathFault.PATH_LENGTH),
        ({"at": BEGIN, "profile": "strict"}, PathFault.STRICT_PROFILE),
        ({"at": BEGIN, "require_explicit_policy": True}, PathFault.POLICY),
    ):
        with pytest.raises(PathError) as refused:
            anchors.verify(leaf.pem, **cast(Any, options))
        assert refused.value.fault is fault, options
    distrusting = TrustAnchors([pki.root.pem], [pki.issuing.pem], distrusted=[pki.issuing.pem])
    with pytest.raises(PathError) as refused:
        distrusting.verify(leaf.pem, [pki.issuing.pem], at=BEGIN)
    assert refused.value.fault is PathFault.DISTRUSTED
    with pytest.raises(CertificateRejectedError, match=r"^distrusted\[0\]: "):
        TrustAnchors([], distrusted=[b"x"])
    with pytest.raises(AttributeError):
        anchors.more = 1  # type: ignore[attr-defined]


def test_a_validator_reports_as_validate_does_from_many_threads(pki: Pki) -> None:
    cas: dict[str, Any] = {"roots": [pki.root.pem], "intermediates": [pki.issuing.pem]}
    anchors = TrustAnchors(**cas)
    validator = Validator(anchors, rules={"min_days_left": 10})
    assert validator.anchors is anchors and validator.rules == CertificateRules(min_days_left=10)
    assert "min_days_left=10" in repr(validator)
    assert Validator(anchors).rules == CertificateRules()
    files = [pki.issue(ORGANIZATION, days=days).pem for days in (5, 20, 730)] * 8

    def check(file: str) -> CertificateReport:
        return validator.validate(file, organization=ORGANIZATION, at=BEGIN)

    with ThreadPoolExecutor(8) as pool:
        reports = list(pool.map(check, files))
    wanted = [
        validate(file, **cas, organization=ORGANIZATION, at=BEGIN, rules=validator.rules)
        for file in files
    ]
    assert reports == wanted
    assert [report.accepted for report in reports[:3]] == [False, True, True]
    with pytest.raises(InvalidInputError, match="^rules: unknown field `days`"):
        Validator(anchors, rules={"days": 1})
    with pytest.raises(InvalidInputError, match="^at: a datetime with a time zone needed"):
        validator.validate(b"", organization="x", at=BEGIN.replace(tzinfo=None))
