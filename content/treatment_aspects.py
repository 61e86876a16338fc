"""What is said about each aspect of one treatment, as the parts of an answer."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from content.facts import Fact
from content.treatment_subject import (
    Part,
    Subject,
    count_words,
    listed,
    lower_first,
    month_and_year,
    sentences,
    upper_first,
)
from content.treatment_words import TreatmentWords

ACTIVE_FACT = "spms-active-not-active"
NOT_ACTIVE_FACT = "non-active-spms-us"
BOUNDARY_FACT = "ask-care-team-boundary"
STOPPING_FACT = "stopping-rebound"
COUNTRIES_FACT = "eu-canada-differences"
LIVE_LISTING_FACT = "trial-find"
DEFAULT_URGENT = "breathing"
_MOST_OTHER_BRANDS = 4
_LONG_CHECKS = 20

Parts = list[Part]


def parts_for(
    one: Subject,
    aspect: str,
    words: TreatmentWords,
    facts: Mapping[str, Fact],
    abroad: bool = False,
) -> Parts:
    """Return what is said about one aspect of a treatment.

    Args:
        one: the treatment.
        aspect: one of `treatment_words.ASPECTS`.
        words: the words around the fields.
        facts: all facts by id.
        abroad: whether the visitor asks about a country other than the US.

    Raises:
        KeyError: there is no such aspect.
    """
    return [*_same_medicine(one), *_BUILDERS[aspect](one, words, facts, abroad)]


def _same_medicine(one: Subject) -> Parts:
    """Say so where two brands of one medicine were asked about."""
    if len(one.typed_brands) < 2:
        return []
    names = listed(one.typed_brands)
    return [Part(one.say("same_medicine", names=names, generic=one.generic))]


def _what(one: Subject, words: TreatmentWords, facts: Mapping[str, Fact], _: bool) -> Parts:
    return [
        Part(what_it_is(one)),
        in_us(one, item=True),
        tested(one, item=True),
        *_other_brands(one),
        *_active_means(one),
    ]


def what_it_is(one: Subject) -> str:
    """Return the sentence that says what a treatment is."""
    text = one.brief("what")
    if text is None and (field := one.field("drug_class")):
        text = f"belongs to this group: {field}"
    return one.say("what", text=text) if text else one.say("what_unknown")


def in_us(one: Subject, item: bool = False, extra: bool = False, dated: bool = True) -> Part:
    """Return its status in the US, with the date unless it has been said before (`dated`)."""
    status, brief = one.field("us_status"), one.brief("approved")
    if status is None:
        return Part(one.say("unknown"), item=item, extra=extra)
    sentence = "in_us" if dated else "in_us_undated"
    short = brief and one.say(sentence, text=f"{upper_first(brief)}.")
    return Part(one.say(sentence, text=status), short, extra, item)


def tested(one: Subject, item: bool = False, extra: bool = False) -> Part:
    """Return what is known about its effect, in SPMS where it aims at MS itself."""
    sentence = "helps" if one.kind == "symptom" else "tested"
    evidence, brief = one.field("evidence_spms"), one.brief("evidence")
    if evidence is None:
        return Part(one.say("unknown"), item=item, extra=extra)
    short = brief and one.say(sentence, text=f"{upper_first(brief)}.")
    return Part(one.say(sentence, text=evidence), short, extra, item)


def _other_brands(one: Subject) -> Parts:
    if not one.other_brands:
        return []
    brands = ", ".join(one.other_brands[:_MOST_OTHER_BRANDS])
    sentence = "other_brand" if len(one.other_brands) == 1 else "other_brands"
    return [Part(one.say(sentence, brands=brands), extra=True)]


def _active_means(one: Subject) -> Parts:
    if "active SPMS" not in (one.field("us_status") or ""):
        return []
    return [Part(one.say("active_means"), extra=True, facts=(ACTIVE_FACT,))]


def elsewhere(one: Subject, abroad: bool) -> Parts:
    """Return its status outside the US: what is known, or that nothing is where it is asked for."""
    if status := one.field("status_elsewhere"):
        return [Part(one.say("elsewhere", text=status), item=True)]
    if abroad:
        return [Part(one.say("elsewhere_unknown"), item=True, facts=(COUNTRIES_FACT,))]
    return []


def _approval(one: Subject, _w: TreatmentWords, _f: Mapping[str, Fact], abroad: bool) -> Parts:
    name = Part(f"{upper_first(one.name)}:")
    known = [name, in_us(one, item=True), *elsewhere(one, abroad)]
    return [*known, *_active_means(one), tested(one, extra=True)]


def _not_active(one: Subject, words: TreatmentWords, facts: Mapping[str, Fact], _: bool) -> Parts:
    if one.kind == "symptom":
        return _evidence(one, words, facts, False)
    parts = [Part(f"{upper_first(one.name)}:"), in_us(one, item=True), tested(one, item=True)]
    fact = facts.get(NOT_ACTIVE_FACT)
    if fact is not None and fact.may_be_shown:
        said = one.say("not_active", date=month_and_year(fact.as_of))
        parts.insert(0, Part(said, facts=(NOT_ACTIVE_FACT,)))
    return [*parts, Part(one.say("one_person"), extra=True, facts=(BOUNDARY_FACT,))]


def _evidence(one: Subject, _w: TreatmentWords, _f: Mapping[str, Fact], _a: bool) -> Parts:
    evidence = one.field("evidence_spms")
    if evidence is None:
        return _unknown(one)
    sentence = "evidence_symptom" if one.kind == "symptom" else "evidence"
    return [
        Part(one.say(sentence, text=evidence)),
        in_us(one, extra=True, dated=False),
        Part(one.say("one_person"), extra=True, facts=(BOUNDARY_FACT,)),
    ]


def _how_taken(one: Subject, _w: TreatmentWords, _f: Mapping[str, Fact], _a: bool) -> Parts:
    how = one.field("how_taken")
    if how is None:
        return _unknown(one)
    sentence = "how_given" if one.kind == "in_research" else "how_taken"
    parts = [Part(one.say(sentence, text=lower_first(how)))]
    if one.kind == "in_research":
        parts.append(in_us(one))
    return [
        *parts,
        Part(one.say("how_taken_close"), facts=(BOUNDARY_FACT,)),
        *_checks_inside(one),
    ]


def _side_effects(one: Subject, words: TreatmentWords, _f: Mapping[str, Fact], _a: bool) -> Parts:
    known = one.field("side_effects")
    if known is None:
        parts = _unknown(one)
    elif said := one.sentence_for("side_effects"):
        return [Part(said), in_us(one), stop(one)]
    else:
        parts = [Part(one.say("side_effects"), one.say("side_effects_short"))]
        parts += [Part(each, item=True) for each in sentences(known)]
    return [*parts, urgent(words, one.urgent), stop(one), *_checks_inside(one)]


def urgent(words: TreatmentWords, name: str | None) -> Part:
    """Return the line on when to get help."""
    line = words.urgent[name or DEFAULT_URGENT]
    return Part(line.text, facts=line.facts)


def stop(*treatments: Subject) -> Part:
    """Return the request not to stop a medicine without the care team."""
    facts = {
        STOPPING_FACT if one.kind == "disease_modifying" else BOUNDARY_FACT for one in treatments
    }
    one = treatments[0]
    single = len(treatments) == 1 and one.kind != "in_research"
    return Part(one.say("stop" if single else "stop_any"), facts=tuple(sorted(facts)))


def _checks(one: Subject) -> str | None:
    """Return the field `monitoring`, in short sentences: a long one is a list between ";"."""
    checks = one.field("monitoring")
    if checks is None or count_words(checks) < _LONG_CHECKS:
        return checks
    return ". ".join(upper_first(each) for each in checks.split("; "))


def _checks_inside(one: Subject) -> Parts:
    checks = _checks(one)
    if checks is None or one.sentence_for("monitoring"):
        return []
    return [Part(one.say("monitoring_inside", text=checks), extra=True)]


def _monitoring(one: Subject, _w: TreatmentWords, _f: Mapping[str, Fact], _a: bool) -> Parts:
    checks = _checks(one)
    if checks is None:
        return _unknown(one)
    said = one.sentence_for("monitoring") or one.say("monitoring", text=lower_first_word(checks))
    return [
        Part(said),
        Part(one.say("monitoring_close"), facts=(BOUNDARY_FACT,)),
        stop(one),
    ]


def lower_first_word(text: str) -> str:
    """Return a text that goes on after a colon; abbreviations keep their capitals."""
    word = text.split(maxsplit=1)[0]
    keeps = word.rstrip(".,") != word.rstrip(".,").capitalize() or word in ("Hepatitis", "JC")
    return text if keeps else lower_first(text)


def _questions(one: Subject, words: TreatmentWords, _f: Mapping[str, Fact], _a: bool) -> Parts:
    asked = [*one.treatment.ask_your_team, *words.questions_more]
    return [
        Part(one.say("questions")),
        *[Part(each, item=True) for each in asked],
        Part(one.say("questions_close"), facts=(BOUNDARY_FACT,)),
    ]


def _research(one: Subject, _w: TreatmentWords, _f: Mapping[str, Fact], _a: bool) -> Parts:
    return [
        Part(one.say("research")),
        in_us(one, item=True, dated=False),
        tested(one, item=True),
        Part(one.say("research_close"), facts=(LIVE_LISTING_FACT,)),
    ]


def _dose(one: Subject, _w: TreatmentWords, _f: Mapping[str, Fact], _a: bool) -> Parts:
    parts = [Part(one.say("dose"), facts=(BOUNDARY_FACT,))]
    if how := one.field("how_taken"):
        parts.append(Part(one.say("dose_how", text=lower_first(how))))
    return [*parts, Part(one.say("dose_navigator"))]


def _interactions(one: Subject, _w: TreatmentWords, _f: Mapping[str, Fact], _a: bool) -> Parts:
    return interactions([one])


def interactions(treatments: Iterable[Subject]) -> Parts:
    """Return that mixing medicines is for a pharmacist or the care team."""
    treatments = list(treatments)
    names = listed(one.name for one in treatments)
    return [
        Part(treatments[0].say("interactions", names=names), facts=(BOUNDARY_FACT,)),
        Part(treatments[0].say("interactions_list")),
        stop(*treatments),
    ]


def _unknown(one: Subject) -> Parts:
    return [Part(one.say("unknown"), facts=(BOUNDARY_FACT,))]


_BUILDERS: dict[str, Callable[[Subject, TreatmentWords, Mapping[str, Fact], bool], Parts]] = {
    "what": _what,
    "approval": _approval,
    "not_active": _not_active,
    "evidence": _evidence,
    "how_taken": _how_taken,
    "side_effects": _side_effects,
    "monitoring": _monitoring,
    "questions": _questions,
    "research": _research,
    "dose": _dose,
    "interactions": _interactions,
}


# Aspect -> the short forms that say it, each with its sentence
_SIMPLE: dict[str, tuple[tuple[str, str], ...]] = {
    "what": (("approved", "compare_us"), ("evidence", "compare_spms")),
    "approval": (("approved", "compare_us"),),
    "not_active": (("approved", "compare_us"), ("evidence", "compare_spms")),
    "evidence": (("evidence", "compare_spms"),),
    "research": (("approved", "compare_us"), ("evidence", "compare_spms")),
    "how_taken": (("how", "simple_how"),),
    "dose": (("how", "simple_how"),),
    "side_effects": (("risks", "compare_risks"),),
}


def simple_parts(one: Subject, aspect: str, words: TreatmentWords) -> Parts:
    """Return one aspect of a treatment in a few words; nothing where there are none."""
    known = [
        (sentence, text)
        for form, sentence in _SIMPLE.get(aspect, ())
        if (text := one.brief(form)) is not None
    ]
    what = one.brief("what")
    if not known or what is None:
        return []
    if one.kind == "symptom":
        known = [("compare_symptom" if s == "compare_spms" else s, text) for s, text in known]
    parts = [Part(one.say("what", text=what))]
    parts += [Part(one.say(sentence, text=text), item=True) for sentence, text in known]
    if aspect == "side_effects":
        parts += [urgent(words, one.urgent), stop(one)]
    if aspect == "dose":
        parts.append(Part(one.say("dose"), facts=(BOUNDARY_FACT,)))
    return parts
