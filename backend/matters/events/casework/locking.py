"""Locking what a step is going to change, before anything is looked at.

Two people may merge two events into each other, or merge into one that just moves away. Whatever a
step changes beside its own event is therefore locked together with it, in one order (county, key):
nobody waits in a circle, and what is checked afterwards is what stands then.
"""

from collections.abc import Collection, Iterable
from uuid import UUID

from sqlalchemy.orm import Session

from backend.core.actor import Actor
from backend.core.errors import Conflict
from backend.matters.events import kin, queries
from backend.matters.events.models import Event
from backend.matters.events.schemas import StepIn
from backend.matters.events.vocabulary import Action


def locked(session: Session, actor: Actor, event_id: UUID, body: StepIn) -> Event | None:
    """The event of a step, locked and read afresh, with all that the step changes beside it.

    None when the actor knows of no such event.

    Raises
    ------
    Conflict
        While this waited for the rows, something was joined to the event: look again.
    """
    if body.action in BESIDE:
        event = queries.one(session, actor, event_id)
        if event is None:
            return None
        beside = BESIDE[body.action](session, actor, event, body)
        _lock(session, event.county_code, {event.id, *beside})
        event = queries.one(session, actor, event_id, lock=True)
        if event is not None and BESIDE[body.action](session, actor, event, body) - beside:
            raise Conflict("somebody_was_faster", state=f"state.{event.state}")
        return event
    return queries.one(session, actor, event_id, lock=True)


def hold(
    session: Session, actor: Actor, keys: Collection[UUID], county_code: str,
    masters: Collection[str],
) -> None:  # fmt: skip
    """Lock cases that will be stepped one after another, and the main ones that they join.

    Locked case by case, each in the order of its own list, two lists that share cases would wait
    for each other. ``masters`` are numbers of cases in a county; what the actor does not see is
    left alone.
    """
    for county, held in sorted(queries.lying(session, actor, keys, county_code, masters).items()):
        _lock(session, county, held)


def master_of(session: Session, actor: Actor, event: Event, number: str | None) -> Event | None:
    """The main event that a merge names, as the actor sees it in the event's county."""
    return session.scalar(
        queries.visible_to(actor)
        .where(
            Event.county_code == event.county_code,
            Event.event_no == (number or "").strip().upper(),
        )
        .execution_options(populate_existing=True)
    )  # fmt: skip


def _master(session: Session, actor: Actor, event: Event, body: StepIn) -> set[UUID]:
    master = master_of(session, actor, event, body.master)
    return set() if master is None else {master.id}


def _merged(session: Session, _: Actor, event: Event, __: StepIn) -> set[UUID]:
    return set(kin.below(session, event.county_code, event.id))


# What a step changes beside its own event: of a merge the main one; of a place, which may lie in
# another county, everything that was merged into it and moves along.
BESIDE = {Action.MERGE: _master, Action.CORRECT_POSITION: _merged}


def _lock(session: Session, county_code: str, keys: Iterable[UUID]) -> None:
    with kin.unfiltered(session, county_code):
        queries.lock(session, county_code, keys)
