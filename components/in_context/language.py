"""Whether a message is in one of the languages that the helpline answers with a line of its own."""

from __future__ import annotations

import re

from content.context_words import ContextWords

FEWEST_SIGNS = 2
LEAST_SHARE = 0.3


def is_foreign(text: str, words: ContextWords) -> bool:
    """Whether the little words of a message are those of another language, and not English ones.

    Names of medicines and English with typing errors have no such words. What comes of it is
    decided by `actions.languages`, which looks at the whole message again.
    """
    if words.language_named(text):
        return True
    said = re.findall(r"[^\W\d_]+", re.sub(r"['’]", "", text.lower()))
    english = sum(word in words.function_words or word in words.pronouns for word in said)
    for signs in words.languages.values():
        found = [word for word in said if word in signs]
        if (
            len(set(found)) >= FEWEST_SIGNS
            and len(found) >= LEAST_SHARE * len(said)
            and english < len(found)
        ):
            return True
    return False
