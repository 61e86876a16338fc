"""Two treatments side by side, as the parts of an answer; never which one is better."""

from __future__ import annotations

from collections.abc import Sequence

from content.treatment_aspects import (
    BOUNDARY_FACT,
    Parts,
    elsewhere,
    in_us,
    interactions,
    stop,
    tested,
    urgent,
)
from content.treatment_subject import Part, Subject, count_words, fitted, sentences, upper_first
from content.treatment_words import TreatmentWords

# Two treatments need a little more room than one
MOST_COMPARED_WORDS = 100

# What can be put side by side; what is asked beside these is answered by the whole comparison
_SINGLE_ASPECTS = (
    "approval",
    "evidence",
    "how_taken",
    "side_effects",
    "monitoring",
    "dose",
    "interactions",
)


def compared_aspect(aspect: str) -> str:
    """Return the aspect that a comparison shows when `aspect` was asked for."""
    return aspect if aspect in _SINGLE_ASPECTS else "what"


def comparison(
    both: Sequence[Subject], aspect: str, words: TreatmentWords, abroad: bool = False
) -> Parts:
    """Return two treatments side by side.

    Args:
        both: the treatments.
        aspect: as `compared_aspect` returns it.
        words: the words around the fields.
        abroad: whether the visitor asks about a country other than the US.
    """
    first = both[0]
    if aspect == "interactions":
        return interactions(both)
    if aspect == "dose":
        names = ", ".join(one.name for one in both)
        return [
            Part(first.say("dose", name=names), facts=(BOUNDARY_FACT,)),
            Part(first.say("dose_navigator")),
        ]
    lead = Part(first.say("compare"))
    close = Part(first.say("compare_close"), facts=(BOUNDARY_FACT,))
    if aspect == "what":
        return _whole(both, lead, close, words)
    parts = [lead, *[part for one in both for part in _one_aspect(one, aspect, abroad)]]
    if aspect == "side_effects":
        lines = {one.urgent for one in both}
        parts.append(urgent(words, lines.pop() if len(lines) == 1 else None))
        parts.append(stop(*both))
    return [*parts, close]


def _whole(both: Sequence[Subject], lead: Part, close: Part, words: TreatmentWords) -> Parts:
    """Compare everything; how they are taken is left out of both where there is no room."""
    for with_how in (True, False):
        parts = [lead, *[part for one in both for part in _in_short(one, with_how)], close]
        if count_words(fitted(parts, words.explained)[0]) <= MOST_COMPARED_WORDS:
            break
    return parts


def _in_short(one: Subject, with_how: bool) -> Parts:
    group, how = one.brief("group"), one.brief("how")
    text = group or one.field("drug_class") or one.say("unknown")
    if how and with_how:
        text = f"{text}; {how}"
    parts = [Part(one.say("compare_name", text=text))]
    if approved := one.brief("approved"):
        parts.append(Part(one.say("compare_us", text=approved), item=True))
    else:
        parts.append(in_us(one, item=True))
    if evidence := one.brief("evidence"):
        effect = "compare_symptom" if one.kind == "symptom" else "compare_spms"
        parts.append(Part(one.say(effect, text=evidence), item=True))
    else:
        parts.append(tested(one, item=True))
    if risks := one.brief("risks"):
        parts.append(Part(one.say("compare_risks", text=risks), item=True))
    return parts


def _one_aspect(one: Subject, aspect: str, abroad: bool) -> Parts:
    name = Part(f"{upper_first(one.name)}:")
    if aspect == "approval":
        return [name, in_us(one, item=True), *(elsewhere(one, abroad) if abroad else [])]
    if aspect == "evidence":
        return [name, tested(one, item=True)]
    field = one.field(aspect)
    if field is None:
        return [Part(one.say("unknown"))]
    if said := one.sentence_for(aspect):
        return [Part(said)]
    if aspect == "side_effects" and (risks := one.brief("risks")):
        # The whole field would fill the answer with one of the two
        return [name, Part(one.say("compare_risks", text=risks), item=True)]
    return [name, *[Part(each, item=True) for each in sentences(field)]]
