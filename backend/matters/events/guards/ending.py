"""What checking, asking the reporter and ending wait for."""

from backend.core.actor import DISPATCHERS, Actor
from backend.matters.events.facts import Facts
from backend.matters.events.guards.apart import (
    not_involved,
    not_of_this,
    own_level,
)
from backend.matters.events.guards.requests import nothing_asked
from backend.matters.events.vocabulary import State

# Sources behind which stands a person who must be told and asked.
PERSONAL_SOURCES = frozenset({"resident", "hotline_12345", "unit_head", "grid_worker"})

# Called in vain on so many different days, a reporter counts as unreachable.
DAYS_IN_VAIN = 3


def recheck_done(facts: Facts, actor: Actor) -> str | None:
    """Follow-up begins when the recheck passed, or none is required."""
    if facts.state is State.RECHECKING and not facts.recheck_passed:
        return "recheck_still_out"
    if facts.state is State.FEEDBACK and facts.recheck_required:
        return "recheck_required"
    return not_of_this(facts, actor)


def recheck_open(facts: Facts, actor: Actor) -> str | None:
    """A recheck is answered once, by the place; the town steps in where the place has nobody."""
    if facts.recheck_passed:
        return "recheck_answered"
    if actor.role in DISPATCHERS and facts.local_recheckers:
        return "place_can_recheck"
    return not_involved(facts, actor)


def nobody_to_ask(facts: Facts, actor: Actor) -> str | None:
    """Without a call-back only where no person can be asked."""
    if (facts.source in PERSONAL_SOURCES and facts.reachable) or facts.others_reachable:
        return "reporter_must_be_asked"
    return recheck_done(facts, actor) or loop_is_closed(facts, actor)


def loop_is_closed(facts: Facts, actor: Actor) -> str | None:
    """What went out by the fast track is filed, no request is open, nobody is still at it."""
    if not facts.filed:
        return "file_first"
    return nothing_asked(facts, actor) or not_of_this(facts, actor) or own_level(facts, actor)


def answered(facts: Facts, actor: Actor) -> str | None:
    """The reporter said that it is solved, or was called in vain on three different days.

    A "no" closes nothing until it was handled again, whoever recorded it. Where the main event has
    nobody to ask, those whose reports were merged into it speak for it.
    """
    if facts.said_unsolved:
        return "reporter_said_no"
    alone = facts.source not in PERSONAL_SOURCES or not facts.reachable
    heard = facts.said_solved or (alone and facts.others_solved)
    if not heard and facts.days_in_vain < DAYS_IN_VAIN:
        return "reporter_not_heard"
    return loop_is_closed(facts, actor)


def was_unsolved(facts: Facts, actor: Actor) -> str | None:
    """An explanation ends what was done again after a "not solved"."""
    return loop_is_closed(facts, actor) if facts.reporter_unsolved else "not_objected_yet"


def once_by_reporter(facts: Facts, actor: Actor) -> str | None:
    """The reporter's "not solved" counts once by itself; later ones are for the town."""
    if actor.role in DISPATCHERS and actor.id != facts.reporter_id:
        return None
    return "ask_town_again" if facts.reporter_unsolved else None
