"""A number from outside leads to one event: however often it is sent, by whom, and at once."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import create_engine, func, select
from sqlalchemy.orm import Session

from backend.core.actor import Actor, Role
from backend.core.db import unit_of_work
from backend.core.errors import Conflict
from backend.core.settings import get_settings
from backend.matters.events import queries
from backend.matters.events.intake import importing, reporting
from backend.matters.events.models import Event
from gis.reading import Feature
from tests.conftest import Town
from tests.events.makers import a_report, take

HOTLINE = "hotline_12345"


def unit_of(town: Town) -> str:
    return next(u for u in town.units if u.startswith(town["demo-village"].area_code))


def taken_down(town: Town, desk: Actor, number: str, source: str = HOTLINE, **more: Any) -> Any:
    with unit_of_work(desk) as session:
        return reporting.report(
            session, desk, a_report(town, unit_of(town), **more),
            reporting.OnBehalf(source, number),
        )  # fmt: skip


def test_the_same_order_twice_is_one_event(town: Town) -> None:
    desk, village = town["demo-town"], town["demo-village"]
    first = taken_down(town, desk, "HL-2026-1")
    again = taken_down(town, desk, "HL-2026-1", text="说法不同")
    by_another = taken_down(town, village, " hl－2026－1 ")
    for receipt in (again, by_another):
        assert (receipt["id"], receipt["event_no"]) == (first["id"], first["event_no"])
        assert receipt["track_code"] == first["track_code"]
    # It has gone on meanwhile, and the order comes once more: still the same.
    take(town, village, UUID(first["id"]), "file")
    assert taken_down(town, desk, "HL-2026-1")["state"] == "filed"
    assert taken_down(town, desk, "HL-2026-2")["id"] != first["id"]
    assert taken_down(town, desk, "HL-2026-1", "enterprise")["id"] != first["id"], "another system"
    assert taken_down(town, desk, "  ")["id"] != taken_down(town, desk, "")["id"], "no number"


def test_one_key_for_two_orders_is_refused_and_loses_neither(town: Town) -> None:
    """A form keeps its key when the number in it is put right after a lost answer."""
    desk, key = town["demo-town"], uuid4()
    first = taken_down(town, desk, "HL-2026-7", client_id=key)
    assert taken_down(town, desk, "HL-2026-7", client_id=key)["id"] == first["id"]
    for number, source in (("HL-2026-8", HOTLINE), ("HL-2026-7", "enterprise")):
        with pytest.raises(Conflict, match="key_used_for_other_body"):
            taken_down(town, desk, number, source, client_id=key)
    second = taken_down(town, desk, "HL-2026-8")
    assert second["id"] != first["id"]
    assert taken_down(town, desk, "HL-2026-8")["id"] == second["id"]


def test_an_order_that_leads_elsewhere_now_is_still_one_event(town: Town) -> None:
    first = taken_down(town, town["demo-city"], "HL-2026-3", position=None)
    assert first["county_code"] == "000000"
    there = taken_down(town, town["demo-city"], "HL-2026-3")
    assert (there["id"], there["county_code"]) == (first["id"], "000000")


def test_another_desk_is_told_that_it_was_taken_in_and_no_more(town: Town) -> None:
    taken_down(town, town["demo-village"], "HL-2026-4")
    other = next(
        a for a in town.actors.values()
        if a.role is Role.VILLAGE_SECRETARY and a.id != town["demo-village"].id
    )  # fmt: skip
    with pytest.raises(Conflict, match="reference_taken_elsewhere"):
        taken_down(town, other, "HL-2026-4")


def test_sent_twice_at_once_it_is_one_event(town: Town) -> None:
    start = Barrier(4)

    def send(_: int) -> str:
        start.wait(timeout=20)
        answer: dict[str, str] = taken_down(town, town["demo-town"], "HL-2026-5")
        return answer["id"]

    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(send, range(4)))) == 1
    with unit_of_work(town["demo-town"]) as session:
        found = select(func.count()).select_from(Event).where(Event.external_ref == "HL-2026-5")
        assert session.scalar(found) == 1


def test_the_key_of_a_report_without_it_leaves_a_number_free(
    town: Town, client: TestClient, bearer: Any
) -> None:
    """It would lead to a report that is none, and whoever sends the order would be told so."""
    desk = bearer("demo-town")
    body = {
        "text": "路灯不亮", "category": "0204", "area_code": unit_of(town), "source": HOTLINE,
        "client_id": str(uuid4()),
    }  # fmt: skip
    first = client.post("/api/intake/reports", json=body, headers=desk)
    number = {"external_ref": "HL-2026-7"}
    again = client.post("/api/intake/reports", json=body | number, headers=desk)
    assert (first.status_code, again.status_code) == (201, 409)
    assert again.json()["code"] == "key_used_for_other_body"
    order = body | number | {"client_id": str(uuid4())}
    assert client.post("/api/intake/reports", json=order, headers=desk).status_code == 201


def test_over_http_as_well(town: Town, client: TestClient, bearer: Any) -> None:
    body = {
        "text": "路灯不亮", "category": "0204", "area_code": unit_of(town), "source": HOTLINE,
        "external_ref": "HL-2026-6",
    }  # fmt: skip
    answers = [
        client.post(
            "/api/intake/reports", json=body | {"client_id": str(uuid4())},
            headers=bearer("demo-town"),
        )
        for _ in range(2)
    ]  # fmt: skip
    assert [a.status_code for a in answers] == [201, 201]
    assert answers[0].json()["id"] == answers[1].json()["id"]


def imported(town: Town, *rows: dict[str, str], **plan: Any) -> importing.Report:
    lon, lat = town.sites[unit_of(town)]
    base = {"category": "0201", "lon": str(lon), "lat": str(lat), "text": "老案子"}
    features = [Feature(n, base | row, None) for n, row in enumerate(rows, 2)]
    engine = create_engine(get_settings().owner_url)
    with Session(engine) as session, session.begin():
        report = importing.import_events(
            session, features,
            importing.Plan("WGS84", ZoneInfo("Asia/Shanghai"), "0201", **plan),
        )  # fmt: skip
    engine.dispose()
    return report


def with_number(town: Town, number: str) -> list[Event]:
    with unit_of_work(town["demo-town"]) as session:
        return list(
            session.scalars(
                queries.visible_to(town["demo-town"]).where(Event.external_ref == number)
            )
        )


def test_an_equal_number_of_another_system_is_not_dropped(town: Town) -> None:
    ours = {"reference": "1", "reported_at": "2026-11-20 08:30:00", "text": "甲区一号"}
    theirs = {"reference": "1", "reported_at": "2026-10-01 08:30:00", "text": "乙区一号"}
    assert imported(town, ours).added == 1
    assert imported(town, ours).known == 1
    told = imported(town, theirs)
    assert (told.refused, told.added, [f.column for f in told.faults]) == (True, 0, ["reference"])
    assert imported(town, theirs, system="乙区").added == 1
    assert imported(town, theirs, system="乙区").known == 1
    assert [e.text for e in with_number(town, "1")] == ["甲区一号", "乙区一号"]
    # Inside one file too: the same twice is one, another with its number a fault.
    fresh = {"reference": "9", "reported_at": "2026-11-20 08:30:00"}
    told = imported(town, fresh, fresh, fresh | {"reported_at": "2026-11-21 08:30:00"})
    assert told.refused and len(told.faults) == 1
    assert imported(town, fresh, fresh).known == 1


def test_more_cases_than_a_statement_has_parameters(town: Town) -> None:
    """A year of a hotline: one parameter a number would end at 65,535."""
    at = {"reported_at": "2026-11-20 08:30:00"}
    numbers = [f"Y{n}" for n in range(66_000)]
    assert imported(town, {"reference": "Y7"} | at).added == 1
    # The last row cannot be read, so nothing is written; which numbers are known is asked before.
    told = imported(
        town, *({"reference": number} | at for number in numbers),
        {"reference": "Y7", "reported_at": "2026-11-21 08:30:00"}, {"reported_at": "yesterday"},
    )  # fmt: skip
    assert (told.refused, told.rows) == (True, 66_002)
    assert [fault.column for fault in told.faults] == ["reported_at", "reference"]


def test_imported_open_cases_go_on(town: Town) -> None:
    imported(town, {"reference": "A1", "reported_at": "2026-11-20 08:00:00"})
    (event,) = with_number(town, "A1")
    assert (event.state, event.lead_organization_id) == ("filed", None)
    for who, action in (
        ("demo-town", "dispatch"), ("demo-dept", "accept"), ("demo-dept", "submit_result"),
        ("demo-town", "close_without_follow_up"),
    ):  # fmt: skip
        take(town, town[who], event.id, action)
    (event,) = with_number(town, "A1")
    assert event.state == "closed"


def test_imported_sensitive_cases_are_seen_by_the_place_alone(town: Town) -> None:
    imported(town, {"reference": "A2", "reported_at": "2026-11-20 08:00:00", "category": "0501"})
    (event,) = with_number(town, "A2")
    assert event.restricted and town["demo-village"].id in event.named
    with unit_of_work(town["demo-county"]) as session:
        assert queries.one(session, town["demo-county"], event.id) is None
