"""A position put right: into the next village, and into another county, with every link kept."""

from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

from fastapi.testclient import TestClient
from sqlalchemy import create_engine, func, select, text

from backend.core import delivery, journal
from backend.core.actor import INTAKE_COUNTY, Actor, anonymous, system
from backend.core.db import acting_as, unit_of_work
from backend.core.settings import get_settings
from backend.matters.events import queries
from backend.matters.events.casework.moving import ALONG, POINTS, STAYS, move
from backend.matters.events.intake import reporting
from backend.matters.events.models import Assignment, Event, EventAction, EventContact, Reveal
from backend.matters.events.reading import revealing
from backend.matters.events.schemas import ContactIn, PositionIn
from backend.matters.items.models import Item, ItemEvent
from backend.matters.lists import telling as lists
from backend.matters.routing import service as routing
from backend.matters.routing.rules import Condition
from backend.subscriptions import HANDLERS
from backend.tools.calendar.models import ClockSegment
from backend.tools.counters import service as rolling
from backend.tools.counters.models import Counter
from backend.tools.media.models import Media
from backend.tools.notices.models import Message, Notice
from tests.conftest import Town
from tests.events.makers import LEAD, a_report, keep_photo, reported, take
from tests.items.makers import proposed

NOWHERE = PositionIn(lon=110.0, lat=30.0, crs="WGS84", accuracy_m=8)


def pin(town: Town, unit: str) -> PositionIn:
    lon, lat = town.sites[unit]
    return PositionIn(lon=lon, lat=lat, crs="CGCS2000", source="map", confirmed=True)


def counted(county: str, area: str) -> int:
    with unit_of_work() as session:
        while rolling.roll_up(session, county):
            pass
        return session.scalar(
            select(func.coalesce(func.sum(Counter.total), 0)).where(
                Counter.county_code == county, Counter.area_code == area,
                Counter.measure == "state.reported",
            )
        ) or 0  # fmt: skip


def test_out_of_nowhere_into_a_county(town: Town, client: TestClient) -> None:
    head, city, village = town.unit_head_of(town.grids[0]), town["demo-city"], town["demo-village"]
    county, unit = town.counties[0], head.area_code
    intake_before, unit_before = counted(INTAKE_COUNTY, INTAKE_COUNTY), counted(county, unit)
    with unit_of_work(head) as session:
        photo = keep_photo(session, head)
        body = a_report(
            town, position=NOWHERE, photos=[photo],
            contact=ContactIn(name="林伯", phone="13800000001"),
        )  # fmt: skip
        receipt = reporting.report(session, head, body)
    assert receipt["county_code"] == INTAKE_COUNTY
    event_id = UUID(receipt["id"])
    with unit_of_work(village) as session:
        assert queries.one(session, village, event_id) is None
    take(town, city, event_id, "correct_position", position=pin(town, unit))
    for actor in (head, city, village):
        with unit_of_work(actor) as session:
            event = queries.one(session, actor, event_id)
            assert event is not None
            assert (event.county_code, event.area_code) == (county, unit)
            assert event.event_no == receipt["event_no"]
            entries = queries.log_of(session, event)
            assert [e.action for e in entries] == ["submit", "correct_position"]
            assert journal.broken_at(entries, event.log_head) is None
            assert session.scalar(select(Media.event_county).where(Media.id == photo)) == county
            contacts = session.scalars(select(EventContact).where(EventContact.id == event_id))
            assert [c.county_code for c in contacts] == [county]
    assert counted(INTAKE_COUNTY, INTAKE_COUNTY) == intake_before
    assert counted(county, unit) == unit_before + 1
    # The number still names the intake county, and the code still opens it.
    opened = client.post(
        f"/api/public/events/{receipt['event_no']}/open", json={"code": receipt["track_code"]}
    )
    assert (opened.status_code, opened.json()["county_code"]) == (200, county)
    # It goes on from there like any other.
    take(town, village, event_id, "file")


