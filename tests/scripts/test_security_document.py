"""docs/security.md names code and tests that exist."""

from __future__ import annotations

import re

from scripts.setup import ROOT

DOCUMENT = (ROOT / "docs" / "security.md").read_text("utf-8")


def test_every_path_exists() -> None:
    paths = re.findall(r"`((?:[\w.-]+/)+[\w.-]+\.\w+|settings\.py)`", DOCUMENT)
    assert len(paths) > 60
    missing = [path for path in paths if not (ROOT / path).is_file()]
    assert missing == []


def test_every_threat_meets_code_and_a_test() -> None:
    rows = [
        line
        for line in DOCUMENT.partition("\n## How much")[0].splitlines()
        if line.startswith("| ")
    ]
    threats = [row for row in rows if not row.startswith(("| Threat ", "| ---"))]
    assert len(threats) > 25
    for row in threats:
        threat, _meets, where, proof = row.strip("|").split(" | ")
        assert "`" in where, threat
        assert "`tests/" in proof or "`bench/" in proof, threat
