"""The helpline as `make run` starts it, in a copy of the project that is thrown away."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
import urllib.error
import urllib.request
from pathlib import Path

from scripts.processes import spare_ports
from scripts.setup import ROOT, python_of

START_SECONDS = 600.0


def copy_project(target: Path) -> None:
    """Copy the files under version control, the trained model, and Rasa's cache if there is one."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True, text=True
    )
    names = [name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]
    for name in (*names, "models/helpline.tar.gz", "models/helpline.json"):
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, target / name)
    if (ROOT / ".rasa").is_dir():
        shutil.copytree(ROOT / ".rasa", target / ".rasa")
    (target / ".venvs").symlink_to((ROOT / ".venvs").resolve())


class SupervisedHelpline:
    """A copy of the project under its own supervisor; a context manager that stops it."""

    def __init__(self, folder: Path) -> None:
        """Copy the project; nothing runs before `__enter__`."""
        self.checkout = folder / "checkout"
        self.var_dir = folder / "var"
        self._log = folder / "run.log"
        copy_project(self.checkout)
        chat, staff, bot, second, actions = spare_ports(5)
        self.chat_url = f"http://127.0.0.1:{chat}"
        self.staff_url = f"http://127.0.0.1:{staff}"
        self.environment = {
            **os.environ,
            "PYTHONPATH": f"{self.checkout}{os.pathsep}{self.checkout / 'web'}",
            "VAR_DIR": str(self.var_dir),
            "CHAT_PORT": str(chat),
            "STAFF_PORT": str(staff),
            "BOT_PORT": str(bot),
            "BOT_SECOND_PORT": str(second),
            "ACTIONS_PORT": str(actions),
            "RATE_LIMITS": "false",
        }
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> SupervisedHelpline:
        self.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self.stop()

    @property
    def log(self) -> str:
        """Return what `make run` and the console wrote."""
        logs = [self._log, self.var_dir / "log" / "staff.log"]
        return "\n".join(one.read_text("utf-8", "replace")[-3000:] for one in logs if one.exists())

    def start(self) -> None:
        """Start everything, and wait until visitors and staff can use it."""
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                [str(python_of("tools")), "-m", "scripts.run"],
                cwd=self.checkout,
                env=self.environment,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        give_up = time.monotonic() + START_SECONDS
        for url in (f"{self.staff_url}/healthz", f"{self.chat_url}/readyz"):
            while not _answers(url):
                assert self._process.poll() is None, self.log
                assert time.monotonic() < give_up, self.log
                time.sleep(0.2)

    def stop(self) -> None:
        """End it; not with Ctrl-C's signal, which a suite in the background cannot hand on."""
        if self._process is not None:
            self._process.send_signal(signal.SIGTERM)
            self._process.wait(120)
            self._process = None


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False
