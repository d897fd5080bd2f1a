"""Kill -9 of every process and FLUSHALL, in turns under load: nothing lost, nothing doubled."""

import http.client
import itertools
import json
import os
import random
import signal
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from uuid import uuid4

import pytest
from redis import Redis
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from backend.cli.environment import start_servers
from backend.cli.migrating import migrate_now
from backend.cli.serving import listen, start_processes, wait_until_ready
from backend.core.db import get_engine
from backend.core.settings import get_settings
from backend.embedded import place as places
from backend.embedded import redis as redis_server
from backend.embedded.place import Place
from backend.embedded.supervisor import Supervisor
from backend.seeding.recipe import PASSWORD
from backend.seeding.town import seed_town
from tests.conftest import SMALL, use

pytestmark = pytest.mark.chaos

EVENTS, CLIENTS, SENT_TWICE = 5_000, 16, 0.3
FAULT_EVERY_S, SETTLED_WITHIN_S, LIMIT_S = 2.0, 10.0, 300.0
FAULTS = ("api", "worker", "postgres", "redis", "flushall", "relay")


@dataclass
class Ledger:
    """What the clients were promised, kept outside of everything that is killed."""

    promised: dict[str, str] = field(default_factory=dict)
    contradictions: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, key: str, event_id: str) -> None:
        with self.lock:
            if self.promised.setdefault(key, event_id) != event_id:
                self.contradictions.append(key)


@pytest.fixture(scope="module")
def stage(servers: Place) -> Iterator[tuple[Place, Supervisor, int]]:
    """A whole OneMap of its own, with fsync on. (The run's own servers are put back after.)"""
    before = dict(os.environ)
    with tempfile.TemporaryDirectory(prefix="onemap-chaos-") as folder:
        Path(folder).chmod(0o755)
        place, _ = places.find(Path(folder) / "v")
        place.media.mkdir()
        use(place, "onemap")
        supervisor = Supervisor(place.logs, lambda _: None)
        os.environ["ONEMAP_VAR"] = str(place.root)
        try:
            start_servers(place, supervisor)
            migrate_now()
            seed_town(lambda *_: None, SMALL)
            server = listen("127.0.0.1", 0)
            start_processes(supervisor, server, 2)
            wait_until_ready(server)
            yield place, supervisor, server.getsockname()[1]
            server.close()
        finally:
            supervisor.stop()
            get_engine().dispose()
            os.environ.clear()
            os.environ.update(before)


def send(
    port: int, path: str, body: dict[str, object], token: str = ""
) -> tuple[int, dict[str, object]]:
    """One request on a connection of its own; status 0 when nobody answered."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
        connection.request("POST", path, json.dumps(body), headers)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    except (OSError, http.client.HTTPException, ValueError):
        return 0, {}
    finally:
        connection.close()


def client(
    port: int, token: str, work: Iterator[int], ledger: Ledger, point: dict[str, object], end: float
) -> None:
    """Report until the work is done; repeat whatever was not answered, and some of what was."""
    rng = random.Random(threading.get_ident())
    for _ in work:
        key = str(uuid4())
        body: dict[str, object] = {
            "client_id": key,
            "category": "0201",
            "text": "积水",
            "position": point,
        }
        twice = rng.random() < SENT_TWICE
        while time.monotonic() < end:
            status, answer = send(port, "/api/events", body, token)
            if status == 201:
                ledger.note(key, str(answer["id"]))
                if not twice:
                    break
                twice = False
            else:
                assert status in (0, 503), (status, answer)
                time.sleep(0.05)


def strike(fault: str, place: Place, supervisor: Supervisor) -> None:
    if fault == "flushall":
        try:
            Redis.from_url(redis_server.url(place)).flushall()
        except OSError:
            return
    elif pid := supervisor.pid(fault):
        os.kill(pid, signal.SIGKILL)


def test_nothing_is_lost_and_nothing_is_doubled(stage: tuple[Place, Supervisor, int]) -> None:
    place, supervisor, port = stage
    status, me = send(
        port, "/api/auth/sign-in", {"username": "demo-unit", "password": PASSWORD, "bearer": True}
    )
    assert status == 200
    engine = create_engine(get_settings().owner_url)
    with engine.connect() as connection:
        lon, lat = connection.execute(
            text(
                "SELECT ST_X(p), ST_Y(p) FROM (SELECT ST_PointOnSurface(geom) AS p FROM area WHERE code = :c) AS x"
            ),
            {"c": me["post"]["area_code"]},  # type: ignore[index]
        ).one()
    point: dict[str, object] = {"lon": lon, "lat": lat, "crs": "WGS84", "accuracy_m": 5}
    ledger, end = Ledger(), time.monotonic() + LIMIT_S
    counter = itertools.count()
    lock = threading.Lock()

    def work() -> Iterator[int]:
        while True:
            with lock:
                n = next(counter)
            if n >= EVENTS:
                return
            yield n

    threads = [
        threading.Thread(target=client, args=(port, str(me["access"]), work(), ledger, point, end))
        for _ in range(CLIENTS)
    ]
    for thread in threads:
        thread.start()
    faults, struck, due = itertools.cycle(FAULTS), 0, time.monotonic() + 1.0
    while any(thread.is_alive() for thread in threads):
        supervisor.tick()
        if time.monotonic() >= due:
            strike(next(faults), place, supervisor)
            struck += 1
            due = time.monotonic() + FAULT_EVERY_S
        time.sleep(0.05)
    for thread in threads:
        thread.join()
    assert struck >= len(FAULTS)

    def undone() -> int:
        with engine.connect() as connection:
            return int(
                connection.execute(
                    text("SELECT count(*) FROM outbox WHERE done_at IS NULL")
                ).scalar_one()
            )

    last_fault, settled, most = time.monotonic(), False, 0
    while not settled and time.monotonic() < last_fault + SETTLED_WITHIN_S:
        supervisor.tick()
        time.sleep(0.1)
        try:
            waiting = undone()
        except OperationalError:
            continue
        most, settled = max(most, waiting), waiting == 0
    took = time.monotonic() - last_fault
    assert settled, f"{undone()} facts are still waiting {SETTLED_WITHIN_S} s after the last fault"
    with engine.connect() as connection:
        rows = connection.execute(
            text("SELECT k.id::text AS key, e.id::text AS event, (SELECT count(*) FROM event_action a"
                 " WHERE a.event_id = e.id) AS entries, (SELECT count(*) FROM outbox o WHERE o.subject_id = e.id) AS facts"
                 " FROM event e JOIN client_key k ON k.answer->>'id' = e.id::text")
        ).all()  # fmt: skip
        events = connection.execute(text("SELECT count(*) FROM event")).scalar_one()
    engine.dispose()
    assert ledger.contradictions == []
    assert len(ledger.promised) == EVENTS
    stored = {row.key: row.event for row in rows}
    lost = [key for key, event in ledger.promised.items() if stored.get(key) != event]
    assert lost == []
    # An unanswered report was repeated under its key: no key has two events, no event two of anything.
    assert events == len(rows) == EVENTS
    assert {(row.entries, row.facts) for row in rows} == {(1, 1)}
    # Workers were killed over innocent facts: none of them was taken for the cause.
    with engine.connect() as connection:
        parked = connection.execute(text("SELECT count(*) FROM outbox WHERE parked_because <> ''"))
        assert parked.scalar_one() == 0
    engine.dispose()
    print(f"\nchaos: {EVENTS} events, {struck} faults, 0 lost, 0 doubled;", end=" ")
    print(f"{most} facts waited at the last fault, none {took:.1f} s later")
