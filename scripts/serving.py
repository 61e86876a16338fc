"""Which model answers, and on which port: a file in VAR_DIR that outlives every process.

Without the file the bot on BOT_PORT answers, with models/helpline.tar.gz. Staff who switch models
have a second bot started on BOT_SECOND_PORT; the file then says which of the two answers. Written
by the staff console, read by chat (each second) and by `make run` at start.
"""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path
from typing import Any

FILE = "serving.json"
# Name of the supervisor's program -> whether it is the one that starts without a switch
FIRST = "bot"
SECOND = "bot-second"
# How soon a running chat process notices what staff decided
READ_EVERY_SECONDS = 1.0


@dataclasses.dataclass(frozen=True)
class Serving:
    """The program whose bot answers, its port, and the model that it was given.

    `inputs` is the fingerprint of the training files when staff chose: as long as it holds,
    `make run` starts with this model; when the files change, with one trained from them.
    """

    program: str
    port: int
    sha256: str
    model_id: str
    inputs: str

    @property
    def url(self) -> str:
        """Address of the bot."""
        return f"http://127.0.0.1:{self.port}"


def slot_file(var_dir: Path, program: str) -> Path:
    """Return the model file of one of the two programs; both can be written by staff alone."""
    return var_dir / "models" / f"{program}.tar.gz"


def read_serving(var_dir: Path) -> Serving | None:
    """Return what the file says; None: there is none, or it cannot be read."""
    try:
        told: dict[str, Any] = json.loads((var_dir / FILE).read_text("utf-8"))
        return Serving(
            program=str(told["program"]),
            port=int(told["port"]),
            sha256=str(told["sha256"]),
            model_id=str(told["model_id"]),
            inputs=str(told["inputs"]),
        )
    except (OSError, ValueError, KeyError, TypeError):
        return None


def write_serving(var_dir: Path, serving: Serving) -> None:
    """Write the file, whole or not at all."""
    draft = var_dir / f".{FILE}.part"
    draft.write_text(json.dumps(dataclasses.asdict(serving), indent=1) + "\n", encoding="utf-8")
    draft.replace(var_dir / FILE)


def forget_serving(var_dir: Path) -> None:
    """Go back to the first bot and the model trained from the files as they are."""
    (var_dir / FILE).unlink(missing_ok=True)
