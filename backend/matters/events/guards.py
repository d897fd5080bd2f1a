"""What a step waits for: guards that answer what is missing. No I/O."""

from collections.abc import Callable
from datetime import timedelta

from backend.core.actor import DISPATCHERS, Actor, Role
from backend.matters.events.facts import Facts
from backend.matters.events.vocabulary import TERMINAL, Ask, State

# Sources behind which stands a person who must be told and asked (D3.2, T6, T22, T24).
PERSONAL_SOURCES = frozenset({"resident", "hotline_12345", "unit_head", "grid_worker"})
OUTSIDE_SOURCES = frozenset({"resident", "hotline_12345"})
# T22: called in vain on so many different days, a reporter counts as unreachable.
DAYS_IN_VAIN = 3
# D3.2, T16, T12, T14, T25, T31, T32: the domain's proposals.
EXTENSIONS_MOST = 2
RETURNS_BEFORE_GOING_UP = 2
TOWN_SUSPENDS = timedelta(days=90)
SUSPENDED_MOST = timedelta(days=365)
OBJECTION_TIME = timedelta(days=7)
UNDO_TIME = timedelta(hours=24)

# Who stands above whom when something is decided anew.
LEVELS = (
    Role.VILLAGE_SECRETARY, Role.TOWN_DISPATCHER, Role.COUNTY_DISPATCHER, Role.CITY_DISPATCHER,
)  # fmt: skip

# A guard answers None, or the code of the sentence that says what is missing.
Guard = Callable[[Facts, Actor], str | None]


def both(*guards: Guard) -> Guard:
    """All of these, in this order."""

    def together(facts: Facts, actor: Actor) -> str | None:
        return next((said for guard in guards if (said := guard(facts, actor))), None)

    return together


# --- Separation of duties: counted by person, whatever post each acted in.


def not_reporter(facts: Facts, actor: Actor) -> str | None:
    """Who reported does not dispatch, handle or recheck."""
    return "you_reported" if actor.id == facts.reporter_id else None


def not_dispatcher(facts: Facts, actor: Actor) -> str | None:
    """Who dispatched does not handle."""
    return "you_dispatched" if actor.id in facts.dispatched_by else not_reporter(facts, actor)


def not_handler(facts: Facts, actor: Actor) -> str | None:
    """D3.4: whoever handled it does not judge the result."""
    return "you_handled" if actor.id in facts.handled_by else None


def not_involved(facts: Facts, actor: Actor) -> str | None:
    """T19: the rechecker reported, dispatched and handled nothing of this event."""
    return not_handler(facts, actor) or not_dispatcher(facts, actor)


def not_of_this(facts: Facts, actor: Actor) -> str | None:
    """Who reported or handled it neither files nor judges it, asks nobody and ends nothing."""
    return not_handler(facts, actor) or not_reporter(facts, actor)


def own_level(facts: Facts, actor: Actor) -> str | None:
    """D8: a village ends what was its own to do, once somebody else has rechecked it."""
    if actor.role is not Role.VILLAGE_SECRETARY:
        return None
    if not facts.led_by_village:
        return "not_village_level"
    return None if facts.rechecked_by - {actor.id} else "village_needs_recheck"


def second_person(facts: Facts, actor: Actor) -> str | None:
    """T6: a resident's report is turned away by two people, never by one."""
    if facts.source not in OUTSIDE_SOURCES:
        return None
    if not facts.reject_proposed_by:
        return "reject_needs_proposal"
    return "reject_needs_second_person" if facts.reject_proposed_by == {actor.id} else None


def one_level_up(facts: Facts, actor: Actor) -> str | None:
    """D4.9: an appeal is decided above whoever decided, and never by the same person."""
    if actor.id == facts.decided_by:
        return "you_decided"
    below = LEVELS.index(Role(facts.decided_role)) if facts.decided_role in LEVELS else -1
    top = len(LEVELS) - 1
    mine = LEVELS.index(actor.role) if actor.role in LEVELS else -1
    return None if mine > below or mine == below == top else "decided_one_level_up"


# --- Intake.


def may_self_resolve(facts: Facts, _: Actor) -> str | None:
    """T2: only small matters, as their category says."""
    return None if facts.self_resolve_allowed else "category_needs_handling"


def position_doubted(facts: Facts, actor: Actor) -> str | None:
    """The desk may move a pin; a reporter only while the position is in doubt."""
    if facts.crs_suspect or actor.role in DISPATCHERS or actor.role is Role.VILLAGE_SECRETARY:
        return None
    return "position_not_in_doubt"


