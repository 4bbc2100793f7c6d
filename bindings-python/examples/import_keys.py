"""Imports license keys that are in use already from CSV, with a progress bar.

    python import_keys.py sqlite:///onboarding.sqlite keys.csv

The file has a head line and the columns `key`, `partner`, `policy` (may be empty), `name` and `expires_at` (ISO 8601 with a
time zone). The partners and policies must be there. Keys go in by batches, each all or none: what breaks a rule is named by its
line, and a second run goes on behind the batches that went in.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import islice
from pathlib import Path

from misp_onboarding import Actor, LicenseKey, Onboarding, OnboardingError, Role
from misp_onboarding.errors import InvalidInputError
from misp_onboarding.license_keys import ImportLicenseKey
from tqdm import tqdm

BATCH = 500


def read(rows: csv.DictReader[str]) -> Iterator[ImportLicenseKey]:
    """The keys of a file, line by line."""
    for row in rows:
        try:
            yield ImportLicenseKey(
                key=LicenseKey.parse(row["key"]),
                partner=row["partner"],
                policy=row["policy"] or None,
                name=row["name"],
                # `Z` is read from Python 3.11 on.
                expires_at=datetime.fromisoformat(row["expires_at"].replace("Z", "+00:00")),
            )
        except InvalidInputError as error:
            raise SystemExit(f"line {rows.line_num}: {error}") from error


def main(arguments: Sequence[str]) -> int:
    """Imports a file and answers with how many keys went in."""
    url, file = arguments
    onboarding = Onboarding.open(url)
    actor = Actor("import", [Role.PARTNER_ADMIN])
    text = Path(file).read_text(encoding="utf-8").splitlines()
    done = imported = 0
    with tqdm(total=len(text) - 1, unit="key") as bar:
        keys = read(csv.DictReader(text))
        while batch := list(islice(keys, BATCH)):
            try:
                onboarding.import_license_keys(actor, batch)
            except OnboardingError as error:
                if error.code == "license_key.already_imported" and error.index == 0:
                    # The batch went in before, as a whole.
                    imported -= len(batch)
                else:
                    # Line 1 is the head.
                    line = done + error.facts.get("index", 0) + 2
                    raise SystemExit(f"line {line}: {error.__cause__ or error}") from error
            imported += len(batch)
            done += len(batch)
            bar.update(len(batch))
    return imported


if __name__ == "__main__":
    print(f"{main(sys.argv[1:])} license keys imported")
