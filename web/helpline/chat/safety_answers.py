"""Which written answer fits an alarm best: some have one of their own beside that of their kind.

`data/responses/safety.yml` holds them all. Where nothing special is known the answer of the kind
is given, which is right for everybody.
"""

from __future__ import annotations

import re

# Rules of `data/safety/` with an answer of their own.
_OF_RULE = {
    "overdose or poison": "utter_emergency_overdose",
    "neglect": "utter_abuse_older_or_disabled",
}

_FORCES = r"army|navy|marines?|marine corps|air force|coast guard|national guard|military"
_VETERAN = re.compile(
    rf"""\b(?:
        veterans? | (?:war|combat|army|navy|marine|vietnam|gulf\ war|iraq|disabled)\ vets? |
        (?:i'?m|i\ am|he'?s|he\ is|she'?s|she\ is|husband\ is|wife\ is|son\ is|dad\ is)\ a\ vet |
        service\ ?(?:member|man|woman) | active[\ -]duty |
        (?:served|serving|serve|was|been|years|enlisted)\ in\ the\ (?:us\ |u\.s\.\ )?(?:{_FORCES}) |
        (?:left|leaving|after|out\ of)\ the\ (?:{_FORCES}) |
        (?:ex|former)[\ -](?:{_FORCES}|soldier) |
        the\ va | va\ (?:hospital|clinic|doctor|doctors|benefits|care|nurse)
    )\b""",
    re.VERBOSE,
)
_NO_VETERAN = re.compile(r"\b(?:not|never|isn'?t|wasn'?t|no)\ (?:a\ |an\ |been\ a\ )?veterans?\b")
_OLDER_OR_IN_CARE = re.compile(
    r"""\b(?:
        elderly | elder\ abuse | nursing\ home | care\ home | group\ home | assisted\ living |
        long[\ -]term\ care | home\ health\ aide | (?:my|his|her|their)\ (?:aide|paid\ carer) |
        (?:grand(?:mother|father|ma|pa|mom|dad)|nana)
    )\b""",
    re.VERBOSE,
)


def answer_name(kind: str, rule: str | None, text: str) -> str:
    """Return the name of the answer to an alarm.

    Args:
        kind: crisis, emergency or abuse.
        rule: the gate's rule; None where only the bot's model raised the alarm.
        text: what the visitor wrote, redacted.
    """
    said = " ".join(text.lower().replace("’", "'").split())
    if kind == "crisis" and _VETERAN.search(said) and not _NO_VETERAN.search(said):
        return "utter_crisis_veteran"
    if kind == "abuse" and _OLDER_OR_IN_CARE.search(said):
        return "utter_abuse_older_or_disabled"
    special = _OF_RULE.get(rule or "", "")
    return special if special.startswith(f"utter_{kind}_") else f"utter_{kind}"
