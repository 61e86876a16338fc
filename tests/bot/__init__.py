"""Tests of the bot: run with the bot's environment."""
