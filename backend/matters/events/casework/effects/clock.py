"""The promise of an event: made at filing, stopped and going on, longer by extension."""

from backend.core import day_words
from backend.core.errors import BadInput, Conflict
from backend.matters.categories import service as categories
from backend.matters.categories.models import FilingCondition
from backend.matters.events import sensitivity
from backend.matters.events.casework.effects import Step, at_work
from backend.matters.events.promises import alarms, helping
from backend.matters.events.vocabulary import Action, State
from backend.tools.calendar import service as deadlines
from backend.tools.calendar.clocks import Clock, Limit, Segment, due

# The result is in: the clock stands, and what was due stays due.
STANDS = frozenset({State.FEEDBACK, State.RECHECKING, State.FOLLOWING_UP})
RUNS_FROM_FILING = frozenset({State.REPORTED, State.JUDGING, State.DISPATCHED, State.HANDLING})


def file(step: Step) -> None:
    """Accept the matter under a condition: from here on its clock runs.

    The desk may put the category right first; the case is filed under the scheme in force now.
    """
    event, session = step.event, step.session
    if step.body.category and step.body.category != event.category_code:
        right = categories.known(session, step.body.category)
        step.details["from_category"] = event.category_code
        event.category_code, event.scheme_version = right.code, right.scheme_version
    category = categories.of_version(session, event.scheme_version, event.category_code)
    if category is None:
        raise Conflict("category_gone", code=event.category_code)
    sensitivity.follow_category(
        session, event, sensitive=category.sensitive, by_hand=step.facts.restricted_by_hand,
        people=(step.facts.reporter_id, step.actor.id, *at_work(step)),
    )  # fmt: skip
    condition = categories.condition(
        session, event.scheme_version, event.category_code, step.body.condition
    )
    # What went out by the fast track runs already, from its first minute.
    began = event.promised_at is not None and step.body.action is Action.FILE_AFTERWARDS
    _under(step, condition)
    event.filed_at = step.now
    alarms.silence(session, event, alarms.Kind.FILING)
    if not began and step.facts.state in RUNS_FROM_FILING:
        event.promised_at = step.now
        deadlines.run(session, event.county_code, event.id, step.now)
    promise(step)
    step.details |= {
        "condition": condition.code, "due_rule": event.due_rule,
        "due_at": event.due_at.isoformat() if event.due_at else None,
    }  # fmt: skip


def _under(step: Step, condition: FilingCondition) -> None:
    """What is promised, in which kind of time, by the calendar in force now."""
    event, calendar = step.event, deadlines.current(step.session)
    event.condition_code = condition.code
    event.limit_clock, event.limit_amount = condition.clock, condition.amount
    event.calendar_version = calendar.version
    event.due_rule = (
        f"scheme {event.scheme_version} / {event.category_code}-{condition.code}"
        f" / calendar {calendar.version}"
    )


def promise_at_once(step: Step) -> None:
    """What goes out before it is filed is promised from its first minute.

    Under the shortest of its category's limits: nobody has looked yet which condition holds. Who
    files it afterwards chooses; the time counts from here on all the same.
    """
    event, session = step.event, step.session
    calendar = deadlines.current(session)
    known = categories.conditions(session, event.scheme_version, event.category_code)
    ends = [
        (due(Limit(Clock(one.clock), one.amount), calendar, [Segment(step.now)]), i)
        for i, one in enumerate(known)
    ]
    if not ends:
        return
    _under(step, known[min((at, i) for at, i in ends if at is not None)[1]])
    event.promised_at = step.now
    deadlines.run(session, event.county_code, event.id, step.now)
    promise(step)
    step.details["due_at"] = event.due_at.isoformat() if event.due_at else None


def in_time(step: Step) -> None:
    """Keep, in the entry that ends it, whether the result came by when it was promised."""
    event = step.event
    ended = event.fed_back_at or step.now
    step.details["on_time"] = event.due_at is not None and ended <= event.due_at


def stop(step: Step, because: str) -> None:
    """The clock stops where it is; what is left of the time is kept."""
    event = step.event
    deadlines.stop(step.session, event.county_code, event.id, step.now, because)
    alarms.silence(
        step.session, event, alarms.Kind.STAGE, alarms.Kind.HELP, alarms.Kind.HELP_SOON,
        alarms.Kind.ARRIVAL,
    )  # fmt: skip
    event.remind_at = event.remind_percent = None


