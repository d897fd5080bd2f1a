"""What has served its purpose is forgotten, after its time and not before, and the list says so."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import create_engine, select, text

from backend import retention
from backend.city.accounts.models import AuditEntry
from backend.core import clock
from backend.core.actor import INTAKE_COUNTY, system
from backend.core.db import unit_of_work
from backend.core.rows import Aside
from backend.core.settings import get_settings
from backend.matters.events.models import Event, EventContact
from tests.conftest import Town
from tests.events.makers import a_report, an_event_at

COUNTY = "359902"


@pytest.fixture
def owner(database: str) -> Iterator[object]:
    engine = create_engine(get_settings().owner_url)
    yield engine
    engine.dispose()


def aged(owner, statement: str, **values: object) -> None:  # type: ignore[no-untyped-def]
    with owner.begin() as connection:
        connection.execute(text(statement), values)


def forget(county: str = COUNTY) -> int:
    with clock.at(clock.now()):
        return retention.forget(county, Aside())


def noted(what: str) -> list[int]:
    with unit_of_work(system(COUNTY, INTAKE_COUNTY)) as session:
        entries = session.scalars(
            select(AuditEntry).where(AuditEntry.what == "forgotten", AuditEntry.about == what)
        )
        return [entry.details["rows"] for entry in entries]


def ago(days: int) -> datetime:
    return clock.now() - timedelta(days=days)


def test_a_contact_goes_with_time_after_the_end_and_the_case_stays(
    client: TestClient, town: Town, owner
) -> None:  # type: ignore[no-untyped-def]
    contact = {"name": "林先生", "phone": "13800000012"}
    body = a_report(town).model_dump(mode="json") | {"contact": contact}
    open_one = UUID(client.post("/api/public/events", json=body).json()["id"])
    other = a_report(town).model_dump(mode="json") | {"contact": contact}
    ended = UUID(client.post("/api/public/events", json=other).json()["id"])
    aged(owner, "UPDATE event SET reported_at = :at WHERE id = :id", at=ago(900), id=open_one)

    def has(event: UUID) -> bool:
        with unit_of_work(system(COUNTY)) as session:
            assert session.get(Event, (COUNTY, event)) is not None
            return session.get(EventContact, (COUNTY, event)) is not None

    for days, kept in ((179, True), (181, False)):
        aged(
            owner, "UPDATE event SET closed_at = :at, state = 'closed' WHERE id = :id",
            at=ago(days), id=ended,
        )  # fmt: skip
        forget()
        assert (has(ended), has(open_one)) == (kept, True)
    assert noted("contacts") == [1]
    assert forget() == 0


def test_no_setting_reaches_below_the_databases_own_floor(town: Town, owner) -> None:  # type: ignore[no-untyped-def]
    with unit_of_work(system(COUNTY)) as session:
        for rule in retention.RULES:
            call = text(f"SELECT {rule.function}(:county, now() + interval '9 years', 1000)")
            assert session.scalar(call, {"county": COUNTY}) == 0, rule.what


def test_messages_notices_sessions_and_cameras_each_after_their_days(
    client: TestClient, town: Town, as_actor, owner
) -> None:  # type: ignore[no-untyped-def]
    event = an_event_at(town, "handling")
    header = as_actor(town["demo-unit"])
    aged(
        owner,
        "INSERT INTO notice (county_code, id, account_id, event_id, action_id, about, kind, details,"
        " made_at) SELECT :county, gen_random_uuid(), :who, :event, gen_random_uuid(), 'told.file',"
        " 'mine', '{}', now() - days * interval '1 day' FROM unnest(ARRAY[10, 364, 366]) AS days",
        county=COUNTY, who=town["demo-unit"].id, event=event,
    )  # fmt: skip
    aged(
        owner,
        "INSERT INTO message (county_code, id, event_id, action_id, channel, to_sealed, to_blind,"
        " about, words, status, made_at) SELECT :county, gen_random_uuid(), :event,"
        " gen_random_uuid(), 'sms', 'x', 'x', 'told.file', 'words', status,"
        " now() - days * interval '1 day' FROM (VALUES ('sent', 10), ('sent', 181), ('failed', 181),"
        " ('waiting', 181)) AS made (status, days)",
        county=COUNTY, event=event,
    )  # fmt: skip
    aged(
        owner,
        "INSERT INTO media (county_code, id, uploaded_by, kind, name, sha256, width, height,"
        " size_bytes, exif_position, taken_at, uploaded_at) SELECT :county, gen_random_uuid(), :who,"
        " 'photo', '', 'x', 1, 1, 1, '{\"lon\": 1, \"lat\": 1}', now(),"
        " now() - days * interval '1 day' FROM unnest(ARRAY[10, 91]) AS days",
        county=COUNTY, who=town["demo-unit"].id,
    )  # fmt: skip
    aged(
        owner,
        "INSERT INTO sign_in (id, account_id, post_id, salt, generation, rotated_at, replaced, device,"
        " created_at, expires_at) SELECT gen_random_uuid(), CAST(:who AS uuid), CAST(:post AS uuid),"
        " 'x', 0, now(), '{}', '', now(), now() - days * interval '1 day'"
        " FROM unnest(ARRAY[100, 201]) AS days",
        who=town["demo-unit"].id, post=town["demo-unit"].post_id,
    )  # fmt: skip

    def count(table: str, where: str = "true") -> int:
        with owner.connect() as connection:
            return int(connection.scalar(text(f"SELECT count(*) FROM {table} WHERE {where}")))

    before = {name: count(name) for name in ("notice", "message", "sign_in", "media", "event")}
    cameras = count("media", "taken_at IS NOT NULL")
    forget()
    forget(INTAKE_COUNTY)
    after = {name: count(name) for name in before}
    gone = {name: before[name] - after[name] for name in before}
    assert gone == {"notice": 1, "message": 2, "sign_in": 1, "media": 0, "event": 0}
    assert cameras - count("media", "taken_at IS NOT NULL") == 1
    assert count("message", "status = 'waiting'") == 1
    assert noted("messages") == [2] and noted("sessions") == [1]
    assert client.get("/api/auth/me", headers=header).status_code == 200
