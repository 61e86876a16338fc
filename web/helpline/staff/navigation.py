"""The console's menu: one line for each page that stands in it."""

from __future__ import annotations

import dataclasses

from helpline.staff.sessions import SignedIn
from helpline.store.staff_models import ADMIN, REVIEWER


@dataclasses.dataclass(frozen=True)
class Entry:
    """A link of the menu, shown to whoever has the role."""

    address: str
    label: str
    role: str = REVIEWER


# In the order in which they stand; the account and signing out come last by themselves.
ENTRIES = (
    Entry("/conversations", "Conversations"),
    Entry("/corrections", "Corrections"),
    Entry("/questions", "Unknown questions"),
    Entry("/statistics", "Statistics"),
    Entry("/models", "Models"),
    Entry("/content", "Content"),
    Entry("/settings", "Settings"),
    Entry("/kill-switch", "Kill switch"),
    Entry("/audit", "Audit log"),
    Entry("/staff", "Staff", ADMIN),
)


def entries(staff: SignedIn) -> list[Entry]:
    """Return the links that this person can use."""
    return [entry for entry in ENTRIES if staff.may_act_as(entry.role)]
