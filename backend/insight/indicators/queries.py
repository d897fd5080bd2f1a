"""Reads of a place's year; each inside the actor's scope."""

from collections import Counter
from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from backend.core import scope
from backend.core.actor import INTAKE_COUNTY, Actor
from backend.matters.items import queries as items
from backend.matters.items.models import Item
from backend.matters.items.workflow import Kind, State
from backend.tools.counters import queries as counters
from gis import codes


def measures(session: Session, actor: Actor, area: str, families: Sequence[str]) -> dict[str, int]:
    """The numbers of an area that the actor sees, by the names of their measures.

    A city's are those of its counties and of what has no county yet, as its list has them.
    """
    counties = sorted({part.county_code for part in actor.scope})
    level = codes.level_of(area)
    found = Counter(counters.totals(session, counties, area, level, families).get(area, {}))
    if level is codes.Level.CITY and INTAKE_COUNTY in counties:
        intake = counters.totals(
            session, [INTAKE_COUNTY], INTAKE_COUNTY, codes.Level.COUNTY, families
        )
        found.update(intake.get(INTAKE_COUNTY, {}))
    return dict(found)


def lists(session: Session, actor: Actor, area: str) -> dict[Kind, dict[State, int]]:
    """How many items of each list stand in each state, in an area that the actor sees."""
    rows = session.execute(
        select(Item.kind, Item.state, func.count().label("n"))
        .where(items.arms(actor), scope.within(Item, area))
        .group_by(Item.kind, Item.state)
    )
    found: dict[Kind, dict[State, int]] = {kind: {} for kind in Kind}
    for row in rows:
        found[Kind(row.kind)][State(row.state)] = row.n
    return found
