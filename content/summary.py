"""What a visitor has asked about, in a few lines to copy and take along to a person.

Made from the names of the answers that were given, never from what the visitor typed.
"""

from __future__ import annotations

from collections.abc import Iterable

from content.message import topic_of
from content.topics import load_topics
from content.treatment_answers import read_name
from content.treatment_subject import Subject, upper_first
from content.treatment_words import load_treatment_words
from content.treatments import load_treatments

# Name of the message that holds the summary
TAKE_ALONG = "take_along"
HEADING = "To copy and take along. I asked the SPMS Helpline (a bot with general facts) about:"
MOST_LINES = 8
# Where they turn to is no topic they asked about
LEFT_OUT = "contact_navigator_support"


def take_along(answers: Iterable[str | None]) -> str | None:
    """Return the summary of a conversation as plain text with a list.

    Args:
        answers: `answer` of the bot's messages, oldest first: names of responses, or treatment
            and aspect ("siponimod/side_effects"). Others are passed over.

    Returns:
        A heading and at most MOST_LINES lines, the newest topics when there are more; None where
        nothing has been asked about.

    Raises:
        ContentError: a content file cannot be used.
    """
    asked: dict[str, list[str]] = {}
    for name in answers:
        for line, detail in _lines(name):
            details = asked.setdefault(line, [])
            if detail and detail not in details:
                details.append(detail)
    lines = [
        f"- {line}: {', '.join(details)}" if details else f"- {line}"
        for line, details in asked.items()
    ]
    return "\n".join([HEADING, *lines[-MOST_LINES:]]) if lines else None


def _lines(name: str | None) -> Iterable[tuple[str, str | None]]:
    named = read_name(name)
    if named is not None:
        treatments, words = load_treatments(), load_treatment_words()
        for each in named[0]:
            if each in treatments:
                # The subject knows which names may be shown
                name = Subject(treatments[each], words).name
                yield upper_first(name), words.aspects[named[1]].label
        return
    topic = topic_of(name)
    if topic is not None and topic != LEFT_OUT:
        yield load_topics()[topic].label, None
