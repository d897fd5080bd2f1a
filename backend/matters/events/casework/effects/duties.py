"""Whose turn it is: duties given, taken, helped with, handed back and done."""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, insert, select, update

from backend.city.accounts import queries as accounts
from backend.city.duty import queries as department
from backend.city.organizations import queries as organizations
from backend.city.organizations.models import Organization
from backend.core import ids
from backend.core.actor import Role
from backend.core.errors import BadInput, Conflict
from backend.matters.events.casework.effects import OVER, Step, clock
from backend.matters.events.models import Assignment
from backend.matters.events.promises import alarms
from backend.matters.events.vocabulary import Party
from backend.matters.events.workflow import standing
from backend.matters.items.service import carrying
from gis import codes


def dispatch(step: Step) -> None:
    """Give the event to one lead organization, and to others that help it."""
    lead = step.body.organization_id
    assert lead is not None
    give(step, lead, lead=True)
    step.event.lead_organization_id = lead
    step.details["organization_id"] = str(lead)
    helpers = [one for one in step.body.co_organizations if one != lead]
    for helper in helpers:
        give(step, helper, lead=False)
    if helpers:
        step.details["co_organizations"] = [str(one) for one in helpers]


def offer(step: Step) -> None:
    """Put it into the pool of several organizations: the first that claims it leads (T11)."""
    bodies = list(dict.fromkeys(step.body.co_organizations))
    for one in bodies:
        give(step, one, lead=True, status="offered")
    step.details["organizations"] = [str(one) for one in bodies]


def claim(step: Step) -> None:
    """An organization takes it out of the pool; the others see it no more."""
    step.event.lead_organization_id = step.actor.organization_id
    _set(step, _own(step), "accepted", accepted_at=step.now, accepted_by=step.actor.id)
    _set(step, Assignment.status == "offered", "withdrawn", ended_at=step.now)
    step.details["organization_id"] = str(step.actor.organization_id)


def assign_handler(step: Step) -> None:
    """Say who of one's own organization is at it: a team, or one person.

    Raises
    ------
    BadInput
        The person or the team is not of the actor's organization.
    """
    own, body = step.actor.organization_id, step.body
    assert own is not None
    known = {one.account_id for one in department.colleagues(step.session, own)}
    if body.handler_id is not None and body.handler_id not in known:
        raise BadInput("colleague_unknown")
    teams = {team.id: team.name for team in department.teams(step.session, own)}
    if body.team_id is not None and body.team_id not in teams:
        raise BadInput("team_unknown")
    step.session.execute(
        update(Assignment)
        .where(*_here(step), Assignment.status.not_in(OVER), _own(step))
        .values(handler_id=body.handler_id, team_id=body.team_id)
    )
    if body.handler_id is not None:
        step.details["handler_id"] = str(body.handler_id)
    if body.team_id is not None:
        step.details["team"] = teams[body.team_id]


def fast_track(step: Step) -> None:
    """Send it out before it is filed."""
    dispatch(step)
    step.event.fast_track = True
    alarms.expect(step.session, step.event, alarms.Kind.FILING, step.now + alarms.FILE_WITHIN)


def assign_for_good(step: Step) -> None:
    """The head ends the going round: whoever gets it now cannot hand it back."""
    _end_all(step, "returned")
    step.event.return_count += 1
    dispatch(step)


def recall(step: Step) -> None:
    """Take a dispatch back before anybody has begun."""
    _end_all(step, "withdrawn")
    step.event.lead_organization_id = None


def approve_return(step: Step) -> None:
    """It was not theirs: back to the desk. The clock goes on."""
    _end_all(step, "returned")
    step.event.return_count += 1
    step.event.lead_organization_id = None
    step.details["return_count"] = step.event.return_count


def accept(step: Step) -> None:
    """The organization takes its duty on."""
    _set(step, _own(step), "accepted", accepted_at=step.now, accepted_by=step.actor.id)


def submit_result(step: Step) -> None:
    """The lead says that it is done; the event's clock stops."""
    _set(step, _own(step), "submitted", submitted_at=step.now)
    step.event.fed_back_at = step.now
    clock.stop(step, "fed back")


def rework(step: Step) -> None:
    """Send it back to the lead; the clock goes on with what was left."""
    step.event.rework_count += 1
    step.event.fed_back_at = None
    _set(step, Assignment.lead, "rework")
    clock.go_on(step)


def not_solved(step: Step) -> None:
    """Send it back because whoever reported it is not content."""
    rework(step)
    step.event.unsolved_count += 1
    step.details["by_reporter"] = Party.REPORTER in standing(step.facts, step.actor)


def end(step: Step) -> None:
    """The event ends: so do its duties, its clock and whatever it waited for."""
    _set(step, Assignment.status == Assignment.status, "done", ended_at=step.now)
    clock.stop(step, "closed")
    step.event.supervised_until = step.event.suspended_until = None


def carry_by_item(step: Step) -> None:
    """It ends here and goes on as a list item."""
    assert step.body.item_id is not None
    event = step.event
    item = carrying.carry(
        step.session, step.actor, event.county_code, event.id, step.body.item_id
    )  # fmt: skip
    event.item_id = item.id
    step.details |= {"item_id": str(item.id), "item_no": item.item_no}
    end(step)


def carried_no_more(step: Step) -> None:
    """Open again: no item stands for it."""
    if step.event.item_id is not None:
        step.event.item_id = None
        carrying.take_back(step.session, step.event.county_code, step.event.id)


