"""Every SELECT on events. Each starts from `visible_to`, so scope is never forgotten."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import (
    Boolean,
    ColumnElement,
    Row,
    Select,
    and_,
    exists,
    literal_column,
    or_,
    select,
    text,
    true,
)
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from backend.core import scope
from backend.core.actor import Actor, Role
from backend.core.asking import among
from backend.core.db import scope_parameters
from backend.core.ids import first_key
from backend.core.paging import Arm, newest
from backend.matters.events.models import Assignment, Event, EventAction
from backend.matters.events.vocabulary import ACTIVE, Ask
from backend.tools.media.models import Media


def arms(actor: Actor) -> ColumnElement[bool]:
    """In my scope, or assigned to my organization, or reported by me, or opened by its code.

    A restricted event has one arm only: I am named in it, or I hold its code.

    For events that are found by something else: whether they were assigned is looked up by their
    keys. A list of everything that is visible reads each arm by itself (`listed`).
    """
    found = [*scope.arms(Event, actor.scope), Event.reporter_id == actor.id]
    if actor.organization_id is not None:
        found.append(
            exists().where(
                Assignment.county_code == Event.county_code, Assignment.event_id == Event.id,
                Assignment.organization_id == actor.organization_id,
                Assignment.status != "withdrawn",
            )
        )  # fmt: skip
    if actor.tracked is not None:
        found.append(Event.id == actor.tracked)
    known: ColumnElement[bool] = Event.named.contains([actor.id])
    if actor.tracked is not None:
        known = or_(known, Event.id == actor.tracked)
    named = and_(Event.restricted, known)
    if actor.role is Role.SYSTEM:
        return or_(*found)
    return or_(and_(Event.restricted.is_(False), or_(*found)), named)


def visible_to(actor: Actor) -> Select[Event]:
    """The events that the actor may know of; row-level security holds the same arms behind it."""
    return select(Event).where(Event.moved_to.is_(None), arms(actor))


@dataclass(frozen=True)
class Wanted:
    """The filters of a list; None filters nothing."""

    states: Sequence[str] | None = None
    area: str | None = None
    category: str | None = None
    number: str | None = None
    mine: bool = False
    assigned: bool = False
    # In the pool, for my organization to claim.
    offered: bool = False
    # Those that one of these people, or this team, was made to handle.
    handlers: Sequence[UUID] = ()
    team: UUID | None = None
    open_only: bool = False
    overdue: bool = False
    # Waits for a decision of this kind: return, extension, suspension, appeal, reopen; or any.
    asked: str | None = None
    # Fixed on the spot, and drawn to be looked at.
    sampled: bool = False
    reported_since: datetime | None = None
    # Ended in a stretch of time: from its beginning on, and before its end.
    closed_since: datetime | None = None
    closed_before: datetime | None = None
    # Only cases that are restricted to people by name, or only others.
    restricted: bool | None = None
    # Somebody leads it, or did until it was handed back.
    was_led: bool = False
    # The managing counties of `area`: named, so that the index by county and state serves the page.
    counties: Sequence[str] | None = None

    @property
    def only_open(self) -> bool:
        """Whether nothing that has ended can be in the list."""
        open_states = bool(self.states) and ACTIVE.issuperset(self.states or ())
        of_open = self.asked in (Ask.RETURN, Ask.EXTENSION, Ask.SUSPENSION)
        return self.open_only or self.overdue or of_open or open_states


def listed(actor: Actor, wanted: Wanted, after: UUID | None, size: int) -> Select[Event]:
    """One page of events, the newest first, and one row more to see whether others follow.

    The same arms as `arms` has, each read by itself: see `paging.newest`.
    """
    return newest(Event, _each_arm(actor, wanted), size + 1, after)


def _each_arm(actor: Actor, wanted: Wanted) -> list[Arm]:
    """Each reason for which an event may be seen, as a query of its keys."""
    filters = [Event.moved_to.is_(None), *_filters(actor, wanted)]
    keys = select(Event.county_code, Event.id).where(*filters)
    plain = [] if actor.role is Role.SYSTEM else [Event.restricted.is_(False)]
    place = [scope.within(Event, wanted.area)] if wanted.area else []
    if wanted.area and len(wanted.area) >= scope.VILLAGE_DIGITS:
        place.append(Event.village_code == wanted.area[: scope.VILLAGE_DIGITS])
    if wanted.counties is not None:
        place.append(Event.county_code.in_(wanted.counties))
    elsewhere = [keys.where(Event.restricted, Event.named.contains([actor.id]), *place)]
    if actor.id.int:
        elsewhere.append(keys.where(Event.reporter_id == actor.id, *plain, *place))
    if wanted.mine:
        return elsewhere
    if wanted.restricted and plain:
        # Who is named in it sees it, or who holds its code, and nobody for another reason.
        held = [keys.where(Event.id == actor.tracked, *place)] if actor.tracked is not None else []
        return [elsewhere[0], *held]
    if wanted.offered or wanted.handlers or wanted.team:
        # Nobody sees these for another reason than the duty itself.
        own = actor.organization_id
        return elsewhere[:1] if own is None else [
            elsewhere[0], _given(own, wanted, [*filters, *plain, *place])
        ]  # fmt: skip
    if actor.organization_id is not None:
        elsewhere.append(_given(actor.organization_id, wanted, [*filters, *plain, *place]))
    if actor.tracked is not None:
        elsewhere.append(keys.where(Event.id == actor.tracked, *place))
    inside = (
        keys.where(*scope.inside(Event, part), *plain)
        for part in scope.narrowed(actor.scope, wanted.area, wanted.counties)
    )
    return [*inside, *elsewhere]


def _given(organization: UUID, wanted: Wanted, filters: Sequence[ColumnElement[bool]]) -> Arm:
    """What an organization was given; of open work only what it still has.

    Duties are read in the order of their events, and each event is looked up by its key: the
    offset keeps the planner from turning that round and sorting a department's whole past.
    """
    fits = (
        select(Event.id)
        .where(
            Event.county_code == Assignment.county_code, Event.id == Assignment.event_id, *filters
        )
        .offset(0)
        .lateral()
    )
    duty = [
        Assignment.organization_id == organization,
        Assignment.ended_at.is_(None) if wanted.only_open else Assignment.status != "withdrawn",
    ]
    if wanted.assigned:
        duty.append(Assignment.lead.is_(True))
    if wanted.offered:
        duty.append(Assignment.status == "offered")
    if wanted.handlers or wanted.team:
        duty += [Assignment.ended_at.is_(None), _of_handlers(wanted)]
    return (
        select(Assignment.county_code, Assignment.event_id)
        .join(fits, true())
        .where(*duty)
        .ext(distinct_on(Assignment.event_id))
    )


def _filters(actor: Actor, wanted: Wanted) -> list[ColumnElement[bool]]:
    found: list[ColumnElement[bool]] = []
    if wanted.states:
        found.append(Event.state.in_(wanted.states))
    if wanted.only_open:
        # Said by what the indexes of open work say: it is the same as "in no last state".
        found.append(Event.closed_at.is_(None))
    if wanted.category:
        found.append(Event.category_code == wanted.category)
    if wanted.number:
        found.append(Event.event_no == wanted.number.strip().upper())
    if wanted.mine:
        found.append(Event.reporter_id == actor.id)
    if wanted.assigned:
        found.append(Event.lead_organization_id == actor.organization_id)
    if wanted.offered:
        found.append(
            Event.id.in_(
                select(Assignment.event_id).where(
                    Assignment.organization_id == actor.organization_id,
                    Assignment.status == "offered",
                )
            )
        )
    if wanted.handlers or wanted.team:
        found.append(
            Event.id.in_(
                select(Assignment.event_id).where(
                    Assignment.organization_id == actor.organization_id,
                    Assignment.ended_at.is_(None),
                    _of_handlers(wanted),
                )
            )
        )
    if wanted.overdue:
        found.append(Event.overdue_at.is_not(None))
    if wanted.asked:
        found.append(literal_column("event.asked <> '{}'", Boolean))
        if wanted.asked != "any":
            found.append(Event.asked.contains([wanted.asked]))
    if wanted.sampled:
        found.append(Event.sampled == true())
    if wanted.was_led:
        found.append(or_(Event.lead_organization_id.is_not(None), Event.return_count > 0))
    if wanted.reported_since:
        # Keys are made in the order of time: the index by key is read as far as that moment.
        found.append(Event.id >= first_key(wanted.reported_since))
        found.append(Event.reported_at >= wanted.reported_since)
    if wanted.closed_since:
        found.append(Event.closed_at >= wanted.closed_since)
    if wanted.closed_before:
        found.append(Event.closed_at < wanted.closed_before)
    if wanted.restricted is not None:
        found.append(Event.restricted.is_(wanted.restricted))
    return found


def _of_handlers(wanted: Wanted) -> ColumnElement[bool]:
    """Duties that one of these people, or this team, was made to handle."""
    of_them = among(Assignment.handler_id, wanted.handlers)
    of_team = (Assignment.team_id == wanted.team) & Assignment.handler_id.is_(None)
    return or_(of_them, of_team) if wanted.team else of_them


def first_given(session: Session, events: Sequence[Event]) -> dict[UUID, tuple[UUID, datetime]]:
    """To whom each event was given first by the desk, and when; read by key, entry by entry."""
    rows = session.execute(
        text(
            "SELECT key.id, CAST(entry.details ->> 'organization_id' AS uuid) AS body, entry.at"
            " FROM unnest(CAST(:counties AS text[]), CAST(:ids AS uuid[])) AS key (county, id)"
            " CROSS JOIN LATERAL (SELECT details, at FROM event_action"
            "  WHERE county_code = key.county AND event_id = key.id AND action = 'dispatch'"
            "  ORDER BY seq LIMIT 1) AS entry"
        ),
        {"counties": [e.county_code for e in events], "ids": [e.id for e in events]},
    )
    return {row.id: (row.body, row.at) for row in rows}


def points(
    session: Session, actor: Actor, wanted: Wanted, most: int
) -> Sequence[Row[UUID, str, str, bool, float | None, float | None]]:
    """Key, number, state, lateness and place of a list's events, and one row more than ``most``."""
    lon: ColumnElement[float | None] = literal_column("ST_X(event.geom)")
    lat: ColumnElement[float | None] = literal_column("ST_Y(event.geom)")
    late = Event.overdue_at.is_not(None) & Event.closed_at.is_(None)
    query = listed(actor, wanted, None, most)
    columns = (Event.id, Event.event_no, Event.state, late, lon, lat)
    return session.execute(query.with_only_columns(*columns)).all()