def test_moved_out_of_sight_says_so(
    town: Town, client: TestClient, as_actor: Callable[[Actor], dict[str, str]]
) -> None:
    village = town["demo-village"]
    event_id = reported(town, town.unit_head_of(village.area_code))
    there = next(u for u in town.units if not u.startswith(village.area_code))
    step = {
        "client_id": str(uuid4()), "action": "correct_position",
        "position": pin(town, there).model_dump(mode="json"),
    }  # fmt: skip
    answer = client.post(f"/api/events/{event_id}/steps", json=step, headers=as_actor(village))
    assert (answer.status_code, answer.json()) == (201, None)
    assert client.get(f"/api/events/{event_id}", headers=as_actor(village)).status_code == 404
    with unit_of_work(town["demo-town"]) as session:
        event = queries.one(session, town["demo-town"], event_id)
        assert event is not None and event.area_code == there


# --- Everything that hangs on an event goes along.

OTHER = "359903"


def hangs(table: Any, county: str, key: UUID, column: str = "event_id") -> int:
    with unit_of_work(system(county)) as session:
        return session.scalar(
            select(func.count()).select_from(table).where(
                table.county_code == county, getattr(table, column) == key
            )
        ) or 0  # fmt: skip


def moved(event_id: UUID, old: str, county: str) -> None:
    with unit_of_work(system(old, county)) as session:
        move(session, session.get_one(Event, (old, event_id)), county)


def a_full_life(town: Town) -> tuple[UUID, UUID]:
    """A case that was led, asked about, looked at, and taken in again; and one merged into it."""
    desk, stranger = town["demo-town"], anonymous()
    unit = town.unit_head_of(town["demo-village"].area_code).area_code
    with unit_of_work(stranger) as session:
        contact = ContactIn(name="林伯", phone="13800000002")
        answer = reporting.report(session, stranger, a_report(town, unit, contact=contact))
    event_id = UUID(answer["id"])
    for who, action in (("demo-village", "file"), ("demo-town", "dispatch")):
        take(town, town[who], event_id, action)
    with unit_of_work(desk) as session:
        revealing.reveal(session, desk, event_id, "打电话核实地址")
    take(town, desk, event_id, "recall")
    other = reported(town, town.unit_head_of(unit))
    with unit_of_work(desk) as session:
        number = session.scalars(select(Event.event_no).where(Event.id == event_id)).one()
    take(town, desk, other, "merge", master=number)
    return event_id, other


def test_everything_goes_along_and_comes_back(town: Town) -> None:
    event_id, other = a_full_life(town)
    home = town.counties[0]
    item_id = proposed(town["demo-village"], events=[event_id])
    while delivery.drain(home, HANDLERS):
        pass
    tables = [(hang.table, hang.key) for hang in ALONG]
    before = {t: hangs(t, home, event_id, key) for t, key in tables}
    assert all(before[t] for t in (EventAction, EventContact, Reveal, Assignment, ClockSegment))
    assert before[Message], "a stranger with a number was written to"
    for old, county in ((home, OTHER), (OTHER, home), (home, OTHER)):
        moved(event_id, old, county)
        assert {t: hangs(t, county, event_id, key) for t, key in tables} == before
        left = {t for t, key in tables if hangs(t, old, event_id, key)}
        assert left == {EventAction, Reveal}, "the tombstone keeps its journals, and no person"
        with unit_of_work(system(county, home)) as session:
            event, merged = (session.get_one(Event, (county, key)) for key in (event_id, other))
            assert (event.moved_to, merged.moved_to, merged.master_id) == (None, None, event_id)
            with acting_as(session, system(old)):
                assert session.get_one(Event, (old, event_id)).moved_to == county
            link = session.scalars(select(ItemEvent).where(ItemEvent.item_id == item_id)).one()
            assert (link.county_code, link.event_county) == (home, county)
            found = queries.log_of(session, event)
            assert journal.broken_at(found, event.log_head) is None


def test_every_table_that_names_an_event_is_in_the_list(town: Town) -> None:
    listed = {hang.table.__tablename__ for hang in ALONG} | {t.__tablename__ for t in POINTS}
    engine = create_engine(get_settings().owner_url)
    with engine.connect() as connection:
        named = set(
            connection.scalars(
                text(
                    "SELECT table_name FROM information_schema.columns"
                    " WHERE table_schema = 'public' AND table_name <> 'event'"
                    " AND (column_name LIKE '%event_id' OR column_name LIKE '%event_county'"
                    "      OR column_name = 'subject_id')"
                    " UNION SELECT conrelid::regclass::text FROM pg_constraint"
                    " WHERE contype = 'f' AND confrelid = 'event'::regclass"
                )
            )
        )
    engine.dispose()
    assert named - listed - STAYS.keys() == set(), "does it go along, or why not?"
    assert (listed | STAYS.keys()) - named <= {"client_key", "alarm"}


