"""Looks at personal data: each is noted, and nobody takes many without others hearing of it.

Whoever reaches a limit is refused until the stretch is over, and the auditors of the place are told
once. The limits are settings; the looks themselves are entries of the audit list.
"""

from datetime import timedelta
from typing import Any

from fastapi import Depends

from backend.city.accounts import audit, queries
from backend.city.accounts.audit import What
from backend.core import clock, ids, rate
from backend.core.actor import Actor, Role, system
from backend.core.db import unit_of_work
from backend.core.errors import TooMany
from backend.core.permissions import ActorDep
from backend.core.settings import get_settings
from backend.tools.notices.models import Kind
from backend.tools.notices.writing import Told, write
from gis import codes

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
# Who hears of it, of the place's own and of those above.
TOLD = (Role.AUDITOR, Role.SYS_ADMIN)


def _limits(what: What) -> tuple[tuple[int, timedelta], ...]:
    settings = get_settings()
    if what is What.CALLER_LOOKED_UP:
        return (settings.lookups_per_hour, HOUR), (settings.lookups_per_day, DAY)
    return (settings.reveals_per_hour, HOUR), (settings.reveals_per_day, DAY)


def admit(actor: Actor, what: What) -> None:
    """Count a look of this person, whichever post they act in.

    Raises
    ------
    TooMany
        More than a setting allows in an hour or a day; auditors are told at the first refusal.
    """
    for most, within in _limits(what):
        seconds = int(within.total_seconds())
        number, left = rate.count(f"looks/{what}", str(actor.id), seconds)
        if number == most + 1:
            _tell(actor, what, most, within)
        if number > most:
            raise TooMany("looks_limit", most=most, hours=seconds // 3600, seconds=left)


def limited(what: What) -> Any:
    """A route's dependency: the caller looks only so often."""

    def check(actor: ActorDep) -> None:
        admit(actor, what)

    return Depends(check)


def _tell(actor: Actor, what: What, most: int, within: timedelta) -> None:
    """Write the entry and the notices in a transaction of their own: the look is refused."""
    hours = int(within.total_seconds()) // 3600
    with unit_of_work(system(actor.home_county)) as session:
        audit.note(
            session, actor, What.LOOKS_LIMIT, subject_id=actor.id, about=actor.name,
            kind=what.value, most=most, hours=hours,
        )  # fmt: skip
        place = actor.area_code or actor.home_county
        people = queries.holders(session, [actor.home_county[:4], *codes.chain(place)], TOLD)
        words = {"name": actor.name, "most": str(most), "hours": str(hours)}
        told = [Told(one, "told.looks_limit", Kind.TASK, words=words) for one in sorted(people)]
        write(session, actor.home_county, ids.id_at(clock.now()), actor.id, told)
