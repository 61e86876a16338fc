"""Leaves personal data out of what a visitor wrote, before anything else happens to it."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import lru_cache

from content.contacts import load_contacts
from helpline.privacy.personal_addresses import find_addresses
from helpline.privacy.personal_names import find_names
from helpline.privacy.personal_numbers import find_numbers
from helpline.privacy.personal_phones import digits_of, find_phones, public_spans
from helpline.privacy.personal_texts import Finding, find_emails, same_length_plain


@dataclass(frozen=True)
class Redacted:
    """A text without personal data, and the kinds that were left out, in order, each once."""

    text: str
    kinds: tuple[str, ...]


def redact(text: str, keep_numbers: Collection[str] | None = None) -> Redacted:
    """Replace personal data by a placeholder such as `[phone number]`.

    Recognised: phone numbers, e-mail and street addresses, social security, card, Medicare, NHS
    and record numbers, dates of birth, names that people introduce themselves or others with.

    Args:
        text: what the visitor wrote; any length, the time needed grows with it in proportion.
        keep_numbers: phone numbers that stay, in any spelling; the helpline's contacts if None.
    """
    kept = _helpline_numbers() if keep_numbers is None else frozenset(map(digits_of, keep_numbers))
    plain = same_length_plain(text)
    findings: list[Finding] = []
    if _may_hold_numbers(plain):
        findings += find_numbers(plain)
        findings += find_phones(plain, kept)
        findings += find_addresses(plain)
        public = public_spans(plain, kept)
        findings = [one for one in findings if not _stands_in(one, public)]
    findings += find_emails(plain)
    findings += find_names(plain)
    return _replace(text, findings)


def _stands_in(finding: Finding, spans: Iterable[tuple[int, int]]) -> bool:
    return any(finding.start < end and start < finding.end for start, end in spans)


def _replace(text: str, findings: Iterable[Finding]) -> Redacted:
    pieces: list[str] = []
    kinds: list[str] = []
    position = 0
    for finding in _without_overlaps(findings):
        pieces += [text[position : finding.start], f"[{finding.kind}]"]
        position = finding.end
        if finding.kind not in kinds:
            kinds.append(finding.kind)
    pieces.append(text[position:])
    return Redacted("".join(pieces), tuple(kinds))


def _without_overlaps(findings: Iterable[Finding]) -> list[Finding]:
    """Keep the surest finding of those that overlap, then the longest; widen it over the rest."""
    chosen: list[Finding] = []
    for finding in sorted(findings, key=lambda one: (one.rank, one.start - one.end, one.start)):
        touching = [one for one in chosen if finding.start < one.end and one.start < finding.end]
        if not touching:
            chosen.append(finding)
        elif len(touching) == 1 and (
            finding.start < touching[0].start or finding.end > touching[0].end
        ):
            widened = touching[0].widened(finding)
            rest = [one for one in chosen if one is not touching[0]]
            if not any(widened.start < one.end and one.start < widened.end for one in rest):
                chosen = [*rest, widened]
    return sorted(chosen, key=lambda one: one.start)


def _may_hold_numbers(plain: str) -> bool:
    if any(character.isdigit() for character in plain):
        return True
    lowered = plain.lower()
    return sum(word in lowered for word in _NUMBER_WORDS) >= 2


_NUMBER_WORDS = (
    "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "zero", "ten", "eleven",
    "twelve", "teen", "twenty", "thirty", "forty", "fifty", "hundred",
)  # fmt: skip


@lru_cache(maxsize=1)
def _helpline_numbers() -> frozenset[str]:
    numbers = {digits_of(contact.phone) for contact in load_contacts().values() if contact.phone}
    return frozenset(number for number in numbers if number)
