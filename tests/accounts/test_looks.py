"""Looks at personal data: noted, limited, and told to the auditors when there are many."""

from collections.abc import Callable, Iterator
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from backend.city.accounts import looks
from backend.city.accounts.audit import What
from backend.city.accounts.models import AuditEntry
from backend.core import rate
from backend.core.actor import Actor
from backend.core.db import unit_of_work
from backend.core.errors import TooMany
from backend.core.settings import get_settings
from backend.tools.notices.models import Notice
from tests.conftest import Town
from tests.owner import owner
from tests.people import add_person

Bearer = Callable[[str], dict[str, str]]
PHONE = "13800005577"


@pytest.fixture
def narrow() -> Iterator[None]:
    """Two looks an hour."""
    settings = get_settings()
    few = {"reveals_per_hour": 2, "lookups_per_hour": 2}
    object.__setattr__(settings, "__dict__", settings.__dict__ | few)
    yield
    get_settings.cache_clear()


def noted(actor: Actor, what: What) -> list[AuditEntry]:
    with unit_of_work(actor) as session:
        rows = session.scalars(
            select(AuditEntry)
            .where(AuditEntry.what == what, AuditEntry.account_id == actor.id)
            .order_by(AuditEntry.id)
        )
        return list(rows)


def report(client: TestClient, header: dict[str, str], unit: str) -> str:
    body = {
        "client_id": str(uuid4()), "text": "路灯不亮", "category": "0201", "area_code": unit,
        "source": "hotline_12345", "contact": {"name": "陈先生", "phone": PHONE},
    }  # fmt: skip
    answer = client.post("/api/intake/reports", json=body, headers=header)
    assert answer.status_code == 201, answer.text
    key: str = answer.json()["id"]
    return key


def test_a_caller_is_looked_up_in_the_body_and_the_look_is_noted(
    client: TestClient, bearer: Bearer, town: Town
) -> None:
    header = bearer("demo-town")
    report(client, header, town.units[0])
    asked = {"phone": PHONE, "occasion": "hotline_12345", "reason": "回电"}
    answer = client.post("/api/intake/caller", json=asked, headers=header)
    assert answer.status_code == 200 and len(answer.json()) == 1
    last = noted(town["demo-town"], What.CALLER_LOOKED_UP)[-1]
    assert (last.about, last.reason) == ("138****5577", "回电")
    assert last.details == {"occasion": "hotline_12345", "found": 1}
    assert client.get(f"/api/intake/caller?phone={PHONE}", headers=header).status_code in (404, 405)
    for refused in (
        {"occasion": "other"},
        asked | {"phone": "138"},
        asked | {"occasion": "curious"},
    ):
        body = client.post("/api/intake/caller", json=refused, headers=header)
        assert body.status_code == 422


def test_no_address_of_the_api_takes_a_telephone_number(client: TestClient) -> None:
    paths = client.get("/api/openapi.json").json()["paths"]
    taking = [
        f"{method} {path}"
        for path, methods in paths.items()
        for method, route in methods.items()
        for parameter in route.get("parameters", ())
        if any(word in parameter["name"] for word in ("phone", "tel", "mobile", "contact"))
    ]
    assert taking == []


@pytest.mark.usefixtures("narrow")
def test_many_looks_are_refused_and_told_to_the_auditors_once(
    client: TestClient, bearer: Bearer, town: Town
) -> None:
    clerk = town["demo-village"]
    village = next(u for u in town.units if u.startswith(clerk.area_code))
    header = bearer("demo-village")
    event_id = report(client, header, village)

    def reveal() -> tuple[int, str]:
        answer = client.post(
            f"/api/events/{event_id}/contact", json={"reason": "需要回电核实"}, headers=header
        )
        return answer.status_code, answer.json().get("code", "")

    assert [reveal()[0] for _ in range(2)] == [200, 200]
    assert [reveal() for _ in range(3)] == [(429, "looks_limit")] * 3
    seen = noted(clerk, What.REVEALED)
    assert len(seen) == 2 and {row.reason for row in seen} == {"需要回电核实"}
    assert str(seen[0].subject_id) == event_id
    (alarm,) = noted(clerk, What.LOOKS_LIMIT)
    assert alarm.details == {"kind": "revealed", "most": 2, "hours": 1}
    auditor = town["demo-audit"]
    with unit_of_work(auditor) as session:
        told = session.scalars(
            select(Notice).where(
                Notice.account_id == auditor.id, Notice.about == "told.looks_limit"
            )
        ).all()
    assert [(n.details["name"], n.details["most"]) for n in told] == [(clerk.name, "2")]
    shown = client.get("/api/notices", headers=bearer("demo-audit")).json()
    assert any(clerk.name in n["words"] for n in shown)


def test_looks_of_a_day_are_counted_too_over_every_post(
    town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = get_settings()
    monkeypatch.setitem(settings.__dict__, "lookups_per_day", 3)
    with owner() as session:
        key = add_person(session, f"desk-{uuid4()}", "接线员").id
    base = town["demo-town"]
    first, second = (
        Actor(key, base.role, post, "接线员", base.area_code, base.home_county, base.scope)
        for post in (uuid4(), uuid4())
    )
    for actor in (first, second, first):
        looks.admit(actor, What.CALLER_LOOKED_UP)
    with pytest.raises(TooMany) as refused:
        looks.admit(second, What.CALLER_LOOKED_UP)
    assert refused.value.params["hours"] == 24


def test_answers_to_wrong_codes_are_limited_by_address(client: TestClient) -> None:
    most = get_settings().track_steps_per_hour
    step = {"client_id": str(uuid4()), "action": "answer_solved"}
    path = "/api/public/events/E20261128-359902-AAAA-BBBB/steps"
    with TestClient(client.app, base_url="http://onemap.test", client=("192.0.2.77", 1)) as other:
        codes = [
            other.post(path, json={"code": f"WRONG{n:03}", "step": step}).status_code
            for n in range(most + 2)
        ]
    assert codes == [404] * most + [429] * 2
    assert rate.count("track_steps_per_hour", "192.0.2.77", 3600)[0] == most + 3
