"""Which words of the phrases a typed word may stand for: typing errors, letter tricks, spacing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby

from safety.language import EXACTLY, NUMBER, YEAR
from safety.letters import Token

_LEET = str.maketrans("0134578@$!|+€", "oieastbasiite")
_LEET_L = str.maketrans("1!|", "lll")
_UNIT = re.compile(r"(\d+)([a-z]{1,5})")
_SIGNS = re.compile(r"[@$!|+*#€]+")
_LONGEST_WORD = 22  # longer ones are only cut into words
_LONGEST_GLUED = 400  # characters; longer ones are noise
_SHORTEST_FUZZY = 3
_TWO_ERRORS_FROM = 9  # letters


class Reading:
    """What the words of one message may mean.

    `starts[i]` maps each word that may begin at place i to the places after it; most words end at
    the next place, one that was typed in two parts ends later.
    """

    def __init__(self, texts: list[str], ends: list[bool]) -> None:
        self.texts = texts
        self.sentence = [0] * len(texts)
        number = 0
        for place, end in enumerate(ends):
            self.sentence[place] = number
            number += end
        self.starts: list[dict[str, tuple[int, ...]]] = [{} for _ in texts]

    def add(self, start: int, word: str, end: int) -> None:
        """Let `word` stand at places `start` to `end` (exclusive)."""
        ends = self.starts[start].get(word, ())
        if end not in ends:
            self.starts[start][word] = (*ends, end)


class Spelling:
    """Reads messages with a vocabulary.

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
        self._vocabulary = frozenset(vocabulary)
        self._variants: dict[str, list[tuple[tuple[str, ...], str]]] = {}
        for word, spellings in variants.items():
            for spelling in spellings:
                typed = tuple(spelling.split())
                self._variants.setdefault(typed[0], []).append((typed, word))
        single = {
            typed[0]
            for options in self._variants.values()
            for typed, _ in options
            if len(typed) == 1
        }
        self._known = frozenset(ordinary) | self._vocabulary | single
        self._known |= {word.removeprefix(EXACTLY) for word in self._vocabulary}
        self._by_deletion: dict[str, set[str]] = {}
        self._by_squeezed: dict[str, set[str]] = {}
        self._by_length: dict[int, list[str]] = {}
        for word in self._vocabulary:
            if not word.isalpha():
                continue
            self._by_squeezed.setdefault(_squeeze(word), set()).add(word)
            self._by_length.setdefault(len(word), []).append(word)
            if len(word) >= _SHORTEST_FUZZY:
                for shorter in _deletions(word, _errors_allowed(word)):
                    self._by_deletion.setdefault(shorter, set()).add(word)
        self._memory: dict[str, frozenset[str]] = {}

    def read(self, typed: list[Token]) -> Reading:
        """Find every word of the vocabulary that each part of a message may stand for."""
        typed = list(self._repair(typed))
        reading = Reading([token.text for token in typed], [token.ends for token in typed])
        for place, token in enumerate(typed):
            reading.add(place, token.text, place + 1)
            if EXACTLY + token.text in self._vocabulary:
                reading.add(place, EXACTLY + token.text, place + 1)
            if token.text.isdigit():
                reading.add(place, NUMBER, place + 1)
                if len(token.text) == 4 and token.text.startswith(("19", "20")):
                    reading.add(place, YEAR, place + 1)
            for word in self._meanings(token.text):
                reading.add(place, word, place + 1)
            for spelling, word in self._variants.get(token.text, ()):
                end = place + len(spelling)
                if tuple(reading.texts[place:end]) == spelling:
                    reading.add(place, word, end)
            if place + 1 < len(typed):
                joined = token.text + typed[place + 1].text
                if joined in self._vocabulary and len(joined) > 6:
                    reading.add(place, joined, place + 2)
        return reading

    def _meanings(self, typed: str) -> frozenset[str]:
        if typed in self._known or typed.isdigit():
            return frozenset()
        return self._nearest(typed)

    def _repair(self, typed: list[Token]) -> Iterator[Token]:
        """Join what was typed apart, cut what was typed together."""
        place = 0
        while place < len(typed):
            joined, count = self._join(typed, place)
            ends = typed[place + count - 1].ends
            parts = joined if count > 1 else self._cut(typed[place].text)
            for part in parts[:-1]:
                yield Token(part, False)
            if parts:
                yield Token(parts[-1], ends)
            place += count

    def _join(self, typed: list[Token], place: int) -> tuple[list[str], int]:
        letters = 0
        while (
            place + letters < len(typed)
            and len(typed[place + letters].text) == 1
            and (letters == 0 or not typed[place + letters - 1].ends)
        ):
            letters += 1
        if letters >= 3:
            word = "".join(token.text for token in typed[place : place + letters])
            return self._letters(word), letters
        for count in (4, 3, 2):
            parts = [token.text for token in typed[place : place + count]]
            if len(parts) < count or any(token.ends for token in typed[place : place + count - 1]):
                continue
            word = "".join(parts)
            strange = [part for part in parts if not self._ordinary(part)]
            if strange and 3 < len(word) <= _LONGEST_WORD:
                found = self._exact(word)
                if found and not all(self._nearest(part) for part in strange if len(part) > 3):
                    return [sorted(found)[0]], count
        return [], 1

    def _ordinary(self, part: str) -> bool:
        if len(part) == 1:
            return part in "aiuy" or part.isdigit()
        return part in self._known or part.isdigit()

    def _letters(self, word: str) -> list[str]:
        """Read letters that were typed one by one."""
        word = word.translate(_LEET)
        if self._exact(word) or len(word) < 5:
            return [word]
        return self._segments(word) or [word]

    def _cut(self, word: str) -> list[str]:
        if word in self._known or word.isdigit() or self._nearest(word):
            return [word]
        if unit := _UNIT.fullmatch(word):
            return [unit[1], unit[2]]
        if any(sign in word for sign in "@$!|+*#€"):
            return [part for part in _SIGNS.split(word) if part]
        if len(word) >= 6:
            return self._segments(word) or self._segments(word.translate(_LEET)) or [word]
        return [word]

    def _segments(self, glued: str) -> list[str]:
        """Cut into known words, longer ones first; [] where that is impossible."""
        if len(glued) > _LONGEST_GLUED:
            return []
        best: list[tuple[int, int] | None] = [(0, 0)] + [None] * len(glued)
        for end in range(1, len(glued) + 1):
            for start in range(max(0, end - _LONGEST_WORD), end):
                before = best[start]
                if before is None:
                    continue
                word = glued[start:end]
                if not (word in "aiu" if len(word) == 1 else word in self._known):
                    continue
                score = before[0] + len(word) ** 2 + (word in self._vocabulary)
                if best[end] is None or score > best[end][0]:  # type: ignore[index]
                    best[end] = (score, start)
        words: list[str] = []
        end = len(glued)
        while end:
            step = best[end]
            if step is None:
                return []
            words.append(glued[step[1] : end])
            end = step[1]
        return words[::-1]

    def _exact(self, word: str) -> frozenset[str]:
        """Return the words meant by `word` if no letter is wrong: signs, repeated letters."""
        found: set[str] = set()
        for spelled in {word, word.translate(_LEET), word.translate(_LEET_L).translate(_LEET)}:
            if spelled in self._vocabulary:
                found.add(spelled)
            for target in self._single_variant(spelled):
                found.add(target)
            found |= {
                target
                for target in self._by_squeezed.get(_squeeze(spelled), ())
                if _stretched(spelled, target)
            }
        return frozenset(found)

    def _single_variant(self, word: str) -> Iterator[str]:
        for spelling, target in self._variants.get(word, ()):
            if len(spelling) == 1:
                yield target

    def _nearest(self, word: str) -> frozenset[str]:
        """Return the words that a strange `word` may stand for."""
        if len(word) > 4 * _LONGEST_WORD or word.isdigit():
            return frozenset()
        if word not in self._memory:
            if len(self._memory) > 20_000:
                self._memory.clear()
            self._memory[word] = self._search(word)
        return self._memory[word]

    def _search(self, word: str) -> frozenset[str]:
        found = self._exact(word)
        if found:
            return found
        if "*" in word or "#" in word:
            pattern = re.compile(re.escape(word).replace(r"\*", "[a-z]").replace(r"\#", "[a-z]"))
            return frozenset(
                target for target in self._by_length.get(len(word), ()) if pattern.fullmatch(target)
            )
        spelled = {word.translate(_LEET), word.translate(_LEET_L).translate(_LEET)}
        near: dict[str, int] = {}
        for one in spelled:
            squeezed = re.sub(r"(.)\1{2,}", r"\1\1", one)
            for typed in {one, squeezed}:
                if not 2 < len(typed) <= _LONGEST_WORD:
                    continue
                for shorter in _deletions(typed, 2 if len(typed) >= _TWO_ERRORS_FROM - 1 else 1):
                    for target in self._by_deletion.get(shorter, ()):
                        errors = distance(typed, target)
                        if errors <= _errors_allowed(target) and (
                            len(target) > _SHORTEST_FUZZY or len(typed) == len(target)
                        ):
                            near[target] = min(errors, near.get(target, errors))
        least = min(near.values(), default=0)
        return frozenset(target for target, errors in near.items() if errors == least)


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
