"""The past events of a whole city: drawn once, and written as the rows of their table."""

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from backend.core.ids import READABLE
from backend.matters.categories.schemes import Condition, of_data
from backend.matters.events.vocabulary import TERMINAL, Action
from backend.seeding import binary_copy as pack
from backend.seeding.houses import spread
from backend.seeding.loading import Bytes, Days, Moments, keys, letters
from backend.seeding.recipe import SEED, Recipe, read
from backend.seeding.staff import Indexes, Staff
from backend.seeding.tree import City
from backend.seeding.ways import WAYS, Way
from backend.tools.calendar.clocks import Clock

YEARS = 3
HOUR_US = 3600 * 1_000_000
DAY_US = 24 * HOUR_US
# An open event is at most so old, and has used so much of the time since its report.
OPEN_DAYS, USED = 3, 0.95
# Of what is led, so much is led by a department of the county and not by an office of the town.
BY_COUNTY = 0.3

Block = tuple[Sequence[pack.Column], int]


@dataclass(frozen=True)
class Group:
    """Events whose rows have fields of equal length: the same way, words and punctuality."""

    number: int
    way: Way
    late: bool
    category: str
    words: str
    at: Indexes


def _hours(condition: Condition) -> float:
    """About how many natural hours a limit takes: a working hour costs about four."""
    each = {
        Clock.URGENT_HOUR: 1, Clock.WORK_HOUR: 4, Clock.WORK_DAY: 34, Clock.CALENDAR_DAY: 24,
    }  # fmt: skip
    return condition.amount * each[condition.clock]


