"""The relay: looks into PostgreSQL for what waits or is due, and wakes workers through Redis.

It remembers nothing. What is queued already is not queued twice; when Redis was flushed, or
anything else went wrong, the next look finds the same again.
"""

import time
from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime, timedelta
from uuid import uuid4

import structlog
from redis import Redis
from rq import Queue
from sqlalchemy import func, select, text

from backend.core import clock, heartbeat
from backend.core.db import unit_of_work
from backend.core.faults import in_words
from backend.core.heartbeat import LEASE, JobRun
from backend.core.jobs import FACTS, LANES, SENDING, Job
from backend.core.outbox import Outbox
from backend.core.settings import get_settings

log = structlog.get_logger()

POLL_S, JOBS_EVERY_S, BEAT_EVERY_S = 0.3, 1.0, 10.0
# After a fault it looks again so soon, and twice as late each time, up to the second.
AGAIN_S = (0.3, 5.0)
NAME = "relay"
# A drain takes facts for so long and is then asked for again, so that counties take turns.
DRAIN_S, DRAIN_KILLED_S = 20, 90


def redis_connection() -> "Redis":
    """A connection that waits for no answer for ever."""
    return Redis.from_url(
        get_settings().redis_url, socket_timeout=10, socket_connect_timeout=5
    )  # fmt: skip


def queues(connection: "Redis") -> dict[str, Queue]:
    """The queue of each lane."""
    return {lane: Queue(f"onemap.{lane}", connection=connection) for lane in LANES}


def waiting(outward: Collection[str]) -> set[tuple[str, str]]:
    """The counties that have facts waiting, each with the lane that hears them."""
    with unit_of_work() as session:
        rows = session.execute(
            select(Outbox.county_code, Outbox.fact.in_(outward))
            .where(
                Outbox.done_at.is_(None),
                Outbox.parked_because.is_(None),
                Outbox.due_at <= text("now()"),
            )
            .distinct()
        )
        return {(county, SENDING if leaves else FACTS) for county, leaves in rows}


def wake(queue: Queue, counties: Iterable[str]) -> None:
    """Ask for one drain a county; one that is queued already is enough."""
    for county in counties:
        _once(queue, f"outbox-{county}", DRAIN_KILLED_S, "drain", county, queue.name)


def due(jobs: Sequence[Job]) -> list[Job]:
    """The jobs whose time has come and that nobody is at."""
    with unit_of_work() as session:
        now: datetime = session.scalar(select(func.now())) or clock.actual()
        runs = heartbeat.wholes(session)
        return [job for job in jobs if _is_due(job, runs.get(job.name), now)]


def _is_due(job: Job, last: JobRun | None, now: datetime) -> bool:
    if last is None:
        return True
    if last.running and last.beat_at > now - LEASE:
        return False
    return last.started_at <= now - timedelta(seconds=job.every_s)


def start(lanes: dict[str, Queue], jobs: Iterable[Job]) -> None:
    """Queue jobs by name, each once."""
    for job in jobs:
        _once(lanes[job.lane], f"job-{job.name}", job.killed_after_s, "run", job.name)


def queued(queue: Queue) -> list[str]:
    """The names of what waits in a queue, in its order."""
    return [job_id.rpartition("-")[0] for job_id in queue.job_ids]


def _once(queue: Queue, name: str, timeout_s: int, what: str, *args: str) -> None:
    # Asked of the queue: the key of a job outlives it when its worker is killed. For that reason
    # each has an id of its own, too: rq counts the remains of a killed one as part of the next of
    # that id, and ends the worker over them.
    if name not in queued(queue):
        queue.enqueue(
            f"backend.jobs.{what}", *args, job_id=f"{name}-{uuid4().hex}", job_timeout=timeout_s,
            result_ttl=0, failure_ttl=0,
        )  # fmt: skip


def relay(stop: Callable[[], bool], jobs: Sequence[Job], outward: Collection[str]) -> None:
    """Wake workers for as long as there is work; survives whatever goes wrong in a look."""
    lanes = queues(redis_connection())
    look_at_jobs = beat = 0.0
    pause = AGAIN_S[0]
    while not stop():
        try:
            for lane in (FACTS, SENDING):
                wake(lanes[lane], sorted(c for c, of in waiting(outward) if of == lane))
            if time.monotonic() >= look_at_jobs:
                look_at_jobs = time.monotonic() + JOBS_EVERY_S
                start(lanes, due(jobs))
            if time.monotonic() >= beat:
                beat = time.monotonic() + BEAT_EVERY_S
                heartbeat.beat(NAME)
            pause = AGAIN_S[0]
        except Exception as fault:  # whatever it is, the next look may succeed
            log.warning("relay waits", because=in_words(fault), seconds=pause)
            time.sleep(pause)
            pause = min(2 * pause, AGAIN_S[1])
        time.sleep(POLL_S)
