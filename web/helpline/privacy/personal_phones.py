"""Phone numbers: typed in any country's common form, or spelled in words."""

from __future__ import annotations

import re

from phonenumbers import Leniency, PhoneNumberMatcher

from helpline.privacy.personal_texts import Finding

PHONE = "phone number"

# Digits with what people put between them. Bounded, so that no input makes it slow.
_RUN = re.compile(r"(?<![\w.,/#$€£])\(?\+?(?:\d[ ().\-/]{0,3}){6,16}\d(?![\w%]|[.,/]\d)")
_US = re.compile(
    r"(?<![\w.#$-])(?:\+?1[ .-]{0,2})?(?:\( ?[2-9]\d\d ?\)|[2-9]\d\d)[ ./-]{0,3}\d{3}[ "
    r".-]{1,3}\d{4}"
    r"(?![\w%]|[.,](?!\d{3}[ .-])\d)"
)
# Two and more with little between them, which _RUN takes for one that is too long: mobile and
# landline numbers with a 0 before them, or ten digits as in North America
_ONE_OF_SEVERAL = re.compile(r"0\d{2,4}[ -]?\d{3,4}[ -]?\d{3,4}|[2-9]\d{9}")
_SEVERAL = re.compile(
    rf"(?<![\w.,/#$€£])(?:{_ONE_OF_SEVERAL.pattern})"
    rf"(?:[ ,;/]{{1,3}}(?:{_ONE_OF_SEVERAL.pattern}))+(?![\w%]|[.,]\d)"
)
_INTERNATIONAL = re.compile(r"(?<!\w)(?:\+|00)[1-9](?:[ ().\-/]{0,3}\d){6,14}(?!\w)")
# One digit at a time: "5 5 5 0 1 2 3"
_SPACED = re.compile(r"(?<![\w.,-])\d(?:[ -]{1,3}\d){6,14}(?![\w.,-])")
_LOCAL_US = re.compile(r"(?<![\w.#$/-])\d{3} ?[-.] ?\d{4}(?![\w%-]|[.,]\d)")
_NOT_PHONE_BEFORE = re.compile(
    r"\b(?:nct|isrctn|eudract|euct|ctis|pmid|pmc|isbn|issn|doi|ndc|lot|icd|cpt|version|pages?|pp|"
    r"copay|costs?|price|order|serial|model|part|trial)"
    r"[ :#.-]{0,3}(?:no|number|id|nr)?[ :#.-]{0,3}$",
    re.IGNORECASE,
)
_AMOUNT_BEFORE = re.compile(r"\b(?:between|from|range|about|around|over) ?$", re.IGNORECASE)
_PHONE_WORDS = re.compile(
    r"\b(?:phone|telephone|tel|mobile|cell|cellphone|call|calls|called|ring|text|texts|texting|"
    r"dial|fax|"
    r"whats ?app|reach|contact|landline|number|num|voicemail|telefono|teléfono|llame|celular|"
    r"móvil|movil|telefone|telemóvel|portable|portatile|cellulare|handy|handynummer|telefonnummer|"
    r"numéro|nummer|rufnummer|"
    r"numero|número|home|work|line)\b",
    re.IGNORECASE,
)
_DATE = re.compile(
    r"(?:19|20)\d\d[-./ ](?:0?\d|1[0-2])[-./ ][0-3]?\d\b|[0-3]?\d[-./ ][0-3]?\d[-./ ](?:19|"
    r"20)?\d\d(?!\d)"
)
# "0.25 0.25 0.5 0.75": a row of doses
_DECIMALS = re.compile(r"(?:\d{1,3}[.,]\d{1,2}[ /-]{1,3}){2}")
# Numbers that are free to call belong to organisations, above all beside the name of one.
_TOLL_FREE = re.compile(r"(?:8(?:00|33|44|55|66|77|88)\d{7}|0?80[08]\d{6,8}|1800\d{6}|1300\d{6})$")
_ORGANISATION = re.compile(
    r"\b(?:medicare|medicaid|social security|insurance|insurer|pharmacy|hotline|helpline|lifeline|"
    r"society|foundation|association|company|customer|patient (?:support|services)|support line|"
    r"va|irs|toll[ -]free|their|crisis|poison)\b",
    re.IGNORECASE,
)
_YEARS = re.compile(r"(?:(?:19|20)\d\d[ ,/-]*){2,}$")
_REGIONS = tuple("US GB CA AU IE DE FR ES IT NL IN MX BR NZ ZA JP CN SE PL BE CH AT".split())
_COUNTING = "0123456789" * 2
_LABEL = 24  # characters before a number in which its label stands
_CONTEXT = 40  # characters before a number in which a word about phoning counts

_WORD_DIGITS = {
    "zero": "0", "oh": "0", "o": "0", "nought": "0", "one": "1", "two": "2", "three": "3",
    "four": "4", "five": "5", "six": "6", "seven": "7", "eight": "8", "nine": "9",
    "cero": "0", "uno": "1", "dos": "2", "tres": "3", "cuatro": "4", "cinco": "5", "seis": "6",
    "siete": "7", "ocho": "8", "nueve": "9",
}  # fmt: skip
_REPEATS = {"double": 2, "triple": 3, "treble": 3}
_TENS = {
    "ten": "10", "eleven": "11", "twelve": "12", "thirteen": "13", "fourteen": "14",
    "fifteen": "15", "sixteen": "16", "seventeen": "17", "eighteen": "18", "nineteen": "19",
    "twenty": "20", "thirty": "30", "forty": "40", "fifty": "50", "sixty": "60", "seventy": "70",
    "eighty": "80", "ninety": "90",
}  # fmt: skip
_SPOKEN_WORD = re.compile(r"[a-z]+|\d+", re.IGNORECASE)
_SHORTEST_SPOKEN = 7


