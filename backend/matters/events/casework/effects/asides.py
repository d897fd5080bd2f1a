"""What happens beside the way: requests, levels, supervision, urging, samples, restriction."""

from backend.city.accounts import queries as accounts
from backend.city.areas import queries as areas
from backend.core.actor import Role
from backend.core.errors import BadInput
from backend.matters.events.casework.effects import Step, at_work
from backend.matters.events.guards.requests import SUSPENDED_MOST
from backend.matters.events.schemas import Survey
from backend.matters.events.vocabulary import ANSWERS, ASKS, OF_THE_LEAD, Action, State

# The share of what was fixed on the spot that somebody else looks at, in percent.
SAMPLE_PERCENT = 5
# What an answer cannot say of itself.
CONTRADICTS = {Action.ANSWER_SOLVED: False, Action.NOT_SOLVED: True}


def ask(step: Step) -> None:
    """Open a request; it waits for a decision and moves nothing."""
    kind = ASKS[step.body.action]
    step.event.asked = sorted({*step.event.asked, kind})


def ask_suspension(step: Step) -> None:
    """Ask to put the event by until a day, at most a year from now."""
    until = step.body.until
    assert until is not None
    if until <= step.now:
        raise BadInput("until_in_the_past")
    if until - step.now > SUSPENDED_MOST:
        raise BadInput("until_too_far", days=SUSPENDED_MOST.days)
    step.details["until"] = until.isoformat()
    ask(step)


def ask_return(step: Step) -> None:
    """Ask to hand the duty back; the third time it goes up by itself."""
    ask(step)
    accept_by = step.event.step_due_at
    if step.facts.state is State.HANDLING or (accept_by is not None and step.now > accept_by):
        step.details["late"] = True
    if step.event.return_count >= 2 and step.event.escalated_to is None:
        step.event.escalated_to = "county"
        step.details["escalated_to"] = "county"


def decide(step: Step) -> None:
    """A request has its answer."""
    kind = ANSWERS[step.body.action]
    step.event.asked = [one for one in step.event.asked if one != kind]


def withdraw(step: Step) -> None:
    """Take one's own open requests back."""
    step.event.asked = [one for one in step.event.asked if one not in OF_THE_LEAD]


def put_off(step: Step) -> None:
    """To the next meeting."""
    step.event.put_off_count += 1
    step.details["put_off_count"] = step.event.put_off_count


def resolve_on_spot(step: Step) -> None:
    """Fixed; one in twenty is looked at by somebody else. Which one follows from its key."""
    if step.facts.state is State.REPORTED:
        step.event.sampled = step.event.id.bytes[-1] % 100 < SAMPLE_PERCENT


def check_sample(step: Step) -> None:
    """The sample was looked at."""
    step.event.sampled = False


def back_to_report(step: Step) -> None:
    """An appeal was right, or it was not fixed after all: taken in anew under its number."""
    step.event.closed_at = None
    step.event.master_id = None
    step.event.sampled = False


def reopen_self_resolved(step: Step) -> None:
    """What was called fixed is not."""
    step.event.reopen_count += 1
    back_to_report(step)


def escalate(step: Step) -> None:
    """One level up; the level below keeps its sight of it."""
    up = "city" if step.event.escalated_to == "county" else "county"
    step.event.escalated_to = up
    if step.event.restricted:
        # Whoever takes it up must see it.
        role = Role.CITY_DISPATCHER if up == "city" else Role.COUNTY_DISPATCHER
        chain = areas.run_by(step.session, step.event.area_code)
        above = accounts.holders(step.session, chain, [role])
        step.event.named = sorted({*step.event.named, *above})
    step.details["escalated_to"] = up


def restrict(step: Step) -> None:
    """From now on only those named see it; with them who restricts, who reported, who is at it.

    Raises
    ------
    BadInput
        A user name that nobody has.
    """
    wanted = set(step.body.people)
    known = accounts.by_username(step.session, wanted)
    unknown = wanted - set(known)
    if unknown:
        raise BadInput("people_unknown", names="、".join(sorted(unknown)))
    people = {account.id for account in known.values()} | {step.actor.id} | at_work(step)
    if step.facts.reporter_id is not None:
        people.add(step.facts.reporter_id)
    step.event.restricted = True
    step.event.named = sorted(people)
    step.details["people"] = sorted(wanted)


def by_reporter(step: Step) -> None:
    """Said by whoever reported it, not for them."""
    step.details["by_reporter"] = True


def answers_of(step: Step) -> None:
    """Keep what a call-back found: reached, solved, satisfied.

    Of somebody who was not reached nothing else is known.

    Raises
    ------
    BadInput
        The answer says the opposite of the step.
    """
    survey = step.body.survey
    if survey is None:
        return
    if not survey.reached and step.body.action is Action.RECORD_CALL:
        survey = Survey(reached=False)
    if survey.solved is CONTRADICTS.get(step.body.action, ...):
        raise BadInput("survey_contradicts")
    step.body = step.body.model_copy(update={"survey": survey})
    step.details["survey"] = survey.model_dump(exclude_none=True)
