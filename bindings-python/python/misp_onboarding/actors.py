"""Who acts, and what they may do."""

from __future__ import annotations

from ._native import Actor
from ._text import StableText

__all__ = [
    "Actor",
    "Role",
]


class Role(StableText):
    """What an actor may do."""

    PARTNER_ADMIN = "PartnerAdmin"
    """May do everything but write policies."""
    POLICY_MANAGER = "PolicyManager"
    """May write policies and policy groups, and read everything."""
