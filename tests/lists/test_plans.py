"""Every page takes few queries, and each that grows with the city can be answered from an index."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, text

from backend.city.accounts import queries as accounts
from backend.city.accounts.models import Post
from backend.core import clock, delivery
from backend.core.actor import Actor, system
from backend.core.db import unit_of_work
from backend.matters.events import queries as events
from backend.matters.events.models import Alarm
from backend.matters.items import queries as items
from backend.matters.items.models import Item
from backend.matters.reviews import queries as reviews
from backend.matters.reviews.models import Review
from backend.subscriptions import HANDLERS
from backend.tools.importing import sheets
from tests.conftest import Town
from tests.events.makers import an_event_at, reported, take, the
from tests.items.makers import a_promising_item, proposed, take_item
from tests.statements import counting

As = Callable[[Actor], dict[str, str]]
COUNTY = "359902"
# Two of them are every request's: whether its session stands (asked anew in tests), and its scope.
MOST = 15


def test_each_page_takes_fifteen_statements_at_most(
    town: Town, client: TestClient, as_actor: As
) -> None:
    village, head = town["demo-village"], town.unit_head_of(town.grids[0])
    cases = [reported(town, head, category="0204") for _ in range(8)]
    for case in cases:
        take(town, village, case, "file")
    while delivery.drain(COUNTY, HANDLERS):
        pass
    for _ in range(3):
        an_event_at(town, "judging", category="0301")
    item = proposed(village, "development", events=cases, category="0204")
    take_item(town, village, item, "plan_milestone")
    take_item(town, village, item, "ask_funds")
    take_item(town, town["demo-dept"], item, "claim")
    take_item(town, town["demo-dept"], item, "start")
    header = as_actor(village)
    (spot,) = client.get("/api/hot-spots", headers=header).json()
    body = {
        "client_id": str(uuid4()),
        "area_code": village.area_code,
        "starts_at": clock.now().isoformat(),
    }
    first = client.post("/api/reviews", json=body, headers=header).json()
    client.post(f"/api/reviews/{first['id']}/open", headers=header)
    decided = first["entries"][0]["id"]
    client.post(
        f"/api/reviews/{first['id']}/entries/{decided}/decision",
        json={"decision": "put_off", "note": "x"},
        headers=header,
    )
    client.post(f"/api/reviews/{first['id']}/end", headers=header)
    motion = {
        "client_id": str(uuid4()), "area_code": village.area_code, "procedure": "five_step",
        "title": "重建小桥", "matter": "spend", "words": "支出一笔钱重建小桥", "item_id": str(item),
    }  # fmt: skip
    motion = client.post("/api/deliberations", json=motion, headers=header).json()
    submit = {"client_id": str(uuid4()), "action": "submit"}
    client.post(f"/api/deliberations/{motion['id']}/steps", json=submit, headers=header)
    review = client.post(
        "/api/reviews", json=body | {"client_id": str(uuid4())}, headers=header
    ).json()
    assert review["last"], "a meeting that opens with what became of the last one"
    entry = next(e for e in review["entries"] if e["event_id"])
    pages = {
        "lists": "/api/items?kind=development&size=200", "item": f"/api/items/{item}",
        "hot spots": "/api/hot-spots", "hot spot": f"/api/hot-spots/{spot['id']}",
        "year": f"/api/indicators/year?area={village.area_code}&year={clock.now().year}",
        "decisions": "/api/deliberations", "decision": f"/api/deliberations/{motion['id']}",
        "assets": "/api/assets", "meetings": "/api/reviews", "meeting": f"/api/reviews/{review['id']}",
        "words": "/api/notices/templates",
    }  # fmt: skip
    counted = {}
    for name, path in pages.items():
        caller = as_actor(town["demo-admin"]) if name == "words" else header
        client.get(path, headers=caller)
        with counting() as sent:
            assert client.get(path, headers=caller).status_code == 200
        counted[name] = len(sent)
    print(f"\n{counted}")
    assert {name: n for name, n in counted.items() if n > MOST} == {}
    # The case beside the map is an event's page and what lies around it.
    with counting() as sent:
        client.get(f"/api/reviews/{review['id']}/entries/{entry['id']}", headers=header)
    assert len(sent) <= 2 * MOST


def test_a_cases_page_takes_as_many_at_most_wherever_it_stands(
    town: Town, client: TestClient, as_actor: As
) -> None:
    village, dept = town["demo-village"], town["demo-dept"]
    cases = {
        state: an_event_at(town, state, category="0203")
        for state in ("judging", "handling", "rechecking", "following_up")
    }
    cases["main"], cases["merged"] = (an_event_at(town, "filed", category="0203") for _ in "ab")
    main_no = the(cases["main"]).event_no
    take(town, town["demo-town"], cases["merged"], "merge", master=main_no)
    item = a_promising_item(town, village)
    for name, after in (
        ("helped", ("demo-town add_co",)),
        ("suspended", ("demo-dept ask_suspension", "demo-town approve_suspension")),
        ("carried", ("demo-village carry_by_item",)),
    ):
        cases[name] = an_event_at(town, "handling", category="0203")
        for step in after:
            who, action = step.split()
            said = {"item_id": item} if name == "carried" else {}
            take(town, town[who], cases[name], action, **said)
    counted = {}
    for name, case in cases.items():
        for actor in (village, dept, town["demo-town"], town["demo-leader"]):
            header = as_actor(actor)
            client.get(f"/api/events/{case}", headers=header)
            with counting() as sent:
                answer = client.get(f"/api/events/{case}", headers=header)
            if answer.status_code == 200:
                counted[f"{name}, {actor.name}"] = len(sent)
    print(f"\n{counted}")
    assert {who.split(",")[0] for who in counted} == set(cases)
    assert {name: n for name, n in counted.items() if n > MOST} == {}


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for part in plan.get("Plans", ()):
        yield from nodes(part)


def plan_of(actor: Actor, query: Any) -> list[dict[str, Any]]:
    """The plan under the actor's own policies, with full scans forbidden: what the indexes can do."""
    with unit_of_work(actor) as session:
        session.execute(text("SET LOCAL enable_seqscan = off"))
        connection = session.connection()
        compiled = query.compile(connection.engine, compile_kwargs={"render_postcompile": True})
        found = connection.exec_driver_sql(
            f"EXPLAIN (FORMAT JSON) {compiled}", compiled.construct_params()
        ).scalar_one()
    return list(nodes(found[0]["Plan"]))


