"""What must be refused, asked through the API by real people (the domain's D10)."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import update

from backend.core import clock
from backend.core.actor import Actor, system
from backend.core.db import unit_of_work
from backend.matters.events.models import Event
from tests.conftest import Town
from tests.events.makers import an_event_at, take

As = Callable[[Actor], dict[str, str]]


@pytest.fixture
def step(client: TestClient, as_actor: As) -> Callable[..., Any]:
    def send(actor: Actor, event_id: UUID, action: str, **changes: Any) -> Any:
        body = {"client_id": str(uuid4()), "action": action, "note": "因为"} | changes
        return client.post(f"/api/events/{event_id}/steps", json=body, headers=as_actor(actor))

    return send


def refused(answer: Any, status: int, code: str) -> None:
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    assert len(answer.json()["title"]) > 8


def test_a_handler_closes(step: Any, town: Town) -> None:
    event_id = an_event_at(town, "feedback")
    refused(
        step(town["demo-dept"], event_id, "close_without_follow_up", closing=True), 403, "not_yours"
    )


def test_a_point_without_crs(client: TestClient, as_actor: As, town: Town) -> None:
    head = town.unit_head_of(town.grids[0])
    lon, lat = town.sites[head.area_code]
    body = {
        "client_id": str(uuid4()),
        "text": "x",
        "category": "0201",
        "position": {"lon": lon, "lat": lat},
    }
    answer = client.post("/api/events", json=body, headers=as_actor(head))
    assert answer.status_code == 422 and "position.crs" in answer.json()["errors"][0]["field"]


def test_a_residents_report_rejected_by_one(
    step: Any, client: TestClient, as_actor: As, town: Town
) -> None:
    lon, lat = town.sites[town.unit_head_of(town.grids[0]).area_code]
    body = {
        "client_id": str(uuid4()),
        "text": "x",
        "category": "0201",
        "position": {"lon": lon, "lat": lat, "crs": "WGS84"},
    }
    sent = client.post("/api/public/events", json=body).json()
    village = town["demo-village"]
    refused(step(village, sent["id"], "reject", reason="not_public"), 409, "reject_needs_proposal")
    assert step(village, sent["id"], "propose_reject").status_code == 201
    refused(
        step(village, sent["id"], "reject", reason="not_public"), 409, "reject_needs_second_person"
    )
    refused(step(town["demo-town"], sent["id"], "reject", reason="because"), 422, "reason_unknown")
    assert step(town["demo-town"], sent["id"], "reject", reason="litigation").status_code == 201
    # The resident sees why, may appeal with the code, once, and the same person cannot decide it.
    opened = client.post(
        f"/api/public/events/{sent['event_no']}/open", json={"code": sent["track_code"]}
    ).json()
    assert [s["action"] for s in opened["steps"]] == ["appeal"]
    assert opened["timeline"][-1]["reason"]
    appeal = {"client_id": str(uuid4()), "action": "appeal", "note": "这不是诉讼"}
    answer = client.post(
        f"/api/public/events/{sent['event_no']}/steps",
        json={"code": sent["track_code"], "step": appeal},
    )
    assert answer.status_code == 201
    refused(step(town["demo-town"], sent["id"], "uphold_appeal"), 409, "you_decided")
    assert step(town["demo-county"], sent["id"], "uphold_appeal").json()["state"] == "reported"


def test_an_extension_after_it_is_due(step: Any, town: Town) -> None:
    event_id = an_event_at(town, "handling")
    with unit_of_work(system("359902")) as session:
        past = clock.now() - timedelta(minutes=1)
        session.execute(update(Event).where(Event.id == event_id).values(due_at=past))
    refused(step(town["demo-dept"], event_id, "ask_extension"), 409, "extension_after_due")


def test_a_third_return(step: Any, town: Town) -> None:
    event_id = an_event_at(town, "dispatched")
    for _ in range(2):
        assert (
            step(town["demo-dept"], event_id, "ask_return", reason="not_our_duty").status_code
            == 201
        )
        assert step(town["demo-town"], event_id, "approve_return").json()["state"] == "filed"
        take(town, town["demo-town"], event_id, "dispatch")
    asked = step(town["demo-dept"], event_id, "ask_return", reason="not_our_duty").json()
    assert asked["escalated_to"] == "county"
    refused(step(town["demo-town"], event_id, "approve_return"), 409, "third_return_goes_up")
    given = step(
        town["demo-county"],
        event_id,
        "assign_for_good",
        organization_id=str(town.bodies["西天镇城建办"]),
    )
    assert given.json()["state"] == "dispatched"
    refused(
        step(town["demo-dept"], event_id, "ask_return", reason="not_our_duty"),
        409,
        "assigned_for_good",
    )


def test_a_suspended_event_worked_on(step: Any, town: Town) -> None:
    event_id = an_event_at(town, "handling")
    until = (clock.now() + timedelta(days=9)).isoformat()
    assert (
        step(
            town["demo-dept"], event_id, "ask_suspension", reason="season", until=until
        ).status_code
        == 201
    )
    assert step(town["demo-town"], event_id, "approve_suspension").json()["state"] == "suspended"
    answer = step(town["demo-dept"], event_id, "submit_result")
    refused(answer, 409, "not_allowed_here")
    # The refusal names the steps that are open, to this person: a clerk may only wait.
    assert answer.json()["open_steps"] == []
    offered = step(town["demo-town"], event_id, "approve_extension").json()["open_steps"]
    assert "resume" in {one["action"] for one in offered}


def test_a_step_brings_too_little(step: Any, town: Town) -> None:
    event_id = an_event_at(town, "handling")
    for action, extra, code in (
        ("ask_suspension", {"reason": "season"}, "needs_until"),
        ("ask_return", {}, "needs_reason"),
        ("submit_result", {}, "needs_photo"),
        ("add_co", {}, "needs_organization"),
    ):
        refused(step(town["demo-dept"], event_id, action, **extra), 422, code)
    past = (clock.now() - timedelta(days=1)).isoformat()
    refused(
        step(town["demo-dept"], event_id, "ask_suspension", reason="season", until=past),
        422,
        "until_in_the_past",
    )
    far = (clock.now() + timedelta(days=400)).isoformat()
    refused(
        step(town["demo-dept"], event_id, "ask_suspension", reason="season", until=far),
        422,
        "until_too_far",
    )
    naive = step(
        town["demo-dept"], event_id, "ask_suspension", reason="season", until="2027-01-01T00:00:00"
    )
    assert naive.status_code == 422
