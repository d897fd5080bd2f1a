"""Giving one organization a duty inside an event, and setting how far duties are."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, insert, update
from sqlalchemy.orm import Session

from backend.city.accounts import queries as accounts
from backend.city.organizations import queries as organizations
from backend.core import day_words, ids
from backend.core.actor import Role
from backend.core.errors import BadInput, Conflict
from backend.matters.events import queries
from backend.matters.events.casework.effects import Step
from backend.matters.events.models import Assignment, Event
from backend.matters.events.promises import alarms, helping
from backend.matters.events.vocabulary import AFTER_THE_END, ASIDE, OF_THE_LEAD, OVER
from gis import codes

# What a helper is expected for.
HELP = (alarms.Kind.ARRIVAL, alarms.Kind.HELP, alarms.Kind.HELP_SOON)


def give(
    step: Step, organization_id: UUID, *, lead: bool, arrive_by: datetime | None = None,
    whistle: bool = False, status: str = "pending", due_at: datetime | None = None,
) -> None:  # fmt: skip
    """Give one organization a duty.

    Raises
    ------
    BadInput
        The organization does not serve this place, or is beyond the village that sends; a time of
        its own that has passed, or lies beyond what the case promises.
    Conflict
        It has a duty in this event already.
    """
    event = step.event
    if organization_id not in {
        row.id for row in organizations.assignable(step.session, event.area_code)
    }:
        raise BadInput("organization_not_here")
    if step.actor.role is Role.VILLAGE_SECRETARY:
        # A village sends to its own and its town's; what is for a bureau the town dispatches.
        serves = organizations.area_of(step.session, organization_id) or ""
        if not serves.startswith(event.area_code[: codes.LENGTH[codes.Level.TOWN]]):
            raise BadInput("village_gives_to_its_own")
    if due_at is not None:
        check_own_time(step, due_at)
    if organization_id in {body for body, _ in queries.at_it(step.session, event)}:
        raise Conflict("organization_has_it")
    step.session.execute(
        insert(Assignment).values(
            county_code=event.county_code, id=ids.new_id(), event_id=event.id,
            organization_id=organization_id, lead=lead, status=status, arrive_by=arrive_by,
            whistle=whistle, due_at=due_at, assigned_at=step.now,
        )
    )  # fmt: skip
    if not lead:
        helping.expect(step.session, event, step.now)
    if event.restricted:
        # Whoever is to do it must see it.
        members = accounts.members(step.session, organization_id)
        event.named = sorted({*event.named, *members})


def check_own_time(step: Step, due_at: datetime) -> None:
    """Raises `BadInput` for a helper's time that has passed, or is beyond the case's promise.

    A promise that is broken already bounds nothing: what is late still needs its help.
    """
    promised = step.event.due_at
    if due_at <= step.now:
        raise BadInput("until_in_the_past")
    if promised is not None and step.now < promised < due_at:
        due = day_words.said(step.actor.language, promised, step.now)
        raise BadInput("help_beyond_promise", due=due)


def here(step: Step) -> tuple[ColumnElement[bool], ...]:
    """The duties of the step's event."""
    event = step.event
    return (Assignment.county_code == event.county_code, Assignment.event_id == event.id)


def own(step: Step) -> ColumnElement[bool]:
    """That of the actor's own organization."""
    return Assignment.organization_id == step.actor.organization_id


def set_to(step: Step, which: ColumnElement[bool] | Any, status: str, **values: Any) -> None:
    """Set how far those of the duties are that are not over."""
    step.session.execute(
        update(Assignment)
        .where(*here(step), Assignment.status.not_in(OVER), which)
        .values(status=status, **values)
        .execution_options(synchronize_session=False)
    )


def is_aside(event: Event) -> bool:
    """Whether an event is one of the few that ended otherwise than closed, or was objected to."""
    ended = event.closed_at is not None
    return ended and (event.state in ASIDE or not AFTER_THE_END.isdisjoint(event.asked))


def put_aside(session: Session, event: Event) -> None:
    """Let lists find the duties of such an event by themselves, or no longer."""
    if event.lead_organization_id is None and not event.return_count:
        # Nobody had it, or whoever had it was taken off: they do not see it.
        return
    session.execute(
        update(Assignment)
        .where(Assignment.county_code == event.county_code, Assignment.event_id == event.id)
        .values(aside=is_aside(event))
        .execution_options(synchronize_session=False)
    )


def end_all(step: Step, status: str) -> None:
    """Everybody's duty is over, with what was asked about it; nobody is expected any more."""
    alarms.silence(step.session, step.event, *HELP)
    step.event.asked = [one for one in step.event.asked if one not in OF_THE_LEAD]
    set_to(step, Assignment.status.not_in(OVER), status, ended_at=step.now)
