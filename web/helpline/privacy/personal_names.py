"""Names that people introduce themselves or those near them with."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import Path

from helpline.privacy.personal_texts import Finding

NAME = "name"
_WORDS = Path(__file__).resolve().parent / "words"

_PART = r"[^\W\d_](?:[^\W\d_]|['.-](?=[^\W\d_])){0,24}"
_PARTS = rf"(?P<name>{_PART}\.?(?: {{1,2}}(?:[a-z]\. )?{_PART}){{0,4}})"
_TITLE = r"(?:(?:dr|doctor|prof|professor|nurse|mrs?|ms|miss|mx|rev|reverend)\.? )"
_SAID = re.compile(
    r"\b(?P<lead>my (?:full |real |first |given )?)?(?:name(?:'s| is| was|:| =| -| on (?:it|"
    r"the card)(?: is)?)|names are|calls? me|called|named|known as|go(?:es)? by(?: the name(?: "
    r"of)?)?|me llamo|"
    r"mi nombre es|je m'appelle|mon nom est|ich hei(?:ß|ss)e|mein name ist|mi chiamo|meu nome "
    r"é|signed,?|"
    r"under the name(?: of)?|"
    rf"sincerely,?|(?:kind |best |warm )?(?:regards|wishes),?|yours,?|cheers,?)(?: (?:is|"
    rf"actually|just))?[ :,-]{{1,3}}\n?{_TITLE}?{_PARTS}",
    re.IGNORECASE,
)
_FIRST_LAST = re.compile(
    rf"\b(?:first|last|given|family|middle|maiden|sur) ?name(?: is|'s|:| =)? {{0,2}}({_PART})",
    re.IGNORECASE,
)
_I_AM = re.compile(
    rf"(?:\bi'?m|\bi am|\bthis is|\bit's|\bit is|\bim|\bhere is|\byo soy|\bsoy|\bje suis|\bich "
    rf"bin) {_PARTS}",
    re.IGNORECASE,
)
_HERE = re.compile(
    rf"(?:^|[.!?,\n] ?|\bhi,? |\bhello,? )(?P<name>{_PART}(?: {_PART})?) here\b", re.IGNORECASE
)
_TURNED = re.compile(
    rf"(?:^|[.!?,\n] ?|\bhi,? |\bhello,? )(?P<name>{_PART}(?: {_PART}){{0,2}}) "
    r"(?:is my name|speaking)\b",
    re.IGNORECASE,
)
_CALL = re.compile(
    rf"\b(?:call|text|phone|ring|reach|contact|ask for|speak to|email|write to) "
    rf"(?P<name>{_PART}(?: {_PART})?) (?:at|on|under|in)\b",
    re.IGNORECASE,
)
_RELATIVE = re.compile(
    r"\b(?:my|our|his|her) (?:[a-z]+ )?(?:husband|wife|partner|son|daughter|mother|father|mom|"
    r"mum|dad|sister|brother|"
    r"friend|boyfriend|girlfriend|fianc[ée]e?|aunt|uncle|cousin|grandmother|grandfather|"
    r"caregiver|carer|neighbou?r|daughters|sons|twins|spouse|niece|nephew|neurologist|doctor|gp|"
    r"nurse|aide|therapist|physio|boss|landlord|roommate|grand(?:ma|pa|son|daughter)),? "
    r"(?:is (?:called |named )?|called |named |,)?"
    rf"(?P<title>{_TITLE})?{_PARTS}",
    re.IGNORECASE,
)
_INTRODUCES = r"(?:\bi'?m|\bi am|\bthis is|\bit's|\bit is|\bhere is)"
_TITLED_SELF = re.compile(rf"{_INTRODUCES} (?:mrs?|miss|mx|ms\.|dr)\.? {_PARTS}", re.IGNORECASE)
# Words that are no title as often: "this is nurse led", "it's doctor approved"
_TRADE_SELF = re.compile(
    rf"{_INTRODUCES} (?:doctor|prof\.?|professor|nurse|rev\.?|reverend) {_PARTS}", re.IGNORECASE
)
_NURSE = re.compile(rf"\bnurse {_PARTS}", re.IGNORECASE)
_CLOSING = re.compile(
    r"(?:\bthanks?(?: you)?(?: (?:so|very) much)?|\b(?:best|love|bye|cheers|take care)|\bx{1,3})"
    rf"[!.]? ?[,\n–—-]{{1,2}} ?(?P<name>{_PART}(?: {_PART})?)[.! ]*$",
    re.IGNORECASE,
)
_SURNAME_MARK = re.compile(r"(?:o'|d'|mc|mac|ben-|al-|el-)[a-z]{4,}", re.IGNORECASE)
_TITLED = re.compile(rf"\b(?:Mr|Mrs|Ms|Miss|Mx)\.? ([A-Z]{_PART}(?: [A-Z]{_PART})?)")
# A name ends before these, however it is written.
_AFTER = frozenset(
    "and but i im i'm my me with please from email mail phone born living live i've i'd who "
    "which that the a an "
    "is was am are have has had in at of on for to so because or if as by not here there can "
    "could would you your "
    "diagnosed aged age we our us just also now where what how thanks thank spms ms tel cell "
    "call y pero tengo con "
    "vivo et j'ai und ich mit e ho it he she they his her their this dob ssn mrn address "
    "number do does did will "
    "up out about need want looking asking calling writing wondering speaking "
    "mr mrs miss mx dr prof professor doctor nurse rev reverend".split()
)
# "The trial's name is CHARIOT": what else has a name.
_THINGS = frozenset(
    "the its it it's drug drugs medicine medication brand generic trade trial trials study disease "
    "a is was are been so".split()
)
# Given names that begin a sentence's verb as often: "my mother May be moving".
_ALSO_VERBS = frozenset("may will mark hope grant rob sue drew bill page rose dawn".split())
_NOT_A_NAME = frozenset(
    "misspelled mispelled misspelt mistyped unusual foreign changed different "
    "not on in the being spelled spelt wrong still already missing below a an listed "
    "irrelevant private confidential "
    "unimportant important none nobody no secret known crazy lucky old lazy stupid back later "
    "when tomorrow today "
    "anytime maybe your his her it that this what to for of mud dirt cheers regards sincerely "
    "truly faithfully "
    "curious called something anonymous silly names whatever anything ishmael doctor "
    "navigator google monday tuesday wednesday thursday friday saturday sunday weekdays "
    "weekends".split()
)


@lru_cache(maxsize=2)
def _words(name: str) -> frozenset[str]:
    lines = (_WORDS / name).read_text(encoding="utf-8").splitlines()
    return frozenset(line for line in lines if line and not line.startswith("#"))


def find_names(plain: str) -> list[Finding]:
    """Find names that are said to be one ("my name is ...") or stand where people put theirs."""
    found: list[Finding] = []
    for match in _SAID.finditer(plain):
        found += _said(match)
    for match in _FIRST_LAST.finditer(plain):
        if match[1].lower() not in _NOT_A_NAME and match[1].lower() not in _AFTER:
            found.append(Finding(*match.span(1), NAME, 4))
    for pattern in (_I_AM, _HERE, _CALL):
        for match in pattern.finditer(plain):
            found += _likely(match)
    for pattern in (_RELATIVE, _CLOSING, _TURNED, _TRADE_SELF):
        for match in pattern.finditer(plain):
            found += _likely(match, expected=True)
    for match in _TITLED_SELF.finditer(plain):
        found += _titled(match)
    for match in _RELATIVE.finditer(plain):
        if match["title"]:
            found += _titled(match, common=False)
    for match in _NURSE.finditer(plain):
        if match["name"].split()[0].lower() in _words("given_names.txt"):
            found += _likely(match)
    found += [Finding(*match.span(1), NAME, 4) for match in _TITLED.finditer(plain)]
    return found


def _said(match: re.Match[str]) -> list[Finding]:
    """The name after "my name is": anything that is no stop word, capitals or not."""
    closing = (
        match.group()
        .lower()
        .startswith(
            ("signed", "sincer", "regards", "kind", "best", "warm", "wishes", "yours", "cheers")
        )
    )
    words: list[re.Match[str]] = []
    given = _words("given_names.txt")
    before = match.string[max(0, match.start() - 20) : match.start()].lower().rsplit(None, 1)[-1:]
    is_of_a_thing = not match["lead"] and before and before[0].removesuffix("'s") in _THINGS
    introduced = bool(match["lead"]) or re.match(r"name's|calls? me", match[0], re.IGNORECASE)
    for word in re.finditer(r"\S+", match["name"]):
        lowered = word.group().lower().rstrip(".'-")
        if lowered in _AFTER or (not words and lowered in _NOT_A_NAME):
            break
        common = lowered in _words("not_names.txt")
        if not words and (
            (common and not (introduced and (match["lead"] or word.group()[0].isupper())))
            or (is_of_a_thing and lowered not in given)
        ):
            break
        if words and common and not word.group()[0].isupper():
            break
        if closing and not (word.group()[0].isupper() or lowered in given):
            break
        words.append(word)
        if len(words) == 4:
            break
    return _span(match.start("name"), words)


def _words_of_a_name(match: re.Match[str]) -> list[re.Match[str]]:
    """The words that go together as a name, up to the first that ends one."""
    words: list[re.Match[str]] = []
    for word in re.finditer(r"\S+", match["name"]):
        text, lowered = word.group(), word.group().lower().rstrip(".'-")
        if lowered in _AFTER or len(words) == 4:
            break
        if not words:
            words.append(word)
        elif text[0].isupper() or (
            lowered not in _words("not_names.txt")
            and words[0].group()[0].islower()
            and len(words) < 2
        ):
            words.append(word)
        else:
            break
    return words


def _titled(match: re.Match[str], *, common: bool = True) -> list[Finding]:
    """The name behind a title, in capital letters or not.

    Args:
        match: its group `name` stands behind the title.
        common: whether a word that is none elsewhere is one here ("this is Mrs Rice").
    """
    words = _words_of_a_name(match)
    first = words[0].group().lower() if words else ""
    if not common and (first in _words("not_names.txt") or first in _NOT_A_NAME):
        return []
    return _span(match.start("name"), words)


def _likely(match: re.Match[str], *, expected: bool = False) -> list[Finding]:
    """A name after "I'm" or "my wife": a known given name, or capital letters and no common word.

    Args:
        match: its group `name` holds what may be a name.
        expected: whether one capital letter is enough, because names usually stand there.
    """
    words = _words_of_a_name(match)
    if not words:
        return []
    first = words[0].group().rstrip(".'-")
    second_is_capital = len(words) > 1 and words[1].group()[0].isupper()
    given = first.lower() in _words("given_names.txt") and (
        first.lower() not in _ALSO_VERBS or second_is_capital
    )
    common = first.lower() in _words("not_names.txt")
    capital = first[0].isupper() and not first.isupper()
    if given and (capital or first.isupper() or not common):
        return _span(match.start("name"), words)
    if _SURNAME_MARK.fullmatch(first) and not common:
        return _span(match.start("name"), words)
    if capital and not common and (second_is_capital or expected):
        return _span(match.start("name"), words)
    return []


def _span(offset: int, words: list[re.Match[str]]) -> list[Finding]:
    if not words:
        return []
    end = words[-1].end()
    ends_with_stop = words[-1].group().endswith((".", "-", "'"))
    return [Finding(offset + words[0].start(), offset + end - ends_with_stop, NAME, 4)]
