"""`make release VERSION=0.2.0`: stamp what is released: version, model, widget, day of the facts.

Writes the version into every place that holds it and turns *Unreleased* of CHANGELOG.md into a
part of its own. Commits nothing: look at the diff, commit, tag.
"""

from __future__ import annotations

import argparse
import base64
import datetime
import hashlib
import json
import re
import sys
from pathlib import Path

import yaml

from content.facts import load_facts
from scripts.setup import ROOT

# Each place that holds the version: file, and the line it stands in
VERSION_LINES = (
    ("pyproject.toml", r'^version = "([^"]+)"'),
    ("web/pyproject.toml", r'^version = "([^"]+)"'),
    ("web/widget/package.json", r'^  "version": "([^"]+)"'),
    ("web/widget/package-lock.json", r'^  "version": "([^"]+)"'),
    # Once more for the package in its own folder
    ("web/widget/package-lock.json", r'^    "": \{\n.*\n      "version": "([^"]+)"'),
)
UNRELEASED = "## Unreleased\n"


class ReleaseError(ValueError):
    """Nothing can be released like this; the message says what to do."""


def _order(version: str) -> tuple[int, ...]:
    if not re.fullmatch(r"\d+\.\d+\.\d+", version):
        raise ReleaseError("VERSION is three numbers, as in 0.2.0.")
    return tuple(int(part) for part in version.split("."))


def _integrity(root: Path) -> str:
    """The widget's hash as a site's tag names it."""
    module = (root / "web" / "widget" / "dist" / "spms-helpline.js").read_bytes()
    return "sha384-" + base64.b64encode(hashlib.sha384(module).digest()).decode()


def _place_of_version(file: Path, line: str) -> re.Match[str]:
    found = re.search(line, file.read_text("utf-8"), re.MULTILINE)
    if found is None:
        raise ReleaseError(f"{file} has no line with the version any more.")
    return found


def stamp(root: Path, version: str, today: datetime.date) -> dict[str, str]:
    """Write the release into the files; returns what was stamped.

    Raises:
        ReleaseError: the version is no next version or stands nowhere, nothing changed, or there
            is no model.
    """
    now = {_place_of_version(root / file, line)[1] for file, line in VERSION_LINES}
    if len(now) != 1:
        raise ReleaseError(f"The version differs: {', '.join(sorted(now))}. Make it one first.")
    if _order(version) <= _order(*now):
        raise ReleaseError(f"VERSION must come after {min(now)}.")
    changes = root / "CHANGELOG.md"
    before, marker, rest = changes.read_text("utf-8").partition(UNRELEASED)
    part, next_part, older = rest.partition("\n## ")
    if not marker or not part.strip():
        raise ReleaseError("CHANGELOG.md says nothing under Unreleased: write what changed first.")
    model = root / "models" / "helpline.json"
    if not model.exists():
        raise ReleaseError("There is no model: run `make train` first.")
    facts = load_facts(root / "knowledge" / "facts.yml").values()
    stamped = {
        "version": version,
        "released": today.isoformat(),
        "model": json.loads(model.read_text("utf-8"))["sha256"],
        "widget": _integrity(root),
        "facts last checked": max(fact.checked_on for fact in facts),
    }
    lines = "".join(f"- {name}: `{value}`\n" for name, value in list(stamped.items())[2:])
    head = f"{UNRELEASED}\n## {version}, {today}\n\n{lines}"
    for file, line in VERSION_LINES:
        place = _place_of_version(root / file, line)
        text = place.string[: place.start(1)] + version + place.string[place.end(1) :]
        (root / file).write_text(text, "utf-8")
    changes.write_text(f"{before}{head}{part}{next_part}{older}", "utf-8")
    return stamped


def main() -> int:
    """Command line; returns the exit code."""
    parser = argparse.ArgumentParser(description="Stamp a release.")
    parser.add_argument("version")
    try:
        stamped = stamp(
            ROOT, parser.parse_args().version, datetime.datetime.now(datetime.UTC).date()
        )
    except ReleaseError as error:
        print(error, file=sys.stderr)
        return 2
    sys.stdout.write(yaml.safe_dump(stamped, sort_keys=False))
    print(f"Look at the diff, commit it, then: git tag v{stamped['version']}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
