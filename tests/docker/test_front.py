"""The front server's configuration in a real nginx, before real processes of ours."""

import os
import shutil
import socket
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

from backend.cli.lan import certificate
from backend.embedded.place import REPOSITORY, Place
from tests.conftest import use

NGINX = "/usr/sbin/nginx"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@pytest.fixture(scope="module")
def front(servers: Place, database: str) -> Iterator[tuple[str, ssl.SSLContext]]:
    """nginx on loopback, before an API and a tile process on loopback."""
    use(servers, database)
    assert shutil.which(NGINX), "nginx is missing: ./onemap test installs it"
    ports = {name: free_port() for name in ("api", "tiles", "http", "https")}
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "uvicorn", f"backend.api:{factory}", "--factory", "--port",
             str(ports[name]), "--proxy-headers", "--log-level", "warning"],
            cwd=REPOSITORY, env=dict(os.environ),
        )
        for name, factory in (("api", "create_app"), ("tiles", "create_tiles_app"))
    ]  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        cert, key = certificate(Place(Path(folder)), "127.0.0.1")
        text = (REPOSITORY / "docker" / "nginx.conf").read_text("utf-8")
        for old, new in (
            ("api:8000", f"127.0.0.1:{ports['api']}"), ("tiles:8000", f"127.0.0.1:{ports['tiles']}"),
            ("listen 80;", f"listen 127.0.0.1:{ports['http']};"),
            ("listen 443 ssl", f"listen 127.0.0.1:{ports['https']} ssl"),
            ("/etc/nginx/tls/onemap.crt", str(cert)), ("/etc/nginx/tls/onemap.key", str(key)),
            ("worker_processes auto;", f"worker_processes 1; pid {folder}/pid; error_log {folder}/error.log;"),
            ("include /etc/nginx", f"access_log off; client_body_temp_path {folder}/b; proxy_temp_path {folder}/p;"
             f" fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s; include /etc/nginx"),
        ):  # fmt: skip
            assert old in text
            text = text.replace(old, new)
        config = Path(folder) / "nginx.conf"
        config.write_text(text)
        nginx = subprocess.Popen([NGINX, "-c", str(config), "-g", "daemon off;"])
        processes.append(nginx)
        trust = ssl.create_default_context(cafile=str(cert))
        url = f"https://127.0.0.1:{ports['https']}"
        try:
            end = time.monotonic() + 60
            while time.monotonic() < end:
                try:
                    urllib.request.urlopen(f"{url}/api/health", context=trust, timeout=2)
                    urllib.request.urlopen(
                        f"http://127.0.0.1:{ports['tiles']}/tiles/areas.json", timeout=2
                    )
                except urllib.error.HTTPError as error:
                    if error.code == 401:
                        break
                    time.sleep(0.2)
                except OSError:
                    time.sleep(0.2)
            yield url, trust
        finally:
            for process in reversed(processes):
                process.terminate()
                process.wait(30)


def ask(
    front: tuple[str, ssl.SSLContext], path: str, data: bytes | None = None
) -> tuple[int, dict[str, str]]:
    url, trust = front
    request = urllib.request.Request(url + path, data, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(request, context=trust, timeout=10) as answer:
            return answer.status, {k.lower(): v for k, v in answer.headers.items()}
    except urllib.error.HTTPError as error:
        return error.code, {k.lower(): v for k, v in error.headers.items()}


def test_one_origin_serves_pages_api_and_tiles(front: tuple[str, ssl.SSLContext]) -> None:
    assert ask(front, "/api/health")[0] == 200
    assert ask(front, "/m")[0] == 200
    status, headers = ask(front, "/tiles/areas/8/212/109.mvt")
    assert (status, headers["content-type"]) == (401, "application/problem+json")
    assert ask(front, "/tiles/nothing")[0] == 404


def test_https_is_known_behind_the_front(front: tuple[str, ssl.SSLContext]) -> None:
    assert ask(front, "/api/health")[1]["strict-transport-security"] == "max-age=31536000"


def test_readiness_is_for_this_machine(front: tuple[str, ssl.SSLContext]) -> None:
    assert ask(front, "/api/ready")[0] == 200


def test_a_body_beyond_the_limit_stops_at_the_front(front: tuple[str, ssl.SSLContext]) -> None:
    assert ask(front, "/api/media", b"x" * 27_000_000)[0] == 413


def test_guessing_is_slowed_down(front: tuple[str, ssl.SSLContext]) -> None:
    answers = [ask(front, "/api/auth/refresh", b'{"refresh": "x"}')[0] for _ in range(40)]
    assert answers[0] == 401 and answers[-1] == 429
