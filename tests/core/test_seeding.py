"""A small city through the binary path: located, sealed and counted like everything else."""

from collections import Counter, defaultdict
from collections.abc import Iterator
from uuid import UUID

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from backend.city.areas import queries as areas
from backend.cli.migrating import migrate_now
from backend.core import day, verifying
from backend.core.db import get_engine
from backend.core.settings import get_settings
from backend.embedded import postgres
from backend.embedded.place import Place
from backend.matters.events.casework.counting import numbers
from backend.matters.events.casework.measures import Deed
from backend.matters.events.models import Event, EventAction
from backend.matters.events.vocabulary import TERMINAL, Action, State
from backend.matters.events.workflow import RULES
from backend.matters.reviews.models import Review
from backend.seeding.city import seed_city
from backend.seeding.recipe import Recipe
from backend.tools.counters.models import Counter as Rolled
from tests.conftest import use

RECIPE = Recipe((7, 9, 20, 60, 500), 0.2, 2_000, 3_000)


@pytest.fixture(scope="module")
def session(servers: Place) -> Iterator[Session]:
    postgres.prepare_database(servers, "t_seed_city")
    use(servers, "t_seed_city")
    migrate_now()
    before = _schema()
    seed_city(lambda *_: None, RECIPE)
    assert _schema() == before
    engine = create_engine(get_settings().owner_url)
    with Session(engine) as session:
        yield session
    engine.dispose()
    get_engine().dispose()
    postgres.psql(servers, "DROP DATABASE t_seed_city WITH (FORCE)")


def _schema() -> set[tuple[str, str]]:
    """Indexes and constraints: loading takes them away and must put every one back."""
    engine = create_engine(get_settings().owner_url)
    with engine.connect() as connection:
        rows = connection.execute(
            text("SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' UNION"
                 " SELECT conname, pg_get_constraintdef(oid) FROM pg_constraint"
                 " WHERE connamespace = 'public'::regnamespace")
        ).all()  # fmt: skip
    engine.dispose()
    return {tuple(row) for row in rows}


def one(session: Session, sql: str) -> int:
    return int(session.execute(text(sql)).scalar_one())


def test_everything_is_there(session: Session) -> None:
    for level, n in zip(("county", "town", "village", "grid", "unit"), RECIPE.counts, strict=True):
        assert one(session, f"SELECT count(*) FROM area WHERE level = '{level}'") == n
    assert one(session, "SELECT count(*) FROM house") == RECIPE.houses
    assert one(session, "SELECT count(*) FROM event") == RECIPE.events
    zones = one(session, "SELECT count(*) FROM area WHERE kind = 'functional_zone'")
    assert zones == 2


def test_every_house_and_event_lies_in_its_unit(session: Session) -> None:
    for table in ("house", "event"):
        outside = one(session, f"SELECT count(*) FROM {table} t JOIN area a ON a.code = t.area_code"
                      " WHERE NOT ST_Covers(a.geom, t.geom)")  # fmt: skip
        assert outside == 0
        wrong = one(
            session, f"SELECT count(*) FROM {table} WHERE county_code <> left(area_code, 6)"
        )
        assert wrong == 0


def test_levels_tile_exactly(session: Session) -> None:
    gap = session.execute(
        text("SELECT ST_Area(ST_SymDifference(ST_Union(u.geom), (SELECT geom FROM area WHERE level = 'city')))"
             " FROM area u WHERE level = 'unit'")
    ).scalar_one()  # fmt: skip
    assert gap < 1e-12


def test_logs_hold_and_every_step_of_them_is_one_of_the_process(session: Session) -> None:
    done = verifying.check(session, EventAction)
    assert (done.journals, done.broken) == (RECIPE.events, 0)
    assert done.entries > 4 * RECIPE.events
    steps = session.execute(
        text("SELECT DISTINCT action, from_state, to_state FROM event_action WHERE seq > 1")
    ).all()
    assert len(steps) > 15
    for action, before, after in steps:
        assert RULES[State(before), Action(action)].target is State(after)
    ahead = "SELECT count(*) FROM event_action WHERE at > now()"
    assert one(session, ahead) == 0


