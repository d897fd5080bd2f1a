"""A job survives whatever a county or a row does; it runs once at a time, and again after a kill."""

from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

import pytest
from rq import SimpleWorker
from rq.timeouts import JobTimeoutException
from sqlalchemy import text

from backend import jobs
from backend.core import clock, heartbeat, relay
from backend.core import jobs as core
from backend.core.actor import system
from backend.core.db import unit_of_work
from backend.core.heartbeat import JobRun
from backend.core.idempotency import ClientKey
from backend.core.ids import id_at, new_id
from backend.core.jobs import PERIODIC, Job
from backend.core.outbox import Outbox
from backend.core.purging import purge
from backend.core.rows import Aside
from backend.core.settings import get_settings
from backend.matters.events.models import Event
from backend.matters.events.promises import jobs as promises
from tests.conftest import Town
from tests.events.makers import an_event_at
from tests.events.test_promises import the

COUNTY = "359902"
TRIED = Job("tried", PERIODIC, 20, 60, "tests.core.test_jobs:work")
served: list[str] = []


def work(county: str, aside: Aside) -> int:
    """What the job of these tests does: nothing in one county, and a fault in two others."""
    served.append(county)
    if county == "away":
        raise RuntimeError("read-only server")
    if county == "halts":
        raise core.Halt("gateway: nobody there")
    if county == "hangs":
        raise JobTimeoutException
    if county == "busy" and served.count("busy") < 3:
        return 7
    return 0


@pytest.fixture(autouse=True)
def fresh(database: str) -> Iterator[None]:
    served.clear()
    yield
    with unit_of_work() as session:
        session.execute(text("UPDATE job_run SET beat_at = now() - interval '1 h'"))


def last(name: str, county: str = heartbeat.WHOLE) -> JobRun:
    with unit_of_work() as session:
        row = session.get(JobRun, (county, name))
        assert row is not None
        return row


def test_a_county_that_fails_stops_no_other() -> None:
    assert core.run(TRIED, ["away", "busy", "quiet"])
    assert served == ["away", "busy", "quiet", "busy", "busy"]
    assert last("tried", "away").error == "RuntimeError: read-only server"
    assert (last("tried", "away").good_at, last("tried", "quiet").error) == (None, "")
    assert (last("tried").worked, last("tried").error) == (
        14, "away: RuntimeError: read-only server",
    )  # fmt: skip


def test_what_a_whole_job_needs_may_be_away() -> None:
    assert core.run(TRIED, ["quiet", "halts", "busy"])
    assert served == ["quiet", "halts"]
    assert last("tried").error == "Halt: gateway: nobody there"
    assert core.run(TRIED, ["quiet"])
    assert last("tried").error == ""


def test_a_job_that_is_at_work_is_not_begun_again_until_it_was_given_up() -> None:
    assert heartbeat.take("tried")
    assert not core.run(TRIED, ["quiet"])
    assert relay.due([TRIED]) == []
    # Its worker was killed: the lease is not beaten any more.
    with unit_of_work() as session:
        session.execute(
            text(
                "UPDATE job_run SET beat_at = now() - interval '1 h', started_at = now() - interval '1 h'"
            )
        )
    assert relay.due([TRIED]) == [TRIED]
    assert core.run(TRIED, ["quiet"])
    assert served == ["quiet"]


def test_a_job_out_of_time_says_so() -> None:
    with pytest.raises(JobTimeoutException):
        core.run(TRIED, ["quiet", "hangs", "busy"])
    assert last("tried").error == "hangs: not done within its time"


def test_a_job_is_due_after_its_time_and_queued_once() -> None:
    assert relay.due([TRIED]) in ([], [TRIED])
    core.run(TRIED, [])
    assert relay.due([TRIED]) == []
    with unit_of_work() as session:
        session.execute(text("UPDATE job_run SET started_at = now() - interval '21 s'"))
    assert relay.due([TRIED]) == [TRIED]
    connection = relay.redis_connection()
    connection.flushall()
    lanes = relay.queues(connection)
    for _ in range(3):
        relay.start(lanes, [TRIED])
    assert relay.queued(lanes[PERIODIC]) == ["job-tried"]
    connection.flushall()
    relay.start(lanes, [TRIED])
    assert relay.queued(lanes[PERIODIC]) == ["job-tried"]


