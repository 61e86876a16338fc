"""Street addresses of several countries, with town and postcode where they follow."""

from __future__ import annotations

import re

from helpline.privacy.personal_texts import Finding

ADDRESS = "street address"

_SURE_KINDS = (
    "street|avenue|ave|boulevard|blvd|lane|crescent|cres|terrace|parkway|pkwy|highway|hwy|"
    "close|gardens|grove|mews|turnpike|trail|expressway|alley|esplanade|strasse|straße|"
    "gasse|platz"
)
_OTHER_KINDS = (
    "st|road|rd|ln|drive|dr|court|ct|way|place|pl|square|sq|circle|cir|row|walk|path|loop|run|"
    "ridge|"
    "park|hill|rise|view|green|quay|wharf|broadway|plaza|point|ter|trl|bend|crossing|commons"
)
_WORD = r"[a-z][\w'.-]{0,24}"
_NUMBER = r"\d{1,5}(?:[a-d]\b|-\d{1,4}|/\d{1,3}|½)?"
_ORDINAL = r"\d{1,3}(?:st|nd|rd|th)"
_COMPASS = r"(?:[ns]\.?[ew]?\.?|[ew]\.?|north|south|east|west)"
_FLAT = (
    r"(?:,? {0,2}(?:apt|apartment|unit|suite|ste|flat|room|rm|floor|fl|lot|bldg|building|#)\.? ?#?"
    r"[\w-]{1,6})"
)
_STATE = (
    r"(?:A[LKZR]|C[AOT]|D[CE]|FL|GA|HI|I[ADLN]|K[SY]|LA|M[ADEINOST]|N[CDEHJMVY]|O[HKR]|PA|PR|"
    r"RI|S[CD]|"
    r"T[NX]|UT|V[AT]|W[AIVY]|ON|QC|BC|AB|MB|SK|NS|NB|NL|PE|NSW|VIC|QLD|TAS|ACT)"
)
_ZIP = r"\d{5}(?:-\d{4})?"
_UK_POSTCODE = r"[A-Z]{1,2}\d[A-Z\d]? ?\d[ABD-HJLNP-UW-Z]{2}"
_POSTCODE = rf"(?:{_ZIP}|{_UK_POSTCODE}|[A-Z]\d[A-Z] ?\d[A-Z]\d|\d{{4}} ?[A-Z]{{2}}|\d{{4,5}})"
_TOWN = (
    rf"(?:,? {{0,2}}(?:{_WORD} ?){{1,3}},? {{0,2}}(?:{_STATE}\b\.?,? ?)?{_POSTCODE}(?![\w-])"
    rf"|, ?\d{{4,5}} {_WORD})"
)

