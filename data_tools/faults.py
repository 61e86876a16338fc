"""Faults that can be seen by comparing examples with one another: too few, twice, filled in.

Every function returns plain sentences for whoever writes examples, worst first.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

from rapidfuzz import fuzz, process

from data_tools.examples import Example

# Fewest different examples an intent is trained on; docs/adr/0005 says why these
FEWEST_OF_TOPIC = 60
FEWEST_OF_CONVERSATION = 25
FEWEST_OF = {
    "out_of_scope": 500,
    "crisis": 100,
    "emergency": 100,
    "abuse": 100,
    "personal_medical_advice": 100,
}
FEWEST_HELD_OUT = 8

# "what is ppms" and "what is spms" are 92 % the same and no duplicates: likeness counts from here
SHORTEST_LIKE = 25
ALIKE = 93.0
# Examples that differ in one word only are one example filled in, from this many on
FILLED_IN = 3
SHORTEST_FILLED_IN = 4


def too_few(
    examples: Iterable[Example], topics: Iterable[str], conversation: Iterable[str]
) -> list[str]:
    """Intents with fewer different examples than they need; one filled in counts once."""
    needed = {**dict.fromkeys(topics, FEWEST_OF_TOPIC), **FEWEST_OF}
    needed |= dict.fromkeys(conversation, FEWEST_OF_CONVERSATION)
    return _below(different_examples(examples), needed, "training")


def too_few_held_out(examples: Iterable[Example], topics: Iterable[str]) -> list[str]:
    """Topics with fewer held-out messages than a comparison needs."""
    counts = Counter(example.intent for example in examples)
    return _below(counts, dict.fromkeys(topics, FEWEST_HELD_OUT), "held-out")


def _below(counts: Mapping[str, int], needed: Mapping[str, int], kind: str) -> list[str]:
    short = {name: least for name, least in needed.items() if counts.get(name, 0) < least}
    return [
        f"{name} has {counts.get(name, 0)} different {kind} examples, it needs {least}"
        for name, least in sorted(short.items(), key=lambda each: counts.get(each[0], 0) - each[1])
    ]


def different_examples(examples: Iterable[Example]) -> Counter[str]:
    """How many different examples each intent has.

    Examples of one intent that share all words but one, at the same place, count as one when there
    are FILLED_IN or more of them: a model learns nothing from the third.
    """
    by_intent: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    for example in examples:
        by_intent[example.intent].add(example.words)
    return Counter(
        {
            intent: len(texts) - sum(len(group) - 1 for group in _filled_in(texts))
            for intent, texts in by_intent.items()
        }
    )


def templates(examples: Sequence[Example]) -> list[str]:
    """Groups of examples of one intent that differ in one word only, the largest first."""
    by_intent: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    for example in examples:
        by_intent[example.intent].add(example.words)
    found = [
        (
            len(group),
            f"{intent}: {len(group)} times with one word changed: “{' '.join(min(group))}”",
        )
        for intent, texts in by_intent.items()
        for group in _filled_in(texts)
    ]
    return [sentence for _, sentence in sorted(found, key=lambda each: (-each[0], each[1]))]


def _filled_in(texts: Iterable[tuple[str, ...]]) -> list[list[tuple[str, ...]]]:
    """Groups of texts that share all words but one; a text is in one group at most."""
    groups: dict[tuple[str, ...], list[tuple[str, ...]]] = defaultdict(list)
    for words in texts:
        if len(words) >= SHORTEST_FILLED_IN:
            for place in range(len(words)):
                groups[(*words[:place], "", *words[place + 1 :])].append(words)
    found, taken = [], set[tuple[str, ...]]()
    for group in sorted(groups.values(), key=lambda each: (-len(each), each)):
        left = [words for words in group if words not in taken]
        if len(left) >= FILLED_IN:
            taken.update(left)
            found.append(left)
    return found


def repeated(examples: Sequence[Example]) -> list[str]:
    """Examples that stand twice in one intent."""
    counts = Counter((example.intent, example.words) for example in examples)
    return [
        f"{intent}: “{' '.join(words)}” stands {n} times"
        for (intent, words), n in counts.items()
        if n > 1
    ]


def twice_in_different_intents(examples: Sequence[Example]) -> list[str]:
    """Pairs of (nearly) the same example that teach two intents."""
    return [
        f"“{one.text}” is {one.intent}, “{other.text}” is {other.intent}"
        for one, other in _alike(examples, examples)
        if one.intent < other.intent
    ]


def held_out_but_trained(training: Sequence[Example], held_out: Sequence[Example]) -> list[str]:
    """Held-out messages that are (nearly) training examples: they prove nothing."""
    return [
        f"“{test.text}” ({test.file}) is nearly the training example “{example.text}”"
        for test, example in _alike(held_out, training)
    ]


def _alike(ones: Sequence[Example], others: Sequence[Example]) -> list[tuple[Example, Example]]:
    """Pairs with the same words in any order, or with nearly the same letters."""
    same: dict[tuple[str, ...], list[Example]] = defaultdict(list)
    for other in others:
        same[tuple(sorted(other.words))].append(other)
    pairs = {
        (one, other) for one in ones for other in same[tuple(sorted(one.words))] if one is not other
    }
    texts = {
        False: [" ".join(one.words) for one in ones],
        True: [" ".join(other.words) for other in others],
    }
    long = {
        side: [n for n, text in enumerate(each) if len(text) >= SHORTEST_LIKE]
        for side, each in texts.items()
    }
    for start in range(0, len(long[False]), 500):
        block = long[False][start : start + 500]
        likeness = process.cdist(
            [texts[False][n] for n in block],
            [texts[True][n] for n in long[True]],
            scorer=fuzz.ratio,
            score_cutoff=ALIKE,
        )
        for row, column in zip(*likeness.nonzero(), strict=True):
            one, other = ones[block[row]], others[long[True][column]]
            if one is not other:
                pairs.add((one, other))
    return sorted(pairs, key=lambda pair: (pair[0].text, pair[1].text))


def words_of_one_intent(
    examples: Sequence[Example], expected: Mapping[str, str], often: int = 5
) -> list[str]:
    """Words that `often` examples of one intent have, and none of another, unless they are its
    subject; the most frequent first.

    Args:
        examples: the training examples.
        expected: what each intent is about, in words; a word found there is no accident.
        often: in how many examples of the intent a word must stand.
    """
    intents_of: dict[str, Counter[str]] = defaultdict(Counter)
    for example in examples:
        for word in set(example.words):
            intents_of[word][example.intent] += 1
    found = []
    for word, intents in intents_of.items():
        ((intent, count),) = intents.most_common(1)
        if (
            len(intents) == 1
            and count >= often
            and word[:5] not in expected.get(intent, "").lower()
        ):
            found.append(
                (count, f"“{word}” stands in {count} examples of {intent} and nowhere else")
            )
    return [sentence for _, sentence in sorted(found, key=lambda each: (-each[0], each[1]))]
