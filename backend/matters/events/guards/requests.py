"""What requests and the answers to them wait for."""

from datetime import timedelta

from backend.core.actor import Actor, Role
from backend.matters.events.facts import Facts
from backend.matters.events.guards.shapes import Guard
from backend.matters.events.vocabulary import OF_THE_LEAD, Ask

# The domain's proposals.
EXTENSIONS_MOST = 2

RETURNS_BEFORE_GOING_UP = 2

TOWN_SUSPENDS = timedelta(days=90)

SUSPENDED_MOST = timedelta(days=365)


def asked(kind: Ask) -> Guard:
    """A decision needs its request."""
    return lambda facts, _: None if kind in facts.asked else f"nothing_asked_{kind}"


def not_asked(kind: Ask) -> Guard:
    """One request of a kind at a time."""
    return lambda facts, _: "asked_already" if kind in facts.asked else None


def nothing_asked(facts: Facts, _: Actor) -> str | None:
    """Nothing moves on while a request of the lead waits."""
    return "request_open" if facts.asked & OF_THE_LEAD else None


def something_asked(facts: Facts, _: Actor) -> str | None:
    """Only what was asked can be taken back."""
    return "nothing_to_withdraw" if nothing_asked(facts, _) is None else None


def not_for_good(facts: Facts, _: Actor) -> str | None:
    """What the head assigned after three returns stays."""
    return "assigned_for_good" if facts.assigned_for_good else None


def third_return_goes_up(facts: Facts, _: Actor) -> str | None:
    """Two returns are the dispatcher's; the third is for the head, who must assign."""
    return "third_return_goes_up" if facts.returns >= RETURNS_BEFORE_GOING_UP else None


def late_return_goes_up(facts: Facts, actor: Actor) -> str | None:
    """Within the accept clock the desk lets it go; afterwards a leader, or the level above."""
    desk = actor.role in (Role.TOWN_DISPATCHER, Role.VILLAGE_SECRETARY)
    return "late_return_needs_leader" if facts.return_late and desk else None


def is_third_return(facts: Facts, _: Actor) -> str | None:
    """Assigning for good ends the going round, and only that."""
    return None if facts.returns >= RETURNS_BEFORE_GOING_UP else "not_third_return"


def before_due(facts: Facts, _: Actor) -> str | None:
    """An extension is asked before the limit, and granted at most twice."""
    if facts.due_at is None:
        return "no_limit_yet"
    if facts.now > facts.due_at:
        return "extension_after_due"
    return "extensions_used" if facts.extensions >= EXTENSIONS_MOST else None


def not_suspended_before(facts: Facts, _: Actor) -> str | None:
    """Once an event."""
    return "suspended_before" if facts.suspended_before else None


def suspension_within_power(facts: Facts, actor: Actor) -> str | None:
    """A town suspends for at most 90 days; longer ones are for the county or city.

    Nobody can grant a day that has passed while the request waited.
    """
    if facts.asked_until is not None and facts.asked_until <= facts.now:
        return "until_in_the_past"
    if actor.role is not Role.TOWN_DISPATCHER or facts.asked_until is None:
        return None
    return "suspension_beyond_town" if facts.asked_until - facts.now > TOWN_SUSPENDS else None


def may_object_to_rework(facts: Facts, _: Actor) -> str | None:
    """Whoever handled it objects once to each demand to do it again, within its time.

    What the reporter calls unsolved is no demand of this kind: it is answered by an explanation.
    """
    if facts.object_by is None:
        return "no_rework"
    if Ask.REWORK in facts.asked:
        return "asked_already"
    if facts.objected:
        return "rework_objected"
    return "rework_objection_late" if facts.now > facts.object_by else None
