"""Seeding a whole city: areas, houses and years of past events, through binary COPY."""

import hashlib
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime

import numpy as np
import shapely
from numpy.typing import NDArray
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from backend.city.areas import writing
from backend.core import day
from backend.core.actor import NOBODY_ID
from backend.core.ids import READABLE
from backend.core.journal import FORM
from backend.core.settings import get_settings
from backend.matters.categories.schemes import Condition, of_data
from backend.matters.events.vocabulary import State
from backend.seeding import binary_copy as pack
from backend.seeding import city_lists, people, tree
from backend.seeding.recipe import CITY, SEED, Recipe, read
from backend.seeding.town import Progress, rules_once
from backend.seeding.tree import City
from backend.tools.calendar.clocks import Clock

YEARS = 3
# How past events ended, and the few that are still open; shares of all.
SHARES = {
    State.CLOSED: 0.80, State.SELF_RESOLVED: 0.13, State.VOID: 0.02, State.MERGED: 0.02,
    State.REPORTED: 0.006, State.JUDGING: 0.004, State.DISPATCHED: 0.004, State.HANDLING: 0.012,
    State.FOLLOWING_UP: 0.004,
}  # fmt: skip
OPEN = (State.REPORTED, State.JUDGING, State.DISPATCHED, State.HANDLING, State.FOLLOWING_UP)
DAY_US = 86_400 * 1_000_000
QUARTER_US = 900 * 1_000_000


def seed_city(progress: Progress, recipe: Recipe = CITY) -> None:
    """Make a city with its houses and past events, in one transaction."""
    engine = create_engine(get_settings().owner_url, hide_parameters=True)
    with Session(engine, expire_on_commit=False) as session, session.begin():
        progress("areas", 0.0)
        city, levels = tree.build(recipe)
        for done, level in enumerate(levels):
            writing.write(session, level)
            progress("areas", 0.15 + 0.02 * done)
        rules_once(session)
        town = city.codes[1][0]
        bodies = people.organize(session, city, town)
        appointed = people.appoint(session, city, town, bodies)
        connection = writing.driver(session)
        with without_indexes(session, ("house", "event", "event_action")):
            progress("houses", 0.3)
            pack.copy(connection, "house", houses(recipe, city))
            progress("events", 0.38)
            events = Past(recipe, city)
            pack.copy(connection, "event", events.rows())
            progress("their logs", 0.6)
            pack.copy(connection, "event_action", events.entries())
            events.count(session)
            progress("indexes", 0.75)
        progress("lists and meetings", 0.9)
        secretary = next(p for p in appointed if p.username == "demo-village")
        city_lists.make(session, secretary.account_id, bodies["西天镇城建办"])
        progress("statistics", 0.96)
        session.execute(text("ANALYZE"))
    engine.dispose()
    progress("done", 1.0)


@contextmanager
def without_indexes(session: Session, tables: Sequence[str]) -> Iterator[None]:
    """Load without indexes and foreign keys, and make them again after: four times the speed."""
    keys = session.execute(
        text(
            "SELECT conrelid::regclass::text AS owner, conname, contype,"
            " pg_get_constraintdef(oid) AS definition FROM pg_constraint"
            " WHERE contype IN ('p', 'u', 'f') AND (conrelid::regclass::text = ANY(:tables)"
            "       OR confrelid::regclass::text = ANY(:tables)) ORDER BY contype = 'f' DESC"
        ),
        {"tables": list(tables)},
    ).all()
    indexes = session.execute(
        text(
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename = ANY(:tables)"
            " AND indexname NOT IN (SELECT conname FROM pg_constraint)"
        ),
        {"tables": list(tables)},
    ).all()
    for key in keys:
        session.execute(text(f"ALTER TABLE {key.owner} DROP CONSTRAINT {key.conname}"))
    for index in indexes:
        session.execute(text(f"DROP INDEX {index.indexname}"))
    yield
    session.execute(text("SET LOCAL maintenance_work_mem = '1GB'"))
    for index in indexes:
        session.execute(text(index.indexdef))
    for key in reversed(keys):
        session.execute(
            text(f"ALTER TABLE {key.owner} ADD CONSTRAINT {key.conname} {key.definition}")
        )


Bytes = NDArray[np.uint8]


def letters(words: Sequence[str]) -> Bytes:
    """Equally long ASCII words as a matrix of bytes, one row each."""
    return np.array(words, f"S{len(words[0])}").view(np.uint8).reshape(len(words), -1)


def keys(ms: NDArray[np.int64], rng: np.random.Generator) -> Bytes:
    """UUIDv7 keys (RFC 9562) of moments in milliseconds, as a matrix of 16 bytes a row."""
    out = rng.integers(0, 256, (len(ms), 16), np.uint8)
    out[:, :6] = ms.astype(">u8").view(np.uint8).reshape(-1, 8)[:, 2:]
    out[:, 6] = out[:, 6] & 0x0F | 0x70
    out[:, 8] = out[:, 8] & 0x3F | 0x80
    return out


