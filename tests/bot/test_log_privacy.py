from __future__ import annotations

import io
import json
import logging
import warnings
from collections.abc import Iterator

import pytest

from components import log_privacy
from components.log_privacy import REPLACEMENT, private_text

TEXT = 'My name is "Ann", I feel Low'


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    factory, root = logging.getLogRecordFactory(), logging.getLogger()
    level = root.level
    root.setLevel(logging.DEBUG)
    log_privacy.install()
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    root.addHandler(handler)
    yield stream
    root.removeHandler(handler)
    logging.setLogRecordFactory(factory)
    logging.captureWarnings(False)
    root.setLevel(level)


def test_a_message_and_its_arguments(log: io.StringIO) -> None:
    with private_text(f"  {TEXT} "):
        logging.getLogger("anything").error("failed on %s", TEXT)
        logging.getLogger("anything").error(f"failed on {TEXT.lower()}")
        logging.getLogger("anything").error(json.dumps({"text": TEXT}))
        logging.getLogger("anything").error("failed on %r", {"text": TEXT})
    assert "Ann" not in log.getvalue()
    assert "ann" not in log.getvalue()
    assert log.getvalue().count(REPLACEMENT) == 4


def test_an_exception_that_carries_the_text(log: io.StringIO) -> None:
    with private_text(TEXT):
        try:
            raise ValueError(f"cannot read {TEXT}")
        except ValueError:
            logging.getLogger("anything").exception("failed")
    assert "Traceback" in log.getvalue()
    assert "Ann" not in log.getvalue()


def test_a_warning(log: io.StringIO) -> None:
    with private_text(TEXT), warnings.catch_warnings():
        warnings.simplefilter("always")
        logging.captureWarnings(True)
        warnings.warn(f"parsed {TEXT}", UserWarning, stacklevel=1)
    assert "UserWarning" in log.getvalue()
    assert "Ann" not in log.getvalue()


def test_other_records_are_left_alone(log: io.StringIO) -> None:
    with private_text("yes"):  # too short to tell anything
        logging.getLogger("anything").error("answered yes, %d times", 3)
    logging.getLogger("anything").error("failed on %s", TEXT)
    assert log.getvalue() == f"answered yes, 3 times\nfailed on {TEXT}\n"


def test_installed_once(log: io.StringIO) -> None:
    factory = logging.getLogRecordFactory()
    log_privacy.install()
    assert logging.getLogRecordFactory() is factory
