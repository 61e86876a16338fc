"""No cry for help is missed; what only sounds like one is left alone."""

from __future__ import annotations

import pytest

from safety import ALARM_KINDS, Phrases, assess
from tests.safety.conftest import read_cases


@pytest.mark.parametrize("kind", ALARM_KINDS)
def test_every_cry_for_help_raises_an_alarm(
    kind: str, phrases: Phrases, capsys: pytest.CaptureFixture[str]
) -> None:
    groups = read_cases(kind)
    missed: list[str] = []
    named = 0
    for style, texts in groups.items():
        for text in texts:
            alarm = assess(text, phrases)
            if alarm is None:
                missed.append(f"{style}: {text}")
            else:
                named += alarm.kind == kind
    number = sum(map(len, groups.values()))
    with capsys.disabled():
        print(f"\n{kind}: {number - len(missed)} of {number} caught, {named} named {kind}")
    assert not missed, "\n".join(missed)
    assert named >= 0.98 * number


def test_there_are_enough_cases() -> None:
    assert sum(len(texts) for kind in ALARM_KINDS for texts in read_cases(kind).values()) >= 400
    assert sum(map(len, read_cases("look_alikes").values())) >= 300


def test_no_case_stands_twice() -> None:
    texts = [
        text.casefold()
        for name in (*ALARM_KINDS, "look_alikes")
        for group in read_cases(name).values()
        for text in group
    ]
    assert len(texts) == len(set(texts))


def test_look_alikes_raise_hardly_any_alarm(
    phrases: Phrases, capsys: pytest.CaptureFixture[str]
) -> None:
    groups = read_cases("look_alikes")
    raised: list[str] = []
    for style, texts in groups.items():
        for text in texts:
            alarm = assess(text, phrases)
            if alarm is not None:
                raised.append(f"{style}: {text} -> {alarm}")
    number = sum(map(len, groups.values()))
    with capsys.disabled():
        print(f"\nlook-alikes: {len(raised)} false alarms in {number}")
    assert len(raised) <= 0.02 * number, "\n".join(raised)
