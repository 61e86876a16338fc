"""The list of conversations as a page."""

from __future__ import annotations

import html
import re

import pytest

from helpline.staff import inbox, words
from helpline.staff.filters import Filters
from tests.staff.conftest import StartStaff, add_people
from tests.staff.running import Browser, StaffProcess, rows_of, text_of


@pytest.mark.parametrize(
    "filters",
    [
        Filters(),
        Filters(kind="clarify"),
        Filters(flag="handoff", below=70),
        Filters(topic="what_is_spms"),
        Filters(state="new"),
    ],
)
def test_the_page_shows_the_rows_of_the_list(
    console: StaffProcess, rita: Browser, filters: Filters
) -> None:
    page = rita.get(f"/conversations{filters.query()}")
    assert page.status_code == 200
    wanted = console.store.read_now(inbox.list_page, filters).rows
    assert rows_of(page) == [row.public_id for row in wanted]
    assert wanted
    shown = text_of(page)
    for row in wanted[:5]:
        assert html.escape(row.first_text or "", quote=True) in shown
        assert words.moment(row.started_at) in shown
        assert words.percent(row.lowest_confidence) in shown
        for flag in row.flags:
            assert words.flag_label(flag) in shown


def test_the_form_keeps_what_was_chosen(rita: Browser) -> None:
    page = rita.get("/conversations?from=2026-10-01&topic=diagnosis&below=50&kind=answer").text
    assert re.search(r'name="from"[^>]*value="2026-10-01"', page)
    assert re.search(r'name="below"[^>]*value="50"', page)
    assert '<option value="diagnosis" selected>' in page
    assert '<option value="answer" selected>' in page
    assert "(4 set)" in page
    assert "<details open>" in page


def test_a_topic_that_is_gone_stays_selected(rita: Browser) -> None:
    page = rita.get("/conversations?topic=old_topic").text
    assert '<option value="old_topic" selected>Old topic (no longer a topic)</option>' in page
    assert "No conversation fits" in page


def test_a_wrong_filter_is_explained_beside_its_field(rita: Browser) -> None:
    answer = rita.get("/conversations?below=lots&from=2026-10-01")
    assert answer.status_code == 400
    assert 'id="below-error">Write a whole number from 1 to 100.' in answer.text
    assert 'aria-describedby="below-error"' in answer.text
    assert re.search(r'name="below"[^>]*value="lots"', answer.text)
    assert re.search(r'name="from"[^>]*value="2026-10-01"', answer.text)
    assert rows_of(answer) == []


def test_links_lead_to_older_and_newer_pages(console: StaffProcess, rita: Browser) -> None:
    first = rita.get("/conversations")
    ids = rows_of(first)
    assert len(ids) == inbox.PAGE_SIZE
    older = re.search(r'href="(/conversations\?older=\d+)"', first.text)
    assert older is not None
    assert ">Newer<" not in first.text
    second = rita.get(older[1])
    assert rows_of(second)
    assert not set(rows_of(second)) & set(ids)
    newer = re.search(r'href="(/conversations\?newer=\d+)"', second.text)
    assert newer is not None
    assert rows_of(rita.get(newer[1])) == ids
    filtered = rita.get("/conversations?kind=answer")
    assert re.search(r'href="/conversations\?kind=answer&amp;older=\d+"', filtered.text)


def test_an_empty_store_says_so(staff_with: StartStaff, password_hash: str) -> None:
    console = staff_with()
    console.store.write_now(add_people, password_hash)
    browser = console.browser().sign_in("rita")
    assert "There is no conversation yet" in text_of(browser.get("/conversations"))
