"""What time it is, asked in one place, so that seeds and tests can live another day."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

_pretended: ContextVar[datetime | None] = ContextVar("pretended", default=None)


def now() -> datetime:
    """This moment, in UTC."""
    return _pretended.get() or datetime.now(UTC)


def actual() -> datetime:
    """This moment, whatever is pretended, in UTC.

    For what guards or only tries again: sessions, links and waiting times live by the same clock as
    the tokens and the database that they are compared with.
    """
    return datetime.now(UTC)


def compact(moment: datetime) -> str:
    """A moment in UTC as ``20261121T073000Z`` (ISO 8601, basic), for machines' file names."""
    return f"{moment.astimezone(UTC):%Y%m%dT%H%M%SZ}"


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Pretend that it is ``moment`` inside the block."""
    token = _pretended.set(moment)
    try:
        yield
    finally:
        _pretended.reset(token)
