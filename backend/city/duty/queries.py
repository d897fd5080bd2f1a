"""Reads of an organization's people and teams, and of who is away."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from backend.city.accounts.models import Account, Leave, Post
from backend.city.accounts.queries import running
from backend.city.organizations.models import Team
from backend.core import day
from backend.core.actor import Actor
from backend.core.asking import among


@dataclass(frozen=True)
class Colleague:
    """Somebody of an organization, with their team and the leave that runs or comes next."""

    account_id: UUID
    name: str
    team_id: UUID | None
    leave: Leave | None


def teams(session: Session, organization_id: UUID) -> Sequence[Team]:
    """The teams of an organization, by name."""
    return session.scalars(
        select(Team)
        .where(Team.organization_id == organization_id, Team.closed_at.is_(None))
        .order_by(Team.name)
    ).all()


def colleagues(session: Session, organization_id: UUID) -> list[Colleague]:
    """Who holds a post in an organization today, by name."""
    rows = session.execute(
        select(Account.id, Account.name, Post.team_id)
        .join(Post, Post.account_id == Account.id)
        .where(Post.organization_id == organization_id, running(), Account.disabled_at.is_(None))
        .order_by(Account.name)
    ).all()
    away: dict[UUID, Leave] = {}
    for leave in session.scalars(
        select(Leave)
        .where(
            among(Leave.account_id, [row.id for row in rows]), Leave.ended_at.is_(None),
            Leave.last_day >= day.today(),
        )
        .order_by(Leave.first_day)
    ):  # fmt: skip
        away.setdefault(leave.account_id, leave)
    return [Colleague(row.id, row.name, row.team_id, away.get(row.id)) for row in rows]


def deputies(session: Session, people: Iterable[UUID]) -> dict[UUID, UUID]:
    """Who of these is away today, and who stands in for each."""
    wanted = list(people)
    if not wanted:
        return {}
    rows = session.execute(
        select(Leave.account_id, Leave.deputy_id).where(
            _away_today(), among(Leave.account_id, wanted)
        )
    )
    return {row.account_id: row.deputy_id for row in rows}


def stands_in_for(session: Session, account_id: UUID) -> frozenset[UUID]:
    """For whom somebody stands in today."""
    return frozenset(
        session.scalars(
            select(Leave.account_id).where(_away_today(), Leave.deputy_id == account_id)
        )
    )


def team_of(session: Session, actor: Actor) -> UUID | None:
    """The team of the actor's own post."""
    return session.scalar(select(Post.team_id).where(Post.id == actor.post_id))


def away_between(
    session: Session, people: Iterable[UUID], first: date, last: date
) -> frozenset[UUID]:
    """Who of these is entered as away on one of the days."""
    same_days = (Leave.first_day <= last) & (Leave.last_day >= first) & Leave.ended_at.is_(None)
    return frozenset(
        session.scalars(select(Leave.account_id).where(same_days, among(Leave.account_id, people)))
    )


def _away_today() -> ColumnElement[bool]:
    on = day.today()
    return (Leave.first_day <= on) & (Leave.last_day >= on) & Leave.ended_at.is_(None)
