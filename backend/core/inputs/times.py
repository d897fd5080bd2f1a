"""Times and days: with a time zone, and in years that a city's own records can have."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, Field, StringConstraints, WithJsonSchema
from pydantic_core import PydanticCustomError

from backend.core import clock
from backend.core.inputs.base import Checked

# Before 1990 no case was recorded anywhere that is still worked on; after 2100 nothing is promised.
# Both ends lie far from where arithmetic with days and zones overflows (years 1 and 9999). They are
# no settings: a city that needs others needs another reading of its files.
YEAR_FIRST, YEAR_LAST = 1990, 2100
# A phone's clock may stand in another zone (14 hours at most) and be a little wrong on top.
AHEAD_MOST = timedelta(days=1)


def sane(value: date) -> bool:
    """Whether a day or moment lies in the years that are taken."""
    return YEAR_FIRST <= value.year <= YEAR_LAST


def _sane(value: date) -> date:
    if not sane(value):
        raise PydanticCustomError(
            "year", "lies outside the years {first} to {last}",
            {"first": YEAR_FIRST, "last": YEAR_LAST},
        )  # fmt: skip
    return value


def _moment(value: datetime) -> datetime:
    _sane(value)
    # One form whatever the sender's zone; what is stored comes back in UTC as well.
    return value.astimezone(UTC)


def _not_ahead(value: datetime) -> datetime:
    if value > clock.now() + AHEAD_MOST:
        raise PydanticCustomError("ahead", "lies in the future")
    return value


def _without_zone(value: time) -> time:
    if value.tzinfo is not None:
        raise PydanticCustomError("zone", "an hour of the city's day has no time zone")
    return value.replace(microsecond=0)


_TIME = Checked("time")

Moment = Annotated[AwareDatetime, AfterValidator(_moment), _TIME]
# When something happened by the sender's own clock.
DeviceTime = Annotated[AwareDatetime, AfterValidator(_moment), AfterValidator(_not_ahead), _TIME]
Day = Annotated[date, AfterValidator(_sane), _TIME]
# An hour of the city's day. `format: time` of JSON Schema asks for a zone, so a pattern says it.
HourOfDay = Annotated[
    time, AfterValidator(_without_zone),
    WithJsonSchema({"type": "string", "pattern": r"^([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9])?$"}),
    _TIME,
]  # fmt: skip
ClockTime = Annotated[str, StringConstraints(pattern=r"^([01][0-9]|2[0-3]):[0-5][0-9]$"), _TIME]
# `2026-11`.
Month = Annotated[
    str, StringConstraints(pattern=r"^(199[0-9]|20[0-9]{2}|2100)-(0[1-9]|1[0-2])$"), _TIME
]
Year = Annotated[int, Field(ge=YEAR_FIRST, le=YEAR_LAST), _TIME]
