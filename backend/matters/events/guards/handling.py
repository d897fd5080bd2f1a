"""What handling together waits for, and what may be done to an open case at any time."""

from backend.core.actor import Actor, Role
from backend.matters.events.facts import Facts
from backend.matters.events.guards.apart import not_dispatcher
from backend.matters.events.guards.shapes import Guard


def co_at(*statuses: str) -> Guard:
    """The caller's own organization is this far with its part."""

    def own(facts: Facts, actor: Actor) -> str | None:
        status = facts.co.get(actor.organization_id) if actor.organization_id else None
        return None if status in statuses else "co_not_now"

    return own


def co_done(facts: Facts, actor: Actor) -> str | None:
    """The lead gives the result when all who help have given theirs."""
    if any(status != "submitted" for status in facts.co.values()):
        return "co_still_working"
    return not_dispatcher(facts, actor)


def has_co(facts: Facts, _: Actor) -> str | None:
    """Only who was asked to help can be released."""
    return None if facts.co else "no_co"


def somebody_helps(facts: Facts, _: Actor) -> str | None:
    """Somebody was asked to help and is not done: its time is not over."""
    return None if any(status != "submitted" for status in facts.co.values()) else "no_co"


def higher_is_left(facts: Facts, actor: Actor) -> str | None:
    """One level at a time, from one's own."""
    above = {Role.TOWN_DISPATCHER: "county", Role.COUNTY_DISPATCHER: "city"}.get(actor.role)
    reached = {"county": 1, "city": 2}.get(facts.escalated_to or "", 0)
    if above is None:
        return None if reached == 0 else "escalated_already"
    return None if {"county": 1, "city": 2}[above] > reached else "escalated_already"


def once_a_day(facts: Facts, actor: Actor) -> str | None:
    """A reporter urges once a day."""
    return "urged_today" if actor.id in facts.urged_today_by else None
