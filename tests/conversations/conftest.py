"""A whole helpline of real processes for the conversations, started once."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from scripts.processes import RunningHelpline, running_helpline


@pytest.fixture(scope="session")
def helpline() -> Iterator[RunningHelpline]:
    with running_helpline(("chat", "actions", "bot"), {"RATE_LIMITS": "false"}) as running:
        yield running
