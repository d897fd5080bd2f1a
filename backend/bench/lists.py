"""`bench lists`: how long every page takes over HTTP, for whoever sees it, on a whole city.

Served as `up` serves it, with its number of processes, and asked over one kept connection, so that
nothing waits for another; then eight town consoles at once. Every number has a limit beside it.
"""

import os
import random
import re
import time
from collections.abc import Iterator
from urllib.parse import urlencode

from sqlalchemy import create_engine, func, select, text

from backend.bench import load, stage
from backend.bench.cases import actor_of
from backend.bench.pages import WHO, Page, filled, pages
from backend.bench.results import Result, each_ms, in_turns
from backend.city.accounts import service as accounts
from backend.city.accounts.models import Account, Post
from backend.cli.serving import listen, start_processes, wait_until_ready
from backend.core import clock, day
from backend.core.actor import Role, registrar
from backend.core.db import unit_of_work
from backend.core.settings import get_settings
from backend.matters.events.models import Assignment, Event
from backend.tools.counters import queries as counters
from gis import codes

# A department of ten years: it has helped with so many cases that are over.
PAST_DUTIES = 30_000
HELPED = text("""
    INSERT INTO assignment (county_code, id, event_id, organization_id, lead, status, assigned_at,
                            accepted_at, submitted_at, ended_at)
    SELECT county_code, gen_random_uuid(), id, :body, false, 'done', reported_at, reported_at,
           closed_at, closed_at
    FROM event
    WHERE county_code = :county AND closed_at IS NOT NULL AND NOT restricted
      AND NOT EXISTS (SELECT FROM assignment a WHERE a.county_code = event.county_code
                        AND a.event_id = event.id AND a.organization_id = :body)
    ORDER BY event.log_head LIMIT :wanting
""")
LEFT_OVER = text(
    "SELECT EXISTS (SELECT FROM outbox WHERE done_at IS NULL AND parked_because IS NULL"
    "                 AND due_at <= now())"
    " OR EXISTS (SELECT FROM counter_delta)"
)
QUIET_WITHIN_S = 120.0
# As the planner knows it: nobody sees the cases of all counties.
PRESENT = text("SELECT reltuples FROM pg_class WHERE oid = 'event'::regclass")
# Milliseconds: a page alone at the median and at the 95th of a hundred; eight consoles at once.
ALONE, ALONE_P95, AT_ONCE = 30.0, 100.0, 100.0
OF_PAST = 15.0
# A board's figures beside a look-up by primary key, with a year of months.
LOOKUPS = 5.0
# A page is asked for so often: until it has had its time, and at least and at most so often. All
# pages of everybody then take some five minutes; the 95th of less than twenty is the slowest.
FEWEST, MOST, EACH_S = 8, 30, 0.25
CONSOLES, SECONDS = 8, 10.0
TIMES, ROUNDS = 50, 5
OWN_PAST = "list of a department with its past"
AT_ONCE_NAME = f"{CONSOLES} consoles of towns at once"
BOARDS = ("demo-town", "demo-county", "demo-city")


def measure(only: re.Pattern[str]) -> Iterator[Result]:
    """Each page of each role, alone; eight consoles at once; the figures; a department's past.

    Nothing is asked for whose name ``only`` is not found in.
    """
    with stage.city() as (_, supervisor):
        servers = listen("127.0.0.1", 0, min(4, os.cpu_count() or 1))
        start_processes(supervisor, servers)
        wait_until_ready(servers[0])
        port = servers[0].getsockname()[1]
        with unit_of_work(registrar()) as session:
            present = session.scalar(PRESENT) or 0
        yield Result("events present", present, "events")
        _quiet()
        yield from (_figures(who) for who in BOARDS if only.search(_board(who)))
        for who in WHO:
            yield from _alone(port, who, only)
        if only.search(OWN_PAST):
            yield from _past(port)
        if only.search(AT_ONCE_NAME):
            yield _consoles(port)
        for server in servers:
            server.close()


def _token(username: str) -> str:
    with unit_of_work(registrar()) as session:
        account = session.scalars(select(Account).where(Account.username == username)).one()
        return accounts.sign_in(session, account, "bench").access


