"""The answers as staff see them: the words, the facts below them, their age, who signed them."""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import case, func, select
from sqlalchemy.orm import Session

from content.contacts import NAVIGATOR_ID, Contact, load_contacts
from content.facts import Fact, load_facts, recheck_due, sources_of
from content.message import build_message, topic_of
from content.reading import cached
from content.responses import Variation, load_responses, response_files
from content.signoff import (
    TREATMENT_PREFIX,
    Signable,
    Signoffs,
    State,
    Treatments,
    always_shown,
    load_signoffs,
    state_of,
)
from content.topics import Topic, load_labels, load_topics
from content.treatment_words import ASPECTS, load_treatment_words
from content.treatments import Treatment, load_treatments
from helpline.staff import words
from helpline.store.hidden_answers import HiddenAnswer
from helpline.store.models import Feedback, Message


@dataclasses.dataclass(frozen=True)
class FactRow:
    """A fact below an answer, and when its sources have to be looked at again."""

    fact: Fact
    due: datetime.date
    overdue_days: int


@dataclasses.dataclass(frozen=True)
class Part:
    """A text that visitors read: a wording, or what is said on one aspect of a treatment.

    `answer` is what a message carries, and so what is hidden.
    """

    answer: str
    title: str
    text: str
    choices: tuple[str, ...] = ()
    contact: Mapping[str, Any] | None = None


@dataclasses.dataclass(frozen=True)
class Signature:
    """A text to sign, and whether somebody has; `code` names this very text."""

    code: str
    title: str
    state: State


@dataclasses.dataclass(frozen=True)
class Answer:
    """An answer, or a treatment with all its aspects."""

    name: str
    title: str
    about: str
    parts: tuple[Part, ...]
    facts: tuple[FactRow, ...]
    sources: tuple[Mapping[str, Any], ...]
    signatures: tuple[Signature, ...]
    changed_on: datetime.date

    @property
    def overdue_days(self) -> int:
        """Days since a fact should have been looked at again, 0 when none is due."""
        return max((row.overdue_days for row in self.facts), default=0)

    @property
    def due(self) -> datetime.date | None:
        """The next day on which a fact has to be looked at; None without facts."""
        return min((row.due for row in self.facts), default=None)

    @property
    def checked_on(self) -> str | None:
        """The oldest day on which somebody last looked at one of its facts."""
        return min((row.fact.checked_on for row in self.facts), default=None)

    @property
    def signed(self) -> bool:
        """Whether all of it is signed."""
        return all(one.state.signed for one in self.signatures)

    @property
    def always_shown(self) -> bool:
        """Whether visitors must see it in any case, so that it cannot be hidden."""
        return always_shown(self.name)

    def is_about(self, words: str) -> bool:
        """Whether each of these words stands in its title, its topic, its name or its texts."""
        texts = (self.title, self.about, self.name, *(part.text for part in self.parts))
        everything = " ".join(texts).lower()
        return all(word in everything for word in words.lower().split())

    def is_called(self, words: str) -> bool:
        """Whether each of these words stands in its title, its topic or its name."""
        called = f"{self.title} {self.about} {self.name}".lower()
        return all(word in called for word in words.lower().split())

    @property
    def answers(self) -> tuple[str, ...]:
        """What messages with a part of it carry, each once."""
        return tuple(dict.fromkeys(part.answer for part in self.parts))

    def hidden(self, table: Mapping[str, HiddenAnswer]) -> list[HiddenAnswer]:
        """Return what of it is hidden."""
        return [table[one] for one in self.answers if one in table]


def load_answers(root: Path, today: datetime.date) -> list[Answer]:
    """Return every answer below a checkout, overdue ones first, then those that nobody signed.

    Raises:
        ContentError: a content file cannot be used.
    """
    facts = load_facts(root / "knowledge" / "facts.yml")
    signoffs = load_signoffs(root / "knowledge" / "signoff.yml")
    contacts = load_contacts()
    folder = root / "data" / "responses"
    files = cached(response_files, folder)
    topics, labels = load_topics(), load_labels()
    rows = [
        _written(
            name,
            variations,
            files[name],
            _about(name, variations, topics, labels),
            facts,
            contacts,
            signoffs,
            today,
        )
        for name, variations in load_responses(folder).items()
    ]
    rows += [
        _of_treatment(one, parts, root, facts, signoffs, today)
        for one, parts in cached(_treatment_texts, root / "knowledge")
    ]
    return sorted(rows, key=lambda one: (-one.overdue_days, one.signed, one.name))


def feedback_counts(session: Session) -> dict[str, tuple[int, int]]:
    """Return how often each answer was found helpful and not helpful."""
    helpful = func.sum(case((Feedback.helpful.is_(True), 1), else_=0))
    rows = session.execute(
        select(Message.answer, helpful, func.count() - helpful)
        .select_from(Feedback)
        .join(Message, Message.id == Feedback.message_id)
        .where(Message.answer.is_not(None))
        .group_by(Message.answer)
    )
    return {answer or "": (int(good), int(bad)) for answer, good, bad in rows}


