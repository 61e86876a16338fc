"""Small pure parts: cleaning of text, tokens, what templates need, locks."""

from __future__ import annotations

import asyncio

import pytest

from helpline.chat import tokens
from helpline.chat.locks import KeyedLocks
from helpline.chat.recording import flags_of
from helpline.chat.rendering import blocks, day, telephone, with_calls
from helpline.chat.turn_runner import check_text, without_placeholders
from helpline.chat.written import redaction_notice
from helpline.shared.texts import clean


@pytest.mark.parametrize(
    ("typed", "cleaned"),
    [
        ("  hello \r\n there\r ", "hello \n there"),
        ("nul\x00l and bell\x07", "null and bell"),
        ("tags\U000e0041\U000e0042 and zero\u200bwidth", "tags and zerowidth"),
        ("e\u0301", "é"),
        ("\ud800", "\ufffd"),
        ("👩\u200d🦽", "👩\u200d🦽"),
        ("\u200d\u200c", ""),
        ("tab\tstays", "tab\tstays"),
    ],
)
def test_clean(typed: str, cleaned: str) -> None:
    assert clean(typed) == cleaned


def test_a_start_gives_the_same_credentials_each_time() -> None:
    start = tokens.new_start()
    first = tokens.credentials_of_start(start, "secret")
    assert first is not None and first == tokens.credentials_of_start(start, "secret")
    assert len(bytes.fromhex(first.token)) == 32 and len(first.public_id) == 32
    assert first.public_id not in first.token
    assert first != tokens.credentials_of_start(start, "another secret")
    assert first != tokens.credentials_of_start(tokens.new_start(), "secret")


def test_body_hashes_tell_bodies_apart() -> None:
    bodies = [{"text": "a"}, {"text": "b"}, {"choice": "a"}, {"text": "\ud800"}]
    assert len({tokens.hash_body(body, "secret") for body in bodies}) == 4
    assert tokens.hash_body(bodies[0], "secret") != tokens.hash_body(bodies[0], "other")


def test_blocks() -> None:
    text = "One.\nStill one.\n\nList:\n- a\n- b\n\n\nEnd - with a dash."
    assert blocks(text) == [
        ("paragraph", ["One.\nStill one."]),
        ("paragraph", ["List:"]),
        ("list", ["a", "b"]),
        ("paragraph", ["End - with a dash."]),
    ]
    assert blocks("") == []


def test_dates_and_numbers() -> None:
    assert (day("2026-11-02"), day("2024"), day("May 2024")) == (
        "November 2, 2026",
        "2024",
        "May 2024",
    )
    assert telephone("1-800-344-4867") == "tel:18003444867"
    assert telephone("+44 20 7946 0018") == "tel:+442079460018"
    assert telephone("988, then press 1") is None


def test_numbers_in_answers_can_be_called() -> None:
    link = '<a class="phone" href="tel:18003444867">1-800-344-4867</a>'
    assert with_calls("Call 1-800-344-4867 <now>.") == f"Call {link} &lt;now&gt;."
    assert with_calls("Since 1988, 988 people in 911 towns.") == (
        "Since 1988, 988 people in 911 towns."
    )
    urgent = with_calls("Call or text 988, or call 911.", urgent=True)
    assert urgent.count('href="tel:9') == 2
    assert with_calls('1-800-344-4867"><script>') == f"{link}&#34;&gt;&lt;script&gt;"


def test_the_bot_does_not_read_placeholders() -> None:
    checked = check_text("my phone is 212-555-0187 and [b] is, what is spms")
    assert checked.text == "my phone is [phone number] and [b] is, what is spms"
    assert without_placeholders(checked) == "my phone is ... and [b] is, what is spms"


def test_the_notice_names_what_was_left_out() -> None:
    one = redaction_notice(("phone number", "phone number"))["text"]
    assert one == "For your privacy I left out your phone number. It was not stored."
    several = redaction_notice(("phone number", "email address", "name"))["text"]
    assert "your phone number, your email address and the name" in several


async def test_locks_go_in_order_and_are_forgotten() -> None:
    locks = KeyedLocks()
    order: list[int] = []

    async def work(number: int) -> None:
        async with locks.hold("key"):
            order.append(number)
            await asyncio.sleep(0)
            order.append(number)

    tasks = [asyncio.create_task(work(number)) for number in range(4)]
    await asyncio.sleep(0)
    tasks[2].cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    assert order == [0, 0, 1, 1, 3, 3]
    assert len(locks) == 0


@pytest.mark.parametrize(
    ("kind", "understanding", "flags"),
    [
        ("answer", {"intent": "symptom_pain", "confidence": 0.9, "margin": 0.19}, ["unsure"]),
        ("answer", {"intent": "symptom_pain", "confidence": 0.9, "margin": 0.2}, []),
        ("answer", {"intent": "symptom_pain", "confidence": 0.59, "margin": None}, ["unsure"]),
        ("answer", {"intent": "symptom_pain", "confidence": 0.6, "margin": None}, []),
        ("answer", {"intent": "symptom_pain", "confidence": 0.59, "margin": 0.5}, ["unsure"]),
        # Picked from choices
        ("answer", {"intent": "symptom_pain", "confidence": 1.0, "margin": None}, []),
        ("answer", {"intent": None, "confidence": None, "margin": None}, []),
        ("smalltalk", {"intent": "greet", "confidence": 0.4, "margin": 0.01}, []),
        # What was asked back is in a queue of its own.
        (
            "clarify",
            {"intent": "nlu_fallback", "confidence": 0.3, "margin": 0.0},
            ["not_understood"],
        ),
    ],
)
def test_an_answer_with_a_small_lead_is_looked_at(
    kind: str, understanding: dict[str, object], flags: list[str]
) -> None:
    assert flags_of([{"kind": kind}], understanding, None, None) == flags
