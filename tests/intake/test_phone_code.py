"""A number is proved by a code that only its owner can read."""

import json
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select

from backend.api import create_app
from backend.core import clock, delivery, phone_code
from backend.core.actor import INTAKE_COUNTY, system
from backend.core.db import unit_of_work
from backend.core.settings import get_settings
from backend.matters.events.models import EventContact
from backend.subscriptions import HANDLERS
from tests.conftest import Town

PHONE = "139 0000 5678"


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, database: str) -> Any:
    """Messages go to a file; the texts that went out."""
    out = tmp_path / "sms.jsonl"
    monkeypatch.setenv("ONEMAP_SMS_GATEWAY", f"file://{out}")
    get_settings.cache_clear()

    def texts() -> list[dict[str, str]]:
        while delivery.drain(INTAKE_COUNTY, HANDLERS):
            pass
        return (
            [json.loads(line) for line in out.read_text("utf-8").splitlines()]
            if out.exists()
            else []
        )

    yield texts
    monkeypatch.undo()
    get_settings.cache_clear()


def report(client: TestClient, town: Town, code: str | None) -> Any:
    lon, lat = town.sites[town.units[0]]
    body = {
        "client_id": str(uuid4()), "text": "路灯坏了", "category": "0204",
        "position": {"lon": lon, "lat": lat, "crs": "WGS84", "confirmed": True},
        "contact": {"name": "林", "phone": PHONE, "code": code},
    }  # fmt: skip
    return client.post("/api/public/events", json=body)


def test_the_code_of_a_number_proves_it(client: TestClient, town: Town, sent: Any) -> None:
    asked = client.post("/api/public/phone-codes", json={"phone": "+86 13900005678"})
    assert asked.status_code == 204
    (message,) = sent()
    (code,) = re.findall(r"\d{6}", message["text"])
    answer = report(client, town, code)
    assert answer.status_code == 201, answer.text
    county = answer.json()["county_code"]
    with unit_of_work(system(county)) as session:
        proved = session.scalar(
            select(EventContact.phone_proved).where(EventContact.id == answer.json()["id"])
        )
    assert proved is True
    wrong = report(client, town, f"{(int(code) + 1) % 10**6:06}")
    assert (wrong.status_code, wrong.json()["code"]) == (422, "phone_code_wrong")


def test_where_the_city_asks_for_it_no_number_counts_without(
    client: TestClient, town: Town, sent: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert client.get("/api/public/settings").json()["phone_code"] == "offered"
    assert report(client, town, None).status_code == 201
    monkeypatch.setenv("ONEMAP_PHONE_CODE_REQUIRED", "true")
    get_settings.cache_clear()
    assert client.get("/api/public/settings").json()["phone_code"] == "required"
    answer = report(client, town, None)
    assert (answer.status_code, answer.json()["code"]) == (422, "phone_code_missing")


def test_a_code_is_good_for_ten_minutes_and_not_for_twenty(database: str) -> None:
    asked = datetime(2026, 11, 21, 8, 9, 59, tzinfo=UTC)
    code = phone_code.code_for(PHONE, asked)
    assert phone_code.holds(PHONE, code, asked + timedelta(minutes=10))
    assert not phone_code.holds(PHONE, code, asked + timedelta(minutes=11))
    assert not phone_code.holds("13900005679", code, asked)
    assert (
        len({phone_code.code_for(PHONE, asked + timedelta(minutes=10 * i)) for i in range(50)}) > 45
    )


def test_one_number_is_not_flooded_from_many_places(database: str, sent: Any) -> None:
    app, most = create_app(), get_settings().public_codes_per_hour
    with clock.at(datetime(2026, 11, 21, 8, tzinfo=UTC)):
        answers = [
            TestClient(app, base_url="http://onemap.test", client=(f"10.9.0.{i}", 1))
            .post("/api/public/phone-codes", json={"phone": "13912345678"})
            .status_code
            for i in range(most + 1)
        ]
    assert answers == [204] * most + [429]
