"""Tests of the chat process, the store and privacy."""
