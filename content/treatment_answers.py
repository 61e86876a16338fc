"""Answers about treatments, built from `knowledge/treatments.yml`: any treatment, any aspect.

What may not be shown never comes in: `load_treatments` leaves unverified fields out, and only
facts that may be shown are named as sources.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from content.contacts import NAVIGATOR_ID
from content.fact_fields import facts_for
from content.facts import Fact
from content.treatment_aspects import parts_for, simple_parts
from content.treatment_comparison import compared_aspect, comparison
from content.treatment_subject import Part, Subject, fitted, listed, upper_first
from content.treatment_words import ASPECTS, TreatmentWords
from content.treatments import Treatment

# What "tell me more" goes through
TELL_ME_MORE = ("what", "how_taken", "side_effects", "monitoring", "questions")
# Answers that are not about a treatment
WHICH = "which_treatment"
NOT_COVERED = "treatment_not_covered"

DRUG_TOPIC = "treatment_specific_drug"
SAFETY_TOPIC = "side_effects"
MOST_CHOICES = 3
_SAFETY_ASPECTS = ("side_effects", "monitoring")
_PERSON = {"title": "Talk to a person", "payload": "/contact_navigator_support"}
_SOMETHING_ELSE = {"title": "Something else", "payload": "/deny"}
_TRIALS = {"label": "ClinicalTrials.gov", "url": "https://clinicaltrials.gov"}
_BOUNDARY = "ask-care-team-boundary"


@dataclass(frozen=True)
class Answer:
    """What is said. `name` is "treatment/aspect", `facts` are ids of facts it rests on, `buttons`
    and `links` as in `data/responses/`, `kind` and `contact` as in a message.
    """

    name: str
    text: str
    buttons: list[dict[str, str]]
    facts: tuple[str, ...] = ()
    kind: str = "answer"
    contact: str | None = None
    links: list[dict[str, str]] = field(default_factory=list)


def name_of(treatments: Iterable[str], aspect: str) -> str:
    """Return the name of the answer about `aspect` of one or more treatments."""
    return f"{','.join(treatments)}/{aspect}"


def read_name(name: str | None) -> tuple[list[str], str] | None:
    """Return treatments and aspect of an answer's name; None where it is no answer of ours."""
    treatments, slash, aspect = (name or "").partition("/")
    if not slash or aspect not in ASPECTS:
        return None
    return ([] if treatments == WHICH else treatments.split(",")), aspect


def topic_of(aspect: str) -> str:
    """Return the topic that an aspect belongs to."""
    return SAFETY_TOPIC if aspect in _SAFETY_ASPECTS else DRUG_TOPIC


def payload(treatments: Sequence[str], aspect: str | None = None) -> str:
    """Return what a choice stands for: an intent with the treatments and the aspect."""
    entities: dict[str, object] = {
        "treatment": treatments[0] if len(treatments) == 1 else list(treatments)
    }
    if aspect is not None:
        entities["aspect"] = aspect
    return f"/{topic_of(aspect or 'what')}{json.dumps(entities)}"


