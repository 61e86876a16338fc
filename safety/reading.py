"""The words of one message: what was typed apart is joined, what was typed together is cut."""

from __future__ import annotations

import re
from collections.abc import Iterator

from safety.language import EXACTLY, NUMBER, YEAR
from safety.letters import Token
from safety.spelling import LONGEST_WORD, Spelling, without_signs

_UNIT = re.compile(r"(\d+)([a-z]{1,5})")
_SIGNS = re.compile(r"[@$!|+*#€]+")
_LONGEST_GLUED = 400  # characters; longer ones are noise
_SHORTEST_GLUED = 6  # characters
_SHORTEST_JOINED = 4  # letters of a word that was typed in parts
_SHORTEST_COMPOUND = 7  # letters of a word whose two parts are words too ("over dose")


class Reading:
    """What the words of one message may mean.

    Attributes:
        texts: the words as typed, in plain small letters.
        sentence: for each word the number of its sentence.
        starts: for each place the words that may begin there, and the places after them; most end
            at the next place, one that was typed in two parts ends later.
    """

    def __init__(self, typed: list[Token], spelling: Spelling) -> None:
        self._spelling = spelling
        self._memory: dict[str, frozenset[str]] = {}
        words = list(self._repair(typed))
        self.texts = [word.text for word in words]
        self.sentence = [0] * len(words)
        number = 0
        for place, word in enumerate(words):
            self.sentence[place] = number
            number += word.ends
        self.starts: list[dict[str, tuple[int, ...]]] = [{} for _ in words]
        for place in range(len(words)):
            self._interpret(place)

    def _interpret(self, place: int) -> None:
        text, spelling = self.texts[place], self._spelling
        self._add(place, text, place + 1)
        if EXACTLY + text in spelling.vocabulary:
            self._add(place, EXACTLY + text, place + 1)
        if text.isdigit():
            self._add(place, NUMBER, place + 1)
            if len(text) == 4 and text.startswith(("19", "20")):
                self._add(place, YEAR, place + 1)
        elif text not in spelling.known:
            for word in self._nearest(text):
                self._add(place, word, place + 1)
        for typed, word in spelling.variants.get(text, ()):
            if tuple(self.texts[place : place + len(typed)]) == typed:
                self._add(place, word, place + len(typed))
        compound = "".join(self.texts[place : place + 2])
        if len(compound) >= _SHORTEST_COMPOUND and compound in spelling.vocabulary:
            self._add(place, compound, min(place + 2, len(self.texts)))

    def _add(self, start: int, word: str, end: int) -> None:
        ends = self.starts[start].get(word, ())
        if end not in ends:
            self.starts[start][word] = (*ends, end)

    def _nearest(self, word: str) -> frozenset[str]:
        if word not in self._memory:
            self._memory[word] = self._spelling.nearest(word)
        return self._memory[word]

    def _repair(self, typed: list[Token]) -> Iterator[Token]:
        place = 0
        while place < len(typed):
            parts, count = self._join(typed, place)
            if not parts:
                parts, count = self._cut(typed[place].text), 1
            for part in parts[:-1]:
                yield Token(part, False)
            yield Token(parts[-1], typed[place + count - 1].ends)
            place += count

    def _join(self, typed: list[Token], place: int) -> tuple[list[str], int]:
        """Return the words typed in parts from `place` on, and of how many parts; else nothing."""
        letters = self._letters_from(typed, place)
        if letters >= 3:
            word = "".join(token.text for token in typed[place : place + letters])
            return self._spaced_letters(word), letters
        for count in (4, 3, 2):
            parts = [token.text for token in typed[place : place + count]]
            if len(parts) < count or any(token.ends for token in typed[place : place + count - 1]):
                continue
            if any(self._letters_from(typed, place + part) >= 3 for part in range(1, count)):
                continue  # "my son s w a m": the letters belong together
            word = "".join(parts)
            strange = [part for part in parts if not self._is_ordinary(part)]
            if strange and _SHORTEST_JOINED <= len(word) <= LONGEST_WORD:
                found = self._spelling.exact(word)
                # "kil myself": a part that is a word by itself with one error stays apart
                errors = [self._nearest(part) for part in strange if len(part) > 3]
                if found and not (errors and all(errors)):
                    return [min(found)], count
        return [], 0

    @staticmethod
    def _letters_from(typed: list[Token], place: int) -> int:
        """Count the single letters in a row: "k i l l"."""
        end = place
        while end < len(typed) and len(typed[end].text) == 1:
            end += 1
            if typed[end - 1].ends:
                break
        return end - place

    def _is_ordinary(self, part: str) -> bool:
        if len(part) == 1:
            return part in "aiuy" or part.isdigit()
        return part in self._spelling.known or part.isdigit()

    def _spaced_letters(self, word: str) -> list[str]:
        word = without_signs(word)
        if self._spelling.exact(word) or len(word) < 5:
            return [word]
        return self._segments(word) or [word]

    def _cut(self, word: str) -> list[str]:
        if word in self._spelling.known or word.isdigit() or self._nearest(word):
            return [word]
        if unit := _UNIT.fullmatch(word):
            return [unit[1], unit[2]]
        if _SIGNS.search(word):
            return [part for part in _SIGNS.split(word) if part] or [word]
        if len(word) >= _SHORTEST_GLUED:
            return self._segments(word) or self._segments(without_signs(word)) or [word]
        return [word]

    def _segments(self, glued: str) -> list[str]:
        """Cut into known words, long ones first; nothing where that is impossible."""
        if len(glued) > _LONGEST_GLUED:
            return []
        # for each place the score of the best way to get there, and where its last word begins
        best: list[tuple[int, int]] = [(0, 0)] + [(-1, 0)] * len(glued)
        for end in range(1, len(glued) + 1):
            for start in range(max(0, end - LONGEST_WORD), end):
                word = glued[start:end]
                if best[start][0] >= 0 and self._is_segment(word):
                    score = best[start][0] + len(word) ** 2 + (word in self._spelling.vocabulary)
                    best[end] = max(best[end], (score, start))
        if best[-1][0] < 0:
            return []
        words: list[str] = []
        end = len(glued)
        while end:
            words.append(glued[best[end][1] : end])
            end = best[end][1]
        return words[::-1]

    def _is_segment(self, word: str) -> bool:
        return word in "aiu" if len(word) == 1 else word in self._spelling.known
