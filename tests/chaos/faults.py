"""What is done to a running OneMap: whole groups of processes are killed, servers lie, disks fill."""

import os
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import psycopg
from redis import Redis
from redis.exceptions import RedisError

from backend.core.settings import get_settings
from backend.embedded import postgres
from backend.embedded import redis as redis_server
from tests.chaos.stage import Stage

KINDS = (
    "api", "worker", "postgres", "gateway", "redis", "worker alone", "disk", "flushall", "relay",
    "gateway", "both api", "everything",
)  # fmt: skip
DISK_FULL_S = 4.0


def strike(kind: str, stage: Stage) -> None:
    """Do one of `KINDS` to the stage."""
    if kind == "flushall":
        with suppress(RedisError, OSError):
            Redis.from_url(redis_server.url(stage.place)).flushall()
    elif kind == "gateway":
        stage.gateway.worse()
    elif kind == "disk":
        _fill(stage)
    elif kind == "worker alone":
        if pid := stage.supervisor.pid("worker"):
            os.kill(pid, signal.SIGKILL)
    elif kind == "both api":
        _kill(stage, "api", "api-1")
    elif kind == "everything":
        _kill(stage, "api", "api-1", "relay", "worker", "redis", "postgres")
    else:
        _kill(stage, kind)


def _kill(stage: Stage, *names: str) -> None:
    """Kill processes with all that they started, in whatever groups those are."""
    for name in names:
        pid = stage.supervisor.pid(name)
        if pid is None:
            continue
        for one in [pid, *_below(pid)]:
            with suppress(ProcessLookupError):
                os.kill(one, signal.SIGKILL)
        with suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)
        if name == "postgres":
            postgres.end_remains(stage.place)


def _below(pid: int) -> Iterator[int]:
    parents: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            parent = int(stat.read_text().rpartition(")")[2].split()[1])
            parents.setdefault(parent, []).append(int(stat.parent.name))
    waiting = [pid]
    while waiting:
        children = parents.get(waiting.pop(), [])
        yield from children
        waiting += children


def _fill(stage: Stage) -> None:
    """Fill the disk of the photos to its last byte, for a while."""
    if not stage.small_disk:
        return
    full = stage.place.media / "full"
    with suppress(OSError), full.open("wb", buffering=0) as file:
        while True:
            file.write(b"x" * 65536)
    timer = threading.Timer(DISK_FULL_S, full.unlink, kwargs={"missing_ok": True})
    timer.daemon = True
    timer.start()


class Watch:
    """Looks all the time whether PostgreSQL answers; how long it was away at the longest."""

    def __init__(self) -> None:
        self.longest_s = 0.0
        self._over = threading.Event()
        self._url = get_settings().owner_url.replace("+psycopg", "")
        self._thread = threading.Thread(target=self._look, daemon=True)
        self._thread.start()

    def _look(self) -> None:
        since = time.monotonic()
        while not self._over.wait(0.05):
            try:
                psycopg.connect(self._url, connect_timeout=2).close()
            except psycopg.OperationalError:
                continue
            finally:
                self.longest_s = max(self.longest_s, time.monotonic() - since)
            since = time.monotonic()

    def stop(self) -> None:
        """Look no more."""
        self._over.set()
        self._thread.join()
