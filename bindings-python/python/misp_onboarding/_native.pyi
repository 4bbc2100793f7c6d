from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from os import PathLike
from typing import Any, Final, Literal, NoReturn, Protocol, final

from .actors import Role
from .certificates import (
    CertificateDetails,
    CertificateStatus,
    Finding,
    PartnerCertificate,
    Profile,
    UploadedCertificate,
    VerifiedPath,
)
from .events import Event
from .license_keys import (
    GeneratedLicenseKey,
    ImportLicenseKey,
    LicenseKeyFilter,
    LicenseKeyRecord,
    LicenseKeySort,
    LicenseKeyStatus,
    LicenseKeyView,
)
from .lists import Page
from .partners import Partner, PartnerFilter, PartnerRow, PartnerSort
from .policies import (
    Policy,
    PolicyFilter,
    PolicyGroup,
    PolicyGroupFilter,
    PolicyGroupSort,
    PolicyPermissions,
    PolicyRow,
    PolicySort,
    Unchanged,
)
from .policy_links import PolicyLink, PolicyLinkFilter, PolicyLinkRow, PolicyLinkSort
from .rules import CertificateRules, Rules
from .stores import Store
from .transfer import Counts, Imported, Progress
from .trust_store import (
    CaCertificate,
    CaCertificateFilter,
    CaCertificateSort,
    CaChain,
    CaUploadReport,
    Distrusted,
)

__all__ = [
    "Actor",
    "Authorization",
    "CertificateReport",
    "LicenseKey",
    "Onboarding",
    "Refusal",
    "TestCertificate",
    "TestPki",
    "TrustAnchors",
    "Unfinished",
    "Validator",
    "__version__",
    "certificate_details",
    "certificate_status",
    "certs_only",
    "conformance_cases",
    "crossed",
    "export",
    "fold_case",
    "import_",
    "license_key_status",
    "make_certificate",
    "policy_permissions",
    "resume",
    "rules_from_dict",
    "rules_from_toml",
    "run_conformance_case",
    "shapes",
    "texts",
    "time_authenticate",
    "time_inspect",
    "unfinished",
    "validate",
    "verify",
    "verify_path",
]

__version__: Final[str]

class _Clock(Protocol):
    def now(self) -> datetime: ...

class _Readable(Protocol):
    def read(self, most: int, /) -> bytes | str: ...

class _TakesBytes(Protocol):
    def write(self, data: bytes, /) -> object: ...

class _TakesText(Protocol):
    def write(self, data: str, /) -> object: ...

