"""What a visitor typed, made fit for storing and understanding."""

from __future__ import annotations

import unicodedata

# Joiners carry meaning in emoji and in several scripts; other invisible characters only hide text.
_KEPT = frozenset("\n\t\u200c\u200d")


def clean(text: str) -> str:
    """Return `text` without control and invisible characters, in composed form, trimmed.

    A lone surrogate, which JSON can carry but no database can keep, becomes U+FFFD.
    """
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    text = unicodedata.normalize("NFC", text)
    visible = "".join(
        character
        for character in text
        if character in _KEPT or unicodedata.category(character) not in ("Cc", "Cf")
    )
    return visible.strip(" \n\t\u200c\u200d")