def test_what_was_left_to_be_told_is_told_where_it_lies_now(town: Town) -> None:
    head, home = town.unit_head_of(town["demo-village"].area_code), town.counties[0]
    main = reported(town, head)
    take(town, town["demo-village"], main, "file")
    moved(main, home, OTHER)
    while delivery.drain(home, HANDLERS):
        pass
    with unit_of_work(head) as session:
        told = select(Notice.county_code, Notice.about).where(
            Notice.event_id == main, Notice.account_id == head.id
        )
        assert [tuple(row) for row in session.execute(told)] == [(OTHER, "told.file")]


def test_a_rule_sends_what_was_filed_where_it_lies_now(town: Town) -> None:
    head, home, desk = (
        town.unit_head_of(town["demo-village"].area_code),
        town.counties[0],
        "demo-town",
    )
    with unit_of_work(town[desk]) as session:
        wanted = routing.Wanted(
            town.towns[0],
            "占道自动",
            10,
            Condition(category=["0204"]),
            town.bodies[LEAD],
            auto=True,
        )
        rule = routing.keep(session, town[desk], wanted)
    event_id = reported(town, head, category="0204")
    take(town, town["demo-village"], event_id, "file")
    moved(event_id, home, OTHER)
    while delivery.drain(home, HANDLERS):
        pass
    with unit_of_work(system(home)) as session:
        assert session.get_one(Event, (home, event_id)).state == "filed", "a tombstone does nothing"
    with unit_of_work(system(OTHER)) as session:
        assert session.get_one(Event, (OTHER, event_id)).state == "dispatched"
    with unit_of_work(town[desk]) as session:
        routing.end(session, town[desk], rule.id)


def test_an_item_is_done_when_its_event_is_closed_elsewhere(town: Town) -> None:
    village, home = town["demo-village"], town.counties[0]
    event_id = reported(town, town.unit_head_of(village.area_code))
    item_id = proposed(village, events=[event_id])
    moved(event_id, home, OTHER)
    close = {"action": "close"}
    for state, becomes in (("handling", "confirmed"), ("closed", "achieved")):
        with unit_of_work(system(OTHER)) as session:
            session.get_one(Event, (OTHER, event_id)).state = state
        # A fact that was left before it moved names the old county; both lead to the item.
        for county in (home, OTHER):
            with unit_of_work(system(county)) as session:
                lists.hear_event(session, county, event_id, close)
        with unit_of_work(system(home)) as session:
            assert session.get_one(Item, (home, item_id)).state == becomes


def test_what_was_left_to_be_sent_out_is_sent_where_it_lies_now(
    town: Town, client: TestClient, bearer: Callable[[str], dict[str, str]]
) -> None:
    """The copy that was left behind takes no step: its log would say something else."""
    home = town.counties[0]
    everywhere = {
        "area_code": home[:4], "name": "自动派遣", "priority": 1, "lead": str(town.bodies[LEAD]),
        "condition": {"category": ["0204"]}, "auto": True,
    }  # fmt: skip
    made = client.post("/api/routing/rules", json=everywhere, headers=bearer("demo-admin"))
    known = made.status_code == 201
    if not known:
        made = client.post(
            "/api/routing/rules", json=everywhere | {"area_code": town.towns[0]},
            headers=bearer("demo-town"),
        )  # fmt: skip
    assert made.status_code == 201, made.text
    event_id = reported(town, town.unit_head_of(town["demo-village"].area_code), category="0204")
    take(town, town["demo-village"], event_id, "file")
    moved(event_id, home, OTHER)
    while delivery.drain(home, HANDLERS):
        pass
    with unit_of_work(system(home)) as session:
        left = session.get_one(Event, (home, event_id))
        assert (left.state, left.moved_to) == ("filed", OTHER)
        assert left.log_seq == 2
    with unit_of_work(system(OTHER)) as session:
        assert session.get_one(Event, (OTHER, event_id)).state == "dispatched"
