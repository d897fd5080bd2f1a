"""`./onemap up`: everything, from an empty folder to a page in the browser."""

import http.client
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from rich.progress import BarColumn, Progress, TextColumn

from backend.cli import web
from backend.cli.environment import (
    already_running,
    console,
    say,
    settle,
    start_servers,
    uses_private_database,
)
from backend.cli.lan import address, certificate, show
from backend.embedded.place import REPOSITORY, Place
from backend.embedded.supervisor import Child, Supervisor, ours

HOST, PORT = "127.0.0.1", 8000


def seed_if_empty() -> None:
    """Seed the demo town into an empty private database, with progress."""
    from backend.seeding.town import is_empty, seed_town

    if not is_empty():
        return
    columns = (TextColumn("[cyan]›[/] making the demo town: {task.description}"), BarColumn())
    with Progress(*columns, console=console) as bar:
        task = bar.add_task("", total=1.0)
        seed_town(lambda what, done: bar.update(task, description=what, completed=done))


def listen(host: str, port: int, processes: int = 1) -> list[socket.socket]:
    """Listening sockets of one port, one for each API process that will inherit it.

    The kernel deals connections out among them. At one socket, whichever process woke first took
    all that came: of sixteen clients one process had sixteen, and the other core nothing to do.
    This process keeps them open, so no connection is lost with a child: it waits for the next one.

    Raises
    ------
    SystemExit
        With one sentence, when another program holds the port.
    """
    # Alone first: a port that is shared out could be another program's that shares it out too.
    with _socket() as alone:
        _bind(alone, host, port)
        port = alone.getsockname()[1]
    servers = [_socket() for _ in range(processes)]
    for server in servers:
        server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        _bind(server, host, port)
    for server in servers:
        server.listen(2048)
        server.set_inheritable(True)
    return servers


def _socket() -> socket.socket:
    server = socket.socket(socket.AF_INET)
    server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    # uvicorn takes an inherited socket for a unix one and leaves Nagle's algorithm on: every answer
    # then waits 40 ms for an acknowledgement. Accepted connections inherit this.
    server.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return server


def _bind(server: socket.socket, host: str, port: int) -> None:
    try:
        server.bind((host, port))
    except OSError as error:
        console.print(f"[red]✗ {host}:{port} cannot be used: {error.strerror}[/]")
        console.print(f"  Stop the program that holds it, or choose another: --port {port + 1}")
        raise SystemExit(1) from None


def start_processes(
    supervisor: Supervisor,
    servers: Sequence[socket.socket],
    tls: tuple[Path, Path] | None = None,
) -> None:
    """Start an API process for each socket, the relay that wakes, and the workers' process."""
    from backend.core.settings import get_settings

    trusted = get_settings().trusted_proxies
    # uvicorn believes 127.0.0.1 unless it is told not to: anybody on this machine could be anyone.
    proxies = (
        ["--proxy-headers", "--forwarded-allow-ips", trusted] if trusted else ["--no-proxy-headers"]
    )
    secure = ["--ssl-certfile", str(tls[0]), "--ssl-keyfile", str(tls[1])] if tls else []
    for i, server in enumerate(servers):
        supervisor.start(
            Child(
                f"api-{i}" if i else "api",
                ours(
                    sys.executable, "-m", "uvicorn", "backend.api:create_app", "--factory",
                    "--fd", str(server.fileno()), "--no-access-log", "--log-level", "warning",
                    "--http", "backend.core.heads:PatientProtocol",
                    "--timeout-graceful-shutdown", "5", *proxies, *secure,
                ),
                cwd=REPOSITORY, pass_fds=(server.fileno(),),
            )
        )  # fmt: skip
    for verb in ("relay", "worker"):
        supervisor.start(Child(verb, ours(sys.executable, "-m", "backend", verb), cwd=REPOSITORY))


def wait_until_ready(
    server: socket.socket, seconds: float = 60, tls: tuple[Path, Path] | None = None
) -> None:
    """Return when the application says that it is ready.

    Raises
    ------
    SystemExit
        With one sentence, when it does not within ``seconds``.
    """
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        try:
            host, port = server.getsockname()
            connection = http.client.HTTPConnection(host, port, timeout=5)
            if tls:
                trust = ssl.create_default_context(cafile=str(tls[0]))
                connection = http.client.HTTPSConnection(host, port, timeout=5, context=trust)
            connection.request("GET", "/api/ready")
            if connection.getresponse().status == 200:
                return
        except OSError:
            pass
        time.sleep(0.1)
    console.print("[red]✗ the application did not become ready[/]")
    console.print("  Its log is in the folder var/log, file api.log")
    raise SystemExit(1)


def up(port: int = PORT, workers: int | None = None, *, lan: bool = False) -> None:
    """Serve until SIGINT or SIGTERM; then leave no process and no socket."""
    for name in (signal.SIGINT, signal.SIGTERM):
        signal.signal(name, _stop)
    began = time.monotonic()
    web.build()
    place = settle()
    ip = address() if lan else HOST
    tls = certificate(place, ip) if lan else None
    url = f"{'https' if lan else 'http'}://{ip}:{port}"
    os.environ.setdefault("ONEMAP_PUBLIC_URL", url)
    if lan:
        os.environ["ONEMAP_SECURE_COOKIES"] = "true"
    if uses_private_database(place) and already_running(place):
        console.print("[red]✗ OneMap runs already from this folder[/]")
        console.print("  Open the address that it printed, or stop it with Ctrl-C first")
        raise SystemExit(1)
    servers = listen(ip, port, workers or min(4, os.cpu_count() or 1))
    supervisor = Supervisor(place.logs, say)
    try:
        _prepare(place, supervisor)
        start_processes(supervisor, servers, tls)
        wait_until_ready(servers[0], tls=tls)
        console.print(f"\n[bold green]OneMap 全市一张图[/]  {url}", end="")
        console.print(f"   [dim]ready in {time.monotonic() - began:.1f} s, Ctrl-C stops[/]")
        if lan:
            show(url)
        if uses_private_database(place):
            _print_accounts()
        while True:
            time.sleep(0.2)
            supervisor.tick()
    except KeyboardInterrupt:
        say("stopping")
    finally:
        supervisor.stop()
        for server in servers:
            server.close()


def _prepare(place: Place, supervisor: Supervisor) -> None:
    say("starting the database and Redis")
    start_servers(place, supervisor)
    # In a process of its own: what it loads would otherwise stay with the supervisor for ever.
    done = subprocess.run([sys.executable, "-m", "backend", "prepare"], cwd=REPOSITORY)
    if done.returncode:
        raise SystemExit(done.returncode)


def _print_accounts() -> None:
    from backend.seeding.recipe import PASSWORD

    console.print(f"  demo accounts, password [bold]{PASSWORD}[/]:")
    for names in (
        "demo-unit 单元长   demo-grid 网格员   demo-village 村社区书记   demo-town 镇街调度",
        "demo-dept 部门经办   demo-county 县区   demo-city 市级   demo-leader 领导",
        "demo-resident 居民   demo-audit 审计   demo-admin 管理员   demo-party 党建工作区",
    ):
        console.print(f"    {names}")


def _stop(*_: object) -> None:
    raise KeyboardInterrupt
