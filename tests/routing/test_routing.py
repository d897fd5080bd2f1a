"""Rules at work: proposed, sent by themselves, tried on what people did."""

from collections.abc import Callable
from typing import Any

from fastapi.testclient import TestClient
from sqlalchemy import create_engine, select, text

from backend.core import delivery
from backend.core.actor import system
from backend.core.db import unit_of_work
from backend.core.outbox import Outbox
from backend.core.settings import get_settings
from backend.matters.events import queries
from backend.matters.events.models import Event
from backend.matters.routing.models import RoutingRule
from backend.subscriptions import HANDLERS
from backend.tools.notices.models import Notice
from tests.conftest import Town
from tests.events.makers import an_event_at
from tests.statements import counting

Bearer = Callable[[str], dict[str, str]]
OFFICE, SQUAD = "西天镇城建办", "西天镇综合执法队"


def body(town: Town, lead: str = OFFICE, **changes: Any) -> dict[str, Any]:
    fields = {
        "area_code": town.towns[0], "name": "积水归城建", "priority": 10,
        "condition": {"category": ["0201"]}, "lead": str(town.bodies[lead]),
    }  # fmt: skip
    return fields | changes


def hear_everything() -> None:
    while delivery.drain("359902", HANDLERS):
        pass


def the(event_id: object) -> Event:
    with unit_of_work(system("359902")) as session:
        return session.scalars(select(Event).where(Event.id == event_id)).one()


def test_a_rule_proposes_and_says_why(client: TestClient, bearer: Bearer, town: Town) -> None:
    an = bearer("demo-town")
    event_id = an_event_at(town, "filed")
    # Without a rule the body is proposed whose duty such matters are, and nobody else.
    usual = client.get(f"/api/events/{event_id}/routing", headers=an).json()
    assert (usual["rule"], usual["lead_name"]) == (None, OFFICE) and usual["why"]
    gas = an_event_at(town, "filed", category="0304")
    assert (
        client.get(f"/api/events/{gas}/routing", headers=an).json()["lead_name"] == "荷城区住建局"
    )
    made = client.post("/api/routing/rules", json=body(town), headers=an)
    assert (made.status_code, made.json()[0]["findings"]) == (201, [])
    said = client.get(f"/api/events/{event_id}/routing", headers=an).json()
    assert (said["rule"], said["lead"]) == ("积水归城建", str(town.bodies[OFFICE]))
    assert said["why"] == "it is about Flooded road"
    # It proposes; it does not send.
    hear_everything()
    assert the(event_id).state == "filed"


def test_an_automatic_rule_sends_once_and_the_log_says_why(
    client: TestClient, bearer: Bearer, town: Town
) -> None:
    an = bearer("demo-town")
    rules = client.get(f"/api/routing/rules?area={town.towns[0]}", headers=an).json()
    replaces = rules[0]["id"] if rules else None
    made = client.post(
        "/api/routing/rules",
        json=body(
            town, auto=True, name="积水自动", helpers=[str(town.bodies[SQUAD])], replaces=replaces
        ),
        headers=an,
    )
    assert [r["name"] for r in made.json()] == ["积水自动"]
    event_id = an_event_at(town, "filed")
    hear_everything()
    hear_everything()
    event = the(event_id)
    assert (event.state, event.lead_organization_id) == ("dispatched", town.bodies[OFFICE])
    with unit_of_work(system("359902")) as session:
        sent = queries.log_of(session, event)[-1]
        assert (sent.action, sent.role) == ("dispatch", "system")
        assert "积水自动" in sent.note and "道路积水" in sent.note
        assert len(queries.assignments_of(session, event)) == 2
    other = an_event_at(town, "filed", category="0204")
    hear_everything()
    assert the(other).state == "filed"


def test_a_rule_that_cannot_be_read_stops_nothing_but_itself(
    client: TestClient, bearer: Bearer, town: Town
) -> None:
    an = bearer("demo-town")
    with unit_of_work() as session:
        session.add(RoutingRule(
            area_code=town.towns[0], name="将来的条件", priority=1, condition={"weather": "rain"},
            lead_organization_id=town.bodies[OFFICE], made_by=town["demo-town"].id,
        ))  # fmt: skip
    event_id = an_event_at(town, "filed")
    hear_everything()
    assert the(event_id).state == "filed"
    said = client.get(f"/api/events/{event_id}/routing", headers=an).json()
    assert said["rule"] is None and "将来的条件" in said["why"]
    listed = client.get(f"/api/routing/rules?area={town.towns[0]}", headers=an).json()
    (broken,) = [r for r in listed if r["name"] == "将来的条件"]
    assert (
        broken["findings"]
        and client.delete(f"/api/routing/rules/{broken['id']}", headers=an).status_code == 204
    )
    assert client.delete(f"/api/routing/rules/{broken['id']}", headers=an).status_code == 404


