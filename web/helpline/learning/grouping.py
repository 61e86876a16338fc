"""Groups unknown questions by meaning when staff ask for it: a job with the bot's own embedding."""

from __future__ import annotations

import asyncio
import json
import tempfile
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy.orm import Session

from helpline.learning import questions
from helpline.store.database import Store
from helpline.store.question_models import QuestionGroups
from scripts.setup import ROOT, python_of
from scripts.train import bot_environment

WITHIN_SECONDS = 300.0
# Visitors come first.
NICE = ("nice", "-n", "10")


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
        except (OSError, ValueError) as error:
            problem = f"The questions could not be grouped: {error}"
        keys = None
        if groups is not None:
            keys = [[messages[place][0] for place in places] for places in groups]
        await self._store.write(questions.keep_groups, keys, problem)

    async def _group(self, texts: Sequence[str]) -> list[list[int]]:
        self._folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=self._folder) as folder:
            answer = Path(folder) / "groups.json"
            process = await asyncio.create_subprocess_exec(
                *NICE,
                str(python_of("bot")),
                *("-m", "data_tools.group_questions", str(answer)),
                cwd=ROOT,
                env=bot_environment(),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.DEVNULL,
                stderr=asyncio.subprocess.DEVNULL,
            )
            try:
                work = process.communicate(json.dumps(list(texts)).encode())
                await asyncio.wait_for(work, WITHIN_SECONDS)
            except TimeoutError:
                raise ValueError("it took too long; try again when the machine is calmer") from None
            finally:
                if process.returncode is None:
                    process.kill()
                    await process.wait()
            if process.returncode or not answer.exists():
                raise ValueError(f"the job ended with status {process.returncode}")
            groups: list[list[int]] = json.loads(answer.read_text("utf-8"))
            return groups


def _is_asked(session: Session) -> bool:
    row = session.get(QuestionGroups, 1)
    return row is not None and row.asked_at is not None
