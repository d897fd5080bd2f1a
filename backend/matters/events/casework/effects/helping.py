"""Helping whoever leads: asked, called by a whistle, given more time, arrived, done, released."""

from sqlalchemy import update

from backend.city.organizations.models import Organization
from backend.core.errors import BadInput
from backend.matters.events import queries
from backend.matters.events.casework.effects import Step
from backend.matters.events.casework.effects.giving import (
    HELP,
    check_own_time,
    give,
    own,
    set_to,
)
from backend.matters.events.models import Assignment
from backend.matters.events.promises import alarms
from backend.matters.events.promises import helping as promised
from gis import codes


def add_co(step: Step) -> None:
    """Ask another organization to help, by a time of its own or by that of the lead."""
    assert step.body.organization_id is not None
    give(step, step.body.organization_id, lead=False, due_at=step.body.until)
    step.details["organization_id"] = str(step.body.organization_id)
    if step.body.until is not None:
        step.details["until"] = step.body.until.isoformat()


def whistle(step: Step) -> None:
    """Call a body that the town has no power over to come: it must arrive by a moment.

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


def set_time(step: Step) -> None:
    """Another time for a helper, sooner or later than before, with the reason in the note.

    Raises
    ------
    BadInput
        It does not help, or is done; the time has passed, or lies beyond what the case promises.
    """
    helper, until = step.body.organization_id, step.body.until
    assert helper is not None and until is not None
    if step.facts.co.get(helper) not in queries.AT_HELP:
        raise BadInput("organization_not_helping")
    check_own_time(step, until)
    step.session.execute(
        update(Assignment)
        .where(*queries.at_help(step.event), Assignment.organization_id == helper)
        .values(due_at=until)
        .execution_options(synchronize_session=False)
    )
    promised.expect(step.session, step.event, step.now)
    step.details |= {"organization_id": str(helper), "until": until.isoformat()}


def remove_co(step: Step) -> None:
    """Release a helper."""
    helper = step.body.organization_id
    if helper not in step.facts.co:
        raise BadInput("organization_not_helping")
    set_to(step, Assignment.organization_id == helper, "withdrawn", ended_at=step.now)
    alarms.silence(step.session, step.event, *HELP, name=str(helper))
    step.details["organization_id"] = str(helper)


def co_arrive(step: Step) -> None:
    """A helper is on the spot."""
    set_to(step, own(step), "arrived", arrived_at=step.now)
    alarms.silence(
        step.session, step.event, alarms.Kind.ARRIVAL, name=str(step.actor.organization_id)
    )


def co_submit(step: Step) -> None:
    """A helper has done its part, or says why it disagrees; it need not arrive any more."""
    own_time = queries.own_help(step.session, [step.event], step.actor.organization_id)
    due_at = own_time[step.event.id].due_at if own_time else None
    step.details["on_time"] = due_at is None or step.now <= due_at
    _expected_no_more(step)
    set_to(step, own(step), "submitted", submitted_at=step.now)


def co_decline(step: Step) -> None:
    """A helper says that it cannot help; the lead goes on without it."""
    set_to(step, own(step), "declined", ended_at=step.now)
    _expected_no_more(step)


def _expected_no_more(step: Step) -> None:
    alarms.silence(step.session, step.event, *HELP, name=str(step.actor.organization_id))