def test_tried_on_what_people_did(client: TestClient, bearer: Bearer, town: Town) -> None:
    an = bearer("demo-town")
    event_id = an_event_at(town, "dispatched", category="0203")
    candidate = body(town, SQUAD, name="路面归执法队", condition={"category": ["0203"]})
    with counting() as sent:
        before = client.get(f"/api/routing/trial?area={town.towns[0]}", headers=an).json()
    # Two thousand cases may be tried: read of each is what rules look at and the answer tells.
    (read,) = [one for one in sent if " event.event_no" in one]
    assert "raw_position" not in read and "event.geom" in read
    tried = client.post("/api/routing/trial", json=candidate, headers=an).json()
    assert (
        tried["tried"]
        == before["tried"]
        == sum(before[k] for k in ("same", "other", "no_rule", "stopped"))
    )
    assert (tried["other"], tried["no_rule"]) == (before["other"] + 1, before["no_rule"] - 1)
    (row,) = [r for r in tried["rows"] if r["event_id"] == str(event_id)]
    assert (row["people_chose"], row["rules_say"], row["rule"]) == (OFFICE, SQUAD, "路面归执法队")
    # Trying keeps nothing.
    assert client.get(f"/api/routing/trial?area={town.towns[0]}", headers=an).json() == before


def test_rules_are_made_inside_ones_own_area(
    client: TestClient, bearer: Bearer, town: Town
) -> None:
    an = bearer("demo-town")
    assert (
        client.post(
            "/api/routing/rules", json=body(town, area_code="359902"), headers=an
        ).status_code
        == 403
    )
    assert (
        client.post(
            "/api/routing/rules", json=body(town, lead=OFFICE, condition={"moon": []}), headers=an
        ).status_code
        == 422
    )
    nowhere = body(town) | {"lead": "00000000-0000-0000-0000-000000000001"}
    assert client.post("/api/routing/rules", json=nowhere, headers=an).status_code == 422


def test_organizations_are_kept_by_their_own_area(
    client: TestClient, bearer: Bearer, town: Town
) -> None:
    an = bearer("demo-town")
    made = client.post(
        "/api/organizations",
        json={
            "name": "西天镇照明站", "kind": "utility", "area_code": town.towns[0],
            "duties": ["lighting"], "phone": "0594-1234567",
        },
        headers=an,
    )  # fmt: skip
    assert made.status_code == 201, made.text
    again = {"name": "西天镇照明站", "kind": "utility", "area_code": town.towns[0]}
    assert client.post("/api/organizations", json=again, headers=an).status_code == 409
    assert (
        client.post(
            "/api/organizations", json=again | {"area_code": "359902"}, headers=an
        ).status_code
        == 422
    )
    # The nearest body with the duty is proposed: the town's own before the county's.
    light = an_event_at(town, "filed", category="0204")
    path = f"/api/events/{light}/routing"
    assert client.get(path, headers=an).json()["lead_name"] == "西天镇照明站"
    key = made.json()["id"]
    assert client.delete(f"/api/organizations/{key}", headers=an).status_code == 204
    assert client.get(path, headers=an).json()["lead_name"] == "荷城区供电公司"
    assert client.put(f"/api/organizations/{key}", json=again, headers=an).status_code == 404


def test_a_helper_that_has_closed_is_left_out_and_everybody_is_told(
    client: TestClient, bearer: Bearer, town: Town
) -> None:
    rule = body(
        town, name="自动", priority=1, condition={"category": ["0204"]}, auto=True,
        helpers=[str(town.bodies[SQUAD])],
    )  # fmt: skip
    made = client.post("/api/routing/rules", json=rule, headers=bearer("demo-town"))
    assert made.status_code == 201

    def close(how: str) -> None:
        engine = create_engine(get_settings().owner_url)
        with engine.begin() as connection:
            connection.execute(
                text(f"UPDATE organization SET closed_at = {how} WHERE id = :id"),
                {"id": town.bodies[SQUAD]},
            )
        engine.dispose()

    close("now()")
    try:
        event_id = an_event_at(town, "filed", category="0204")
        hear_everything()
    finally:
        close("NULL")
    event = the(event_id)
    assert (event.state, event.lead_organization_id) == ("dispatched", town.bodies[OFFICE])
    with unit_of_work(town.unit_head_of(town.grids[0])) as session:
        told = set(session.scalars(select(Notice.about).where(Notice.event_id == event_id)))
    assert "told.file" in told
    with unit_of_work() as session:
        waiting = select(Outbox.fact).where(Outbox.subject_id == event_id, Outbox.done_at.is_(None))
        assert session.scalars(waiting).all() == []
