"""The rules of the content: what `scripts.check_content` holds every answer and fact to.

A rule yields findings. An error is a breach that must not be published, a warning something to put
right soon, a note a list for whoever plans the next answers.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from content.contacts import Contact, read_contacts
from content.context_words import load_context_words
from content.empathy import load_distress
from content.fact_fields import load_fact_fields
from content.facts import Fact, load_facts, load_link_hosts, may_link, recheck_due
from content.message import KINDS, RESPONSE_PREFIX
from content.reading import as_mapping, read_entries
from content.responses import Variation, load_responses, parse_payload, response_files
from content.signoff import Signoffs, load_signoffs, signable
from content.topics import OtherIntent, Topic, load_other_intents, load_topics
from content.treatment_words import ShortForms, load_treatment_words
from content.treatments import Treatment, load_treatments
from scripts.content_wording import WORDING_RULES, Text

METADATA_FIELDS = {"facts", "kind", "topic", "contact", "links"}
ENTITIES = {"treatment", "trial", "symptom", "ms_type", "country"}
# Kinds that tell a visitor something about MS or where to turn: each must name its facts
NEEDS_FACTS = {"answer", "personal_advice", "crisis", "emergency", "abuse", "handoff"}
# Answers that offer starting points, not follow-ups
STARTING_POINTS = {"utter_welcome", "utter_greet", "utter_help", "utter_start_over"}
NEEDED = {
    "crisis",
    "emergency",
    "abuse",
    "personal_medical_advice",
    "out_of_scope",
    "clarify",
    "hand_off",
    "hand_off_after_failures",
    "hand_off_no_answer",
    "unavailable",
    "welcome",
    "other_language",
}
TWO_WORDINGS = {"utter_greet", "utter_clarify", "utter_out_of_scope"}
MORE = "_more"
SIMPLE = "_simple"

OVERDUE_ERROR_DAYS = 90


@dataclass(frozen=True)
class Finding:
    """Something a rule found. `level` is "error", "warning" or "note"."""

    level: str
    where: str
    problem: str

    def __str__(self) -> str:
        """One line for the terminal."""
        return f"{self.level:8}{self.where}: {self.problem}"


@dataclass(frozen=True)
class Content:
    """All content below `root`, the checkout's folder."""

    root: Path
    facts: Mapping[str, Fact]
    contacts: Mapping[str, Contact]
    topics: Mapping[str, Topic]
    other_intents: Mapping[str, OtherIntent]
    treatments: Mapping[str, Treatment]
    responses: Mapping[str, list[Variation]]
    files: Mapping[str, Path]
    link_hosts: frozenset[str]
    seed_facts: Mapping[str, tuple[str, ...]]
    seed_kinds: Mapping[str, str]
    fact_fields: Mapping[str, tuple[str, ...]]
    short_forms: Mapping[str, ShortForms]
    signoffs: Signoffs

    @classmethod
    def load(cls, root: Path) -> Content:
        """Read everything.

        Raises:
            ContentError: a file cannot be used; the message names file, entry and field.
        """
        knowledge, responses = root / "knowledge", root / "data" / "responses"
        # Read here only to be checked: their content is no answer
        load_distress(knowledge / "distress.yml")
        load_context_words(knowledge / "context_words.yml")
        treatment_words = load_treatment_words(
            knowledge / "treatment_words.yml", knowledge / "treatment_short_forms.yml"
        )
        seeds = [
            (entry.name, entry.texts("fact_ids"), entry.text("kind"))
            for entry in read_entries(knowledge / "seed-facts.yml", "seed_facts")
        ]
        return cls(
            root=root,
            facts=load_facts(knowledge / "facts.yml"),
            contacts=read_contacts(knowledge / "contacts.yml"),
            topics=load_topics(knowledge / "topics.yml"),
            other_intents=load_other_intents(knowledge / "topics.yml"),
            treatments=load_treatments(knowledge / "treatments.yml"),
            responses=load_responses(responses),
            files=response_files(responses),
            link_hosts=load_link_hosts(knowledge / "link-hosts.yml"),
            seed_facts={name: facts for name, facts, _ in seeds},
            seed_kinds={name: kind for name, _, kind in seeds},
            fact_fields=load_fact_fields(knowledge / "fact_fields.yml"),
            short_forms=treatment_words.short_forms,
            signoffs=load_signoffs(knowledge / "signoff.yml"),
        )

    @property
    def intents(self) -> set[str]:
        """Every intent a choice may lead to."""
        return {*self.topics, *self.other_intents}

    def texts(self) -> Iterator[Text]:
        """Yield every wording of every answer."""
        for name, variations in self.responses.items():
            for number, variation in enumerate(variations, start=1):
                where = f"{self.files[name].name}, {name}"
                if len(variations) > 1:
                    where += f" (wording {number})"
                yield Text(where, name, variation)


