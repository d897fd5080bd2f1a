"""What another reporter of the same matter says reaches the event that theirs was merged into."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from backend.core import ids
from backend.core.actor import system
from backend.core.db import act_as
from backend.matters.events import workflow
from backend.matters.events.casework.stepping import take
from backend.matters.events.models import Event, EventAction
from backend.matters.events.reading.whole import read
from backend.matters.events.schemas import StepIn
from backend.matters.events.vocabulary import Action, Ask, State

# What was said of a merged report, and the steps that it means for the main event: the first that
# its state allows. Somebody may have closed it in the meantime.
MEANS = {
    Action.NOT_SOLVED: (Action.NOT_SOLVED, Action.ASK_REOPEN),
    Action.ASK_REOPEN: (Action.ASK_REOPEN,),
}


def hear(session: Session, county_code: str, event_id: UUID, details: Mapping[str, Any]) -> None:
    """Hear ``event.advanced``: "not solved" and "still there" of a merged report go on to its main.

    Safe to hear twice: afterwards the main event is at work again, or the request is open.
    """
    action = Action(details["action"])
    if action not in MEANS:
        return
    act_as(session, system(county_code))
    said = session.get(EventAction, (county_code, UUID(details["action_id"])))
    merged = session.get(Event, (county_code, event_id))
    if said is None or merged is None or merged.state != State.MERGED:
        return
    main = session.scalar(
        select(Event)
        .where(Event.county_code == county_code, Event.id == merged.master_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    if main is None or Ask.REOPEN in main.asked:
        return
    facts = read(session, main).facts
    rules = (workflow.RULES.get((facts.state, means)) for means in MEANS[action])
    rule = next((rule for rule in rules if rule is not None), None)
    if rule is None:
        return
    note = f"{merged.event_no}: {said.note}"
    body = StepIn(client_id=ids.new_id(), action=rule.action, note=note[:2000])
    take(session, system(county_code), main, facts, rule, body)
