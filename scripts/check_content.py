"""Check facts, answers and contacts against the rules of the content guide.

    python -m scripts.check_content [--today YYYY-MM-DD] [--root FOLDER]

Prints what it finds and the figures, and ends with 1 when a rule is broken.
"""

from __future__ import annotations

import argparse
import datetime
import statistics
import sys
from pathlib import Path

from content.reading import ROOT, ContentError
from content.signoff import signable, unsigned
from scripts.content_files import phone_numbers, unreachable
from scripts.content_rules import Content, Finding, check
from scripts.content_seed_page import seed_page
from scripts.content_wording import OTHER_LANGUAGE, reading_grade, words


def findings_for(root: Path, today: datetime.date) -> tuple[list[Finding], str]:
    """Return all findings for the content below `root`, errors first, and the figures as a line.

    A file that cannot be read is a finding too; the other rules then have nothing to go on.
    """
    try:
        content = Content.load(root)
    except ContentError as error:
        return [Finding("error", "content cannot be read", str(error))], ""
    findings = [
        *phone_numbers(content),
        *seed_page(content),
        *unreachable(content),
        *check(content, today),
    ]
    findings.sort(key=lambda finding: ("error", "warning", "note").index(finding.level))
    return findings, _figures(content)


def _figures(content: Content) -> str:
    names = [
        name
        for treatment in content.treatments.values()
        for name in (treatment.generic, *treatment.brands)
    ]
    texts = [text for text in content.texts() if not text.name.startswith(OTHER_LANGUAGE)]
    grades = {text.where: reading_grade(text.variation["text"], names) for text in texts}
    lengths = {text.where: words(text.variation["text"]) for text in texts}
    to_sign = signable(content.root)
    drafts = unsigned(to_sign, content.signoffs)
    hardest, longest = max(grades, key=grades.__getitem__), max(lengths, key=lengths.__getitem__)
    return (
        f"{len(content.responses)} answers in {sum(map(len, content.responses.values()))} "
        f"wordings, {len(content.facts)} facts, {len(content.treatments)} treatments, "
        f"{len(content.contacts)} contacts\n"
        f"reading grade: median {statistics.median(grades.values()):.1f}, "
        f"highest {grades[hardest]:.1f} ({hardest})\n"
        f"words: median {statistics.median(lengths.values()):.0f}, "
        f"most {lengths[longest]} ({longest})\n"
        f"{drafts} of {len(to_sign)} texts are unsigned (knowledge/signoff.yml)"
    )


def main(arguments: list[str] | None = None) -> int:
    """Run the checks; return 1 when there is an error, else 0."""
    parser = argparse.ArgumentParser(description="Check the content of the helpline.")
    parser.add_argument(
        "--today",
        type=datetime.date.fromisoformat,
        default=datetime.datetime.now(datetime.UTC).date(),
        metavar="YYYY-MM-DD",
        help="the day that decides which facts are due for a new check (default: today)",
    )
    parser.add_argument("--root", type=Path, default=ROOT, help="the checkout's folder")
    options = parser.parse_args(arguments)
    findings, figures = findings_for(options.root, options.today)
    notes: dict[str, list[str]] = {}
    for finding in findings:
        if finding.level == "note":
            notes.setdefault(finding.where, []).append(finding.problem)
        else:
            sys.stdout.write(f"{finding}\n")
    for what, listed in notes.items():
        sys.stdout.write(f"{what} ({len(listed)}): {', '.join(listed)}\n")
    errors = sum(finding.level == "error" for finding in findings)
    warnings = sum(finding.level == "warning" for finding in findings)
    sys.stdout.write(f"{figures}\n{errors} errors, {warnings} warnings\n")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
