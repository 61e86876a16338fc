"""The language in which the phrases of `data/safety/` are written.

    kill myself           these words, also with typing errors
    beat/beats/hit        one of these words (or lists or signs)
    [really] want         words in brackets may be missing
    being_alive/living    an underscore joins words that are one of several
    <family>              any phrase of the word list `family`
    =coma                 this word exactly, no typing error of it
    suicid*               any word that begins so (no typing errors)
    #   ####              a number in digits; a year
    _                     any one word
    ...                   up to four other words of the same sentence; `...9` up to nine
    hits & me             both, in any order, with up to twelve other words between them
    //                    up to thirty other words, also in a later sentence
    |                     where a sentence begins or ends
    @                     in `unless` only: the place of what was found

Apostrophes and accents do not matter.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from itertools import permutations

from safety.letters import plain

# What a number and a year are called among the words of a message.
NUMBER, YEAR = "#", "####"
# Begins a word that is meant as it stands.
EXACTLY = "="
_USUAL_GAP = 4
_TOGETHER_GAP = 12
_LONG_GAP = 30
_PART = re.compile(r"\[|\]|[^\s\[\]]+")
_WORD = re.compile(r"=?[a-z0-9]+|[a-z0-9]+\*")
_LIST = re.compile(r"<([a-z0-9_]+)>")


class PhraseError(ValueError):
    """A phrase, list or rule cannot be used; the message says which one and what to do."""


@dataclass(frozen=True, eq=False)
class Word:
    """One word, as typed or as a typing error of it."""

    text: str


@dataclass(frozen=True, eq=False)
class Prefix:
    """Any word that begins with `text`."""

    text: str


@dataclass(frozen=True, eq=False)
class Gap:
    """From `least` to `most` words of any kind; `far` lets it cross the end of a sentence."""

    least: int
    most: int
    far: bool = False


@dataclass(frozen=True, eq=False)
class Edge:
    """The beginning or the end of a sentence; takes no word."""


@dataclass(frozen=True, eq=False)
class Found:
    """Where the phrase itself was found; takes exactly its words."""


@dataclass(frozen=True, eq=False)
class Sequence:
    """Its parts, one after the other."""

    parts: tuple[Node, ...]


@dataclass(frozen=True, eq=False)
class Choice:
    """One of its options. `by_word` tells which options a word can begin, `open_to_all` which
    ones begin with no particular word.
    """

    options: tuple[Node, ...]
    by_word: Mapping[str, tuple[Node, ...]] = field(repr=False)
    open_to_all: tuple[Node, ...] = field(repr=False)
    optional: bool = False


Node = Word | Prefix | Gap | Edge | Found | Sequence | Choice
ListLookup = Callable[[str], Choice]


def choice(options: Iterable[Node], optional: bool = False) -> Choice:
    """Build a Choice; with `optional`, taking no word at all is allowed too."""
    options = tuple(options)
    by_word: dict[str, list[Node]] = {}
    open_to_all: list[Node] = []
    for option in options:
        words = first_words(option)
        if words is None:
            open_to_all.append(option)
        for word in words or ():
            by_word.setdefault(word, []).append(option)
    return Choice(
        options,
        {word: tuple(nodes) for word, nodes in by_word.items()},
        tuple(open_to_all),
        optional,
    )


def first_words(node: Node) -> frozenset[str] | None:
    """Return the words with which `node` can begin, None if no particular ones."""
    match node:
        case Word(text):
            return frozenset({text})
        case Sequence(parts):
            words: frozenset[str] = frozenset()
            for part in parts:
                first = first_words(part)
                if first is None and not isinstance(part, Edge):
                    return None
                words |= first or frozenset()
                if not may_be_empty(part):
                    return words
            return None
        case Choice():
            if node.open_to_all:
                return None
            return frozenset(node.by_word)
        case _:
            return None


def may_be_empty(node: Node) -> bool:
    """Say whether `node` can take no word at all."""
    match node:
        case Sequence(parts):
            return all(may_be_empty(part) for part in parts)
        case Choice(options=options, optional=optional):
            return optional or any(may_be_empty(option) for option in options)
        case Gap(least=least):
            return least == 0
        case Edge():
            return True
        case _:
            return False


def parse(phrase: str, lists: ListLookup, *, guard: bool = False) -> Node:
    """Read one phrase.

    Args:
        phrase: as in the module's description.
        lists: gives the options of a word list by its name; raises PhraseError if there is none.
        guard: whether `@` is allowed.

    Raises:
        PhraseError: the phrase is not in the language.
    """
    if not isinstance(phrase, str) or not phrase.strip():
        raise PhraseError(f"{phrase!r} is no phrase: write words, in quotes if it has signs")
    together = phrase.split(" & ")
    if len(together) > 1:
        parts = [parse(part, lists, guard=guard) for part in together]
        return choice(_spaced(order) for order in permutations(parts))
    stack: list[list[Node]] = [[]]
    cleaned = re.sub(r"(?<=\w)['’](?=\w)", "", plain(phrase))
    for part in _PART.findall(cleaned):
        if part == "[":
            stack.append([])
        elif part == "]":
            if len(stack) < 2 or not stack[-1]:
                raise PhraseError(f"{phrase!r}: ']' without '[', or nothing between them")
            inside = _sequence(stack.pop())
            stack[-1].append(choice([inside], optional=True))
        elif "@" in part and not guard:
            raise PhraseError(f"{phrase!r}: '@' is for `unless` and `despite` only")
        else:
            stack[-1].append(_simple(part, phrase, lists))
    if len(stack) != 1:
        raise PhraseError(f"{phrase!r}: '[' is never closed")
    return _sequence(stack[0])


def _spaced(parts: Iterable[Node]) -> Node:
    spaced: list[Node] = []
    for part in parts:
        spaced += [Gap(0, _TOGETHER_GAP), part] if spaced else [part]
    return Sequence(tuple(spaced))


def _sequence(parts: list[Node]) -> Node:
    return parts[0] if len(parts) == 1 else Sequence(tuple(parts))


def _simple(part: str, phrase: str, lists: ListLookup) -> Node:
    if part == "//":
        return Gap(0, _LONG_GAP, far=True)
    nodes = [_one(option, phrase, lists) for option in part.split("/")]
    return nodes[0] if len(nodes) == 1 else choice(nodes)


def _one(part: str, phrase: str, lists: ListLookup) -> Node:
    if part in _SIGNS:
        return _SIGNS[part]()
    if name := _LIST.fullmatch(part):
        return lists(name[1])
    if gap := re.fullmatch(r"\.\.\.(\d*)", part):
        return Gap(0, int(gap[1] or _USUAL_GAP))
    words = part.split("_")
    if not all(_WORD.fullmatch(word) for word in words):
        raise PhraseError(f"{phrase!r}: {part!r} is no word; write letters and digits only")
    return _sequence([Prefix(word[:-1]) if word[-1] == "*" else Word(word) for word in words])


_SIGNS: Mapping[str, Callable[[], Node]] = {
    "|": Edge,
    "@": Found,
    NUMBER: lambda: Word(NUMBER),
    YEAR: lambda: Word(YEAR),
    "_": lambda: Gap(1, 1),
}
