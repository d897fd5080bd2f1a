"""When each job last ran, kept in PostgreSQL: what is late, and what may be started now.

Table: `job_run`, one row a job and one a job and county, overwritten at each run. The row of a job
is also its lease: whoever beats it has it, and a worker that was killed loses it.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from backend.core.db import Base, CountyCode, unit_of_work

# A job that has not beaten for so long is not at work any more: it beats after each slice of its
# work, and no statement of a job may run longer than `jobs.STATEMENT_S`.
LEASE = timedelta(seconds=45)
# Stands for the county in the row of the whole job.
WHOLE = "*"


class JobRun(Base):
    """The last run of a job, as a whole or in one county."""

    __tablename__ = "job_run"

    county_code: Mapped[str] = mapped_column(CountyCode, primary_key=True)
    name: Mapped[str] = mapped_column(primary_key=True)
    started_at: Mapped[datetime] = mapped_column(server_default=func.now())
    beat_at: Mapped[datetime] = mapped_column(server_default=func.now())
    finished_at: Mapped[datetime | None]
    # The last time that it finished without a fault.
    good_at: Mapped[datetime | None]
    worked: Mapped[int] = mapped_column(server_default="0")
    # What went wrong in the last run, in words; empty when nothing did.
    error: Mapped[str] = mapped_column(server_default="")

    @property
    def running(self) -> bool:
        """Whether it was started and has not finished; ask `beat_at` whether it lives."""
        return self.finished_at is None or self.finished_at < self.started_at


def _over() -> ColumnElement[bool]:
    finished = func.coalesce(JobRun.finished_at >= JobRun.started_at, False)
    return finished | (JobRun.beat_at < func.now() - LEASE)


def take(name: str) -> bool:
    """Take a job's lease and begin its run; False when somebody is at it."""
    with unit_of_work() as session:
        begun = (
            insert(JobRun)
            .values(county_code=WHOLE, name=name)
            .on_conflict_do_update(
                index_elements=["county_code", "name"],
                set_={"started_at": func.now(), "beat_at": func.now()},
                where=_over(),
            )
            .returning(JobRun.name)
        )
        return session.execute(begun).first() is not None


def beat(name: str) -> None:
    """Say that a job is still at work, or that a process lives."""
    with unit_of_work() as session:
        session.execute(
            insert(JobRun)
            .values(county_code=WHOLE, name=name)
            .on_conflict_do_update(
                index_elements=["county_code", "name"], set_={"beat_at": func.now()}
            )
        )


def finish(name: str, worked: int, error: str, parts: Mapping[str, str]) -> None:
    """Write down how a run ended, as a whole and in each county: what went wrong, or nothing."""
    ended = [(WHOLE, worked, error), *((c, 0, why) for c, why in parts.items() if c != WHOLE)]
    rows = [
        {"county_code": county, "name": name, "worked": n, "error": why} for county, n, why in ended
    ]
    written = insert(JobRun).values(
        [{**row, "finished_at": func.now(), "good_at": _if_good(row["error"])} for row in rows]
    )
    new = written.excluded
    with unit_of_work() as session:
        session.execute(
            written.on_conflict_do_update(
                index_elements=["county_code", "name"],
                set_={
                    "finished_at": new.finished_at, "beat_at": new.finished_at,
                    "worked": new.worked, "error": new.error,
                    "good_at": func.coalesce(new.good_at, JobRun.good_at),
                },
            )
        )  # fmt: skip


def _if_good(error: object) -> ColumnElement[datetime] | None:
    return None if error else func.now()


def wholes(session: Session) -> dict[str, JobRun]:
    """The last run of every job, by name."""
    rows = session.scalars(select(JobRun).where(JobRun.county_code == WHOLE))
    return {row.name: row for row in rows}


def in_counties(session: Session, name: str) -> Sequence[JobRun]:
    """The last runs of a job in each county, the longest ago first."""
    return session.scalars(
        select(JobRun)
        .where(JobRun.county_code != WHOLE, JobRun.name == name)
        .order_by(JobRun.finished_at)
    ).all()
