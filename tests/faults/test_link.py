"""The line between chat and bot is cut, or slow: the number at once, and answers again after it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bench.scale.stack import Small
from scripts.processes import spare_ports
from tests.faults.link import Link
from tests.faults.load import Load

SLOW_SECONDS = 20.0


@pytest.fixture(scope="module")
def linked() -> Iterator[tuple[Small, Link]]:
    """A helpline whose chat process reaches its bot through a link of ours."""
    bot = spare_ports(1)[0]
    with Link(bot) as link, Small(BOT_PORT=str(bot), BOT_URL=f"http://127.0.0.1:{link.port}") as it:
        yield it, link


def test_cut(linked: tuple[Small, Link]) -> None:
    stack, link = linked
    with Load(stack) as load:
        link.cut()
        load.wait_for_help(12)
        assert stack.metric("helpline_bot_ready") == 0
        link.mend()
        load.wait_for_answers(20)
    load.judge("the link to the bot was cut")
    assert '"bot gave no answer"' in stack.log("chat")


def test_slow(linked: tuple[Small, Link]) -> None:
    stack, link = linked
    late = stack.metric("helpline_bot_errors_total")
    with Load(stack) as load:
        link.slow(SLOW_SECONDS)
        load.wait_for_help(4)
        link.mend()
        load.wait_for_answers(20)
    load.judge(f"the bot took {SLOW_SECONDS:.0f} s")
    assert stack.metric("helpline_bot_errors_total") > late
    assert '"reason": "timeout"' in stack.log("chat")
