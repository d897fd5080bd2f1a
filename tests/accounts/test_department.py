"""Inside an organization: teams, leave with deputies, and whose work it is on which day."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from backend.core import delivery
from backend.core.actor import Actor
from backend.core.db import unit_of_work
from backend.matters.events.models import Assignment
from backend.subscriptions import HANDLERS
from backend.tools.notices.models import Notice
from tests.conftest import Town
from tests.days import CHINA
from tests.events.makers import LEAD, an_event_at, take

As = Callable[[Actor], dict[str, str]]
TODAY = datetime.now(CHINA).date()


@pytest.fixture
def pair(town: Town) -> tuple[Actor, Actor]:
    """The two clerks of the building office."""
    clerk = town["demo-dept"]
    other = next(
        a for a in town.actors.values()
        if a.organization_id == town.bodies[LEAD] and a.id != clerk.id
    )  # fmt: skip
    return clerk, other


def told(actor: Actor, about: str) -> list[UUID]:
    while delivery.drain("359902", HANDLERS):
        pass
    with unit_of_work(actor) as session:
        return list(
            session.scalars(
                select(Notice.event_id).where(Notice.account_id == actor.id, Notice.about == about)
            )
        )


def test_teams_are_made_filled_and_ended(
    client: TestClient, as_actor: As, pair: tuple[Actor, Actor]
) -> None:
    clerk, other = pair
    header = as_actor(clerk)
    made = client.post("/api/department/teams", json={"name": "抢修班"}, headers=header)
    team = next(t for t in made.json()["teams"] if t["name"] == "抢修班")["id"]
    twice = client.post("/api/department/teams", json={"name": "抢修班"}, headers=header)
    assert (twice.status_code, twice.json()["code"]) == (409, "team_name_taken")
    path = f"/api/department/people/{other.id}/team"
    placed = client.put(path, json={"team_id": team}, headers=header).json()
    assert {p["account_id"]: p["team_id"] for p in placed["people"]} == {
        str(clerk.id): None, str(other.id): team,
    }  # fmt: skip
    ended = client.delete(f"/api/department/teams/{team}", headers=header).json()
    assert ended["teams"] == [] and {p["team_id"] for p in ended["people"]} == {None}


def test_work_goes_to_the_one_named_and_to_the_deputy_while_away(
    client: TestClient, as_actor: As, town: Town, pair: tuple[Actor, Actor]
) -> None:
    clerk, other = pair
    event_id = an_event_at(town, "handling", category="0204")
    take(town, clerk, event_id, "assign_handler", handler_id=other.id)
    assert told(other, "told.handler") == [event_id]
    assert told(clerk, "told.urged") == []
    mine = {"assigned": True, "handled_by_me": True}

    def listed(actor: Actor) -> list[str]:
        page = client.get("/api/events", params=mine, headers=as_actor(actor)).json()
        return [line["id"] for line in page["items"]]

    assert listed(other) == [str(event_id)] and listed(clerk) == []
    leave = {
        "account_id": str(other.id), "deputy_id": str(clerk.id),
        "first_day": TODAY.isoformat(), "last_day": (TODAY + timedelta(days=2)).isoformat(),
    }  # fmt: skip
    made = client.post("/api/department/leaves", json=leave, headers=as_actor(other))
    assert made.status_code == 201, made.text
    assert listed(clerk) == [str(event_id)]
    take(town, town["demo-village"], event_id, "urge")
    assert told(clerk, "told.urged") == [event_id] and told(other, "told.urged") == []
    shown = client.get(f"/api/events/{event_id}", headers=as_actor(clerk)).json()
    assert shown["assignments"][0]["handler"] == f"{other.name}（{clerk.name}）"
    row = next(p for p in made.json()["people"] if p["account_id"] == str(other.id))["leave"]
    client.delete(f"/api/department/leaves/{row['id']}", headers=as_actor(other))
    assert listed(clerk) == []


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"deputy": 0}, 422, "deputy_is_self"),
        ({"first": 3, "last": 1}, 422, "leave_days"),
        ({"first": -5, "last": -1}, 422, "leave_days"),
        ({"who": "stranger"}, 404, "colleague_unknown"),
    ],
)
def test_a_leave_that_cannot_be(
    client: TestClient, as_actor: As, town: Town, pair: tuple[Actor, Actor],
    change: dict[str, Any], status: int, code: str,
) -> None:  # fmt: skip
    clerk, other = pair
    who = town["demo-village"] if change.get("who") else clerk
    body = {
        "account_id": str(who.id),
        "deputy_id": str((clerk if change.get("deputy") == 0 else other).id),
        "first_day": (TODAY + timedelta(days=change.get("first", 10))).isoformat(),
        "last_day": (TODAY + timedelta(days=change.get("last", 11))).isoformat(),
    }
    answer = client.post("/api/department/leaves", json=body, headers=as_actor(clerk))
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_nobody_stands_in_while_away(
    client: TestClient, as_actor: As, pair: tuple[Actor, Actor]
) -> None:
    clerk, other = pair
    days = {
        "first_day": (TODAY + timedelta(days=20)).isoformat(),
        "last_day": (TODAY + timedelta(days=22)).isoformat(),
    }
    header = as_actor(clerk)
    first = {"account_id": str(clerk.id), "deputy_id": str(other.id), **days}
    assert client.post("/api/department/leaves", json=first, headers=header).status_code == 201
    again = client.post("/api/department/leaves", json=first, headers=header)
    assert (again.status_code, again.json()["code"]) == (409, "away_already")
    back = {"account_id": str(other.id), "deputy_id": str(clerk.id), **days}
    answer = client.post("/api/department/leaves", json=back, headers=header)
    assert (answer.status_code, answer.json()["code"]) == (422, "deputy_is_away")


def test_the_work_of_who_leaves_goes_to_the_successor_of_the_house(
    client: TestClient, as_actor: As, town: Town, pair: tuple[Actor, Actor]
) -> None:
    clerk, other = pair
    event_id = an_event_at(town, "handling", category="0204")
    take(town, clerk, event_id, "assign_handler", handler_id=other.id)
    ended = client.post(
        f"/api/posts/{other.post_id}/end", json={"successor": str(clerk.id)},
        headers=as_actor(town["demo-town"]),
    )  # fmt: skip
    assert ended.status_code < 300, ended.text
    while delivery.drain("359902", HANDLERS):
        pass
    with unit_of_work() as session:
        handlers = session.scalars(
            select(Assignment.handler_id).where(Assignment.event_id == event_id)
        ).all()
    assert handlers == [clerk.id]
