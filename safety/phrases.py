"""The phrases of the gate, checked and made ready for matching."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from safety.language import (
    Branch,
    Edge,
    Gap,
    Options,
    Parser,
    Phrase,
    PhraseError,
    Prefix,
    first_words,
    has_found,
    may_be_empty,
    options,
)
from safety.letters import plain
from safety.spelling import Spelling

ALARM_KINDS = ("crisis", "emergency", "abuse")
STRENGTHS = ("direct", "veiled")
_SECTION_FIELDS = {"kind", "rules", "lists", "spellings", "ordinary_words"}
_RULE_FIELDS = {"rule", "phrases", "unless", "despite", "strength"}


@dataclass(frozen=True, eq=False, repr=False)
class Guards:
    """Surroundings: `around` contain `@`, the place of what was found, `nearby` do not."""

    around: Options
    nearby: Options


@dataclass(frozen=True, eq=False, repr=False)
class Rule:
    """Phrases of one sort, and the surroundings in which they mean something else.

    `rank` orders alarms: the lowest of a message is raised.
    """

    kind: str
    name: str
    rank: tuple[int, int, int]
    phrases: Options
    unless: Guards
    despite: Guards


@dataclass(frozen=True, eq=False, repr=False)
class Phrases:
    """Everything that `assess` needs to know; make it with `from_mapping`."""

    rules: tuple[Rule, ...]
    spelling: Spelling
    by_word: Mapping[str, tuple[Rule, ...]]
    unused_lists: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"<Phrases: {len(self.rules)} rules>"

    @classmethod
    def from_mapping(cls, mapping: Mapping[str, Any]) -> Phrases:
        """Check the sections of `data/safety/` and make them ready.

        Args:
            mapping: section name -> section; a section holds `kind` and `rules`, or any of
                `lists`, `spellings`, `ordinary_words`.

        Raises:
            PhraseError: a section, rule, list or phrase cannot be used; says which and why.
        """
        return _Builder(mapping).build()


class _Builder:
    def __init__(self, mapping: Mapping[str, Any]) -> None:
        if not isinstance(mapping, Mapping) or not mapping:
            raise PhraseError("no sections: give a mapping of section names to sections")
        self._sections = {name: _section(name, value) for name, value in mapping.items()}
        self._written: dict[str, tuple[str, Any]] = {}
        self._lists: dict[str, Options] = {}
        self._phrases_of: dict[int, list[Phrase]] = {}
        self._parser = Parser(self._list)
        self._open: list[str] = []
        for section, content in self._sections.items():
            for name, phrases in _mapping(content.get("lists"), f"{section}: lists").items():
                if name in self._written:
                    raise PhraseError(
                        f"{section}: list '{name}' is in {self._written[name][0]} too"
                    )
                self._written[name] = (section, phrases)

    def build(self) -> Phrases:
        rules: list[Rule] = []
        for section, content in self._sections.items():
            for number, raw in enumerate(content.get("rules") or ()):
                rules.append(self._rule(section, content.get("kind"), number, raw, len(rules)))
        if not rules:
            raise PhraseError("no rules: at least one section needs `kind` and `rules`")
        unused = tuple(sorted(set(self._written) - set(self._lists)))
        for name in unused:
            self._list(name)  # a list nobody uses must be right all the same
        return Phrases(tuple(rules), self._spelling(rules), _by_word(rules), unused)

    def _rule(self, section: str, kind: Any, number: int, raw: Any, order: int) -> Rule:
        where = f"{section}, rule {number + 1}"
        if kind not in ALARM_KINDS:
            known = ", ".join(ALARM_KINDS)
            raise PhraseError(f"{section}: `kind` is {kind!r}; write one of {known}")
        if not isinstance(raw, Mapping) or not isinstance(raw.get("rule"), str):
            raise PhraseError(f"{where}: needs `rule` (its name) and `phrases`")
        name = raw["rule"]
        where = f"{section}, rule '{name}'"
        _only(raw, _RULE_FIELDS, where)
        strength = raw.get("strength", "direct")
        if strength not in STRENGTHS:
            raise PhraseError(f"{where}: `strength` is {strength!r}; write direct or veiled")
        phrases = [
            read
            for written in _list(raw.get("phrases"), where)
            for read in self._parse(written, where)
        ]
        if not phrases:
            raise PhraseError(f"{where}: has no phrases")
        rank = (STRENGTHS.index(strength), ALARM_KINDS.index(kind), order)
        unless, despite = (
            self._guards(raw.get(part), f"{where}, `{part}`") for part in ("unless", "despite")
        )
        return Rule(kind, name, rank, options(phrases), unless, despite)

    def _guards(self, raw: Any, where: str) -> Guards:
        around: list[Phrase] = []
        nearby: list[Phrase] = []
        for written in _list(raw, where):
            for parsed in self._parse(written, where, guard=True):
                for phrase in self._taken_apart(parsed):
                    (around if has_found(phrase) else nearby).append(phrase)
        return Guards(options(around), options(nearby))

    def _taken_apart(self, phrase: Phrase) -> Iterable[Phrase]:
        """Yield the phrases of a list that stands alone: some have an `@`, others have none."""
        inside = self._phrases_of.get(id(phrase[0])) if len(phrase) == 1 else None
        if inside is None:
            yield phrase
        for one in inside or ():
            yield from self._taken_apart(one)

    def _parse(self, written: str, where: str, guard: bool = False) -> list[Phrase]:
        try:
            phrases = self._parser.parse(written, guard=guard)
        except PhraseError as error:
            raise PhraseError(f"{where}: {error}") from None
        for phrase in phrases:
            if not guard and (first_words(phrase) is None or isinstance(phrase[0], Gap)):
                raise PhraseError(f"{where}: {written!r} must begin with a word or a list of words")
            if not guard and not isinstance(phrase[-1], Edge) and may_be_empty(phrase[-1]):
                raise PhraseError(
                    f"{where}: {written!r} ends with words that may be missing: leave them out"
                )
        return phrases

    def _list(self, name: str) -> Options:
        if name not in self._written:
            raise PhraseError(f"there is no list '{name}'")
        if name not in self._lists:
            section, written = self._written[name]
            where = f"{section}, list '{name}'"
            if name in self._open:
                raise PhraseError(f"{where}: refers to itself")
            self._open.append(name)
            phrases = [
                read
                for phrase in _list(written, where)
                for read in self._parse_listed(phrase, where)
            ]
            if not phrases:
                raise PhraseError(f"{where}: is empty")
            self._open.pop()
            self._lists[name] = options(phrases)
            self._phrases_of[id(self._lists[name])] = phrases
        return self._lists[name]

    def _parse_listed(self, phrase: str, where: str) -> list[Phrase]:
        try:
            return self._parser.parse(phrase, guard=True)
        except PhraseError as error:
            raise PhraseError(f"{where}: {error}") from None

    def _spelling(self, rules: list[Rule]) -> Spelling:
        vocabulary: set[str] = set()
        others: set[str] = set()
        seen: set[int] = set()
        for rule in rules:
            _collect(rule.phrases.tree, vocabulary, seen)
        for rule in rules:
            for guards in (rule.unless, rule.despite):
                _collect(guards.around.tree, others, seen)
                _collect(guards.nearby.tree, others, seen)
        variants: dict[str, list[str]] = {}
        for section, content in self._sections.items():
            where = f"{section}: spellings"
            for word, spellings in _mapping(content.get("spellings"), where).items():
                cleaned = [plain(spelling).replace("'", "") for spelling in _list(spellings, where)]
                variants.setdefault(plain(word), []).extend(cleaned)
            words = content.get("ordinary_words", "")
            if not isinstance(words, str):
                raise PhraseError(f"{section}: `ordinary_words` is a text of words with spaces")
            others.update(plain(words).split())
        return Spelling(vocabulary, others, variants)


def _section(name: str, value: Any) -> Mapping[str, Any]:
    section = _mapping(value, name)
    _only(section, _SECTION_FIELDS, name)
    return section


def _only(mapping: Mapping[str, Any], allowed: set[str], where: str) -> None:
    for key in mapping:
        if key not in allowed:
            raise PhraseError(f"{where}: `{key}` is not known; use {', '.join(sorted(allowed))}")


def _mapping(value: Any, where: str) -> Mapping[str, Any]:
    if value is None:
        return {}
    if not isinstance(value, Mapping) or not all(isinstance(key, str) for key in value):
        raise PhraseError(f"{where}: write names with a colon (a YAML mapping; quote yes, no, on)")
    return value


def _list(value: Any, where: str) -> list[str]:
    if value is None:
        return []
    if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
        raise PhraseError(f"{where}: write a list of phrases (quote yes, no, on, off and numbers)")
    return value


def _collect(branch: Branch, words: set[str], seen: set[int]) -> None:
    """Gather the words of a tree and of the lists in it, each list once."""
    if id(branch) in seen:
        return
    seen.add(id(branch))
    words.update(branch.words)
    for after in branch.words.values():
        _collect(after, words, seen)
    for part, after in branch.parts:
        if isinstance(part, Options):
            _collect(part.tree, words, seen)
        elif isinstance(part, Prefix):
            words.add(part.text)
        _collect(after, words, seen)


def _by_word(rules: Iterable[Rule]) -> dict[str, tuple[Rule, ...]]:
    by_word: dict[str, list[Rule]] = {}
    for rule in rules:
        for word in rule.phrases.first or ():
            by_word.setdefault(word, []).append(rule)
    return {word: tuple(found) for word, found in by_word.items()}