_STREET = re.compile(
    rf"(?<![\w.,$/#-])(?:(?:flat|apt|unit|apartment) [\w-]{{1,5}},? )?(?P<number>{_NUMBER}),? "
    rf"(?:{_COMPASS} )?"
    rf"(?P<name>(?:{_ORDINAL}|{_WORD})(?: {_WORD}){{0,3}}?) "
    rf"(?:(?P<sure>{_SURE_KINDS})|(?P<other>{_OTHER_KINDS}))\b\.?"
    rf"(?! (?:{_SURE_KINDS}|{_OTHER_KINDS})\b)"  # "Harbor View Drive"
    rf"(?: {_COMPASS}\b\.?)?(?P<flat>{_FLAT})?(?P<town>{_TOWN})?",
    re.IGNORECASE,
)
_NUMBER_WORD = (
    r"(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|"
    r"sixteen|seventeen|eighteen|nineteen|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|"
    r"hundred|oh)"
)
_SPOKEN_STREET = re.compile(
    rf"\b{_NUMBER_WORD}(?:[ -]{_NUMBER_WORD}){{0,4}} (?P<name>{_WORD}(?: {_WORD}){{0,2}}?) "
    rf"(?:{_SURE_KINDS}|road|drive|court|place|way)\b",
    re.IGNORECASE,
)
_COUNTY_ROAD = re.compile(
    r"\b\d{1,5} (?:county|state|rural|farm) (?:road|route|highway) \d{1,4}\b", re.IGNORECASE
)
_NUMBERED_AVENUE = re.compile(
    rf"(?<![\w.,$/#-])\d{{1,5}} (?:{_COMPASS} )?{_ORDINAL} (?:st|street|ave|avenue|rd|road|pl|"
    rf"ct|dr)\b\.?"
    rf"(?: {_COMPASS}\b)?{_FLAT}?{_TOWN}?",
    re.IGNORECASE,
)
_BOX = re.compile(rf"\bp\.? ?o\.? ?box \d{{1,7}}{_TOWN}?", re.IGNORECASE)
_ROUTE = re.compile(
    rf"\b(?:rr|rural route|county road|route|hwy|highway) \d{{1,4}},? box \d{{1,6}}{_TOWN}?", re.I
)
_ABROAD = re.compile(
    r"(?<!\w)(?:c/ ?|calle |avenida |avda?\.? |plaza |paseo |carrer |via |viale |piazza |corso "
    r"|rua |travessa )"
    rf"{_WORD}(?: {_WORD}){{0,4}}?,? (?:n[º°o]\.? ?|número |num\.? )?\d{{1,5}}[a-z]?\b{_TOWN}?"
    rf"|(?<!\w)\d{{1,5}},? (?:bis |ter )?(?:rue|avenue|boulevard|place|chemin|allée|impasse|"
    rf"quai|cours) "
    rf"(?:de la |de l'|de |du |des |d')?{_WORD}(?: {_WORD}){{0,3}}?(?:,? \d{{5}} {_WORD}|"
    rf"(?=[.,;!?\n]|$))(?!\w)"
    r"|(?<!\w)[a-zäöüß-]{3,24}(?:straße|strasse|str\.|weg|platz|allee|gasse|laan|straat|gade|"
    r"gatan|vägen) "
    rf"\d{{1,4}}[a-z]?(?:,? \d{{4,5}} {_WORD})?(?!\w)",
    re.IGNORECASE,
)
_TOWN_STATE_ZIP = re.compile(
    rf"(?<!\w)(?:[A-Z][a-z]{{2,20}} ?){{1,3}},? {_STATE},? {_ZIP}(?![\w-])"
)
_POSTCODE_ALONE = re.compile(rf"(?<![\w.-]){_UK_POSTCODE.replace(' ?', ' ')}(?![\w-])")
_POSTCODE_NAMED = re.compile(
    rf"\b(?:zip(?: ?code)?|post ?code|postal code)[ :#]{{0,3}}(?:is |of )?({_POSTCODE}|"
    rf"{_UK_POSTCODE})(?!\w)",
    re.IGNORECASE,
)
# A postcode alone is that of thousands of people, unless somebody says that it is theirs. Full
# British and Canadian ones and ZIP+4 stand for a few doors.
_OWN = re.compile(r"\b(?:i|i'm|im|we|we're|my|our|me|us)\b[^.!?\n]{0,24}$", re.IGNORECASE)
_OF_FEW_DOORS = re.compile(
    rf"{_UK_POSTCODE}|[A-Z]\d[A-Z] ?\d[A-Z]\d|\d{{5}}-\d{{4}}", re.IGNORECASE
)
_AT_HOME = re.compile(
    r"\b(?:live|lives|living|reside|address|home|house|deliver|delivered|send|mail|ship|"
    r"located|moved|visit|"
    r"come|pick|at|stay|staying|apartment|is|number)\b[^.!?\n]{0,24}$",
    re.IGNORECASE,
)
_UNITS = frozenset(
    "mg ml mcg g kg mile miles minute minutes min mins hour hours hr hrs day days week weeks "
    "month months year years "
    "yr yrs km meter meters metre metres feet foot ft yards block blocks step steps percent "
    "people patients times time "
    "ways the of in a an".split()
)
_NO_STREET_NAMES = _UNITS | frozenset(
    "on at to for and or my his her our your their this that these those it is are was with "
    "from by "
    "good best better great easy easier long longer short shorter first second third last next "
    "other more less few "
    "different way ways new old big small main kinds types parts things reasons questions "
    "trials studies drugs "
    "relapses lesions flights hundred thousand million each every per about only out "
    "up down off back away".split()
)


def find_addresses(plain: str) -> list[Finding]:
    """Find street addresses, post boxes, and postcodes that are introduced or unmistakable."""
    found = [
        Finding(match.start(), match.end(), ADDRESS, 3)
        for match in _STREET.finditer(plain)
        if _is_street(match, plain)
    ]
    found += [
        Finding(match.start(), match.end(), ADDRESS, 3)
        for match in _SPOKEN_STREET.finditer(plain)
        if not _NO_STREET_NAMES & set(match["name"].lower().split())
        and _AT_HOME.search(plain, max(0, match.start() - 40), match.start())
    ]
    for pattern in (
        _NUMBERED_AVENUE,
        _COUNTY_ROAD,
        _BOX,
        _ROUTE,
        _ABROAD,
        _TOWN_STATE_ZIP,
        _POSTCODE_ALONE,
    ):
        found += [
            Finding(match.start(), match.end(), ADDRESS, 3)
            for match in pattern.finditer(plain)
            if (pattern is not _ABROAD or _is_abroad(match.group()))
            and (pattern is not _TOWN_STATE_ZIP or _is_own(match.group(), match.start(), plain))
        ]
    found += [
        Finding(*match.span(1), ADDRESS, 3)
        for match in _POSTCODE_NAMED.finditer(plain)
        if _is_own(match[1], match.start(), plain)
    ]
    return found


def _is_own(postcode: str, start: int, plain: str) -> bool:
    """Whether a postcode says where somebody lives: by its kind, or by the words before it."""
    few_doors = _OF_FEW_DOORS.search(postcode)
    return bool(few_doors or _OWN.search(plain, max(0, start - 40), start))


def _is_street(match: re.Match[str], plain: str) -> bool:
    names = match["name"].split()
    if names == ["The"] and match["sure"] and match["sure"][0].isupper():
        return True  # "9 The Crescent"
    if any(
        name.lower().strip(".") in (_UNITS if name[0].isupper() else _NO_STREET_NAMES)
        for name in names
    ):
        return False
    if match["sure"] or match["flat"] or match["town"]:
        return True
    if all(name[0].isupper() or name[0].isdigit() for name in names):
        return True
    return _AT_HOME.search(plain, max(0, match.start() - 40), match.start()) is not None


def _is_abroad(text: str) -> bool:
    words = text.lower().replace(",", " ").split()
    return not any(word in ("minutes", "hours", "mg", "days", "trials") for word in words)
