"""What is said when a visitor goes on asking about an answer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

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
        of what was asked.
    """
    first = name.removesuffix(MORE)
    second = first + MORE
    on = context.get("follow_up"), context.get("same_topic")
    if name == second or first not in said or not any(on):
        return name
    has_second = second in texts
    in_first, in_second = _shared(typed, texts[first]), _shared(typed, texts.get(second, ""))
    if has_second and second not in said:
        if context.get("follow_up"):
            return second
        return second if in_second > in_first else first
    if context.get("same_topic"):
        return second if in_second > in_first else first
    for told, shared in ((second, in_second), (first, in_first)):
        if shared and told in texts and said[-1] != told:
            return told
    return None


def _shared(typed: str, text: str) -> int:
    """Return how many words of what was typed stand in a text."""
    told = {word[:STEM] for word in plain(text).split()}
    asked = {word[:STEM] for word in plain(typed).split() if len(word) >= SHORTEST_WORD}
    return len(told & asked)
