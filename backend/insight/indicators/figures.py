"""Each number of the board with the list behind it: one measure, one query, as many rows.

A query holds the parameters of ``GET /api/events``. Restricted cases stand in every number and in
no list but that of the people named in them: a figure says how many of its own are restricted, and
its query asks for the others.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from backend.core import day
from backend.insight.indicators.service import ACCEPTED, FINISHED, WAITING
from backend.matters.events.casework.counting import RESTRICTED
from backend.matters.events.vocabulary import State

Query = dict[str, list[str]]

# By where events stand now: the states that a figure holds, together all of them.
BY_STATE: Mapping[str, tuple[State, ...]] = {
    "reported": tuple(State),
    "waiting": WAITING,
    "working": tuple(state for state in ACCEPTED if state not in FINISHED),
    "closed": FINISHED,
    "left_out": tuple(state for state in State if state not in (*WAITING, *ACCEPTED)),
}
# What ended in a month and has not been reopened since.
ENDED = ("closed", "carried", "brought_closed", "self_resolved")


@dataclass(frozen=True)
class Figure:
    """One number: ``listed`` of ``n`` are what its query's list has; the others are restricted."""

    name: str
    n: int
    listed: int
    query: Query


def figures(measures: Mapping[str, int], area: str, now: datetime) -> Iterator[Figure]:
    """The figures of one area from its counters of states, of now and of this month."""

    def of(*names: str) -> int:
        return sum(measures.get(name, 0) for name in names)

    def figure(
        name: str, begins: str, of_them: str, counted: tuple[str, ...], **query: list[str]
    ) -> Figure:
        n = of(*(f"{begins}.{one}" for one in counted))
        hidden = of(*(f"{of_them}.{RESTRICTED}.{one}" for one in counted))
        return Figure(
            name, n, n - hidden, {"area": [area], "restricted": ["false"], **query}
        )  # fmt: skip

    for name, states in BY_STATE.items():
        query = {} if len(states) == len(State) else {"state": [str(one) for one in states]}
        yield figure(name, "state", "now", states, **query)
    yield figure("overdue", "now", "now", ("overdue",), overdue=["true"])
    yield figure("helpers_late", "now", "now", ("helpers_late",), helpers_late=["true"])
    yield figure("supervised", "now", "now", ("supervised",), supervised=["true"])
    since, before = month_around(now)
    yield figure(
        "closed_this_month", day.month(now), day.month(now), ENDED,
        state=[str(one) for one in FINISHED],
        closed_since=[since.isoformat()], closed_before=[before.isoformat()],
    )  # fmt: skip


def month_around(now: datetime) -> tuple[datetime, datetime]:
    """The beginning of the month in which a moment lies and of the next one, in the city's zone."""
    on = day.of(now)
    return day.months(on.year, on.month, 1)
