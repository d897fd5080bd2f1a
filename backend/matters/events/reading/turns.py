"""Whose turn it is with an event, and what comes next, in words."""

from backend.core.language import say
from backend.matters.events.models import Event
from backend.matters.events.views import placing
from backend.matters.events.vocabulary import TERMINAL, Ask, State

# Whose turn it is by state; a request that waits, or a level that took it up, goes before.
TURNS = {
    State.REPORTED: "desk", State.VERIFYING: "local", State.JUDGING: "meeting",
    State.FILED: "town", State.FEEDBACK: "town", State.RECHECKING: "local",
    State.SUSPENDED: "town", State.FOLLOWING_UP: "reporter",
}  # fmt: skip

# D4.9: decided one level above whoever decided what is objected to.
DECIDED_ABOVE = (Ask.APPEAL, Ask.REWORK)


def _placing(event: Event) -> str | None:
    """Who has to say where it is before anything else can happen to it."""
    first = event.state in (State.REPORTED, State.FILED)
    return placing(event.area_code) if first else None


def whose_turn(language: str, event: Event, lead: str | None) -> str:
    """Who must act now, in words."""
    state = State(event.state)
    waiting = list(event.asked)
    if event.escalated_to and (waiting or state in TURNS):
        return say(language, f"turn.{event.escalated_to}")
    if state is State.DISPATCHED and event.lead_organization_id is None and not waiting:
        return say(language, "turn.pool")
    if waiting and waiting[0] in DECIDED_ABOVE:
        return say(language, "turn.above", what=f"ask.{waiting[0]}")
    if waiting:
        return say(language, "turn.decider", what=f"ask.{waiting[0]}")
    if _placing(event) is not None:
        return say(language, f"turn.placing_{_placing(event)}")
    if state in TERMINAL:
        return say(language, "turn.nobody")
    if state in (State.DISPATCHED, State.HANDLING):
        return say(language, "turn.lead", name=lead or say(language, "turn.town"))
    return say(language, f"turn.{TURNS[state]}")


def what_next(language: str, event: Event) -> str:
    """What comes next, in words."""
    if event.asked:
        return say(language, "next.asked", what=f"ask.{event.asked[0]}")
    if event.state == State.DISPATCHED and event.lead_organization_id is None:
        return say(language, "next.pool")
    if _placing(event) is not None:
        return say(language, "next.placing")
    ended = State(event.state) in TERMINAL - {State.MERGED}
    return say(language, "next.ended" if ended else f"next.{event.state}")
