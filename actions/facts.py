"""The facts that answers rest on, for whoever can do without them when they cannot be read."""

from __future__ import annotations

import logging
from collections.abc import Mapping

from content.facts import Fact, load_facts
from content.reading import ContentError

_log = logging.getLogger(__name__)


def facts_if_readable() -> Mapping[str, Fact]:
    """Return every fact by its id; none when their file is broken, which stands in the log."""
    try:
        return load_facts()
    except ContentError as error:
        # The answer itself is still right; it only cannot say where it comes from
        _log.error("facts cannot be read, answers go out without sources: %s", error)
        return {}
