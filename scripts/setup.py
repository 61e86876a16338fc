"""Make the environments the helpline runs in. Standard library only: it runs before they exist.

    python -m scripts.setup run     what `make run` needs
    python -m scripts.setup test    that, the test packages, and a browser where we may install one

Every package comes from a lock file in requirements/ with its hash. An environment is left alone
while its lock file is the one it was made from.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
ENVIRONMENTS = ROOT / ".venvs"
NAMES = ("tools", "web", "bot")
PURPOSES = ("run", "test")
# Debian package -> a file that shows that it is there
DEBIAN_PACKAGES_FOR_TESTS = {
    "chromium": "usr/bin/chromium",
    "postgresql": "usr/lib/postgresql/*/bin/initdb",
    "redis-server": "usr/bin/redis-server",
    "nginx": "usr/sbin/nginx",
    # For `systemd-analyze verify`; nothing is started with it
    "systemd": "usr/bin/systemd-analyze",
}


class SetupError(RuntimeError):
    """The machine lacks something that we cannot install; the message says what to do."""


def python_of(name: str) -> Path:
    """Path of the interpreter of one environment."""
    return ENVIRONMENTS / name / "bin" / "python"


def _lock_file(name: str, purpose: str) -> Path:
    return ROOT / "requirements" / (f"{name}-test.txt" if purpose == "test" else f"{name}.txt")


def _fingerprint(name: str, purpose: str) -> str:
    digest = hashlib.sha256(sys.version.encode())
    digest.update(_lock_file(name, purpose).read_bytes())
    if name == "bot":
        for path in sorted((ROOT / "compat").glob("*/*.py")):
            digest.update(path.read_bytes())
    return digest.hexdigest()


def is_ready(name: str, purpose: str) -> bool:
    """Whether an environment holds what its lock file says; a test environment serves to run."""
    stamp = ENVIRONMENTS / name / "installed.json"
    try:
        installed: dict[str, str] = json.loads(stamp.read_text())
    except (OSError, ValueError):
        return False
    wanted = (purpose, "test") if purpose == "run" else ("test",)
    return any(installed.get(p) == _fingerprint(name, p) for p in wanted)


def _run(arguments: list[str | Path]) -> None:
    done = subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SetupError(
            f"This step failed: {' '.join(map(str, arguments))}\n{done.stdout}{done.stderr}".strip()
        )


def _install(name: str, purpose: str) -> None:
    lock = _lock_file(name, purpose)
    environment = ENVIRONMENTS / name
    if name == "tools":
        # uv itself lives here, so pip makes this one; the other environments are made by uv
        if not python_of(name).exists():
            _run([sys.executable, "-m", "venv", environment])
        _run([python_of(name), "-m", "pip", "install", "--quiet", "--require-hashes", "-r", lock])
        return
    uv = ENVIRONMENTS / "tools" / "bin" / "uv"
    if not python_of(name).exists():
        _run([uv, "venv", "--quiet", "--python", sys.executable, environment])
    install: list[str | Path] = [uv, "pip", "install", "--quiet", "--python", python_of(name)]
    _run([*install, "--require-hashes", "-r", lock])
    if name == "bot":
        # no build isolation: setuptools comes from the lock file, not from wherever
        _run([*install, "--no-deps", "--no-build-isolation", "--reinstall", ROOT / "compat"])


def _install_debian_packages() -> None:
    root = Path("/")
    missing = [n for n, path in DEBIAN_PACKAGES_FOR_TESTS.items() if not any(root.glob(path))]
    if not missing:
        return
    install = f"apt-get install -y {' '.join(missing)}"
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise SetupError(f"The tests need {', '.join(missing)}. On Debian 12: sudo {install}")
    _say(f"installing {', '.join(missing)} from Debian")
    _run(["apt-get", "update", "-qq"])
    _run(["apt-get", "install", "-y", "-qq", "--no-install-recommends", *missing])


def _say(text: str) -> None:
    print(f"[setup] {text}", flush=True)


def set_up(purpose: str) -> None:
    """Bring every environment up to its lock file.

    Raises:
        SetupError: something is missing that cannot be installed from here.
    """
    if purpose == "test":
        _install_debian_packages()
    for name in NAMES:
        if is_ready(name, purpose):
            continue
        started = time.monotonic()
        _say(f"making the environment “{name}” from {_lock_file(name, purpose).relative_to(ROOT)}")
        stamp = ENVIRONMENTS / name / "installed.json"
        stamp.unlink(missing_ok=True)
        _install(name, purpose)
        stamp.write_text(json.dumps({purpose: _fingerprint(name, purpose)}))
        _say(f"“{name}” is ready after {time.monotonic() - started:.0f} s")


def main() -> int:
    """Command line; returns the exit code."""
    if sys.version_info[:2] != (3, 11):
        print(f"This needs Python 3.11; this is {sys.version.split()[0]}.", file=sys.stderr)
        return 1
    if len(sys.argv) != 2 or sys.argv[1] not in PURPOSES:
        print("usage: python -m scripts.setup run|test", file=sys.stderr)
        return 2
    try:
        set_up(sys.argv[1])
    except SetupError as error:
        print(f"[setup] {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
