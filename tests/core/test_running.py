"""What hangs, is put aside or was given up is said in sentences, and can be tried again."""

from collections.abc import Callable, Iterator
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, text
from typer.testing import CliRunner

from backend import jobs
from backend.city.accounts.models import AuditEntry
from backend.cli.app import app
from backend.core import crypto, heartbeat, outbox
from backend.core.actor import system
from backend.core.db import unit_of_work
from backend.core.ids import new_id
from backend.core.outbox import Outbox
from backend.core.settings import get_settings
from backend.tools.notices.models import Message
from tests.conftest import Town
from tests.events.makers import an_event_at

COUNTY = "359902"
Bearer = Callable[[str], dict[str, str]]


@pytest.fixture(autouse=True)
def all_is_well(database: str) -> None:
    heartbeat.beat("relay")
    for job in jobs.JOBS:
        heartbeat.finish(job.name, 0, "", {})
    with unit_of_work() as session:
        session.execute(text("UPDATE outbox SET done_at = now()"))


def said(client: TestClient, headers: dict[str, str]) -> list[dict[str, Any]]:
    answer = client.get("/api/running", headers=headers)
    assert answer.status_code == 200, answer.text
    return list(answer.json()["findings"])


def sql(statement: str) -> None:
    with unit_of_work() as session:
        session.execute(text(statement))


def test_when_all_is_well_it_says_so(client: TestClient, bearer: Bearer) -> None:
    an = bearer("demo-admin")
    assert said(client, an) == []
    known = client.get("/api/running", headers=an).json()["jobs"]
    assert [job["name"] for job in known] == [job.name for job in jobs.JOBS]
    assert not any(job["late"] for job in known)


def test_only_the_administrator_of_the_city_sees_it(client: TestClient, bearer: Bearer) -> None:
    for name in ("demo-town", "demo-city", "demo-leader", "demo-audit", "demo-resident"):
        assert client.get("/api/running", headers=bearer(name)).status_code == 403


def test_late_jobs_dead_workers_and_a_silent_relay_are_told_apart(
    client: TestClient, bearer: Bearer
) -> None:
    an = bearer("demo-admin")
    sql("UPDATE job_run SET finished_at = now() - interval '1 h' WHERE name = 'reminders'")
    assert [f["words"] for f in said(client, an)] == [
        "“reminding of limits” has not finished in time."
    ]
    sql(
        "UPDATE job_run SET finished_at = now() - interval '1 h' WHERE name IN ('sms', 'wecom', 'mail')"
    )
    sql("UPDATE job_run SET beat_at = now() - interval '1 h' WHERE name = 'relay'")
    words = [f["words"] for f in said(client, an)]
    assert len(words) == 3
    assert words[0].startswith("The relay is silent") and "“what leaves the house”" in words[2]
    heartbeat.finish("counters", 0, "359902: DiskFull: no space left on device", {})
    assert any(
        "adding up numbers" in f["words"] and "DiskFull" in f["words"] for f in said(client, an)
    )


def a_parked_fact() -> UUID:
    with unit_of_work() as session:
        outbox.leave(session, COUNTY, "event.overdue", uuid4())
    with unit_of_work() as session:
        row = session.scalars(select(Outbox).where(Outbox.done_at.is_(None))).one()
        row.parked_because, row.attempts = "matters.telling.service.tell: KeyError: 'x'", 5
        return row.id


def test_a_parked_fact_is_tried_again_and_that_is_noted(
    client: TestClient, bearer: Bearer, town: Town
) -> None:
    an = bearer("demo-admin")
    key = a_parked_fact()
    (finding,) = said(client, an)
    assert finding["fact"] == {"county_code": COUNTY, "id": str(key)}
    assert "an overdue case" in finding["words"] and "KeyError" in finding["words"]
    path = f"/api/running/facts/{COUNTY}/{key}/again"
    assert client.post(path, headers=bearer("demo-city")).status_code == 403
    assert client.post(path, headers=an).status_code == 204
    assert client.post(path, headers=an).status_code == 404
    assert jobs.deliver(COUNTY, outward=False) == 1
    assert said(client, an) == []
    with unit_of_work(town["demo-admin"]) as session:
        noted = session.scalars(select(AuditEntry).where(AuditEntry.what == "tried_again")).all()
    assert [(n.subject_id, n.about) for n in noted] == [(key, "event.overdue")]


