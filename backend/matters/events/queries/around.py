"""Which open events lie around a point."""

from sqlalchemy import text
from sqlalchemy.orm import Session

from backend.core.actor import Actor
from backend.core.asking import among
from backend.core.db import scope_parameters
from backend.matters.events.models import Event
from backend.matters.events.queries.sight import visible_to


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
