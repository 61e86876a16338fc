"""A PostgreSQL server for tests; `make test` has installed it, or asked for it."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path

from bench.machine import process_tree


def server_programs() -> Path | None:
    """Return the folder with initdb and pg_ctl, None if PostgreSQL is not installed."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    return versions[-1].parent if versions else None


@dataclass
class PostgresServer:
    """A server that starts when the first database is asked for.

    With `durable` its files stay in that folder and are used again; the folder's parents must be
    open to the server's user.
    """

    port: int
    folder: Path | None = None
    durable: Path | None = None
    _numbers: count[int] = field(default_factory=count)

    def new_database(self) -> str:
        """Return the address of a new, empty database."""
        return self._create(f"helpline_{next(self._numbers)}")

    def database(self, name: str) -> str:
        """Return the address of a database of a durable server, made at first use."""
        return self._create(name, again=True)

    def _create(self, name: str, *, again: bool = False) -> str:
        programs = server_programs()
        assert programs is not None, "PostgreSQL is not installed: apt-get install postgresql"
        if self.folder is None:
            self._start(programs)
        address = f"postgresql://postgres@127.0.0.1:{self.port}/{name}"
        made = self.folder is not None and self.folder / f"{name}.made"
        if not (again and made and made.exists()):
            self._run(programs / "createdb", "-h", str(self.folder), "-p", str(self.port), name)
            if again and made:
                made.touch()
        return address

    def kill(self) -> None:
        """End the server at once, as a crash would; what was committed stays."""
        programs = server_programs()
        assert self.folder is not None and programs is not None
        data = str(self.folder / "data")
        self._run(programs / "pg_ctl", "-D", data, "-m", "immediate", "-w", "stop")

    def start_again(self) -> None:
        """Start a server that was killed, with its data."""
        programs = server_programs()
        assert self.folder is not None and programs is not None
        self._serve(programs)

    @contextlib.contextmanager
    def frozen(self) -> Iterator[None]:
        """Let every process of the server stand still, as on a machine that hangs."""
        assert self.folder is not None
        [first, *_] = (self.folder / "data" / "postmaster.pid").read_text().split()
        server = process_tree(int(first))
        for pid in server:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in server:
                os.kill(pid, signal.SIGCONT)

    def stop(self) -> None:
        """Stop the server and delete its files."""
        programs = server_programs()
        if self.folder is not None and programs is not None:
            self._run(programs / "pg_ctl", "-D", str(self.folder / "data"), "-m", "fast", "stop")
            if self.durable is None:
                shutil.rmtree(self.folder)
            self.folder = None

    def _start(self, programs: Path) -> None:
        if self.durable is None:
            self.folder = Path(tempfile.mkdtemp(prefix="helpline-postgres-"))
        else:
            self.folder = self.durable
            self.folder.mkdir(exist_ok=True)
        if os.geteuid() == 0:
            shutil.chown(self.folder, "postgres")
        data = str(self.folder / "data")
        if not Path(data, "PG_VERSION").exists():
            self._run(programs / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-N")
        self._serve(programs)

    def _serve(self, programs: Path) -> None:
        data = f"{self.folder}/data"
        options = f"-p {self.port} -k {self.folder} -c listen_addresses=127.0.0.1"
        if self.durable is None:
            options += " -c fsync=off"
        log = f"{self.folder}/log"
        self._run(programs / "pg_ctl", "-D", data, "-o", options, "-l", log, "-w", "start")

    def _run(self, program: Path, *arguments: str) -> None:
        command = [str(program), *arguments]
        if os.geteuid() == 0:
            # The server refuses to run as root.
            command = ["runuser", "-u", "postgres", "--", *command]
        else:
            command[1:1] = ["-U", "postgres"] if program.name == "createdb" else []
        subprocess.run(command, check=True, capture_output=True, cwd="/")
