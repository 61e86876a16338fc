"""nginx as deploy/ has it, on spare ports and with a certificate of its own making."""

from __future__ import annotations

import re
import shutil
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path

from scripts.processes import spare_ports
from scripts.setup import ROOT

CONFIGURATION = ROOT / "deploy" / "nginx" / "helpline.conf"
ALL_SERVERS = re.compile(r"^    server 127\.0\.0\.1:\d+( .*);$", re.MULTILINE)


class Proxy:
    """A running nginx."""

    def __init__(self, folder: Path, chats: Sequence[int], bots: Sequence[int]) -> None:
        """Write its configuration into `folder`, for chat and bot processes on these ports."""
        folder.mkdir(parents=True, exist_ok=True)
        self._folder = folder
        public, staff, plain, bot = spare_ports(4)
        self.chat_url = f"https://127.0.0.1:{public}"
        self.bot_url = f"http://127.0.0.1:{bot}"
        text = CONFIGURATION.read_text("utf-8")
        text = _with_servers(text, "helpline_chat", chats)
        text = _with_servers(text, "helpline_bot", bots)
        text = re.sub(r"/etc/ssl/helpline/\w+\.pem", str(folder / "site.pem"), text)
        text = re.sub(r"/etc/ssl/helpline/\w+\.key", str(folder / "site.key"), text)
        text = text.replace("/var/log/nginx/", f"{folder}/")
        text = text.replace("/opt/helpline", str(ROOT))
        text = text.replace("127.0.0.1:5000", f"127.0.0.1:{bot}")
        for port in (public, staff):
            text = text.replace("listen 443 ", f"listen 127.0.0.1:{port} ", 1)
        text = text.replace("listen 80;", f"listen 127.0.0.1:{plain};")
        kept = "".join(
            f"{name}_temp_path {folder}/{name};\n"
            for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        self._file = folder / "nginx.conf"
        self._file.write_text(
            f"daemon off;\npid {folder}/nginx.pid;\nerror_log {folder}/error.log warn;\n"
            "worker_processes 1;\nevents { worker_connections 1024; }\n"
            f"http {{\n{kept}{text}\n}}\n",
            "utf-8",
        )
        self._process: subprocess.Popen[bytes] | None = None

    def check(self) -> str:
        """Have nginx read its configuration; return what it said.

        Raises:
            RuntimeError: it does not accept it; the message is its own.
        """
        self._make_certificate()
        done = subprocess.run([*self._command(), "-t"], capture_output=True, text=True, check=False)
        if done.returncode:
            raise RuntimeError(done.stderr)
        return done.stderr

    def start(self) -> None:
        """Start it."""
        self._make_certificate()
        self._process = subprocess.Popen(self._command())

    def stop(self) -> None:
        """Let running requests end, and stop it."""
        if self._process is not None:
            self._process.send_signal(signal.SIGQUIT)
            try:
                self._process.wait(timeout=25)
            except subprocess.TimeoutExpired:
                self._process.terminate()
                self._process.wait()
            self._process = None

    def errors(self) -> str:
        """What it found wrong."""
        log = self._folder / "error.log"
        return log.read_text("utf-8", "replace") if log.exists() else ""

    def _command(self) -> list[str]:
        program = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin")
        if program is None:
            raise RuntimeError("nginx is not installed: apt-get install nginx")
        return [program, "-c", str(self._file), "-p", str(self._folder)]

    def _make_certificate(self) -> None:
        certificate, key = self._folder / "site.pem", self._folder / "site.key"
        if certificate.exists():
            return
        subprocess.run(
            [
                *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1"),
                *("-subj", "/CN=helpline.example.org", "-out", certificate, "-keyout", key),
            ],
            capture_output=True,
            check=True,
        )


def _with_servers(text: str, upstream: str, ports: Sequence[int]) -> str:
    """Name these ports in an upstream, each with the options of the first server there."""
    start = text.index(f"upstream {upstream} {{")
    end = text.index("}", start)
    block = text[start:end]
    found = ALL_SERVERS.search(block)
    if found is None:
        raise RuntimeError(f"{CONFIGURATION} has no server in {upstream}")
    lines = "\n".join(f"    server 127.0.0.1:{port}{found[1]};" for port in ports)
    block = block[: found.start()] + lines + ALL_SERVERS.sub("", block[found.end() :])
    return text[:start] + block + text[end:]
