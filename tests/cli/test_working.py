"""The processes behind the application: what waits is done although a row is broken and workers die."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import create_engine, text

from backend.core.settings import get_settings
from backend.embedded.place import REPOSITORY
from tests.conftest import Town
from tests.events.makers import an_event_at

COUNTY = "359902"
SOON_S = 90


def sql(statement: str, **values: Any) -> list[Any]:
    engine = create_engine(get_settings().owner_url)
    with engine.begin() as connection:
        found = connection.execute(text(statement), values)
        rows = list(found) if found.returns_rows else []
    engine.dispose()
    return rows


def until(true: Callable[[], object]) -> bool:
    end = time.monotonic() + SOON_S
    while time.monotonic() < end:
        if true():
            return True
        time.sleep(0.2)
    return bool(true())


def children_of(pid: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid and fields[0] != "Z":
            found.append(int(stat.parent.name))
    return found


@pytest.fixture
def processes(database: str, tmp_path: Path) -> Iterator[dict[str, int]]:
    """The relay and the process of the workers, as `up` starts them."""
    running = {}
    with (tmp_path / "log").open("wb") as log:
        for verb in ("relay", "worker"):
            running[verb] = subprocess.Popen(
                [sys.executable, "-m", "backend", verb], stdout=log, stderr=log, cwd=REPOSITORY,
                env={**os.environ, "ONEMAP_VAR": str(tmp_path / "var")},
            )  # fmt: skip
        yield {verb: process.pid for verb, process in running.items()}
        for process in running.values():
            process.send_signal(signal.SIGTERM)
        assert {process.wait(20) for process in running.values()} <= {0, -signal.SIGKILL}
    print((tmp_path / "log").read_text()[-3000:])


def overdue(event_id: UUID) -> object:
    return sql("SELECT overdue_at FROM event WHERE id = :id", id=event_id)[0][0]


def test_deadlines_are_seen_beside_a_broken_message_and_after_every_worker_was_killed(
    town: Town, processes: dict[str, int]
) -> None:
    first, second = (an_event_at(town, "handling") for _ in range(2))
    sql(
        "INSERT INTO message (county_code, id, event_id, action_id, channel, to_sealed, to_blind,"
        " about, words) VALUES (:county, gen_random_uuid(), :event, gen_random_uuid(), 'sms',"
        " '\\x01aabbccddeeff', 'x', 'told.file', 'w')",
        county=COUNTY, event=first,
    )  # fmt: skip
    late = "UPDATE event SET due_at = now() - interval '1 hour' WHERE id = :id"
    sql(late, id=first)
    assert until(lambda: overdue(first))
    assert until(lambda: sql("SELECT 1 FROM message WHERE status = 'failed'"))
    before = children_of(processes["worker"])
    assert len(before) == 5
    for pid in before:
        os.kill(pid, signal.SIGKILL)
    sql(late, id=second)
    assert until(lambda: overdue(second))
    now = children_of(processes["worker"])
    assert len(now) == 5 and not set(now) & set(before)
    assert until(lambda: not sql("SELECT 1 FROM outbox WHERE done_at IS NULL"))
    assert sql("SELECT 1 FROM outbox WHERE parked_because IS NOT NULL") == []


def test_workers_go_on_while_their_process_is_replaced(
    town: Town, processes: dict[str, int]
) -> None:
    event_id = an_event_at(town, "handling")
    assert until(lambda: len(children_of(processes["worker"])) == 5)
    orphans = children_of(processes["worker"])
    os.kill(processes["worker"], signal.SIGKILL)
    sql("UPDATE event SET due_at = now() - interval '1 hour' WHERE id = :id", id=event_id)
    try:
        assert until(lambda: overdue(event_id))
    finally:
        for pid in orphans:
            os.kill(pid, signal.SIGTERM)
    assert until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in orphans))
