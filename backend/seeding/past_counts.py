"""The counters of the city's past, summed here as the roller would.

What a step counts for is asked of `measures.figures`, the one definition: of the log of each way,
with every step in a month of its own, so that the answer says which step a number belongs to.
"""

import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from backend.matters.events.casework.measures import GIVES_OUT, Deed, figures, two_figures
from backend.matters.events.vocabulary import TERMINAL, Action
from backend.seeding import binary_copy as pack
from backend.seeding.loading import Bytes
from backend.seeding.past import Block, Past
from backend.seeding.ways import WAYS, Way

# The digits of the areas that numbers are kept for: from the city to the unit.
LENGTHS = (4, 6, 9, 12, 15, 18)
# Of months, down to the grid: those of units would be ten times as many rows as all the rest.
OF_MONTHS = LENGTHS[:5]
MINUTE_US = 60 * 1_000_000

Numbers = NDArray[np.int64]


def counted(way: Way, late: bool) -> list[tuple[int, str]]:
    """What an event that went this way counts for: (place of the step, measure)."""
    deeds = [
        Deed(
            turn.action, before, turn.after, turn.by.role, datetime(2001, 1 + i, 15, tzinfo=UTC),
            json.loads(turn.details.replace("<on_time>", "false" if late else "true")),
        )
        for i, (before, turn) in enumerate(way.pairs())
    ]  # fmt: skip
    found = []
    for name, n in figures(deeds).items():
        month, _, measure = name.partition(".")
        if not measure.startswith("response."):
            found += [(int(month[5:]) - 1, measure)] * n
    return found


def responses(way: Way) -> Iterator[tuple[int, int]]:
    """Pairs of steps: given out, and accepted."""
    given: int | None = None
    for i, turn in enumerate(way.turns):
        if turn.action in GIVES_OUT:
            given = i
        elif turn.action is Action.ACCEPT and given is not None:
            yield given, i
            given = None


def counters(past: Past) -> Iterator[Block]:
    """The rows of the counters as blocks for COPY."""
    areas = [_areas(past, length) for length in LENGTHS]
    for measure, per_unit in _standing(past).items():
        for of, inverse in areas:
            sums = np.bincount(inverse, weights=per_unit, minlength=len(of)).astype(np.int64)
            there = np.flatnonzero(sums)
            yield from _block(of[there], measure, sums[there])
    months = past.days.months
    monthly, minutes = _happened(past)
    for measure, table in monthly.items():
        for of, inverse in areas[: len(OF_MONTHS)]:
            sums = np.zeros((len(of), len(months)), np.int64)
            np.add.at(sums, inverse, table)
            for m, month in enumerate(months):
                there = np.flatnonzero(sums[:, m])
                yield from _block(of[there], f"{month}.{measure}", sums[there, m])
    yield from _response_blocks(minutes, areas[: len(OF_MONTHS)], months)


def _areas(past: Past, length: int) -> tuple[Bytes, NDArray[np.intp]]:
    """Rows of county and area of one level, and to which of them each unit belongs.

    A county's own share of the city stands in a row of its own.
    """
    both = np.concatenate([past.codes[:, :6], past.codes[:, :length]], 1)
    names, inverse = np.unique(
        np.ascontiguousarray(both).view(f"S{6 + length}").ravel(), return_inverse=True
    )
    return names.view(np.uint8).reshape(len(names), -1), inverse


def _standing(past: Past) -> dict[str, Numbers]:
    """How many stand where, a unit: by state, and those whose time ran out."""
    found: dict[str, Numbers] = defaultdict(lambda: np.zeros(len(past.codes), np.int64))
    for group in past.groups():
        here = np.bincount(past.unit[group.at], minlength=len(past.codes))
        found[f"state.{group.way.state}"] += here
        if group.late and group.way.state not in TERMINAL:
            found["now.overdue"] += here
    return found


def _happened(past: Past) -> tuple[dict[str, Numbers], Numbers]:
    """What happened, by unit and month; and each first response: unit, month, minutes."""
    shape = (len(past.codes), len(past.days.months))
    found: dict[str, Numbers] = defaultdict(lambda: np.zeros(shape, np.int64))
    answered: list[Numbers] = [np.zeros((3, 0), np.int64)]
    figure = np.array([two_figures(minutes) for minutes in range(100_000)])
    for number, late, at in _by_way(past):
        way, unit = WAYS[number], past.unit[at]
        moments = [past.after(turn.part, at) for turn in way.turns]
        months = [past.days.month(moment) for moment in moments]
        for i, measure in counted(way, late):
            np.add.at(found[measure], (unit, months[i]), 1)
        for given, taken in responses(way):
            # Halves go to the even minute, as `round` has it.
            took = np.rint((moments[taken] - moments[given]) / MINUTE_US).astype(int)
            answered.append(np.stack([unit, months[taken], figure[took]]))
    return found, np.concatenate(answered, 1)


def _by_way(past: Past) -> Iterator[tuple[int, bool, NDArray[np.intp]]]:
    for number in range(len(WAYS)):
        for late in (False, True):
            at = np.flatnonzero((past.way == number) & (past.late == late))
            if len(at):
                yield number, late, at


def _response_blocks(
    minutes: Numbers, areas: list[tuple[Bytes, NDArray[np.intp]]], months: list[str]
) -> Iterator[Block]:
    unit, month, figure = minutes
    most = int(figure.max(initial=0)) + 1
    for of, inverse in areas:
        key = (figure * len(months) + month) * len(of) + inverse[unit]
        found, sums = np.unique(key, return_counts=True)
        measure, area = np.divmod(found, len(of))
        starts = np.searchsorted(measure, np.arange(most * len(months) + 1))
        for m in np.unique(measure).tolist():
            here = slice(starts[m], starts[m + 1])
            of_minutes, of_month = divmod(m, len(months))
            name = f"{months[of_month]}.response.{of_minutes}"
            yield from _block(of[area[here]], name, sums[here])


def _block(rows: Bytes, measure: str, sums: Numbers) -> Iterator[Block]:
    if len(rows):
        yield (
            [
                pack.Column("county_code", rows[:, :6]), pack.Column("area_code", rows[:, 6:]),
                pack.text("measure", measure), pack.number("total", sums, ">i4"),
            ],
            len(rows),
        )  # fmt: skip
