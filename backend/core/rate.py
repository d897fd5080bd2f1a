"""How often somebody without an account may do something: counted in Redis, by address.

When Redis is away nothing is refused: a flood is the lesser harm, and the front server limits too.
"""

from functools import lru_cache
from typing import Any, Literal

import structlog
from fastapi import Depends, Request
from limits import RateLimitItemPerHour
from limits.storage import storage_from_string
from limits.strategies import FixedWindowRateLimiter

from backend.core.errors import TooMany
from backend.core.settings import get_settings

log = structlog.get_logger()


@lru_cache
def _limiter(url: str) -> FixedWindowRateLimiter:
    # The library writes a unix socket's address in its own way.
    return FixedWindowRateLimiter(storage_from_string(url.replace("unix://", "redis+unix://", 1)))


def once_more(who: str, what: str, most_an_hour: int) -> None:
    """Count one more of ``what`` for an address, or whatever else is counted by.

    Raises
    ------
    TooMany
        More than ``most_an_hour`` in this hour.
    """
    try:
        allowed = _limiter(get_settings().redis_url).hit(
            RateLimitItemPerHour(most_an_hour), "onemap", what, who
        )
    except Exception as away:  # whatever the library's storage raises while Redis is gone
        log.warning("not limited", what=what, because=type(away).__name__)
        return
    if not allowed:
        raise TooMany("too_often", seconds=3600)


Limit = Literal["public_reports_per_hour", "public_opens_per_hour", "public_codes_per_hour"]


def limited(setting: Limit) -> Any:
    """A route's dependency: at most as often an hour and address as a setting says."""

    def check(request: Request) -> None:
        address = request.client.host if request.client else "nowhere"
        once_more(address, setting, getattr(get_settings(), setting))

    return Depends(check)
