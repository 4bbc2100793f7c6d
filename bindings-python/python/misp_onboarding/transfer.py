"""Moving everything that a store holds into another store, as lines of JSON.

What comes out is what went in, whatever database either store is on: each record with its id,
version and instants, each event in its place, so that whoever reads events goes on where they were.

>>> old = Onboarding.open("sqlite:///onboarding.sqlite")
>>> with open("onboarding.jsonl", "wb") as file:
...     export(old, file)
>>> new = Onboarding.open("postgresql://onboarding@db/onboarding")
>>> with open("onboarding.jsonl", "rb") as file:
...     verify(file)
...     file.seek(0)
...     import_(new, file)

An export shows the store at one instant. Commands must rest meanwhile, or it fails with
`transfer.moved`; reads and authentications may go on. One that was broken off goes on where it stopped:

>>> with open("onboarding.jsonl", "r+b") as file:
...     so_far = unfinished(file)
...     if so_far is not None:
...         file.seek(so_far.bytes)
...         file.truncate()
...         resume(old, so_far, file)

An import that was broken off is begun again: what is there and equal is left alone. A store that is in
use for something else is refused.

Protect the file like the database: it holds the contact data of every partner. Of license keys it
holds digests, which open no door; a pepper that they were made under is not in it. It tells damage,
not forgery: whoever can write to it can put a digest of their own in.
"""

from __future__ import annotations

from dataclasses import dataclass

from ._native import Unfinished, export, import_, resume, unfinished, verify

__all__ = [
    "Counts",
    "Imported",
    "Progress",
    "Unfinished",
    "export",
    "import_",
    "resume",
    "unfinished",
    "verify",
]


@dataclass(frozen=True)
class Counts:
    """How many of each."""

    events: int
    """Events."""
    trust_domains: int
    """Trust domains."""
    ca_certificates: int
    """CA certificates."""
    policy_groups: int
    """Policy groups."""
    policies: int
    """Policies."""
    partners: int
    """Partners."""
    partner_certificates: int
    """Certificates of partners."""
    policy_links: int
    """Policy links."""
    license_keys: int
    """License keys."""

    def total(self) -> int:
        """All of them together."""
        return sum(vars(self).values())


@dataclass(frozen=True)
class Progress:
    """How far an export or an import is."""

    done: Counts
    """What of the file is written, or read and in the store."""
    expected: Counts
    """What there is in all. Trust domains and certificates of partners are not counted beforehand and
    stand as none.
    """


@dataclass(frozen=True)
class Imported:
    """What an import did."""

    read: Counts
    """What the file holds."""
    added: Counts
    """What of it was not in the store before."""