def test_facts_that_wait_for_a_full_disk_are_told_until_they_are_heard(
    client: TestClient, bearer: Bearer
) -> None:
    with unit_of_work() as session:
        outbox.leave(session, COUNTY, "event.overdue", uuid4())
    sql(
        "UPDATE outbox SET attempts = 1, waits_because = 'x: OSError: No space' WHERE done_at IS NULL"
    )
    (finding,) = said(client, bearer("demo-admin"))
    assert "1 facts wait for room" in finding["words"] and "No space" in finding["words"]
    assert finding["fact"] is None, "nobody need press anything"
    assert jobs.deliver(COUNTY, outward=False) == 1
    assert said(client, bearer("demo-admin")) == []


def test_facts_that_nobody_takes_up_are_told(client: TestClient, bearer: Bearer) -> None:
    with unit_of_work() as session:
        outbox.leave(session, COUNTY, "event.overdue", uuid4())
    assert said(client, bearer("demo-admin")) == []
    sql("UPDATE outbox SET due_at = now() - interval '5 min' WHERE done_at IS NULL")
    (finding,) = said(client, bearer("demo-admin"))
    assert "1 facts" in finding["words"] and finding["fact"] is None


@pytest.fixture
def gateway(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> Iterator[None]:
    monkeypatch.setenv("ONEMAP_SMS_GATEWAY", f"file://{tmp_path / 'sms'}")
    get_settings.cache_clear()
    yield
    monkeypatch.undo()
    get_settings.cache_clear()


def test_failed_messages_are_told_by_reason_and_sent_again(
    client: TestClient, bearer: Bearer, town: Town, gateway: None
) -> None:
    event_id = an_event_at(town, "reported")
    sql("UPDATE outbox SET done_at = now()")
    keys = [new_id() for _ in range(3)]
    with unit_of_work(system(COUNTY)) as session:
        for n, key in enumerate(keys):
            session.add(
                Message(
                    county_code=COUNTY, id=key, event_id=event_id, action_id=uuid4(),
                    channel="sms" if n else "wecom", about="told.file", words="已立案",
                    to_sealed=crypto.seal("13900001234", f"message.to/{key}"), to_blind=b"x",
                    status="failed", attempts=2,
                    error="Failed: HTTP 503" if n else "no gateway",
                )
            )  # fmt: skip
    an = bearer("demo-admin")
    # WeCom is connected to nothing: that is no fault. Neither words nor numbers are shown.
    (finding,) = said(client, an)
    assert finding["words"] == "2 SMS did not go out: Failed: HTTP 503"
    assert "1390000" not in str(finding) and "已立案" not in str(finding)
    again = client.post("/api/running/messages/again", json=finding["messages"], headers=an)
    assert (again.status_code, again.json()) == (200, {"n": 2})
    assert said(client, an) == []
    with unit_of_work(system(COUNTY)) as session:
        rows = session.scalars(select(Message).where(Message.id.in_(keys)).order_by(Message.id))
        assert [m.status for m in rows] == ["failed", "waiting", "waiting"]


def test_the_doctor_says_the_same_and_can_try_it_all_again(
    database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LC_ALL", "zh_CN.UTF-8")
    well = CliRunner().invoke(app, ["doctor"])
    assert (well.exit_code, "一切正常" in well.output) == (0, True)
    a_parked_fact()
    ill = CliRunner().invoke(app, ["doctor"])
    assert ill.exit_code == 1 and "事件超期" in ill.output and "--again" in ill.output
    monkeypatch.setenv("LC_ALL", "C")
    again = CliRunner().invoke(app, ["doctor", "--again"])
    assert "an overdue case" in again.output and "1 are tried again" in again.output
    assert CliRunner().invoke(app, ["doctor"]).exit_code == 0