def reopen(step: Step) -> None:
    """Back to whoever led it, with a promise of its own."""
    step.event.reopen_count += 1
    step.event.closed_at = None
    if step.event.lead_organization_id is not None:
        step.session.execute(
            update(Assignment)
            .where(
                *_here(step), Assignment.lead, Assignment.status == "done",
                Assignment.organization_id == step.event.lead_organization_id,
            )
            .values(status="rework", ended_at=None)
        )  # fmt: skip
        clock.start_again(step)


def add_co(step: Step) -> None:
    """Ask another organization to help."""
    assert step.body.organization_id is not None
    give(step, step.body.organization_id, lead=False, arrive_by=step.body.until)
    step.details["organization_id"] = str(step.body.organization_id)


def whistle(step: Step) -> None:
    """Call a body that the town has no power over to come: it must arrive by a moment (B10).

    Raises
    ------
    BadInput
        It belongs to the town, which needs no whistle for it; or the moment has passed.
    """
    assert step.body.until is not None and step.body.organization_id is not None
    if step.body.until <= step.now:
        raise BadInput("until_in_the_past")
    called = step.session.get(Organization, step.body.organization_id)
    if called is not None and len(called.area_code) >= codes.LENGTH[codes.Level.TOWN]:
        raise BadInput("whistle_for_own_office", name=called.name)
    give(step, step.body.organization_id, lead=False, arrive_by=step.body.until, whistle=True)
    alarms.expect(
        step.session, step.event, alarms.Kind.ARRIVAL, step.body.until,
        str(step.body.organization_id),
    )  # fmt: skip
    step.details |= {
        "organization_id": str(step.body.organization_id),
        "arrive_by": step.body.until.isoformat(),
    }


def remove_co(step: Step) -> None:
    """Release a helper."""
    helper = step.body.organization_id
    if helper not in step.facts.co:
        raise BadInput("organization_not_helping")
    _set(step, Assignment.organization_id == helper, "withdrawn", ended_at=step.now)
    alarms.silence(step.session, step.event, alarms.Kind.ARRIVAL, name=str(helper))
    step.details["organization_id"] = str(helper)


def co_arrive(step: Step) -> None:
    """A helper is on the spot."""
    _set(step, _own(step), "arrived", arrived_at=step.now)
    alarms.silence(
        step.session, step.event, alarms.Kind.ARRIVAL, name=str(step.actor.organization_id)
    )


def co_submit(step: Step) -> None:
    """A helper has done its part, or says why it disagrees; it need not arrive any more."""
    alarms.silence(
        step.session, step.event, alarms.Kind.ARRIVAL, name=str(step.actor.organization_id)
    )
    _set(step, _own(step), "submitted", submitted_at=step.now)


def co_decline(step: Step) -> None:
    """A helper says that it cannot help; the lead goes on without it."""
    _set(step, _own(step), "declined", ended_at=step.now)
    alarms.silence(
        step.session, step.event, alarms.Kind.ARRIVAL, name=str(step.actor.organization_id)
    )


def give(step: Step, organization_id: UUID, *, lead: bool, arrive_by: datetime | None = None,
         whistle: bool = False, status: str = "pending") -> None:  # fmt: skip
    """Give one organization a duty.

    Raises
    ------
    BadInput
        The organization does not serve this place, or is beyond the village that sends.
    Conflict
        It has a duty in this event already.
    """
    event = step.event
    if organization_id not in {
        row.id for row in organizations.assignable(step.session, event.area_code)
    }:
        raise BadInput("organization_not_here")
    if step.actor.role is Role.VILLAGE_SECRETARY:
        # D8: a village sends to its own and its town's; what is for a bureau the town dispatches.
        serves = organizations.area_of(step.session, organization_id) or ""
        if not serves.startswith(event.area_code[: codes.LENGTH[codes.Level.TOWN]]):
            raise BadInput("village_gives_to_its_own")
    open_already = step.session.scalar(
        select(Assignment.id)
        .where(
            *_here(step), Assignment.organization_id == organization_id,
            Assignment.status.not_in(OVER),
        )
        .limit(1)
    )  # fmt: skip
    if open_already is not None:
        raise Conflict("organization_has_it")
    step.session.execute(
        insert(Assignment).values(
            county_code=event.county_code, id=ids.new_id(), event_id=event.id,
            organization_id=organization_id, lead=lead, status=status, arrive_by=arrive_by,
            whistle=whistle, assigned_at=step.now,
        )
    )  # fmt: skip
    if event.restricted:
        # Whoever is to do it must see it.
        members = accounts.members(step.session, organization_id)
        event.named = sorted({*event.named, *members})


def _here(step: Step) -> tuple[ColumnElement[bool], ...]:
    event = step.event
    return (Assignment.county_code == event.county_code, Assignment.event_id == event.id)


def _own(step: Step) -> ColumnElement[bool]:
    return Assignment.organization_id == step.actor.organization_id


def _set(step: Step, which: ColumnElement[bool] | Any, status: str, **values: Any) -> None:
    step.session.execute(
        update(Assignment)
        .where(*_here(step), Assignment.status.not_in(OVER), which)
        .values(status=status, **values)
        .execution_options(synchronize_session=False)
    )


def _end_all(step: Step, status: str) -> None:
    """Everybody's duty is over, and nobody is expected to arrive any more."""
    alarms.silence(step.session, step.event, alarms.Kind.ARRIVAL)
    _set(step, Assignment.status.not_in(OVER), status, ended_at=step.now)
