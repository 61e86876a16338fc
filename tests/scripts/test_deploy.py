"""What deploy/ holds is accepted by the programs that read it."""

from __future__ import annotations

import dataclasses
import getpass
import re
import shutil
import subprocess
from pathlib import Path

from bench.scale.proxy import Proxy
from content.data_lock import LOCK_FILE
from scripts import candidate, supervisor
from scripts.processes import spare_ports
from scripts.setup import ROOT
from settings import SECRETS, Settings, reference

DEPLOY = ROOT / "deploy"
# Where the units expect the checkout
INSTALLED = "/opt/helpline"


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
    # Checking binds the ports, which others may use
    said = Proxy(tmp_path, spare_ports(2), spare_ports(2)).check()
    assert "warn" not in said, said


def test_the_environment_file_names_settings_that_exist() -> None:
    known = {field.name.upper() for field in dataclasses.fields(Settings)} | set(SECRETS)
    text = (DEPLOY / "helpline.env").read_text("utf-8")
    named = set(re.findall(r"^#?([A-Z_]+)=", text, re.MULTILINE))
    assert named and named <= known


def test_the_list_of_settings_is_the_one_of_the_code() -> None:
    assert (DEPLOY / "settings.md").read_text("utf-8") == reference(), "make settings-page"


def test_the_command_has_the_settings_of_the_units(tmp_path: Path) -> None:
    (tmp_path / "Makefile").write_text(
        'show:\n\t@echo "$$EMBED_ORIGINS|$$SMTP_URL|$(BY)"\n', "utf-8"
    )
    environment = tmp_path / "helpline.env"
    environment.write_text(
        "# a comment\nEMBED_ORIGINS='https://a.example https://b.example'\n"
        "SMTP_URL='smtp://u:p&x;$y@h'\n",
        "utf-8",
    )
    text = (DEPLOY / "helpline").read_text("utf-8")
    text = text.replace(INSTALLED, str(tmp_path)).replace(
        "/etc/helpline/helpline.env", str(environment)
    )
    text = text.replace("user=helpline", f"user={getpass.getuser()}")
    script = tmp_path / "helpline"
    script.write_text(text, "utf-8")
    script.chmod(0o755)
    shown = subprocess.run([script, "show", "BY=jo"], capture_output=True, text=True, check=True)
    assert shown.stdout == "https://a.example https://b.example|smtp://u:p&x;$y@h|jo\n"
    environment.unlink()
    refused = subprocess.run([script, "show"], capture_output=True, text=True, check=False)
    assert refused.returncode == 1 and "run this as root" in refused.stderr


def test_the_console_may_write_where_a_candidate_is_trained() -> None:
    unit = (DEPLOY / "systemd" / "helpline-staff.service").read_text("utf-8")
    assert "ProtectSystem=strict" in unit
    line = re.search(r"^ReadWritePaths=(.*)$", unit, re.MULTILINE)
    assert line is not None
    writable = [path.lstrip("-") for path in line[1].split()]
    # The candidate and the lock of the training data; what Rasa keeps of the training before
    trained = (candidate.FOLDER.parent, ROOT / LOCK_FILE.parent, ROOT / ".rasa")
    assert {f"{INSTALLED}/{path.relative_to(ROOT)}" for path in trained} == set(writable)


def test_no_unit_gives_up_or_is_cut_short() -> None:
    for unit in (DEPLOY / "systemd").glob("helpline-*.service"):
        text = unit.read_text("utf-8")
        if "Type=oneshot" not in text:
            assert "Restart=always" in text and "StartLimitIntervalSec=0" in text, unit.name
            assert f"TimeoutStopSec={supervisor.STOP_SECONDS}\n" in text, unit.name


def test_nginx_knows_the_ports_of_the_units() -> None:
    target = (DEPLOY / "systemd" / "helpline.target").read_text("utf-8")
    text = (DEPLOY / "nginx" / "helpline.conf").read_text("utf-8")
    upstreams = dict(re.findall(r"upstream (helpline_\w+) \{(.*?)\}", text, re.DOTALL))
    for kind in ("chat", "bot"):
        ports = re.findall(rf"helpline-{kind}@(\d+)\.service", target)
        assert ports == re.findall(r"server 127\.0\.0\.1:(\d+)", upstreams[f"helpline_{kind}"])
