"""Indicators, each defined once. Source of the formulas: the domain model, D7."""

from collections.abc import Mapping
from dataclasses import dataclass

from backend.matters.events.vocabulary import State

# D7: A = accepted events (filed and self-resolved); void, merged and rejected are left out.
ACCEPTED = (
    State.FILED, State.DISPATCHED, State.HANDLING, State.SUSPENDED, State.FEEDBACK,
    State.RECHECKING, State.FOLLOWING_UP, State.CLOSED, State.SELF_RESOLVED,
)  # fmt: skip
FINISHED = (State.CLOSED, State.SELF_RESOLVED)
WAITING = (State.REPORTED, State.VERIFYING, State.JUDGING)


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


@dataclass(frozen=True)
class Rate:
    """One indicator of a month: how many of how many; null where there was nothing to count."""

    name: str
    of: int
    among: int

    @property
    def share(self) -> float | None:
        """The quotient, 0 to 1."""
        return self.of / self.among if self.among else None


# D7: each a quotient of two numbers, counted by the month in which things happened (workload).
RATES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "on_time": ("closed_on_time", ("closed",)),
    "self_resolved": ("self_resolved", ("filed", "self_resolved")),
    "rework": ("reworked", ("closed",)),
    "returned": ("returned", ("dispatched",)),
    "misdispatched": ("misdispatched", ("dispatched",)),
    "extended": ("extended", ("filed",)),
    "suspended": ("suspended", ("filed",)),
    "recurred": ("recurred", ("closed",)),
    "responded": ("reached", ("surveyed",)),
    "solved": ("solved", ("surveyed",)),
    "satisfied": ("satisfied", ("surveyed",)),
}


def rates(measures: Mapping[str, int], month: str) -> list[Rate]:
    """The indicators of one area in a month (``2026-11``) from its counters."""

    def n(name: str) -> int:
        return measures.get(f"{month}.{name}", 0)

    return [Rate(name, n(of), sum(map(n, among))) for name, (of, among) in RATES.items()]
