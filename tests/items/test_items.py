"""The life of a list item, told as stories by hand, lived by real people on the real tables."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import create_engine, select
from sqlalchemy.orm import Session

from backend.core import clock, day, delivery, journal
from backend.core.actor import Actor, Role, system
from backend.core.db import unit_of_work
from backend.core.errors import Refused
from backend.core.settings import get_settings
from backend.matters.items import offering, queries, workflow
from backend.matters.items.models import Item, Milestone
from backend.matters.items.schemas import ItemStepIn
from backend.matters.items.service.proposing import next_term, term_of
from backend.matters.items.workflow import Action, Recurs, State
from backend.subscriptions import HANDLERS
from backend.tools.importing import sheets
from backend.tools.notices.models import Notice
from tests.conftest import Town
from tests.events.makers import HELPER, LEAD
from tests.items.makers import proposed, soon, take_item

As = Callable[[Actor], dict[str, str]]
COUNTY = "359902"


@pytest.fixture(scope="module")
def cast(town: Town) -> Callable[[str], Actor]:
    clerks = {a.organization_id: a for a in town.actors.values() if a.role is Role.DEPARTMENT_CLERK}
    known = {
        "head": town.unit_head_of(town.grids[0]), "village": town["demo-village"],
        "town": town["demo-town"], "county": town["demo-county"], "clerk": town["demo-dept"],
        "other": clerks[town.bodies[HELPER]], "leader": town["demo-leader"],
        "neighbour": next(a for a in town.actors.values() if a.role is Role.VILLAGE_SECRETARY
                          and a.area_code != town["demo-village"].area_code),
    }  # fmt: skip
    return known.__getitem__


BEGUN = "clerk claim claimed  clerk start in_progress"
STORIES = {
    "claimed and done": f"{BEGUN}  clerk progress in_progress  village achieve achieved",
    "assigned by the town": "town assign claimed  clerk start in_progress  town achieve achieved",
    "given back, and claimed by another": """
        clerk claim claimed  clerk release confirmed  other claim claimed  other start in_progress
    """,
    "given back while under way": f"{BEGUN}  clerk release confirmed",
    "blocked, and then not": f"""
        {BEGUN}  clerk block blocked  clerk progress blocked  clerk release confirmed
        clerk claim claimed  clerk start in_progress  village block blocked
        village unblock in_progress  village achieve achieved
    """,
    "with money": f"""
        {BEGUN}  village ask_funds in_progress  clerk refuse_funds in_progress
        village ask_funds in_progress  clerk review_funds in_progress
        clerk approve_funds in_progress  clerk pay_funds in_progress
        town accept_funds in_progress  village achieve achieved
    """,
    "refused after a look": f"{BEGUN}  village ask_funds in_progress  clerk review_funds in_progress  clerk refuse_funds in_progress",
    "not worth it": "village abandon abandoned",
    "talked about, before and after": "leader comment confirmed  village abandon abandoned  village comment abandoned",
    "raised to a development": "village raise carried_over",
    "changed": "village revise confirmed",
}  # fmt: skip


def the(item_id: UUID) -> Item:
    with unit_of_work(system(COUNTY)) as session:
        return session.scalars(select(Item).where(Item.id == item_id)).one()


def live(town: Town, cast: Any, item_id: UUID, story: str, **changes: Any) -> None:
    words = story.split()
    for who, action, expected in zip(words[::3], words[1::3], words[2::3], strict=True):
        take_item(town, cast(who), item_id, action, **changes)
        assert the(item_id).state == expected, f"after {who} {action}"


def holds_together(item_id: UUID) -> None:
    item = the(item_id)
    with unit_of_work(system(COUNTY)) as session:
        entries = queries.log_of(session, item)
    assert journal.broken_at(entries, item.log_head) is None
    state = None
    for entry in entries:
        assert entry.from_state == state
        state = entry.to_state
    assert state == item.state
    assert (item.closed_at is not None) == (State(item.state) in workflow.ENDED)


@pytest.mark.parametrize("story", STORIES.values(), ids=STORIES.keys())
def test_story(town: Town, cast: Any, story: str) -> None:
    item_id = proposed(cast("village"))
    live(town, cast, item_id, story)
    holds_together(item_id)


REFUSED = [
    ("the doer says that it is done", BEGUN, "clerk achieve", "not_yours"),
    ("claimed twice", "clerk claim claimed", "other claim", "item_not_found"),
    ("a neighbour", "", "neighbour abandon", "item_not_found"),
    ("a head abandons", "", "head abandon", "item_not_found"),
    ("a problem is carried to the next year", BEGUN, "village carry_over", "item_does_not_recur"),
    ("paid before it was approved", f"{BEGUN}  village ask_funds in_progress", "clerk pay_funds", "fund_not_now"),
    ("asked for money twice at once", f"{BEGUN}  village ask_funds in_progress", "village ask_funds", "fund_not_now"),
    ("money by who was not asked", f"{BEGUN}  village ask_funds in_progress", "village review_funds", "not_yours"),
    ("started before anybody has it", "", "village start", "item_not_allowed_here"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("before", "step", "because"), [r[1:] for r in REFUSED], ids=[r[0] for r in REFUSED]
)
def test_refused(town: Town, cast: Any, before: str, step: str, because: str) -> None:
    item_id = proposed(cast("village"))
    live(town, cast, item_id, before)
    who, action = step.split()
    seq = the(item_id).log_seq
    with pytest.raises(Refused) as said:
        take_item(town, cast(who), item_id, action)
    assert said.value.code == because
    assert the(item_id).log_seq == seq


def test_every_rule_is_in_a_story() -> None:
    elsewhere = {Action.CONFIRM, Action.CARRY_OVER, Action.PLAN_MILESTONE, Action.REACH_MILESTONE}
    anywhere = {
        Action.COMMENT, Action.REVISE, Action.ABANDON, Action.RAISE, Action.RELEASE,
        *(a for a in Action if a.endswith("_funds")),
    }  # fmt: skip
    told: set[tuple[State, Action]] = set()
    for story in STORIES.values():
        words = story.split()
        states = ["confirmed", *words[2::3]]
        told |= {(State(s), Action(a)) for s, a in zip(states, words[1::3], strict=False)}
    by_the_system = {(s, Action.ACHIEVE) for s in (State.PROPOSED, State.CONFIRMED, State.CLAIMED)}
    untold = set(workflow.RULES) - told - by_the_system
    assert {rule for rule in untold if rule[1] not in elsewhere | anywhere} == set()
    assert {a for _, a in told} >= anywhere
    assert told <= set(workflow.RULES)


def test_what_a_unit_head_proposes_waits_for_the_secretary(town: Town, cast: Any) -> None:
    item_id = proposed(cast("head"), "development", title="村口建个健身角")
    assert the(item_id).state == "proposed"
    with pytest.raises(Refused):
        take_item(town, cast("clerk"), item_id, "claim")
    live(town, cast, item_id, "village confirm confirmed  clerk claim claimed")
    holds_together(item_id)


def test_milestones_come_before_the_end_and_the_doer_does_not_judge(town: Town, cast: Any) -> None:
    item_id = proposed(cast("village"), "development")
    live(town, cast, item_id, "village plan_milestone confirmed", title="立项")
    live(town, cast, item_id, BEGUN)
    with pytest.raises(Refused) as early:
        take_item(town, cast("village"), item_id, "achieve")
    assert early.value.code == "milestones_left"
    with unit_of_work(system(COUNTY)) as session:
        (stone,) = session.scalars(select(Milestone).where(Milestone.item_id == item_id)).all()
    live(town, cast, item_id, "clerk reach_milestone in_progress", milestone_id=stone.id)
    twin = Actor(
        **{
            **{f: getattr(cast("village"), f) for f in cast("village").__slots__},
            "id": cast("clerk").id,
        }
    )
    with pytest.raises(Refused) as judged:
        take_item(town, twin, item_id, "achieve", photos=[])
    assert judged.value.code == "item_you_did"
    live(town, cast, item_id, "village achieve achieved")
    assert the(item_id).progress == 100


def test_a_task_goes_on_from_term_to_term(town: Town, cast: Any) -> None:
    item_id = proposed(
        cast("village"), "task", title="暑期夏令营", recurs="year", organization_id=None
    )
    first = the(item_id)
    live(town, cast, item_id, "clerk claim claimed  village carry_over carried_over")
    second = the(the(item_id).to_item_id)  # type: ignore[arg-type]
    assert (second.from_item_id, second.kind, second.state) == (item_id, "task", "confirmed")
    assert first.term is not None and second.term == str(int(first.term) + 1)
    assert (second.organization_id, second.title) == (town.bodies[LEAD], "暑期夏令营")
    with pytest.raises(Refused):
        proposed(cast("village"), "problem", recurs="year")


@pytest.mark.parametrize(
    ("recurs", "day", "term", "after"),
    [
        ("year", date(2026, 11, 21), "2026", "2027"),
        ("half", date(2026, 6, 30), "2026-H1", "2026-H2"),
        ("half", date(2026, 7, 1), "2026-H2", "2027-H1"),
        ("quarter", date(2026, 12, 31), "2026-Q4", "2027-Q1"),
        ("quarter", date(2026, 1, 1), "2026-Q1", "2026-Q2"),
        ("month", date(2026, 12, 1), "2026-12", "2027-01"),
        ("month", date(2026, 9, 1), "2026-09", "2026-10"),
    ],
)
def test_terms_by_hand(recurs: str, day: date, term: str, after: str) -> None:
    assert term_of(Recurs(recurs), day) == term
    assert next_term(Recurs(recurs), term) == after


def test_the_policy_and_the_filter_show_the_same(town: Town, cast: Any) -> None:
    open_one = proposed(cast("village"))
    claimed = proposed(cast("village"))
    live(town, cast, claimed, "clerk claim claimed")
    paid = proposed(cast("village"))
    live(town, cast, paid, "village ask_funds confirmed", organization_id=town.bodies[HELPER])
    live(town, cast, paid, "clerk claim claimed")
    sees: dict[UUID, set[str]] = {}
    owner = create_engine(get_settings().owner_url)
    for item_id in (open_one, claimed, paid):
        by_policy, by_filter = set(), set()
        for who in ("head", "village", "neighbour", "town", "county", "clerk", "other", "leader"):
            actor = cast(who)
            with unit_of_work(actor) as session:
                if session.scalar(select(Item.id).where(Item.id == item_id)) is not None:
                    by_policy.add(who)
            with Session(owner) as unprotected:
                found = queries.visible_to(actor).where(Item.id == item_id)
                if unprotected.scalar(found) is not None:
                    by_filter.add(who)
        assert by_policy == by_filter
        sees[item_id] = by_policy
    owner.dispose()
    scope = {"village", "town", "county", "leader"}
    assert sees[open_one] == scope | {"clerk", "other"}
    assert sees[claimed] == scope | {"clerk"}
    assert sees[paid] == scope | {"clerk", "other"}


def test_shapes_find_their_area_and_bad_ones_are_told(
    town: Town, client: TestClient, as_actor: As
) -> None:
    village = town["demo-village"]
    units = [u for u in town.units if u.startswith(town.grids[0])][:2]
    line = [list(town.sites[u]) for u in units]

    def send(geometry: Any, crs: str = "CGCS2000", **more: Any) -> Any:
        body = {
            "client_id": str(uuid4()), "kind": "development", "title": "村道拓宽",
            "shape": {"geometry": geometry, "crs": crs}, **more,
        }  # fmt: skip
        return client.post("/api/items", json=body, headers=as_actor(village))

    road = send({"type": "LineString", "coordinates": line})
    assert road.status_code == 201, road.text
    # Across two units: the smallest area that covers both is their grid.
    assert road.json()["area_code"] == town.grids[0]
    assert road.json()["geometry"]["type"] == "LineString"
    point = send({"type": "Point", "coordinates": line[0]})
    assert point.json()["area_code"] == units[0]
    for geometry, crs, code in (
        ({"type": "Point", "coordinates": [0, 0]}, "CGCS2000", "position_outside"),
        ({"type": "Point", "coordinates": line[0]}, "MARS", "position_unreadable"),
        ({"type": "MultiPoint", "coordinates": line}, "CGCS2000", "body_invalid"),
        ({"type": "Point"}, "CGCS2000", "body_invalid"),
        ({"type": "LineString", "coordinates": [line[0]] * 2001}, "CGCS2000", "body_invalid"),
        ({"type": "Polygon", "coordinates": "x"}, "CGCS2000", "body_invalid"),
    ):
        answer = send(geometry, crs)
        assert (answer.status_code, answer.json()["code"]) == (422, code), geometry
    past = client.post(
        f"/api/items/{point.json()['id']}/steps",
        json={"client_id": str(uuid4()), "action": "assign", "organization_id": str(town.bodies[LEAD]),
              "due_on": str(soon(-1))},
        headers=as_actor(village),
    )  # fmt: skip
    assert (past.status_code, past.json()["code"]) == (422, "due_in_the_past")


def test_lists_are_filtered_and_say_what_is_late_and_stuck(
    town: Town, client: TestClient, as_actor: As, cast: Any
) -> None:
    village = cast("village")
    with clock.at(clock.now() - timedelta(days=60)):
        old = proposed(village, "task", title="沟渠清淤")
        take_item(town, cast("town"), old, "assign", due_on=soon(20))
    fresh = proposed(village, "task", title="植树")

    def listed(who: str, **query: Any) -> list[str]:
        page = client.get(
            "/api/items", params={"kind": "task", "size": 200, **query}, headers=as_actor(cast(who))
        )
        assert page.status_code == 200, page.text
        return [line["id"] for line in page.json()["items"]]

    assert str(old) in listed("village", late=True) and str(fresh) not in listed(
        "village", late=True
    )
    assert str(old) in listed("town", stuck=True) and str(fresh) not in listed("town", stuck=True)
    assert str(old) in listed("clerk", mine=True) and str(fresh) not in listed("clerk", mine=True)
    assert str(fresh) in listed("other", claimable=True) and str(old) not in listed("other")
    assert listed("village", q="沟渠") == [str(old)]
    assert str(old) in listed("county", area=village.area_code, state="claimed")
    assert listed("neighbour") == []


def test_those_whose_turn_it_is_are_told(town: Town, cast: Any) -> None:
    item_id = proposed(cast("village"))
    live(town, cast, item_id, "town assign claimed  clerk start in_progress")
    live(town, cast, item_id, "village ask_funds in_progress", organization_id=town.bodies[HELPER])
    live(town, cast, item_id, "clerk block blocked")
    for _ in range(2):
        while delivery.drain(COUNTY, HANDLERS):
            pass
    heard = {}
    for who in ("clerk", "other", "village", "town"):
        with unit_of_work(cast(who)) as session:
            heard[who] = set(
                session.scalars(
                    select(Notice.about).where(
                        Notice.account_id == cast(who).id, Notice.item_id == item_id
                    )
                )
            )
    assert heard == {
        "clerk": {"told.item_given"}, "other": {"told.item_funds"},
        "village": {"told.item_stuck"}, "town": {"told.item_stuck"},
    }  # fmt: skip


def test_a_list_leaves_as_a_spreadsheet_and_formulas_do_no_harm(
    town: Town, client: TestClient, as_actor: As, cast: Any
) -> None:
    item_id = proposed(cast("village"), "task", title="=1+1 沟渠巡查")
    header = as_actor(cast("village")) | {"Accept-Language": "zh-CN"}
    answer = client.get("/api/items.xlsx", params={"kind": "task", "q": "沟渠巡查"}, headers=header)
    (table,) = sheets.read(answer.content)
    (row,) = table.rows
    assert row["编号"] == the(item_id).item_no and row["状态"] == "已列入"
    assert row["名称"].endswith("1+1 沟渠巡查")
    other = client.get("/api/items.xlsx?kind=task", headers=as_actor(cast("neighbour")))
    assert [r for t in sheets.read(other.content) for r in t.rows] == []


def test_raised_it_is_wanted_of_a_body_that_serves_there(town: Town, cast: Any) -> None:
    item_id = proposed(cast("village"))
    for changes, because in (
        ({"organization_id": uuid4()}, "organization_not_here"),
        ({"due_on": day.today() - timedelta(days=1)}, "due_in_the_past"),
    ):
        with pytest.raises(Refused) as said:
            take_item(town, cast("village"), item_id, "raise", **changes)
        assert said.value.code == because and the(item_id).state == "confirmed"


def test_the_wrong_moment_says_what_is_open(
    client: TestClient, as_actor: As, cast: Callable[[str], Actor]
) -> None:
    item_id = proposed(cast("village"))
    body = {"client_id": str(uuid4()), "action": "progress", "note": "做了一半"}
    answer = client.post(
        f"/api/items/{item_id}/steps",
        json=body,
        headers=as_actor(cast("village")) | {"Accept-Language": "zh-CN"},
    )
    assert (answer.status_code, answer.json()["code"]) == (409, "item_not_allowed_here")
    open_steps = answer.json()["open_steps"]
    assert {"assign", "raise"} <= {s["action"] for s in open_steps}
    assert {"指定单位"} <= {s["name"] for s in open_steps}


def test_forms_say_what_a_step_asks_for_and_begins_with(
    town: Town, client: TestClient, as_actor: As, cast: Any
) -> None:
    item_id = proposed(cast("village"))

    def ready(who: str) -> list[dict[str, Any]]:
        answer = client.get(f"/api/items/{item_id}", headers=as_actor(cast(who)))
        return [step for step in answer.json()["steps"] if not step["waits_for"]]

    first = ready("town")[0]
    assert (first["action"], first["needs"]) == ("assign", ["organization", "due"])
    assert (first["extras"], first["keeps"]) == ([], ["organization", "due"])
    live(town, cast, item_id, BEGUN)
    steps = ready("clerk")
    assert (steps[0]["action"], steps[0]["extras"]) == (
        "progress", ["progress", "photo", "document"]
    )  # fmt: skip
    onward = [step["onward"] for step in steps]
    assert onward == sorted(onward, reverse=True) and not onward[-1]


def test_whatever_an_items_forms_name_is_a_step_of_the_process() -> None:
    known = {rule.action for rule in workflow.RULES.values()}
    assert {*offering._MAY_BRING, *offering._KEEPS, *offering._ONWARD} <= known
    assert len(offering._ONWARD) == len(set(offering._ONWARD))
    fields = set(ItemStepIn.model_fields)
    brings = {"photo": "photos", "document": "documents", "due": "due_on"}
    assert {brings.get(extra, extra) for extra in offering.Extra} <= fields