def digits_of(number: str) -> str:
    """Return the digits of a phone number without a leading US country code."""
    digits = "".join(character for character in number if character.isdigit())
    return digits[1:] if len(digits) == 11 and digits.startswith("1") else digits


def find_phones(plain: str, kept: frozenset[str]) -> list[Finding]:
    """Find phone numbers except those whose digits are in `kept`."""
    return [
        Finding(start, end, PHONE, rank)
        for start, end, rank in (*_typed(plain), *_spoken(plain))
        if not _is_public(plain, start, end, kept)
    ]


def public_spans(plain: str, kept: frozenset[str]) -> list[tuple[int, int]]:
    """Return where numbers of organisations stand: nothing in them is anybody's own."""
    return [(start, end) for start, end, _ in _typed(plain) if _is_public(plain, start, end, kept)]


def _is_public(plain: str, start: int, end: int, kept: frozenset[str]) -> bool:
    digits = digits_of(_read(plain[start:end]))
    if digits in kept:
        return True
    return bool(
        _TOLL_FREE.match(digits) and _ORGANISATION.search(plain, max(0, start - _CONTEXT), start)
    )


def _typed(plain: str) -> list[tuple[int, int, int]]:
    found: list[tuple[int, int, int]] = []
    counting: list[tuple[int, int]] = []
    for row in _SEVERAL.finditer(plain):
        if not _NOT_PHONE_BEFORE.search(plain, max(0, row.start() - _LABEL), row.start()):
            numbers = _ONE_OF_SEVERAL.finditer(plain, *row.span())
            found += [(*number.span(), 4) for number in numbers]
    for pattern in (_INTERNATIONAL, _US, _SPACED, _LOCAL_US, _RUN):
        for match in pattern.finditer(plain):
            start, end = match.span()
            taken = (*found[-3:], *counting[-3:])
            if any(one[0] < end and start < one[1] for one in taken):
                continue
            if _NOT_PHONE_BEFORE.search(plain, max(0, start - _LABEL), start):
                continue
            if pattern is _SPACED:
                digits = "".join(character for character in match.group() if character.isdigit())
                if digits in _COUNTING or digits in _COUNTING[::-1]:
                    counting.append((start, end))
                else:
                    found.append((start, end, 4))
            elif pattern is _LOCAL_US:
                if match.group().startswith("555") or _is_about_phoning(plain, start):
                    found.append((start, end, 4))
            elif pattern is not _RUN:
                found.append((start, end, 4))
            elif _is_phone(plain, start, end):
                found.append((start, end, 4 if _is_about_phoning(plain, start) else 6))
    return found


def _is_phone(plain: str, start: int, end: int) -> bool:
    if _AMOUNT_BEFORE.search(plain, max(0, start - _LABEL), start):
        return False
    text = plain[start:end]
    digits = "".join(character for character in text if character.isdigit())
    if (
        _DECIMALS.search(text)
        or _DATE.fullmatch(text)
        or _YEARS.match(text)
        or not 7 <= len(digits) <= 15
    ):
        return False
    if _is_about_phoning(plain, start):
        return True
    if len(set(digits)) == 1:
        return False
    if digits.startswith("0"):
        return len(digits) >= 9
    return len(digits) >= 10 and any(_is_valid(text, region) for region in _REGIONS)


def _is_valid(text: str, region: str) -> bool:
    return next(iter(PhoneNumberMatcher(text, region, Leniency.VALID, 1)), None) is not None


def _is_about_phoning(plain: str, start: int) -> bool:
    return _PHONE_WORDS.search(plain, max(0, start - _CONTEXT), start) is not None


def _spoken(plain: str) -> list[tuple[int, int, int]]:
    """Find seven or more digits in words, such as "five five five oh one double two"."""
    found: list[tuple[int, int, int]] = []
    start, end, digits, words = -1, -1, 0, 0
    for match in _SPOKEN_WORD.finditer(plain):
        word = match.group().lower()
        value = _spoken_value(word)
        near = start >= 0 and match.start() - end <= 3
        if value is not None and (near or word not in ("o", "oh", "hundred")):
            if not near:
                start, digits, words = match.start(), 0, 0
            end = match.end()
            digits += len(value) if value else 1
            words += not word.isdigit()
        else:
            _close(found, start, end, digits, words)
            start = -1
    _close(found, start, end, digits, words)
    return found


def _close(
    found: list[tuple[int, int, int]], start: int, end: int, digits: int, words: int
) -> None:
    if start >= 0 and digits >= _SHORTEST_SPOKEN and words >= 4:
        found.append((start, end, 4))


def _spoken_value(word: str) -> str | None:
    """Return the digits of a spoken word, "" for "double" and the like, None for other words."""
    if word in _REPEATS or word == "hundred":
        return ""
    if word.isdigit():
        return word if len(word) <= 4 else None
    return _WORD_DIGITS.get(word) or _TENS.get(word)


def _read(text: str) -> str:
    """Return the digits of a number typed or spelled in words."""
    digits: list[str] = []
    repeat = 1
    for word in _SPOKEN_WORD.findall(text.lower()):
        if word in _REPEATS:
            repeat = _REPEATS[word]
        elif word == "hundred":
            digits.append("00")
        else:
            digits.append((_spoken_value(word) or "") * repeat if not word.isdigit() else word)
            repeat = 1
    return "".join(digits)
