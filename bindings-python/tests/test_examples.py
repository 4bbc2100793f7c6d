"""The examples, run as a host would."""

from __future__ import annotations

import csv
import importlib
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from misp_onboarding import Onboarding

from examples import import_keys

from .support import Scenario

ADMIN = {"x-user": "ana", "x-roles": "PartnerAdmin"}


def test_the_service_answers_with_records_and_codes(
    s: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ONBOARDING_DATABASE", f"sqlite:///{tmp_path}/data.sqlite")
    service = importlib.reload(importlib.import_module("examples.service"))
    with TestClient(service.app) as client:
        made = client.post("/partners", json=s.new_partner("bank"), headers=ADMIN)
        assert made.status_code == 201 and made.json()["state"] == "inactive"
        again = client.post("/partners", json=s.new_partner("BANK"), headers=ADMIN)
        assert (again.status_code, again.json()["code"]) == (409, "input.taken")
        listed = client.get("/partners", params={"name": "EXAMPLE"}, headers=ADMIN).json()
        assert [row["partner"]["id"] for row in listed["items"]] == ["bank"]
        pem = s.pki.issue("Example Bank").pem
        refused = client.put(
            "/partners/bank/certificate",
            content=pem,
            headers={**ADMIN, "content-type": "text/plain"},
        )
        assert (refused.status_code, refused.json()["code"]) == (422, "certificate.rejected")
        nobody = client.get("/partners", headers={"x-user": "ana", "x-roles": "PolicyManager"})
        assert nobody.status_code == 200
        wrong = client.get("/authenticate/misp_x")
        assert (wrong.status_code, wrong.json()["code"]) == (401, "authenticate.malformed")


def write(path: Path, keys: list[tuple[str, str]]) -> list[str]:
    with path.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["key", "partner", "policy", "name", "expires_at"])
        rows.writerows([key, "bank", "", name, "2030-01-01T00:00:00Z"] for key, name in keys)
    return [str(path)]


def test_existing_keys_are_imported_from_csv_in_batches(
    s: Scenario, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(import_keys, "BATCH", 2)
    url = f"sqlite:///{tmp_path}/data.sqlite"
    engine = Onboarding.open(url)
    Scenario(engine, s.clock, s.pki).partner("bank")
    letters = [(letter * 50, f"key {letter}") for letter in "abcde"]
    file = tmp_path / "keys.csv"
    assert import_keys.main([url, *write(file, letters)]) == 5
    assert "5/5" in capsys.readouterr().err
    assert engine.list_license_keys(s.admin, with_total=True).total == 5
    assert engine.authenticate("a" * 50) == engine.authenticate("b" * 50)
    more = [*letters[:4], ("f" * 50, "key f")]
    assert import_keys.main([url, *write(file, more)]) == 1
    with pytest.raises(SystemExit, match="^line 3: text: 54 or 50 characters needed"):
        import_keys.main([url, *write(file, [("g" * 50, "g"), ("short", "h")])])
    with pytest.raises(SystemExit, match="^line 7: license_key.name: "):
        import_keys.main([url, *write(file, [*letters[:4], ("g" * 50, "g"), ("h" * 50, "G")])])