class TreatmentAnswers:
    """Builds answers from the treatments, the words around them and the facts."""

    def __init__(
        self,
        treatments: Mapping[str, Treatment],
        words: TreatmentWords,
        facts: Mapping[str, Fact],
    ) -> None:
        """Take what `load_treatments`, `load_treatment_words` and `load_facts` return."""
        self._treatments = treatments
        self._words = words
        self._facts = facts

    def about(
        self, treatment: str, aspect: str, typed: Iterable[str] = (), abroad: bool = False
    ) -> Answer:
        """Return the answer about one aspect of one treatment.

        Args:
            treatment: its id.
            aspect: one of `treatment_words.ASPECTS`.
            typed: how the visitor wrote the name; a brand is said back as it was asked.
            abroad: whether the visitor asks about a country other than the US.

        Raises:
            KeyError: there is no such treatment or aspect.
        """
        one = self._subject(treatment, typed)
        parts = parts_for(one, aspect, self._words, self._facts, abroad)
        then = [each for each in self._words.aspects[aspect].then if each != aspect]
        return self._answer(
            name_of([treatment], aspect),
            parts,
            [self._aspect_choice([treatment], each) for each in then] + [_PERSON],
            facts_for(one.treatment.fact_ids, aspect),
            contact=NAVIGATOR_ID if aspect in ("dose", "interactions") else None,
            links=[_TRIALS] if aspect == "research" else [],
        )

    def compare(
        self,
        first: str,
        second: str,
        aspect: str,
        typed: Iterable[str] = (),
        abroad: bool = False,
    ) -> Answer:
        """Return two treatments side by side, without recommending one.

        Args:
            first: id of one treatment.
            second: id of the other.
            aspect: what is compared; "what" is a comparison of everything in short.
            typed: how the visitor wrote the names.
            abroad: whether the visitor asks about a country other than the US.

        Raises:
            KeyError: there is no such treatment or aspect.
        """
        typed = list(typed)
        both = [self._subject(first, typed), self._subject(second, typed)]
        aspect = compared_aspect(aspect)
        ids = [one.id for one in both]
        after = "what" if aspect == "side_effects" else "side_effects"
        choices = [{"title": f"Compare: {self._label(after)}", "payload": payload(ids, after)}]
        choices += [self._treatment_choice(one, "what", f"More about {one.short}") for one in both]
        return self._answer(
            name_of(ids, aspect),
            comparison(both, aspect, self._words, abroad),
            [*choices, _PERSON],
            [
                fact
                for one in both
                for fact in facts_for(one.treatment.fact_ids, aspect, compared=True)
            ],
            contact=NAVIGATOR_ID if aspect in ("dose", "interactions") else None,
        )

    def which(self, treatments: Sequence[str], aspect: str) -> Answer:
        """Return the question which treatment is meant.

        Args:
            treatments: those to choose from, best first; the most asked ones follow.
            aspect: what the visitor wants to know about it.
        """
        wanted = dict.fromkeys([*treatments, *self._words.most_asked])
        offered = [each for each in wanted if each in self._treatments]
        buttons = [
            self._treatment_choice(self._subject(one), aspect) for one in offered[:MOST_CHOICES]
        ]
        return Answer(
            name=name_of([WHICH], aspect),
            text=self._words.sentences["which_one"],
            buttons=[*buttons, _SOMETHING_ELSE],
            kind="clarify",
        )

    def which_first(self, treatments: Sequence[str], aspect: str) -> Answer:
        """Return the question which of three or more named treatments comes first."""
        asked = self.which(treatments, aspect)
        return Answer(
            asked.name, self._words.sentences["which_first"], asked.buttons, kind=asked.kind
        )

    def not_covered(self, names: Sequence[str]) -> Answer:
        """Return that the helpline knows nothing checked about these medicines."""
        text = self._words.sentences["not_covered"].format(names=listed(names, "or"))
        overview = {"title": "Treatments in SPMS", "payload": "/treatment_overview"}
        return Answer(
            name=NOT_COVERED,
            text=text,
            buttons=[overview, _PERSON],
            facts=self._shown([_BOUNDARY]),
            contact=NAVIGATOR_ID,
        )

    def no_more(self, treatment: str) -> Answer:
        """Return that everything about a treatment has been said."""
        one = self._subject(treatment)
        return Answer(
            name=name_of([treatment], "questions"),
            text=one.say("no_more"),
            buttons=[self._aspect_choice([treatment], "questions"), _PERSON],
            facts=self._shown(one.treatment.fact_ids),
            contact=NAVIGATOR_ID,
        )

    def no_detail(self, treatment: str, aspect: str) -> Answer:
        """Return that there is no checked answer to a question that goes on from `aspect`."""
        one = self._subject(treatment)
        offered = [each for each in ("side_effects", "evidence", "how_taken") if each != aspect]
        choices = [self._aspect_choice([treatment], each) for each in offered[: MOST_CHOICES - 1]]
        return Answer(
            name=name_of([treatment], aspect),
            text=one.say("no_detail"),
            buttons=[*choices, _PERSON],
            facts=self._shown([_BOUNDARY]),
            contact=NAVIGATOR_ID,
        )

    def simpler(self, treatments: Sequence[str], aspect: str) -> Answer | None:
        """Return the answer in a few words; None where there are none for this aspect."""
        subjects = [self._subject(each) for each in treatments]
        parts = [part for one in subjects for part in simple_parts(one, aspect, self._words)]
        if not parts:
            return None
        longer = {"title": "The longer answer", "payload": payload(treatments, aspect)}
        facts = [fact for one in subjects for fact in facts_for(one.treatment.fact_ids, aspect)]
        return self._answer(name_of(treatments, aspect), parts, [longer, _PERSON], facts, None)

    def choices_of_treatments(self, aspect: str) -> list[dict[str, str]]:
        """Return the treatments most asked about as choices."""
        return self.which([], aspect).buttons[:-1]

    def every_answer(self) -> Iterator[Answer]:
        """Yield the answer to every aspect of every treatment, for checks and reports."""
        for treatment in self._treatments:
            for aspect in ASPECTS:
                yield self.about(treatment, aspect)

    def _subject(self, treatment: str, typed: Iterable[str] = ()) -> Subject:
        return Subject(self._treatments[treatment], self._words, typed)

    def _answer(
        self,
        name: str,
        parts: Iterable[Part],
        buttons: list[dict[str, str]],
        facts: Iterable[str],
        contact: str | None,
        links: list[dict[str, str]] | None = None,
    ) -> Answer:
        # Explanations would get in the way of questions that are to be read out
        explained = {} if name.endswith("/questions") else self._words.explained
        text, more_facts = fitted(parts, explained)
        shown = self._shown([*facts, *more_facts])
        return Answer(name, text, buttons, shown, contact=contact, links=links or [])

    def _shown(self, facts: Iterable[str]) -> tuple[str, ...]:
        """Keep the facts that an answer may rest on, each once."""
        return tuple(
            fact
            for fact in dict.fromkeys(facts)
            if fact in self._facts and self._facts[fact].may_be_shown
        )

    def _label(self, aspect: str) -> str:
        return self._words.aspects[aspect].label

    def _aspect_choice(self, treatments: Sequence[str], aspect: str) -> dict[str, str]:
        return {"title": self._label(aspect), "payload": payload(treatments, aspect)}

    def _treatment_choice(
        self, one: Subject, aspect: str, title: str | None = None
    ) -> dict[str, str]:
        return {"title": title or upper_first(one.name), "payload": payload([one.id], aspect)}