def check(content: Content, today: datetime.date) -> list[Finding]:
    """Return what all rules find, errors first. `today` decides which facts are past their date."""
    findings = [*_references(content), *_needed(content), *_recheck(content, today)]
    names = [
        name
        for treatment in content.treatments.values()
        for name in (treatment.generic, *treatment.brands)
    ]
    for text in content.texts():
        findings += _metadata(content, text)
        findings += _buttons(content, text)
        findings += _conditions(content, text)
        for rule in WORDING_RULES:
            findings += [
                Finding(level, text.where, problem)
                for level, problem in rule(text, names, content.facts)
            ]
    findings += _short_forms(content)
    findings += _unused(content)
    findings += _signatures(content)
    return sorted(findings, key=lambda finding: ("error", "warning", "note").index(finding.level))


def _metadata(content: Content, text: Text) -> Iterator[Finding]:
    metadata = text.metadata

    def error(problem: str) -> Finding:
        return Finding("error", text.where, problem)

    for unknown in sorted(set(metadata) - METADATA_FIELDS):
        yield error(f"metadata has the field '{unknown}', which nothing reads")
    if text.kind not in KINDS:
        yield error(f"kind is '{text.kind}': write one of {', '.join(KINDS)}")
    if "facts" not in metadata:
        yield error("metadata has no 'facts': list their ids, or write [] where there are none")
    if text.kind in NEEDS_FACTS and not text.facts:
        yield error("rests on no fact, so it has no source")
    for fact_id in text.facts:
        fact = content.facts.get(fact_id)
        if fact is None:
            yield error(f"rests on the fact '{fact_id}', which is not in facts.yml")
        elif not fact.may_be_shown:
            yield error(
                f"rests on the fact '{fact_id}', which must not be shown "
                f"(confidence {fact.confidence}, or held back)"
            )
    contact = metadata.get("contact")
    if contact is not None and contact not in content.contacts:
        yield error(f"names the contact '{contact}', which is not in contacts.yml")
    topic = metadata.get("topic")
    if topic is not None and topic not in content.topics:
        yield error(f"names the topic '{topic}', which is not in topics.yml")
    for link in metadata.get("links") or []:
        link = as_mapping(link)
        if set(link) != {"label", "url"}:
            yield error("has a link without exactly 'label' and 'url'")
        elif not may_link(str(link["url"]), content.link_hosts):
            yield error(f"links to {link['url']}, whose host is not in link-hosts.yml")


def _buttons(content: Content, text: Text) -> Iterator[Finding]:
    buttons = text.variation.get("buttons", [])
    most = 6 if text.name in STARTING_POINTS else 4
    if len(buttons) > most:
        yield Finding("error", text.where, f"has {len(buttons)} choices; {most} at most")
    if text.kind == "answer" and len(buttons) < 2:
        yield Finding("error", text.where, "is an answer with fewer than two choices after it")
    titles = [button["title"] for button in buttons]
    if len(set(titles)) < len(titles):
        yield Finding("error", text.where, "has two choices with the same words")
    for button in buttons:
        problem = _button_problem(content, text, button["title"], button["payload"])
        if problem:
            yield Finding("error", text.where, f"choice '{button['title']}' {problem}")


def _button_problem(content: Content, text: Text, title: str, payload: str) -> str | None:
    if len(title) > 40 or "_" in title:
        return "must be plain words, 40 characters at most"
    try:
        intent, entities = parse_payload(payload).values()
    except ValueError as error:
        return f"cannot be used: {error}"
    if intent not in content.intents:
        return f"leads to '{intent}', which is no intent"
    if intent == "affirm" and f"{text.name}{MORE}" not in content.responses:
        return f"leads to '{text.name}{MORE}', which is not written"
    for name, value in as_mapping(entities).items():
        if name not in ENTITIES:
            return f"sets '{name}', which is no entity"
        if name == "treatment" and value not in content.treatments:
            return f"names the treatment '{value}', which is not in treatments.yml"
    return None


def _conditions(content: Content, text: Text) -> Iterator[Finding]:
    for condition in text.variation.get("condition", []):
        value = condition.get("value")
        if condition.get("type") != "slot" or not condition.get("name"):
            yield Finding("error", text.where, "has a condition that is not on a named slot")
        elif "treatment" in condition["name"] and value not in content.treatments:
            yield Finding("error", text.where, f"waits for the unknown treatment '{value}'")


