"""The staff console: real processes, real pages, a store filled by tests/factories.py."""
