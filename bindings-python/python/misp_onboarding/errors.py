"""What calls fail with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ._text import StableText

if TYPE_CHECKING:
    from .certificates import CertificateReport, PathFault, PathReport

__all__ = [
    "AlreadyExistsError",
    "CertificateRejectedError",
    "ConflictError",
    "ErrorKind",
    "Field",
    "FieldError",
    "FieldRule",
    "ForbiddenError",
    "InvalidInputError",
    "NotFoundError",
    "OnboardingError",
    "PathError",
    "StoreFailedError",
    "TransferError",
    "WrongStateError",
]


class ErrorKind(StableText):
    """Which kind of failure: what a host decides its answer by."""

    INVALID_INPUT = "invalid_input"
    """What was handed in breaks a rule; the same input will fail again."""
    NOT_FOUND = "not_found"
    """A record that the call names does not exist."""
    ALREADY_EXISTS = "already_exists"
    """Something that must be unique is already there."""
    WRONG_STATE = "wrong_state"
    """A record is not in the state that the call needs."""
    FORBIDDEN = "forbidden"
    """The actor lacks a role, or may not decide on their own request."""
    CERTIFICATE_REJECTED = "certificate_rejected"
    """A certificate breaks a rule; the report says which."""
    CONFLICT = "conflict"
    """Other commands were faster each time; the same call may succeed later."""
    STORE = "store"
    """The store, the operating system's random generator, or the file of an export failed."""


class Field(StableText):
    """A field of a command."""

    PARTNER_ID = "partner.id"
    """A partner's id."""
    PARTNER_ORGANIZATION = "partner.organization"
    """A partner's organization name."""
    PARTNER_ADDRESS = "partner.address"
    """A partner's address."""
    PARTNER_CONTACT_NUMBER = "partner.contact_number"
    """A partner's contact number."""
    PARTNER_EMAIL = "partner.email"
    """A partner's email address."""
    PARTNER_LANGUAGE = "partner.language"
    """A partner's language."""
    PARTNER_POLICY_GROUP = "partner.policy_group"
    """A partner's policy group."""
    TRUST_DOMAIN = "trust_store.domain"
    """A trust domain."""
    DISTRUST_REASON = "trust_store.distrust_reason"
    """Why a CA certificate is distrusted."""
    POLICY_GROUP_NAME = "policy_group.name"
    """A policy group's name."""
    POLICY_GROUP_DESCRIPTION = "policy_group.description"
    """A policy group's description."""
    POLICY_NAME = "policy.name"
    """A policy's name."""
    POLICY_DESCRIPTION = "policy.description"
    """A policy's description."""
    POLICY_DOCUMENT = "policy.document"
    """A policy's document."""
    POLICY_VALID_UNTIL = "policy.valid_until"
    """The end of a policy's validity."""
    POLICY_LINK_COMMENT = "policy_link.comment"
    """What a policy request says."""
    LICENSE_KEY_NAME = "license_key.name"
    """A license key's name."""
    LICENSE_KEY_VALIDITY = "license_key.validity"
    """A license key's validity."""
    LICENSE_KEY_OVERLAP = "license_key.overlap"
    """How long a replaced license key stays good."""
    LICENSE_KEY_IMPORTED = "license_key.imported_key"
    """A license key to import."""
    RULES = "rules"
    """The engine's configuration."""


class FieldRule(StableText):
    """The rules a field can break."""

    LENGTH = "length"
    """Too short or too long."""
    CONTROL_CHARACTER = "control_character"
    """Holds a control character, or an invisible formatting character."""
    CHARACTERS = "characters"
    """Holds a character that does not belong there."""
    FORMAT = "format"
    """Not of the form the field needs."""
    RANGE = "range"
    """Outside the range or list the field needs."""
    TAKEN = "taken"
    """Already used by another record."""
    UNKNOWN = "unknown"
    """Names a record that does not exist."""
    NOT_ACTIVE = "not_active"
    """Names a record that is not active."""


