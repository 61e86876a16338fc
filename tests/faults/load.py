"""Visitors that go on talking while a fault happens, and what they saw of it."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from types import TracebackType

from bench.scale.affected import Affected, affected
from bench.scale.ledger import compare
from bench.scale.stack import Stack, wait_until
from bench.scale.visitors import Attempt, Crowd, Mix

VISITORS = 4
PAUSE_SECONDS = 0.25
# A visitor has an answer or the number to call within this time
HELP_SECONDS = 10.0
# What a busy machine adds: a fault would leave visitors waiting for far longer, or for ever
GRACE_SECONDS = 10.0
END_SECONDS = 300.0


class Load:
    """A crowd in a thread of its own: `with Load(stack) as load:` something breaks."""

    def __init__(self, stack: Stack, *, visitors: int = VISITORS, mix: Mix | None = None) -> None:
        """Talk with the stack's chat page."""
        self._stack = stack
        self._visitors = visitors
        self.crowd = Crowd(stack.chat_url, PAUSE_SECONDS, mix=mix)
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._run)
        self._failure: BaseException | None = None

    def __enter__(self) -> Load:
        self._thread.start()
        self.wait_for_answers(3 * self._visitors)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._loop.call_soon_threadsafe(self.crowd.stop.set)
        self._thread.join(END_SECONDS)
        if error is None:
            assert not self._thread.is_alive(), f"messages stayed unanswered\n{self._stack.tails()}"
            if self._failure is not None:
                raise self._failure

    def wait_for(self, seen: Callable[[Attempt], bool], count: int, what: str) -> None:
        """Wait until so many further requests were seen."""
        start = len(self.crowd.attempts)
        try:
            wait_until(
                lambda: sum(map(seen, self.crowd.attempts[start:])) >= count, what, END_SECONDS
            )
        except AssertionError as error:
            raise AssertionError(f"{error}\n{self._stack.tails()}") from self._failure

    def wait_for_answers(self, count: int) -> None:
        """Wait until so many further requests were answered."""
        self.wait_for(lambda each: each.outcome == "answer", count, "visitors get answers")

    def wait_for_help(self, count: int) -> None:
        """Wait until so many further requests brought the number instead of an answer."""
        self.wait_for(lambda each: each.outcome == "number", count, "visitors get the number")

    def judge(self, name: str) -> Affected:
        """Say what visitors saw, and that nothing was lost, doubled or left without help."""
        found = affected(self.crowd.attempts, self.crowd.talks)
        print(f"\n[faults] {name}: {found}")
        wrong = [each for each in self.crowd.attempts if each.outcome == "wrong"]
        assert not wrong, wrong[:5]
        assert found.longest_wait <= HELP_SECONDS + GRACE_SECONDS
        store = self._stack.store()
        try:
            compared = compare(store, self.crowd.talks)
        finally:
            store.close()
        assert not compared.faults, compared.faults[:5]
        assert compared.acknowledged > 0
        return found

    def _run(self) -> None:
        try:
            self._loop.run_until_complete(self.crowd.run(self._visitors))
        except BaseException as error:
            self._failure = error
        finally:
            self._loop.close()
