"""Filing and its promise, and whose turn it is: assignments given, taken, done and given back."""

from typing import Any

from sqlalchemy import insert, update

from backend.categories import service as categories
from backend.core import ids
from backend.core.errors import BadInput, Conflict
from backend.deadlines import service as deadlines
from backend.events.models import Assignment
from backend.events.service.effects import Step
from backend.events.vocabulary import Party
from backend.events.workflow import standing
from backend.organizations import queries as organizations


def file(step: Step) -> None:
    """Accept the matter: from here on its clock runs."""
    event = step.event
    category = categories.of_version(step.session, event.scheme_version, event.category_code)
    if category is None:
        raise Conflict("category_gone", code=event.category_code)
    event.filed_at = step.now
    event.due_at = deadlines.due_at(category, step.now)
    event.due_rule = deadlines.RULE_VERSION
    step.details |= {"due_at": event.due_at.isoformat(), "due_rule": event.due_rule}


def dispatch(step: Step) -> None:
    """Give the event to one lead organization."""
    event, organization_id = step.event, step.body.organization_id
    assert organization_id is not None
    if organization_id not in {
        row.id for row in organizations.assignable(step.session, event.area_code)
    }:
        raise BadInput("organization_not_here")
    event.lead_organization_id = organization_id
    step.session.execute(
        insert(Assignment).values(
            county_code=event.county_code, id=ids.new_id(), event_id=event.id,
            organization_id=organization_id, lead=True, status="pending",
        )
    )  # fmt: skip
    step.details["organization_id"] = str(organization_id)


def accept(step: Step) -> None:
    """The organization takes its duty on."""
    _own(step, "accepted", accepted_at=step.now, accepted_by=step.actor.id)


def submit_result(step: Step) -> None:
    """The organization says that it is done; the event's clock stops."""
    _own(step, "submitted", submitted_at=step.now)
    step.event.fed_back_at = step.now


def rework(step: Step) -> None:
    """Send it back to the lead; the clock goes on where it stopped."""
    step.event.rework_count += 1
    step.event.fed_back_at = None
    lead(step, "rework")


def not_solved(step: Step) -> None:
    """Send it back because whoever reported it is not content."""
    rework(step)
    step.event.unsolved_count += 1
    step.details["by_reporter"] = Party.REPORTER in standing(step.facts, step.actor)


def close(step: Step) -> None:
    """Release the lead from its duty."""
    lead(step, "done")


def _own(step: Step, status: str, **values: Any) -> None:
    step.session.execute(
        update(Assignment)
        .where(
            Assignment.county_code == step.event.county_code,
            Assignment.event_id == step.event.id,
            Assignment.organization_id == step.actor.organization_id,
        )
        .values(status=status, **values)
    )


def lead(step: Step, status: str) -> None:
    """Set the status of the lead's assignment."""
    step.session.execute(
        update(Assignment)
        .where(
            Assignment.county_code == step.event.county_code,
            Assignment.event_id == step.event.id,
            Assignment.lead,
        )
        .values(status=status)
    )
