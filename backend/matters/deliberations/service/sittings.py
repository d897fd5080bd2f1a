"""Holding an assembly: the roll says who belongs to it, the procedure what is enough."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert
from sqlalchemy.orm import Session

from backend.core import clock, ids
from backend.core.actor import Actor
from backend.core.errors import BadInput
from backend.matters.deliberations import queries
from backend.matters.deliberations.models import Deliberation, Sitting, SittingPerson
from backend.matters.deliberations.procedures import Outcome, Step, outcome
from backend.matters.deliberations.schemas import SittingIn

# Clocks of two machines are never quite the same.
SLACK = timedelta(minutes=5)


def hold(
    session: Session, actor: Actor, deliberation: Deliberation, step: Step, body: SittingIn,
    since: datetime,
) -> tuple[Outcome, dict[str, Any]]:  # fmt: skip
    """Record an assembly and what it decided; what the log should know of it.

    Votes of an assembly that was too small count for nothing and are not kept.

    Raises
    ------
    BadInput
        Nobody is on the roll, somebody present is not on it, the votes are not as many as those
        present, or the time lies in the future or before the motion came to this step.
    """
    assert step.assembly is not None and step.quorum is not None and step.majority is not None
    roll = {
        m.id: m.name for m in queries.roll(session, actor, deliberation.area_code, step.assembly)
    }
    if not roll:
        raise BadInput("roll_empty")
    there = list(dict.fromkeys(body.present))
    if not set(there) <= set(roll):
        raise BadInput("not_on_roll")
    if body.held_at > clock.now() + SLACK:
        raise BadInput("sitting_in_future")
    if body.held_at < since - SLACK:
        raise BadInput("sitting_before_step")
    result = outcome(step, len(roll), len(there), body.yes)
    counted = result is not Outcome.NO_QUORUM
    if counted and body.yes + body.no + body.abstain != len(there):
        raise BadInput("votes_do_not_add_up", present=len(there))
    sitting_id = ids.new_id()
    votes = {
        name: getattr(body, name) if counted else 0 for name in ("yes", "no", "abstain")
    }  # fmt: skip
    session.execute(
        insert(Sitting).values(
            county_code=deliberation.county_code, id=sitting_id, deliberation_id=deliberation.id,
            step_code=step.code, round=deliberation.round, held_at=body.held_at, place=body.place,
            chair=body.chair, on_roll=len(roll), present=len(there), outcome=result, **votes,
        )
    )  # fmt: skip
    if there:
        session.execute(
            insert(SittingPerson),
            [
                {
                    "county_code": deliberation.county_code, "id": ids.new_id(),
                    "sitting_id": sitting_id, "member_id": member, "name": roll[member],
                }
                for member in there
            ],
        )  # fmt: skip
    details = {
        "sitting": str(sitting_id), "outcome": result.value, "on_roll": len(roll),
        "present": len(there), "needed_present": step.quorum.needed(len(roll)),
        "needed_yes": step.majority.needed(len(there)), **votes,
    }  # fmt: skip
    return result, details
