"""Where a phrase is found in the words of one message."""

from __future__ import annotations

from safety.language import (
    Choice,
    Edge,
    Found,
    Gap,
    Node,
    Prefix,
    Sequence,
    Word,
)
from safety.spelling import Reading

Span = tuple[int, int]


class Matcher:
    """Finds phrases in one message. Every answer is kept, so that the work is bounded by
    (phrases x places), whatever is typed.
    """

    def __init__(self, reading: Reading, found: Span | None = None) -> None:
        self._reading = reading
        self._length = len(reading.texts)
        self._found = found
        self._kept: dict[tuple[int, int], tuple[int, ...]] = {}

    def within(self, found: Span) -> Matcher:
        """Return a matcher of the same message in which `@` stands for `found`."""
        return Matcher(self._reading, found)

    def ends(self, node: Node, start: int) -> tuple[int, ...]:
        """Return every place at which `node` can end if it begins at `start`."""
        match node:
            case Word(text):
                return self._reading.starts[start].get(text, ()) if start < self._length else ()
            case Choice() | Sequence():
                key = (id(node), start)
                if key not in self._kept:
                    self._kept[key] = (
                        self._choice(node, start)
                        if isinstance(node, Choice)
                        else self._sequence(node, start)
                    )
                return self._kept[key]
            case _:
                return self._simple(node, start)

    def _simple(self, node: Node, start: int) -> tuple[int, ...]:
        match node:
            case Edge():
                return (start,) if self._at_edge(start) else ()
            case Found():
                return (self._found[1],) if self._found and self._found[0] == start else ()
            case Gap():
                return self._gap(node, start)
            case Prefix(prefix) if start < self._length:
                return (start + 1,) if self._reading.texts[start].startswith(prefix) else ()
        return ()

    def _at_edge(self, place: int) -> bool:
        return place in (0, self._length) or self._is_sentence_start(place)

    def _gap(self, gap: Gap, start: int) -> tuple[int, ...]:
        last = min(start + gap.most, self._length)
        if not gap.far:
            sentence = self._reading.sentence
            before = sentence[start - 1] if start else 0
            end = start
            while end < last and sentence[end] == before:
                end += 1
            last = end
        return tuple(range(start + gap.least, last + 1))

    def _choice(self, node: Choice, start: int) -> tuple[int, ...]:
        ends = {start} if node.optional else set()
        options = set(node.open_to_all)
        if start < self._length and node.by_word:
            for word in self._reading.starts[start]:
                options.update(node.by_word.get(word, ()))
        for option in options:
            ends.update(self.ends(option, start))
        return tuple(sorted(ends))

    def _sequence(self, node: Sequence, start: int) -> tuple[int, ...]:
        places = {start}
        free = True  # whether the next part may begin in another sentence than the last one ended
        for part in node.parts:
            places = {
                end
                for place in places
                for end in self.ends(part, place)
                if end == place
                or place == start
                or free
                or (isinstance(part, Gap) and part.far)
                or not self._is_sentence_start(place)
            }
            if not places:
                return ()
            free = isinstance(part, Gap) and part.far
        return tuple(sorted(places))

    def _is_sentence_start(self, place: int) -> bool:
        sentence = self._reading.sentence
        return 0 < place < self._length and sentence[place - 1] != sentence[place]
