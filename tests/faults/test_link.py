"""The line between chat and bot is cut, or slow: the number at once, and answers again after it."""

from __future__ import annotations

from bench.scale.stack import Small, wait_until
from tests.faults.link import Link
from tests.faults.load import Load

SLOW_SECONDS = 20.0


def test_cut(small: Small, link: Link) -> None:
    with Load(small) as load:
        link.cut()
        load.wait_for_help(12)
        # A bot that was ready is asked for it every five seconds
        wait_until(lambda: small.metric("helpline_bot_ready") == 0, "the number tells of it", 60)
        link.mend()
        load.wait_for_answers(20)
    load.judge("the link to the bot was cut")
    assert '"bot gave no answer"' in small.log("chat")


def test_slow(small: Small, link: Link) -> None:
    late = small.metric("helpline_bot_errors_total")
    with Load(small) as load:
        link.slow(SLOW_SECONDS)
        load.wait_for_help(4)
        link.mend()
        load.wait_for_answers(20)
    load.judge(f"the bot took {SLOW_SECONDS:.0f} s")
    assert small.metric("helpline_bot_errors_total") > late
    assert '"reason": "timeout"' in small.log("chat")
