"""The phrases of the gate, checked and made ready for matching."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from safety.language import (
    Choice,
    Found,
    Node,
    PhraseError,
    Prefix,
    Sequence,
    Word,
    choice,
    first_words,
    may_be_empty,
    parse,
)
from safety.letters import plain
from safety.spelling import Spelling

KINDS = ("crisis", "emergency", "abuse")
STRENGTHS = ("direct", "veiled")
_SECTION_FIELDS = {"kind", "rules", "lists", "spellings", "ordinary_words"}
_RULE_FIELDS = {"rule", "phrases", "unless", "despite", "strength"}


@dataclass(frozen=True, eq=False)
class Guards:
    """Surroundings: `around` contain `@`, the place of what was found, `nearby` do not."""

    around: tuple[Node, ...]
    nearby: tuple[Node, ...]


@dataclass(frozen=True, eq=False)
class Rule:
    """Phrases of one sort, and the surroundings in which they mean something else.

    `rank` orders alarms: the lowest of a message is raised.
    """

    kind: str
    name: str
    rank: tuple[int, int, int]
    phrases: Choice
    unless: Guards
    despite: Guards


@dataclass(frozen=True, eq=False)
class Phrases:
    """Everything that `assess` needs to know; make it with `from_mapping`."""

    rules: tuple[Rule, ...]
    spelling: Spelling = field(repr=False)
    by_word: Mapping[str, tuple[Rule, ...]] = field(repr=False)
    unused_lists: tuple[str, ...] = ()

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
        self._lists: dict[str, Choice] = {}
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
        if kind not in KINDS:
            raise PhraseError(f"{section}: `kind` is {kind!r}; write one of {', '.join(KINDS)}")
        if not isinstance(raw, Mapping) or not isinstance(raw.get("rule"), str):
            raise PhraseError(f"{where}: needs `rule` (its name) and `phrases`")
        name = raw["rule"]
        where = f"{section}, rule '{name}'"
        _only(raw, _RULE_FIELDS, where)
        strength = raw.get("strength", "direct")
        if strength not in STRENGTHS:
            raise PhraseError(f"{where}: `strength` is {strength!r}; write direct or veiled")
        phrases = [self._parse(phrase, where) for phrase in _list(raw.get("phrases"), where)]
        if not phrases:
            raise PhraseError(f"{where}: has no phrases")
        rank = (STRENGTHS.index(strength), KINDS.index(kind), order)
        unless, despite = (
            self._guards(raw.get(part), f"{where}, `{part}`") for part in ("unless", "despite")
        )
        return Rule(kind, name, rank, choice(phrases), unless, despite)

    def _guards(self, raw: Any, where: str) -> Guards:
        guards = _flattened(self._parse(phrase, where, guard=True) for phrase in _list(raw, where))
        around = tuple(guard for guard in guards if _has_found(guard))
        return Guards(around, tuple(guard for guard in guards if guard not in around))

    def _parse(self, phrase: Any, where: str, guard: bool = False) -> Node:
        try:
            node = parse(phrase, self._list, guard=guard)
        except PhraseError as error:
            raise PhraseError(f"{where}: {error}") from None
        if not guard and (first_words(node) is None or may_be_empty(node)):
            raise PhraseError(f"{where}: {phrase!r} must begin with a word or a list of words")
        return node

    def _list(self, name: str) -> Choice:
        if name not in self._written:
            raise PhraseError(f"there is no list '{name}'")
        if name not in self._lists:
            section, phrases = self._written[name]
            where = f"{section}, list '{name}'"
            if name in self._open:
                raise PhraseError(f"{where}: refers to itself")
            self._open.append(name)
            written = _list(phrases, where)
            if not written:
                raise PhraseError(f"{where}: is empty")
            try:
                nodes = [parse(phrase, self._list, guard=True) for phrase in written]
            except PhraseError as error:
                raise PhraseError(f"{where}: {error}") from None
            self._open.pop()
            self._lists[name] = choice(nodes)
        return self._lists[name]

    def _spelling(self, rules: list[Rule]) -> Spelling:
        vocabulary: set[str] = set()
        others: set[str] = set()
        for rule in rules:
            _collect(rule.phrases, vocabulary)
            for guards in (rule.unless, rule.despite):
                for guard in (*guards.around, *guards.nearby):
                    _collect(guard, others)
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


def _flattened(guards: Iterable[Node]) -> list[Node]:
    """Take lists of guards apart, so that each is known to have an `@` or not."""
    flat: list[Node] = []
    for guard in guards:
        if isinstance(guard, Choice) and not guard.optional:
            flat.extend(_flattened(guard.options))
        else:
            flat.append(guard)
    return flat


def _children(node: Node) -> tuple[Node, ...]:
    match node:
        case Sequence(parts):
            return parts
        case Choice(options=options):
            return options
        case _:
            return ()


def _has_found(node: Node) -> bool:
    return isinstance(node, Found) or any(_has_found(child) for child in _children(node))


def _collect(node: Node, words: set[str]) -> None:
    if isinstance(node, Word):
        words.add(node.text)
    elif isinstance(node, Prefix):
        words.add(node.text)
    for child in _children(node):
        _collect(child, words)


def _by_word(rules: Iterable[Rule]) -> dict[str, tuple[Rule, ...]]:
    by_word: dict[str, list[Rule]] = {}
    for rule in rules:
        for word in rule.phrases.by_word:
            by_word.setdefault(word, []).append(rule)
    return {word: tuple(found) for word, found in by_word.items()}
