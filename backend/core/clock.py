"""What time it is, asked in one place, so that seeds and tests can live another day."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime

_pretended: ContextVar[datetime | None] = ContextVar("pretended", default=None)


def now() -> datetime:
    """This moment, in UTC."""
    return _pretended.get() or datetime.now(UTC)


@contextmanager
def at(moment: datetime) -> Iterator[None]:
    """Pretend that it is ``moment`` inside the block."""
    token = _pretended.set(moment)
    try:
        yield
    finally:
        _pretended.reset(token)
