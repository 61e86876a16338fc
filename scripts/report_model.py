"""What the content report shows: every answer with its facts, in the order it is read in."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import settings
from content.contacts import NAVIGATOR_ID
from content.facts import HELD_FACTS, Fact, recheck_due
from content.message import PERSON, Message, build_message, topic_of
from content.responses import Payload, Variation
from content.signoff import Signable, State, always_shown, state_of
from content.topics import load_group_labels
from scripts.content_rules import MORE, SIMPLE, Content
from scripts.content_wording import OTHER_LANGUAGE, reading_grade, words

SOON_DAYS = 30

# Groups of answers that belong to no topic, after those of topics.yml: heading -> how names begin
OTHER_GROUPS = {
    "Crisis, emergency and abuse": ("utter_crisis", "utter_emergency", "utter_abuse"),
    "Where the helpline stops": (
        "utter_personal_medical_advice",
        "utter_out_of_scope",
        "utter_clarify",
        "utter_something_else",
        "utter_unavailable",
    ),
    "Kind words before an answer": ("utter_empathy",),
    "Other languages": (OTHER_LANGUAGE,),
}
REST = "The talk around the answers"


@dataclass(frozen=True)
class FactRow:
    """A fact below an answer, with the day its sources must be looked at again."""

    fact: Fact
    due: datetime.date
    overdue_days: int

    @property
    def why_held(self) -> str | None:
        """Why no visitor may see it, None when one may."""
        return why_held(self.fact)


@dataclass(frozen=True)
class ChoiceRow:
    """A choice, and the place in the report where the answer to it stands."""

    label: str
    leads_to: str | None


@dataclass(frozen=True)
class Wording:
    """One wording of an answer, as the visitor sees it and as a reviewer needs it."""

    anchor: str
    name: str
    title: str
    message: Message
    blocks: list[tuple[str, list[str]]]
    choices: list[ChoiceRow]
    facts: list[FactRow]
    words: int
    grade: float | None
    state: State
    code: str
    always_shown: bool
    language: str


@dataclass(frozen=True)
class Section:
    """Answers that belong together: a topic, or a part of a group without topics."""

    anchor: str
    title: str
    about: str
    wordings: list[Wording]


@dataclass(frozen=True)
class Group:
    """A chapter of the report."""

    anchor: str
    title: str
    sections: list[Section]

    @property
    def wordings(self) -> list[Wording]:
        """All of its wordings."""
        return [wording for section in self.sections for wording in section.wordings]


def blocks(text: str) -> list[tuple[str, list[str]]]:
    """Split a text into ("paragraph", lines) and ("list", items), as the chat shows it."""
    found: list[tuple[str, list[str]]] = []
    for paragraph in re.split(r"\n\s*\n", text.strip()):
        for line in paragraph.splitlines():
            kind = "list" if line.startswith("- ") else "paragraph"
            words_of_line = line.removeprefix("- ").strip()
            if found and found[-1][0] == kind == "list":
                found[-1][1].append(words_of_line)
            else:
                found.append((kind, [words_of_line]))
    return found


def why_held(fact: Fact) -> str | None:
    """Say in words why a fact is held back, None when it may be shown."""
    if fact.id in HELD_FACTS:
        return "held until its official source has been checked"
    if fact.confidence == "unverified":
        return "unverified: general knowledge, no source was found"
    if fact.confidence == "low":
        return "low confidence: one weak source"
    return None


def fact_rows(ids: Iterable[str], facts: Mapping[str, Fact], today: datetime.date) -> list[FactRow]:
    """Return the facts of an answer; those of them that are past their date come first."""
    rows = []
    for fact_id in ids:
        if fact_id in facts:
            due = recheck_due(facts[fact_id])
            rows.append(FactRow(facts[fact_id], due, max((today - due).days, 0)))
    return sorted(rows, key=lambda row: -row.overdue_days)


class Report:
    """Everything on the page, made from the content and a day."""

    def __init__(self, content: Content, today: datetime.date) -> None:
        """Take the content; `today` decides which facts are past their date."""
        self.content = content
        self.today = today
        self._names = [
            name
            for treatment in content.treatments.values()
            for name in (treatment.generic, *treatment.brands)
        ]
        self.groups = [*self._topic_groups(), *self._other_groups()]

    @property
    def wordings(self) -> list[Wording]:
        """Every wording in the order of the page."""
        return [wording for group in self.groups for wording in group.wordings]

    def due(self, within_days: int = 0) -> list[tuple[FactRow, list[Wording]]]:
        """Return the facts past their date, or due within `within_days` from today, with the
        wordings that rest on them; the oldest come first.
        """
        used: dict[str, list[Wording]] = {}
        for wording in self.wordings:
            for row in wording.facts:
                used.setdefault(row.fact.id, []).append(wording)
        rows = fact_rows(used, self.content.facts, self.today)
        until = self.today + datetime.timedelta(days=within_days)
        wanted = [
            row
            for row in rows
            if (row.overdue_days if not within_days else self.today <= row.due <= until)
        ]
        return [(row, used[row.fact.id]) for row in sorted(wanted, key=lambda row: row.due)]

    def held_facts(self) -> list[FactRow]:
        """Return the facts that no answer may rest on."""
        rows = fact_rows(self.content.facts, self.content.facts, self.today)
        return [row for row in rows if row.why_held]

    def _topic_groups(self) -> Iterator[Group]:
        topics = self.content.topics
        by_topic: dict[str | None, list[str]] = {}
        for name in self.content.responses:
            by_topic.setdefault(self._topic(name), []).append(name)
        for group, title in load_group_labels(self.content.root / "knowledge/topics.yml").items():
            sections = [
                Section(
                    topic.id,
                    topic.label,
                    topic.covers,
                    list(self._wordings(by_topic.get(topic.id, []))),
                )
                for topic in topics.values()
                if topic.group == group
            ]
            yield Group(f"group-{group}", title, sections)

    def _other_groups(self) -> Iterator[Group]:
        names = [name for name in self.content.responses if self._topic(name) is None]
        for number, (title, beginnings) in enumerate([*OTHER_GROUPS.items(), (REST, ("utter_",))]):
            chosen = [name for name in names if name.startswith(beginnings)]
            names = [name for name in names if name not in chosen]
            section = Section(f"other-{number}", title, "", list(self._wordings(chosen)))
            yield Group(f"group-other-{number}", title, [section])

    def _topic(self, name: str) -> str | None:
        given = self.content.responses[name][0].get("metadata", {}).get("topic")
        return given or topic_of(name, self.content.topics)

    def _wordings(self, names: Iterable[str]) -> Iterator[Wording]:
        for name in names:
            for number in range(1, len(self.content.responses[name]) + 1):
                yield self._wording(name, number)

    def _wording(self, name: str, number: int) -> Wording:
        variation = self.content.responses[name][number - 1]
        text = variation["text"]
        metadata = variation.get("metadata", {})
        language = name.rpartition("_")[2] if name.startswith(f"{OTHER_LANGUAGE}_") else "en"
        message = build_message(
            name,
            self._filled(text),
            variation.get("buttons"),
            metadata,
            self.content.facts,
            self.content.contacts,
        )
        foreign = name.startswith(OTHER_LANGUAGE)
        return Wording(
            anchor=anchor_of(name, number),
            name=name,
            title=_title(name, self.content.responses[name], number),
            message=message,
            blocks=blocks(message["text"]),
            choices=[
                ChoiceRow(choice["label"], self._leads_to(name, choice["payload"]))
                for choice in message["choices"]
            ],
            facts=fact_rows(metadata.get("facts") or [], self.content.facts, self.today),
            words=words(text),
            grade=None if foreign else reading_grade(text, self._names),
            state=state_of(name, text, self.content.signoffs),
            code=Signable(name, text).code,
            always_shown=always_shown(name),
            language=language,
        )

    def _filled(self, text: str) -> str:
        values = {
            "phone": self.content.contacts[NAVIGATOR_ID].phone or "",
            "retention_days": str(settings.Settings().retention_days),
            "label": "(the topic that was asked about)",
        }
        for name, value in values.items():
            text = text.replace(f"{{{name}}}", value)
        return text

    def _leads_to(self, name: str, meant: Payload) -> str | None:
        if meant["intent"] == "affirm":
            return anchor_of(f"{name}{MORE}", 1)
        if meant["intent"] == PERSON:
            return anchor_of("utter_hand_off", 1)
        target = f"utter_{meant['intent']}"
        variations = self.content.responses.get(target)
        if variations is None:
            return None
        for number, variation in enumerate(variations, start=1):
            if _fits(variation, meant["entities"]):
                return anchor_of(target, number)
        return None


def _fits(variation: Variation, entities: Mapping[str, Any]) -> bool:
    """Whether Rasa would give this wording to somebody who has just named `entities`."""
    conditions = variation.get("condition", [])
    wanted = {condition.get("value") for condition in conditions}
    return wanted == {entities.get("treatment")} if entities else not conditions


def anchor_of(name: str, number: int) -> str:
    """Return the id of a wording on the page."""
    return name if number == 1 else f"{name}-{number}"


def _title(name: str, variations: list[Variation], number: int) -> str:
    titles = {MORE: "Tell me more", SIMPLE: "Simpler, please"}
    title = next((titles[end] for end in titles if name.endswith(end)), "Answer")
    conditions = variations[number - 1].get("condition", [])
    if conditions:
        return f"{title} when this was named: {', '.join(str(one['value']) for one in conditions)}"
    plain = [one for one in variations if not one.get("condition")]
    return f"{title}, wording {number} of {len(plain)}" if len(plain) > 1 else title
