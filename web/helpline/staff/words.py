"""What staff read instead of ids: labels, dates, numbers, and text taken apart for HTML."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping, Sequence
from datetime import date, datetime

from content.message import KINDS
from content.reading import ContentError
from content.topics import load_group_labels, load_labels, load_topics
from content.treatments import load_treatments
from helpline.store.models import FLAGS

KIND_LABELS = {
    "greeting": "Greeting",
    "answer": "Answer",
    "clarify": "Asked back",
    "handoff": "Handed off",
    "crisis": "Crisis",
    "emergency": "Emergency",
    "abuse": "Abuse",
    "personal_advice": "Advice on one person",
    "out_of_scope": "Not about MS",
    "smalltalk": "Small talk",
    "unavailable": "Bot was down",
}
FLAG_LABELS = {
    "crisis": "Crisis",
    "emergency": "Emergency",
    "abuse": "Abuse",
    "handoff": "Handed off",
    "not_understood": "Not understood",
    "unsure": "Unsure",
    "thumbs_down": "Thumbs down",
    "error": "Error",
}
STATE_LABELS = {
    "new": "New",
    "in_review": "In review",
    "later": "Later",
    "reviewed": "Reviewed",
}
LANGUAGE_LABELS = {
    "en": "English",
    "other": "Another, not known which",
    "es": "Spanish",
    "fr": "French",
    "de": "German",
    "pt": "Portuguese",
    "it": "Italian",
}
CORRECTION_LABELS = {
    "proposed": "Waits for approval",
    "approved": "Approved",
    "sent_back": "Sent back",
    "exported": "Exported",
    "withdrawn": "Withdrawn",
}
# Where an example stands
WHERE_LABELS = {"training": "training data", "test": "tests", "correction": "another correction"}
ROLE_LABELS = {"reviewer": "Reviewer", "lead": "Lead", "admin": "Admin"}
# Of intents that are never offered to a visitor and so have no label of their own.
_INTENT_LABELS = {
    "nlu_fallback": "Not understood",
    "crisis": "Crisis",
    "emergency": "Emergency",
    "abuse": "Abuse",
    "personal_medical_advice": "Advice on one person",
    "out_of_scope": "Not about MS",
    "greet": "A greeting",
    "goodbye": "A goodbye",
    "thank": "Thanks",
    "affirm": "Yes",
    "deny": "No",
    "feedback_positive": "Praise",
    "feedback_negative": "A complaint",
}
_ABBREVIATIONS = re.compile(r"\b(?:ms|spms|ppms|rrms|edss|mri|fda|uk|us)\b")


@dataclasses.dataclass(frozen=True)
class Choice:
    """An option of a filter."""

    value: str
    label: str


def kind_choices() -> list[Choice]:
    """Return the kinds that an answer can have; a greeting answers nothing."""
    return [Choice(kind, kind_label(kind)) for kind in KINDS if kind != "greeting"]


def flag_choices() -> list[Choice]:
    """Return the flags in the order of their urgency."""
    return [Choice(flag, flag_label(flag)) for flag in FLAGS]


def topic_choices() -> Mapping[str, Sequence[Choice]]:
    """Return the topics under the names of their groups; empty if their file is broken."""
    try:
        groups: dict[str, list[Choice]] = {}
        names = load_group_labels()
        for topic in load_topics().values():
            groups.setdefault(names[topic.group], []).append(Choice(topic.id, topic.label))
        return groups
    except ContentError:
        return {}


def intent_label(intent: str | None) -> str:
    """Return the human name of an intent or topic; one that is gone is spelled from its id."""
    if intent is None:
        return "None"
    try:
        label = load_labels().get(intent)
    except ContentError:
        label = None
    return label or _INTENT_LABELS.get(intent) or from_id(intent)


def detail(value: object) -> str:
    """Return a value of the audit log's details in words."""
    if isinstance(value, list):
        return ", ".join(map(detail, value)) or "none"
    if value is None or isinstance(value, bool):
        return {None: "none", True: "yes", False: "no"}[value]
    return str(value)


def kind_label(kind: str) -> str:
    """Return the human name of a message's kind."""
    return KIND_LABELS.get(kind) or from_id(kind)


def flag_label(flag: str) -> str:
    """Return the human name of a flag."""
    return FLAG_LABELS.get(flag) or from_id(flag)


def language_label(code: str) -> str:
    """Return the name of a language."""
    return LANGUAGE_LABELS.get(code, code)


def treatment_label(treatment: str) -> str:
    """Return the name of a treatment; one that is gone is spelled from its id."""
    try:
        known = load_treatments().get(treatment)
    except ContentError:
        known = None
    return known.generic if known else from_id(treatment)


def from_id(name: str) -> str:
    """Spell an id for people: "ms_in_general" as "MS in general"."""
    spelled = re.sub(r"[_.]", " ", name).strip()
    spelled = _ABBREVIATIONS.sub(lambda found: found[0].upper(), spelled)
    return spelled[:1].upper() + spelled[1:]


def moment(value: datetime) -> str:
    """Write a moment as "22 Nov 2026, 09:30"; the page says that it is UTC."""
    return f"{value.day} {value:%b %Y, %H:%M}"


def day(value: date) -> str:
    """Write a day as "22 Nov 2026"."""
    return f"{value.day} {value:%b %Y}"


def percent(share: float | None) -> str:
    """Write 0.873 as "87 %"; never rounds up to 100."""
    if share is None:
        return "–"
    return f"{min(round(share * 100), 99 if share < 1 else 100)} %"


def milliseconds(value: float | None) -> str:
    """Write a time, given in milliseconds."""
    if value is None:
        return "–"
    return f"{value:.0f} ms" if value < 10_000 else f"{value / 1000:.0f} s"


@dataclasses.dataclass(frozen=True)
class Block:
    """A paragraph, or the points of a list."""

    is_list: bool
    lines: tuple[str, ...]


def blocks(text: str) -> list[Block]:
    """Take a message apart as the widget does: blank lines between paragraphs, "- " for points."""
    found: list[Block] = []
    for paragraph in text.replace("\r\n", "\n").split("\n\n"):
        lines: list[str] = []
        points: list[str] = []
        for line in paragraph.split("\n"):
            if line.startswith("- "):
                if lines:
                    found.append(Block(False, tuple(lines)))
                    lines = []
                points.append(line[2:])
            elif line.strip():
                if points:
                    found.append(Block(True, tuple(points)))
                    points = []
                lines.append(line)
        if points:
            found.append(Block(True, tuple(points)))
        if lines:
            found.append(Block(False, tuple(lines)))
    return found
