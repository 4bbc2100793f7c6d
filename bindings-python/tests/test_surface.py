"""What the package offers: all of the engine, all of it typed and documented, field by field."""

from __future__ import annotations

import ast
import dataclasses
import inspect
import pickle
import re
from collections.abc import Iterator
from enum import Enum
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, Union, get_origin

import misp_onboarding
import pytest
from misp_onboarding import Onboarding, _native, _wire
from misp_onboarding.errors import InvalidInputError
from misp_onboarding.license_keys import LicenseKeyRecord
from misp_onboarding.partners import PartnerSort
from misp_onboarding.stores import Change, ChangeSet, Expect, Insert, Record, RecordId, Update

from .support import Scenario

CORE = Path(__file__).parents[2] / "core" / "src"
PUBLIC: list[ModuleType] = [
    value
    for name, value in vars(misp_onboarding).items()
    # pytest adds modules of its own to a package that brings a plugin along.
    if isinstance(value, ModuleType) and value.__name__ == f"misp_onboarding.{name}"
    if not name.startswith("_")
]


def test_every_operation_of_the_engine_has_its_name_here() -> None:
    text = "".join(path.read_text() for path in sorted((CORE / "onboarding").glob("*.rs")))
    methods = set(re.findall(r"^    pub fn (\w+)", text, re.MULTILINE))
    # How an engine is set up is told by keywords here; records are read through the engine alone.
    set_up = {"builder", "builder_with_verifier", "clock", "pepper", "build"}
    not_here = {
        "random",  # Keys come from the operating system's generator.
        "store",  # The traits of a store are the engine's own side of it.
    }
    assert set_up | not_here < methods and len(methods) > 45
    ours = {name for name in vars(Onboarding) if not name.startswith("_")}
    assert methods - set_up - not_here == ours - {"open"}
    for name in ("verify_path", "validate", "TrustAnchors", "Validator"):
        assert hasattr(misp_onboarding.certificates, name)
    exported = re.findall(
        r"^pub use \w+::\{?([^}]*?)\}?;", (CORE / "transfer/mod.rs").read_text(), re.MULTILINE
    )
    names = {name for names in exported for name in re.findall(r"\w+", names)}
    # Bounds of the file, which are told where one is broken; the error is with the others.
    assert {"MAX_LINE_BYTES", "MAX_TOGETHER", "TransferError"} < names
    names = {name for name in names if not name.startswith("MAX_")} - {"TransferError", "import"}
    assert names | {"import_", "Counts", "Progress"} == set(misp_onboarding.transfer.__all__)
    for name in ("parse", "generate", "digest", "reveal", "last4"):
        assert hasattr(misp_onboarding.LicenseKey, name)


def test_every_structure_has_the_fields_of_the_engine() -> None:
    shapes = dict(_native.shapes())
    assert len(shapes) == 29
    for name, fields in shapes.items():
        here = [field.name for field in dataclasses.fields(_wire.CLASSES[name])]
        assert here == ["from_" if field == "from" else field for field in fields], name


def test_every_enumeration_has_the_texts_of_the_engine() -> None:
    texts = dict(_native.texts())
    faults = [text.replace("certificate.path.", "") for text in texts.pop("PathFault")]
    assert list(_wire.ENUMS["PathFault"]) == faults
    assert list(_wire.ENUMS["Profile"]) == ["default", "strict"]
    assert {*texts, "PathFault", "Profile", "StableText", "Unchanged"} >= set(_wire.ENUMS)
    for name, values in texts.items():
        assert list(_wire.ENUMS[name]) == values, name


def test_records_and_changes_come_back_as_they_were(s: Scenario) -> None:
    partner, policy = s.ready_partner("bank")
    key = s.key("bank", "production", policy=policy.id).view.row.key
    engine = s.onboarding
    records: list[Record] = [
        engine.partner(s.admin, "bank"),
        engine.certificate_history(s.admin, "bank")[0],
        engine.list_ca_certificates(s.admin).items[0],
        engine.policy_group(s.admin, policy.group),
        policy,
        engine.list_policy_links(s.admin).items[0].link,
        key,
        misp_onboarding.trust_store.TrustDomainRecord("AUTH", 3),
    ]
    events = tuple(event.event for event in engine.events(s.admin))
    changes: list[Change] = [
        *(Insert(record) for record in records),
        Update(partner),
        Expect(RecordId("partner", "bank"), 3),
    ]
    assert [_native.crossed(record) for record in records] == records
    assert [_native.crossed(change) for change in changes] == changes
    everything = ChangeSet(tuple(changes), events)
    assert _native.crossed(everything) == everything == pickle.loads(pickle.dumps(everything))
    bad = dataclasses.replace(key, expires_at="noon")  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="^value.changes.*expires_at: a datetime with a time zone"):
        _native.crossed(ChangeSet((Insert(bad),)))
    with pytest.raises(InvalidInputError, match="^value.digest: 64 hexadecimal digits needed"):
        _native.crossed(dataclasses.replace(key, digest="00"))
    assert isinstance(_native.crossed(key), LicenseKeyRecord)


def public_things() -> Iterator[tuple[str, Any]]:
    for module in [misp_onboarding, *PUBLIC]:
        yield module.__name__, module
        for name in module.__all__:
            thing = getattr(module, name)
            yield f"{module.__name__}.{name}", thing
            if inspect.isclass(thing):
                for member in vars(thing):
                    if not member.startswith("_"):
                        yield f"{module.__name__}.{name}.{member}", getattr(thing, member)


def test_every_public_name_is_documented() -> None:
    undocumented = [
        name
        for name, thing in public_things()
        if callable(thing) or isinstance(thing, (ModuleType, property))
        # What several classes are called together has no place for a text of its own.
        if get_origin(thing) is not Union
        if not (inspect.getdoc(thing) or "").strip()
    ]
    assert undocumented == []
    raising = [
        name
        for name, thing in vars(Onboarding).items()
        if not name.startswith("_") and "Raises" not in (inspect.getdoc(thing) or "")
    ]
    # Static methods keep their text one level down.
    assert sorted(raising) == ["in_memory", "open", "rules"]
    assert "Raises" in (Onboarding.in_memory.__doc__ or "") and "Raises" in (
        Onboarding.open.__doc__ or ""
    )


def test_every_field_and_member_is_documented() -> None:
    undocumented = []
    for path in Path(misp_onboarding.__file__).parent.glob("*.py"):
        for cls in ast.walk(ast.parse(path.read_text())):
            if not isinstance(cls, ast.ClassDef):
                continue
            for line, after in zip(cls.body, [*cls.body[1:], None]):
                if isinstance(line, (ast.AnnAssign, ast.Assign)):
                    says = isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant)
                    if not says:
                        undocumented.append(f"{path.name}:{line.lineno}")
    assert undocumented == []


def test_every_class_says_where_it_is_imported_from() -> None:
    for name, thing in public_things():
        if inspect.isclass(thing) and thing.__module__.startswith("misp_onboarding."):
            assert "._" not in thing.__module__, name
            assert getattr(import_module(thing.__module__), thing.__name__) is thing, name


def test_modules_name_what_they_offer() -> None:
    for module in PUBLIC:
        defined = {
            name
            for name, value in vars(module).items()
            if not name.startswith("_") and getattr(value, "__module__", None) == module.__name__
        }
        assert defined <= set(module.__all__), module.__name__
    assert issubclass(PartnerSort, Enum) and misp_onboarding.__version__
