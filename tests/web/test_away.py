"""What nginx shows while no chat process answers is what the chat process would say."""

from __future__ import annotations

import json
from pathlib import Path

from content.contacts import LAST_RESORT
from helpline.chat import problems

NGINX = Path(__file__).resolve().parents[2] / "deploy" / "nginx"


def test_the_document_is_the_problem_of_the_api() -> None:
    written = problems.problem_response(problems.unavailable()).body
    assert written is not None
    assert json.loads((NGINX / "away.json").read_text("utf-8")) == json.loads(written)


def test_the_page_has_every_way_to_reach_somebody() -> None:
    page = (NGINX / "away.html").read_text("utf-8")
    phone = LAST_RESORT.phone
    assert phone is not None
    assert f'"tel:+{phone.replace("-", "")}">{phone}</a>' in page
    assert f'href="{LAST_RESORT.url}"' in page
    for number in ("911", "988"):
        assert f'href="tel:{number}"' in page