def test_rows_stand_where_their_logs_end(session: Session) -> None:
    apart = """
        SELECT count(*) FROM event e
        JOIN event_action a ON (a.county_code, a.event_id, a.seq) = (e.county_code, e.id, e.log_seq)
        WHERE a.to_state <> e.state OR (e.closed_at IS NULL) <> (e.state = ANY(:open))
    """
    states = [str(s) for s in State if s not in TERMINAL]
    assert session.execute(text(apart), {"open": states}).scalar_one() == 0
    odd = """
        SELECT count(*) FROM event e LEFT JOIN assignment a ON (a.county_code, a.event_id) =
            (e.county_code, e.id) AND a.organization_id = e.lead_organization_id
        WHERE e.lead_organization_id IS NOT NULL
          AND (a.id IS NULL OR (a.ended_at IS NULL) <> (e.closed_at IS NULL))
    """
    assert one(session, odd) == 0
    assert one(session, "SELECT count(DISTINCT organization_id) FROM assignment") > 30
    assert one(session, "SELECT count(*) FROM assignment WHERE status = 'returned'") > 0


def test_somebody_is_in_every_unit_grid_village_and_town(session: Session) -> None:
    for level, role in (("town", "town_dispatcher"), ("village", "village_secretary"),
                        ("grid", "grid_worker"), ("unit", "unit_head")):  # fmt: skip
        alone = f"""
            SELECT count(*) FROM area WHERE level = '{level}' AND NOT EXISTS (
                SELECT FROM post WHERE post.area_code = area.code AND post.role = '{role}')
        """
        assert one(session, alone) == 0


def test_counters_say_what_a_count_says(session: Session) -> None:
    events = session.query(Event).all()
    logs: dict[UUID, list[EventAction]] = {event.id: [] for event in events}
    for entry in session.query(EventAction).order_by(EventAction.seq):
        logs[entry.event_id].append(entry)
    true: dict[str, Counter[str]] = defaultdict(Counter)
    for event in events:
        deeds = [
            Deed(e.action, e.from_state, e.to_state, e.role, e.at, e.details)
            for e in logs[event.id]
        ]
        found = numbers(event, deeds).measures
        for length in (4, 6, 9, 12, 15, 18):
            true[event.area_code[:length]].update(
                found if length < 18 else {m: n for m, n in found.items() if m[0] in "sn"}
            )
    for review in session.query(Review).filter(Review.state == "ended"):
        for length in (4, 6, 9, 12, 15):
            if length <= len(review.area_code):
                true[review.area_code[:length]][f"{day.month(review.ended_at)}.held"] += 1
    told: dict[str, Counter[str]] = defaultdict(Counter)
    for row in session.query(Rolled):
        told[row.area_code][row.measure] += row.total
    assert told == true
    assert len({m[:7] for m in told["3599"] if m[0] == "2"}) >= 36


def test_keys_are_ordered_by_time(session: Session) -> None:
    assert one(session, "SELECT count(*) FROM (SELECT reported_at, lag(reported_at) OVER (ORDER BY id) AS before"
               " FROM event) AS x WHERE reported_at < before - interval '1 ms'") == 0  # fmt: skip
    code = session.execute(text("SELECT area_code FROM event LIMIT 1")).scalar_one()
    assert areas.named(session, [code])[code].level == "unit"


def test_numbers_carry_the_citys_day(session: Session) -> None:
    wrong = """
        SELECT count(*) FROM event
        WHERE substr(event_no, 2, 8)
            <> to_char(reported_at AT TIME ZONE 'Asia/Shanghai', 'YYYYMMDD')
    """
    assert one(session, "SELECT count(*) FROM event") > 0 and one(session, wrong) == 0
    for table, number, at in (
        ("item", "item_no", "made_at"), ("review", "review_no", "starts_at"),
        ("deliberation", "deliberation_no", "made_at"),
    ):  # fmt: skip
        other = f"""
            SELECT count(*) FROM {table}
            WHERE substr({number}, 2, 8)
                <> to_char({at} AT TIME ZONE 'Asia/Shanghai', 'YYYYMMDD')
        """
        assert one(session, f"SELECT count(*) FROM {table}") > 0 and one(session, other) == 0
