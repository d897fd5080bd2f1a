"""Organizations: which serve an area, who keeps them, and what their end changes."""

from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient

from tests.conftest import Town

Bearer = Callable[[str], dict[str, str]]


@pytest.fixture
def keep(client: TestClient, bearer: Bearer) -> Callable[..., Any]:
    """Make an organization, as the town unless said otherwise; the answer."""

    def make(name: str, area: str, who: str = "demo-town", **more: Any) -> Any:
        body = {"name": name, "kind": "department", "area_code": area} | more
        return client.post("/api/organizations", headers=bearer(who), json=body)

    return make


def names(client: TestClient, headers: dict[str, str], area: str) -> list[str]:
    answer = client.get("/api/organizations", params={"area": area}, headers=headers)
    assert answer.status_code == 200, answer.text
    return [one["name"] for one in answer.json()]


def test_an_area_is_served_by_its_own_bodies_and_those_above_the_nearest_first(
    client: TestClient, town: Town, bearer: Bearer, keep: Callable[..., Any]
) -> None:
    mine, other = [v for v in town.villages if v.startswith(town.towns[0])][:2]
    for name, area in (("镇级甲办", town.towns[0]), ("村级甲办", mine), ("村级乙办", other)):
        assert keep(name, area).status_code == 201
    seen = names(client, bearer("demo-town"), mine)
    assert seen.index("村级甲办") < seen.index("镇级甲办")
    assert "村级乙办" not in seen
    assert "村级甲办" not in names(client, bearer("demo-town"), town.towns[0])


def test_who_only_coordinates_is_given_no_work(
    client: TestClient, town: Town, bearer: Bearer, keep: Callable[..., Any]
) -> None:
    made = keep("镇协调中心", town.towns[0], kind="coord_center")
    assert made.status_code == 201
    assert "镇协调中心" not in names(client, bearer("demo-town"), town.towns[0])


def test_one_that_has_ended_gets_no_work_and_cannot_be_changed_or_ended_again(
    client: TestClient, town: Town, bearer: Bearer, keep: Callable[..., Any]
) -> None:
    headers = bearer("demo-town")
    made = keep("将撤办", town.towns[0]).json()
    path = f"/api/organizations/{made['id']}"
    assert "将撤办" in names(client, headers, town.towns[0])
    assert client.delete(path, headers=headers).status_code == 204
    assert "将撤办" not in names(client, headers, town.towns[0])
    body = {"name": "复设办", "kind": "department", "area_code": town.towns[0]}
    assert client.put(path, headers=headers, json=body).status_code == 404
    assert client.delete(path, headers=headers).status_code == 404
    assert "复设办" not in names(client, headers, town.towns[0])


def test_one_is_kept_only_where_one_governs(
    client: TestClient, town: Town, bearer: Bearer, keep: Callable[..., Any]
) -> None:
    elsewhere = town.counties[0]
    assert keep("越界办", elsewhere).status_code == 422
    assert keep("越界办", "359902999").status_code == 422
    # Nor is one of one's own moved there, nor a foreign one touched.
    made = keep("不走办", town.towns[0]).json()
    path = f"/api/organizations/{made['id']}"
    body = {"name": "不走办", "kind": "department", "area_code": elsewhere}
    assert client.put(path, headers=bearer("demo-town"), json=body).status_code == 422
    foreign = keep("县办", elsewhere, who="demo-admin")
    assert foreign.status_code == 201, foreign.text
    theirs = f"/api/organizations/{foreign.json()['id']}"
    body |= {"name": "改名办", "area_code": town.towns[0]}
    assert client.put(theirs, headers=bearer("demo-town"), json=body).status_code == 404
    assert client.delete(theirs, headers=bearer("demo-town")).status_code == 404
    assert "县办" in names(client, bearer("demo-admin"), elsewhere)


def test_whoever_keeps_no_organizations_makes_none(
    client: TestClient, town: Town, keep: Callable[..., Any]
) -> None:
    for who in ("demo-dept", "demo-village"):
        assert keep("无权办", town.villages[0], who=who).status_code == 403
    assert client.get("/api/organizations", params={"area": town.towns[0]}).status_code == 401


def test_duties_are_kept_once_each_and_found_by_the_nearest_body(
    town: Town, keep: Callable[..., Any]
) -> None:
    from backend.city.organizations import queries
    from backend.core.db import unit_of_work

    keep("镇路灯办", town.towns[0], duties=["street_lamp"])
    made = keep("村路灯办", town.villages[0], duties=["street_lamp", "bins", "bins"])
    assert made.json()["duties"] == ["bins", "street_lamp"]
    with unit_of_work() as session:
        inside = next(u for u in town.units if u.startswith(town.villages[0]))
        for area, name in ((inside, "村路灯办"), (town.towns[0], "镇路灯办")):
            found = queries.for_duty(session, area, "street_lamp")
            assert found is not None and found.name == name
        assert queries.for_duty(session, inside, "") is None
