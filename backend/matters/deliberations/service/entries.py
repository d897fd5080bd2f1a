"""The log of a motion: appended to, never changed."""

from typing import Any
from uuid import UUID

from sqlalchemy import insert
from sqlalchemy.orm import Session

from backend.core import chain, clock, ids, outbox
from backend.core.actor import Actor
from backend.matters.deliberations.models import Deliberation, DeliberationAction
from backend.matters.deliberations.workflow import Action

SEALED = (
    "deliberation_id", "seq", "action", "step_code", "round", "to_step", "to_state", "actor_id",
    "post_id", "role", "note", "details", "at",
)  # fmt: skip
# Words beside the way, which move nothing.
ASIDE = frozenset({Action.COMMENT, Action.OBJECT, Action.ANSWER_OBJECTION})


def write(
    session: Session, actor: Actor, deliberation: Deliberation, action: Action, note: str,
    details: dict[str, Any], at_step: tuple[str, int],
) -> UUID:  # fmt: skip
    """Append one entry to a locked motion's log, which stands where it came to; the entry's id.

    ``at_step`` is the step, and the round, at which the action was taken.
    """
    now = clock.now()
    entry: dict[str, Any] = {
        "deliberation_id": deliberation.id, "seq": deliberation.log_seq + 1,
        "action": action.value, "step_code": at_step[0], "round": at_step[1],
        "to_step": deliberation.step_code, "to_state": deliberation.state, "actor_id": actor.id,
        "post_id": actor.post_id, "role": actor.role.value, "note": note, "details": details,
        "at": now,
    }  # fmt: skip
    sealed = chain.seal(deliberation.log_head, entry, SEALED)
    entry_id = ids.new_id()
    with session.no_autoflush:
        session.execute(
            insert(DeliberationAction).values(
                county_code=deliberation.county_code, id=entry_id, hash=sealed, **entry
            )
        )
    deliberation.log_seq, deliberation.log_head = entry["seq"], sealed
    if action not in ASIDE:
        deliberation.moved_at = now
    session.flush()
    outbox.leave(
        session, deliberation.county_code, "deliberation.advanced", deliberation.id,
        action=action.value, action_id=str(entry_id),
    )  # fmt: skip
    return entry_id
