"""Whose turn it is: duties given, taken, handed back and done."""

from sqlalchemy import update

from backend.city.duty import queries as department
from backend.core.errors import BadInput
from backend.matters.events.casework.effects import Step, clock
from backend.matters.events.casework.effects.giving import end_all, give, here, own, set_to
from backend.matters.events.models import Assignment
from backend.matters.events.promises import alarms
from backend.matters.events.vocabulary import OF_THE_LEAD, OVER, Party
from backend.matters.events.workflow import standing
from backend.matters.items.service import carrying
from backend.tools.calendar import service as deadlines
from backend.tools.calendar.stages import OBJECT_TO_REWORK


def dispatch(step: Step) -> None:
    """Give the event to one lead organization, and to others that help it."""
    lead = step.body.organization_id
    assert lead is not None
    give(step, lead, lead=True)
    step.event.lead_organization_id = lead
    step.details["organization_id"] = str(lead)
    helpers = [one for one in step.body.co_organizations if one != lead]
    if set(step.body.co_due) - set(helpers):
        raise BadInput("organization_not_helping")
    for helper in helpers:
        give(step, helper, lead=False, due_at=step.body.co_due.get(helper))
    if helpers:
        step.details["co_organizations"] = [str(one) for one in helpers]
    if step.body.co_due:
        step.details["co_due"] = {str(k): at.isoformat() for k, at in step.body.co_due.items()}


def offer(step: Step) -> None:
    """Put it into the pool of several organizations: the first that claims it leads."""
    bodies = list(dict.fromkeys(step.body.co_organizations))
    for one in bodies:
        give(step, one, lead=True, status="offered")
    step.details["organizations"] = [str(one) for one in bodies]


def claim(step: Step) -> None:
    """An organization takes it out of the pool; the others see it no more."""
    step.event.lead_organization_id = step.actor.organization_id
    set_to(step, own(step), "accepted", accepted_at=step.now, accepted_by=step.actor.id)
    set_to(step, Assignment.status == "offered", "withdrawn", ended_at=step.now)
    step.details["organization_id"] = str(step.actor.organization_id)


def assign_handler(step: Step) -> None:
    """Say who of one's own organization is at it: a team, or one person.

    Raises
    ------
    BadInput
        The person or the team is not of the actor's organization.
    """
    house, body = step.actor.organization_id, step.body
    assert house is not None
    known = {one.account_id for one in department.colleagues(step.session, house)}
    if body.handler_id is not None and body.handler_id not in known:
        raise BadInput("colleague_unknown")
    teams = {team.id: team.name for team in department.teams(step.session, house)}
    if body.team_id is not None and body.team_id not in teams:
        raise BadInput("team_unknown")
    step.session.execute(
        update(Assignment)
        .where(*here(step), Assignment.status.not_in(OVER), own(step))
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
    end_all(step, "returned")
    step.event.return_count += 1
    dispatch(step)


def recall(step: Step) -> None:
    """Take a dispatch back before anybody has begun."""
    end_all(step, "withdrawn")
    step.event.lead_organization_id = None


def approve_return(step: Step) -> None:
    """It was not theirs: back to the desk. The clock goes on."""
    end_all(step, "returned")
    step.event.return_count += 1
    step.event.lead_organization_id = None
    step.details["return_count"] = step.event.return_count


def accept(step: Step) -> None:
    """The organization takes its duty on."""
    set_to(step, own(step), "accepted", accepted_at=step.now, accepted_by=step.actor.id)


def submit_result(step: Step) -> None:
    """The lead says that it is done; the event's clock stops."""
    set_to(step, own(step), "submitted", submitted_at=step.now)
    step.event.fed_back_at = step.now
    clock.stop(step, "fed back")


def rework(step: Step) -> None:
    """Send it back to the lead; the clock goes on with what was left."""
    step.event.rework_count += 1
    step.event.fed_back_at = None
    set_to(step, Assignment.lead, "rework")
    clock.go_on(step)


def may_be_objected_to(step: Step) -> None:
    """Say until when whoever handled it may object; its clock goes on meanwhile."""
    calendar = deadlines.current(step.session)
    until = deadlines.after(calendar, OBJECT_TO_REWORK, step.now)
    step.details["object_by"] = until.isoformat()


def rework_lifted(step: Step) -> None:
    """It need not be done again after all: the result stands as it came in, and took no longer."""
    step.event.rework_count -= 1
    step.event.fed_back_at = step.facts.result_at
    set_to(step, Assignment.lead, "submitted")
    clock.never_went_on(step)


def not_solved(step: Step) -> None:
    """Send it back because whoever reported it is not content."""
    rework(step)
    step.event.unsolved_count += 1
    step.details["by_reporter"] = Party.REPORTER in standing(step.facts, step.actor)


def end(step: Step) -> None:
    """The event ends: so do its duties, its clock and whatever it waited for."""
    set_to(step, Assignment.status == Assignment.status, "done", ended_at=step.now)
    clock.stop(step, "closed")
    step.event.asked = [one for one in step.event.asked if one not in OF_THE_LEAD]
    step.event.suspended_until = None


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
                *here(step), Assignment.lead, Assignment.status == "done",
                Assignment.organization_id == step.event.lead_organization_id,
            )
            .values(status="rework", ended_at=None)
        )  # fmt: skip
        clock.start_again(step)
