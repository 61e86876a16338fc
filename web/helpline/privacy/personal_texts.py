"""What every recogniser of personal data shares, and the one for e-mail addresses."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

# Every dash, blank and digit of Unicode as its plain one; each a single character, so that a
# place in the plain text is the same place in the original.
_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−－﹣⁃"), "-")
_BLANKS = dict.fromkeys(map(ord, "\u00a0\u2002\u2003\u2007\u2009\u200a\u202f\u3000\t"), " ")
_HIDDEN = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad"), " ")
_DIGITS = {
    first + value: str(value)
    for first in (0xFF10, 0x0660, 0x06F0, 0x0966, 0x1D7CE, 0x1D7D8, 0x1D7E2, 0x1D7EC, 0x1D7F6)
    for value in range(10)
}
_OTHERS = {ord("＠"): "@", ord("．"): ".", ord("＋"): "+", ord("’"): "'", ord("‘"): "'"}
_PLAIN = {**_DASHES, **_BLANKS, **_HIDDEN, **_DIGITS, **_OTHERS}


@dataclass(frozen=True)
class Finding:
    """A place in the text that holds personal data; of findings that overlap the lowest `rank`
    names the kind.
    """

    start: int
    end: int
    kind: str
    rank: int

    def widened(self, other: Finding) -> Finding:
        """Return this finding, reaching over `other` too."""
        return replace(self, start=min(self.start, other.start), end=max(self.end, other.end))


def same_length_plain(text: str) -> str:
    """Return `text` with plain dashes, blanks and digits, character by character."""
    return text.translate(_PLAIN)


EMAIL = "e-mail address"
_EMAIL = re.compile(
    r"(?<![\w.+%-])[\w.+%'-]{1,64} ?@ ?(?:[a-z0-9-]{1,63}(?: ?\. ?)){1,5}[a-z]{2,24}(?![\w-])",
    re.IGNORECASE,
)
_AT = r"(?: at | ?[(\[{<] ?(?:at|@) ?[)\]}>] ?| ?@ ?)"
_DOT = r"(?: dot | ?[(\[{<] ?(?:dot|\.) ?[)\]}>] ?|\.)"
_DOMAIN_END = r"(?:com|org|net|edu|gov|co|uk|ca|au|de|fr|es|it|nl|ie|nz|in|us|info|me|io|eu|mx|br)"
_LOCAL = (
    r"[a-z0-9][\w+-]{0,40}(?:(?: (?:dot|underscore|dash|hyphen|plus) |[._+-])[\w+-]{1,40}){0,4}"
)
_SPOKEN = re.compile(
    rf"(?<![\w.+-])(?P<local>{_LOCAL}){_AT}"
    rf"(?:[a-z0-9-]{{1,40}}{_DOT}){{1,4}}{_DOMAIN_END}(?![\w-])",
    re.IGNORECASE,
)
# "I looked at example dot org" names a website, not a person.
_BEFORE_A_WEBSITE = frozenset(
    "look looked looking looks is was are be me us it you them found find see saw seen read "
    "reading "
    "page pages site website online info information more available posted article trial trials "
    "here there everything anything something stuff register registered sign up out video videos "
    "sold ordered order bought buy shop shopping available about arrived work works working".split()
)


def find_emails(plain: str) -> list[Finding]:
    """Find e-mail addresses, also those spelled "jane at example dot com"."""
    found: list[Finding] = []
    if "@" in plain:
        found += [Finding(match.start(), match.end(), EMAIL, 1) for match in _EMAIL.finditer(plain)]
    lowered = plain.lower()
    if "dot" in lowered or "@" in lowered or "at" in lowered:
        for match in _SPOKEN.finditer(plain):
            last = match["local"].lower().split()[-1]
            if last not in _BEFORE_A_WEBSITE:
                found.append(Finding(match.start(), match.end(), EMAIL, 1))
    return found
