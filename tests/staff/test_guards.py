from __future__ import annotations

import html
import itertools
import os
import re
import resource
import socket
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from sqlalchemy import text

from tests.staff.conftest import StartStaff, add_people
from tests.staff.corrections import as_staff, ask
from tests.staff.running import PASSWORD, Browser, StaffProcess, rows_of, text_of
from tests.web.running import ROOT

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
LINK = "/password/<token:[A-Za-z0-9_-]{43}>"
PUBLIC = {"/healthz", "/sign-in", "/static/<name:str>", LINK}
LIST_ROUTES = """
import settings
from helpline.staff.app import create_app
for route in create_app(settings.load()).router.routes:
    print("/" + route.path)
"""


@pytest.fixture(scope="module")
def routes(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    """Every route of the app, asked of the app itself."""
    listed = subprocess.run(
        [sys.executable, "-c", LIST_ROUTES],
        cwd=ROOT,
        env={
            **os.environ,
            "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'web'}",
            "VAR_DIR": str(tmp_path_factory.mktemp("routes")),
        },
        capture_output=True,
        text=True,
        check=True,
    )
    return sorted(set(listed.stdout.split()))


def address_of(route: str, public_id: str) -> str:
    known = route.replace("<name:str>", "staff.css")
    known = re.sub(r"<token:[^>]*>", "a" * 43, re.sub(r"<\w+:int>", "1", known))
    return re.sub(r"<public_id:[^>]*>", public_id, known)


def test_the_app_has_the_routes_that_this_test_knows_of(routes: list[str]) -> None:
    assert set(routes) >= PUBLIC | {"/", "/conversations", "/audit", "/account", "/sign-out"}
    assert len(routes) >= 13


def test_signed_out_every_route_refuses_every_method(
    console: StaffProcess, rita: Browser, routes: list[str]
) -> None:
    known = rows_of(rita.get("/conversations"))[0]
    browser = console.browser()
    tried = 0
    for route, method in itertools.product(routes, METHODS):
        if route in PUBLIC and method in ("GET", "POST"):
            continue
        answer = browser.client.request(
            method,
            address_of(route, known),
            headers={"Sec-Fetch-Site": "same-origin"},
            data={"state": "reviewed", "turns": "1", "note": "x"} if method == "POST" else None,
        )
        tried += 1
        where = f"{method} {route}: {answer.status_code}"
        assert answer.status_code in (303, 401, 405), where
        if answer.status_code == 303:
            assert urlsplit(answer.headers["location"]).path == "/sign-in", where
        if answer.status_code == 401:
            assert "<h1>Sign in</h1>" in answer.text, where
        if method != "POST":
            assert known not in answer.text, where
        assert "Turn 1" not in answer.text, where
    assert tried >= 90


@pytest.mark.parametrize("session_id", ["", "x", "a" * 43, "é", "%00", "'; DROP TABLE note; --"])
def test_a_made_up_session_is_none(console: StaffProcess, session_id: str) -> None:
    cookie = f"helpline_staff={session_id}".encode()
    answer = console.browser().get("/conversations", headers={b"Cookie": cookie})
    assert answer.status_code == 303


SOURCES = [
    ({"Sec-Fetch-Site": "cross-site"}, False),
    ({"Sec-Fetch-Site": "same-site"}, False),
    ({"Sec-Fetch-Site": "none"}, False),
    ({"Sec-Fetch-Site": "cross-site", "Origin": "{url}"}, False),
    ({"Origin": "https://evil.example"}, False),
    ({"Origin": "null"}, False),
    ({"Origin": "http://127.0.0.1"}, False),
    ({"Origin": "{url}.evil.example"}, False),
    ({"Origin": "http://["}, False),
    ({}, False),
    ({"Referer": "{url}/conversations"}, False),
    ({"Origin": "{url}"}, True),
    ({"Sec-Fetch-Site": "same-origin"}, True),
]


@pytest.mark.parametrize(("headers", "accepted"), SOURCES)
def test_a_form_of_another_site_changes_nothing(
    console: StaffProcess, headers: dict[str, str], accepted: bool
) -> None:
    browser = console.browser().sign_in("rita")
    filled = {name: value.format(url=console.url) for name, value in headers.items()}
    answer = browser.client.post("/sign-out", headers=filled)
    if accepted:
        assert answer.status_code == 303
        assert browser.get("/conversations").status_code == 303
    else:
        assert answer.status_code == 403
        assert "did not come from a page of this console" in text_of(answer)
        assert browser.get("/conversations").status_code == 200


def test_nobody_can_be_signed_in_from_another_site(console: StaffProcess) -> None:
    answer = console.browser().client.post(
        "/sign-in",
        data={"name": "rita", "password": PASSWORD},
        headers={"Sec-Fetch-Site": "cross-site", "Origin": "https://evil.example"},
    )
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize(
    "address", ["/conversations", "/sign-in", "/healthz", "/static/staff.css", "/nothing", "/audit"]
)
def test_every_answer_carries_the_security_headers(rita: Browser, address: str) -> None:
    headers = rita.get(address).headers
    policy = dict(
        part.strip().partition(" ")[::2] for part in headers["content-security-policy"].split(";")
    )
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["form-action"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert "unsafe" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["referrer-policy"] == "same-origin"
    assert headers["x-robots-tag"] == "noindex, nofollow"
    assert "access-control-allow-origin" not in headers
    assert "server" not in headers
    if not address.startswith("/static/"):
        assert headers["cache-control"] == "no-store"


def test_pages_have_no_inline_code(rita: Browser) -> None:
    shown = rows_of(rita.get("/conversations"))[0]
    for address in ("/conversations", f"/conversations/{shown}", "/audit", "/account", "/keys"):
        page = rita.get(address).text
        assert not re.search(r"<script(?![^>]* src=)|<style| style=| on[a-z]+=|javascript:", page)


def test_static_files_are_cached_by_their_content(console: StaffProcess) -> None:
    browser = console.browser()
    page = browser.get("/sign-in").text
    addresses = re.findall(r'(?:href|src)="(/static/[^"]+)"', page)
    assert len(addresses) >= 3
    for address in addresses:
        answer = browser.get(address)
        assert answer.status_code == 200
        assert "immutable" in answer.headers["cache-control"]
        assert browser.get(address.partition("?")[0]).headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    "name", ["nothing.css", "..%2Fapp.py", "%2e%2e/app.py", "../app.py", "app.py", ".", "%00"]
)
def test_nothing_else_is_served(console: StaffProcess, name: str) -> None:
    answer = console.browser().get(f"/static/{name}")
    assert answer.status_code in (303, 404)
    assert "import" not in answer.text


PROBLEMS = [
    ("GET", "/nothing", 404, "nothing at this address"),
    ("GET", "/conversations/" + "0" * 32, 404, "nothing at this address"),
    ("GET", "/conversations/not-an-id", 404, "nothing at this address"),
    ("GET", "/conversations/%00", 404, "nothing at this address"),
    ("POST", "/audit", 405, "does not take that kind of request"),
    ("GET", "/sign-out", 405, "does not take that kind of request"),
    ("DELETE", "/conversations", 405, "does not take that kind of request"),
    ("POST", "/conversations/" + "0" * 32 + "/notes", 404, "nothing at this address"),
]


@pytest.mark.parametrize(("method", "address", "status", "words"), PROBLEMS)
def test_a_problem_is_told_in_plain_words(
    rita: Browser, method: str, address: str, status: int, words: str
) -> None:
    answer = rita.client.request(
        method,
        address,
        data={"note": "something"} if method == "POST" else None,
        headers={"Sec-Fetch-Site": "same-origin"},
    )
    assert answer.status_code == status
    assert words in text_of(answer)
    assert 'href="/conversations"' in answer.text
    assert '<html lang="en">' in answer.text
    for trace in ("Traceback", "Exception", "sanic", ".py"):
        assert trace not in answer.text
    if status == 405:
        assert answer.headers["allow"]


def test_a_reviewer_may_not_erase(rita: Browser) -> None:
    shown = rows_of(rita.get("/conversations"))[0]
    for answer in (
        rita.get(f"/conversations/{shown}/erase"),
        rita.post(f"/conversations/{shown}/erase"),
    ):
        assert answer.status_code == 403
        assert "“lead”" in text_of(answer)
    page = rita.get(f"/conversations/{shown}")
    assert page.status_code == 200
    assert "Erase" not in text_of(page)


def test_a_request_that_is_too_large_is_refused(rita: Browser) -> None:
    answer = rita.post("/account/password", {"current": "x" * 70_000})
    assert answer.status_code == 413
    assert "too much at once" in text_of(answer)


def test_a_broken_request_gets_an_answer_and_harms_nothing(console: StaffProcess) -> None:
    parts = urlsplit(console.url)
    for raw in (b"NONSENSE\r\n\r\n", b"GET / HTTP/9\r\n\r\n", b"GET /\xff HTTP/1.1\r\n\r\n"):
        with socket.create_connection((str(parts.hostname), int(parts.port or 0)), 5) as sent:
            sent.sendall(raw)
            answer = sent.recv(65536)
        assert b"Traceback" not in answer
        assert answer.startswith((b"HTTP/1.1 4", b"HTTP/1.1 303")) or not answer, answer[:200]
    assert console.browser().get("/healthz").status_code == 200


def test_an_error_of_ours_shows_a_reference_and_nothing_else(
    staff_with: StartStaff, password_hash: str
) -> None:
    console = staff_with()
    console.store.write_now(add_people, password_hash)
    browser = console.browser().sign_in("rita")
    with console.store.engine.begin() as connection:
        connection.execute(text("ALTER TABLE understanding RENAME TO gone"))
    answer = browser.get("/conversations?kind=answer")
    assert answer.status_code == 500
    words = text_of(answer)
    assert "Something went wrong on our side" in words
    reference = re.search(r"this reference: ([0-9a-f]{8})", words)
    assert reference is not None
    assert reference[1] in console.log
    assert "OperationalError" in console.log
    for secret in ("understanding", "Traceback", "sqlalchemy", "SELECT"):
        assert secret not in answer.text
    assert "SELECT" not in console.log, "a statement may carry what a person wrote"


def test_a_full_disk_loses_no_note(own: StaffProcess) -> None:
    public_id = own.store.write_now(ask, "what is spms")
    rita = as_staff(own, "rita")
    address = f"/conversations/{public_id}/notes"
    note = "Half an hour's work, and a <word>. "
    # No file of the process may grow beyond that, as on a disk without room
    _, most = resource.prlimit(own.process.pid, resource.RLIMIT_FSIZE, (256 * 1024, -1))
    answers = (rita.post(address, {"note": note * 50}) for _ in range(200))
    answer = next(one for one in answers if one.status_code != 303)
    assert answer.status_code == 500
    assert "The helpline's disk is full, or it fails" in html.unescape(text_of(answer))
    assert note * 50 in html.unescape(answer.text)
    resource.prlimit(own.process.pid, resource.RLIMIT_FSIZE, (most, most))
    assert rita.post(address, {"note": note}).status_code == 303


def test_the_log_names_nobody_and_quotes_nothing(console: StaffProcess, rita: Browser) -> None:
    rita.get("/conversations?topic=what_is_spms")
    log = Path(console.log_file).read_text()
    assert "127.0.0.1" not in log
    assert "what_is_spms" not in log