def rated(answer: Answer, counts: Mapping[str, tuple[int, int]]) -> tuple[int, int]:
    """Return the feedback on all parts of an answer."""
    found = [counts.get(one, (0, 0)) for one in answer.answers]
    return sum(good for good, _ in found), sum(bad for _, bad in found)


def texts_of(codes: Iterable[str], answer: Answer, root: Path) -> list[Signable]:
    """Return the texts that codes stand for, as they are now.

    Raises:
        ValueError: a text has changed since the page was made.
    """
    if answer.name.startswith(TREATMENT_PREFIX):
        one = Treatments(root).signable(answer.name.removeprefix(TREATMENT_PREFIX))
        texts = {one.code: one}
    else:
        texts = {
            one.code: one
            for one in (
                Signable(answer.name, variation["text"].strip())
                for variation in load_responses(root / "data" / "responses")[answer.name]
            )
        }
    wanted = list(codes)
    if not wanted or not set(wanted) <= set(texts):
        raise ValueError("This text has changed since you opened the page: read it again below.")
    return [texts[code] for code in wanted]


def _fact_rows(
    ids: Iterable[str], facts: Mapping[str, Fact], today: datetime.date
) -> tuple[FactRow, ...]:
    rows = [
        FactRow(facts[one], (due := recheck_due(facts[one])), max((today - due).days, 0))
        for one in dict.fromkeys(ids)
        if one in facts and facts[one].may_be_shown
    ]
    return tuple(sorted(rows, key=lambda row: row.due))


def _written(
    name: str,
    variations: Sequence[Variation],
    file: Path,
    about: str,
    facts: Mapping[str, Fact],
    contacts: Mapping[str, Contact],
    signoffs: Signoffs,
    today: datetime.date,
) -> Answer:
    parts, signatures, ids = [], [], []
    for number, variation in enumerate(variations, start=1):
        metadata = variation.get("metadata", {})
        text = variation["text"].replace("{phone}", contacts[NAVIGATOR_ID].phone or "")
        message = build_message(name, text, variation.get("buttons"), metadata, facts, contacts)
        title = _wording_title(number, variations)
        parts.append(
            Part(
                name,
                title,
                message["text"],
                tuple(choice["label"] for choice in message["choices"]),
                message["contact"],
            )
        )
        signed = Signable(name, variation["text"].strip())
        signatures.append(Signature(signed.code, title, state_of(name, signed.text, signoffs)))
        ids += list(metadata.get("facts") or ())
    rows = _fact_rows(ids, facts, today)
    return Answer(
        name=name,
        title=words.from_id(name.removeprefix("utter_")),
        about=about,
        parts=tuple(parts),
        facts=rows,
        sources=tuple(sources_of([row.fact for row in rows])),
        signatures=tuple(signatures),
        changed_on=_changed_on(file),
    )


def _about(
    name: str,
    variations: Sequence[Variation],
    topics: Mapping[str, Topic],
    labels: Mapping[str, str],
) -> str:
    topic = variations[0].get("metadata", {}).get("topic") or topic_of(name, topics)
    return labels.get(topic or "", "Conversation")


def _wording_title(number: int, variations: Sequence[Variation]) -> str:
    conditions = variations[number - 1].get("condition", [])
    if conditions:
        return f"When this was named: {', '.join(str(one.get('value')) for one in conditions)}"
    return f"Wording {number} of {len(variations)}" if len(variations) > 1 else "As visitors see it"


def _treatment_texts(knowledge: Path) -> list[tuple[Treatment, tuple[Part, ...]]]:
    root = knowledge.parent
    readable = Treatments(root)
    labels = load_treatment_words(
        knowledge / "treatment_words.yml", knowledge / "treatment_short_forms.yml"
    ).aspects
    return [
        (
            treatment,
            tuple(
                Part(
                    f"{treatment.id}/{aspect}",
                    labels[aspect].label,
                    readable.answers.about(treatment.id, aspect).text,
                )
                for aspect in ASPECTS
            ),
        )
        for treatment in load_treatments(knowledge / "treatments.yml").values()
    ]


def _of_treatment(
    treatment: Treatment,
    parts: tuple[Part, ...],
    root: Path,
    facts: Mapping[str, Fact],
    signoffs: Signoffs,
    today: datetime.date,
) -> Answer:
    signed = cached(_signable_treatments, root / "knowledge")[treatment.id]
    rows = _fact_rows(treatment.fact_ids, facts, today)
    return Answer(
        name=signed.answer,
        title=treatment.generic[:1].upper() + treatment.generic[1:],
        about="Treatment",
        parts=parts,
        facts=rows,
        sources=tuple(sources_of([row.fact for row in rows])),
        signatures=(
            Signature(signed.code, "All aspects", state_of(signed.answer, signed.text, signoffs)),
        ),
        changed_on=_changed_on(root / "knowledge" / "treatments.yml"),
    )


def _signable_treatments(knowledge: Path) -> dict[str, Signable]:
    readable = Treatments(knowledge.parent)
    return {one: readable.signable(one) for one in readable.ids}


def _changed_on(file: Path) -> datetime.date:
    return datetime.datetime.fromtimestamp(file.stat().st_mtime, datetime.UTC).date()
