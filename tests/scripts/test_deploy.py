"""What deploy/ holds is accepted by the programs that read it."""

from __future__ import annotations

import dataclasses
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from scripts.processes import spare_ports
from scripts.setup import ROOT
from settings import Settings

DEPLOY = ROOT / "deploy"
# Where the units expect the checkout
INSTALLED = "/opt/helpline"
SECRETS = {"BOT_SECRET", "CHAT_SECRET"}


@pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="systemd is not part of this machine"
)
def test_systemd_accepts_the_units(tmp_path: Path) -> None:
    for unit in (DEPLOY / "systemd").iterdir():
        text = unit.read_text("utf-8").replace(INSTALLED, str(ROOT))
        (tmp_path / unit.name).write_text(text, "utf-8")
    for instance in ("helpline-chat@8080", "helpline-bot@5005"):
        template = tmp_path / f"{instance.partition('@')[0]}@.service"
        shutil.copy(template, tmp_path / f"{instance}.service")
    units = sorted(path for path in tmp_path.iterdir() if not path.stem.endswith("@"))
    done = subprocess.run(
        ["systemd-analyze", "verify", "--recursive-errors=no", "--man=no", *units],
        capture_output=True,
        text=True,
        check=False,
    )
    ours = [line for line in done.stderr.splitlines() if "helpline" in line]
    assert (done.returncode, ours) == (0, [])


def test_every_process_of_make_run_has_a_unit() -> None:
    started = "".join(unit.read_text("utf-8") for unit in (DEPLOY / "systemd").glob("*.service"))
    for module in ("helpline.chat", "helpline.staff", "rasa_sdk", "scripts.start_bot"):
        assert f"python -m {module}" in started
    target = (DEPLOY / "systemd" / "helpline.target").read_text("utf-8")
    for unit in re.findall(r"helpline-[\w-]+@?[\w]*\.service", target):
        template = re.sub(r"@\w+", "@", unit)
        assert (DEPLOY / "systemd" / template).exists(), unit


def test_nginx_accepts_its_configuration(tmp_path: Path) -> None:
    certificate, key = tmp_path / "site.pem", tmp_path / "site.key"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1"),
            *("-subj", "/CN=helpline.example.org", "-out", certificate, "-keyout", key),
        ],
        capture_output=True,
        check=True,
    )
    text = (DEPLOY / "nginx" / "helpline.conf").read_text("utf-8")
    text = re.sub(r"/etc/ssl/helpline/\w+\.pem", str(certificate), text)
    text = re.sub(r"/etc/ssl/helpline/\w+\.key", str(key), text)
    text = re.sub(r"/var/log/nginx/", f"{tmp_path}/", text)
    # Checking binds the ports, which others may use
    for port in ("443", "80"):
        text = re.sub(rf"listen {port}\b", f"listen 127.0.0.1:{spare_ports(1)[0]}", text)
    text = text.replace("127.0.0.1:5000", f"127.0.0.1:{spare_ports(1)[0]}")
    whole = tmp_path / "nginx.conf"
    whole.write_text(
        f"pid {tmp_path}/nginx.pid;\nerror_log stderr;\nevents {{}}\nhttp {{\n{text}\n}}\n", "utf-8"
    )
    program = shutil.which("nginx", path="/usr/sbin:/usr/bin")
    assert program, "nginx is not installed: apt-get install nginx"
    done = subprocess.run(
        [program, "-t", "-c", whole, "-p", tmp_path], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "warn" not in done.stderr, done.stderr


def test_the_environment_file_names_settings_that_exist() -> None:
    known = {field.name.upper() for field in dataclasses.fields(Settings)} | SECRETS
    text = (DEPLOY / "helpline.env").read_text("utf-8")
    named = set(re.findall(r"^#?([A-Z_]+)=", text, re.MULTILINE))
    assert named and named <= known


def test_nginx_knows_the_ports_of_the_units() -> None:
    target = (DEPLOY / "systemd" / "helpline.target").read_text("utf-8")
    text = (DEPLOY / "nginx" / "helpline.conf").read_text("utf-8")
    upstreams = dict(re.findall(r"upstream (helpline_\w+) \{(.*?)\}", text, re.DOTALL))
    for kind in ("chat", "bot"):
        ports = re.findall(rf"helpline-{kind}@(\d+)\.service", target)
        assert ports == re.findall(r"server 127\.0\.0\.1:(\d+)", upstreams[f"helpline_{kind}"])
