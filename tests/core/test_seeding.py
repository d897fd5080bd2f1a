"""A small city through the binary path: located, sealed and counted like everything else."""

from collections.abc import Iterator

import pytest
from sqlalchemy import create_engine, text
from sqlalchemy.orm import Session

from backend.city.areas import queries as areas
from backend.cli.migrating import migrate_now
from backend.core import journal
from backend.core.db import get_engine
from backend.core.settings import get_settings
from backend.embedded import postgres
from backend.embedded.place import Place
from backend.matters.events.models import Event, EventAction
from backend.seeding.city import seed_city
from backend.seeding.recipe import Recipe
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


def test_logs_are_sealed_as_the_services_seal_them(session: Session) -> None:
    for event in session.query(Event).limit(200):
        entries = session.query(EventAction).filter_by(event_id=event.id).all()
        assert journal.broken_at(entries, event.log_head) is None


def test_counters_say_what_a_count_says(session: Session) -> None:
    for length, code in ((4, "3599"), (6, "359903"), (6, "359981")):
        told = dict(
            session.execute(
                text("SELECT measure, sum(total)::int FROM counter WHERE area_code = :code GROUP BY 1"), {"code": code}
            ).all()
        )  # fmt: skip
        true = dict(
            session.execute(
                text(
                    "SELECT 'state.' || state, count(*)::int FROM event WHERE left(area_code, :n) = :code GROUP BY 1"
                ),
                {"n": length, "code": code},
            ).all()
        )
        assert told == true


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
