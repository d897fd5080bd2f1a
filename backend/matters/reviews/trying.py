"""Trying something in a savepoint: what is wrong with one point of a meeting stops no other."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import structlog
from sqlalchemy.orm import Session

from backend.core.actor import Actor
from backend.core.db import act_as
from backend.core.errors import Refused
from backend.core.faults import passes
from backend.core.language import say

log = structlog.get_logger()


@dataclass(frozen=True)
class Hindrance:
    """Why something cannot take effect: the code of a sentence, and what fills it."""

    code: str
    params: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, refusal: Refused) -> "Hindrance":
        """A refusal, as a row can keep it."""
        kept = {
            name: [str(one) for one in value] if isinstance(value, list | tuple) else str(value)
            for name, value in refusal.params.items()
        }
        return cls(refusal.code, kept)

    def words(self, language: str) -> str:
        """The sentence in a language."""
        known = {
            name: "、".join(_word(language, one) for one in value)
            if isinstance(value, list) else value
            for name, value in self.params.items()
        }  # fmt: skip
        try:
            return say(language, self.code, **known)
        except (KeyError, IndexError):
            # A sentence with fields that nobody filled.
            return say(language, "review_not_carried_out")


def _word(language: str, code: str) -> str:
    try:
        return say(language, code)
    except (KeyError, IndexError):
        return code


def attempt(
    session: Session, actor: Actor, do: Callable[[], object], *, keep: bool
) -> Hindrance | None:
    """Do something in a savepoint; None when it went through. Only kept when that is wanted.

    Whatever goes wrong inside is undone and told, whether anybody has foreseen it or not. Only what
    will pass (a database that is busy or away, a full disk) says nothing about the point: it ends
    the whole attempt, so that a decision never counts as failed because of a bad moment.
    """
    found: Hindrance | None = None
    try:
        with session.begin_nested():
            do()
            session.flush()
            if not keep:
                raise _NotKept
    except _NotKept:
        session.expire_all()
    except Refused as refusal:
        found = Hindrance.of(refusal)
        session.expire_all()
    except Exception as error:
        if passes(error):
            raise
        log.exception("a point of a meeting failed")
        found = Hindrance("review_point_fails")
        session.expire_all()
    # A step may have worked with another scope when it stopped.
    act_as(session, actor)
    return found


class _NotKept(Exception):
    """It went through, and was only tried."""
