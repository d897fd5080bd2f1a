"""The audit list: who signed in, looked, exported, invited, ended; added to and never changed.

Whoever does such a thing calls `note` in the same transaction, so that nothing happens unseen and
nothing is noted that did not happen.
"""

from enum import StrEnum
from typing import Any
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.orm import Session

from backend.city.accounts.models import AuditEntry
from backend.core import clock, ids
from backend.core.actor import INTAKE_COUNTY, Actor

# Stands in the details of an entry about something that only people by name may know of: auditors
# and whoever did it read what it is about; others of the place, that something was done.
RESTRICTED = "restricted"


class What(StrEnum):
    """What an entry is about; values are stored, words are ``audit.<value>`` of the screens."""

    SIGN_IN = "sign_in"
    # Wrong tries, one entry at the 5th, 10th, 20th and so on; ``details.tries`` counts them.
    SIGN_IN_FAILED = "sign_in_failed"
    SIGN_OUT = "sign_out"
    # A session that somebody else than its device ended; ``details.because`` says why.
    SESSION_ENDED = "session_ended"
    POST_SWITCHED = "post_switched"
    PASSWORD_CHANGED = "password_changed"  # noqa: S105 (what happened, not a secret)
    INVITED = "invited"
    INVITED_AGAIN = "invited_again"
    JOINED = "joined"
    APPOINTED = "appointed"
    POST_ENDED = "post_ended"
    RIGHTS_CHANGED = "rights_changed"
    DISABLED = "disabled"
    ENABLED = "enabled"
    REVEALED = "revealed"
    CALLER_LOOKED_UP = "caller_looked_up"
    # Somebody reached the limit of looks; auditors of the place are told.
    LOOKS_LIMIT = "looks_limit"
    EXPORTED = "exported"
    # A job forgot what had served its purpose; ``details.rows`` and ``details.days`` say how much.
    FORGOTTEN = "forgotten"
    # A parked fact, or messages that had failed; ``reason`` says why they had.
    TRIED_AGAIN = "tried_again"


def note(
    session: Session, actor: Actor, what: What, *, county_code: str | None = None,
    area_code: str | None = None, subject_id: UUID | None = None, about: str = "",
    reason: str = "", **details: Any,
) -> None:  # fmt: skip
    """Add an entry in the caller's transaction.

    It belongs to the place named (both codes), or else to the actor's own post. ``about`` names the
    subject in words that auditors may read: a user name, an event's number, a file's name; never a
    telephone number. ``details`` are plain JSON values.
    """
    county = county_code or actor.home_county
    area = area_code or (actor.area_code if county_code is None else county)
    if county == INTAKE_COUNTY or not area:
        area = county
    session.execute(
        insert(AuditEntry).values(
            county_code=county, id=ids.new_id(), area_code=area, at=clock.now(), what=what.value,
            account_id=actor.id, post_id=actor.post_id, role=actor.role.value, name=actor.name,
            subject_id=subject_id, about=about[:200], reason=reason[:500], details=details,
        )
    )  # fmt: skip


def exported(session: Session, actor: Actor, file: str, rows: int) -> None:
    """Add an entry about a file that somebody took away, and how many rows it holds."""
    note(session, actor, What.EXPORTED, about=file, rows=rows)
