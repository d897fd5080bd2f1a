"""How often something may be done: counted in Redis, by address or whatever else counts.

When Redis is away each process counts by itself, in its memory: the gate neither opens nor closes,
a flood is held back as many times more as there are processes, and nobody waits for Redis.
"""

import ipaddress
import math
import time
from functools import lru_cache
from typing import Any, Literal

import structlog
from fastapi import Depends, Request
from limits.storage import MemoryStorage, Storage, storage_from_string
from starlette.requests import HTTPConnection

from backend.core.errors import TooMany
from backend.core.settings import get_settings

log = structlog.get_logger()

# For so long Redis is not asked again after it did not answer.
AWAY_S = 5.0
HOUR_S = 3600
_memory = MemoryStorage()
_away_until = 0.0


@lru_cache
def _redis(url: str) -> Storage:
    # The library writes a unix socket's address in its own way.
    address = url.replace("unix://", "redis+unix://", 1)
    found = storage_from_string(address, socket_timeout=1, socket_connect_timeout=1)
    assert isinstance(found, Storage)
    return found


def count(what: str, who: str, within_s: int, more: int = 1) -> tuple[int, int]:
    """Count one more; how many there were in this stretch, and in how many seconds it ends.

    With ``more`` = -1 one that turned out not to count is taken back.
    """
    global _away_until
    key = f"onemap/{what}/{within_s}/{who}"
    if time.monotonic() >= _away_until:
        try:
            return _counted(_redis(get_settings().redis_url), key, within_s, more)
        except Exception as away:  # whatever the library's storage raises while Redis is gone
            _away_until = time.monotonic() + AWAY_S
            log.warning("counting in memory", what=what, because=type(away).__name__)
    return _counted(_memory, key, within_s, more)


def _counted(storage: Storage, key: str, within_s: int, more: int) -> tuple[int, int]:
    number = storage.incr(key, within_s, amount=more)
    left = math.ceil(storage.get_expiry(key) - time.time())
    return number, max(1, min(left, within_s))


def at_most(what: str, who: str, most: int, within_s: int) -> None:
    """Count one more of ``what``, and refuse it beyond ``most`` within so many seconds.

    Raises
    ------
    TooMany
        Too often; the answer says in how many seconds it may be tried again.
    """
    number, left = count(what, who, within_s)
    if number > most:
        raise TooMany("too_often", seconds=left)


def once_more(who: str, what: str, most_an_hour: int) -> None:
    """Count one more of ``what`` for an address, or whatever else is counted by.

    Raises
    ------
    TooMany
        More than ``most_an_hour`` in this hour.
    """
    at_most(what, who, most_an_hour, HOUR_S)


def address_of(request: HTTPConnection) -> str:
    """What stands for one sender: the IPv4 address, or the /64 of an IPv6 one.

    A household or a server is given a whole /64, and could count as a new sender at each try.
    """
    host = request.client.host if request.client else "nowhere"
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if isinstance(address, ipaddress.IPv4Address):
        return host
    if address.ipv4_mapped:
        return str(address.ipv4_mapped)
    return str(ipaddress.ip_network((address, 64), strict=False))


def coarse(address: str) -> str:
    """An address as lists show it: the network of the sender, not the machine."""
    try:
        network = ipaddress.ip_network(address, strict=False)
    except ValueError:
        return address
    return str(network.supernet(new_prefix=24 if network.version == 4 else 48))


Limit = Literal[
    "public_reports_per_hour", "public_opens_per_hour", "public_codes_per_hour",
    "public_looks_per_hour", "track_steps_per_hour",
]  # fmt: skip


def limited(setting: Limit) -> Any:
    """A route's dependency: at most as often an hour and address as a setting says."""

    def check(request: Request) -> None:
        once_more(address_of(request), setting, getattr(get_settings(), setting))

    return Depends(check)