def one(session: Session, actor: Actor, event_id: UUID, *, lock: bool = False) -> Event | None:
    """One visible event; locked and read afresh when it is going to change.

    A copy already in the session may be stale: without ``populate_existing`` two people can accept
    one event.
    """
    query = visible_to(actor).where(Event.id == event_id)
    if lock:
        query = query.with_for_update(of=Event).execution_options(populate_existing=True)
    return session.scalar(query)


def log_of(session: Session, event: Event) -> Sequence[EventAction]:
    """An event's log from the beginning."""
    return session.scalars(
        select(EventAction)
        .where(EventAction.county_code == event.county_code, EventAction.event_id == event.id)
        .order_by(EventAction.seq)
    ).all()


def assignments_of(session: Session, event: Event) -> Sequence[Assignment]:
    """An event's assignments, the first first."""
    return session.scalars(
        select(Assignment)
        .where(Assignment.county_code == event.county_code, Assignment.event_id == event.id)
        .order_by(Assignment.id)
    ).all()


def positions(session: Session, events: Sequence[Event]) -> dict[UUID, tuple[float, float]]:
    """Longitude and latitude of events, in one query; those without a place are left out."""
    rows = session.execute(
        text(
            "SELECT id, ST_X(geom) AS lon, ST_Y(geom) AS lat FROM event"
            " WHERE id = ANY(:ids) AND geom IS NOT NULL"
        ),
        {"ids": [event.id for event in events]},
    )
    return {row.id: (row.lon, row.lat) for row in rows}


