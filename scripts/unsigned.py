"""Say how many answers nobody has signed: `make run` shows it at every start.

    python -m scripts.unsigned

Needs an environment with PyYAML (web or bot).
"""

from __future__ import annotations

import sys

import settings
from content.reading import ContentError
from content.signoff import signable, unsigned


def line() -> str:
    """Return the state of the signatures as a sentence; never fails."""
    try:
        texts = signable()
        drafts = unsigned(texts)
    except ContentError as error:
        return f"Signatures cannot be read: {error}"
    if not drafts:
        return f"All {len(texts)} answers are signed."
    required = settings.load().require_signed_answers
    shown = "a person is offered instead" if required else "they are shown all the same"
    return (
        f"{drafts} of {len(texts)} answers are unsigned; {shown} (REQUIRE_SIGNED_ANSWERS). "
        "Read and sign them: make content-report."
    )


if __name__ == "__main__":
    sys.stdout.write(f"{line()}\n")
