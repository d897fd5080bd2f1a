"""Whether this process lives, and whether it can serve.

`/api/health` waits for nothing: no thread, no database. `/api/ready` looks in a thread and over a
connection of its own, for `WITHIN_S` at most. It is 200 as long as people can be served: late jobs
are said, and leave the answer at 200, because a balancer that takes every machine out for them
would turn a delay into an outage.
"""

import time
from datetime import datetime, timedelta
from typing import Any

import anyio
import anyio.to_thread
from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse
from redis import Redis
from sqlalchemy import Connection, NullPool, create_engine, func, select, text

from backend.core import clock
from backend.core.heartbeat import WHOLE, JobRun
from backend.core.jobs import Job
from backend.core.permissions import allow_unasked
from backend.core.settings import get_settings

router = APIRouter(tags=["health"])

SUPPORTED_POSTGRESQL = range(15, 19)
WITHIN_S = 3.0

# Reading past the policies, or owning the tables, would make row-level security an ornament.
CHECK = text(
    "SELECT current_setting('server_version_num')::int / 10000 AS version,"
    " rolsuper OR rolbypassrls OR pg_has_role(current_user, relowner, 'USAGE') AS too_mighty"
    " FROM pg_roles, pg_class WHERE rolname = current_user AND relname = 'event'"
)
# The looks of a process stand in one line of their own: they take nobody's thread.
_looks = anyio.CapacityLimiter(2)
_began = time.monotonic()


@router.get("/health", dependencies=[allow_unasked()])
async def health() -> dict[str, str]:
    """Say that the process lives."""
    return {"status": "alive"}


@router.get("/ready", dependencies=[allow_unasked()])
async def ready(request: Request) -> JSONResponse:
    """Say whether database and Redis answer, whether the role is harmless, and how jobs stand."""
    jobs: tuple[Job, ...] = getattr(request.app.state, "jobs", ())
    found: dict[str, Any] = {"database": "does not answer in time", "redis": "not asked"}
    with anyio.move_on_after(WITHIN_S):
        found = await anyio.to_thread.run_sync(
            _look, jobs, limiter=_looks, abandon_on_cancel=True
        )  # fmt: skip
    return JSONResponse(found, 200 if found["database"] == "ok" else 503)


def _look(jobs: tuple[Job, ...]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    try:
        engine = create_engine(
            get_settings().database_url, poolclass=NullPool,
            connect_args={"connect_timeout": 2, "options": "-c statement_timeout=2s"},
        )  # fmt: skip
        with engine.connect() as connection:
            found["database"] = _database(connection)
            if jobs:
                found |= _jobs(connection, jobs)
    except Exception:  # whatever it is: it does not serve
        found["database"] = "does not answer, or is not migrated"
    try:
        with Redis.from_url(
            get_settings().redis_url, socket_timeout=1, socket_connect_timeout=1
        ) as redis:
            redis.ping()
        found["redis"] = "ok"
    except Exception:
        # Reports are taken in without it; what follows them waits.
        found["redis"] = "does not answer"
    return found


def _database(connection: Connection) -> str:
    row = connection.execute(CHECK).one()
    if row.version not in SUPPORTED_POSTGRESQL:
        return f"PostgreSQL {row.version} is not supported: 15 to 18 are"
    return "the application's role can bypass row-level security" if row.too_mighty else "ok"


def _jobs(connection: Connection, jobs: tuple[Job, ...]) -> dict[str, Any]:
    """When each job last finished, and which are late."""
    rows = connection.execute(
        select(JobRun.name, JobRun.finished_at).where(JobRun.county_code == WHOLE)
    )
    finished = {row.name: row.finished_at for row in rows}
    now = connection.scalar(select(func.now())) or clock.actual()
    late = [job.name for job in jobs if is_late(job, finished.get(job.name), now)]
    return {
        "jobs": {
            job.name: {"finished": _iso(finished.get(job.name)), "late": job.name in late}
            for job in jobs
        },
        "late": late,
    }


def is_late(job: Job, finished: datetime | None, now: datetime) -> bool:
    """Whether a job should have finished by now; or, never having done so, since our start."""
    if finished is None:
        return time.monotonic() - _began > job.late_after_s
    return now - finished > timedelta(seconds=job.late_after_s)


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None
