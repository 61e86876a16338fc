"""Answers about treatments: which one is meant, what is asked about it, and saying it."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from rasa_sdk import Action, Tracker
from rasa_sdk.events import SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.answers import answer, say
from actions.conversation import Said, Turn, turns_of
from actions.facts import facts_if_readable
from actions.hand_off import hand_off
from content.reading import ContentError
from content.treatment_answers import (
    DRUG_TOPIC,
    SAFETY_TOPIC,
    TELL_ME_MORE,
    Answer,
    TreatmentAnswers,
    name_of,
    read_name,
    topic_of,
)
from content.treatment_questions import (
    asked_aspect,
    asked_side_effects,
    asks_same_again,
    not_covered,
    shows,
    without_names,
)
from content.treatment_words import ASPECTS, TreatmentWords, load_treatment_words
from content.treatments import Treatment, load_treatments

ENTITY = "treatment"
ASPECT_ENTITY = "aspect"
MOST_COMPARED = 2
# What somebody should do themselves is never guessed at from single words
ADVICE_INTENT = "personal_medical_advice"

_log = logging.getLogger(__name__)


@dataclass
class Reply:
    """What is said, and the treatments it is about (none where it is about none)."""

    said: Said
    treatments: tuple[str, ...] = ()

    def events(self) -> list[dict[str, Any]]:
        """Return the events that make the conversation remember these treatments."""
        if not self.treatments:
            return []
        ids = list(self.treatments)
        event: dict[str, Any] = SlotSet(ENTITY, ids[0] if len(ids) == 1 else ids)
        return [event]


def answer_treatment(turns: Sequence[Turn], text: str, remembered: Any = None) -> Reply:
    """Return the answer to a question about a treatment; never fails.

    Args:
        turns: the conversation so far, the running turn last.
        text: what the visitor typed; a choice begins with "/".
        remembered: the value of the slot `treatment`: an id, a list of ids or None.

    Returns:
        The answer, or whom to call where the treatments cannot be read.
    """
    try:
        treatments, words = load_treatments(), load_treatment_words()
    except ContentError as error:
        _log.error("treatments cannot be read, a person is offered: %s", error)
        return Reply(hand_off(list(turns)))
    question = _Question(turns, text, remembered, treatments, words)
    return question.reply(TreatmentAnswers(treatments, words, facts_if_readable()))


def follow_up(turns: Sequence[Turn], text: str, remembered: Any = None) -> Reply | None:
    """Return the answer to what was not understood, where its words are about a treatment.

    "And if it's not active?" says little by itself; right after an answer about a treatment it is
    enough. So are the name of a treatment and what is asked about it.

    Args:
        turns: the conversation so far, the running turn last.
        text: what the visitor typed.
        remembered: the value of the slot `treatment`.

    Returns:
        The answer; None where the words do not tell, or the treatments cannot be read.
    """
    try:
        treatments, words = load_treatments(), load_treatment_words()
    except ContentError:
        return None
    question = _Question(turns, text, remembered, treatments, words)
    if not question.is_clear:
        return None
    return question.reply(TreatmentAnswers(treatments, words, facts_if_readable()))


def simpler_treatment(said: Said) -> Said | None:
    """Return an answer about treatments in a few words; None where it is no such answer, or there
    are none for it.
    """
    name = read_name(said.answer)
    if name is None or not name[0]:
        return None
    try:
        answers = TreatmentAnswers(load_treatments(), load_treatment_words(), facts_if_readable())
        found = answers.simpler(*name)
    except (ContentError, KeyError) as error:
        _log.error("there are no simpler words for %s: %r", said.answer, error)
        return None
    if found is None or found.text == said.text:
        return None
    details = {"answer": found.name, "facts": list(found.facts), "topic": said.details.get("topic")}
    return Said(found.text, list(found.buttons), details)


class _Question:
    """A message about a treatment, in its conversation."""

    def __init__(
        self,
        turns: Sequence[Turn],
        text: str,
        remembered: Any,
        treatments: Mapping[str, Treatment],
        words: TreatmentWords,
    ) -> None:
        self._now = turns[-1] if turns else Turn(intent=None)
        self._before = list(turns[:-1])
        self._treatments = treatments
        self._words = words
        self._typed_text = "" if text.startswith("/") else text
        spans = [
            (entity["start"], entity["end"])
            for entity in self._now.entities
            if entity.get("entity") == ENTITY and entity.get("end") is not None
        ]
        self._typed_names = [self._typed_text[start:end] for start, end in spans]
        self._text = without_names(self._typed_text, spans if self._typed_text else ())
        self._named = self._known(
            value
            for entity in self._now.entities
            if entity.get("entity") == ENTITY
            for value in _values(entity.get("value"))
        )
        self._remembered = self._known(_values(remembered))

    @property
    def is_clear(self) -> bool:
        """Whether its words alone tell what is asked: by a name, or after an answer of ours."""
        last = self._last_answer(turns_ago=1)
        told = asked_aspect(self._text, self._words) is not None
        if self._named:
            advice = [guess.get("name") for guess in self._now.ranking[:1]] == [ADVICE_INTENT]
            return not advice and (told or last is not None)
        return last is not None and bool(last[0]) and (told or self._sign("other_one"))

    @property
    def _goes_further(self) -> bool:
        """Whether it goes on from an answer, and asks for something that no aspect covers."""
        goes_on = bool(self._now.context.get("follow_up"))
        told = asked_aspect(self._text, self._words) is not None
        return goes_on and not (told or self._named or self._sign("other_one"))

    def reply(self, answers: TreatmentAnswers) -> Reply:
        """Return what is said."""
        if self._now.intent == "affirm":
            return self._more(answers)
        aspect = self._aspect()
        ids = self._named
        if not ids:
            if unknown := not_covered(self._text, self._words):
                return self._as_reply(answers.not_covered(unknown))
            if self._now.intent == SAFETY_TOPIC and self._sign("all_treatments"):
                return self._in_general(answers)
            ids = self._other_one() if self._sign("other_one") else self._remembered
        if not ids and self._now.intent == SAFETY_TOPIC:
            return self._in_general(answers)
        if not ids:
            return self._as_reply(answers.which(self._named_before(), aspect))
        if self._goes_further:
            last = self._last_answer()
            return self._as_reply(answers.no_detail(ids[0], last[1] if last else "what"), ids)
        return self._about(answers, ids, aspect)

    def _about(self, answers: TreatmentAnswers, ids: Sequence[str], aspect: str) -> Reply:
        if len(ids) > MOST_COMPARED:
            return self._as_reply(answers.which_first(ids, aspect))
        abroad = self._sign("abroad") or self._now.entity("country") not in (None, "us")
        if len(ids) == MOST_COMPARED:
            found = answers.compare(ids[0], ids[1], aspect, self._typed_names, abroad)
        else:
            found = answers.about(ids[0], aspect, self._typed_names, abroad)
        return self._as_reply(found, ids)

    def _more(self, answers: TreatmentAnswers) -> Reply:
        """Go on to what has not been said yet, after "yes" or "tell me more"."""
        last = self._last_answer()
        if last is None or not last[0]:
            return self._as_reply(answers.which(self._named_before(), last[1] if last else "what"))
        ids, _ = last
        said = {name for turn in self._before for one in turn.said if (name := one.answer)}
        for aspect in TELL_ME_MORE:
            if name_of(ids, aspect) not in said and not (len(ids) > 1 and aspect == "questions"):
                return self._about(answers, ids, aspect)
        return self._as_reply(answers.no_more(ids[0]), ids)

    def _in_general(self, answers: TreatmentAnswers) -> Reply:
        """Say what holds for all MS medicines, and offer to speak of one."""
        said = answer("utter_side_effects", self._before)
        if said.kind == "answer":
            offered = answers.choices_of_treatments("side_effects")[:MOST_COMPARED]
            said.buttons = [*offered, *said.buttons[-1:]]
            said.details["topic"] = SAFETY_TOPIC
        return Reply(said)

    def _aspect(self) -> str:
        chosen = self._now.entity(ASPECT_ENTITY)
        if chosen in ASPECTS:
            return str(chosen)
        last = self._last_answer(turns_ago=1)
        if self._now.intent == SAFETY_TOPIC:
            return asked_side_effects(self._text, self._words)
        if aspect := asked_aspect(self._text, self._words):
            # "Which is better, the pill or the drip?" asks for more than how they are taken
            whole = len(self._named) > 1 and self._sign("compare")
            return "what" if whole and aspect in ("evidence", "how_taken") else aspect
        again = self._sign("other_one") or asks_same_again(self._text, self._words)
        again = again or bool(self._now.context.get("correction"))
        # Also where the visitor now says which treatment was meant
        if last is not None and (again or not last[0]):
            return last[1]
        return "what"

    def _sign(self, sign: str) -> bool:
        return shows(sign, self._text, self._words)

    def _other_one(self) -> list[str]:
        """Return the treatment that was named before the one spoken of; of two, none."""
        spoken_of = self._remembered
        others = [one for one in self._named_before() if one not in spoken_of]
        return others[:1] if len(spoken_of) == 1 else []

    def _named_before(self) -> list[str]:
        """Return the treatments of the conversation, those named last first."""
        return self._known(
            value
            for turn in reversed(self._before)
            for entity in reversed(turn.entities)
            if entity.get("entity") == ENTITY
            for value in _values(entity.get("value"))
        )

    def _last_answer(self, turns_ago: int | None = None) -> tuple[list[str], str] | None:
        """Return treatments and aspect of the last answer, within the last `turns_ago` turns."""
        turns = self._before if turns_ago is None else self._before[-turns_ago:]
        for turn in reversed(turns):
            for said in reversed(turn.said):
                if (name := read_name(said.answer)) is not None:
                    return self._known(name[0]), name[1]
        return None

    def _known(self, ids: Any) -> list[str]:
        return [one for one in dict.fromkeys(ids) if one in self._treatments]

    def _as_reply(self, found: Answer, treatments: Sequence[str] = ()) -> Reply:
        details: dict[str, Any] = {"answer": found.name, "facts": list(found.facts)}
        name = read_name(found.name)
        own = self._now.intent in (DRUG_TOPIC, SAFETY_TOPIC)
        details["topic"] = self._now.intent if own else topic_of(name[1] if name else "what")
        if found.kind != "answer":
            details["kind"] = found.kind
        if found.contact is not None:
            details["contact"] = found.contact
        if found.links:
            details["links"] = found.links
        return Reply(Said(found.text, list(found.buttons), details), tuple(treatments))


def _values(value: Any) -> list[str]:
    """Return the values of an entity or slot, which holds one or a list of them."""
    several = value if isinstance(value, list) else [value]
    return [one for one in several if isinstance(one, str)]


class ActionAnswerTreatment(Action):
    """Answers a question about a treatment."""

    def name(self) -> str:
        """Return the action's name in domain.yml."""
        return "action_answer_treatment"

    def run(
        self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]
    ) -> list[dict[str, Any]]:
        """Say it, and remember which treatment it was about."""
        text = str(tracker.latest_message.get("text") or "")
        reply = answer_treatment(turns_of(tracker.events), text, tracker.get_slot(ENTITY))
        say(dispatcher, reply.said)
        return reply.events()