def photos_of(session: Session, event_ids: Sequence[UUID]) -> Sequence[Media]:
    """The photos of events, in the order in which they were taken in."""
    return session.scalars(
        select(Media).where(among(Media.event_id, event_ids)).order_by(Media.id)
    ).all()


@dataclass(frozen=True)
class Kin:
    """The main event and the earlier one that an event repeats, where the caller sees them."""

    master_no: str | None
    earlier_no: str | None
    has_contact: bool


def kin(session: Session, event: Event) -> Kin:
    """The ties of an event, in one query."""
    row = session.execute(
        text(
            "SELECT (SELECT event_no FROM event WHERE county_code = :c AND id = :master) AS master,"
            " (SELECT event_no FROM event WHERE county_code = :c AND id = :earlier) AS earlier,"
            " EXISTS (SELECT FROM event_contact WHERE county_code = :c AND id = :id) AS contact"
        ),
        {
            "c": event.county_code, "id": event.id, "master": event.master_id,
            "earlier": event.recurrence_of,
        },
    ).one()  # fmt: skip
    return Kin(row.master, row.earlier, row.contact)


def near(
    session: Session, actor: Actor, lon: float, lat: float, radius_m: float
) -> list[tuple[Event, float]]:
    """Open events in the actor's scope within ``radius_m`` metres of a point, nearest first.

    Distance is geodesic. The search goes through a function with an explicit scope, because
    row-level security would take the spatial index away.
    """
    rows = session.execute(
        text(
            "SELECT id, distance_m FROM"
            " events_near(:lon, :lat, :radius, CAST(:scope AS code_multirange))"
        ),
        {"lon": lon, "lat": lat, "radius": radius_m, "scope": scope_parameters(actor)["scope"]},
    ).all()
    events = {
        event.id: event
        for event in session.scalars(
            visible_to(actor).where(among(Event.id, [row.id for row in rows]))
        )
    }
    return [(events[row.id], row.distance_m) for row in rows if row.id in events]