@final
class Actor:
    def __new__(cls, id: str, roles: Iterable[Role | str]) -> Actor: ...
    @property
    def id(self) -> str: ...
    @property
    def roles(self) -> frozenset[Role]: ...
    def __eq__(self, value: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[Any, ...]: ...

@final
class LicenseKey:
    @staticmethod
    def parse(text: str) -> LicenseKey: ...
    @staticmethod
    def generate() -> LicenseKey: ...
    def reveal(self) -> str: ...
    @property
    def last4(self) -> str: ...
    def digest(self, *, pepper: bytes | None = None) -> str: ...
    def __reduce__(self) -> NoReturn: ...

@final
class Authorization:
    def __new__(
        cls,
        *,
        key_id: str,
        name: str,
        partner: str,
        organization: str,
        valid_until: datetime,
        policy: str | None = None,
        permissions: PolicyPermissions | None = None,
    ) -> Authorization: ...
    @property
    def key_id(self) -> str: ...
    @property
    def name(self) -> str: ...
    @property
    def partner(self) -> str: ...
    @property
    def organization(self) -> str: ...
    @property
    def policy(self) -> str | None: ...
    @property
    def permissions(self) -> PolicyPermissions | None: ...
    @property
    def valid_until(self) -> datetime: ...
    def __bool__(self) -> Literal[True]: ...
    def __eq__(self, value: object, /) -> bool: ...
    def __ne__(self, value: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[Any, ...]: ...
    @staticmethod
    def _restore(fields: dict[str, Any]) -> Authorization: ...

@final
class Refusal:
    @property
    def code(self) -> str: ...
    @property
    def reason(self) -> str: ...
    @property
    def facts(self) -> dict[str, Any]: ...
    def __bool__(self) -> Literal[False]: ...
    def __eq__(self, value: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[Any, ...]: ...
    @staticmethod
    def _restore(code: str, reason: str, facts: dict[str, Any]) -> Refusal: ...

@final
class CertificateReport:
    @property
    def accepted(self) -> bool: ...
    @property
    def details(self) -> CertificateDetails | None: ...
    @property
    def chain(self) -> tuple[CertificateDetails, ...]: ...
    @property
    def findings(self) -> tuple[Finding, ...]: ...
    def __eq__(self, value: object, /) -> bool: ...
    def __hash__(self) -> int: ...
    def __reduce__(self) -> tuple[Any, ...]: ...
    @staticmethod
    def _restore(
        accepted: bool,
        text: str,
        details: CertificateDetails | None,
        chain: tuple[CertificateDetails, ...],
        findings: tuple[Finding, ...],
    ) -> CertificateReport: ...

@final
class Onboarding:
    # Making an engine
    def __new__(
        cls,
        store: Store,
        *,
        rules: Rules | Mapping[str, Any] | None = None,
        clock: _Clock | Callable[[], datetime] | None = None,
        pepper: bytes | None = None,
    ) -> Onboarding: ...
    @staticmethod
    def in_memory(
        *,
        rules: Rules | Mapping[str, Any] | None = None,
        clock: _Clock | Callable[[], datetime] | None = None,
        pepper: bytes | None = None,
    ) -> Onboarding: ...
    @staticmethod
    def open(
        url: str | PathLike[str],
        *,
        rules: Rules | Mapping[str, Any] | None = None,
        clock: _Clock | Callable[[], datetime] | None = None,
        pepper: bytes | None = None,
        schema: str | None = None,
        connections: int | None = None,
        tls_roots: bytes | str | None = None,
    ) -> Onboarding: ...
    @property
    def rules(self) -> Rules: ...

    # Trust store
    def upload_ca_certificates(
        self, actor: Actor, file: bytes | str, *, domain: str = "AUTH"
    ) -> CaUploadReport: ...
    def distrust_ca_certificate(self, actor: Actor, id: str, reason: str) -> Distrusted: ...
    def partners_relying_on(self, actor: Actor, id: str) -> list[str]: ...
    def ca_certificate(self, actor: Actor, id: str) -> CaCertificate: ...
    def ca_chain(self, actor: Actor, id: str) -> CaChain: ...
    def list_ca_certificates(
        self,
        actor: Actor,
        *,
        filter: CaCertificateFilter | Mapping[str, Any] | None = None,
        sort: CaCertificateSort | None = None,
        descending: bool = True,
        page_size: int = 8,
        after: str | None = None,
        with_total: bool = False,
    ) -> Page[CaCertificate]: ...

    # Partners
    def create_partner(
        self,
        actor: Actor,
        *,
        id: str,
        organization: str,
        address: str,
        contact_number: str,
        email: str,
        language: str | None = None,
        policy_group: str | None = None,
    ) -> Partner: ...
    def update_partner(
        self,
        actor: Actor,
        partner: str,
        *,
        address: str | None = None,
        contact_number: str | None = None,
        email: str | None = None,
        language: str | None = None,
    ) -> Partner: ...
    def select_policy_group(self, actor: Actor, partner: str, group: str) -> Partner: ...
    def deactivate_partner(self, actor: Actor, partner: str) -> Partner: ...
    def partner(self, actor: Actor, partner: str) -> Partner: ...
    def list_partners(
        self,
        actor: Actor,
        *,
        filter: PartnerFilter | Mapping[str, Any] | None = None,
        sort: PartnerSort | None = None,
        descending: bool = True,
        page_size: int = 8,
        after: str | None = None,
        with_total: bool = False,
    ) -> Page[PartnerRow]: ...

    # Partner certificates
    def inspect_certificate(
        self, actor: Actor, partner: str, file: bytes | str
    ) -> CertificateReport: ...
    def upload_certificate(
        self, actor: Actor, partner: str, file: bytes | str
    ) -> UploadedCertificate: ...
    def certificate_history(self, actor: Actor, partner: str) -> list[PartnerCertificate]: ...

    # Policy groups and policies
    def create_policy_group(self, actor: Actor, *, name: str, description: str) -> PolicyGroup: ...
    def deactivate_policy_group(self, actor: Actor, id: str) -> PolicyGroup: ...
    def policy_group(self, actor: Actor, id: str) -> PolicyGroup: ...
    def list_policy_groups(
        self,
        actor: Actor,
        *,
        filter: PolicyGroupFilter | Mapping[str, Any] | None = None,
        sort: PolicyGroupSort | None = None,
        descending: bool = True,
        page_size: int = 8,
        after: str | None = None,
        with_total: bool = False,
    ) -> Page[PolicyGroup]: ...
    def create_policy(
        self,
        actor: Actor,
        *,
        group: str,
        name: str,
        description: str,
        document: str,
        valid_until: datetime | None = None,
    ) -> Policy: ...
    def edit_policy(
        self,
        actor: Actor,
        id: str,
        *,
        name: str | None = None,
        description: str | None = None,
        document: str | None = None,
        valid_until: datetime | Unchanged | None = ...,
    ) -> Policy: ...
    def publish_policy(self, actor: Actor, id: str) -> Policy: ...
    def deactivate_policy(self, actor: Actor, id: str) -> Policy: ...
    def policy(self, actor: Actor, id: str) -> Policy: ...
    def list_policies(
        self,
        actor: Actor,
        *,
        filter: PolicyFilter | Mapping[str, Any] | None = None,
        sort: PolicySort | None = None,
        descending: bool = True,
        page_size: int = 8,
        after: str | None = None,
        with_total: bool = False,
    ) -> Page[PolicyRow]: ...

    # Policy links
    def request_policy(
        self, actor: Actor, partner: str, policy: str, comment: str
    ) -> PolicyLink: ...
    def approve_policy_link(
        self, actor: Actor, id: str, comment: str | None = None
    ) -> PolicyLink: ...
    def reject_policy_link(
        self, actor: Actor, id: str, comment: str | None = None
    ) -> PolicyLink: ...
    def policy_link(self, actor: Actor, id: str) -> PolicyLink: ...
    def list_policy_links(
        self,
        actor: Actor,
        *,
        filter: PolicyLinkFilter | Mapping[str, Any] | None = None,
        sort: PolicyLinkSort | None = None,
        descending: bool = True,
        page_size: int = 8,
        after: str | None = None,
        with_total: bool = False,
    ) -> Page[PolicyLinkRow]: ...

    # License keys
    def generate_license_key(
        self,
        actor: Actor,
        *,
        partner: str,
        name: str,
        policy: str | None = None,
        validity: timedelta | datetime | None = None,
    ) -> GeneratedLicenseKey: ...
    def regenerate_license_key(
        self,
        actor: Actor,
        id: str,
        *,
        name: str | None = None,
        validity: timedelta | datetime | None = None,
        overlap: timedelta | None = None,
    ) -> GeneratedLicenseKey: ...
    def deactivate_license_key(self, actor: Actor, id: str) -> LicenseKeyView: ...
    def import_license_keys(
        self, actor: Actor, keys: Iterable[ImportLicenseKey]
    ) -> list[LicenseKeyView]: ...
    def license_key(self, actor: Actor, id: str) -> LicenseKeyView: ...
    def list_license_keys(
        self,
        actor: Actor,
        *,
        filter: LicenseKeyFilter | Mapping[str, Any] | None = None,
        sort: LicenseKeySort | None = None,
        descending: bool = True,
        page_size: int = 8,
        after: str | None = None,
        with_total: bool = False,
    ) -> Page[LicenseKeyView]: ...
    def partners_for_license_key(
        self, actor: Actor, *, page_size: int = 8, after: str | None = None
    ) -> Page[PartnerRow]: ...
    def policies_for_license_key(self, actor: Actor, partner: str) -> list[PolicyRow]: ...
    def authenticate(self, key: str, /) -> Authorization | Refusal: ...
    def authenticate_at(self, key: str, at: datetime, /) -> Authorization | Refusal: ...

    # What ends soon
    def expiring_ca_certificates(
        self,
        actor: Actor,
        *,
        window_days: int = 30,
        page_size: int = 8,
        after: str | None = None,
    ) -> Page[CaCertificate]: ...
    def expiring_partner_certificates(
        self,
        actor: Actor,
        *,
        window_days: int = 30,
        page_size: int = 8,
        after: str | None = None,
    ) -> Page[PartnerRow]: ...
    def expiring_license_keys(
        self,
        actor: Actor,
        *,
        window_days: int = 30,
        page_size: int = 8,
        after: str | None = None,
    ) -> Page[LicenseKeyView]: ...

    # Events
    def events(self, actor: Actor, *, after: int = 0, limit: int = 1000) -> list[Event]: ...

def verify_path(
    leaf: bytes | str,
    roots: Sequence[bytes | str],
    intermediates: Sequence[bytes | str] = (),
    *,
    at: datetime,
    profile: Profile | Literal["default", "strict"] = "default",
    max_depth: int | None = None,
    initial_policies: Sequence[str] = (),
    require_explicit_policy: bool = False,
    inhibit_policy_mapping: bool = False,
    inhibit_any_policy: bool = False,
) -> VerifiedPath: ...
def validate(
    leaf: bytes | str,
    roots: Sequence[bytes | str],
    intermediates: Sequence[bytes | str] = (),
    *,
    organization: str,
    at: datetime,
    rules: CertificateRules | Mapping[str, Any] | None = None,
) -> CertificateReport: ...

@final
class TrustAnchors:
    def __new__(
        cls,
        roots: Sequence[bytes | str],
        intermediates: Sequence[bytes | str] = (),
        *,
        distrusted: Sequence[bytes | str] = (),
    ) -> TrustAnchors: ...
    def verify(
        self,
        leaf: bytes | str,
        intermediates: Sequence[bytes | str] = (),
        *,
        at: datetime,
        profile: Profile | Literal["default", "strict"] = "default",
        max_depth: int | None = None,
        initial_policies: Sequence[str] = (),
        require_explicit_policy: bool = False,
        inhibit_policy_mapping: bool = False,
        inhibit_any_policy: bool = False,
    ) -> VerifiedPath: ...

@final
class Validator:
    def __new__(
        cls,
        anchors: TrustAnchors,
        *,
        rules: CertificateRules | Mapping[str, Any] | None = None,
    ) -> Validator: ...
    @property
    def anchors(self) -> TrustAnchors: ...
    @property
    def rules(self) -> CertificateRules: ...
    def validate(
        self, leaf: bytes | str, *, organization: str, at: datetime
    ) -> CertificateReport: ...

def certificate_details(certificate: bytes | str) -> CertificateDetails: ...
def certificate_status(ends: datetime | None, at: datetime) -> CertificateStatus: ...
def certs_only(certificates: Sequence[bytes]) -> bytes: ...
def rules_from_dict(settings: Mapping[str, Any]) -> Rules: ...
def rules_from_toml(text: str) -> Rules: ...
def policy_permissions(document: str) -> PolicyPermissions: ...
def license_key_status(record: LicenseKeyRecord, at: datetime) -> LicenseKeyStatus: ...
def shapes() -> list[tuple[str, list[str]]]: ...
def texts() -> list[tuple[str, list[str]]]: ...
def crossed(value: object) -> Any: ...
def time_authenticate(onboarding: Onboarding, keys: Sequence[str], threads: int) -> int: ...
def time_inspect(
    onboarding: Onboarding,
    actor: Actor,
    partner: str,
    files: Sequence[bytes | str],
    threads: int,
) -> int: ...

# Moving a store
@final
class Unfinished:
    @property
    def bytes(self) -> int: ...
    @property
    def counts(self) -> Counts: ...

def export(
    store: Onboarding | Store,
    file: _TakesBytes | _TakesText,
    *,
    at: datetime | None = None,
    progress: Callable[[Progress], object] | None = None,
) -> Counts: ...
def resume(
    store: Onboarding | Store,
    unfinished: Unfinished,
    file: _TakesBytes | _TakesText,
    *,
    at: datetime | None = None,
    progress: Callable[[Progress], object] | None = None,
) -> Counts: ...
def unfinished(file: _Readable) -> Unfinished | None: ...
def import_(
    store: Onboarding | Store,
    file: _Readable,
    *,
    progress: Callable[[Progress], object] | None = None,
) -> Imported: ...
def verify(file: _Readable) -> Counts: ...

# Tests
@final
class TestCertificate:
    __test__: bool
    @property
    def der(self) -> bytes: ...
    @property
    def pem(self) -> str: ...
    @property
    def private_key_pem(self) -> str: ...
    def __eq__(self, value: object, /) -> bool: ...

@final
class TestPki:
    __test__: bool
    def __new__(cls, at: datetime) -> TestPki: ...
    @property
    def at(self) -> datetime: ...
    @property
    def root(self) -> TestCertificate: ...
    @property
    def issuing(self) -> TestCertificate: ...
    @property
    def ca_pem(self) -> str: ...
    def issue(
        self,
        organization: str,
        *,
        not_before: datetime | None = None,
        not_after: datetime | None = None,
        serial: int | None = None,
        key: str | None = None,
    ) -> TestCertificate: ...

def make_certificate(
    kind: Literal["root", "intermediate", "partner", "blank"],
    name: str,
    *,
    issuer: TestCertificate | None = None,
    signed_by: TestCertificate | None = None,
    organization: str | None = None,
    version: int | None = None,
    serial: int | None = None,
    not_before: datetime | None = None,
    not_after: datetime | None = None,
    key: str | None = None,
    signature: str | None = None,
    ca: bool | None = None,
    path_length: int | None = None,
    key_usage: Sequence[str] | None = None,
    extended_key_usage: Sequence[str] | None = None,
    policies: Sequence[str] | None = None,
    extensions: Sequence[tuple[str, bool, bytes]] | None = None,
    without: Sequence[str] | None = None,
    corrupted: bool = False,
) -> TestCertificate: ...
def conformance_cases() -> list[str]: ...
def run_conformance_case(name: str, store: Store) -> str | None: ...
def fold_case(text: str) -> str: ...
