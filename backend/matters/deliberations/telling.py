"""Who hears what of a motion."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from backend.city.accounts import queries as accounts
from backend.city.areas import queries as areas
from backend.core.actor import Role, system
from backend.core.db import act_as
from backend.matters.deliberations.models import Deliberation, DeliberationAction
from backend.matters.deliberations.service.stepping import procedure_of
from backend.matters.deliberations.workflow import ONWARD, OPEN, Action, State
from backend.tools.notices.models import Kind
from backend.tools.notices.writing import Told, write

# Of what the village's secretary hears, when somebody else did it.
TO_VILLAGE = {
    Action.SEND_BACK: "deliberation_back", Action.APPROVE: "deliberation_moved",
    Action.OBJECT: "deliberation_objected",
}  # fmt: skip


def hear(session: Session, county_code: str, row_id: UUID, details: Mapping[str, Any]) -> None:
    """Hear ``deliberation.advanced``: tell whose turn it is, and the village what others did.

    Safe to hear twice: a notice is written once a person and step.
    """
    act_as(session, system(county_code))
    action = Action(details["action"])
    row = session.get(Deliberation, (county_code, row_id))
    entry = session.get(DeliberationAction, (county_code, UUID(details["action_id"])))
    if row is None or entry is None:
        return
    words = {"number": row.deliberation_no, "title": row.title}
    told: list[Told] = []
    village = accounts.holders(session, [row.area_code], [Role.VILLAGE_SECRETARY])
    if action in TO_VILLAGE:
        told += [_told(person, TO_VILLAGE[action], row, words) for person in village]
    if (action in ONWARD or action is Action.HOLD) and State(row.state) in OPEN:
        procedure, _ = procedure_of(session, row)
        step = procedure.steps[procedure.at(entry.to_step)]
        # What was overtaken by a later step, before this was heard, is nobody's turn any more.
        if entry.step_code != entry.to_step == row.step_code:
            turn = accounts.holders(session, areas.run_by(session, row.area_code), list(step.who))
            told += [_told(person, "deliberation_turn", row, words) for person in turn]
    write(session, county_code, entry.id, entry.actor_id, told)


def _told(person: UUID, about: str, row: Deliberation, words: dict[str, str]) -> Told:
    return Told(person, f"told.{about}", Kind.TASK, deliberation_id=row.id, words=words)
