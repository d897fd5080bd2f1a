"""A resident's name is no colleague's: who knows it, and that signing in goes on all the same."""

from collections.abc import Callable
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient

from backend.city.accounts import queries
from backend.city.accounts.models import Post
from backend.core.actor import Actor, Role, system
from backend.core.db import NOBODY, unit_of_work
from backend.core.settings import get_settings
from backend.matters.events.intake import reporting
from tests.conftest import Town
from tests.events.makers import a_report
from tests.owner import owner
from tests.people import add_person

AsActor = Callable[[Actor], dict[str, str]]


def test_a_resident_is_known_to_who_sees_their_case_and_to_who_fills_posts(town: Town) -> None:
    resident = town["demo-resident"]

    def known(actor: Actor | None) -> bool:
        with unit_of_work(actor) as session:
            return bool(queries.names(session, [resident.id]))

    desks = [town[name] for name in ("demo-city", "demo-county", "demo-leader", "demo-audit")]
    desks.append(system(town["demo-village"].home_county))
    elsewhere = next(v for v in town.villages if not town.units[0].startswith(v))
    others = [town["demo-dept"], town.unit_head_of(elsewhere), NOBODY, None]
    assert [known(one) for one in (*desks, *others)] == [False] * 9
    fillers = [town[name] for name in ("demo-admin", "demo-town", "demo-village")]
    assert [known(one) for one in (resident, *fillers)] == [True] * 4
    with unit_of_work(resident) as session:
        reporting.report(session, resident, a_report(town))
    assert [known(one) for one in desks] == [True] * 5
    assert [known(one) for one in others] == [False] * 4


def test_a_resident_who_works_for_the_city_as_well_is_a_colleague(town: Town) -> None:
    with owner() as session:
        person = add_person(session, f"both-{uuid4()}", "两边都在")
        village = town.villages[0]
        home = town["demo-village"].home_county
        for role, area in ((Role.RESIDENT, village), (Role.GRID_WORKER, town.grids[0])):
            session.add(Post(account_id=person.id, role=role, area_code=area, home_county=home))
    with unit_of_work(town["demo-dept"]) as session:
        assert queries.names(session, [person.id]) == {person.id: "两边都在"}


def test_a_resident_is_invited_joins_and_signs_in_again(
    client: TestClient, town: Town, as_actor: AsActor
) -> None:
    sent = {
        "username": f"resident-{uuid4()}", "name": "新居民", "role": "resident",
        "area_code": town.villages[0],
    }  # fmt: skip
    made = client.post("/api/accounts", json=sent, headers=as_actor(town["demo-admin"])).json()
    body = {"secret": made["link"].split("#")[1], "password": "a good long one", "bearer": True}
    joined = client.post("/api/auth/invitation", json=body)
    assert (joined.status_code, joined.json()["name"]) == (200, "新居民")
    again = {"username": sent["username"], "password": body["password"], "bearer": True}
    entered = client.post("/api/auth/sign-in", json=again)
    assert entered.status_code == 200
    renewed = client.post("/api/auth/refresh", json={"refresh": entered.json()["refresh"]})
    assert renewed.json()["name"] == "新居民"
    # A known resident is put into a post by their user name alone, by who may fill that post.
    second = sent | {"role": "grid_worker", "area_code": town.grids[0]}
    given = client.post("/api/accounts", json=second, headers=as_actor(town["demo-village"]))
    assert (given.status_code, given.json()["link"]) == (201, None)


def test_the_demo_says_that_a_resident_can_sign_in(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ONEMAP_DEMO", "true")
    get_settings.cache_clear()
    told = client.get("/api/auth/demo").json()
    monkeypatch.undo()
    get_settings.cache_clear()
    assert {"demo-resident", "demo-town"} <= {one["username"] for one in told}
