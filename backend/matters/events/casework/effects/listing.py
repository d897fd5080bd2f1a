"""A case that cannot be solved now, and the list item that is to solve what stands behind it."""

from backend.city.accounts import queries as accounts
from backend.core import day
from backend.core.errors import BadInput
from backend.core.language import DEFAULT, say
from backend.matters.events import queries
from backend.matters.events.casework.effects import Step
from backend.matters.events.vocabulary import Action
from backend.matters.items.service import carrying, proposing
from backend.matters.items.workflow import Kind
from gis import codes


def propose_item(step: Step) -> None:
    """Propose a problem for the list: whoever decides over lists confirms it.

    It carries what is known here: the place, who leads it, who is responsible there, and why it
    cannot be solved now; and the case waits for it.

    Raises
    ------
    BadInput
        The case is restricted: a list is read by many.
    """
    event, title = step.event, step.body.item_title
    if title is None:
        return
    if event.restricted:
        raise BadInput("restricted_not_on_lists")
    entries = queries.log_of(step.session, event)
    asked = [entry for entry in entries if entry.action == Action.ASK_SUSPENSION][-1]
    reason = say(DEFAULT, f"reason.{asked.details['reason']}")
    why = [one for one in (reason, asked.note, step.body.note, event.text) if one]
    until = event.suspended_until
    people = accounts.leaders_of(step.session, codes.chain(event.area_code))
    item = proposing.make(
        step.session, step.actor, county_code=event.county_code, kind=Kind.PROBLEM, title=title,
        plan="", cause="；".join(why),
        area_code=event.area_code, category_code=event.category_code, geom=event.geom,
        organization_id=event.lead_organization_id, people="、".join(people),
        due_on=day.of(until) if until is not None else None,
        origin={"event_no": event.event_no},
    )  # fmt: skip
    proposing.link(step.session, item, [event.id], awaited=True)
    step.details |= {"item_id": str(item.id), "item_no": item.item_no}


def wait_no_more(step: Step) -> None:
    """Taken up again: whatever the item becomes, it is not waited for."""
    carrying.wait_no_more(step.session, step.event.county_code, step.event.id)
