"""Finding places over HTTP: for strangers who give an address, and for desks that look for it."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import BaseModel
from sqlalchemy.orm import Session

from backend.city.areas import queries as areas
from backend.core.errors import NotFound
from backend.core.inputs import AreaCode, Line, Strict
from backend.core.permissions import ActorDep, allow, allow_public
from backend.core.rate import limited
from backend.core.rights import Right, holds
from backend.core.session import SessionDep
from backend.matters.events import queries
from backend.matters.events.intake.finding import proposals
from gis import codes

router = APIRouter(prefix="/intake", tags=["intake"])
event_router = APIRouter(prefix="/events", tags=["events"])
public_router = APIRouter(prefix="/public", tags=["public"])

# Beyond this a number says no more than "many".
COUNTED_MOST = 99


class AddressIn(Strict):
    """An address as somebody says it. It stands in the body: addresses of requests are logged."""

    address: Line


class PlaceOut(BaseModel):
    """A place that an address may mean: its area, the words that led there, a house's point."""

    area_code: str
    place: str
    words: list[str]
    # CGCS2000, where the register of houses knows the door.
    lon: float | None = None
    lat: float | None = None


class PlaceName(BaseModel):
    """An area by its name."""

    code: str
    name: str


class PlacelessOut(BaseModel):
    """How many matters wait for somebody to say where they are; and the oldest of those."""

    count: int
    more: bool
    oldest_at: datetime | None


@public_router.get("/areas", dependencies=[allow_public()])
def public_areas(
    session: SessionDep, under: Annotated[AreaCode | None, Query()] = None
) -> list[PlaceName]:
    """List the counties, or the towns of a county, or the villages of a town; nothing below."""
    below = codes.Level.COUNTY
    if under is not None:
        place = codes.LEVELS.index(codes.level_of(under))
        below = codes.LEVELS[min(place + 1, len(codes.LEVELS) - 1)]
    return [
        PlaceName(code=area.code, name=area.name)
        for area in areas.gazetteer(session).values()
        if area.level == below and (under is None or area.code.startswith(under))
    ]


@public_router.post("/places", dependencies=[allow_public(), limited("public_looks_per_hour")])
def find_publicly(body: AddressIn, session: SessionDep) -> list[PlaceOut]:
    """Propose areas that an address may mean; never a house."""
    return _shown(session, body.address, houses=False)


@router.post("/places", dependencies=[allow(Right.TAKE_CALLS)])
def find(body: AddressIn, session: SessionDep) -> list[PlaceOut]:
    """Propose places that an address may mean, down to the door where a register knows it."""
    return _shown(session, body.address, houses=True)


@router.get("/placeless", dependencies=[allow(Right.READ_CASES)])
def count_placeless(actor: ActorDep, session: SessionDep) -> PlacelessOut:
    """Count the open matters of the caller's scope that have no place yet."""
    rows = session.scalars(
        queries.listed(actor, queries.Wanted(placeless=True), None, COUNTED_MOST)
    ).all()
    return PlacelessOut(
        count=min(len(rows), COUNTED_MOST), more=len(rows) > COUNTED_MOST,
        oldest_at=min((row.reported_at for row in rows), default=None),
    )  # fmt: skip


@event_router.get("/{event_id}/places", dependencies=[allow(Right.STEP_CASES)])
def places_of(event_id: UUID, actor: ActorDep, session: SessionDep) -> list[PlaceOut]:
    """Propose where an event may be, by the address and the words that its reporter gave.

    Desks alone are told of houses: whoever reports could ask for any door that they name.
    """
    event = queries.one(session, actor, event_id)
    if event is None:
        raise NotFound("event_not_found")
    houses = holds(actor, Right.TAKE_CALLS)
    return _shown(session, event.address_text, houses=houses) or _shown(
        session, event.text, houses=houses
    )


def _shown(session: Session, address: str, *, houses: bool) -> list[PlaceOut]:
    return [
        PlaceOut(area_code=p.code, place=p.place, words=list(p.words), lon=p.lon, lat=p.lat)
        for p in proposals(session, address, houses=houses)
    ]
