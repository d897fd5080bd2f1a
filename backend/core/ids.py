"""Keys: time-ordered UUIDs, and the numbers and codes that people read aloud."""

import secrets
from datetime import datetime
from uuid import UUID

import uuid_utils

from backend.core import day

# No 0/O, 1/I/L, 2/Z, 5/S, 8/B: what is read over a telephone must arrive.
READABLE = "34679ACDEFGHJKMNPQRTUVWXY"


def new_id() -> UUID:
    """A UUIDv7 (RFC 9562, section 5.7) of this moment."""
    return UUID(bytes=uuid_utils.uuid7().bytes)


def id_at(moment: datetime) -> UUID:
    """A UUIDv7 of a past moment, so that imported rows sort by their own time."""
    ms = int(moment.timestamp() * 1000)
    value = (ms << 80) | (0x7 << 76) | (secrets.randbits(12) << 64)
    return UUID(int=value | (0b10 << 62) | secrets.randbits(62))


def first_key(moment: datetime) -> UUID:
    """The smallest key of a moment: what was made from then on has no smaller one."""
    return UUID(int=int(moment.timestamp() * 1000) << 80)


def event_number(county_code: str, moment: datetime, letter: str = "E") -> str:
    """The number that people quote: ``E20261120-359902-7KDM-4PQX``; each list has its letter.

    The day is the city's.

    Serial numbers would need one hot counter a county. Eight of 25 signs make 153 billion numbers
    a county and day: among 20,000 reports a day two clash once in four years, and the unique
    constraint then refuses the second, which its sender repeats with a new one.
    """
    drawn = "".join(secrets.choice(READABLE) for _ in range(8))
    return f"{letter}{day.digits(moment)}-{county_code}-{drawn[:4]}-{drawn[4:]}"