def go_on(step: Step) -> None:
    """The clock goes on with what was left; it does not start again."""
    if step.event.limit_clock is not None:
        deadlines.run(step.session, step.event.county_code, step.event.id, step.now)
        promise(step)


def never_went_on(step: Step) -> None:
    """What ran since it was sent back took no time: due is what was due when the result came."""
    event, session = step.event, step.session
    deadlines.took_no_time(session, event.county_code, event.id, "objection upheld")
    stop(step, "objection upheld")
    limit = deadlines.limit_of(event.limit_clock, event.limit_amount)
    stretches = [
        one for one in deadlines.segments(session, event.county_code, event.id)
        if one.end != one.start
    ]  # fmt: skip
    if limit is None or not stretches:
        return
    stretches[-1] = Segment(stretches[-1].start)
    calendar = deadlines.of_version(session, event.calendar_version)
    event.due_at = deadlines.promise(limit, calendar, stretches, event.extension_count).due_at
    in_time = event.fed_back_at is not None and event.due_at is not None
    if in_time and event.fed_back_at <= event.due_at:  # type: ignore[operator]
        event.overdue_at = None


def start_again(step: Step) -> None:
    """A reopened event gets a promise of its own, as long as the first one, by today's calendar."""
    event = step.event
    event.extension_count = 0
    event.fed_back_at = event.overdue_at = None
    over(step)
    if event.limit_clock is not None:
        event.calendar_version = deadlines.current(step.session).version
        event.promised_at = step.now
    go_on(step)
    step.details["due_at"] = event.due_at.isoformat() if event.due_at else None


def over(step: Step) -> None:
    """The promise that was made is over; another one counts from its own beginning."""
    deadlines.over(step.session, step.event.county_code, step.event.id, step.now)


def extend(step: Step) -> None:
    """One original limit more."""
    step.event.extension_count += 1
    before = step.event.due_at
    promise(step)
    step.details |= {
        "from_due_at": before.isoformat() if before else None,
        "due_at": step.event.due_at.isoformat() if step.event.due_at else None,
    }


def suspend(step: Step) -> None:
    """Put the event by until the date that was asked for, or an earlier one that is granted."""
    until = step.body.until or step.facts.asked_until
    if until is None or until <= step.now:
        raise BadInput("until_in_the_past")
    if step.facts.asked_until is not None and until > step.facts.asked_until:
        latest = day_words.said(step.actor.language, step.facts.asked_until, step.now)
        raise BadInput("until_beyond_asked", due=latest)
    stop(step, "suspended")
    step.event.suspended_until = until
    step.details["until"] = until.isoformat()


def resume(step: Step) -> None:
    """Take it up again; whoever helps by a time of its own is granted what the case stood still."""
    step.event.suspended_until = None
    stood = [deed.at for deed in step.facts.past if deed.action == Action.APPROVE_SUSPENSION]
    if stood:
        helping.put_off(step.session, step.event, step.now - stood[-1])
    go_on(step)


def promise(step: Step) -> None:
    """Work out anew when the event is due and when people are told, from its stretches."""
    event = step.event
    limit = deadlines.limit_of(event.limit_clock, event.limit_amount)
    if limit is None:
        return
    stretches = deadlines.segments(step.session, event.county_code, event.id)
    if stretches and step.facts.state in STANDS:
        # Filed after the result was in: due is what was due when the clock stopped.
        stretches[-1] = Segment(stretches[-1].start)
    made = deadlines.promise(
        limit, deadlines.of_version(step.session, event.calendar_version), stretches,
        event.extension_count,
    )  # fmt: skip
    if made.due_at is None:
        return
    event.due_at = made.due_at
    if made.due_at > step.now:
        event.overdue_at = None
    if step.facts.state in STANDS and step.body.action is Action.FILE_AFTERWARDS:
        return
    passed = max((p for p, at in made.reminders.items() if at <= step.now), default=0)
    event.remind_percent, event.remind_at = made.next_after(passed) or (None, None)
    _expect_stages(step)
    helping.expect(step.session, event, step.now)


def _expect_stages(step: Step) -> None:
    event = step.event
    condition = categories.condition_of(
        step.session, event.scheme_version, event.category_code, event.condition_code
    )
    known = alarms.stages(
        step.session, event, condition, suspended_before=step.facts.suspended_before
    )
    for stage, due_at in known:
        if due_at > step.now:
            alarms.expect(step.session, event, alarms.Kind.STAGE, due_at, str(stage["zh"]))