def _spread(
    city: City, n: int, rng: np.random.Generator
) -> tuple[NDArray[np.intp], NDArray[np.float64]]:
    """Units and points that lie inside them: the site, moved towards a corner by less than half."""
    unit = rng.integers(len(city.sites), size=n)
    counts = shapely.get_num_coordinates(city.units)
    corners = shapely.get_coordinates(city.units)
    first = np.concatenate([[0], np.cumsum(counts)[:-1]])
    corner = corners[first[unit] + (rng.random(n) * (counts[unit] - 1)).astype(int)]
    site = city.sites[unit]
    points = site + (corner - site) * rng.uniform(0, 0.45, (n, 1))
    return unit, points


def houses(recipe: Recipe, city: City) -> Iterator[tuple[Sequence[pack.Column], int]]:
    """Houses as blocks for COPY."""
    rng = np.random.default_rng(SEED + 1)
    codes = letters(city.codes[4])
    now_ms = int(time.time() * 1000)
    for start in range(0, recipe.houses, pack.CHUNK):
        n = min(pack.CHUNK, recipe.houses - start)
        unit, points = _spread(city, n, rng)
        door = letters([f"{i:04d}" for i in range(10_000)])[rng.integers(1, 10_000, n)]
        address = np.concatenate([door, np.tile(np.frombuffer("号".encode(), np.uint8), (n, 1))], 1)
        yield (
            [
                pack.Column("county_code", codes[unit, :6]),
                pack.Column("id", keys(np.full(n, now_ms), rng)),
                pack.Column("area_code", codes[unit]),
                pack.Column("address", address),
                pack.point("geom", points, 4490),
            ],
            n,
        )


def _hours(condition: Condition) -> float:
    """About how many natural hours a limit takes: a working hour costs about four."""
    each = {
        Clock.URGENT_HOUR: 1, Clock.WORK_HOUR: 4, Clock.WORK_DAY: 34, Clock.CALENDAR_DAY: 24,
    }  # fmt: skip
    return condition.amount * each[condition.clock]