def served_by(plan: list[dict[str, Any]], table: str) -> set[str]:
    """The indexes that serve a table in a plan; a full scan of it is a failure."""
    assert not [n for n in plan if n["Node Type"] == "Seq Scan" and n.get("Relation Name") == table]
    return {n["Index Name"] for n in plan if "Index Name" in n}


@pytest.mark.parametrize(
    ("who", "wanted", "index"),
    [
        ("demo-village", {"kind": "problem"}, {"ix_item_kind", "ix_item_area", "pk_item"}),
        ("demo-county", {"kind": "task", "states": ["blocked"]}, {"ix_item_kind", "ix_item_area"}),
        ("demo-dept", {"claimable": True}, {"ix_item_open_to_claim"}),
        ("demo-dept", {}, {"ix_item_organization"}),
        ("demo-dept", {"open_only": True}, {"ix_item_doing"}),
        ("demo-dept", {"late": date(2026, 11, 28)}, {"ix_item_doing"}),
    ],
)
def test_lists_come_from_indexes(
    town: Town, who: str, wanted: dict[str, Any], index: set[str]
) -> None:
    actor = town[who]
    counties = [COUNTY] if actor.scope else None
    query = items.listed(actor, items.Wanted(counties=counties, **wanted), None, 50)
    assert served_by(plan_of(actor, query), "item") & index


def test_what_a_body_may_claim_is_read_in_its_own_area_alone(town: Town) -> None:
    actor = town["demo-dept"]
    query = items.listed(actor, items.Wanted(claimable=True), None, 50)
    (pool,) = [
        node for node in plan_of(actor, query)
        if node.get("Index Name") == "ix_item_open_to_claim" and "Index Cond" in node
    ]  # fmt: skip
    # From where the area begins to where it ends: without the end all areas behind it were read.
    assert {">=", "<"} <= set(pool["Index Cond"].replace(")", "").split())


def test_the_reasons_to_see_a_case_are_merged_as_far_as_a_page_goes(town: Town) -> None:
    plan = plan_of(town["demo-city"], events.listed(town["demo-city"], events.Wanted(), None, 50))
    # Each arm in its own order: 2,001 rows of a map are read, and not as many of each county.
    (merged,) = [node for node in plan if node["Node Type"] == "Merge Append"]
    assert len(merged["Plans"]) > 2
    assert {arm["Node Type"] for arm in merged["Plans"]} <= {"Limit", "Subquery Scan"}
    # PostgreSQL knows how far a page goes: 50 rows and one more, and not a tenth of them all.
    assert "LIMIT 51" in str(events.listed(town["demo-city"], events.Wanted(), None, 50))


def test_meetings_of_a_wide_area_are_read_from_the_newest_on(town: Town) -> None:
    city, now = town["demo-city"], clock.now()
    with unit_of_work(city) as session, counting() as sent:
        reviews.between(session, city, now, now, city.area_code)
        reviews.between(session, city, now, now, town.towns[0])
    # Planned once for any area, all meetings of two months would be gathered for two hundred.
    wide, narrow = (one.partition("review.starts_at <")[2] for one in sent[-2:])
    assert "CASE WHEN (review.area_code >=" in wide
    assert "review.area_code >=" in narrow and "CASE" not in narrow


