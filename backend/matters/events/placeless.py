"""What has no place yet: nobody said a point, and no address led to a village. No I/O.

Whoever it lies with says where it is, then it goes to the village like any other.
"""

from backend.core.actor import INTAKE_COUNTY
from backend.tools.calendar.clocks import Clock, Limit
from gis.codes import Level, level_of

# The first step of what has no place; the village has its two hours from then on.
PLACE_WITHIN = Limit(Clock.WORK_HOUR, 1)


def desk_of(area_code: str) -> Level | None:
    """Which level has to say where a matter is; None when its village is known.

    >>> desk_of("000000"), desk_of("359902101"), desk_of("359902101001")
    (<Level.CITY: 'city'>, <Level.TOWN: 'town'>, None)
    """
    if area_code == INTAKE_COUNTY:
        return Level.CITY
    level = level_of(area_code)
    return level if level in (Level.CITY, Level.COUNTY, Level.TOWN) else None