class Past:
    """Past events as arrays: read once for their logs and duties, and once for their own rows."""

    def __init__(self, recipe: Recipe, city: City, staff: Staff) -> None:
        rng = np.random.default_rng(SEED + 4)
        n = self.n = recipe.events
        self.staff, self.codes = staff, letters(city.codes[4])
        self.unit, self.points = spread(city, n, rng)
        shares = np.array([way.share for way in WAYS])
        self.way = rng.choice(len(WAYS), size=n, p=shares / shares.sum())
        self.words = [
            (code, text) for code, texts in sorted(read("reports").items()) for text in texts
        ]
        self.word = rng.integers(len(self.words), size=n)
        now = int(time.time()) * 1_000_000
        self.at = now - (rng.random(n) * YEARS * 365 * DAY_US).astype(np.int64)
        is_open = np.array([way.state not in TERMINAL for way in WAYS])[self.way]
        self.at[is_open] = now - (rng.random(int(is_open.sum())) * OPEN_DAYS * DAY_US).astype(int)
        # From the report to the last step; nothing is told of the future.
        took = (rng.gamma(1.5, 18, n) * HOUR_US).astype(np.int64)
        took[is_open] = ((now - self.at[is_open]) * USED).astype(np.int64)
        self.took = np.minimum(took, now - self.at)
        self.ids = keys(self.at // 1000, rng)
        alphabet = np.frombuffer(READABLE.encode(), np.uint8)
        self.drawn = alphabet[rng.integers(len(alphabet), size=(n, 8))]
        self.days = Days(int(self.at.min(initial=now)), now)
        self.lead, self.first = self._led(rng)
        self.due = self._due()
        self.late = self._lateness(now)
        self.heads = np.zeros((n, 32), np.uint8)

    def _led(self, rng: np.random.Generator) -> tuple[Indexes, Indexes]:
        """Who leads each event, and who had it first where it was handed back."""
        serving = self.staff.serving[self.staff.town[self.unit]]
        offices = len(read("names")["town_offices"])
        office = rng.integers(offices, size=self.n)
        county = rng.integers(offices, serving.shape[1], size=self.n)
        chosen = np.where(rng.random(self.n) < BY_COUNTY, county, office)
        rows = np.arange(self.n)
        return serving[rows, chosen], serving[rows, (chosen + 1) % serving.shape[1]]

    def _due(self) -> Moments:
        """When each is due, in natural hours after its filing: near enough for a history."""
        known = {c.code: _hours(c.conditions[0]) for c in of_data(read("categories"))
                 if c.conditions}  # fmt: skip
        limit = np.array([known[code] * HOUR_US for code, _ in self.words]).astype(np.int64)
        return self.moment(Action.FILE) + limit[self.word]

    def _lateness(self, now: int) -> NDArray[np.bool_]:
        """Whether the result came too late, or is late already."""
        has = np.array([way.part_of(Action.SUBMIT_RESULT) is not None for way in WAYS])[self.way]
        filed = np.array([way.part_of(Action.FILE) is not None for way in WAYS])[self.way]
        return filed & (np.where(has, self.moment(Action.SUBMIT_RESULT), now) > self.due)

    def moment(self, action: Action) -> Moments:
        """When each event took this step the last time; its report where it never did."""
        return self.after(np.array([way.part_of(action) or 0 for way in WAYS])[self.way])

    def after(
        self, part: float | NDArray[np.float64], at: Indexes | slice = slice(None)
    ) -> Moments:
        """The moment at which a part of the time of these events had passed."""
        return self.at[at] + (self.took[at] * part).astype(np.int64)

    def groups(self) -> Iterator[Group]:
        """All events, in blocks of at most `binary_copy.CHUNK`; always in the same order."""
        group = (self.way * 2 + self.late) * len(self.words) + self.word
        order = np.argsort(group, kind="stable")
        starts = np.searchsorted(group[order], np.arange(2 * len(WAYS) * len(self.words) + 1))
        for g in range(2 * len(WAYS) * len(self.words)):
            kind, w = divmod(g, len(self.words))
            way, late = divmod(kind, 2)
            mine = order[starts[g] : starts[g + 1]]
            for start in range(0, len(mine), pack.CHUNK):
                at = mine[start : start + pack.CHUNK]
                yield Group(way, WAYS[way], bool(late), *self.words[w], at)

    def rows(self) -> Iterator[Block]:
        """The events as blocks for COPY, once their logs have been sealed."""
        for group in self.groups():
            way, at = group.way, group.at
            codes = self.codes[self.unit[at]]
            filed = way.part_of(Action.FILE)
            led = way.part_of(Action.DISPATCH)
            result = way.part_of(Action.SUBMIT_RESULT)
            ended = way.state in TERMINAL
            yield (
                [
                    pack.Column("county_code", codes[:, :6]),
                    pack.Column("id", self.ids[at]),
                    pack.Column("event_no", self._numbers(at)),
                    pack.text("state", way.state),
                    pack.Column("area_code", codes),
                    pack.number("scheme_version", 1, ">i2"),
                    pack.text("category_code", group.category),
                    pack.text("text", group.words),
                    pack.number("severity", 2, ">i2"),
                    pack.text("source", "unit_head"),
                    pack.Column("reporter_id", self.staff.heads.accounts[self.unit[at]]),
                    pack.moment("reported_at", self.at[at]),
                    pack.point("geom", self.points[at], 4490),
                    pack.text("address_text", ""),
                    pack.Column(
                        "lead_organization_id",
                        None if led is None else self.staff.bodies[self.lead[at]],
                    ),
                    self._moment("filed_at", filed, at),
                    self._moment("promised_at", filed, at),
                    pack.moment("due_at", self.due[at]) if filed else pack.Column("due_at", None),
                    pack.moment("overdue_at", self.due[at])
                    if group.late else pack.Column("overdue_at", None),
                    self._moment("fed_back_at", result, at),
                    self._moment("closed_at", way.turns[-1].part if ended else None, at),
                    pack.texts("asked", way.asked),
                    pack.number("return_count", sum(
                        t.action is Action.APPROVE_RETURN for t in way.turns), ">i2"),
                    pack.number("rework_count", sum(
                        t.action is Action.REWORK for t in way.turns), ">i2"),
                    pack.number("unsolved_count", 0, ">i2"),
                    pack.Column("sampled", bytes([way.sampled])),
                    pack.number("log_seq", len(way.turns), ">i4"),
                    pack.Column("log_head", self.heads[at]),
                ],
                len(at),
            )  # fmt: skip

    def _moment(self, name: str, part: float | None, at: Indexes) -> pack.Column:
        return pack.Column(name, None) if part is None else pack.moment(name, self.after(part, at))

    def _numbers(self, at: Indexes) -> Bytes:
        n = len(at)
        dash = np.full((n, 1), ord("-"), np.uint8)
        e = np.full((n, 1), ord("E"), np.uint8)
        county = self.codes[self.unit[at], :6]
        left, right = self.drawn[at, :4], self.drawn[at, 4:]
        days = self.days.digits(self.at[at])
        return np.concatenate([e, days, dash, county, dash, left, dash, right], 1)
