"""Rasa's own check of domain, data, rules and stories; any warning fails.

`rasa data validate --fail-on-warnings` can print warnings and still return 0: its words are read.
"""

from __future__ import annotations

import re
import subprocess
import sys

from scripts.setup import ROOT, python_of
from scripts.train import bot_environment

COMPLAINT = re.compile(r"UserWarning|\bWARNING\b|\bERROR\b|Traceback")
# Actions say many answers by themselves, which Rasa cannot know; scripts/check_content.py does, and
# finds those that nothing leads to.
KNOWN = re.compile(r"The utterance '\w+' is not used in any story or rule")


def complaints(output: str) -> list[str]:
    """Lines in which Rasa complains."""
    return [
        line for line in output.splitlines() if COMPLAINT.search(line) and not KNOWN.search(line)
    ]


def main() -> int:
    """Validate; returns the exit code."""
    environment = {**bot_environment(), "PYTHONWARNINGS": "default::UserWarning"}
    done = subprocess.run(
        [python_of("bot"), "-m", "rasa", "data", "validate", "--fail-on-warnings"],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    output = done.stdout + done.stderr
    found = complaints(output)
    if done.returncode or found:
        print(output if done.returncode else "\n".join(found), file=sys.stderr)
        print("[validate] the bot's data does not hold together; see above.", file=sys.stderr)
        return 1
    print("[validate] domain, data, rules and stories hold together.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
