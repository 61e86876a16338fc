"""Files that are served to everybody, and their colors."""

from __future__ import annotations

import base64
import hashlib
import os
import re
from pathlib import Path

import httpx2
import pytest

from helpline.chat.assets import PAGE_FILES
from helpline.chat.files import StaticFiles

WEB = Path(__file__).resolve().parents[2] / "web" / "helpline"


def test_the_page_loads_only_files_that_exist(client: httpx2.Client) -> None:
    page = client.get("/").text
    addresses = re.findall(r'(?:src|href)="(/[^"#]+)"', page)
    assert len([address for address in addresses if ".css" in address]) == 3
    for address in addresses:
        answer = client.get(address)
        assert answer.status_code == 200, address
        assert "immutable" in answer.headers["cache-control"], address


def test_a_file_is_compressed_and_not_sent_again(client: httpx2.Client) -> None:
    answer = client.get("/static/page.css")
    assert answer.headers["content-type"] == "text/css; charset=utf-8"
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.headers["cache-control"] == "no-cache"
    assert answer.content == (WEB / "chat" / "static" / "page.css").read_bytes()
    plain = client.get("/static/page.css", headers={"Accept-Encoding": "identity"})
    assert plain.content == answer.content and "content-encoding" not in plain.headers
    again = client.get("/static/page.css", headers={"If-None-Match": answer.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")
    head = client.head("/static/page.css")
    assert (head.status_code, head.content) == (200, b"")


@pytest.mark.parametrize(
    "path",
    [
        "/static/nothing.css",
        "/static/..%2Fapp.py",
        "/static/%2e%2e%2f%2e%2e%2fapp.py",
        "/static/.hidden",
        "/static/",
        "/widget/..%2F..%2Fpyproject.toml",
        "/widget/page%00.css",
    ],
)
def test_nothing_else_is_served(client: httpx2.Client, path: str) -> None:
    assert client.get(path).status_code == 404


def test_a_folder_of_built_files(tmp_path: Path) -> None:
    files = StaticFiles(tmp_path / "missing", tmp_path)
    assert files.find("helpline.js") is None and files.names() == []
    built = tmp_path / "helpline.js"
    built.write_text("first();")
    digest = base64.b64encode(hashlib.sha384(b"first();").digest()).decode()
    assert files.integrity("helpline.js") == f"sha384-{digest}"
    assert files.names() == ["helpline.js"]
    built.write_text("second();")
    os.utime(built, ns=(1, 1))
    found = files.find("helpline.js")
    assert found is not None and found.content == b"second();"
    (tmp_path / "folder").mkdir()
    assert files.find("folder") is None and files.find("../x") is None


def test_widget_files_may_be_loaded_by_any_site(client: httpx2.Client) -> None:
    listed = client.get("/widget")
    assert listed.headers["access-control-allow-origin"] == "*"
    for name, told in listed.json()["files"].items():
        answer = client.get(f"/widget/{name}")
        assert answer.headers["access-control-allow-origin"] == "*"
        assert answer.headers["cross-origin-resource-policy"] == "cross-origin"
        digest = base64.b64encode(hashlib.sha384(answer.content).digest()).decode()
        assert told == {"integrity": f"sha384-{digest}", "bytes": len(answer.content)}


def _colors(block: str) -> dict[str, str]:
    found = re.findall(r"--([\w-]+):\s*#([0-9a-f]{6}|[0-9a-f]{3});", block)
    return {
        name: "#" + (value if len(value) == 6 else "".join(digit * 2 for digit in value))
        for name, value in found
    }


def _luminance(color: str) -> float:
    channels = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    """Return the contrast of two colors as WCAG 2 defines it, 1 to 21."""
    light, dark = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


SURFACES = ("paper", "soft", "tint")
TEXT_PAIRS = [
    *((text, surface) for text in ("ink", "quiet", "accent") for surface in SURFACES),
    ("ink", "alarm-soft"),
    ("quiet", "alarm-soft"),
    ("accent", "alarm-soft"),
    ("alarm", "paper"),
    ("alarm", "alarm-soft"),
    ("on-accent", "accent"),
    ("on-head", "head"),
]
EDGE_PAIRS = [
    (edge, surface) for edge in ("line", "focus") for surface in (*SURFACES, "alarm-soft")
]


@pytest.mark.parametrize("dark", [False, True])
def test_contrast(dark: bool) -> None:
    found = PAGE_FILES.find("tokens.css")
    assert found is not None
    light_block, dark_block = found.content.decode().split("@media (prefers-color-scheme: dark)")
    colors = _colors(light_block)
    if dark:
        assert set(_colors(dark_block)) == set(colors)
        colors = _colors(dark_block)
    for text, surface in TEXT_PAIRS:
        assert contrast(colors[text], colors[surface]) >= 7, (text, surface)
    for edge, surface in EDGE_PAIRS:
        assert contrast(colors[edge], colors[surface]) >= 3, (edge, surface)
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
