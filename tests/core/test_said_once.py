"""What says a thing twice is refused and named; what is asked for its head is answered without a body."""

import json
from collections.abc import Callable
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient

from tests.conftest import Town

Bearer = Callable[[str], dict[str, str]]


@pytest.mark.parametrize(
    ("body", "key"),
    [
        ('{"client_id": "%s", "text": "路灯不亮", "category": "0201", "area_code": "%s", "text": "井盖"}', "text"),
        ('{"client_id": "%s", "text": "x", "category": "0201", "area_code": "%s", "answers": {"a": "1", "\\u0061": "2"}}', "a"),
    ],
)  # fmt: skip
def test_a_key_that_stands_twice_in_a_body(
    client: TestClient, town: Town, bearer: Bearer, body: str, key: str
) -> None:
    headers = bearer("demo-unit") | {"Content-Type": "application/json"}
    sent = (body % (uuid4(), town.units[0])).encode()
    answer = client.post("/api/events", content=sent, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (422, "key_twice")
    assert f"“{key}”" in answer.json()["title"]


def test_a_stranger_is_told_it_too_and_equal_keys_of_two_objects_are_fine(
    client: TestClient, town: Town, bearer: Bearer
) -> None:
    json_body = {"Content-Type": "application/json"}
    twice = client.post("/api/auth/sign-in", content=b'{"username": "a", "username": "b"}', headers=json_body)  # fmt: skip
    assert (twice.status_code, twice.json()["code"]) == (422, "key_twice")
    days = [{"day": f"2030-01-0{n}", "kind": "holiday", "name": ""} for n in (1, 2)]
    kept = client.put(
        "/api/calendar", headers=bearer("demo-admin"),
        content=json.dumps({"hours": [["08:00", "12:00"]], "days": days}),
    )  # fmt: skip
    assert kept.status_code == 422  # of no type that could be read
    kept = client.put(
        "/api/calendar", headers=bearer("demo-admin"),
        json={"hours": [["08:00", "12:00"]], "days": days},
    )  # fmt: skip
    assert kept.status_code == 200


def test_a_parameter_with_one_value_that_stands_twice(
    client: TestClient, town: Town, bearer: Bearer
) -> None:
    an = bearer("demo-town")
    due = "/api/calendar/due?limit=work_day&amount=1&start=2026-11-20T00:00:00Z"
    assert client.get(due, headers=an).status_code == 200
    answer = client.get(f"{due}&amount=2", headers=an)
    assert (answer.status_code, answer.json()["code"]) == (422, "key_twice")
    assert "“amount”" in answer.json()["title"]
    # A list comes value by value.
    listed = client.get("/api/events?state=reported&state=filed", headers=an)
    assert listed.status_code == 200, listed.text
    assert client.get("/api/events?size=5&size=6", headers=an).status_code == 422


@pytest.mark.parametrize(
    "path",
    ["/api/auth/me", "/api/calendar/days.xlsx", "/api/areas/3599", "/api/health", "/nothing"],
)
def test_a_head_is_that_of_the_answer(
    client: TestClient, town: Town, bearer: Bearer, path: str
) -> None:
    an = bearer("demo-town")
    whole, head = client.get(path, headers=an), client.head(path, headers=an)
    assert (head.status_code, head.content) == (whole.status_code, b"")
    same = ("content-type", "content-length", "cache-control", "x-content-type-options")
    assert [head.headers.get(name) for name in same] == [whole.headers.get(name) for name in same]
    assert client.head("/api/events", headers={}).status_code == 401
    assert (
        client.head("/api/auth/sign-in").status_code == client.get("/api/auth/sign-in").status_code
    )
