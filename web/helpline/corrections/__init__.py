"""Corrections: from what staff say of a message to lines in the training data or the tests."""
