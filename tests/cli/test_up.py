"""`up` serves, and leaves nothing behind, however it ends."""

import json
import os
import signal
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from backend.city.accounts import slowing
from backend.embedded.place import REPOSITORY

LIMIT_S = 240


def processes_of(var: Path) -> list[str]:
    """The command lines and environments of living processes that belong to a folder."""
    found = []
    for folder in Path("/proc").iterdir():
        if not folder.name.isdigit() or int(folder.name) == os.getpid():
            continue
        try:
            command = (folder / "cmdline").read_bytes()
            environment = (folder / "environ").read_bytes()
            state = (folder / "stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue
        if state != "Z" and str(var).encode() in command + environment:
            found.append(command.replace(b"\0", b" ").decode(errors="replace"))
    return found


def until(true, seconds: float) -> bool:  # type: ignore[no-untyped-def]
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.2)
    return bool(true())


class Running:
    """One `up` in a folder of its own."""

    def __init__(self, var: Path, port: int, *options: str) -> None:
        self.url = f"{'https' if options else 'http'}://127.0.0.1:{port}"
        # The certificate is the installation's own; what is asked here is only whether it serves.
        self.trust = ssl.create_default_context()
        self.trust.check_hostname, self.trust.verify_mode = False, ssl.CERT_NONE
        environment = {k: v for k, v in os.environ.items() if not k.startswith("ONEMAP_")}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "backend", "up", "--port", str(port), "--workers", "1", *options],
            cwd=REPOSITORY, env={**environment, "ONEMAP_VAR": str(var), "ONEMAP_DEMO_EVENTS": "4", "ONEMAP_LAN_ADDRESS": "127.0.0.1"},
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip

    def ready(self) -> bool:
        assert self.process.poll() is None, self.process.stdout and self.process.stdout.read()
        try:
            with urllib.request.urlopen(
                f"{self.url}/api/ready", timeout=2, context=self.trust
            ) as answer:
                return bool(answer.status == 200)
        except OSError:
            return False


@pytest.fixture
def var() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="onemap-up-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder) / "v"


def wrong_passwords(url: str, tries: int) -> list[int]:
    """The answers to wrong passwords from one machine that says it is another one each time."""
    answers = []
    for n in range(tries):
        sent = urllib.request.Request(
            f"{url}/api/auth/sign-in", json.dumps({"username": "demo-unit", "password": "x"}).encode(),
            {"Content-Type": "application/json", "X-Forwarded-For": f"203.0.113.{n + 1}"},
        )  # fmt: skip
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(sent)
        answers.append(refused.value.code)
    return answers


def a_free_port() -> int:
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def test_up_serves_and_leaves_nothing_however_it_ends(var: Path) -> None:
    port = a_free_port()
    first = Running(var, port)
    assert until(first.ready, LIMIT_S)
    with urllib.request.urlopen(f"{first.url}/m") as answer:
        assert b'id="app"' in answer.read()
    # Whoever calls is who calls: no proxy is trusted unless that is set.
    assert wrong_passwords(first.url, slowing.TRIES + 1) == [401] * slowing.TRIES + [429]
    assert len(processes_of(var)) >= 5
    first.process.send_signal(signal.SIGINT)
    assert first.process.wait(60) == 0
    said = first.process.stdout.read().decode()  # type: ignore[union-attr]
    assert "demo-unit" in said and "Traceback" not in said
    assert until(lambda: not processes_of(var), 20), processes_of(var)
    assert list((var / "run").iterdir()) == []

    began = time.monotonic()
    # The second start is quick, and serves HTTPS as a phone in the same network would want it.
    second = Running(var, port, "--lan")
    assert until(second.ready, LIMIT_S)
    assert time.monotonic() - began < 60
    second.process.kill()
    second.process.wait()
    assert until(lambda: not processes_of(var), 30), processes_of(var)
    assert until(lambda: list((var / "run").iterdir()) == [], 10), list((var / "run").iterdir())


def test_a_taken_port_is_told_in_one_sentence(var: Path) -> None:
    import socket

    with socket.socket() as holder:
        holder.bind(("127.0.0.1", 0))
        holder.listen()
        blocked = Running(var, holder.getsockname()[1])
        assert blocked.process.wait(LIMIT_S) == 1
        said = blocked.process.stdout.read().decode()  # type: ignore[union-attr]
    assert "cannot be used" in said and "Traceback" not in said
    assert not processes_of(var)