def not_restricted(facts: Facts, _: Actor) -> str | None:
    """A meeting is seen by everybody who signs in; a restricted case is decided by those named."""
    return "restricted_not_for_meetings" if facts.restricted else None


def may_be_fast(facts: Facts, _: Actor) -> str | None:
    """T10: only what its category calls urgent enough to go out before it is filed."""
    return None if facts.fast_track else "category_not_fast"


def not_filed_yet(facts: Facts, _: Actor) -> str | None:
    """What went out by the fast track is filed after the fact, once."""
    return "already_filed" if facts.filed else None


def in_sample(facts: Facts, actor: Actor) -> str | None:
    """T2: a share of what was fixed on the spot is looked at, by somebody else."""
    return not_reporter(facts, actor) if facts.sampled else "not_in_sample"


def master_still_open(facts: Facts, _: Actor) -> str | None:
    """T32: a merge is undone within a day, while the main event is open."""
    if facts.ended_at is None or facts.now - facts.ended_at > UNDO_TIME:
        return "undo_too_late"
    gone = facts.master_state is None or facts.master_state in TERMINAL
    return "master_ended" if gone else None


def main_is_asked(facts: Facts, _: Actor) -> str | None:
    """D4.5: all reporters keep the follow-up; each answers once the main event asks."""
    return None if facts.master_state is State.FOLLOWING_UP else "main_not_asking"


def main_just_closed(facts: Facts, _: Actor) -> str | None:
    """T25: within a week of the main event's end its other reporters may say: it is still there."""
    if facts.master_state not in (State.CLOSED, State.SELF_RESOLVED) or not facts.master_ended_at:
        return "main_not_closed"
    late = facts.now - facts.master_ended_at > OBJECTION_TIME
    return "objection_too_late" if late else None


def main_not_refused(facts: Facts, actor: Actor) -> str | None:
    """T23: also of a merged report "not solved" sends the main event back once by itself."""
    return "ask_town_again" if facts.reporter_unsolved else main_is_asked(facts, actor)


def may_object(facts: Facts, _: Actor) -> str | None:
    """T25, T31: within a week, one objection at a time."""
    if facts.asked & {Ask.APPEAL, Ask.REOPEN}:
        return "asked_already"
    if facts.ended_at is None or facts.now - facts.ended_at > OBJECTION_TIME:
        return "objection_too_late"
    return None


def may_appeal(facts: Facts, actor: Actor) -> str | None:
    """D4.9: once."""
    return "appealed_already" if facts.appealed else may_object(facts, actor)


# --- Requests.


def asked(kind: Ask) -> Guard:
    """A decision needs its request."""
    return lambda facts, _: None if kind in facts.asked else f"nothing_asked_{kind}"


def not_asked(kind: Ask) -> Guard:
    """One request of a kind at a time."""
    return lambda facts, _: "asked_already" if kind in facts.asked else None


def nothing_asked(facts: Facts, _: Actor) -> str | None:
    """D3.4: nothing moves on while a request of the lead waits."""
    open_now = facts.asked & {Ask.RETURN, Ask.EXTENSION, Ask.SUSPENSION}
    return "request_open" if open_now else None


def something_asked(facts: Facts, _: Actor) -> str | None:
    """Only what was asked can be taken back."""
    return "nothing_to_withdraw" if nothing_asked(facts, _) is None else None


def not_for_good(facts: Facts, _: Actor) -> str | None:
    """D4.1: what the head assigned after three returns stays."""
    return "assigned_for_good" if facts.assigned_for_good else None


def third_return_goes_up(facts: Facts, _: Actor) -> str | None:
    """D4.1: two returns are the dispatcher's; the third is for the head, who must assign."""
    return "third_return_goes_up" if facts.returns >= RETURNS_BEFORE_GOING_UP else None


def late_return_goes_up(facts: Facts, actor: Actor) -> str | None:
    """T12: within the accept clock the desk lets it go; afterwards a leader, or the level above."""
    desk = actor.role in (Role.TOWN_DISPATCHER, Role.VILLAGE_SECRETARY)
    return "late_return_needs_leader" if facts.return_late and desk else None


def is_third_return(facts: Facts, _: Actor) -> str | None:
    """Assigning for good ends the going round, and only that."""
    return None if facts.returns >= RETURNS_BEFORE_GOING_UP else "not_third_return"


