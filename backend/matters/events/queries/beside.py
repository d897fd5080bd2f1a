"""What stands beside events that are known already: log, duties, photos, kin."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, Uuid, bindparam, select, text
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from backend.core import journal
from backend.core.actor import Actor
from backend.core.asking import among
from backend.matters.events.models import Assignment, Event, EventAction
from backend.tools.media.models import Media


def confirmed(session: Session, counties: Sequence[str], most: int) -> Sequence[tuple[str, str]]:
    """Texts and categories of the newest filed cases of some counties, that anybody may know of.

    Each county has an equal part of ``most``: the key of a county serves it, and none is drowned.
    """
    found: list[tuple[str, str]] = []
    for county in counties:
        rows = session.execute(
            select(Event.text, Event.category_code)
            .where(
                Event.county_code == county, Event.filed_at.is_not(None),
                Event.restricted.is_(False), Event.moved_to.is_(None), Event.text != "",
            )
            .order_by(Event.id.desc())
            .limit(max(1, most // len(counties)))
        )  # fmt: skip
        found += [(row.text, row.category_code) for row in rows]
    return found


def log_of(session: Session, event: Event) -> Sequence[EventAction]:
    """An event's log from the beginning."""
    return journal.entries_of(session, EventAction, event)


def assignments_of(session: Session, event: Event) -> Sequence[Assignment]:
    """An event's assignments, the first first."""
    return session.scalars(
        select(Assignment)
        .where(Assignment.county_code == event.county_code, Assignment.event_id == event.id)
        .order_by(Assignment.id)
    ).all()


def first_given(
    session: Session, events: Sequence[Event | Row[Any]]
) -> dict[UUID, tuple[UUID, datetime]]:
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
    ).all()
    return {row.id: (row.body, row.at) for row in rows}


def photos_of(session: Session, event: Event) -> Sequence[Media]:
    """The photos of an event, in the order in which they were taken in."""
    return session.scalars(
        select(Media)
        .where(Media.event_county == event.county_code, Media.event_id == event.id)
        .order_by(Media.id)
    ).all()


def first_photos(session: Session, events: Sequence[Event | Row[Any]]) -> dict[UUID, UUID]:
    """The first photo of each of some events, by event."""
    rows = session.execute(
        select(Media.event_id, Media.id)
        # The index begins with the county.
        .where(
            among(Media.event_county, {event.county_code for event in events}),
            among(Media.event_id, [event.id for event in events]),
        )
        .ext(distinct_on(Media.event_id))
        .order_by(Media.event_id, Media.id)
    )
    return {row.event_id: row.id for row in rows}


@dataclass(frozen=True)
class Kin:
    """The main event and the earlier one that an event repeats, where the caller sees them."""

    master_no: str | None = None
    earlier_no: str | None = None


# What is restricted is hidden here as well: at a meeting the case is read as the system.
KIN = text(
    """
    WITH known AS (
        SELECT id, event_no FROM event
        WHERE county_code = :c AND id IN (:master, :earlier)
          AND (NOT restricted OR :reader = ANY (named) OR id = :tracked)
    )
    SELECT (SELECT event_no FROM known WHERE id = :master) AS master,
           (SELECT event_no FROM known WHERE id = :earlier) AS earlier
    """
).bindparams(*(bindparam(one, type_=Uuid) for one in ("master", "earlier", "reader", "tracked")))


def kin(session: Session, actor: Actor, event: Event) -> Kin:
    """The numbers of an event's kin as somebody may know of them, in one query; none without."""
    if event.master_id is None and event.recurrence_of is None:
        return Kin()
    row = session.execute(
        KIN,
        {
            "c": event.county_code, "master": event.master_id, "earlier": event.recurrence_of,
            "reader": actor.id, "tracked": actor.tracked,
        },
    ).one()  # fmt: skip
    return Kin(row.master, row.earlier)
