"""Indicators, each defined once."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import accumulate

from backend.matters.events.vocabulary import State

# A = accepted events (filed and self-resolved); void, merged and rejected are left out.
ACCEPTED = (
    State.FILED, State.DISPATCHED, State.HANDLING, State.SUSPENDED, State.FEEDBACK,
    State.RECHECKING, State.FOLLOWING_UP, State.CLOSED, State.SELF_RESOLVED,
)  # fmt: skip
FINISHED = (State.CLOSED, State.SELF_RESOLVED)
WAITING = (State.REPORTED, State.VERIFYING, State.JUDGING)


@dataclass(frozen=True)
class Numbers:
    """What a leader sees of one area. ``closure_rate`` is null where nothing was accepted.

    ``reported`` is the sum of ``waiting``, ``working``, ``closed`` and ``left_out`` (merged, void,
    rejected, handed to another channel); ``overdue`` is a part of ``working`` and ``waiting``.
    """

    reported: int
    waiting: int
    working: int
    closed: int
    left_out: int
    overdue: int
    closure_rate: float | None


def numbers(measures: Mapping[str, int]) -> Numbers:
    """The indicators of one area from its counters ``state.<state>`` and ``now.overdue``."""
    by_state = {state: measures.get(f"state.{state}", 0) for state in State}
    accepted = sum(by_state[state] for state in ACCEPTED)
    closed = sum(by_state[state] for state in FINISHED)
    waiting = sum(by_state[state] for state in WAITING)
    return Numbers(
        reported=sum(by_state.values()),
        waiting=waiting,
        working=accepted - closed,
        closed=closed,
        left_out=sum(by_state.values()) - accepted - waiting,
        overdue=measures.get("now.overdue", 0),
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


# Each a quotient of two numbers, counted by the month in which things happened (workload).
# What a number counts is said where it is counted, in `matters/events/casework/measures.py`.
RATES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "on_time": ("closed_on_time", ("closed",)),
    "helped": ("helped_on_time", ("helped",)),
    "supervised": ("answered_on_time", ("answered",)),
    "self_resolved": ("self_resolved", ("filed", "self_resolved")),
    "rework": ("reworked", ("closed",)),
    "reopened": ("reopened", ("ended",)),
    "returned": ("returned", ("dispatched",)),
    "misdispatched": ("misdispatched", ("dispatched",)),
    "extended": ("extended", ("filed",)),
    "suspended": ("suspended", ("filed",)),
    "recurred": ("recurred", ("closed",)),
    "merged": ("merged", ("reported",)),
    "responded": ("reached", ("surveyed",)),
    "solved": ("solved", ("surveyed",)),
    "satisfied": ("satisfied", ("surveyed",)),
}


def rates(measures: Mapping[str, int], month: str) -> list[Rate]:
    """The indicators of one area in a month (``2026-11``) from its counters."""

    def n(name: str) -> int:
        return measures.get(f"{month}.{name}", 0)

    return [Rate(name, n(of), sum(map(n, among))) for name, (of, among) in RATES.items()]


@dataclass(frozen=True)
class Response:
    """How soon duties were taken on (accepted minus dispatched), in minutes of two figures."""

    accepted: int
    median_minutes: int | None
    p90_minutes: int | None


def response(measures: Mapping[str, int], month: str) -> Response:
    """The first response of a month, from counters that keep how often each length was seen."""
    begins = f"{month}.response."
    seen = sorted(
        (int(name.removeprefix(begins)), n)
        for name, n in measures.items()
        if name.startswith(begins) and n > 0
    )
    heights = list(accumulate(n for _, n in seen))
    total = heights[-1] if heights else 0

    def at(share: float) -> int | None:
        # The nearest-rank percentile: the shortest length that so large a share did not exceed.
        return next(
            (minutes for (minutes, _), upto in zip(seen, heights, strict=True)
             if upto >= share * total), None,
        )  # fmt: skip

    return Response(total, at(0.5), at(0.9))
