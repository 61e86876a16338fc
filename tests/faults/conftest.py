"""Helplines for the faults, started once for the tests that can share one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from bench.scale.stack import Scaled, Small


@pytest.fixture(scope="session")
def shared_small() -> Iterator[Small]:
    with Small() as stack:
        yield stack


@pytest.fixture
def small(shared_small: Small) -> Small:
    """`make run`, ready; what a test broke it has put right."""
    shared_small.wait_ready()
    return shared_small


@pytest.fixture(scope="session")
def shared_scaled() -> Iterator[Scaled]:
    with Scaled() as stack:
        yield stack


@pytest.fixture
def scaled(shared_scaled: Scaled) -> Scaled:
    """Two chat and two bot processes behind nginx, with PostgreSQL and Redis, ready."""
    shared_scaled.wait_ready()
    return shared_scaled
