"""What passes between a main event and the reports that were merged into it, both ways."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from backend.core import ids
from backend.core.actor import system
from backend.core.language import say
from backend.matters.events import kin, queries, workflow
from backend.matters.events.casework.stepping import take
from backend.matters.events.models import EventAction
from backend.matters.events.reading.whole import read
from backend.matters.events.schemas import StepIn
from backend.matters.events.vocabulary import Action, Ask, State
from backend.matters.events.whereabouts import settled

# What was said of a merged report, and the steps that it means for the main event: the first that
# its state allows. Somebody may have closed it in the meantime.
MEANS = {
    Action.NOT_SOLVED: (Action.NOT_SOLVED, Action.ASK_REOPEN),
    Action.ASK_REOPEN: (Action.ASK_REOPEN,),
}
# A main event that turns out to be none (mistaken, false, a test) or is turned away, speaks for
# nobody else: what was joined to it is looked at again for itself, by the two people that it needs.
RELEASES = {Action.REJECT: State.REJECTED, Action.VOID: State.VOID}


def hear(session: Session, county_code: str, event_id: UUID, details: Mapping[str, Any]) -> None:
    """Hear ``event.advanced``: a merged reporter's word goes on to the main event, and back.

    Safe to hear twice: afterwards the main event is at work again, or the request is open, and
    what was released is merged no more.
    """
    action = Action(details["action"])
    if action in MEANS:
        _pass_on(session, county_code, event_id, action, UUID(details["action_id"]))
    elif action in RELEASES:
        _release(session, county_code, event_id, RELEASES[action])


def _pass_on(
    session: Session, county_code: str, event_id: UUID, action: Action, entry_id: UUID
) -> None:
    merged = settled(session, county_code, event_id)
    found = kin.main_of(session, merged) if merged is not None else None
    if merged is None or found is None:
        return
    county_code = merged.county_code
    said = session.get_one(EventAction, (county_code, entry_id))
    main = queries.locked(session, county_code, found.id)
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


def _release(session: Session, county_code: str, event_id: UUID, ended: State) -> None:
    """What hangs on it directly is a report again; what hangs on those stays with them."""
    main = settled(session, county_code, event_id)
    if main is None or main.state != ended:
        return
    county_code = main.county_code
    joined = queries.merged_directly(session, county_code, event_id)
    rule = workflow.RULES[State.MERGED, Action.UNDO_MERGE]
    for key in joined:
        merged = queries.locked(session, county_code, key)
        if merged is None or merged.state != State.MERGED or merged.master_id != event_id:
            continue
        note = say("zh-CN", "merge_released", number=main.event_no, state=f"state.{ended}")
        body = StepIn(client_id=ids.new_id(), action=rule.action, note=note)
        take(session, system(county_code), merged, read(session, merged).facts, rule, body)