def test_what_waits_for_a_decision_is_read_from_the_index_of_those_few(town: Town) -> None:
    county = town["demo-county"]
    wanted = events.Wanted(asked="extension", counties=[COUNTY])
    plan = plan_of(county, events.listed(county, wanted, None, 50))
    assert "ix_event_asking" in served_by(plan, "event")
    assert "ix_event_asked" not in served_by(plan, "event")


def test_what_is_open_of_a_category_is_read_past_a_storm_of_another(town: Town) -> None:
    county = town["demo-county"]
    wanted = events.Wanted(open_only=True, category="0204", counties=[COUNTY])
    plan = plan_of(county, events.listed(county, wanted, None, 50))
    assert "ix_event_open_category" in served_by(plan, "event")


def test_a_map_of_a_town_reads_its_villages_and_not_its_county(town: Town) -> None:
    office = town["demo-town"]
    wanted = events.Wanted(open_only=True)
    by_village = "event.village_code >= "
    assert by_village in str(events.listed(office, wanted, None, 2000))
    # A page takes the newest of each village, however much is open beside the town or in it: in
    # the order of the county, each town would read through the storm of another one.
    page = events.listed(office, wanted, None, 50)
    assert "LATERAL" in str(page) and str(page).count("LIMIT 51") == 5
    # Of few rows any index of what is open is as good as another.
    assert served_by(plan_of(office, page), "event") & {
        "ix_event_open_village", "ix_event_open_category", "ix_event_open",
    }  # fmt: skip
    # What is few has an index in the order of the county.
    assert "LATERAL" not in str(events.listed(office, events.Wanted(overdue=True), None, 50))


def test_meetings_and_queues_come_from_indexes(town: Town) -> None:
    village = town["demo-village"]
    now = clock.now()
    meetings = reviews.visible_to(village).where(
        Review.starts_at >= now - timedelta(days=60), Review.starts_at < now
    )
    assert served_by(plan_of(village, meetings), "review") & {"ix_review_area", "ix_review_starts"}
    waiting = events.listed(
        town["demo-town"], events.Wanted(states=["filed"], counties=[COUNTY]), None, 50
    )
    assert served_by(plan_of(town["demo-town"], waiting), "event") & {
        "ix_event_open",
        "ix_event_state",
    }
    # Who is responsible for a place: asked for each case that is shown.
    held = select(Post.id).where(Post.area_code.in_(["1", "2"]), accounts.running())
    assert "ix_post_area" in served_by(plan_of(village, held), "post")
    late = select(Alarm).where(Alarm.county_code == COUNTY, Alarm.at <= now).order_by(Alarm.at)
    assert "ix_alarm_at" in served_by(plan_of(system(COUNTY), late), "alarm")


@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        ({"states": ["void", "merged"]}, "ix_assignment_aside"),
        ({"sampled": True}, "ix_assignment_aside"), ({"asked": "reopen"}, "ix_assignment_aside"),
        ({"asked": "any"}, "ix_assignment_aside"), ({"asked": "any"}, "ix_assignment_current"),
        ({"asked": "extension"}, "ix_assignment_current"),
    ],
)  # fmt: skip
def test_a_department_walks_no_past_for_what_is_little(
    town: Town, wanted: dict[str, Any], index: str
) -> None:
    clerk = town["demo-dept"]
    plan = plan_of(clerk, events.listed(clerk, events.Wanted(**wanted), None, 50))
    # What the policies ask of a row says the organization by a setting; the list says it itself.
    used = {n["Index Name"] for n in plan if str(clerk.organization_id) in n.get("Index Cond", "")}
    assert index in used and "ix_assignment_past" not in used


def test_what_was_raised_for_a_hot_spot_comes_from_its_index(town: Town) -> None:
    leader = town["demo-leader"]
    tried = items.visible_to(leader).where(Item.county_code == COUNTY, Item.hot_spot_id == uuid4())
    assert "ix_item_hot_spot" in served_by(plan_of(leader, tried), "item")


def test_what_is_shown_leaves_as_sheets(town: Town, client: TestClient, as_actor: As) -> None:
    header = as_actor(town["demo-village"])
    area, year = town["demo-village"].area_code, clock.now().year
    spots = client.get("/api/hot-spots", headers=header).json()
    (table,) = sheets.read(client.get("/api/hot-spots.xlsx", headers=header).content)
    assert [row["Times in a year"] for row in table.rows] == [str(s["count"]) for s in spots]
    motions = client.get("/api/deliberations", headers=header).json()["items"]
    (table,) = sheets.read(client.get("/api/deliberations.xlsx", headers=header).content)
    assert [row["Number"] for row in table.rows] == [m["deliberation_no"] for m in motions]
    path = f"/api/indicators/year.xlsx?area={area}&year={year}"
    months, lists, places = sheets.read(client.get(path, headers=header).content)
    assert len(months.rows) == 12 and months.columns[0] == "Month"
    assert len(places.rows) == len(spots) and lists.name == "Items"
