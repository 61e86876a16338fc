"""Groups unknown questions by meaning when staff ask for it: a job with the bot's own embedding."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy.orm import Session

from helpline.learning import jobs, questions
from helpline.learning.jobs import JobFailed, JobStopped
from helpline.store.database import Store
from helpline.store.question_models import QuestionGroups

WITHIN_SECONDS = 300.0


class Grouper:
    """Makes the groupings that staff asked for."""

    def __init__(self, store: Store, var_dir: Path) -> None:
        """Begin with nothing to do."""
        self._store = store
        self._folder = var_dir / "learning"

    async def run_once(self) -> None:
        """Group the questions, if somebody asked for it."""
        if not await self._store.read(_is_asked):
            return
        messages = await self._store.read(questions.unknown_messages)
        groups, problem = None, None
        try:
            groups = await self._group([text for _, text in messages]) if messages else []
        except JobStopped:
            problem = (
                "The questions could not be grouped: it took too long. Try again when the machine "
                "is calmer."
            )
        except (OSError, JobFailed) as error:
            problem = f"The questions could not be grouped: {error}"
        keys = None
        if groups is not None:
            keys = [[messages[place][0] for place in places] for places in groups]
        await self._store.write(questions.keep_groups, keys, problem)

    async def _group(self, texts: Sequence[str]) -> list[list[int]]:
        give_up = time.monotonic() + WITHIN_SECONDS

        async def is_enough() -> bool:
            return time.monotonic() > give_up

        groups: list[list[int]] = await jobs.work_on(
            texts, self._folder, "data_tools.group_questions", is_enough=is_enough
        )
        return groups


def _is_asked(session: Session) -> bool:
    row = session.get(QuestionGroups, 1)
    return row is not None and row.asked_at is not None
