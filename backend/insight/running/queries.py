"""Every read of what runs; without a place, and without anything that people wrote."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.core import clock
from backend.core.heartbeat import WHOLE, JobRun
from backend.core.outbox import Outbox
from backend.tools.notices.models import Message

# Older news are not worth sending, nor worth a line.
RECENT = timedelta(days=7)
SHOWN_MOST = 100
# A fact that has waited for so long is not simply next.
PATIENCE = timedelta(minutes=1)


@dataclass(frozen=True)
class Waiting:
    """Facts of a county that nobody takes up."""

    county_code: str
    n: int
    since: datetime


@dataclass(frozen=True)
class WithoutRoom:
    """Facts of a county that wait for room on a disk, and what one of them met."""

    county_code: str
    n: int
    since: datetime
    because: str


@dataclass(frozen=True)
class GivenUp:
    """Messages of one way that failed for one reason."""

    channel: str
    error: str
    n: int
    since: datetime


def runs(session: Session) -> Sequence[JobRun]:
    """The last runs of all jobs, as a whole and in each county."""
    return session.scalars(select(JobRun).order_by(JobRun.name, JobRun.county_code)).all()


def failing_counties(session: Session) -> Sequence[JobRun]:
    """The counties in which a job's last run went wrong."""
    return session.scalars(
        select(JobRun)
        .where(JobRun.county_code != WHOLE, JobRun.error != "")
        .order_by(JobRun.name, JobRun.county_code)
        .limit(SHOWN_MOST)
    ).all()


def waiting(session: Session) -> list[Waiting]:
    """Counties whose facts have waited for more than a minute."""
    rows = session.execute(
        select(Outbox.county_code, func.count(), func.min(Outbox.due_at))
        .where(
            Outbox.done_at.is_(None), Outbox.parked_because.is_(None),
            Outbox.due_at < func.now() - PATIENCE,
        )
        .group_by(Outbox.county_code)
        .order_by(Outbox.county_code)
    )  # fmt: skip
    return [Waiting(*row) for row in rows]


def without_room(session: Session) -> list[WithoutRoom]:
    """Counties whose facts wait until there is room on a disk."""
    rows = session.execute(
        select(
            Outbox.county_code, func.count(), func.min(Outbox.left_at),
            func.min(Outbox.waits_because),
        )
        .where(
            Outbox.done_at.is_(None), Outbox.parked_because.is_(None),
            Outbox.waits_because.is_not(None),
        )
        .group_by(Outbox.county_code)
        .order_by(Outbox.county_code)
    )  # fmt: skip
    return [WithoutRoom(county, n, since, because or "") for county, n, since, because in rows]


def parked(session: Session) -> Sequence[Outbox]:
    """Facts that were given up, the newest first."""
    return session.scalars(
        select(Outbox)
        .where(Outbox.done_at.is_(None), Outbox.parked_because.is_not(None))
        .order_by(Outbox.id.desc())
        .limit(SHOWN_MOST)
    ).all()


def given_up(session: Session, counties: Sequence[str]) -> list[GivenUp]:
    """Messages that failed lately, by way and reason."""
    rows = session.execute(
        select(Message.channel, Message.error, func.count(), func.min(Message.made_at))
        .where(
            Message.county_code.in_(counties), Message.status == "failed",
            Message.made_at > clock.now() - RECENT,
        )
        .group_by(Message.channel, Message.error)
        .order_by(func.count().desc())
        .limit(SHOWN_MOST)
    )  # fmt: skip
    return [GivenUp(*row) for row in rows]


def failed(
    session: Session, counties: Sequence[str], channel: str, error: str, most: int
) -> list[tuple[str, UUID]]:
    """Keys of messages of one way that failed lately for one reason."""
    rows = session.execute(
        select(Message.county_code, Message.id)
        .where(
            Message.county_code.in_(counties), Message.status == "failed",
            Message.channel == channel, Message.error == error,
            Message.made_at > clock.now() - RECENT,
        )
        .order_by(Message.id)
        .limit(most)
    )  # fmt: skip
    return [(county, key) for county, key in rows]


def now(session: Session) -> datetime:
    """What time it is by the clock that wrote the times of jobs: the database's."""
    return session.scalars(select(func.now())).one()