@dataclass(frozen=True)
class FieldError:
    """A field or an argument that breaks a rule."""

    field: str
    """The field, a `Field` such as `partner.contact_number`; or the name of the argument where it
    could not be read at all, such as `filter.state`.
    """
    rule: FieldRule
    """Which rule."""
    required: str
    """What the rule needs."""
    found: str
    """What was found; of contact data only a description."""
    pms_code: str | None = None
    """MOSIP's code for the same failure, where it has one."""

    @property
    def code(self) -> str:
        """The stable code: the field and the rule, such as `partner.contact_number.length`."""
        return f"{self.field}.{self.rule.value}"

    def __str__(self) -> str:
        return f"{self.field}: {self.required} needed, found {self.found}"


class OnboardingError(Exception):
    """Everything a call of the engine can fail with. Nothing was changed.

    The facts of the failure are attributes too: `error.id` is `error.facts["id"]`.
    """

    kind: ErrorKind
    """What sort of failure it is; each kind has a class of its own."""
    code: str
    """The stable code of exactly this failure, such as `license_key.not_found`."""
    pms_code: str | None
    """MOSIP's code for the same failure, where it has one."""
    facts: dict[str, Any]
    """What was needed and what was found, by name."""

    def __init__(
        self,
        message: str,
        *,
        kind: ErrorKind,
        code: str,
        pms_code: str | None = None,
        facts: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(message)
        self.kind = kind
        self.code = code
        self.pms_code = pms_code
        self.facts = dict(facts or {})

    def __getattr__(self, name: str) -> Any:
        facts = self.__dict__.get("facts", {})
        if name in facts:
            return facts[name]
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def __reduce__(self) -> tuple[Any, ...]:
        return (_restored, (type(self), self.args, self.__dict__))


def _restored(
    cls: type[OnboardingError], args: tuple[Any, ...], state: dict[str, Any]
) -> OnboardingError:
    error = cls.__new__(cls, *args)
    error.__dict__.update(state)
    return error


class InvalidInputError(OnboardingError, ValueError):
    """What was handed in breaks a rule; the same input will fail again."""

    @property
    def fields(self) -> tuple[FieldError, ...]:
        """Every field that breaks a rule, in the order of the command; empty where the failure is
        not one of fields.
        """
        return tuple(self.facts.get("fields", ()))


class NotFoundError(OnboardingError):
    """A record that the call names does not exist."""


class AlreadyExistsError(OnboardingError):
    """Something that must be unique is already there."""

    @property
    def fields(self) -> tuple[FieldError, ...]:
        """The fields whose value is taken; empty where the failure is not one of fields."""
        return tuple(self.facts.get("fields", ()))


class WrongStateError(OnboardingError):
    """A record is not in the state that the call needs."""


class ForbiddenError(OnboardingError):
    """The actor lacks a role, or may not decide on their own request."""


class CertificateRejectedError(OnboardingError):
    """A certificate breaks a rule."""

    @property
    def report(self) -> CertificateReport | None:
        """Every finding, with what the certificate says of itself; None where a file of CA
        certificates could not be read at all.
        """
        report: CertificateReport | None = self.facts.get("report")
        return report


class PathError(OnboardingError):
    """A certificate has no valid path to a root: raised by `certificates.verify_path` alone."""

    @property
    def report(self) -> PathReport:
        """Why the best candidate path is not valid, and why others are not."""
        report: PathReport = self.facts["report"]
        return report

    @property
    def fault(self) -> PathFault:
        """Which rule the best candidate breaks."""
        return self.report.failure.fault


class ConflictError(OnboardingError):
    """Other commands were faster each time; the same call may succeed later."""


class StoreFailedError(OnboardingError):
    """The store, or the operating system's random generator, failed. Why is the `__cause__`."""


class TransferError(OnboardingError):
    """An export or an import did not come to its end: raised by `transfer` alone.

    What was written or committed until then is whole and stays. What the store fails with, and what
    the file raises, are exceptions of their own.
    """
