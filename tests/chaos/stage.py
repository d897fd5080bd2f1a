"""A whole OneMap of the tests' own, with fsync on, on servers and a small disk of its own."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, text
from sqlalchemy.pool import NullPool

from backend.cli.environment import start_servers
from backend.cli.migrating import migrate_now
from backend.cli.serving import listen, start_processes, wait_until_ready
from backend.core.db import get_engine
from backend.core.settings import get_settings
from backend.embedded import place as places
from backend.embedded.place import REPOSITORY, Place
from backend.embedded.supervisor import Child, Supervisor
from backend.seeding.town import seed_town
from tests.chaos.gateway import Gateway
from tests.conftest import SMALL, use

DISK_MB = 24
# What would hold back one machine that plays a whole town, and the hours in which nobody is written to.
SETTINGS = {
    "ONEMAP_PUBLIC_REPORTS_PER_HOUR": "1000000", "ONEMAP_UPLOADS_PER_HOUR": "1000000",
    "ONEMAP_ACCESS_MINUTES": "120", "ONEMAP_QUIET_FROM_HOUR": "0", "ONEMAP_QUIET_UNTIL_HOUR": "0",
    "ONEMAP_GATEWAYS_PRIVATE": "true",
}  # fmt: skip


class Poisoned(Supervisor):
    """Starts the tests' own process of workers, with its deadly listener, in the place of ours."""

    def start(self, child: Child) -> None:
        """Start a child and keep it running."""
        if child.name == "worker":
            command = [*child.command[:-2], "tests.chaos.poisoned"]
            child = replace(child, command=command)
        super().start(child)


@dataclass(frozen=True)
class Stage:
    """What is running, and what around it can be made to fail."""

    place: Place
    supervisor: Supervisor
    port: int
    gateway: Gateway
    engine: Engine
    # Whether the photos lie on a disk that can be filled (only root may mount one).
    small_disk: bool

    def sql(self, statement: str, **values: Any) -> list[Any]:
        """Rows, as the owner sees them."""
        with self.engine.begin() as connection:
            found = connection.execute(text(statement), values)
            return list(found) if found.returns_rows else []


def mounted(folder: Path) -> bool:
    """Mount a small disk in memory there; False where this machine does not allow it."""
    command = ["mount", "-t", "tmpfs", "-o", f"size={DISK_MB}m,mode=700", "tmpfs", str(folder)]
    try:
        return subprocess.run(command, capture_output=True).returncode == 0
    except OSError:
        return False


def _keep_logs(place: Place) -> None:
    """Copy what the processes said to the folder that ``ONEMAP_CHAOS_LOGS`` names."""
    if named := os.environ.get("ONEMAP_CHAOS_LOGS"):
        shutil.copytree(place.logs, named, dirs_exist_ok=True)


@contextmanager
def running() -> Iterator[Stage]:
    """The stage, for as long as it is needed. (The run's own settings are put back after.)"""
    before = dict(os.environ)
    gateway = Gateway()
    with tempfile.TemporaryDirectory(prefix="onemap-chaos-") as folder:
        Path(folder).chmod(0o755)
        place, _ = places.find(Path(folder) / "v")
        place.media.mkdir()
        small_disk = mounted(place.media)
        os.environ.update(
            SETTINGS, ONEMAP_VAR=str(place.root), ONEMAP_SMS_GATEWAY=gateway.url,
            PYTHONPATH=str(REPOSITORY),
        )  # fmt: skip
        use(place, "onemap")
        supervisor = Poisoned(place.logs, lambda _: None)
        try:
            start_servers(place, supervisor)
            migrate_now()
            seed_town(lambda *_: None, SMALL)
            engine = create_engine(get_settings().owner_url, poolclass=NullPool)
            servers = listen("127.0.0.1", 0, 2)
            start_processes(supervisor, servers)
            wait_until_ready(servers[0])
            port = servers[0].getsockname()[1]
            yield Stage(place, supervisor, port, gateway, engine, small_disk)
            for server in servers:
                server.close()
        finally:
            supervisor.stop()
            _keep_logs(place)
            gateway.stop()
            get_engine().dispose()
            if small_disk:
                subprocess.run(["umount", "--lazy", str(place.media)], check=True)
            os.environ.clear()
            os.environ.update(before)
