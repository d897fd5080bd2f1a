"""Which places an address may mean: proposals for whoever says where a matter is."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from backend.city.areas import queries as areas
from backend.core.actor import system
from backend.core.db import acting_as
from backend.matters.events.intake import addresses
from backend.registers.buildings import queries as buildings
from gis import codes


@dataclass(frozen=True)
class Proposed:
    """An area that an address may mean, and why; the point (EPSG:4490) where a house is known."""

    code: str
    place: str
    words: tuple[str, ...]
    lon: float | None = None
    lat: float | None = None


def proposals(session: Session, address: str, *, houses: bool = False) -> Sequence[Proposed]:
    """The places that an address may mean, the likeliest first; empty when it names none.

    ``houses`` asks the register of houses too: for people of the desks, never for strangers.
    """
    known = areas.gazetteer(session)
    found = addresses.named_in(address, {code: area.name for code, area in known.items()})
    doors = addresses.doors(address) if houses else []
    answer = []
    for one in found:
        place = " ".join(known[code].name for code in codes.chain(one.code) if code in known)
        lon = lat = None
        code, words = one.code, one.words
        if doors and codes.level_of(code) is codes.Level.VILLAGE:
            county = known[code].managing_county
            with acting_as(session, system(county)):
                rows = buildings.doors(session, county, code, doors)
            if len(rows) == 1:
                door, code, lon, lat = rows[0]
                words = (*words, door)
        answer.append(Proposed(code, place, words, lon, lat))
    return answer
