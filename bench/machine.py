"""What a process tree and a folder cost, read from the operating system."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import re
import subprocess
from pathlib import Path

STAND_INS = frozenset(("tensorflow",))


def process_tree(pid: int) -> list[int]:
    """The process and all that it started, directly or not."""
    parents: dict[int, int] = {}
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text()
            except OSError:
                continue
            parents[int(entry.name)] = int(stat.rpartition(")")[2].split()[1])
    tree = [pid]
    for member in tree:
        tree += [child for child, parent in parents.items() if parent == member]
    return tree


def memory_megabytes(pid: int) -> float:
    """Proportional set size of a process tree in MB (10^6 bytes): shared pages count once."""
    kilobytes = 0
    for member in process_tree(pid):
        try:
            lines = Path(f"/proc/{member}/smaps_rollup").read_text().splitlines()
        except OSError:
            continue
        kilobytes += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return kilobytes * 1024 / 1e6


def processor_seconds(pid: int) -> float:
    """Processor time that a process tree has used so far, in seconds."""
    ticks = 0
    for member in process_tree(pid):
        try:
            fields = Path(f"/proc/{member}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        ticks += int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def without_tests_megabytes(environment: Path, lock: Path) -> float:
    """Space in MB of a virtual environment, without the packages that `lock` does not name."""
    named = {
        _plain(line.partition("==")[0])
        for line in lock.read_text("utf-8").splitlines()
        if "==" in line and not line.startswith((" ", "#"))
    }
    only_for_tests = 0
    for package in importlib.metadata.distributions(
        path=[str(next((environment / "lib").glob("python*")) / "site-packages")]
    ):
        # Ours stand in for TensorFlow and are in no lock
        if _plain(package.metadata["Name"]) not in named | STAND_INS:
            files = (Path(str(package.locate_file(file))) for file in package.files or ())
            only_for_tests += sum(512 * f.stat().st_blocks for f in files if f.is_file())
    return disk_megabytes(environment) - only_for_tests / 1e6


def _plain(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).strip().lower()


def disk_megabytes(*folders: Path) -> float:
    """Space that folders take on disk in MB (10^6 bytes)."""
    done = subprocess.run(
        ["du", "-s", "-B1", "--total", *map(str, folders)],
        capture_output=True,
        text=True,
        check=True,
    )
    return int(done.stdout.splitlines()[-1].split()[0]) / 1e6


def describe() -> str:
    """Processor, cores, memory and Python in one line."""
    model = "unknown processor"
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.partition(":")[2].strip()
            break
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{os.cpu_count()} cores ({model}), {memory:.0f} GiB, {platform.system()} "
        f"{platform.release()}, Python {platform.python_version()}"
    )
