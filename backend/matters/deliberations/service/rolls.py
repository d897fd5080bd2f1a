"""Who belongs to a village's assemblies."""

from collections.abc import Sequence

from sqlalchemy import insert
from sqlalchemy.orm import Session

from backend.city.areas import queries as areas
from backend.core import clock, ids
from backend.core.actor import Actor
from backend.core.db import one_at_a_time
from backend.core.errors import BadInput, Forbidden
from backend.matters.deliberations import queries
from backend.matters.deliberations.models import RollMember
from backend.matters.deliberations.procedures import Assembly


def keep(
    session: Session, actor: Actor, area_code: str, assembly: Assembly, names: Sequence[str]
) -> None:
    """Put a roll in order: who is named stays or joins, who is not named any more leaves.

    Two people of one name are told apart by what is written behind it, as villages do.

    Raises
    ------
    Forbidden
        The village is not the actor's.
    BadInput
        No such village, or a name twice.
    """
    area = areas.named(session, [area_code]).get(area_code)
    if area is None:
        raise BadInput("area_unknown", code=area_code)
    if not actor.covers(area.managing_county, area_code):
        raise Forbidden("not_your_area")
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise BadInput("name_twice", names="、".join(twice))
    # Two who write a roll at once had put everybody on it twice, and each vote counted by that.
    one_at_a_time(session, f"roll/{area_code}/{assembly}")
    known = {m.name: m for m in queries.roll(session, actor, area_code, assembly)}
    for name, member in known.items():
        if name not in names:
            member.ended_at = clock.now()
    new = []
    for position, name in enumerate(names):
        if name in known:
            known[name].position = position
        else:
            new.append(
                {
                    "county_code": area.managing_county, "id": ids.new_id(), "name": name,
                    "area_code": area_code, "assembly": assembly.value, "position": position,
                }
            )  # fmt: skip
    session.flush()
    if new:
        session.execute(insert(RollMember), new)
