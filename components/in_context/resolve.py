"""What a message means in its conversation.

The pipeline understands the words alone. Here a short message that leaves out what it is about
stays with the last topic, unless its words name another one clearly enough; a correction is read as
what was meant; of several questions the first is answered and the others are remembered.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from components.in_context.context import Context
from components.in_context.corrections import meant_instead
from components.in_context.ellipsis import (
    asks_for_more,
    begins_with_opener,
    has_pronoun,
    leaves_out,
    own_words,
    without_fillers,
)
from components.in_context.language import is_foreign
from components.in_context.parts import is_question, parts_of
from content.context_words import ContextWords
from content.empathy import feeling_in
from content.topics import load_other_intents, load_topics
from content.treatment_answers import DRUG_TOPIC, SAFETY_TOPIC
from content.treatment_questions import asked_aspect, shows, without_names
from content.treatment_words import TreatmentWords
from safety import ALARM_KINDS

FALLBACK = "nlu_fallback"
OUT_OF_SCOPE = "out_of_scope"
ADVICE = "personal_medical_advice"
TREATMENT = "treatment"
TREATMENT_TOPICS = (DRUG_TOPIC, SAFETY_TOPIC)
# Answered with wordings of their own for one treatment
RESEARCH_TOPICS = ("research_history_interferon", "new_drugs_pipeline")
# What anger without a question may be answered with, where its words come near one of them
AFTER_ANGER = ("research_overview", "treatment_overview", "new_drugs_pipeline", "symptom_mood")
# What shows that a name alone brings its subject along
NAMING = ("symptom", "ms_type", "trial")

# How sure the pipeline must be of a short message's words before they leave the last topic
NAMED = 0.6
ABOUT_SOMETHING = 0.55
OWN_WORDS = 0.75
A_SYMPTOM = 0.95
CONVERSATION = 0.7
# "Why not" sounds like small talk, and is a question
ASKING_CONVERSATION = 0.9
OTHERWISE = 0.75
OUTSIDE = 0.75
# Pointing back, it has to be very far outside
POINTING_OUTSIDE = 0.9
# Without a single word of its own
NO_WORDS = 0.97
NEVER = 1.01
BRIEF = 2
ASKED_OF_IT = 0.95
# A guess too unsure to be taken alone, at something that can be asked about anything
GUESSED = 0.5
# The last topic counts for more than its words alone would make it
SHARE_OF_LAST_TOPIC = 1.6
# Side effects of MS medicines in general can be told without a name, if nothing else is meant
WITHOUT_A_NAME = 0.75
# How sure it must be of each part of a message before the message is taken to pieces, and how
# likely the part's topic must be for the message as a whole
PART = 0.6
IN_THE_WHOLE = 0.2

# Talk that is asked for in questions
ASKED_TALK = ("sources", "rephrase", "bot_challenge", "start_over")
_ASKS_WHAT_TO_DO = re.compile(r"\b(?:should|stop|switch|start|change|take|quit|skip)\b")

# Rasa's parse data of a text
Parse = Callable[[str], Awaitable[dict[str, Any]]]


@dataclass
class Reading:
    """A message as it is answered: the words that count, and Rasa's parse data for them.

    Its key "context" tells the actions what the words alone do not: `follow_up` (goes on from the
    last answer), `correction`, `other_language`. `also` holds the other questions of the message,
    as payloads of choices.
    """

    text: str
    parsed: dict[str, Any]
    also: list[dict[str, Any]] = field(default_factory=list)


async def read_in_context(
    text: str,
    parse: Parse,
    context: Context,
    words: ContextWords,
    treatment_words: TreatmentWords,
) -> Reading:
    """Return how a typed message is answered.

    Args:
        text: what was typed.
        parse: the pipeline.
        context: what the last answer was about.
        words: by which messages are read.
        treatment_words: by which it is known what is asked about a treatment.
    """
    whole = Reading(text, await parse(text))
    if whole.parsed.get("safety"):
        return whole
    whole = await _without_fillers(whole, parse, words)
    if is_foreign(text, words):
        _mark(whole, other_language=True)
        _lead_to(whole, FALLBACK)
        return whole
    if context.exists and (meant := meant_instead(text, words)) is not None:
        instead = Reading(meant, await parse(meant))
        if not instead.parsed.get("safety"):
            _mark(instead, correction=True)
            _corrected(instead, context, words)
            return instead
    _angry(whole)
    several = await _several(whole, parse, words, treatment_words)
    reading = several or whole
    _compared(reading, treatment_words)
    if context.exists:
        _in_context(reading, context, words, treatment_words)
    return reading


async def _without_fillers(whole: Reading, parse: Parse, words: ContextWords) -> Reading:
    """Return the reading of a message without "ok so um", where that is understood."""
    plainer = without_fillers(whole.text, words)
    if plainer == whole.text:
        return whole
    reading = Reading(plainer, await parse(plainer))
    clear = _intent(reading.parsed)[0] != FALLBACK or _intent(whole.parsed)[0] == FALLBACK
    if not clear or reading.parsed.get("safety"):
        return whole
    # Where names stand is known for what was typed
    reading.parsed["entities"] = whole.parsed.get("entities", [])
    return Reading(whole.text, {**reading.parsed, "text": whole.text})


def _intent(parsed: Mapping[str, Any]) -> tuple[str, float]:
    intent = parsed.get("intent") or {}
    return str(intent.get("name")), float(intent.get("confidence") or 0.0)


def _scores(parsed: Mapping[str, Any]) -> dict[str, float]:
    return {
        str(each["name"]): float(each["confidence"]) for each in parsed.get("intent_ranking") or ()
    }


def _treatments(parsed: Mapping[str, Any]) -> list[str]:
    named = [
        each["value"]
        for each in parsed.get("entities") or ()
        if each.get("entity") == TREATMENT and isinstance(each.get("value"), str)
    ]
    return list(dict.fromkeys(named))


def _mark(reading: Reading, **marks: bool) -> None:
    reading.parsed["context"] = {**reading.parsed.get("context", {}), **marks}


def _lead_to(reading: Reading, intent: str) -> None:
    """Answer as `intent`; its confidence stays what the words alone gave it."""
    confidence = _scores(reading.parsed).get(intent, 0.0)
    reading.parsed["intent"] = {"name": intent, "confidence": confidence}


def _add_treatments(reading: Reading, treatments: tuple[str, ...]) -> None:
    """Let the message be about these treatments, as if it had named them."""
    reading.parsed["entities"] = [
        *reading.parsed.get("entities", []),
        *({"entity": TREATMENT, "value": each} for each in treatments),
    ]


def _corrected(reading: Reading, context: Context, words: ContextWords) -> None:
    """A name alone puts right which treatment was meant, and not what was asked about it."""
    named = _treatments(reading.parsed)
    if named and not own_words(reading.text, words, reading.parsed["entities"]):
        kept = (*TREATMENT_TOPICS, *RESEARCH_TOPICS)
        _lead_to(reading, str(context.topic) if context.topic in kept else DRUG_TOPIC)


def _angry(reading: Reading) -> None:
    """Anger about the wait asks nothing; what is being done about it answers it best."""
    if _intent(reading.parsed)[0] == FALLBACK and feeling_in(reading.text) == "anger":
        scores = _scores(reading.parsed)
        best = max(AFTER_ANGER, key=lambda topic: scores.get(topic, 0.0))
        if scores.get(best, 0.0) >= IN_THE_WHOLE:
            _lead_to(reading, best)


def _compared(reading: Reading, treatment_words: TreatmentWords) -> None:
    """Two treatments side by side are one question, whatever else their names bring to mind."""
    intent, _ = _intent(reading.parsed)
    compares = shows("compare", reading.text, treatment_words)
    if len(_treatments(reading.parsed)) > 1 and compares and intent in (*RESEARCH_TOPICS, FALLBACK):
        _lead_to(reading, DRUG_TOPIC)


async def _several(
    whole: Reading, parse: Parse, words: ContextWords, treatment_words: TreatmentWords
) -> Reading | None:
    """Return the first question of several, with the others beside it; None for a single one."""
    intent, _ = _intent(whole.parsed)
    parts = parts_of(whole.text, words)
    if len(parts) < 2 or intent in (ADVICE, *ALARM_KINDS):
        return None
    topics, likely = load_topics(), _scores(whole.parsed)
    found: list[tuple[Reading, str]] = []
    other = False
    for part in parts:
        parsed = await parse(part)
        name, confidence = _intent(parsed)
        known = name in topics and confidence >= PART and is_question(part, words)
        if known and likely.get(name, 0.0) >= IN_THE_WHOLE:
            if name not in [earlier for _, earlier in found]:
                found.append((Reading(part, parsed), name))
        elif name not in _conversation():
            # The story around a question may change what it asks: then the whole decides
            other = True
    if not found or (len(found) == 1 and other):
        return None
    first = found[0][0]
    if len(found) == 1:
        return first if intent not in topics else None
    first.also = [_payload(reading, name, first) for reading, name in found[1:]]
    return first


def _payload(reading: Reading, topic: str, first: Reading) -> dict[str, Any]:
    """Return the choice for another question; "it" in it is the treatment of the first."""
    named = _treatments(reading.parsed) or _treatments(first.parsed)
    entities: dict[str, Any] = {}
    if named and topic in (*TREATMENT_TOPICS, *RESEARCH_TOPICS):
        entities[TREATMENT] = named[0] if len(named) == 1 else named
    return {"intent": topic, "entities": entities}


def _conversation() -> set[str]:
    return {other.id for other in load_other_intents().values() if other.group == "conversation"}


def _in_context(
    reading: Reading, context: Context, words: ContextWords, treatment_words: TreatmentWords
) -> None:
    """Let a message that leaves out its subject go on from the last answer."""
    text, parsed = reading.text, reading.parsed
    intent, _ = _intent(parsed)
    about_treatment = context.topic in TREATMENT_TOPICS
    named = _treatments(parsed)
    if asks_for_more(text, words):
        if not about_treatment:
            _follow(reading, context)
        return
    treatments = context.treatments or _treatment_of(context, words)
    if intent in TREATMENT_TOPICS and treatments and not named and not about_treatment:
        _add_treatments(reading, treatments)
        return
    asked = asked_aspect(without_names(text, ()), treatment_words)
    brief = len(text.split()) <= BRIEF
    if about_treatment and asked and brief and not named and intent not in (ADVICE, *ALARM_KINDS):
        # "Dose?"
        _follow(reading, context)
        return
    if not leaves_out(text, parsed.get("entities") or (), words):
        if intent == context.topic and not named:
            _mark(reading, same_topic=True)
        return
    own = own_words(text, words, parsed.get("entities") or ())
    if intent in (FALLBACK, OUT_OF_SCOPE) and not set(own).isdisjoint(parsed.get("noise") or ()):
        # "Zzkx the purple of it" points at nothing, and asks nothing else either
        _lead_to(reading, FALLBACK)
        return
    if named and not own and context.topic in (*RESEARCH_TOPICS, *TREATMENT_TOPICS):
        # "And the Rebif one?" has a wording of its own
        _lead_to(reading, str(context.topic))
        return
    if not (about_treatment and asked and _is_asked_of_it(reading, words)):
        if not _stays(reading, context, words):
            return
    if not about_treatment and treatments and not named and asked is not None:
        # "Why was it turned down?" after what research found about one medicine
        _lead_to(reading, DRUG_TOPIC)
        _add_treatments(reading, treatments)
        _mark(reading, follow_up=True)
        return
    if about_treatment and intent == SAFETY_TOPIC:
        return
    if named and context.topic in RESEARCH_TOPICS:
        _lead_to(reading, str(context.topic))
        return
    _follow(reading, context)


def _is_asked_of_it(reading: Reading, words: ContextWords) -> bool:
    """Whether what is asked of a treatment ("can I drink wine with it") outweighs another guess."""
    intent, confidence = _intent(reading.parsed)
    if intent in (ADVICE, *ALARM_KINDS, *words.about_something):
        return False
    needed = ASKED_OF_IT if intent == OUT_OF_SCOPE else OTHERWISE
    return confidence < needed and has_pronoun(reading.text, words)


def _follow(reading: Reading, context: Context) -> None:
    _lead_to(reading, str(context.topic))
    _mark(reading, follow_up=True)


def _treatment_of(context: Context, words: ContextWords) -> tuple[str, ...]:
    treatment = words.topic_treatments.get(str(context.topic))
    return (treatment,) if treatment else ()


def _stays(reading: Reading, context: Context, words: ContextWords) -> bool:
    """Whether the last topic is what a short message is about."""
    intent, confidence = _intent(reading.parsed)
    if intent == FALLBACK and has_pronoun(reading.text, words):
        best, score = max(
            _scores(reading.parsed).items(), key=lambda each: each[1], default=("", 0.0)
        )
        if best in words.about_something and best not in TREATMENT_TOPICS and score >= GUESSED:
            _lead_to(reading, best)
            return False
    if intent in (context.topic, FALLBACK):
        return True
    last = _scores(reading.parsed).get(str(context.topic), 0.0)
    needed = max(_needed(reading, context, words), SHARE_OF_LAST_TOPIC * last)
    return confidence < needed


def _needed(reading: Reading, context: Context, words: ContextWords) -> float:
    """Return how sure the pipeline must be of the words before they leave the last topic."""
    text, parsed = reading.text, reading.parsed
    intent, _ = _intent(parsed)
    opens = begins_with_opener(text, words)
    if intent in ALARM_KINDS:
        # Whoever goes on from an answer ("what about my kids") is heard in that light
        return CONVERSATION if opens else 0.0
    if intent in _conversation():
        if not is_question(text, words):
            return CONVERSATION
        return ASKING_CONVERSATION if intent in ASKED_TALK else NEVER
    if intent == ADVICE:
        # To say what one takes asks for no advice: "what if I am on Ocrevus"
        says = opens and _treatments(parsed) and not _ASKS_WHAT_TO_DO.search(text.lower())
        return NEVER if says else CONVERSATION
    if intent == OUT_OF_SCOPE:
        return POINTING_OUTSIDE if opens or has_pronoun(text, words) else OUTSIDE
    if any(each.get("entity") in NAMING for each in parsed.get("entities") or ()):
        return NAMED
    if intent in TREATMENT_TOPICS and context.topic not in TREATMENT_TOPICS:
        if not (_treatments(parsed) or context.treatments or context.remembered):
            return WITHOUT_A_NAME if intent == SAFETY_TOPIC else 1.0
    if intent in words.about_something:
        return ABOUT_SOMETHING
    own = own_words(text, words, parsed.get("entities") or ())
    if not own:
        return OTHERWISE if has_pronoun(text, words) else NO_WORDS
    symptom = intent.startswith("symptom_")
    if not has_pronoun(text, words) and (opens or not symptom):
        return OWN_WORDS
    # "Does it hurt" asks about something; "it" is seldom the pain
    return A_SYMPTOM if symptom else OTHERWISE
