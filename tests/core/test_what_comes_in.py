"""What a hostile or clumsy caller sends is refused with words, by every road: never a 5xx."""

import json
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient

from tests.conftest import Town

Bearer = Callable[[str], dict[str, str]]


def report(town: Town, **change: Any) -> dict[str, Any]:
    return {
        "client_id": str(uuid4()),
        "text": "路灯不亮",
        "category": "0201",
        "area_code": town.units[0],
    } | change


def told(answer: Any, status: int = 422) -> dict[str, Any]:
    assert answer.status_code == status, (answer.status_code, answer.text[:300])
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.headers["x-request-id"] == answer.json()["request_id"] != ""
    assert answer.headers["x-content-type-options"] == "nosniff"
    body: dict[str, Any] = answer.json()
    return body


@pytest.mark.parametrize(
    "change",
    [
        {"text": "a\0b"}, {"address_text": "a\0b"}, {"answers": {"x\0": "y"}}, {"answers": {"x": "y\0"}},
        {"answers": {str(n): "y" for n in range(100)}}, {"client_at": "2026-11-28T08:00:00"},
        {"client_at": "9999-12-31T23:59:59-12:00"}, {"client_at": "0001-01-01T00:00:00+14:00"},
        {"client_at": "2099-01-01T00:00:00Z"}, {"area_code": "35990"}, {"area_code": "３５９９"},
        {"position": {"lon": 119, "lat": 25, "crs": "WGS84", "captured_at": "2099-01-01T00:00:00Z"}},
        {"position": {"lon": 1e300, "lat": 25, "crs": "WGS84"}}, {"position": {"lon": 119, "lat": 25, "crs": "WG\0"}},
        {"text": " \u200b ", "photos": []}, {"contact": {"name": "x", "phone": "-----"}}, {"category": "0201\0"},
        {"text": "长" * 2001}, {"severity": 10**40}, {"photos": [str(uuid4())] * 10}, {"misspelt": 1},
    ],
)  # fmt: skip
@pytest.mark.parametrize("path", ["/api/events", "/api/public/events"])
def test_a_report_is_refused_with_words(
    client: TestClient, town: Town, bearer: Bearer, change: dict[str, Any], path: str
) -> None:
    headers = bearer("demo-unit") if path == "/api/events" else {}
    body = told(client.post(path, json=report(town, **change), headers=headers))
    if body["code"] == "body_invalid":
        assert body["errors"] and all(e["field"] and e["detail"] for e in body["errors"])


def test_the_words_are_the_callers(client: TestClient, town: Town, bearer: Bearer) -> None:
    headers = bearer("demo-unit") | {"Accept-Language": "zh-CN"}
    body = told(client.post("/api/events", json=report(town, text="长" * 2001), headers=headers))
    assert body["errors"] == [{"field": "text", "detail": "最多 2000 个字。"}]


@pytest.mark.parametrize(
    "raw",
    [
        b'{"text": "\\ud800"}', b'{"\\ud800": 1}', b"[" * 100_000, b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
        b'{"severity": ' + b"9" * 10_000 + b"}", b'{"severity": NaN}', b'{"position": {"lon": 1e999}}', b"\xff\xfe", b"{", b"null", b'"x"',
    ],
)  # fmt: skip
def test_a_body_that_is_none_is_refused(client: TestClient, bearer: Bearer, raw: bytes) -> None:
    headers = bearer("demo-unit") | {"Content-Type": "application/json"}
    told(client.post("/api/events", content=raw, headers=headers))


def test_a_body_that_is_no_file_has_an_end(client: TestClient, bearer: Bearer) -> None:
    headers = bearer("demo-unit") | {"Content-Type": "application/json"}
    body = told(client.post("/api/events", content=b" " * 2_000_001, headers=headers), 413)
    assert body["code"] == "body_too_large"


WHERE = "lon=119.0&lat=25.4"


