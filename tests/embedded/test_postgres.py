"""The private PostgreSQL is back at once, whatever it was killed with."""

import os
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from backend.embedded import place as places
from backend.embedded import postgres
from backend.embedded.place import Place
from backend.embedded.supervisor import Child, Supervisor

AWAY_MOST_S = 5.0


@pytest.fixture
def cluster() -> Iterator[tuple[Place, Supervisor]]:
    with tempfile.TemporaryDirectory(prefix="onemap-pg-") as folder:
        Path(folder).chmod(0o755)
        place, _ = places.find(Path(folder) / "v")
        supervisor = Supervisor(place.logs, print)
        try:
            postgres.create(place)
            supervisor.start(
                Child(
                    "postgres", postgres.command(place), stop_signal=signal.SIGINT,
                    cwd=place.database, before_restart=partial(postgres.end_remains, place),
                )
            )  # fmt: skip
            postgres.wait(place)
            yield place, supervisor
        finally:
            supervisor.stop()


def pid_of(place: Place) -> int | None:
    """The postmaster that holds the cluster; None while one makes way for the next."""
    try:
        return int((place.database / "postmaster.pid").read_text().splitlines()[0])
    except (FileNotFoundError, IndexError):
        return None


def test_backends_at_work_do_not_keep_a_killed_server_away(
    cluster: tuple[Place, Supervisor],
) -> None:
    place, supervisor = cluster
    busy = "SELECT count(*) FROM generate_series(1, 1000000000) AS n WHERE n % 7 = 3"
    clients = [
        subprocess.Popen(
            ["psql", "-X", "-q", "-U", "postgres", "-h", str(place.sockets), "-c", busy],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, cwd="/",
        )
        for _ in range(3)
    ]  # fmt: skip
    at_work = "SELECT count(*) FROM pg_stat_activity WHERE state = 'active' AND query LIKE '%% 7 %'"
    end = time.monotonic() + 20
    while int(postgres.psql(place, at_work)) < 3:
        assert time.monotonic() < end, "the backends never began"
    postmaster = pid_of(place)
    assert postmaster is not None
    os.kill(postmaster, signal.SIGKILL)
    began = time.monotonic()
    while pid_of(place) in (None, postmaster):
        supervisor.tick()
        assert time.monotonic() - began < AWAY_MOST_S
    postgres.wait(place, AWAY_MOST_S)
    assert time.monotonic() - began < AWAY_MOST_S
    assert postgres.psql(place, "SELECT 1") == "1"
    for client in clients:
        assert client.wait(10) != 0
