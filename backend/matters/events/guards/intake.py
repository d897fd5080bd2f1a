"""What steps of intake wait for, and the ways back from an end."""

from datetime import timedelta

from backend.core.actor import DISPATCHERS, Actor, Role
from backend.matters.events.facts import Facts
from backend.matters.events.guards.apart import not_reporter
from backend.matters.events.guards.shapes import OBJECTION_TIME
from backend.matters.events.placeless import desk_of
from backend.matters.events.vocabulary import TERMINAL, Ask, State

# How long a merge can be undone.
UNDO_TIME = timedelta(hours=24)


def may_self_resolve(facts: Facts, _: Actor) -> str | None:
    """Only small matters, as their category says."""
    return None if facts.self_resolve_allowed else "category_needs_handling"


def position_doubted(facts: Facts, actor: Actor) -> str | None:
    """The desk may move a pin; a reporter only while the position is in doubt."""
    if facts.crs_suspect or actor.role in DISPATCHERS or actor.role is Role.VILLAGE_SECRETARY:
        return None
    return "position_not_in_doubt"


def place_unknown(facts: Facts, _: Actor) -> str | None:
    """What is filed stays where it is, unless nobody has said yet where that is."""
    return None if desk_of(facts.area_code) else "place_is_known"


def not_restricted(facts: Facts, _: Actor) -> str | None:
    """A meeting is seen by everybody who signs in; a restricted case is decided by those named."""
    return "restricted_not_for_meetings" if facts.restricted else None


def may_be_fast(facts: Facts, _: Actor) -> str | None:
    """Only what its category calls urgent enough to go out before it is filed."""
    return None if facts.fast_track else "category_not_fast"


def not_filed_yet(facts: Facts, _: Actor) -> str | None:
    """What went out by the fast track is filed after the fact, once."""
    return "already_filed" if facts.filed else None


def in_sample(facts: Facts, actor: Actor) -> str | None:
    """A share of what was fixed on the spot is looked at, by somebody else."""
    return not_reporter(facts, actor) if facts.sampled else "not_in_sample"


def master_still_open(facts: Facts, _: Actor) -> str | None:
    """A merge is undone within a day, while the main event is open."""
    if facts.ended_at is None or facts.now - facts.ended_at > UNDO_TIME:
        return "undo_too_late"
    gone = facts.master_state is None or facts.master_state in TERMINAL
    return "master_ended" if gone else None


def main_is_asked(facts: Facts, _: Actor) -> str | None:
    """All reporters keep the follow-up; each answers once the main event asks."""
    return None if facts.master_state is State.FOLLOWING_UP else "main_not_asking"


def main_just_closed(facts: Facts, _: Actor) -> str | None:
    """Within a week of the main event's end its other reporters may say: it is still there."""
    if facts.master_state not in (State.CLOSED, State.SELF_RESOLVED) or not facts.master_ended_at:
        return "main_not_closed"
    late = facts.now - facts.master_ended_at > OBJECTION_TIME
    return "objection_too_late" if late else None


def main_not_refused(facts: Facts, actor: Actor) -> str | None:
    """Also of a merged report "not solved" sends the main event back once by itself."""
    return "ask_town_again" if facts.reporter_unsolved else main_is_asked(facts, actor)


def may_object(facts: Facts, _: Actor) -> str | None:
    """Within a week, one objection at a time."""
    if facts.asked & {Ask.APPEAL, Ask.REOPEN}:
        return "asked_already"
    if facts.ended_at is None or facts.now - facts.ended_at > OBJECTION_TIME:
        return "objection_too_late"
    return None


def may_appeal(facts: Facts, actor: Actor) -> str | None:
    """Once."""
    return "appealed_already" if facts.appealed else may_object(facts, actor)


def was_led(facts: Facts, _: Actor) -> str | None:
    """Back to whoever led it; what an item carried on before anybody did is taken in anew."""
    return None if facts.lead_organization_id else "never_led"


def nobody_leads(facts: Facts, actor: Actor) -> str | None:
    """What another system had under way is led by nobody known here: the desk takes it back."""
    return "somebody_leads" if was_led(facts, actor) is None else None


def was_never_led(facts: Facts, _: Actor) -> str | None:
    """The other way round."""
    return "was_led" if facts.lead_organization_id else None
