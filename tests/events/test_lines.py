"""What a list reads of its cases: the columns that its lines show, and no more."""

from collections.abc import Callable

from fastapi.testclient import TestClient
from sqlalchemy import text

from backend.bench.explaining import explained
from backend.core.actor import system
from backend.core.db import unit_of_work
from backend.matters.events import queries
from backend.matters.events.models import Event
from backend.matters.events.reading import listing
from tests.conftest import Town
from tests.events.makers import reported
from tests.statements import counting

Bearer = Callable[[str], dict[str, str]]
COUNTY = "359902"


def test_a_list_reads_the_columns_that_it_shows(
    town: Town, client: TestClient, bearer: Bearer
) -> None:
    reported(town, town.unit_head_of(town.grids[0]))
    with counting() as sent:
        (row, *_) = client.get("/api/events", headers=bearer("demo-village")).json()["items"]
    (listed,) = [one for one in sent if " event.event_no" in one]
    # What was sent from a phone, what opens a case without an account, the answers: not for lines.
    for column in ("raw_position", "track_hash", "answers", "log_head", "named"):
        assert f"event.{column}," not in listed.partition("FROM")[0]
    assert row["lon"] is not None and row["text"]


def test_a_row_of_a_list_is_shown_as_its_case_is(town: Town) -> None:
    village = town["demo-village"]
    reported(town, town.unit_head_of(town.grids[0]))
    with unit_of_work(village) as session:
        rows = queries.page(session, village, queries.Wanted(), None, 50)
        cases = [session.get_one(Event, (row.county_code, row.id)) for row in rows]
        assert listing.lines(session, village, rows) == listing.lines(session, village, cases)


def test_first_photos_are_found_by_the_whole_key_of_their_cases(town: Town) -> None:
    key = reported(town, town.unit_head_of(town.grids[0]))
    with unit_of_work(system(COUNTY)) as session, explained() as queries_seen:
        session.execute(text("SET LOCAL enable_seqscan = off"))
        assert queries.first_photos(session, [session.get_one(Event, (COUNTY, key))]) == {}
    of_photos = queries_seen[-1]
    assert "ix_media_event" in of_photos.by
    # The index begins with the county: without it each list would go through all of a city's.
    assert "media.event_county = ANY" in of_photos.statement


def test_a_towns_pages_are_its_open_cases_one_after_the_other(
    town: Town, client: TestClient, bearer: Bearer
) -> None:
    units = [next(u for u in town.units if u.startswith(village)) for village in town.villages]
    made = [reported(town, town.unit_head_of(unit)) for unit in [*units, *units]]
    # Placed in the town and in no village of it yet.
    head = town.unit_head_of(units[0])
    made.append(reported(town, head, position=None, area_code=town.towns[0]))
    asked, found, an = {"open_only": True, "size": 2}, [], bearer("demo-town")
    while True:
        page = client.get("/api/events", params=asked, headers=an).json()
        found += [row["id"] for row in page["items"]]
        if page["next"] is None:
            break
        asked["after"] = page["next"]
    assert found == sorted(found, reverse=True) and len(found) == len(set(found))
    whole = client.get("/api/events", params={"size": 200}, headers=an).json()["items"]
    assert found == [row["id"] for row in whole if row["closed_at"] is None]
    assert {str(key) for key in made} <= set(found)
