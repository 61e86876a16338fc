"""Two helplines for all the faults, each started once; every test leaves its own well."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.scale.stack import Scaled, Small
from scripts.processes import spare_ports
from tests.faults.link import Link

# Room for the model that answers, the databases and the logs
DISK_SIZE = "160m"


@pytest.fixture(scope="session")
def own_disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path | None]:
    """A file system that a test can fill; None where it cannot be mounted."""
    if os.geteuid() != 0:
        yield None
        return
    folder = tmp_path_factory.mktemp("disk")
    mount = ["mount", "-t", "tmpfs", "-o", f"size={DISK_SIZE},mode=755", "tmpfs", str(folder)]
    done = subprocess.run(mount, capture_output=True, text=True, check=False)
    if done.returncode:
        print(f"[faults] no file system can be mounted here: {done.stderr.strip()}")
        yield None
        return
    yield folder
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture(scope="session")
def linked(own_disk: Path | None) -> Iterator[tuple[Small, Link]]:
    """`make run`, its chat process reaching the bot through a line of ours."""
    bot = spare_ports(1)[0]
    with Link(bot) as link:
        url = f"http://127.0.0.1:{link.port}"
        with Small(own_disk, BOT_PORT=str(bot), BOT_URL=url) as stack:
            yield stack, link


@pytest.fixture
def small(linked: tuple[Small, Link]) -> Small:
    """`make run`, ready; what a test broke it has put right."""
    stack, _ = linked
    stack.wait_ready()
    return stack


@pytest.fixture
def link(linked: tuple[Small, Link]) -> Iterator[Link]:
    """The line between its chat and its bot."""
    _, line = linked
    yield line
    line.mend()


@pytest.fixture(scope="session")
def shared_scaled() -> Iterator[Scaled]:
    with Scaled() as stack:
        yield stack


@pytest.fixture
def scaled(shared_scaled: Scaled) -> Scaled:
    """Two chat and two bot processes behind nginx, with PostgreSQL and Redis, ready."""
    shared_scaled.wait_ready()
    return shared_scaled
