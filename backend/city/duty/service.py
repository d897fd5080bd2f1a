"""Inside an organization: its people and teams, who is away and who stands in.

Everybody of an organization may arrange its teams and enter a leave, also for a colleague who fell
ill: each entry says who made it. Nobody outside can.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from backend.city.accounts.models import Account, Leave, Post
from backend.city.accounts.queries import running
from backend.city.organizations.models import Team
from backend.core import clock, day
from backend.core.actor import Actor
from backend.core.asking import among
from backend.core.errors import BadInput, Conflict, NotFound


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


def make_team(session: Session, actor: Actor, name: str) -> Team:
    """Add a team to one's own organization.

    Raises
    ------
    Conflict
        It has one of that name.
    """
    own = _own(actor)
    if any(team.name == name for team in teams(session, own)):
        raise Conflict("team_name_taken", name=name)
    team = Team(organization_id=own, name=name)
    session.add(team)
    session.flush()
    return team


def close_team(session: Session, actor: Actor, team_id: UUID) -> None:
    """End a team; its people stay, and what it had is everybody's again."""
    _team(session, actor, team_id).closed_at = clock.now()
    session.execute(update(Post).where(Post.team_id == team_id).values(team_id=None))


def place(session: Session, actor: Actor, account_id: UUID, team_id: UUID | None) -> None:
    """Put a colleague into a team, or into none.

    Raises
    ------
    NotFound
        No such colleague, or no such team.
    """
    if team_id is not None:
        _team(session, actor, team_id)
    changed = session.scalars(
        update(Post)
        .where(Post.organization_id == _own(actor), Post.account_id == account_id, running())
        .values(team_id=team_id)
        .returning(Post.id)
    ).all()
    if not changed:
        raise NotFound("colleague_unknown")


def leave(
    session: Session, actor: Actor, account_id: UUID, deputy_id: UUID, first: date, last: date
) -> Leave:
    """Enter that a colleague is away from one day to another, and who stands in.

    Raises
    ------
    NotFound
        One of the two is no colleague.
    BadInput
        The days are reversed or over, or nobody would be left: the deputy is away then as well.
    Conflict
        The colleague is entered as away on one of these days already.
    """
    known = {one.account_id for one in colleagues(session, _own(actor))}
    if not {account_id, deputy_id} <= known:
        raise NotFound("colleague_unknown")
    if account_id == deputy_id:
        raise BadInput("deputy_is_self")
    if first > last or last < day.today():
        raise BadInput("leave_days")
    same_days = (Leave.first_day <= last) & (Leave.last_day >= first) & Leave.ended_at.is_(None)
    taken = set(
        session.scalars(
            select(Leave.account_id).where(same_days, Leave.account_id.in_([account_id, deputy_id]))
        )
    )
    if account_id in taken:
        raise Conflict("away_already")
    if deputy_id in taken:
        raise BadInput("deputy_is_away")
    row = Leave(
        account_id=account_id, deputy_id=deputy_id, first_day=first, last_day=last,
        made_by=actor.id,
    )  # fmt: skip
    session.add(row)
    session.flush()
    return row


def end_leave(session: Session, actor: Actor, leave_id: UUID) -> None:
    """The colleague is back, or never went.

    Raises
    ------
    NotFound
        No such leave of a colleague.
    """
    row = session.get(Leave, leave_id, with_for_update=True)
    own = {one.account_id for one in colleagues(session, _own(actor))}
    if row is None or row.ended_at is not None or row.account_id not in own:
        raise NotFound("leave_unknown")
    row.ended_at = clock.now()


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


def at_duty(
    session: Session, organization_id: UUID, team_id: UUID | None, handler_id: UUID | None
) -> frozenset[UUID]:
    """Who does a piece of work today: its handler, its team or everybody; deputies for the away."""
    if handler_id is not None:
        people = {handler_id}
    else:
        people = {
            one.account_id
            for one in colleagues(session, organization_id)
            if team_id is None or one.team_id == team_id
        }
        # A team that lost its people leaves its work to everybody.
        if not people and team_id is not None:
            return at_duty(session, organization_id, None, None)
    away = deputies(session, people)
    return frozenset(away.get(one, one) for one in people)


def team_of(session: Session, actor: Actor) -> UUID | None:
    """The team of the actor's own post."""
    return session.scalar(select(Post.team_id).where(Post.id == actor.post_id))


def _away_today() -> ColumnElement[bool]:
    on = day.today()
    return (Leave.first_day <= on) & (Leave.last_day >= on) & Leave.ended_at.is_(None)


def _own(actor: Actor) -> UUID:
    if actor.organization_id is None:
        raise NotFound("no_organization")
    return actor.organization_id


def _team(session: Session, actor: Actor, team_id: UUID) -> Team:
    team = session.get(Team, team_id, with_for_update=True)
    if team is None or team.closed_at is not None or team.organization_id != _own(actor):
        raise NotFound("team_unknown")
    return team
