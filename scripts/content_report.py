"""Write the page on which a clinician reads and signs every answer.

    python -m scripts.content_report [--today YYYY-MM-DD] [--output FILE]

One HTML file without anything from outside: each answer as the visitor sees it, the facts it rests
on with their age, how hard it is to read, and whether somebody has signed it.
"""

from __future__ import annotations

import argparse
import datetime
import statistics
import sys
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

import settings
from content.reading import ROOT, ContentError
from content.signoff import signable, unsigned
from scripts.content_rules import Content
from scripts.report_model import SOON_DAYS, Report
from scripts.report_treatments import TreatmentGroup, treatment_groups

TEMPLATES = Path(__file__).with_name("templates")
# Topics without a written answer that nevertheless have one
ANSWERED_ELSEWHERE = {
    "treatment_specific_drug": "Answered from the table of treatments: see the chapters below.",
}


def render(root: Path, today: datetime.date) -> str:
    """Return the page for the content below the checkout `root`.

    Raises:
        ContentError: a content file cannot be used.
    """
    content = Content.load(root)
    report = Report(content, today)
    treatments = treatment_groups(root, content.signoffs, today)
    used = {row.fact.id for wording in report.wordings for row in wording.facts}
    used |= {row.fact.id for group in treatments for one in group.entries for row in one.facts}
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("content_report.html").render(
        report=report,
        treatments=treatments,
        figures=_figures(report, treatments),
        overdue=report.due(),
        soon=report.due(SOON_DAYS),
        soon_days=SOON_DAYS,
        held=report.held_facts(),
        unused=[
            fact.id for fact in content.facts.values() if fact.may_be_shown and fact.id not in used
        ],
        no_wordings=ANSWERED_ELSEWHERE,
        style=(TEMPLATES / "content_report.css").read_text("utf-8"),
        script=(TEMPLATES / "content_report.js").read_text("utf-8"),
    )


def _figures(report: Report, treatments: list[TreatmentGroup]) -> list[tuple[str, str]]:
    content = report.content
    texts = signable(content.root)
    grades = [one.grade for one in report.wordings if one.grade is not None]
    answered = {one.message["topic"] for one in report.wordings if one.message["topic"]} | set(
        ANSWERED_ELSEWHERE
    )
    entries = [one for group in treatments for one in group.entries]
    return [
        (
            "Topics with an answer",
            f"{len(answered & set(content.topics))} of {len(content.topics)}",
        ),
        ("Answers, wordings", f"{len(content.responses)}, {len(report.wordings)}"),
        ("Treatments", f"{len(entries)}"),
        ("Signed", f"{len(texts) - unsigned(texts, content.signoffs)} of {len(texts)}"),
        ("Facts", f"{len(content.facts)}, {len(report.held_facts())} held back"),
        ("Facts overdue", f"{len(report.due())}"),
        ("Fields held back", f"{sum(len(one.held) for one in entries)}"),
        ("Reading grade", f"{statistics.median(grades):.1f} median, {max(grades):.1f} highest"),
    ]


def main(arguments: list[str] | None = None) -> int:
    """Write the page; return 1 when the content cannot be read."""
    parser = argparse.ArgumentParser(description="Write the page on which answers are reviewed.")
    parser.add_argument(
        "--today",
        type=datetime.date.fromisoformat,
        default=datetime.datetime.now(datetime.UTC).date(),
        metavar="YYYY-MM-DD",
        help="the day that decides which facts are overdue (default: today)",
    )
    parser.add_argument("--root", type=Path, default=ROOT, help="the checkout's folder")
    parser.add_argument(
        "--output", type=Path, help="where to write it (default: content-report.html in VAR_DIR)"
    )
    options = parser.parse_args(arguments)
    output = options.output or settings.load().var_dir / "content-report.html"
    try:
        page = render(options.root, options.today)
    except ContentError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    output.parent.mkdir(parents=True, exist_ok=True)
    output.write_text(page, encoding="utf-8")
    sys.stdout.write(f"{output}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
