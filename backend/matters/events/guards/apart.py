"""Duties apart: counted by person, whatever post each acted in."""

from backend.core.actor import Actor, Role
from backend.matters.events.facts import Facts

# Who stands above whom when something is decided anew.
LEVELS = (
    Role.VILLAGE_SECRETARY, Role.TOWN_DISPATCHER, Role.COUNTY_DISPATCHER, Role.CITY_DISPATCHER,
)  # fmt: skip

# Sources outside the staff.
OUTSIDE_SOURCES = frozenset({"resident", "hotline_12345"})


def not_reporter(facts: Facts, actor: Actor) -> str | None:
    """Who reported does not dispatch, handle or recheck."""
    return "you_reported" if actor.id == facts.reporter_id else None


def not_dispatcher(facts: Facts, actor: Actor) -> str | None:
    """Who dispatched does not handle."""
    return "you_dispatched" if actor.id in facts.dispatched_by else not_reporter(facts, actor)


def not_handler(facts: Facts, actor: Actor) -> str | None:
    """Whoever handled it does not judge the result."""
    return "you_handled" if actor.id in facts.handled_by else None


def not_involved(facts: Facts, actor: Actor) -> str | None:
    """The rechecker reported, dispatched and handled nothing of this event."""
    return not_handler(facts, actor) or not_dispatcher(facts, actor)


def not_of_this(facts: Facts, actor: Actor) -> str | None:
    """Who reported or handled it neither files nor judges it, asks nobody and ends nothing."""
    return not_handler(facts, actor) or not_reporter(facts, actor)


def own_level(facts: Facts, actor: Actor) -> str | None:
    """A village ends what was its own to do, once somebody else has rechecked it."""
    if actor.role is not Role.VILLAGE_SECRETARY:
        return None
    if not facts.led_by_village:
        return "not_village_level"
    return None if facts.rechecked_by - {actor.id} else "village_needs_recheck"


def second_person(facts: Facts, actor: Actor) -> str | None:
    """A resident's report is turned away by two people, never by one."""
    if facts.source not in OUTSIDE_SOURCES:
        return None
    if not facts.reject_proposed_by:
        return "reject_needs_proposal"
    return "reject_needs_second_person" if facts.reject_proposed_by == {actor.id} else None


def one_level_up(facts: Facts, actor: Actor) -> str | None:
    """An appeal is decided above whoever decided, and never by the same person."""
    if actor.id == facts.decided_by:
        return "you_decided"
    below = LEVELS.index(Role(facts.decided_role)) if facts.decided_role in LEVELS else -1
    top = len(LEVELS) - 1
    mine = LEVELS.index(actor.role) if actor.role in LEVELS else -1
    return None if mine > below or mine == below == top else "decided_one_level_up"
