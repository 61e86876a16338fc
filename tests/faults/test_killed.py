"""Each process of `make run` is killed under load and comes back by itself."""

from __future__ import annotations

import pytest

from bench.scale.stack import Small, wait_until
from tests.faults.load import Load


@pytest.mark.parametrize("name", ["chat", "bot", "actions", "staff"])
def test_killed_under_load(small: Small, name: str) -> None:
    [killed] = small.pids(name)
    with Load(small) as load:
        small.kill(name)
        wait_until(lambda: small.pids(name) not in ([], [killed]), f"{name} is started again")
        small.wait_ready()
        load.wait_for_answers(12)
    found = load.judge(f"{name} killed")
    assert "exited: " + name in small.log("supervisord")
    if name == "bot":
        # Told by the chat process, which lives on
        assert '"bot gave no answer"' in small.log("chat")
        assert '"bot is not ready"' in small.log("chat") and small.metric("helpline_bot_ready") == 1
        assert small.metric("helpline_bot_errors_total") > 0
    if name == "staff":
        assert found.seconds == 0