def _asked(token: str, page: Page, area: str) -> bytes:
    path, params = filled(page, area, "")
    return load.request("GET", f"{path}?{urlencode(params)}" if params else path, token)


def _alone(port: int, who: str, only: re.Pattern[str]) -> Iterator[Result]:
    """A role's pages, each asked for by itself; the first answers fill what is remembered."""
    token = _token(who)
    area = actor_of(who).area_code or actor_of("demo-town").area_code
    for page in pages():
        name = f"{who.removeprefix('demo-')} {page}"
        if page.first_of or who not in page.who or not only.search(name):
            continue
        seen = load.times(port, _asked(token, page, area), FEWEST, MOST, EACH_S)
        if seen.refused:
            continue
        median, slow = seen.percentile(0.5), seen.percentile(0.95)
        yield Result.within(name, median, "ms", ALONE)
        yield Result.within(f"{name}, p95 of {seen.done}", slow, "ms", ALONE_P95)


def _past(port: int) -> Iterator[Result]:
    """The list of a department with years of duties behind it."""
    actor = actor_of("demo-dept")
    of_it = select(func.count()).where(Assignment.organization_id == actor.organization_id)
    engine = create_engine(get_settings().owner_url)
    with engine.begin() as connection:
        given = connection.scalar(of_it) or 0
        if given < PAST_DUTIES:
            wanting = {"body": actor.organization_id, "county": actor.home_county}
            connection.execute(HELPED, wanting | {"wanting": PAST_DUTIES - given})
            connection.execute(text("ANALYZE assignment"))
        given = connection.scalar(of_it) or 0
    engine.dispose()
    yield Result("duties that the department ever had", given, "duties")
    asked = load.request("GET", "/api/events", _token("demo-dept"))
    seen = load.times(port, asked, MOST, MOST, EACH_S)
    yield Result.within(OWN_PAST, seen.percentile(0.5), "ms", OF_PAST)


def _consoles(port: int) -> Result:
    """Eight towns look at what is open, at once."""
    page = Page("/api/events", (("open_only", "true"), ("area", "{area}")))
    with unit_of_work(registrar()) as session:
        rows = session.execute(
            select(Account, Post).join(Post)
            .where(Post.role == Role.TOWN_DISPATCHER, Post.area_code.is_not(None))
            .order_by(Post.area_code).limit(CONSOLES)
        ).all()  # fmt: skip
        asked = [
            _asked(
                accounts.sign_in(session, account, "bench", post.id).access, page,
                post.area_code or "",
            )
            for account, post in rows
        ]  # fmt: skip
    seen = load.run(port, lambda: random.choice(asked), CONSOLES, SECONDS)
    assert seen.refused == 0, f"{seen.refused} lists were refused"
    return Result.within(AT_ONCE_NAME, seen.percentile(0.5), "ms", AT_ONCE)


def _quiet() -> None:
    """Wait until workers have heard and rolled up what other benches left: they take a core."""
    engine = create_engine(get_settings().owner_url)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        end = time.monotonic() + QUIET_WITHIN_S
        while connection.scalar(LEFT_OVER) and time.monotonic() < end:
            time.sleep(1)
    engine.dispose()


def _board(who: str) -> str:
    return f"{who.removeprefix('demo-')} board"


def _figures(who: str) -> Result:
    """A board's numbers of a place, this month's among them, beside one row by its key."""
    actor, month = actor_of(who), day.month(clock.now())
    counties = sorted({part.county_code for part in actor.scope})
    level = codes.level_of(actor.area_code)
    with unit_of_work(actor) as session:
        county, event_id = session.execute(select(Event.county_code, Event.id).limit(1)).one()
        one = select(Event.state).where(Event.county_code == county, Event.id == event_id)
        families = ("state", "now", month)

        def figures() -> object:
            return counters.totals(session, counties, actor.area_code, level, families)

        def by_key() -> object:
            return session.execute(one).all()

        found = in_turns(
            {"figures": lambda: each_ms(figures, TIMES), "key": lambda: each_ms(by_key, TIMES)},
            ROUNDS,
        )
    times = found["figures"] / found["key"]
    return Result.within(_board(who), times, "look-ups by key", LOOKUPS)
