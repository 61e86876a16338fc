"""Sign answers that somebody has read, by the codes that the content report shows beside them.

    .venvs/tools/bin/python -m scripts.sign_off --role neurologist utter_what_is_spms@1a2b3c4d ...

A code names the answer and the very text that was read. When a text has changed since, nothing is
signed.
"""

from __future__ import annotations

import argparse
import datetime
import sys
from collections.abc import Iterable
from pathlib import Path

from content.reading import ROOT
from content.signoff import Signable, load_signoffs, sign, signable, unsigned


def texts_of(codes: Iterable[str], texts: Iterable[Signable]) -> list[Signable]:
    """Return the texts that the codes stand for.

    Raises:
        ValueError: a code stands for no text of today; the message says which, and why.
    """
    by_code = {one.code: one for one in texts}
    answers = {one.answer for one in by_code.values()}
    found, wrong = [], []
    for code in codes:
        answer = code.partition("@")[0]
        if code in by_code:
            found.append(by_code[code])
        elif answer in answers:
            wrong.append(f"{code}: this is not its text of today; read it again in the report")
        else:
            wrong.append(f"{code}: there is no answer '{answer}'")
    if wrong:
        raise ValueError("\n".join(["Nothing was signed.", *wrong]))
    return found


def main(arguments: list[str] | None = None) -> int:
    """Sign, and say how many texts are still unsigned; return 1 when nothing could be signed."""
    parser = argparse.ArgumentParser(description="Sign answers that somebody has read.")
    parser.add_argument(
        "codes", nargs="+", metavar="CODE", help="as in the report: answer@12ab34cd"
    )
    parser.add_argument("--role", required=True, help="who read them: a role, not a name")
    parser.add_argument(
        "--on",
        type=datetime.date.fromisoformat,
        default=datetime.datetime.now(datetime.UTC).date(),
        metavar="YYYY-MM-DD",
        help="the day (default: today)",
    )
    parser.add_argument("--root", type=Path, default=ROOT, help="the checkout's folder")
    options = parser.parse_args(arguments)
    try:
        texts = signable(options.root)
        path = options.root / "knowledge" / "signoff.yml"
        read = texts_of(options.codes, texts)
        sign(read, options.role, options.on, path)
    except (ValueError, OSError) as error:
        sys.stderr.write(f"{error}\n")
        return 1
    left = unsigned(texts, load_signoffs(path))
    sys.stdout.write(f"Signed {len(set(read))} texts. {left} of {len(texts)} are unsigned.\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
