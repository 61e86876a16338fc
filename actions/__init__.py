"""Custom actions: only what has to be computed. Everything else is a response in `data/responses/`.

One file per family. What is said is decided by pure functions on the conversation so far; the
action classes at the end of each file only carry it to Rasa.
"""
