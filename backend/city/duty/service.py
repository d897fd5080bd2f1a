"""Inside an organization: its people and teams, who is away and who stands in.

Everybody of an organization may arrange its teams and enter a leave, also for a colleague who fell
ill: each entry says who made it. Nobody outside can.
"""

from datetime import date
from uuid import UUID

from sqlalchemy import update
from sqlalchemy.orm import Session

from backend.city.accounts.models import Leave, Post
from backend.city.accounts.queries import running
from backend.city.duty.queries import away_between, colleagues, deputies, teams
from backend.city.organizations.models import Team
from backend.core import clock, day
from backend.core.actor import Actor
from backend.core.db import one_at_a_time
from backend.core.errors import BadInput, Conflict, NotFound


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
    # Two leaves entered at once could each name the other's absent one as who stands in.
    one_at_a_time(session, f"leave/{_own(actor)}")
    known = {one.account_id for one in colleagues(session, _own(actor))}
    if not {account_id, deputy_id} <= known:
        raise NotFound("colleague_unknown")
    if account_id == deputy_id:
        raise BadInput("deputy_is_self")
    if first > last or last < day.today():
        raise BadInput("leave_days")
    taken = away_between(session, [account_id, deputy_id], first, last)
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


def _own(actor: Actor) -> UUID:
    if actor.organization_id is None:
        raise NotFound("no_organization")
    return actor.organization_id


def _team(session: Session, actor: Actor, team_id: UUID) -> Team:
    team = session.get(Team, team_id, with_for_update=True)
    if team is None or team.closed_at is not None or team.organization_id != _own(actor):
        raise NotFound("team_unknown")
    return team
