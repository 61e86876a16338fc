"""Which words of the phrases a typed word may stand for: typing errors and letter tricks."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby

from safety.language import EXACTLY

_LEET = str.maketrans("0134578@$!|+€", "oieastbasiite")
_LEET_L = str.maketrans("1!|", "lll")
LONGEST_WORD = 22  # letters; longer ones are only cut into words
_SHORTEST_FUZZY = 3  # letters
_TWO_ERRORS_FROM = 9  # letters


class Spelling:
    """The words that the phrases look for, and how else they are typed. It keeps nothing of the
    messages it is asked about.

    Args:
        vocabulary: the words looked for; only these are recognised in typing errors.
        ordinary: words that are never a typing error of another word.
        variants: other spellings of a word, each one word or several ("my self": "myself").
    """

    def __init__(
        self,
        vocabulary: Iterable[str],
        ordinary: Iterable[str],
        variants: Mapping[str, Iterable[str]],
    ) -> None:
        self.vocabulary = frozenset(vocabulary)
        self.variants: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        for word, spellings in variants.items():
            for spelling in spellings:
                typed = tuple(spelling.split())
                self.variants.setdefault(typed[0], []).append((typed, word))
        single = {
            typed[0] for found in self.variants.values() for typed, _ in found if len(typed) == 1
        }
        as_they_stand = {word.removeprefix(EXACTLY) for word in self.vocabulary}
        self.known = frozenset(ordinary) | as_they_stand | single
        self._meant_by = {word: frozenset({word}) for word in self.vocabulary if word.isalpha()}
        for word in single - self._meant_by.keys():
            if word.isalpha() and len(word) > _SHORTEST_FUZZY:
                self._meant_by[word] = frozenset(self._single_variants(word))
        by_deletion: dict[str, list[str]] = {}
        self._by_squeezed: dict[str, set[str]] = {}
        self._by_length: dict[int, list[str]] = {}
        for word in self._meant_by:
            self._by_squeezed.setdefault(_squeeze(word), set()).add(word)
            self._by_length.setdefault(len(word), []).append(word)
            if len(word) >= _SHORTEST_FUZZY:
                for shorter in _deletions(word, _errors_allowed(word)):
                    by_deletion.setdefault(shorter, []).append(word)
        # Tens of thousands, kept as small as they can be
        self._by_deletion = {shorter: tuple(words) for shorter, words in by_deletion.items()}

    def exact(self, word: str) -> frozenset[str]:
        """Return the words meant if no letter is wrong: signs for letters, letters held down."""
        found: set[str] = set()
        for spelled in _without_signs(word):
            if spelled in self.vocabulary:
                found.add(spelled)
            found.update(self._single_variants(spelled))
            for target in self._by_squeezed.get(_squeeze(spelled), ()):
                if _stretched(spelled, target):
                    found |= self._meant_by[target]
        return frozenset(found)

    def nearest(self, word: str) -> frozenset[str]:
        """Return the words that a strange `word` may stand for, those with fewest errors."""
        if len(word) > 4 * LONGEST_WORD or word.isdigit():
            return frozenset()
        found = self.exact(word)
        if found:
            return found
        if "*" in word or "#" in word:
            return self._masked(word)
        errors: dict[str, int] = {}
        for spelled in _without_signs(word):
            for typed in {spelled, re.sub(r"(.)\1{2,}", r"\1\1", spelled)}:
                for target, number in self._similar(typed):
                    errors[target] = min(number, errors.get(target, number))
        least = min(errors.values(), default=0)
        closest = [self._meant_by[target] for target, number in errors.items() if number == least]
        return frozenset().union(*closest)

    def _similar(self, typed: str) -> Iterator[tuple[str, int]]:
        if not _SHORTEST_FUZZY <= len(typed) <= LONGEST_WORD:
            return
        for shorter in _deletions(typed, 2 if len(typed) >= _TWO_ERRORS_FROM - 1 else 1):
            for target in self._by_deletion.get(shorter, ()):
                errors = distance(typed, target)
                # of a word of three letters too little is left if one is missing
                long_enough = len(target) > _SHORTEST_FUZZY or len(typed) == len(target)
                if errors <= _errors_allowed(target) and long_enough:
                    yield target, errors

    def _masked(self, word: str) -> frozenset[str]:
        letters = re.escape(word).replace(r"\*", "[a-z]").replace(r"\#", "[a-z]")
        pattern = re.compile(letters)
        return frozenset(
            target for target in self._by_length.get(len(word), ()) if pattern.fullmatch(target)
        )

    def _single_variants(self, word: str) -> Iterator[str]:
        for spelling, target in self.variants.get(word, ()):
            if len(spelling) == 1:
                yield target


def without_signs(word: str) -> str:
    """Return `word` with the usual letters for the digits and signs in it."""
    return word.translate(_LEET)


def _without_signs(word: str) -> set[str]:
    return {word, without_signs(word), word.translate(_LEET_L).translate(_LEET)}


def _errors_allowed(word: str) -> int:
    return 2 if len(word) >= _TWO_ERRORS_FROM else 1


def _squeeze(word: str) -> str:
    return "".join(letter for letter, _ in groupby(word))


def _stretched(typed: str, target: str) -> bool:
    """Say whether `typed` is `target` with letters held down."""
    runs = [(letter, len(list(run))) for letter, run in groupby(typed)]
    wanted = [(letter, len(list(run))) for letter, run in groupby(target)]
    return len(runs) == len(wanted) and all(
        one[0] == other[0] and one[1] >= other[1] for one, other in zip(runs, wanted, strict=True)
    )


def _deletions(word: str, errors: int) -> set[str]:
    found = {word}
    edge = {word}
    for _ in range(errors):
        edge = {one[:place] + one[place + 1 :] for one in edge for place in range(len(one))}
        found |= edge
    return found


def distance(typed: str, meant: str) -> int:
    """Count the errors: a letter too many, missing, wrong, or two swapped (at most about 3)."""
    previous: list[int] = []
    row = list(range(len(meant) + 1))
    for i, letter in enumerate(typed, 1):
        older, previous, row = previous, row, [i] + [0] * len(meant)
        for j, other in enumerate(meant, 1):
            row[j] = min(previous[j] + 1, row[j - 1] + 1, previous[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == meant[j - 2] and typed[i - 2] == other:
                row[j] = min(row[j], older[j - 2] + 1)
    return row[-1]
