"""What is said when a visitor goes on asking about an answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from content.context_words import load_context_words
from content.treatment_words import plain

MORE = "_more"
SHORTEST_WORD = 4
# Words are compared by their beginning: "wheelchairs", "wheelchair"
STEM = 6


def next_answer(
    name: str,
    typed: str,
    context: Mapping[str, bool],
    said: Sequence[str],
    texts: Mapping[str, str],
) -> str | None:
    """Return the answer that goes on from `name`.

    Args:
        name: the answer to the topic, `utter_<topic>`, or its second part.
        typed: what the visitor typed.
        context: `follow_up` for a message that means little by itself, `same_topic` for one that
            asks about the topic of the last answer again.
        said: names of the answers so far, oldest first.
        texts: the text of every answer by its name.

    Returns:
        `name` itself, or its second part; None where both have been said and neither has a word
        that was typed.
    """
    first = name.removesuffix(MORE)
    second = first + MORE
    on = context.get("follow_up"), context.get("same_topic")
    if name == second or first not in said or not any(on):
        return name
    in_first, in_second = _shared(typed, texts[first]), _shared(typed, texts.get(second, ""))
    if in_first or in_second or context.get("same_topic"):
        return second if in_second > in_first else first
    return second if second in texts and second not in said else None


def _shared(typed: str, text: str) -> int:
    """Return how many words of what was typed, without the little ones, stand in a text."""
    told = {_stem(word) for word in plain(text).split()}
    words = load_context_words()
    little = words.function_words | words.pronouns | words.everywhere
    asked = {
        _stem(word)
        for word in plain(typed).split()
        if len(word) >= SHORTEST_WORD and word not in little
    }
    return len(told & asked)


def _stem(word: str) -> str:
    return word.removesuffix("s")[:STEM]
