"""What the helpline says and where it comes from.

Reads `knowledge/` (facts, treatments, topics, contacts) and `data/responses/` (answers), and builds
the message that a visitor sees. The bot, its actions and the website all use this package, each in
an environment of its own, so it needs nothing but PyYAML.
"""
