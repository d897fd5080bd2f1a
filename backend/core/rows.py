"""Working on rows of which one may fail: the others go on, and the failing one is not met again."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeVar
from uuid import UUID

import structlog
from rq.timeouts import BaseTimeoutException
from sqlalchemy.orm import Session

from backend.core.db import CountyFirst
from backend.core.faults import database_away, in_words

log = structlog.get_logger()


R = TypeVar("R", bound=CountyFirst)


@dataclass
class Aside:
    """Rows of one county that failed in this run, with the reason: left out until the next."""

    why: dict[UUID, str] = field(default_factory=dict)

    @property
    def keys(self) -> list[UUID]:
        """The rows to be left out."""
        return list(self.why)

    def each(self, session: Session, rows: Sequence[R], do: Callable[[R], object]) -> None:
        """Do something with each row; what fails is undone for that row alone, and put aside.

        All are tried under one savepoint, which is what happens nearly always; when one fails,
        each has its own.
        """
        keys = [row.id for row in rows]
        if not rows or _done(session, rows, do) is None:
            return
        for key, row in zip(keys, rows, strict=True):
            fault = _done(session, [row], do)
            if fault is not None:
                log.error("row failed", key=str(key), exc_info=fault)
                self.why[key] = in_words(fault)

    def in_words(self) -> str:
        """How many rows failed, and why the first did; empty when none did."""
        if not self.why:
            return ""
        key, why = next(iter(self.why.items()))
        return f"{len(self.why)} × {why} ({key})"


def _done(session: Session, rows: Sequence[R], do: Callable[[R], object]) -> Exception | None:
    try:
        with session.begin_nested():
            for row in rows:
                do(row)
            session.flush()
    except BaseTimeoutException:
        raise
    except Exception as fault:
        if database_away(fault):
            raise
        return fault
    return None
