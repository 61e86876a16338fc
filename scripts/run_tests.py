"""`make test`: run the test suites, each in the environment it belongs to.

    python -m scripts.run_tests                 all of them but faults and learning loop
    python -m scripts.run_tests safety web      some of them
    python -m scripts.run_tests --several       those that a store matters to, on PostgreSQL + Redis

Every suite runs even when one before it failed; the table at the end tells which did.
"""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence

from scripts.processes import spare_ports
from scripts.setup import ROOT, python_of
from scripts.train import bot_environment

# suite -> environment; a suite is the folder of that name in tests/. Quick ones come first.
SUITES = {
    "safety": "tools",
    "content": "tools",
    "scripts": "tools",
    "privacy": "web",
    "web": "web",
    "staff": "web",
    "bot": "bot",
    "nlu": "bot",
    "conversations": "tools",
    "browser": "tools",
    "faults": "web",
    "learning_loop": "tools",
}
# Too long for every change: `make test-faults`, `make test-learning-loop`
ON_DEMAND = ("faults", "learning_loop")
# What `--several` runs by default
SEVERAL = ("web", "conversations")


def run_suite(name: str, runner: Sequence[str] = ("-m", "pytest")) -> bool:
    """Run one suite with pytest, which `runner` starts; returns whether it passed."""
    environment = SUITES[name]
    variables = bot_environment() if environment == "bot" else dict(os.environ)
    # warnings are errors by pytest's own configuration, not by the interpreter
    variables.pop("PYTHONWARNINGS", None)
    variables["PYTHONPATH"] = os.pathsep.join((str(ROOT), str(ROOT / "web")))
    command = [str(python_of(environment)), *runner, f"tests/{name}", "--color=yes", "-q"]
    return subprocess.run(command, cwd=ROOT, env=variables, check=False).returncode == 0


@contextlib.contextmanager
def servers() -> Iterator[None]:
    """Run PostgreSQL and Redis, and have the suites use them (see tests/stores.py)."""
    from tests.postgres import PostgresServer
    from tests.redis_server import RedisServer

    ports = spare_ports(2)
    postgres, redis = PostgresServer(ports[0]), RedisServer(ports[1])
    try:
        os.environ["DATABASE_URL"] = postgres.new_database()
        os.environ["TRACKER_DATABASE_URL"] = postgres.new_database()
        os.environ["TEST_POSTGRES"] = os.environ["DATABASE_URL"].rpartition("/")[0]
        redis.start()
        os.environ["REDIS_URL"] = os.environ["TEST_REDIS"] = redis.url
        yield
    finally:
        redis.kill()
        postgres.stop()


def main(arguments: list[str]) -> int:
    """Run the named suites, or all that every change runs; returns the exit code."""
    several = "--several" in arguments
    names = [name for name in arguments if name != "--several"] or (
        list(SEVERAL) if several else []
    )
    unknown = [name for name in names if name not in SUITES]
    if unknown:
        print(f"No such suite: {', '.join(unknown)}. There are: {', '.join(SUITES)}.")
        return 2
    results: list[tuple[str, bool, float]] = []
    with servers() if several else contextlib.nullcontext():
        for name in names or [name for name in SUITES if name not in ON_DEMAND]:
            print(f"\n=== {name} ===", flush=True)
            started = time.monotonic()
            results.append((name, run_suite(name), time.monotonic() - started))
    print("\nsuite            result   seconds")
    for name, passed, seconds in results:
        print(f"{name:16} {'passed' if passed else 'FAILED':8} {seconds:7.0f}")
    return 0 if all(passed for _, passed, _ in results) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
