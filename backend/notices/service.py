"""Writing notices: at most one a person, event and step, however often the fact is heard."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from backend.core.actor import Actor, system
from backend.core.db import act_as
from backend.core.ids import new_id
from backend.events.models import Event, EventAction
from backend.events.vocabulary import Action
from backend.notices.models import Notice

# The steps that the reporter is told of, each with a sentence of its own in the locales.
TOLD_TO_REPORTER = frozenset(
    {
        Action.FILE, Action.DISPATCH, Action.ACCEPT, Action.SUBMIT_RESULT, Action.START_FOLLOW_UP,
        Action.CLOSE, Action.CLOSE_WITHOUT_FOLLOW_UP, Action.REJECT, Action.VOID, Action.MERGE,
        Action.RESOLVE_ON_SPOT, Action.NOT_SOLVED, Action.REWORK, Action.RECHECK_FAILED,
    }
)  # fmt: skip


def tell_reporter(
    session: Session, county_code: str, event_id: UUID, details: Mapping[str, Any]
) -> None:
    """Hear ``event.advanced``: tell the reporter, unless the reporter took the step."""
    if details["action"] not in TOLD_TO_REPORTER:
        return
    act_as(session, system(county_code))
    row = session.execute(
        select(Event.reporter_id, Event.event_no, EventAction.actor_id)
        .join(
            EventAction,
            (EventAction.county_code == Event.county_code) & (EventAction.event_id == Event.id),
        )
        .where(
            Event.county_code == county_code, Event.id == event_id,
            EventAction.id == UUID(details["action_id"]),
        )
    ).one()  # fmt: skip
    if row.reporter_id is None or row.reporter_id == row.actor_id:
        return
    session.execute(
        insert(Notice)
        .values(
            county_code=county_code, id=new_id(), account_id=row.reporter_id, event_id=event_id,
            action_id=UUID(details["action_id"]), about=f"told.{details['action']}",
            details={"number": row.event_no},
        )
        .on_conflict_do_nothing()
    )  # fmt: skip


def of(session: Session, actor: Actor, limit: int = 50) -> list[Notice]:
    """A person's newest notices."""
    return list(
        session.scalars(
            select(Notice)
            .where(Notice.account_id == actor.id)
            .order_by(Notice.id.desc())
            .limit(limit)
        )
    )


def mark_read(session: Session, actor: Actor) -> None:
    """Mark all of a person's notices as read."""
    session.execute(
        update(Notice)
        .where(Notice.account_id == actor.id, Notice.read_at.is_(None))
        .values(read_at=datetime.now(UTC))
    )
