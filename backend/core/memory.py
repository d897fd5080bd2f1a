"""What a process remembers of rows that seldom change, filled by committed transactions alone.

A transaction may read what it has written itself and then roll back; remembered at once, that would
be told to everybody else. So what a session reads is its own until its outermost commit. A session
that has changed the rows says so (`Memory.forget`): from then on it believes nobody but itself and
the database, and its commit makes the process forget what it knew.
"""

import time
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from sqlalchemy import event
from sqlalchemy.orm import Session, SessionTransaction

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")

OWN = "memory"


@dataclass
class _Own:
    """What one session has read, and whether it has changed what is remembered."""

    turn: int
    changed: bool = False
    found: dict[Any, tuple[float, Any]] = field(default_factory=dict)


# Every memory of this process: all of them are of one database.
_every: list["Memory[Any, Any]"] = []


def forget_everything() -> None:
    """Read everything again: the process turns to another database."""
    for memory in _every:
        memory.forget()


class Memory(Generic[K, V]):
    """Values by key, believed for so many seconds."""

    def __init__(self, seconds: float, most: int = 200_000) -> None:
        self._seconds, self._most = seconds, most
        self._known: dict[K, tuple[float, V]] = {}
        # Counts forgetting: what was read before is not remembered after.
        self._turn = 0
        _every.append(self)

    def get(self, session: Session, key: K) -> V | None:
        """What is remembered for this session; None when it must be read."""
        own: _Own | None = session.info.get(OWN, {}).get(self)
        now = time.monotonic()
        for known in ({} if own is None else own.found), self._known:
            hit = known.get(key)
            if hit is not None and now - hit[0] < self._seconds:
                value: V = hit[1]
                return value
            if own is not None and own.changed:
                return None
        return None

    def put(self, session: Session, key: K, value: V) -> None:
        """Remember what this session has read: for it now, for all once it has committed."""
        self._own(session).found[key] = (time.monotonic(), value)

    def forget(self, session: Session | None = None) -> None:
        """Read everything again. A session that changed the rows names itself."""
        self._turn += 1
        self._known = {}
        if session is not None:
            own = self._own(session)
            own.changed, own.found = True, {}

    def _own(self, session: Session) -> _Own:
        mine: dict[Memory[Any, Any], _Own] = session.info.setdefault(OWN, {})
        return mine.setdefault(self, _Own(self._turn))

    def keep(self, own: _Own) -> None:
        """Take over what a committed session has read."""
        if own.changed:
            self.forget()
        elif own.turn == self._turn:
            if len(self._known) + len(own.found) > self._most:
                self._known = {}
            self._known.update(own.found)


@event.listens_for(Session, "after_commit")
def _committed(session: Session) -> None:
    # SQLAlchemy calls this at the release of a savepoint too, which commits nothing.
    if OWN in session.info and not session.in_nested_transaction():
        for memory, own in session.info.pop(OWN).items():
            memory.keep(own)


@event.listens_for(Session, "after_soft_rollback")
def _rolled_back(session: Session, ended: SessionTransaction) -> None:
    if OWN not in session.info:
        return
    if ended.parent is None:
        session.info.pop(OWN)
    for own in session.info.get(OWN, {}).values():
        own.found = {}