def test_nothing_holds_up_the_numbers_of_boards(town: Town) -> None:
    connection = relay.redis_connection()
    connection.flushall()
    relay.start(relay.queues(connection), jobs.JOBS)
    # However long limits and tidying take, the worker of figures meets nothing else.
    waits = {lane: relay.queued(queue) for lane, queue in relay.queues(connection).items()}
    assert waits["figures"] == ["job-counters"]
    assert "job-overdue" in waits["periodic"]


def test_every_job_runs_by_its_name(town: Town) -> None:
    connection = relay.redis_connection()
    connection.flushall()
    lanes = relay.queues(connection)
    relay.start(lanes, jobs.JOBS)
    for lane in lanes.values():
        SimpleWorker([lane], connection=connection).work(burst=True)
    for job in jobs.JOBS:
        row = last(job.name)
        assert row.finished_at is not None and row.error == "", job.name
    assert last("overdue", COUNTY).good_at is not None


class OneLook:
    """Ends the relay after so many looks."""

    def __init__(self, looks: int) -> None:
        self.looks = looks

    def __call__(self) -> bool:
        self.looks -= 1
        return self.looks < 0


def test_the_relay_survives_whatever_a_look_raises(monkeypatch: pytest.MonkeyPatch) -> None:
    faults = iter([RuntimeError("unheard of"), KeyError("x"), None])
    looked = []

    def waiting(_: object) -> set[tuple[str, str]]:
        fault = next(faults)
        if fault is not None:
            raise fault
        looked.append(True)
        return set()

    monkeypatch.setattr(relay, "waiting", waiting)
    monkeypatch.setattr(relay.time, "sleep", lambda _: None)
    relay.relay(OneLook(3), jobs.JOBS, jobs.OUTWARD)
    assert looked == [True]


def test_one_event_that_fails_holds_up_no_other(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    bad, good = (an_event_at(town, "handling", category="0201") for _ in range(2))
    real = promises._remind

    def fails(session: object, event: Event) -> None:
        if event.id == bad:
            raise KeyError("no such rule")
        real(session, event)  # type: ignore[arg-type]

    monkeypatch.setattr(promises, "_remind", fails)
    before = the(good).remind_percent
    with clock.at(clock.now() + timedelta(days=30)):
        aside = Aside()
        while promises.reminders(COUNTY, aside):
            pass
    assert list(aside.why) == [bad]
    assert aside.in_words() == f"1 × KeyError: 'no such rule' ({bad})"
    assert the(good).remind_percent != before


def test_what_has_served_its_time_is_removed_and_nothing_else(town: Town) -> None:
    now, settings = clock.now(), get_settings()
    ages = {"old": settings.outbox_days + 1, "new": settings.outbox_days - 1}
    kept: dict[str, UUID] = {}
    with unit_of_work(system(COUNTY)) as session:
        for name, days in ages.items():
            for done in (True, False):
                row = Outbox(
                    county_code=COUNTY, id=id_at(now - timedelta(days=days)), fact="test.fact",
                    subject_id=new_id(), done_at=now if done else None,
                    parked_because=None if done else "it could not be heard",
                )  # fmt: skip
                session.add(row)
                kept[f"{name} {'done' if done else 'parked'}"] = row.id
    sender = town["demo-unit"]
    with unit_of_work(sender) as session:
        for name, days in (("old key", settings.client_key_days + 1), ("new key", 100)):
            key = ClientKey(
                county_code=COUNTY, id=new_id(), account_id=sender.id, body_hash=b"x",
                used_at=now - timedelta(days=days),
            )  # fmt: skip
            session.add(key)
            kept[name] = key.id
    while purge(COUNTY, Aside()):
        pass
    with unit_of_work(sender) as session:
        left = {
            name
            for name, key in kept.items()
            if session.get(ClientKey if "key" in name else Outbox, (COUNTY, key)) is not None
        }
    assert left == {"new done", "old parked", "new parked", "new key"}
