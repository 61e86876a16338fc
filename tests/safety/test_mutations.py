"""Typing errors, letter tricks, capitals and padding hide nothing: 20 variants of every case."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from safety import ALARM_KINDS, Phrases, assess
from tests.safety.conftest import read_cases
from tests.safety.mutations import MUTATIONS

_SEED = 20_261_122
# A typing error that makes another word of it makes another message.
_TYPING_ERRORS = ("swapped", "dropped", "next_key")


def _other_words(before: str, after: str, phrases: Phrases) -> bool:
    new = set(after.lower().split()) - set(before.lower().split())
    return any(word in phrases.spelling.known for word in new)


def test_variants_are_still_caught(phrases: Phrases, capsys: pytest.CaptureFixture[str]) -> None:
    chance = random.Random(_SEED)  # noqa: S311
    missed: list[str] = []
    total: Counter[str] = Counter()
    lost: Counter[str] = Counter()
    for kind in ALARM_KINDS:
        for text in (text for texts in read_cases(kind).values() for text in texts):
            for mutate in MUTATIONS:
                variant = mutate(text, chance)
                if mutate.__name__ in _TYPING_ERRORS:
                    for _ in range(5):
                        if not _other_words(text, variant, phrases):
                            break
                        variant = mutate(text, chance)
                    else:
                        variant = text
                total[mutate.__name__] += 1
                if assess(variant, phrases) is None:
                    lost[mutate.__name__] += 1
                    missed.append(f"{mutate.__name__}: {variant!r}")
    number = sum(total.values())
    with capsys.disabled():
        print(f"\nmutations: {number - len(missed)} of {number} caught; lost: {dict(lost)}")
    assert len(MUTATIONS) == 20
    assert len(missed) <= 0.005 * number, "\n".join(missed)


def test_mutating_look_alikes_raises_hardly_any_alarm(
    phrases: Phrases, capsys: pytest.CaptureFixture[str]
) -> None:
    chance = random.Random(_SEED)  # noqa: S311
    harmless = [mutate for mutate in MUTATIONS if mutate.__name__ not in _TYPING_ERRORS]
    raised: list[str] = []
    number = 0
    for text in (text for texts in read_cases("look_alikes").values() for text in texts):
        for mutate in chance.sample(harmless, 3):
            variant = mutate(text, chance)
            number += 1
            if assess(variant, phrases) is not None:
                raised.append(f"{mutate.__name__}: {variant!r}")
    with capsys.disabled():
        print(f"\nmutated look-alikes: {len(raised)} false alarms in {number}")
    assert len(raised) <= 0.02 * number, "\n".join(raised)
