"""One's own organization over HTTP: people, teams, leave."""

from datetime import date
from uuid import UUID

from fastapi import APIRouter
from pydantic import BaseModel
from sqlalchemy.orm import Session

from backend.city.duty import queries
from backend.city.duty import service as department
from backend.city.organizations import queries as organizations
from backend.core.actor import Actor
from backend.core.errors import NotFound
from backend.core.inputs import Day, PersonName, Strict
from backend.core.permissions import ActorDep, allow
from backend.core.rights import Right
from backend.core.session import SessionDep

router = APIRouter(prefix="/department", tags=["department"])

# Those who work in an organization that can be given a task.
INSIDE = allow(Right.ARRANGE_DEPARTMENT)


class TeamOut(BaseModel):
    """A team."""

    id: UUID
    name: str


class LeaveOut(BaseModel):
    """Days away; both count."""

    id: UUID
    first_day: date
    last_day: date
    deputy_id: UUID
    deputy: str


class ColleagueOut(BaseModel):
    """A colleague, their team, and the leave that runs or comes next."""

    account_id: UUID
    name: str
    team_id: UUID | None
    leave: LeaveOut | None


class DepartmentOut(BaseModel):
    """One's own organization."""

    id: UUID
    name: str
    teams: list[TeamOut]
    people: list[ColleagueOut]


class TeamIn(Strict):
    """A team to make."""

    name: PersonName


class PlaceIn(Strict):
    """The team of a colleague; none when null."""

    team_id: UUID | None


class LeaveIn(Strict):
    """Who is away from when to when, and who stands in."""

    account_id: UUID
    deputy_id: UUID
    first_day: Day
    last_day: Day


@router.get("", dependencies=[INSIDE])
def get_department(actor: ActorDep, session: SessionDep) -> DepartmentOut:
    """Return one's own organization with its teams and people."""
    return _show(session, actor)


@router.post("/teams", status_code=201, dependencies=[INSIDE])
def make_team(body: TeamIn, actor: ActorDep, session: SessionDep) -> DepartmentOut:
    """Add a team."""
    department.make_team(session, actor, body.name)
    return _show(session, actor)


@router.delete("/teams/{team_id}", dependencies=[INSIDE])
def close_team(team_id: UUID, actor: ActorDep, session: SessionDep) -> DepartmentOut:
    """End a team; its people stay."""
    department.close_team(session, actor, team_id)
    return _show(session, actor)


@router.put("/people/{account_id}/team", dependencies=[INSIDE])
def place_colleague(
    account_id: UUID, body: PlaceIn, actor: ActorDep, session: SessionDep
) -> DepartmentOut:
    """Put a colleague into a team, or into none."""
    department.place(session, actor, account_id, body.team_id)
    return _show(session, actor)


@router.post("/leaves", status_code=201, dependencies=[INSIDE])
def enter_leave(body: LeaveIn, actor: ActorDep, session: SessionDep) -> DepartmentOut:
    """Enter that a colleague is away, and who stands in."""
    department.leave(session, actor, body.account_id, body.deputy_id, body.first_day, body.last_day)
    return _show(session, actor)


@router.delete("/leaves/{leave_id}", dependencies=[INSIDE])
def end_leave(leave_id: UUID, actor: ActorDep, session: SessionDep) -> DepartmentOut:
    """End a leave."""
    department.end_leave(session, actor, leave_id)
    return _show(session, actor)


def _show(session: Session, actor: Actor) -> DepartmentOut:
    own = actor.organization_id
    if own is None:
        raise NotFound("no_organization")
    people = queries.colleagues(session, own)
    names = {one.account_id: one.name for one in people}
    return DepartmentOut(
        id=own, name=organizations.names(session, [own])[own],
        teams=[TeamOut(id=t.id, name=t.name) for t in queries.teams(session, own)],
        people=[
            ColleagueOut(
                account_id=one.account_id, name=one.name, team_id=one.team_id,
                leave=one.leave and LeaveOut(
                    id=one.leave.id, first_day=one.leave.first_day, last_day=one.leave.last_day,
                    deputy_id=one.leave.deputy_id, deputy=names.get(one.leave.deputy_id, ""),
                ),
            )
            for one in people
        ],
    )  # fmt: skip
