"""`make audit`: known advisories against every package of our lock files, by pip-audit.

Advisories that we accept stand in docs/accepted-advisories.yml, each with why. Returns 1 for an
advisory that is not there, 2 where packages could not be looked up: an audit that did not happen
is no pass.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from scripts.setup import ROOT, python_of

ACCEPTED = ROOT / "docs" / "accepted-advisories.yml"
LOCK_FILES = ("bot", "web", "tools")
FIELDS = {"id", "package", "environment", "why"}


class AuditError(RuntimeError):
    """The audit could not be made; the message says why."""


@dataclass(frozen=True)
class Advisory:
    """A known weakness of a package that we install."""

    environment: str
    package: str
    version: str
    ids: frozenset[str]
    fixed_in: tuple[str, ...]


@dataclass(frozen=True)
class Found:
    """What pip-audit says of one lock file."""

    advisories: tuple[Advisory, ...]
    # Packages that the advisory service did not know or could not be asked about.
    skipped: tuple[str, ...]


def read_accepted(path: Path = ACCEPTED) -> list[dict[str, str]]:
    """Return the accepted advisories.

    Raises:
        AuditError: an entry lacks a field or gives no reason.
    """
    entries: list[dict[str, str]] = yaml.safe_load(path.read_text("utf-8"))["accepted"]
    for entry in entries:
        if set(entry) != FIELDS or not all(str(value).strip() for value in entry.values()):
            raise AuditError(f"{path.name}: {entry} needs exactly {', '.join(sorted(FIELDS))}.")
    return entries


def read_report(environment: str, report: Mapping[str, Any]) -> Found:
    """Read pip-audit's JSON report."""
    advisories, skipped = [], []
    for package in report["dependencies"]:
        if "skip_reason" in package:
            skipped.append(package["name"])
        for each in package.get("vulns", ()):
            advisories.append(
                Advisory(
                    environment,
                    package["name"].lower(),
                    package["version"],
                    frozenset((each["id"], *each.get("aliases", ()))),
                    tuple(each.get("fix_versions", ())),
                )
            )
    return Found(tuple(advisories), tuple(skipped))


def is_accepted(advisory: Advisory, accepted: Sequence[Mapping[str, str]]) -> bool:
    """Whether an advisory stands in the list under any of its ids, for this environment."""
    return any(
        entry["id"] in advisory.ids
        and entry["package"].lower() == advisory.package
        and entry["environment"] == advisory.environment
        for entry in accepted
    )


def ask(environment: str) -> Found:
    """Have pip-audit look up every package of one lock file.

    Raises:
        AuditError: it gave no report, most likely because the advisory service is out of reach.
    """
    lock = ROOT / "requirements" / f"{environment}.txt"
    done = subprocess.run(
        [
            *(str(python_of("tools")), "-m", "pip_audit", "--requirement", str(lock)),
            *("--disable-pip", "--require-hashes", "--format", "json"),
            *("--progress-spinner", "off"),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        return read_report(environment, json.loads(done.stdout))
    except (ValueError, KeyError):
        last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise AuditError(f"pip-audit gave no report on {lock.name}: {last[:300]}") from None


def judge(found: Mapping[str, Found], accepted: Sequence[Mapping[str, str]]) -> tuple[str, int]:
    """Return what to tell, and the exit code."""
    lines, code = [], 0
    every = [advisory for each in found.values() for advisory in each.advisories]
    for advisory in every:
        known = is_accepted(advisory, accepted)
        code = code if known else 1
        lines.append(
            f"{'accepted' if known else 'NEW':8} {advisory.environment}: {advisory.package} "
            f"{advisory.version} {', '.join(sorted(advisory.ids))}; "
            f"fixed in {', '.join(advisory.fixed_in) or 'no version'}"
        )
    for environment, each in found.items():
        if each.skipped:
            code = code or 2
            lines.append(
                f"NOT AUDITED {environment}: {len(each.skipped)} packages are unknown to the "
                f"advisory service ({', '.join(each.skipped[:5])} ...). Is it out of reach?"
            )
    if not any(each.skipped for each in found.values()):
        lines += [
            f"no longer found, take it out of the list: {entry['package']} {entry['id']}"
            for entry in accepted
            if not any(is_accepted(advisory, [entry]) for advisory in every)
        ]
    if code == 0:
        lines.append("No advisory beside the accepted ones.")
    return "\n".join(lines), code


def main() -> int:
    """Audit every lock file; returns the exit code."""
    try:
        accepted = read_accepted()
        text, code = judge({name: ask(name) for name in LOCK_FILES}, accepted)
    except AuditError as error:
        print(f"[audit] {error}", file=sys.stderr)
        return 2
    print(text)
    return code


if __name__ == "__main__":
    sys.exit(main())
