"""`make notices`: THIRD-PARTY.md, the licence of every package and file that we hand on.

Licences come from the packages' own metadata, read by pip-licenses; where a package says nothing
there, `SAID_ELSEWHERE` holds what its licence file says.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

from scripts.setup import ROOT, python_of

PAGE = ROOT / "THIRD-PARTY.md"
ENVIRONMENTS = ("bot", "web")
UNKNOWN = "UNKNOWN"
# package -> licence as its own licence file or source has it
SAID_ELSEWHERE: dict[str, str] = {}
HEAD = ROOT / "scripts" / "templates" / "third-party.md"


def locked(environment: str) -> dict[str, str]:
    """Package -> version of one lock file."""
    text = (ROOT / "requirements" / f"{environment}.txt").read_text("utf-8")
    return dict(re.findall(r"^([A-Za-z0-9._-]+)==([^\\\s;]+)", text, re.MULTILINE))


def normal(name: str) -> str:
    """A package's name as PEP 503 compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _licences(environment: str) -> dict[str, str]:
    tool = Path(sys.executable).parent / "pip-licenses"
    command = [str(tool), f"--python={python_of(environment)}", "--format=json", "--with-system"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: list[dict[str, str]] = json.loads(done.stdout)
    return {normal(each["Name"]): " ".join(each["License"].split()) for each in found}


def page() -> str:
    """The whole page.

    Raises:
        ValueError: a package says nowhere under which licence it is.
    """
    parts = [HEAD.read_text("utf-8"), "\n"]
    for environment in ENVIRONMENTS:
        licences = _licences(environment)
        parts.append(f"## Packages of the environment “{environment}”\n\n")
        parts.append("| package | version | licence |\n| --- | --- | --- |\n")
        for name, version in sorted(locked(environment).items()):
            licence = SAID_ELSEWHERE.get(name) or licences.get(normal(name), UNKNOWN)
            if licence == UNKNOWN:
                raise ValueError(
                    f"{name} does not say its licence: look it up, add it to {__name__}."
                )
            short = licence if len(licence) < 90 else f"{licence[:87]}…"
            parts.append(f"| {name} | {version} | {short.replace('|', '/')} |\n")
        parts.append("\n")
    return "".join(parts).rstrip() + "\n"


def main() -> int:
    """Write the page; returns the exit code."""
    try:
        PAGE.write_text(page(), "utf-8")
    except ValueError as error:
        print(error, file=sys.stderr)
        return 1
    print(f"Written: {PAGE.name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
