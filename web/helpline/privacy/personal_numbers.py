"""Numbers that stand for one person: social security, card, Medicare, NHS, records, birth dates."""

from __future__ import annotations

import re

from helpline.privacy.personal_texts import Finding

SSN = "social security number"
CARD = "card number"
MEDICARE = "Medicare number"
NHS = "NHS number"
RECORD = "record number"
BIRTH = "date of birth"

# What people put between the name of a number and the number ("is", ":", "no.", "#").
_LINK = (
    r"(?:[ :#=.,-]|"
    r"\b(?:is|was|are|it's|its|no|nr|num|number|id|card|with|of|ends?|ending|in)\b){0,8}"
)
_GROUPED = r"\d(?:[ .-]{0,2}\d)"

_SSN = re.compile(r"(?<![\w.-])\d{3}([ .-])\d{2}\1\d{4}(?:-?[A-Z]\d?)?(?![\w-]|\.\d)")
_SSN_NAMED = re.compile(
    rf"\b(?:ssn|s\.s\.n\.?|ss(?= ?#| ?no\b)|social(?: security)?|social sec|soc sec|itin|tax "
    rf"?id|national insurance|ni)\b"
    rf"{_LINK}({_GROUPED}{{3,8}})(?!\d)",
    re.IGNORECASE,
)
_UK_NI_NAMED = re.compile(
    rf"\b(?:national insurance|ni)\b{_LINK}([A-Z]{{2}} ?(?:\d{{2}} ?){{3}}[A-D])(?!\w)",
    re.IGNORECASE,
)
_UK_NI = re.compile(r"(?<!\w)[A-CEGHJ-PR-TW-Z]{2} ?(?:\d{2} ?){3}[A-D](?!\w)", re.IGNORECASE)
_CARD = re.compile(rf"(?<![\w.,-]){_GROUPED}{{12,18}}(?![\w]|[.,]\d)")
_CARD_NAMED = re.compile(
    rf"\b(?:credit|debit|visa|mastercard|amex|american express|discover|card)\b{_LINK}"
    rf"({_GROUPED}{{11,18}})(?!\d)",
    re.IGNORECASE,
)
_CVV = re.compile(
    r"\b(?:cvv2?|cvc|security code)\b[ :#]{0,3}(?:is |code ){0,2}(\d{3,4})(?!\d)", re.I
)

_L = "[AC-HJKMNP-RT-Y]"
_LN = "[AC-HJKMNP-RT-Y0-9]"
_MBI = re.compile(
    rf"(?<![\w-])[1-9]{_L}{_LN}\d[ -]?{_L}{_LN}\d[ -]?{_L}{_L}\d{{2}}(?![\w-])", re.IGNORECASE
)
_MEDICARE_CARD = re.compile(
    r"(?<![\w-])\d[A-Z][A-Z0-9]\d-[A-Z][A-Z0-9]\d-[A-Z]{2}\d{2}(?![\w-])", re.IGNORECASE
)
_IS_MY = re.compile(
    r"(?<![\w-])([A-Z]{0,3}\d(?:[ -]?[A-Z0-9]){4,13}) (?:is|was) (?:my|his|her|the) "
    r"(?:(?P<social>social|ssn)|(?P<medicare>medicare)|(?P<nhs>nhs)|(?P<record>mrn|medical record|"
    r"patient|hospital|member|policy|chart))",
    re.IGNORECASE,
)
_MEDICARE_NAMED = re.compile(
    rf"\bmedicare\b(?: ?(?:number|no\.?|id|card|beneficiary|identifier|#|claim)){{1,3}}{_LINK}"
    r"((?=[A-Z0-9 -]{0,6}\d)[A-Z0-9](?:[ -]?[A-Z0-9]){7,13})(?![\w-])",
    re.IGNORECASE,
)
_NHS_NAMED = re.compile(rf"\bnhs\b{_LINK}({_GROUPED}{{8,10}})(?!\d)", re.IGNORECASE)
_NHS = re.compile(r"(?<![\w.,+()-])\d{3}[ -]?\d{3}[ -]?\d{4}(?![\w-]|[.,]\d)")

_RECORD_NAMED = re.compile(
    r"\b(?:(?:mrn|medical record|patient record|health record|hospital|patient|chart|record|"
    r"member|membership|"
    r"subscriber|policy|insurance|medicaid|medi-cal|group|account|claim|beneficiary|passport|case|appeal|reference|"
    r"prescription|rx|"
    r"driver'?s? licen[cs]e|licen[cs]e|va file|chi|hospital number|unit)"
    r"(?: ?(?:number|num|no\b\.?|nr|id|identifier|identification|#|file)){1,3}|mrn|m\.r\.n\.|"
    r"pt id|mbr id)"
    r"(?:[ :#=.-]|\b(?:is|was|it's|mrn|number|no)\b){0,6}"
    r"((?=[A-Z-]{0,6}\d)[A-Z0-9](?:[-/ ]?[A-Z0-9]){2,19}?)(?=[\s.,;:!?)\]]|$)(?! ?\d)",
    re.IGNORECASE,
)

