"""The pictures of what staff see: a console whose conversations are all made up.

The latest are played with the real bot, so that their answers are what visitors read. Older ones,
which only have to be counted, come from `tests.factories`.
"""

from __future__ import annotations

from datetime import UTC, datetime

import httpx2
from playwright.sync_api import Browser, Page, StorageState, ViewportSize

from scripts.pictures.picture import Picture, opened
from scripts.processes import RunningHelpline, run_in_web

WIDE = ViewportSize(width=1000, height=700)
LONG = ViewportSize(width=1000, height=800)
READ = ViewportSize(width=1000, height=560)
SHORT = ViewportSize(width=1000, height=420)
# Who signs in for a picture of the console
REVIEWER, LEAD = "rita", "lena"
OLDER_CONVERSATIONS = 300

MISUNDERSTOOD = "it does whatever it wants with me today, that thing"
VAGUE = "since the letter came i only think of that other thing"
WAITING = "the one with the blue box, from last time"
NOT_UNDERSTOOD = (MISUNDERSTOOD, VAGUE, WAITING)
# What visitors say, the oldest conversation first
CONVERSATIONS = (
    ("what is the difference between relapsing and progressive",),
    ("my legs are like concrete in the morning", "does baclofen make you tired"),
    ("is there anything new in research", "tell me more"),
    (VAGUE,),
    (WAITING,),
    ("my name is Edna Miller and my number is 555-867-5309, can somebody call me back",),
    ("what did the betaseron trials show in spms?", "should i go back on it"),
    ("i dont want to be alive like this anymore",),
    (MISUNDERSTOOD, "can i talk to someone"),
)


def _play(chat_url: str) -> None:
    """Hold the conversations.

    Raises:
        RuntimeError: a message that has to be corrected in a picture was understood.
    """
    for texts in CONVERSATIONS:
        with httpx2.Client(base_url=chat_url, timeout=20, trust_env=False) as visitor:
            opened_one = visitor.post("/api/v1/conversations").raise_for_status().json()
            bearer = {"Authorization": f"Bearer {opened_one['conversation']['token']}"}
            for text in texts:
                answer = visitor.post("/api/v1/messages", json={"text": text}, headers=bearer)
                kind = answer.raise_for_status().json()["messages"][0]["kind"]
                if text in NOT_UNDERSTOOD and kind != "clarify":
                    raise RuntimeError(f"The bot understands {text!r} now: choose other words.")


def sign_in(page: Page, name: str, password: str) -> None:
    """Sign in on the page that asks for it."""
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Sign out").wait_for()


def open_conversation(page: Page, words: str) -> None:
    """Go from a list to the conversation whose first message has these words."""
    page.locator("[data-row]").filter(has_text=words).first.click()
    page.locator(".facts").wait_for()


def _correct(page: Page, words: str, key: str) -> None:
    page.goto(page.url.partition("/conversations")[0] + "/conversations?queue=not_understood")
    open_conversation(page, words)
    page.keyboard.press(key)
    # The first press shows a button that is out of sight
    if not page.locator(".correction").count():
        page.keyboard.press(key)
    page.locator(".correction").first.wait_for()


def prepare(helpline: RunningHelpline, browser: Browser) -> dict[str, StorageState]:
    """Fill the store and do the work that pictures show; returns name -> cookies of who signed in.

    The reviewer has corrected two messages, the lead has approved one of them, and the unknown
    questions are grouped.
    """
    now = datetime.now(UTC).isoformat(timespec="seconds")
    run_in_web(helpline.environment, "tests.factories", str(OLDER_CONVERSATIONS), "--until", now)
    _play(helpline.chat_url)
    signed_in = {}
    for name, role in ((REVIEWER, "reviewer"), (LEAD, "lead")):
        said = run_in_web(helpline.environment, "helpline.staff.accounts", "add", name, role)
        password = dict(line.split() for line in said.splitlines())["password"]
        with opened(browser, helpline.staff_url, WIDE) as page:
            sign_in(page, name, password)
            if name == REVIEWER:
                _correct(page, MISUNDERSTOOD, "1")
                _correct(page, VAGUE, "2")
            else:
                page.goto(f"{helpline.staff_url}/corrections")
                page.get_by_role("button", name="Approve for training").last.click()
                page.locator(".done").wait_for()
                _group(page, helpline.staff_url)
            signed_in[name] = page.context.storage_state()
    return signed_in


def _group(page: Page, staff_url: str) -> None:
    page.goto(f"{staff_url}/questions")
    page.get_by_role("button", name="Group them now").click()
    for _ in range(240):
        if page.locator("[id^=said-]").count():
            return
        page.wait_for_timeout(500)
        page.goto(f"{staff_url}/questions")
    raise RuntimeError("The unknown questions were not grouped within two minutes.")


def show_misunderstood(page: Page) -> None:
    """Open the message that the bot did not understand, with the form that corrects it."""
    open_conversation(page, WAITING)


def show_answered(page: Page) -> None:
    """Open a conversation with an answer and advice that was refused."""
    open_conversation(page, "betaseron")


def fold_groups(page: Page) -> None:
    """Fold the first group of questions, so that more groups are seen."""
    page.locator("details[open] > summary").first.click()


def unfold_hiding(page: Page) -> None:
    """Unfold the form that hides the answer."""
    page.get_by_text("Hide it at once").click()


# name: who is signed in, and the picture
PICTURES: dict[str, tuple[str, Picture]] = {
    "staff-inbox": (REVIEWER, Picture("/conversations", WIDE)),
    "staff-transcript": (
        REVIEWER,
        Picture("/conversations", READ, show_answered, begins="#turn-1"),
    ),
    "staff-correcting": (
        REVIEWER,
        Picture("/conversations?queue=not_understood", LONG, show_misunderstood, begins="#turn-1"),
    ),
    "staff-keys": (REVIEWER, Picture("/keys", LONG)),
    "staff-corrections": (LEAD, Picture("/corrections", SHORT)),
    "staff-export": (LEAD, Picture("/export", WIDE)),
    "staff-content": (LEAD, Picture("/content", WIDE)),
    "staff-hiding": (
        LEAD,
        Picture("/content/answer?name=utter_what_is_spms", LONG, unfold_hiding),
    ),
    "staff-questions": (LEAD, Picture("/questions", WIDE, fold_groups)),
    "staff-statistics": (LEAD, Picture("/statistics", LONG)),
    "staff-models": (LEAD, Picture("/models", SHORT)),
    "staff-settings": (LEAD, Picture("/settings", LONG)),
}
