"""Tags: put on, taken off, filtered by."""

from __future__ import annotations

import pytest

from helpline.staff import tags
from helpline.staff.tags import TagError
from tests.staff.conversations import add_conversation, entries
from tests.staff.running import Browser, StaffProcess, rows_of, text_of


def test_a_tag_is_put_on_found_and_taken_off(
    console: StaffProcess, rita: Browser, lena: Browser
) -> None:
    public_id = add_conversation(console)
    here = f"/conversations/{public_id}"
    answer = rita.post(f"{here}/tags?queue=unreviewed", {"tag": "  Good   Wording "})
    assert answer.headers["location"] == f"{here}?queue=unreviewed&done=tagged#tags"
    rita.post(f"{here}/tags", {"tag": "good wording"})
    assert lena.get(here).text.count('name="remove" value="good wording"') == 1
    listed = lena.get("/conversations?tag=good+wording")
    assert rows_of(listed) == [public_id]
    assert "Tags: good wording" in text_of(listed)
    assert '<option value="good wording"></option>' in lena.get(here).text
    assert entries(console, public_id).count(("rita", "conversation.tagged")) == 1

    assert lena.post(f"{here}/tags", {"remove": "good wording"}).status_code == 303
    lena.post(f"{here}/tags", {"remove": "never put on"})
    assert rows_of(lena.get("/conversations?tag=good+wording")) == []
    assert entries(console, public_id).count(("lena", "conversation.tagged")) == 1


@pytest.mark.parametrize("typed", ["", " ", "x", "1st", "a_b", "<b>", "a" * 41])
def test_what_is_no_tag_is_refused(typed: str) -> None:
    with pytest.raises(TagError, match="2 to 40 letters"):
        tags.clean_name(typed)


def test_a_tag_holds_no_personal_data(console: StaffProcess, rita: Browser) -> None:
    public_id = add_conversation(console)
    answer = rita.post(f"/conversations/{public_id}/tags", {"tag": "call 212-555-0187"})
    assert answer.status_code == 422
    assert "This looks like personal data" in text_of(answer)
    assert 'value="call 212-555-0187"' in answer.text


def test_a_conversation_has_only_so_many_tags(console: StaffProcess, rita: Browser) -> None:
    public_id = add_conversation(console)
    for number in range(tags.MOST):
        answer = rita.post(f"/conversations/{public_id}/tags", {"tag": f"tag number {number}"})
        assert answer.status_code == 303
    answer = rita.post(f"/conversations/{public_id}/tags", {"tag": "one more"})
    assert answer.status_code == 422
    assert "at most 10 tags" in text_of(answer)