# Without "number" behind it: five digits or more, with letters and hyphens as offices write them
_RECORD_ALONE = re.compile(
    r"\b(?:medical record|patient record|health record|case|appeal|prescription|rx|ref)"
    r"(?:[ :#.-]|\b(?:is|was|no|nr)\b){1,4}"
    r"(?!NCT|PMC|PMID|ISRCTN|DOI)([A-Z]{0,4}-?\d(?:-?[A-Z0-9]){4,19})(?![\w-])",
    re.IGNORECASE,
)

_MONTH = (
    r"(?:jan(?:uary)?|feb(?:ruary)?|mar(?:ch)?|apr(?:il)?|may|june?|july?|aug(?:ust)?|"
    r"sept?(?:ember)?|"
    r"oct(?:ober)?|nov(?:ember)?|dec(?:ember)?|enero|febrero|marzo|abril|mayo|junio|julio|agosto|"
    r"septiembre|octubre|noviembre|diciembre)"
)
_DAY = r"\d{1,2}(?:st|nd|rd|th)?"
_YEAR = r"(?:'?\d{2}|(?:18|19|20)\d{2})"
_DATE = (
    rf"(?:(?:19|20)\d\d ?[-./ ] ?\d{{1,2}} ?[-./ ] ?\d{{1,2}}"
    rf"|\d{{1,2}} ?[-./ ] ?\d{{1,2}} ?[-./ ] ?{_YEAR}"
    rf"|{_MONTH}\.? (?:the )?{_DAY}(?:,? {{0,2}}(?:of )?{_YEAR})?"
    rf"|{_DAY} (?:of |de )?{_MONTH}\.?(?:,? {{0,2}}(?:of |de |del )?{_YEAR})?"
    rf"|\d{{1,2}}[-/ ]{_MONTH}[-/ ]{_YEAR}|\d{{6}}|\d{{8}}|\d{{1,2}} ?[-./] ?\d{{1,2}})"
)
_BIRTH = re.compile(
    r"\b(?:date of birth|birth ?date|d\.? ?o\.? ?b\.?|birth ?day|bday|b-day|born(?: on)?|"
    r"nacid[oa](?: el)?|"
    r"nac[ií](?: el)?|fecha de nacimiento|n[ée]e? le|geboren(?: am)?|cumplea[nñ]os)"
    r"(?:[ :=,.-]|\b(?:is|was|on|the|it's|es|el|that's|am|my|of|falls)\b|'s\b){0,6}"
    rf"({_DATE})(?!\d)",
    re.IGNORECASE,
)
_BIRTH_AFTER = re.compile(
    rf"\b({_DATE}) (?:is|was) (?:my|his|her) (?:birth ?day|birth ?date|dob)\b", re.I
)


def find_numbers(plain: str) -> list[Finding]:
    """Find numbers that stand for one person, by form, checksum or introduction."""
    found = [Finding(*match.span(), SSN, 2) for match in _SSN.finditer(plain)]
    found += _named(_SSN_NAMED, plain, SSN, 1) + _named(_UK_NI_NAMED, plain, SSN, 1)
    found += [Finding(*match.span(), SSN, 3) for match in _UK_NI.finditer(plain)]
    found += [
        Finding(*match.span(), CARD, 2) for match in _CARD.finditer(plain) if luhn(match.group())
    ]
    found += _named(_CARD_NAMED, plain, CARD, 1) + _named(_CVV, plain, CARD, 1)
    found += [Finding(*match.span(), MEDICARE, 2) for match in _MBI.finditer(plain)]
    found += _named(_MEDICARE_NAMED, plain, MEDICARE, 1) + _named(_NHS_NAMED, plain, NHS, 1)
    found += [
        Finding(*match.span(), NHS, 5)
        for match in _NHS.finditer(plain)
        if nhs_checksum(match.group())
    ]
    found += [Finding(*match.span(), MEDICARE, 2) for match in _MEDICARE_CARD.finditer(plain)]
    kinds = {"social": SSN, "medicare": MEDICARE, "nhs": NHS, "record": RECORD}
    found += [
        Finding(*match.span(1), kinds[str(match.lastgroup)], 1) for match in _IS_MY.finditer(plain)
    ]
    found += _named(_RECORD_NAMED, plain, RECORD, 2) + _named(_RECORD_ALONE, plain, RECORD, 2)
    return found + _named(_BIRTH, plain, BIRTH, 1) + _named(_BIRTH_AFTER, plain, BIRTH, 1)


def _named(pattern: re.Pattern[str], plain: str, kind: str, rank: int) -> list[Finding]:
    return [Finding(*match.span(1), kind, rank) for match in pattern.finditer(plain)]


def luhn(number: str) -> bool:
    """Say whether the digits of a card number (13 to 19) pass its checksum."""
    digits = [int(character) for character in number if character.isdigit()]
    if not 13 <= len(digits) <= 19 or len(set(digits)) == 1:
        return False
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
    return (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def nhs_checksum(number: str) -> bool:
    """Say whether the ten digits of an NHS number pass its checksum (modulus 11)."""
    digits = [int(character) for character in number if character.isdigit()]
    if len(digits) != 10 or len(set(digits)) == 1:
        return False
    check = (
        11
        - sum(weight * digit for weight, digit in zip(range(10, 1, -1), digits[:9], strict=True))
        % 11
    )
    return check % 11 == digits[9]
