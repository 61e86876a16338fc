"""Starts real console processes for the tests, and browses them like a browser would."""

from __future__ import annotations

import re
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar

import httpx2

from helpline.store.database import Store
from tests.web.running import free_port, launch

START_SECONDS = 60.0
PASSWORD = "correct horse battery"


@dataclass
class StaffProcess:
    """A running console."""

    url: str
    var_dir: Path
    log_file: Path
    process: subprocess.Popen[bytes]
    store: Store

    @property
    def log(self) -> str:
        """Return everything it wrote."""
        return self.log_file.read_text()

    def browser(self, **headers: str) -> Browser:
        """Return a browser that has not signed in; `headers` go along with every request."""
        return Browser(self.url, headers)

    def stop(self) -> None:
        """End it as an operator would, and see that it ended well."""
        self.process.terminate()
        try:
            status = self.process.wait(20)
        finally:
            self.process.kill()
            self.process.wait(20)
            self.store.close()
        assert status == 0, self.log


def start_staff(folder: Path, **environment: str) -> StaffProcess:
    """Start a console with its data in `folder`, and wait until it answers."""
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    database = environment.pop("DATABASE_URL", f"sqlite:///{folder / 'helpline.db'}")
    log_file = folder / f"staff-{port}.log"
    process = launch(
        "helpline.staff",
        log_file,
        {
            "STAFF_PORT": str(port),
            "VAR_DIR": str(folder),
            "DATABASE_URL": database,
            **environment,
        },
    )
    url = f"http://127.0.0.1:{port}"
    staff = StaffProcess(url, folder, log_file, process, Store(database))
    give_up = time.monotonic() + START_SECONDS
    while True:
        try:
            if httpx2.get(f"{url}/healthz", trust_env=False).status_code == 200:
                return staff
        except httpx2.TransportError:
            pass
        assert process.poll() is None, staff.log
        assert time.monotonic() < give_up, staff.log
        time.sleep(0.05)


class Browser:
    """Keeps cookies, and says with each form where it comes from; does not follow redirects."""

    opened: ClassVar[list[Browser]] = []

    def __init__(self, url: str, headers: dict[str, str]) -> None:
        """Open an empty browser."""
        self.url = url
        self.client = httpx2.Client(base_url=url, timeout=20, trust_env=False, headers=headers)
        self.opened.append(self)

    @classmethod
    def close_all(cls) -> None:
        """Close every browser that is open."""
        while cls.opened:
            cls.opened.pop().client.close()

    def get(self, address: str, **options: Any) -> httpx2.Response:
        """Open an address."""
        return self.client.get(address, **options)

    def post(self, address: str, form: dict[str, str] | None = None) -> httpx2.Response:
        """Send a form from a page of the console."""
        headers = {"Sec-Fetch-Site": "same-origin", "Origin": self.url}
        return self.client.post(address, data=form or {}, headers=headers)

    def try_sign_in(self, name: str, password: str, **more: str) -> httpx2.Response:
        """Send the sign-in form."""
        return self.post("/sign-in", {"name": name, "password": password, **more})

    def sign_in(self, name: str, password: str = PASSWORD) -> Browser:
        """Sign in and see that it worked."""
        answer = self.try_sign_in(name, password)
        assert answer.status_code == 303, text_of(answer)
        return self


def text_of(answer: httpx2.Response) -> str:
    """Return what a person reads on the page, in one line."""
    main = re.search(r"<main.*?</main>", answer.text, re.S)
    assert main is not None, answer.text
    without_tags = re.sub(r"<[^>]*>", " ", main[0])
    return re.sub(r"\s+", " ", without_tags).strip()


def rows_of(answer: httpx2.Response) -> list[str]:
    """Return the ids of the conversations that a list page shows."""
    return re.findall(r'<a href="/conversations/([0-9a-f]{32})[^"]*" data-row>', answer.text)
