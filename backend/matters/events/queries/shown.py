"""What a list shows of its events: the columns of a line, a point of a map."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Row, String, literal_column
from sqlalchemy.orm import Session

from backend.core.actor import Actor
from backend.matters.events.models import Event
from backend.matters.events.queries.lists import Wanted, listed

# What a line of a list shows of an event: these columns alone are read, sent and understood.
LINE: tuple[Any, ...] = (
    Event.county_code, Event.id, Event.event_no, Event.state, Event.area_code,
    Event.scheme_version, Event.category_code, Event.text, Event.severity, Event.source,
    Event.reported_at, Event.filed_at, Event.promised_at, Event.due_at, Event.overdue_at,
    Event.step_due_at, Event.fed_back_at, Event.closed_at, Event.limit_clock,
    Event.calendar_version, Event.asked, Event.supervised_until, Event.supervision_no,
    Event.supervision_level, Event.supervision_answered_at, Event.escalated_to, Event.restricted,
    Event.geom, Event.crs_suspect, Event.late_helpers, Event.lead_organization_id,
)  # fmt: skip


def page(
    session: Session, actor: Actor, wanted: Wanted, after: UUID | None, size: int,
    columns: tuple[Any, ...] = LINE,
) -> Sequence[Row[Any]]:  # fmt: skip
    """One page of events as lines show them, and one more to see whether others follow."""
    rows: Sequence[Row[Any]]
    rows = session.execute(listed(actor, wanted, after, size).with_only_columns(*columns)).all()
    return rows


# A point as a map is told of it (`views.PointOut`), written here: two thousand rows of six values
# cost the service five times as much as two thousand words. None where an event has no place.
_POINT: ColumnElement[str | None] = literal_column(
    """'{"id":"' || event.id || '","event_no":' || to_json(event.event_no) || ',"state":'"""
    " || to_json(event.state) || ',\"overdue\":'"
    " || (event.overdue_at IS NOT NULL AND event.closed_at IS NULL)"
    " || ',\"lon\":' || ST_X(event.geom) || ',\"lat\":' || ST_Y(event.geom) || '}'",
    String,
)


def points(session: Session, actor: Actor, wanted: Wanted, most: int) -> Sequence[str | None]:
    """Each event of a list as a point in JSON, and one more than ``most``; None without a place."""
    query = listed(actor, wanted, None, most)
    return session.scalars(query.with_only_columns(_POINT)).all()