def _needed(content: Content) -> Iterator[Finding]:
    conversation = {
        other.id for other in content.other_intents.values() if other.group == "conversation"
    }
    for intent in sorted(NEEDED | conversation):
        if RESPONSE_PREFIX + intent not in content.responses:
            yield Finding("error", "data/responses", f"{RESPONSE_PREFIX}{intent} is not written")
    for name, variations in content.responses.items():
        plain = [variation for variation in variations if not variation.get("condition")]
        if not plain:
            yield Finding("error", name, "has no wording without a condition: some get no answer")
        if name in TWO_WORDINGS and len(plain) < 2:
            yield Finding("error", name, "is met often: write at least two wordings")
        if name.endswith(MORE) and not _offers_more(content, name.removesuffix(MORE)):
            yield Finding("error", name, "cannot be reached: no choice of its answer is /affirm")
        if name.endswith(SIMPLE) and name.removesuffix(SIMPLE) not in content.responses:
            yield Finding("error", name, "is the simpler wording of an answer that does not exist")
    for topic in content.topics.values():
        name = RESPONSE_PREFIX + topic.id
        if name not in content.responses and topic.id != "contact_navigator_support":
            yield Finding("note", "topic without an answer", f"{topic.id} ({topic.label})")
        if name in content.responses and name + SIMPLE not in content.responses:
            yield Finding("warning", name, "has no simpler wording for “simpler, please”")


def _offers_more(content: Content, name: str) -> bool:
    return any(
        button["payload"] == "/affirm"
        for variation in content.responses.get(name, [])
        for button in variation.get("buttons", [])
    )


def _references(content: Content) -> Iterator[Finding]:
    holders: list[tuple[str, tuple[str, ...]]] = [
        *((f"treatments.yml, {one.id}", one.fact_ids) for one in content.treatments.values()),
        *((f"contacts.yml, {one.id}", one.facts) for one in content.contacts.values()),
        *((f"seed-facts.yml, {name}", ids) for name, ids in content.seed_facts.items()),
        *((f"fact_fields.yml, {field}", ids) for field, ids in content.fact_fields.items()),
    ]
    for where, fact_ids in holders:
        for fact_id in fact_ids:
            if fact_id not in content.facts:
                yield Finding("error", where, f"names the fact '{fact_id}', which does not exist")
    for contact in content.contacts.values():
        where = f"contacts.yml, {contact.id}"
        if not contact.facts and not contact.source:
            yield Finding("error", where, "rests on no fact, and names no source")
        for fact_id in contact.facts:
            if fact_id in content.facts and not content.facts[fact_id].may_be_shown:
                yield Finding("error", where, f"rests on '{fact_id}', which must not be shown")
        if contact.url and not may_link(contact.url, content.link_hosts):
            yield Finding("error", where, f"links to {contact.url}, not in link-hosts.yml")


def _used(content: Content) -> set[str]:
    """Return the facts that something a visitor reads rests on."""
    used = {fact_id for text in content.texts() for fact_id in text.facts}
    used.update(*(treatment.fact_ids for treatment in content.treatments.values()))
    return used


def _recheck(content: Content, today: datetime.date) -> Iterator[Finding]:
    used = _used(content)
    for fact in content.facts.values():
        overdue = (today - recheck_due(fact)).days
        if overdue <= 0 or fact.id not in used:
            continue
        level = "error" if overdue > OVERDUE_ERROR_DAYS else "warning"
        problem = f"was checked on {fact.checked_on}; a new check is {overdue} days overdue"
        yield Finding(level, f"facts.yml, {fact.id}", problem)


def _short_forms(content: Content) -> Iterator[Finding]:
    for treatment in content.treatments.values():
        where, forms = f"treatments.yml, {treatment.id}", content.short_forms.get(treatment.id)
        if forms is None:
            yield Finding("error", where, "has no entry in treatment_short_forms.yml")
        elif forms.as_of != treatment.status_date:
            problem = "changed its status_date: read its entry in treatment_short_forms.yml again"
            yield Finding("warning", where, f"{problem}, and set as_of there")
    for name in sorted(set(content.short_forms) - set(content.treatments)):
        where = f"treatment_short_forms.yml, {name}"
        yield Finding("error", where, "is the short form of no treatment in treatments.yml")


def _unused(content: Content) -> Iterator[Finding]:
    used = _used(content)
    for fact in content.facts.values():
        if fact.may_be_shown and fact.id not in used:
            yield Finding("note", "fact that no answer uses", fact.id)


def _signatures(content: Content) -> Iterator[Finding]:
    texts = {(one.answer, one.digest) for one in signable(content.root)}
    for answer, digest in content.signoffs:
        if (answer, digest) not in texts:
            yield Finding("note", "text that has changed since it was signed", answer)
