"""One treatment as it is talked about: its name, and what may be said of it."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from content.treatment_words import SHORT_FORMS, ShortForms, TreatmentWords
from content.treatments import Treatment

MOST_WORDS = 90


class Subject:
    """A treatment with the words for it.

    Attributes:
        treatment: the entry of treatments.yml.
        generic: its generic name as it is said, "siponimod".
        name: brand and generic name, "Mayzent (siponimod)".
        short: one of the two, for choices and second mentions.
    """

    def __init__(
        self, treatment: Treatment, words: TreatmentWords, typed: Iterable[str] = ()
    ) -> None:
        """Take a treatment; `typed` is how the visitor wrote its name, for using the same brand."""
        self.treatment = treatment
        self._words = words
        self._forms: ShortForms | None = words.short_forms.get(treatment.id)
        called = self._forms.called if self._forms else None
        self.generic = called or treatment.generic.partition(" (")[0]
        self._brands = () if "brands" in self._hold else treatment.brands
        written = {name.lower() for name in typed}
        self.typed_brands = [brand for brand in self._brands if brand.lower() in written]
        brand = next(iter([*self.typed_brands, *self._brands]), None)
        first = self.kind == "disease_modifying" or bool(self._forms and self._forms.brand_first)
        if brand is None or "(" in self.generic:
            self.name, self.short = self.generic, self.generic.partition(" (")[0]
        elif first or self.typed_brands:
            self.name, self.short = f"{brand} ({self.generic})", brand
        else:
            self.name, self.short = f"{self.generic} ({brand})", self.generic
        self.other_brands = [each for each in self._brands if each != brand]

    @property
    def id(self) -> str:
        """The treatment's id."""
        return self.treatment.id

    @property
    def kind(self) -> str:
        """One of `content.treatments.KINDS`."""
        return self.treatment.kind

    @property
    def urgent(self) -> str | None:
        """Which line on getting help belongs to its side effects."""
        return self._forms.urgent if self._forms else None

    @property
    def date(self) -> str:
        """The month and year of the newest information, "September 2026"."""
        instead = self._instead.get("status_date")
        return month_and_year(instead or self.treatment.status_date)

    def field(self, name: str) -> str | None:
        """Return a field of treatments.yml; None where there is nothing that may be shown."""
        if name in self._hold:
            return None
        return self._instead.get(name) or self.treatment.aspects.get(name)

    def sentence_for(self, field: str) -> str | None:
        """Return the sentence that is said in place of a field that says only "Not in use."."""
        said = self._words.instead_of_fields.get(field, {}).get(self.field(field) or "")
        return said and self.say(said)

    def brief(self, form: str) -> str | None:
        """Return a short form; None where its field may not be shown, or has changed since."""
        if self._forms is None or self._forms.as_of != self.treatment.status_date:
            return None
        return self._forms.forms[form] if self.field(SHORT_FORMS[form]) else None

    def say(self, sentence: str, **words: str) -> str:
        """Fill in a sentence of treatment_words.yml, or one of its texts."""
        template = self._words.sentences.get(sentence, sentence)
        return template.format(
            **{
                "name": self.name,
                "Name": upper_first(self.name),
                "short": self.short,
                "date": self.date,
                **words,
            }
        )

    @property
    def _hold(self) -> tuple[str, ...]:
        return self._forms.hold if self._forms else ()

    @property
    def _instead(self) -> Mapping[str, str]:
        return self._forms.instead if self._forms else {}


@dataclass(frozen=True)
class Part:
    """A sentence or two of an answer. `brief` stands in where the answer gets too long; an
    `extra` part is said only where there is room. `item`: a line of a list. `facts`: ids of facts
    it rests on beside those of the treatment.
    """

    text: str
    brief: str | None = None
    extra: bool = False
    item: bool = False
    facts: tuple[str, ...] = ()


def fitted(parts: Iterable[Part], explained: Mapping[str, str]) -> tuple[str, tuple[str, ...]]:
    """Return the text of an answer, and the facts its parts rest on.

    Says what fits into MOST_WORDS: short forms replace the full words from the first part on, then
    extras are added in their order.

    Args:
        parts: in the order they are read.
        explained: word -> the word with its meaning, said where it is read first.
    """
    parts = list(parts)
    chosen: dict[int, str] = {n: part.text for n, part in enumerate(parts) if not part.extra}

    def text(chosen: Mapping[int, str]) -> str:
        said = [(parts[place], chosen[place]) for place in sorted(chosen)]
        return _explained(_laid_out(said), explained)

    for place, part in enumerate(parts):
        if place in chosen and part.brief and count_words(text(chosen)) > MOST_WORDS:
            chosen[place] = part.brief
    for place, part in enumerate(parts):
        if part.extra:
            for wording in (part.text, part.brief):
                if wording and count_words(text({**chosen, place: wording})) <= MOST_WORDS:
                    chosen[place] = wording
                    break
    facts = [fact for place in sorted(chosen) for fact in parts[place].facts]
    return text(chosen), tuple(dict.fromkeys(facts))


def _laid_out(said: list[tuple[Part, str]]) -> str:
    lines: list[str] = []
    for number, (part, text) in enumerate(said):
        if number:
            lines.append("\n" if part.item else "\n\n")
        lines.append(f"- {text}" if part.item else text)
    return "".join(lines)


def _explained(text: str, explained: Mapping[str, str]) -> str:
    for word, meaning in explained.items():
        # Not where the text goes on to explain it, or says it in brackets
        found = re.compile(rf"(?<![(\w]){re.escape(word)}(?! \(|, a |\w| group| trial)")
        text = found.sub(meaning.replace("\\", r"\\"), text, count=1)
    return text


def count_words(text: str) -> int:
    """Return how many words a visitor reads."""
    return sum(any(sign.isalnum() for sign in word) for word in text.split())


def sentences(text: str) -> list[str]:
    """Return the sentences of a field."""
    return re.split(r"(?<=[.?!])\s+(?=[A-Z])", text)


def upper_first(text: str) -> str:
    """Return a text with a capital at the start."""
    return text[:1].upper() + text[1:]


def lower_first(text: str) -> str:
    """Return a text that goes on after a colon: "A tablet" becomes "a tablet"."""
    return text[:1].lower() + text[1:]


def listed(names: Iterable[str], last: str = "and") -> str:
    """Return names as they are read: "A, B and C"."""
    names = list(names)
    return f" {last} ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def month_and_year(day: str) -> str:
    """Return "2026-09" or "2026-09-30" as "September 2026", "2024" as it is."""
    year, _, rest = day.partition("-")
    month = rest.partition("-")[0]
    return f"{calendar.month_name[int(month)]} {year}" if month.isdigit() else day
