"""Where a phrase is found in the words of one message."""

from __future__ import annotations

from safety.language import Branch, Edge, Found, Gap, Options, Part, Prefix
from safety.reading import Reading

Span = tuple[int, int]
Ends = tuple[int, ...]


class Matcher:
    """Finds phrases in one message. Every answer is kept, so that the work is bounded by
    (phrases x places), whatever is typed.
    """

    def __init__(self, reading: Reading) -> None:
        self._starts = reading.starts
        self._texts = reading.texts
        self._length = len(reading.texts)
        self._sentence = reading.sentence
        self._kept: dict[tuple[int, int], Ends] = {}
        self._kept_inside: dict[tuple[int, int, bool], Ends] = {}
        self._kept_around: dict[tuple[int, int], Ends] = {}
        self._kept_live: dict[int, bool] = {}
        self._vocabulary = {word for words in reading.starts for word in words}
        self._found: Span | None = None

    def set_found(self, found: Span) -> None:
        """Let `@` stand for `found` from now on."""
        if found != self._found:
            self._found = found
            self._kept_around = {}

    def ends(self, options: Options, start: int) -> Ends:
        """Return every place at which one of `options` can end if it begins at `start`."""
        if not self._can_begin(options, start):
            return (start,) if options.optional else ()
        kept = self._kept_around if options.has_found else self._kept
        key = (id(options), start)
        ends = kept.get(key)
        if ends is None:
            found = set(self._follow(options.tree, start, True, options.has_found))
            if options.optional:
                found.add(start)
            ends = kept[key] = tuple(found)
        return ends

    def _can_begin(self, options: Options, start: int) -> bool:
        if options.first is None:
            return True
        if start >= self._length:
            return options.tree.complete
        return not options.first.isdisjoint(self._starts[start]) or options.tree.complete

    def _follow(self, branch: Branch, place: int, fresh: bool, around: bool) -> Ends:
        """Return where the rest of a phrase can end; `fresh` until it has taken a word."""
        if not self._is_live(branch):
            return ()
        key = (id(branch), place, fresh)
        if not around:
            kept = self._kept_inside.get(key)
            if kept is not None:
                return kept
        ends: set[int] = {place} if branch.complete else set()
        # A phrase goes on in the next sentence only where it says so.
        stops = not (fresh or branch.after_far_gap) and self._is_sentence_start(place)
        if branch.words and place < self._length and not stops:
            for word, word_ends in self._starts[place].items():
                after = branch.words.get(word)
                if after is not None:
                    for end in word_ends:
                        ends.update(self._follow(after, end, False, around))
        words = self._starts[place] if place < self._length else ()
        for part, after in branch.possible_parts(words):
            if not self._is_live(after):
                continue
            for end in self._part(part, place):
                if stops and end != place and not (isinstance(part, Gap) and part.far):
                    continue
                ends.update(self._follow(after, end, fresh and end == place, around))
        found = tuple(ends)
        if not around:
            self._kept_inside[key] = found
        return found

    def _is_live(self, branch: Branch) -> bool:
        """Say whether the message has any of the words that a branch needs to go on."""
        live = self._kept_live.get(id(branch))
        if live is None:
            live = branch.needs is None or not branch.needs.isdisjoint(self._vocabulary)
            self._kept_live[id(branch)] = live
        return live

    def _part(self, part: Part, place: int) -> Ends:
        match part:
            case Options():
                return self.ends(part, place)
            case Gap():
                return self._gap(part, place)
            case Edge():
                at_edge = place in (0, self._length) or self._is_sentence_start(place)
                return (place,) if at_edge else ()
            case Found():
                return (self._found[1],) if self._found and self._found[0] == place else ()
            case Prefix(prefix) if place < self._length:
                return (place + 1,) if self._texts[place].startswith(prefix) else ()
        return ()

    def _gap(self, gap: Gap, start: int) -> Ends:
        last = min(start + gap.most, self._length)
        if not gap.far:
            sentence = self._sentence[start - 1] if start else 0
            end = start
            while end < last and self._sentence[end] == sentence:
                end += 1
            last = end
        return tuple(range(start + gap.least, last + 1))

    def _is_sentence_start(self, place: int) -> bool:
        return 0 < place < self._length and self._sentence[place - 1] != self._sentence[place]
