"""The promise of an event: made at filing, stopped and going on, longer by extension."""

from backend.core.errors import BadInput, Conflict
from backend.matters.categories import service as categories
from backend.matters.events.casework.effects import Step
from backend.matters.events.promises import alarms
from backend.matters.events.vocabulary import State
from backend.tools.calendar import service as deadlines

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
    condition = categories.condition(
        session, event.scheme_version, event.category_code, step.body.condition
    )
    calendar = deadlines.current(session)
    event.condition_code = condition.code
    event.limit_clock, event.limit_amount = condition.clock, condition.amount
    event.calendar_version = calendar.version
    event.filed_at = step.now
    alarms.silence(session, event, alarms.Kind.FILING)
    event.due_rule = (
        f"scheme {event.scheme_version} / {category.code}-{condition.code}"
        f" / calendar {calendar.version}"
    )
    # A case of the fast track may be under way, put by or done when it is filed.
    if step.facts.state in RUNS_FROM_FILING:
        deadlines.run(session, event.county_code, event.id, step.now)
    promise(step)
    step.details |= {
        "condition": condition.code, "due_rule": event.due_rule,
        "due_at": event.due_at.isoformat() if event.due_at else None,
    }  # fmt: skip


def stop(step: Step, because: str) -> None:
    """The clock stops where it is; what is left of the time is kept."""
    event = step.event
    deadlines.stop(step.session, event.county_code, event.id, step.now, because)
    alarms.silence(step.session, event, alarms.Kind.STAGE)
    event.remind_at = event.remind_percent = None


def go_on(step: Step) -> None:
    """The clock goes on with what was left; it does not start again."""
    if step.event.limit_clock is not None:
        deadlines.run(step.session, step.event.county_code, step.event.id, step.now)
        promise(step)


def start_again(step: Step) -> None:
    """A reopened event gets a promise of its own, as long as the first one."""
    event = step.event
    event.extension_count = 0
    event.fed_back_at = event.overdue_at = None
    go_on(step)


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
        raise BadInput("until_beyond_asked")
    stop(step, "suspended")
    step.event.suspended_until = until
    step.details["until"] = until.isoformat()


def resume(step: Step) -> None:
    """Take it up again."""
    step.event.suspended_until = None
    go_on(step)


def promise(step: Step) -> None:
    """Work out anew when the event is due and when people are told, from its stretches."""
    event = step.event
    limit = deadlines.limit_of(event.limit_clock, event.limit_amount)
    if limit is None:
        return
    made = deadlines.promise(
        limit, deadlines.of_version(step.session, event.calendar_version),
        deadlines.segments(step.session, event.county_code, event.id), event.extension_count,
    )  # fmt: skip
    if made.due_at is None:
        return
    event.due_at = made.due_at
    if made.due_at > step.now:
        event.overdue_at = None
    passed = max((p for p, at in made.reminders.items() if at <= step.now), default=0)
    event.remind_percent, event.remind_at = made.next_after(passed) or (None, None)
    _expect_stages(step)


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
