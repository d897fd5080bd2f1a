"""Where an event is now: its point, and its county.

Facts that were left before it changed its county name the old one.
"""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

import shapely
from sqlalchemy import Row
from sqlalchemy.orm import Session

from backend.core.actor import system
from backend.core.db import act_as
from backend.matters.events.models import Event


def positions(events: Iterable[Event | Row[Any]]) -> dict[UUID, tuple[float, float]]:
    """Longitude and latitude (EPSG:4490) of events; those without a place are left out."""
    placed = [(event.id, geom) for event in events if (geom := event.geom) is not None]
    found = shapely.get_coordinates(shapely.from_wkb([bytes(geom.data) for _, geom in placed]))
    return {key: (lon, lat) for (key, _), (lon, lat) in zip(placed, found.tolist(), strict=True)}


def settled(session: Session, county_code: str, event_id: UUID) -> Event | None:
    """The event of a fact, read afresh where it lies now; the session acts as that county's system.

    Its log has gone along with it, so the entry that a fact names is found there too. None when no
    event ever had this key in the county.
    """
    act_as(session, system(county_code))
    event = session.get(Event, (county_code, event_id), populate_existing=True)
    while event is not None and event.moved_to is not None:
        act_as(session, system(event.moved_to))
        event = session.get(Event, (event.moved_to, event_id), populate_existing=True)
    return event
