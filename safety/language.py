"""The language in which the phrases of `data/safety/` are written.

    kill myself           these words, also with typing errors
    beat/beats/hit        one of these words (or lists or signs)
    being_alive/living    an underscore joins words that are one of several
    [really] want         words in brackets may be missing
    <family>              any phrase of the word list `family`
    =coma                 this word exactly, no typing error of it
    suicid*               any word that begins so (no typing errors)
    #   ####              a number in digits; a year
    _                     any one word
    ...                   up to four other words of the same sentence; `...9` up to nine
    hits & me             both, in any order, with up to twelve other words between them
    //                    up to thirty other words, also in a later sentence
    |                     where a sentence begins or ends
    @                     in `unless` and `despite` only: the place of what was found

Apostrophes and accents do not matter.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial
from itertools import permutations

from safety.letters import plain

# What a number and a year are called among the words of a message.
NUMBER, YEAR = "#", "####"
# Begins a word that is meant as it stands.
EXACTLY = "="

# Words that tell next to nothing about a message.
_EVERYDAY = frozenset(
    "a about all am an and anymore are as at be been by can could day did do does doing dont feel "
    "for from get go going got had has have he help her him his how i if im in into is isnt it its "
    "ive just know like life live living make me more ms much my need no not of off on one or our "
    "out over people really said say should since so some someone than that the their them there "
    "they thing this time to too up us very want was way we what when who why will with wont would "
    "you your".split()
)

_USUAL_GAP = 4
_TOGETHER_GAP = 12
_FAR_GAP = 30
_MANY_PARTS = 6
_PIECE = re.compile(r"\[|\]|[^\s\[\]]+")
_WORD = re.compile(r"=?[a-z0-9]+|[a-z0-9]+\*")
_LIST = re.compile(r"<([a-z0-9_]+)>")
_GAP = re.compile(r"\.\.\.(\d*)")
_APOSTROPHE = re.compile(r"(?<=\w)['’](?=\w)")


class PhraseError(ValueError):
    """A phrase, list or rule cannot be used; the message says which one and what to do."""


@dataclass(frozen=True, eq=False, slots=True)
class Word:
    """One word, as typed or as a typing error of it."""

    text: str


@dataclass(frozen=True, eq=False, slots=True)
class Prefix:
    """Any word that begins with `text`."""

    text: str


@dataclass(frozen=True, eq=False, slots=True)
class Gap:
    """From `least` to `most` words of any kind; `far` lets it cross the end of a sentence."""

    least: int
    most: int
    far: bool = False


@dataclass(frozen=True, eq=False, slots=True)
class Edge:
    """The beginning or the end of a sentence; takes no word."""


@dataclass(frozen=True, eq=False, slots=True)
class Found:
    """Where the phrase itself was found; takes exactly its words."""


@dataclass(eq=False, repr=False, slots=True)
class Branch:
    """A place in the tree of a list's phrases: what may come next. Phrases that begin alike share
    their beginning, so that it is looked for once.
    """

    words: dict[str, Branch] = field(default_factory=dict)
    parts: list[tuple[Part, Branch]] = field(default_factory=list)
    complete: bool = False
    after_far_gap: bool = False
    by_word: dict[str, list[tuple[Part, Branch]]] | None = None
    for_any_word: list[tuple[Part, Branch]] | None = None
    needs: frozenset[str] | None = None

    def possible_parts(self, words: Iterable[str]) -> Iterable[tuple[Part, Branch]]:
        """Return the parts that may come where one of `words` stands, and where they lead."""
        if self.by_word is None:
            return self.parts
        found = {id(part): (part, after) for part, after in self.for_any_word or ()}
        for word in words:
            for part, after in self.by_word.get(word, ()):
                found[id(part)] = (part, after)
        return found.values()

    def prepare(self) -> None:
        """Set `needs` (of these words a message must have one, None if none in particular), make
        `possible_parts` quick where there are many, and give back what stays empty: there are
        tens of thousands of branches. Nothing may be added afterwards.

        Words that say more are needed rather than words that nearly every message has, wherever in
        the rest of a phrase they stand: most phrases are given up before they are looked for.
        """
        for _, after in (*self.words.items(), *self.parts):
            after.prepare()
        if not self.complete:
            needed = [
                *(_telling(frozenset((word,)), after.needs) for word, after in self.words.items()),
                *(_needs(part, after) for part, after in self.parts),
            ]
            if None not in needed:
                needs = frozenset[str]().union(*(words or () for words in needed))
                self.needs = _SAME_NEEDS.setdefault(needs, needs)
        self.words = self.words or _NO_WORDS
        self.parts = self.parts or _NO_PARTS
        if len(self.parts) >= _MANY_PARTS:
            self.by_word = {}
            self.for_any_word = []
            for part, after in self.parts:
                if not isinstance(part, Options) or part.first is None or may_be_empty(part):
                    self.for_any_word.append((part, after))
                    continue
                for word in part.first:
                    self.by_word.setdefault(word, []).append((part, after))


_NO_WORDS: dict[str, Branch] = {}
_NO_PARTS: list[tuple[Part, Branch]] = []
# Equal sets are kept once; as many as there are different ones in the phrases.
_SAME_NEEDS: dict[frozenset[str], frozenset[str]] = {}


def _needs(part: Part, after: Branch) -> frozenset[str] | None:
    """Return the words of which a message must have one to go on with `part`."""
    if isinstance(part, Options) and not may_be_empty(part):
        return _telling(part.tree.needs, after.needs)
    return after.needs


def _telling(one: frozenset[str] | None, other: frozenset[str] | None) -> frozenset[str] | None:
    """Return that of two sets of which a message is less likely to have a word."""
    if one is None or other is None:
        return other if one is None else one
    return min(one, other, key=lambda words: (len(words & _EVERYDAY), len(words)))


@dataclass(frozen=True, eq=False, repr=False, slots=True)
class Options:
    """One of several phrases.

    Attributes:
        tree: the phrases.
        optional: whether taking no word at all is allowed too.
        first: the words with which they can begin; None if no particular ones.
        has_found: whether `@` stands in one of them.
    """

    tree: Branch
    optional: bool
    first: frozenset[str] | None
    has_found: bool


Part = Word | Prefix | Gap | Edge | Found | Options
Phrase = tuple[Part, ...]


def options(phrases: Iterable[Phrase], *, optional: bool = False) -> Options:
    """Make a tree of phrases."""
    phrases = tuple(phrases)
    tree = Branch()
    first: set[str] | None = set()
    for phrase in phrases:
        _add(tree, phrase)
        words = first_words(phrase)
        first = None if first is None or words is None else first | words
    tree.prepare()
    has_found = any(_has_found(part) for phrase in phrases for part in phrase)
    return Options(tree, optional, None if first is None else frozenset(first), has_found)


def _add(branch: Branch, phrase: Phrase) -> None:
    for part in phrase:
        if isinstance(part, Word):
            branch = branch.words.setdefault(part.text, Branch())
            continue
        known = [after for before, after in branch.parts if before is part]
        if known:
            branch = known[0]
        else:
            after = Branch(after_far_gap=isinstance(part, Gap) and part.far)
            branch.parts.append((part, after))
            branch = after
    branch.complete = True


def has_found(phrase: Phrase) -> bool:
    """Say whether `@` stands in a phrase."""
    return any(_has_found(part) for part in phrase)


def _has_found(part: Part) -> bool:
    return isinstance(part, Found) or (isinstance(part, Options) and part.has_found)


def may_be_empty(part: Part) -> bool:
    """Say whether a part can take no word at all."""
    match part:
        case Options(tree, optional):
            return optional or tree.complete
        case Gap(least):
            return least == 0
        case Edge():
            return True
        case _:
            return False


def first_words(phrase: Phrase) -> frozenset[str] | None:
    """Return the words with which a phrase can begin, None if no particular ones."""
    words: frozenset[str] = frozenset()
    for part in phrase:
        match part:
            case Word(text):
                return words | {text}
            case Options(first=first) if first is not None:
                words |= first
            case Edge():
                continue
            case _:
                return None
        if not may_be_empty(part):
            return words
    return None


class Parser:
    """Reads phrases; what is written alike becomes the same object.

    Args:
        lists: gives a word list by its name; raises PhraseError if there is none.
    """

    def __init__(self, lists: Callable[[str], Options]) -> None:
        self._lists = lists
        self._known: dict[str, Part] = {}

    def parse(self, phrase: str, *, guard: bool = False) -> list[Phrase]:
        """Read one phrase; with `&` it becomes one for every order of its parts.

        Args:
            phrase: as in the module's description.
            guard: whether `@` is allowed.

        Raises:
            PhraseError: the phrase is not in the language.
        """
        if not phrase.strip():
            raise PhraseError("a phrase is empty: write words, or remove it")
        if "@" in phrase and not guard:
            raise PhraseError(f"{phrase!r}: '@' is for `unless` and `despite` only")
        cleaned = _APOSTROPHE.sub("", plain(phrase))
        together = [self._sequence(part, phrase) for part in cleaned.split(" & ")]
        between = self._keep("&", lambda: Gap(0, _TOGETHER_GAP))
        found: list[Phrase] = []
        for order in permutations(together):
            parts = list(order[0])
            for other in order[1:]:
                parts += [between, *other]
            found.append(tuple(parts))
        return found

    def _sequence(self, written: str, phrase: str) -> Phrase:
        parts: list[Part] = []
        depth, inside = 0, ""
        for piece in _PIECE.findall(written):
            if piece == "]":
                depth -= 1
                if depth < 0:
                    raise PhraseError(f"{phrase!r}: ']' without '['")
                if depth == 0:
                    parts.append(self._optional(inside.strip(), phrase))
                    inside = ""
                    continue
            if depth:
                inside += f" {piece}"
            elif piece != "[":
                parts.append(self._keep(piece, partial(self._piece, piece, phrase)))
            depth += piece == "["
        if depth:
            raise PhraseError(f"{phrase!r}: '[' is never closed")
        return tuple(parts)

    def _optional(self, inside: str, phrase: str) -> Part:
        if not inside:
            raise PhraseError(f"{phrase!r}: nothing between '[' and ']'")
        return self._keep(
            f"[{inside}]", lambda: options([self._sequence(inside, phrase)], optional=True)
        )

    def _keep(self, written: str, make: Callable[[], Part]) -> Part:
        if written not in self._known:
            self._known[written] = make()
        return self._known[written]

    def _piece(self, piece: str, phrase: str) -> Part:
        if piece == "//":
            return Gap(0, _FAR_GAP, far=True)
        alternatives = [self._one(one, phrase) for one in piece.split("/")]
        if len(alternatives) == 1 and len(alternatives[0]) == 1:
            return alternatives[0][0]
        return options(alternatives)

    def _one(self, one: str, phrase: str) -> Phrase:
        if one in _SIGNS:
            return (self._keep(one, _SIGNS[one]),)
        if name := _LIST.fullmatch(one):
            return (self._lists(name[1]),)
        if gap := _GAP.fullmatch(one):
            return (self._keep(one, lambda: Gap(0, int(gap[1] or _USUAL_GAP))),)
        words = one.split("_")
        if not all(_WORD.fullmatch(word) for word in words):
            raise PhraseError(f"{phrase!r}: {one!r} is no word; write letters and digits only")
        return tuple(Prefix(word[:-1]) if word[-1] == "*" else Word(word) for word in words)


_SIGNS: dict[str, Callable[[], Part]] = {
    "|": Edge,
    "@": Found,
    NUMBER: lambda: Word(NUMBER),
    YEAR: lambda: Word(YEAR),
    "_": lambda: Gap(1, 1),
}