def before_due(facts: Facts, _: Actor) -> str | None:
    """T16: an extension is asked before the limit, and granted at most twice."""
    if facts.due_at is None:
        return "no_limit_yet"
    if facts.now > facts.due_at:
        return "extension_after_due"
    return "extensions_used" if facts.extensions >= EXTENSIONS_MOST else None


def not_suspended_before(facts: Facts, _: Actor) -> str | None:
    """T14: once an event."""
    return "suspended_before" if facts.suspended_before else None


def suspension_within_power(facts: Facts, actor: Actor) -> str | None:
    """T14: a town suspends for at most 90 days; longer ones are for the county or city.

    Nobody can grant a day that has passed while the request waited.
    """
    if facts.asked_until is not None and facts.asked_until <= facts.now:
        return "until_in_the_past"
    if actor.role is not Role.TOWN_DISPATCHER or facts.asked_until is None:
        return None
    return "suspension_beyond_town" if facts.asked_until - facts.now > TOWN_SUSPENDS else None


# --- Handling together.


def co_at(*statuses: str) -> Guard:
    """The caller's own organization is this far with its part."""

    def own(facts: Facts, actor: Actor) -> str | None:
        status = facts.co.get(actor.organization_id) if actor.organization_id else None
        return None if status in statuses else "co_not_now"

    return own


def co_done(facts: Facts, actor: Actor) -> str | None:
    """T17: the lead gives the result when all who help have given theirs."""
    if any(status != "submitted" for status in facts.co.values()):
        return "co_still_working"
    return not_dispatcher(facts, actor)


def has_co(facts: Facts, _: Actor) -> str | None:
    """Only who was asked to help can be released."""
    return None if facts.co else "no_co"


# --- Checking, asking, ending.


def recheck_done(facts: Facts, actor: Actor) -> str | None:
    """T21: follow-up begins when the recheck passed, or none is required."""
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
    """T24: without a call-back only where no person can be asked."""
    if (facts.source in PERSONAL_SOURCES and facts.reachable) or facts.others_reachable:
        return "reporter_must_be_asked"
    return recheck_done(facts, actor) or loop_is_closed(facts, actor)


def loop_is_closed(facts: Facts, actor: Actor) -> str | None:
    """D3.4: what went out by the fast track is filed, no request is open, nobody is still at it."""
    if not facts.filed:
        return "file_first"
    return nothing_asked(facts, actor) or not_of_this(facts, actor) or own_level(facts, actor)


def answered(facts: Facts, actor: Actor) -> str | None:
    """T22: the reporter said that it is solved, or was called in vain on three different days.

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
    """T23: an explanation ends what was done again after a "not solved"."""
    return loop_is_closed(facts, actor) if facts.reporter_unsolved else "not_objected_yet"


def once_by_reporter(facts: Facts, actor: Actor) -> str | None:
    """T23: the reporter's "not solved" counts once by itself; later ones are for the town."""
    if actor.role in DISPATCHERS and actor.id != facts.reporter_id:
        return None
    return "ask_town_again" if facts.reporter_unsolved else None


# --- At any time.


def higher_is_left(facts: Facts, actor: Actor) -> str | None:
    """T26: one level at a time, from one's own."""
    above = {Role.TOWN_DISPATCHER: "county", Role.COUNTY_DISPATCHER: "city"}.get(actor.role)
    reached = {"county": 1, "city": 2}.get(facts.escalated_to or "", 0)
    if above is None:
        return None if reached == 0 else "escalated_already"
    return None if {"county": 1, "city": 2}[above] > reached else "escalated_already"


def supervised(facts: Facts, _: Actor) -> str | None:
    """Only what is supervised can be answered or lifted."""
    return None if facts.supervised else "not_supervised"


def once_a_day(facts: Facts, actor: Actor) -> str | None:
    """T28: a reporter urges once a day."""
    return "urged_today" if actor.id in facts.urged_today_by else None


def was_led(facts: Facts, _: Actor) -> str | None:
    """T25: back to whoever led it; what an item carried on before anybody did is taken in anew."""
    return None if facts.lead_organization_id else "never_led"


def nobody_leads(facts: Facts, actor: Actor) -> str | None:
    """What another system had under way is led by nobody known here: the desk takes it back."""
    return "somebody_leads" if was_led(facts, actor) is None else None


def was_never_led(facts: Facts, _: Actor) -> str | None:
    """The other way round."""
    return "was_led" if facts.lead_organization_id else None
