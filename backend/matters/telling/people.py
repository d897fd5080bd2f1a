"""Who has to do with an event: at its desk, at work, at its place, above whoever decided."""

from uuid import UUID

from sqlalchemy.orm import Session

from backend.city.accounts import queries as accounts
from backend.city.areas import queries as areas
from backend.city.duty import service as department
from backend.core.actor import Role
from backend.matters.events.models import Event
from backend.matters.events.placeless import desk_of
from backend.matters.events.reading.whole import read
from backend.matters.telling import queries
from gis import codes


def late_step(session: Session, event: Event) -> frozenset[UUID]:
    """Whose turn it is in a state that should have been left."""
    if event.state in ("verifying", "rechecking"):
        return lookers(session, event)
    if event.state in ("reported", "judging"):
        return village(session, event)
    if event.state == "dispatched":
        return at_work(session, event, event.lead_organization_id)
    return frozenset()


def members(session: Session, organization_id: UUID | None) -> frozenset[UUID]:
    """Who of an organization hears of its work: everybody, or who stands in for them."""
    if organization_id is None:
        return frozenset()
    return department.at_duty(session, organization_id, None, None)


def at_work(session: Session, event: Event, organization_id: UUID | None) -> frozenset[UUID]:
    """Who of an organization is at an event: its handler or team, or everybody of it."""
    if organization_id is None:
        return frozenset()
    duty = queries.open_duty(session, event, organization_id)
    if duty is None:
        return members(session, organization_id)
    return department.at_duty(session, organization_id, duty.team_id, duty.handler_id)


def desk(session: Session, event: Event) -> frozenset[UUID]:
    """The dispatchers of the level that has the event: the town's, or those it went up to."""
    level, role = {
        "county": (codes.Level.COUNTY, Role.COUNTY_DISPATCHER),
        "city": (codes.Level.CITY, Role.CITY_DISPATCHER),
    }.get(event.escalated_to or "", (codes.Level.TOWN, Role.TOWN_DISPATCHER))
    # What has no place yet is at the desk that has to find it, or further up.
    unplaced = desk_of(event.area_code)
    if unplaced is codes.Level.CITY:
        return accounts.holders_anywhere(session, Role.CITY_DISPATCHER)
    if unplaced is codes.Level.COUNTY and level is codes.Level.TOWN:
        level, role = codes.Level.COUNTY, Role.COUNTY_DISPATCHER
    return _holders_at(session, event, level, role)


def _holders_at(session: Session, event: Event, level: codes.Level, role: Role) -> frozenset[UUID]:
    """Who holds a role in the area of a level that runs the place of an event."""
    chain = areas.run_by(session, event.area_code)
    there = [code for code in chain if len(code) == codes.LENGTH[level]]
    return accounts.holders(session, there, [role])


def above(session: Session, event: Event) -> frozenset[UUID]:
    """The dispatchers one level above whoever decided what is objected to."""
    decided = read(session, event).facts.decided_role
    levels = (
        (Role.COUNTY_DISPATCHER, codes.Level.COUNTY, Role.TOWN_DISPATCHER),
        (Role.CITY_DISPATCHER, codes.Level.CITY, Role.COUNTY_DISPATCHER),
        (Role.CITY_DISPATCHER, codes.Level.CITY, Role.CITY_DISPATCHER),
    )
    for role, level, below in levels:
        if decided == below:
            return _holders_at(session, event, level, role)
    return desk(session, event)


def leaders(session: Session, event: Event) -> frozenset[UUID]:
    """The leaders of every level that runs the place of an event."""
    return accounts.holders(session, areas.run_by(session, event.area_code), [Role.LEADER])


def village(session: Session, event: Event) -> frozenset[UUID]:
    """The secretaries of the place of an event."""
    return accounts.holders(session, codes.chain(event.area_code), [Role.VILLAGE_SECRETARY])


def lookers(session: Session, event: Event) -> frozenset[UUID]:
    """Who of the place may look on site; where nobody is left, the desk.

    Verifying is closed to its reporter only, rechecking to all who had a part in it.
    """
    facts = read(session, event).facts
    if event.state == "rechecking":
        return facts.local_recheckers or desk(session, event)
    roles = (Role.UNIT_HEAD, Role.GRID_WORKER)
    people = accounts.holders(session, codes.chain(event.area_code), roles)
    return people - {facts.reporter_id} if facts.reporter_id else people
