"""The newest items of a place, for its year on one page."""

from sqlalchemy import text

from backend.bench.explaining import explained
from backend.core import clock, scope
from backend.core.actor import Actor
from backend.core.db import unit_of_work
from backend.matters.items import queries
from backend.matters.items.models import Item
from tests.conftest import Town
from tests.items.makers import a_promising_item, take_item
from tests.statements import counting

OPEN, DONE = ["claimed", "in_progress", "blocked"], ["achieved"]


def test_the_newest_of_a_place_are_those_that_moved_or_ended_last(town: Town) -> None:
    village, dept = town["demo-village"], town["demo-dept"]
    made = [a_promising_item(town, village, title=f"第{n}件") for n in range(4)]
    for key in made[:2]:
        take_item(town, dept, key, "start")
    take_item(town, village, made[1], "achieve")

    def titles(actor: Actor, states: list[str], by: object, area: str) -> list[str]:
        with unit_of_work(actor) as session:
            return [i.title for i in queries.latest(session, actor, area, states, by, 3)]

    for who in ("demo-village", "demo-town", "demo-city"):
        actor = town[who]
        assert titles(actor, OPEN, Item.moved_at, actor.area_code) == ["第0件", "第3件", "第2件"]
        assert titles(actor, DONE, Item.closed_at, actor.area_code) == ["第1件"]
    assert titles(town["demo-city"], OPEN, Item.moved_at, town.villages[1]) == []
    # Whoever does it sees it as well, wherever it lies.
    assert titles(dept, OPEN, Item.moved_at, village.area_code) == ["第0件", "第3件", "第2件"]
    with unit_of_work(village) as session:
        now = clock.now()
        given = (session, village, village.area_code, DONE, Item.closed_at, 3)
        assert queries.latest(*given, now, now) == []


def test_each_county_is_read_from_the_end_of_its_index(town: Town) -> None:
    city = town["demo-city"]
    with unit_of_work(city) as session, explained() as seen:
        for setting in ("enable_seqscan", "enable_sort", "enable_bitmapscan"):
            session.execute(text(f"SET LOCAL {setting} = off"))
        queries.latest(session, city, city.area_code, OPEN, Item.moved_at, 20)
        assert "ix_item_moved" in seen[-1].by
        now = clock.now()
        queries.latest(session, city, city.area_code, DONE, Item.closed_at, 20, now, now)
        assert "ix_item_ended" in seen[-1].by
    with unit_of_work(city) as session, counting() as sent:
        queries.latest(session, city, city.area_code, OPEN, Item.moved_at, 20)
    # A limit for each county, one for all of them; a wide area is not weighed.
    assert sent[-1].count("LIMIT") == len(scope.narrowed(city.scope, city.area_code)) + 1
    assert "CASE WHEN (item.area_code >=" in sent[-1]
