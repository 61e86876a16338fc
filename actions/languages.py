"""Which language a message is in, where it was not understood as English."""

from __future__ import annotations

import functools

from py3langid.langid import MODEL_FILE, LanguageIdentifier

from content.context_words import load_context_words

# Those that data/responses/languages.yml has words in
WRITTEN = ("es", "fr", "de", "pt", "it")
ENGLISH = "en"
# Short messages and names of medicines look like anything; below these the guess is not used.
LOWEST_PROBABILITY = 0.9
FEWEST_WORDS = 3
LATIN_ENDS = 0x24F


def other_language(text: str) -> str | None:
    """Return the response for a message in another language, None for English or no telling.

    A message mostly in other letters than Latin gets the response in several languages.
    """
    letters = [letter for letter in text if letter.isalpha()]
    if letters and sum(ord(letter) > LATIN_ENDS for letter in letters) > len(letters) / 2:
        return "utter_other_language"
    if named := load_context_words().language_named(text):
        return f"utter_other_language_{named}"
    if len(text.split()) < FEWEST_WORDS:
        return None
    language, probability = _identifier().classify(text)
    if language == ENGLISH or probability < LOWEST_PROBABILITY:
        return None
    # One name (Sjögren, Behçet) is enough to sway it: what is left without names must agree
    plain = " ".join(word for word in text.split() if not word[:1].isupper())
    if _identifier().classify(plain)[0] != language:
        return None
    return f"utter_other_language_{language}"


@functools.cache
def _identifier() -> LanguageIdentifier:
    identifier = LanguageIdentifier.from_pickled_model(MODEL_FILE, norm_probs=True)
    identifier.set_languages([ENGLISH, *WRITTEN])
    return identifier
