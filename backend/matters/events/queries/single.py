"""Single events for steps and jobs: found by what leads to them, locked where they will change."""

from collections.abc import Collection, Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from backend.core.actor import INTAKE_COUNTY, Actor
from backend.core.asking import among
from backend.matters.events.models import Assignment, Event, ExternalReference
from backend.matters.events.queries.sight import visible_to
from backend.matters.events.vocabulary import OVER
from gis import codes

EARLIER = text(
    """
    SELECT earlier.id FROM event AS earlier, event AS this
    WHERE this.county_code = :county AND this.id = :event
      AND earlier.county_code = :county
      AND earlier.area_code >= :lo AND earlier.area_code < :hi AND earlier.id > :since
      AND earlier.id <> :event AND earlier.category_code = this.category_code
      AND earlier.state = 'closed' AND earlier.closed_at > :after
      AND ST_Distance(earlier.geom::geography, this.geom::geography) <= :near
    ORDER BY earlier.id DESC LIMIT 1
    """
)


def recurrence(
    session: Session, event: Event, since: UUID, after: datetime, near_m: float
) -> UUID | None:
    """The newest event of the same kind and grid that ended after a moment, within so many metres.

    The index by area serves it: keys are time-ordered, so a range of keys is a range of time.
    """
    grid = event.area_code[: codes.LENGTH[codes.Level.GRID]]
    return session.execute(
        EARLIER,
        {
            "county": event.county_code, "lo": grid, "hi": codes.upper(grid), "since": since,
            "event": event.id, "after": after, "near": near_m,
        },
    ).scalar()  # fmt: skip


def tracked(session: Session, number: str, track_hash: bytes) -> UUID | None:
    """The event under a number and the hash of its code; the function passes row-level security."""
    row = session.execute(
        text("SELECT county_code, id FROM find_tracked(:number, :hash)"),
        {"number": number, "hash": track_hash},
    ).one_or_none()
    return None if row is None else row.id


def led_to(session: Session, system: str, numbers: Iterable[str]) -> dict[str, UUID]:
    """To which events the numbers of another system lead."""
    rows = session.execute(
        select(ExternalReference.reference, ExternalReference.event_id).where(
            ExternalReference.county_code == INTAKE_COUNTY,
            ExternalReference.system == system, among(ExternalReference.reference, numbers),
        )
    )  # fmt: skip
    return {row.reference: row.event_id for row in rows}


def reported_at(session: Session, keys: Iterable[UUID]) -> dict[UUID, datetime]:
    """When events were reported, by key, whichever county they lie in."""
    rows = session.execute(
        select(Event.id, Event.reported_at).where(among(Event.id, keys), Event.moved_to.is_(None))
    )
    return {row.id: row.reported_at for row in rows}


def lock(session: Session, county_code: str, keys: Iterable[UUID]) -> None:
    """Lock events of a county, in the one order that everybody keeps."""
    session.execute(
        select(Event.id)
        .where(Event.county_code == county_code, Event.id.in_(set(keys)))
        .order_by(Event.id)
        .with_for_update()
    )


def lying(
    session: Session, actor: Actor, keys: Collection[UUID], county_code: str,
    numbers: Collection[str],
) -> dict[str, set[UUID]]:  # fmt: skip
    """The keys of cases that the actor sees, by county: by key, or by number in one county."""
    seen = visible_to(actor).with_only_columns(Event.county_code, Event.id)
    wanted = [seen.where(among(Event.id, keys))] if keys else []
    if numbers:
        wanted.append(
            seen.where(Event.county_code == county_code, Event.event_no.in_(sorted(numbers)))
        )
    found: dict[str, set[UUID]] = {}
    for query in wanted:
        for row in session.execute(query):
            found.setdefault(row.county_code, set()).add(row.id)
    return found


def locked(session: Session, county_code: str, event_id: UUID) -> Event | None:
    """One event where it lies now, locked and read afresh."""
    return session.scalar(
        select(Event)
        .where(
            Event.county_code == county_code, Event.id == event_id, Event.moved_to.is_(None)
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    )  # fmt: skip


def at_it(session: Session, event: Event) -> list[tuple[UUID, UUID | None]]:
    """The bodies whose duty is not over, each with whoever accepted it."""
    rows = session.execute(
        select(Assignment.organization_id, Assignment.accepted_by).where(
            Assignment.county_code == event.county_code, Assignment.event_id == event.id,
            Assignment.status.not_in(OVER),
        )
    )  # fmt: skip
    return [(row.organization_id, row.accepted_by) for row in rows]