def _days(at: NDArray[np.int64]) -> NDArray[np.bytes_]:
    """The city's day of each moment, as its number says it; zones differ by quarters of an hour."""
    quarters, which = np.unique(at // QUARTER_US, return_inverse=True)
    of = [day.digits(datetime.fromtimestamp(q * 900, UTC)) for q in quarters.tolist()]
    return np.array(of, "S8")[which]


class Past:
    """Past events, made once and read twice: for their own table and for their logs."""

    def __init__(self, recipe: Recipe, city: City) -> None:
        rng = np.random.default_rng(SEED + 4)
        n = recipe.events
        self.n, self.codes = n, letters(city.codes[4])
        self.unit, self.points = _spread(city, n, rng)
        states = list(SHARES)
        shares = np.array(list(SHARES.values()))
        self.states = states
        self.state = rng.choice(len(states), size=n, p=shares / shares.sum())
        reports = read("reports")
        self.words = [(code, text) for code, texts in sorted(reports.items()) for text in texts]
        self.word = rng.integers(len(self.words), size=n)
        now = int(time.time()) * 1_000_000
        self.at = now - (rng.random(n) * YEARS * 365 * DAY_US).astype(np.int64)
        is_open = np.isin(self.state, [states.index(s) for s in OPEN])
        self.at[is_open] = now - (rng.random(int(is_open.sum())) * 3 * DAY_US).astype(np.int64)
        self.ids = keys(self.at // 1000, rng)
        self.entry_ids = keys(self.at // 1000, rng)
        alphabet = np.frombuffer(READABLE.encode(), np.uint8)
        self.drawn = alphabet[rng.integers(len(alphabet), size=(n, 8))]
        self.days = _days(self.at)
        self.took = (rng.gamma(1.5, 18, n) * 3600 * 1_000_000).astype(np.int64)
        self.heads = self._seal()

    def _seal(self) -> Bytes:
        """The hash of each event's only log entry: the form of `core.journal`."""
        texts = np.datetime_as_string(self.at.astype("datetime64[us]"), unit="us")
        hexes = self.ids.tobytes().hex()
        ends = [f'","seq":1,"to_state":"{state}"}}' for state in self.states]
        left = '+00:00","client_at":null,"details":{},"event_id":"'
        right = (
            f'","form":{FORM},"from_state":null,"note":"","organization_id":null,'
            '"post_id":null,"role":"system'
        )
        start = f'{{"action":"imported","actor_id":"{NOBODY_ID}","at":"'
        sha, zeros = hashlib.sha256, bytes(32)
        out = bytearray()
        for i, (at, state) in enumerate(zip(texts.tolist(), self.state.tolist(), strict=True)):
            h = hexes[32 * i : 32 * i + 32]
            key = f"{h[:8]}-{h[8:12]}-{h[12:16]}-{h[16:20]}-{h[20:]}"
            body = f"{start}{at}{left}{key}{right}{ends[state]}"
            out += sha(zeros + body.encode()).digest()
        return np.frombuffer(bytes(out), np.uint8).reshape(-1, 32)

    def groups(self) -> Iterator[tuple[State, str, str, NDArray[np.intp]]]:
        """Events that share state and words: their rows have fields of equal length."""
        group = self.state * len(self.words) + self.word
        order = np.argsort(group, kind="stable")
        starts = np.searchsorted(group[order], np.arange(len(self.states) * len(self.words) + 1))
        for s, state in enumerate(self.states):
            for w, (category, words) in enumerate(self.words):
                g = s * len(self.words) + w
                mine = order[starts[g] : starts[g + 1]]
                for start in range(0, len(mine), pack.CHUNK):
                    yield state, category, words, mine[start : start + pack.CHUNK]

    def rows(self) -> Iterator[tuple[Sequence[pack.Column], int]]:
        """The events as blocks for COPY."""
        # Past promises are told in natural hours: near enough for a history that nobody lived.
        drafts = [c for c in of_data(read("categories")) if c.conditions]
        limit = {c.code: _hours(c.conditions[0]) for c in drafts}
        for state, category, words, at in self.groups():
            if len(at) == 0:
                continue
            ended = state not in OPEN
            filed = self.at[at] + 3600 * 1_000_000
            due = pack.moment("due_at", filed + int(limit[category] * 3600 * 1_000_000))
            closed = self.at[at] + self.took[at]
            accepted = state in (State.CLOSED, State.DISPATCHED, State.HANDLING, State.FOLLOWING_UP)
            yield (
                [
                    pack.Column("county_code", self.codes[self.unit[at], :6]),
                    pack.Column("id", self.ids[at]),
                    pack.Column("event_no", self._numbers(at)),
                    pack.text("state", state),
                    pack.Column("area_code", self.codes[self.unit[at]]),
                    pack.number("scheme_version", 1, ">i2"),
                    pack.text("category_code", category),
                    pack.text("text", words),
                    pack.number("severity", 2, ">i2"),
                    pack.text("source", "unit_head"),
                    pack.moment("reported_at", self.at[at]),
                    pack.point("geom", self.points[at], 4490),
                    pack.text("address_text", ""),
                    pack.moment("filed_at", filed) if accepted else pack.Column("filed_at", None),
                    due if accepted else pack.Column("due_at", None),
                    pack.moment("closed_at", closed) if ended else pack.Column("closed_at", None),
                    pack.number("rework_count", 0, ">i2"),
                    pack.number("unsolved_count", 0, ">i2"),
                    pack.number("log_seq", 1, ">i4"),
                    pack.Column("log_head", self.heads[at]),
                ],
                len(at),
            )

    def _numbers(self, at: NDArray[np.intp]) -> Bytes:
        days = np.ascontiguousarray(self.days[at]).view(np.uint8).reshape(-1, 8)
        n = len(at)
        dash = np.full((n, 1), ord("-"), np.uint8)
        e = np.full((n, 1), ord("E"), np.uint8)
        return np.concatenate(
            [
                e,
                days,
                dash,
                self.codes[self.unit[at], :6],
                dash,
                self.drawn[at, :4],
                dash,
                self.drawn[at, 4:],
            ],
            1,
        )

    def entries(self) -> Iterator[tuple[Sequence[pack.Column], int]]:
        """The logs as blocks for COPY: one entry ``imported`` an event."""
        for state, _, _, at in self.groups():
            if len(at) == 0:
                continue
            yield (
                [
                    pack.Column("county_code", self.codes[self.unit[at], :6]),
                    pack.Column("id", self.entry_ids[at]),
                    pack.Column("event_id", self.ids[at]),
                    pack.number("seq", 1, ">i4"),
                    pack.text("action", "imported"),
                    pack.text("to_state", state),
                    pack.Column("actor_id", NOBODY_ID.bytes),
                    pack.text("role", "system"),
                    pack.text("note", ""),
                    pack.json("details", "{}"),
                    pack.moment("at", self.at[at]),
                    pack.number("form", FORM, ">i2"),
                    pack.Column("hash", self.heads[at]),
                ],
                len(at),
            )

    def count(self, session: Session) -> None:
        """The counters of every area and state, summed here as the roller would."""
        rows = []
        for s, state in enumerate(self.states):
            per_unit = np.bincount(self.unit[self.state == s], minlength=len(self.codes))
            for length in (4, 6, 9, 12, 15, 18):
                prefix = self.codes[:, :length]
                keyed = np.ascontiguousarray(prefix).view(f"S{length}").ravel()
                counties = np.ascontiguousarray(self.codes[:, :6]).view("S6").ravel()
                # A county's own share of the city stands in a row of its own.
                both = np.char.add(counties, keyed)
                names, inverse = np.unique(both, return_inverse=True)
                sums = np.bincount(inverse, weights=per_unit).astype(int)
                rows += [
                    (name[:6].decode(), name[6:].decode(), f"state.{state}", int(total))
                    for name, total in zip(names.tolist(), sums.tolist(), strict=True)
                    if total
                ]
        with (
            writing.driver(session).cursor() as cursor,
            cursor.copy("COPY counter (county_code, area_code, measure, total) FROM STDIN") as out,
        ):
            for row in rows:
                out.write_row(row)