@pytest.mark.parametrize(
    ("who", "path"),
    [
        *[("demo-town", f"/api/{list_}?area={code}") for list_ in ("events", "items", "hot-spots", "reviews", "deliberations", "organizations", "routing/rules", "indicators", "indicators/year")
          for code in ("35990", "3599021", "3599021010", "35990210100", "3599021010011")],
        ("demo-town", f"/api/events/near?{WHERE}&radius_m=5e-324"), ("demo-town", f"/api/events/near?{WHERE}&radius_m=nan"),
        ("demo-town", "/api/events/near?lon=inf&lat=25"), ("demo-town", f"/api/events/near?{WHERE}&text=%00"),
        ("demo-town", "/api/events?number=%00"), ("demo-town", "/api/events?category=a%00"), ("demo-town", "/api/items?q=%00"),
        ("demo-town", "/api/assets?q=%00"), ("demo-town", "/api/deliberations?q=%00"), ("demo-village", "/api/staff?q=%00"),
        ("demo-town", "/api/events?number=%ff"), ("demo-town", "/api/intake/categories?text=%00%00"),
        ("demo-admin", "/api/categories/schemes/32768.xlsx"), ("demo-admin", "/api/categories/schemes/99999999999999999999.xlsx"),
        ("demo-town", "/api/calendar/due?limit=work_day&amount=3650&start=9999-12-31T00:00:00Z"),
        ("demo-town", "/api/calendar/due?limit=work_day&amount=1&start=0001-01-01T00:00:00Z"),
        ("demo-town", "/api/calendar/due?limit=work_day&amount=1&start=2026-11-28T08:00:00"),
        ("demo-town", "/api/reviews?since=0001-01-01T00:00:00Z"), ("demo-town", "/api/reviews?until=2026-11-28T08:00:00"),
        ("demo-town", "/api/areas/35990"), ("demo-town", "/api/indicators/rates?area=3599&month=2026-13"),
        (None, "/api/areas/locate?lon=inf&lat=1&crs=WGS84"), (None, "/api/areas/locate?lon=1&lat=1&crs=%00"),
        (None, "/api/public/notices?area=35990"), (None, "/api/public/notices/%00"), (None, f"/api/public/near?{WHERE}&crs=%00"),
    ],
)  # fmt: skip
def test_an_address_is_refused_with_words(
    client: TestClient, bearer: Bearer, who: str | None, path: str
) -> None:
    told(client.get(path, headers=bearer(who) if who else {}))


def test_a_search_takes_its_signs_as_they_stand(
    client: TestClient, bearer: Bearer, town: Town
) -> None:
    """`%` and `_` are no wildcards."""
    item = {
        "client_id": str(uuid4()),
        "kind": "problem",
        "title": "完成 100% 的路段",
        "area_code": town["demo-village"].area_code,
    }
    made = client.post("/api/items", json=item, headers=bearer("demo-village"))
    assert made.status_code == 201, made.text

    def found(path: str) -> int:
        answer = client.get(path, headers=bearer("demo-village"))
        assert answer.status_code == 200
        return len(answer.json()["items"] if isinstance(answer.json(), dict) else answer.json())

    assert found("/api/items?q=%25") == found("/api/items?q=100%25") == 1
    assert found("/api/items?q=_") == found("/api/items?q=1__%25") == 0
    assert found("/api/staff?q=%25") == found("/api/staff?q=_") == 0
    assert found("/api/staff?q=demo-unit") >= 1


def test_a_drawing_is_a_shape_and_nothing_else(client: TestClient, bearer: Bearer) -> None:
    path = f"/api/reviews/{uuid4()}/entries/{uuid4()}/remarks"
    ring = [[119.0, 25.0], *([119.0 + n / 1e4, 25.1] for n in range(1_200)), [119.0, 25.0]]
    for drawing, why in (
        # Each line is short enough, together they are not.
        ({"type": "Polygon", "coordinates": [ring, ring]}, "2000"),
        ({"type": "Polygon", "coordinates": [[]] * 2_001}, "2000"),
        ({"type": "LineString", "coordinates": [[119.0, 25.0]] * 2_001}, "2000"),
        ({"type": "x"}, ""),
        ({"any": "x" * 1_000_000}, ""),
        ({"type": "Point", "coordinates": [500, 2]}, ""),
    ):
        body = told(
            client.post(path, json={"text": "", "drawing": drawing}, headers=bearer("demo-village"))
        )
        assert body["errors"][0]["field"] == "drawing" and why in body["errors"][0]["detail"]


def test_the_description_says_how_refusals_are_served(client: TestClient) -> None:
    paths = client.get("/api/openapi.json").json()["paths"]
    for path, methods in paths.items():
        for method, told_ in methods.items():
            for status, answer in told_["responses"].items():
                if status >= "400" or status == "default":
                    assert list(answer["content"]) == ["application/problem+json"], (
                        method,
                        path,
                        status,
                    )
            assert {"422", "default"} <= set(told_["responses"]), (method, path)
    assert json.dumps(paths).count("HTTPValidationError") == 0
