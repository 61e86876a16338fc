"""The dependency audit: new advisories fail, accepted ones do not, and silence is no pass."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from scripts import audit
from scripts.setup import ROOT

ACCEPTED = [
    {"id": "CVE-1", "package": "Stone", "environment": "bot", "why": "pinned"},
]


def report(*packages: dict[str, Any]) -> dict[str, Any]:
    return {"dependencies": list(packages), "fixes": []}


def weak(name: str, advisory: str, *aliases: str) -> dict[str, Any]:
    vuln = {"id": advisory, "aliases": list(aliases), "fix_versions": ["2.0"]}
    return {"name": name, "version": "1.0", "vulns": [vuln]}


FINE = {"name": "fine", "version": "1.0", "vulns": []}


def judged(environment: str, *packages: dict[str, Any]) -> tuple[str, int]:
    return audit.judge({environment: audit.read_report(environment, report(*packages))}, ACCEPTED)


def test_an_accepted_advisory_passes_under_any_of_its_ids() -> None:
    for ids in (("CVE-1",), ("PYSEC-7", "CVE-1")):
        text, code = judged("bot", FINE, weak("stone", *ids))
        assert code == 0 and "accepted bot: stone 1.0" in text and "fixed in 2.0" in text


@pytest.mark.parametrize(
    ("environment", "package"),
    [
        ("bot", weak("stone", "CVE-2")),
        ("bot", weak("pebble", "CVE-1")),
        ("web", weak("stone", "CVE-1")),
    ],
)
def test_a_new_advisory_fails(environment: str, package: dict[str, Any]) -> None:
    text, code = judged(environment, FINE, package)
    assert code == 1 and "NEW" in text


def test_packages_that_could_not_be_looked_up_are_no_pass() -> None:
    skipped = {"name": "fine", "skip_reason": "not found and could not be audited"}
    text, code = judged("bot", skipped)
    assert code == 2 and "NOT AUDITED bot: 1 packages" in text
    assert judged("bot", skipped, weak("stone", "CVE-2"))[1] == 1


def test_an_accepted_advisory_that_is_gone_is_named() -> None:
    text, code = judged("bot", FINE)
    assert code == 0 and "take it out of the list: Stone CVE-1" in text


def test_the_list_names_packages_that_we_install() -> None:
    entries = audit.read_accepted()
    assert entries
    for entry in entries:
        lock = (ROOT / "requirements" / f"{entry['environment']}.txt").read_text()
        assert re.search(rf"^{re.escape(entry['package'])}==", lock, re.M), entry["package"]
        assert re.fullmatch(r"(CVE-\d{4}-\d+|GHSA(-\w{4}){3}|PYSEC-\d{4}-\d+)", entry["id"])


def test_an_entry_without_a_reason_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "accepted.yml"
    path.write_text("accepted:\n  - {id: CVE-1, package: a, environment: bot, why: ' '}\n")
    with pytest.raises(audit.AuditError, match="why"):
        audit.read_accepted(path)
