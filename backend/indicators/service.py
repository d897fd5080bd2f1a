"""Indicators, each defined once. Source of the formulas: the domain model, D7."""

from collections.abc import Mapping
from dataclasses import dataclass

from backend.events.vocabulary import State

# D7: A = accepted events (filed and self-resolved); void, merged and rejected are left out.
ACCEPTED = (
    State.FILED, State.DISPATCHED, State.HANDLING, State.FEEDBACK, State.RECHECKING,
    State.FOLLOWING_UP, State.CLOSED, State.SELF_RESOLVED,
)  # fmt: skip
FINISHED = (State.CLOSED, State.SELF_RESOLVED)
WAITING = (State.REPORTED, State.JUDGING)


@dataclass(frozen=True)
class Numbers:
    """What a leader sees of one area. ``closure_rate`` is null where nothing was accepted."""

    reported: int
    waiting: int
    working: int
    closed: int
    closure_rate: float | None


def numbers(measures: Mapping[str, int]) -> Numbers:
    """The indicators of one area from its counters ``state.<state>``."""
    by_state = {state: measures.get(f"state.{state}", 0) for state in State}
    accepted = sum(by_state[state] for state in ACCEPTED)
    closed = sum(by_state[state] for state in FINISHED)
    return Numbers(
        reported=sum(by_state.values()),
        waiting=sum(by_state[state] for state in WAITING),
        working=accepted - closed,
        closed=closed,
        closure_rate=closed / accepted if accepted else None,
    )
