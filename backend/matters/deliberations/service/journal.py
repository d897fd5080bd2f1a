"""The journal of a motion: what each entry says, and who hears of it."""

from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from backend.core import clock, journal, outbox
from backend.core.actor import Actor
from backend.matters.deliberations.models import Deliberation, DeliberationAction
from backend.matters.deliberations.workflow import Action

# Words beside the way, which move nothing.
ASIDE = frozenset({Action.COMMENT, Action.OBJECT, Action.ANSWER_OBJECTION})


def write(
    session: Session, actor: Actor, deliberation: Deliberation, action: Action, note: str,
    details: dict[str, Any], at_step: tuple[str, int],
) -> UUID:  # fmt: skip
    """Append one entry to a locked motion's journal, which stands where it came to; its id.

    ``at_step`` is the step, and the round, at which the action was taken.
    """
    now = clock.now()
    if action not in ASIDE:
        deliberation.moved_at = now
    entry_id = journal.append(
        session, actor, DeliberationAction, deliberation, action, note=note, details=details,
        at=now, step_code=at_step[0], round=at_step[1], to_step=deliberation.step_code,
        to_state=str(deliberation.state),
    )  # fmt: skip
    outbox.leave(
        session, deliberation.county_code, "deliberation.advanced", deliberation.id,
        action=action.value, action_id=str(entry_id),
    )  # fmt: skip
    return entry_id
