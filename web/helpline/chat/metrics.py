"""Counters and clocks for Prometheus. No label holds what a visitor wrote, or who wrote it."""

from __future__ import annotations

from collections.abc import Callable

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.exposition import CONTENT_TYPE_LATEST

CONTENT_TYPE = CONTENT_TYPE_LATEST
_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)


class Metrics:
    """The numbers of one chat process."""

    def __init__(self) -> None:
        """Make a registry of our own, so that one process can hold several apps (tests do)."""
        own = self.registry = CollectorRegistry()
        self.requests = Counter(
            "helpline_http_requests", "Requests", ["route", "status"], registry=own
        )
        self.request_seconds = Histogram(
            "helpline_http_request_seconds",
            "Time to answer a request",
            ["route"],
            buckets=_SECONDS,
            registry=own,
        )
        self.answers = Counter(
            "helpline_answers",
            "Answers by kind of first message",
            ["kind"],
            registry=own,
        )
        self.messages = Counter("helpline_messages", "Messages of visitors", ["way"], registry=own)
        self.stage_seconds = Histogram(
            "helpline_stage_seconds",
            "Time a message spent in each stage",
            ["stage"],
            buckets=_SECONDS,
            registry=own,
        )
        self.bot_errors = Counter(
            "helpline_bot_errors", "Answers the bot did not give", ["reason"], registry=own
        )
        self.flags = Counter("helpline_flags", "Flagged turns", ["flag"], registry=own)
        self.redacted = Counter(
            "helpline_redacted", "Messages with personal data left out", ["kind"], registry=own
        )
        self.limited = Counter("helpline_rate_limited", "Requests refused", ["limit"], registry=own)
        self.erased = Counter(
            "helpline_erased_conversations", "Conversations erased by visitors", registry=own
        )
        self.store_errors = Counter(
            "helpline_store_errors", "Turns that the store failed", registry=own
        )
        self.late = Counter(
            "helpline_late_answers", "Turns that took too long for the visitor", registry=own
        )
        self.duty_notices = Counter(
            "helpline_duty_notices",
            "Attempts to tell the person on duty",
            ["channel", "outcome"],
            registry=own,
        )
        self.answers_stopped = Gauge(
            "helpline_answers_stopped", "1 while staff stopped the bot's answers", registry=own
        )
        self.bot_ready = Gauge("helpline_bot_ready", "1 while the bot can answer", registry=own)

    def watch_pool(self, in_use: Callable[[], int], size: int) -> None:
        """Tell of the pool of connections to the database, at every look.

        Args:
            in_use: returns how many connections are in use.
            size: the most there can be.
        """
        connections = Gauge(
            "helpline_store_connections",
            "Connections to the store",
            ["state"],
            registry=self.registry,
        )
        connections.labels("in use").set_function(in_use)
        connections.labels("most").set(size)

    def watch_redis(self, away: Callable[[], bool]) -> None:
        """Tell at every look whether limits are counted by each process, Redis being away."""
        gauge = Gauge("helpline_redis_away", "1 while Redis is away", registry=self.registry)
        gauge.set_function(lambda: float(away()))

    def exposition(self) -> bytes:
        """Return all numbers in Prometheus' text format."""
        return generate_latest(self.registry)
