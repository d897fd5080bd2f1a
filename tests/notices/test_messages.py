"""Messages leave the house once, at a decent hour, in words that administrators write."""

import email
import email.policy
import json
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from socketserver import StreamRequestHandler, TCPServer
from typing import Any
from uuid import UUID, uuid4

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select, text

from backend.core import clock, delivery
from backend.core.actor import system
from backend.core.db import unit_of_work
from backend.core.settings import get_settings
from backend.matters.events.intake.reporting import track_code
from backend.matters.telling import templates
from backend.subscriptions import HANDLERS
from backend.tools.notices import sending
from backend.tools.notices.models import Message
from tests.conftest import Town
from tests.days import CHINA
from tests.events.makers import take

Bearer = Callable[[str], dict[str, str]]
Change = Callable[[str, str], None]
NOON = datetime(2026, 11, 20, 12, 0, tzinfo=CHINA)


@pytest.fixture
def settings(monkeypatch: pytest.MonkeyPatch) -> Iterator[Change]:
    def change(name: str, value: str) -> None:
        monkeypatch.setenv(name, value)
        get_settings.cache_clear()

    yield change
    monkeypatch.undo()
    get_settings.cache_clear()


@pytest.fixture
def called(client: TestClient, bearer: Bearer, town: Town) -> UUID:
    """A call by somebody without an account, filed."""
    lon, lat = town.sites[town.unit_head_of(town.grids[0]).area_code]
    body = {
        "client_id": str(uuid4()), "text": "路灯坏了", "category": "0204", "source": "resident",
        "position": {"lon": lon, "lat": lat, "crs": "WGS84", "source": "map", "confirmed": True},
        "contact": {"name": "陈伯", "phone": "13900001234"},
    }  # fmt: skip
    sent = client.post("/api/intake/reports", json=body, headers=bearer("demo-town")).json()
    return UUID(sent["id"])


def step(town: Town, event_id: UUID, at: datetime, action: str = "file") -> None:
    with clock.at(at):
        take(town, town["demo-village"], event_id, action)
        while delivery.drain("359902", HANDLERS):
            pass


def of(event_id: UUID) -> list[Message]:
    with unit_of_work(system("359902")) as session:
        return list(session.scalars(select(Message).where(Message.event_id == event_id)))


def test_a_caller_is_told_once_in_the_day(
    town: Town, called: UUID, settings: Change, tmp_path: Path
) -> None:
    out = tmp_path / "sms.jsonl"
    settings("ONEMAP_SMS_GATEWAY", f"file://{out}")
    step(town, called, NOON)
    # The fact is heard a second time: the message is queued once.
    with unit_of_work() as session:
        session.execute(text("UPDATE outbox SET done_at = NULL"))
    while delivery.drain("359902", HANDLERS):
        pass
    with clock.at(NOON + timedelta(minutes=1)):
        assert sending.send_due("359902") == 1
        assert sending.send_due("359902") == 0
    (line,) = out.read_text("utf-8").splitlines()
    said = json.loads(line)
    assert said["to"] == "13900001234" and "已立案" in said["text"]
    (row,) = of(called)
    assert (row.status, row.attempts) == ("sent", 1)
    assert b"13900001234" not in row.to_sealed


def test_the_code_of_a_report_is_read_by_its_reporter_alone(
    town: Town, called: UUID, settings: Change, tmp_path: Path, client: TestClient, bearer: Bearer
) -> None:
    out = tmp_path / "sms.jsonl"
    settings("ONEMAP_SMS_GATEWAY", f"file://{out}")
    admin = town["demo-admin"]
    with unit_of_work(admin) as session:
        templates.write(session, admin, "told.file", "zh-CN", "{number}，查询码 {code}。")
    step(town, called, NOON)
    code = track_code(called)
    (row,) = of(called)
    assert code not in row.words and "*" * len(code) in row.words
    assert row.words_sealed is not None and code.encode() not in row.words_sealed
    with clock.at(NOON + timedelta(minutes=1)):
        assert sending.send_due("359902") == 1
    assert code in json.loads(out.read_text("utf-8"))["text"]
    (row,) = of(called)
    assert (row.status, row.words_sealed) == ("sent", None)
    shown = client.get(f"/api/notices/messages?event={called}", headers=bearer("demo-town"))
    assert code not in shown.text
    with unit_of_work(admin) as session:
        usual = templates.default("told.file", "zh-CN")
        templates.write(session, admin, "told.file", "zh-CN", usual)


def test_nobody_is_written_to_at_night(
    town: Town, called: UUID, settings: Change, tmp_path: Path
) -> None:
    out = tmp_path / "sms.jsonl"
    settings("ONEMAP_SMS_GATEWAY", f"file://{out}")
    night = NOON.replace(hour=23)
    step(town, called, night)
    with clock.at(night + timedelta(hours=2)):
        assert sending.send_due("359902") == 0
    with clock.at((night + timedelta(days=1)).replace(hour=8, minute=1)):
        assert sending.send_due("359902") == 1
    for hour, expected in ((7, 8), (8, 8), (12, 12), (20, 20), (21, 8), (0, 8)):
        moment = NOON.replace(hour=hour)
        assert sending.after_quiet(moment).astimezone(CHINA).hour == expected


class Provider:
    """A gateway as a city's provider runs it."""

    def __init__(self) -> None:
        self.got: list[dict[str, Any]] = []
        self.answer = 200
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                length = int(self.headers["Content-Length"])
                body = json.loads(self.rfile.read(length))
                provider.got.append(body | {"token": self.headers["Authorization"]})
                self.send_response(provider.answer)
                self.end_headers()

            def log_message(self, *_: object) -> None: ...

        self.server = HTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server.server_address[1]}/send"


@pytest.fixture
def provider(settings: Change) -> Iterator[Provider]:
    running = Provider()
    settings("ONEMAP_SMS_GATEWAY", running.url)
    settings("ONEMAP_GATEWAY_TOKEN", "let me in")
    settings("ONEMAP_GATEWAYS_PRIVATE", "true")
    yield running
    running.server.shutdown()
    running.server.server_close()
    running.thread.join()


def test_a_gateway_is_asked_with_its_token_and_a_refusal_is_tried_once_more(
    town: Town, called: UUID, provider: Provider
) -> None:
    step(town, called, NOON)
    provider.answer = 503
    for minutes in (1, 3, 6, 60):
        with clock.at(NOON + timedelta(minutes=minutes)):
            sending.send_due("359902")
    assert len(provider.got) == 2
    assert {m["token"] for m in provider.got} == {"Bearer let me in"}
    # The provider can tell that both are the same message.
    assert len({m["id"] for m in provider.got}) == 1
    (row,) = of(called)
    assert (row.status, row.attempts) == ("failed", 2) and "503" in row.error


def test_after_a_crash_it_is_repeated_once_at_most(
    town: Town, called: UUID, provider: Provider
) -> None:
    step(town, called, NOON)
    # Three senders in turn take it and are killed before they can say what became of it.
    for crash in range(3):
        with clock.at(NOON + timedelta(minutes=10 * crash)):
            taken = sending._take("359902", None)
            if taken is not None:
                provider.got.append({"id": str(taken[0])})
    with clock.at(NOON + timedelta(hours=3)):
        sending.send_due("359902")
    assert len(provider.got) == 2
    assert [m.status for m in of(called)] == ["failed"]


def test_without_a_gateway_it_is_said_that_nothing_left(
    town: Town, called: UUID, client: TestClient, bearer: Bearer
) -> None:
    step(town, called, NOON)
    with clock.at(NOON):
        sending.send_due("359902")
    asked = f"/api/notices/messages?event={called}"
    (row,) = client.get(asked, headers=bearer("demo-town")).json()
    assert (row["status"], row["error"], row["to"]) == ("failed", "no gateway", "139****1234")
    assert client.get(asked, headers=bearer("demo-dept")).status_code == 403


def test_administrators_write_the_words(
    town: Town, called: UUID, client: TestClient, bearer: Bearer, settings: Change, tmp_path: Path
) -> None:
    an = bearer("demo-admin")
    listed = client.get("/api/notices/templates", headers=an).json()
    filing = next(t for t in listed if t["about"] == "told.file")
    assert filing["words"] == filing["default"] and "E2026" in filing["preview"]
    for wrong, code in (
        ("", "template_length"),
        ("您好 {name}", "template_field"),
        ("{number", "template_braces"),
        ("{number:>9}", "template_field"),
        ("{number.x}", "template_field"),
        ("长" * 301, "template_length"),
    ):
        for method, path in (
            ("POST", "/api/notices/templates/preview"),
            ("PUT", "/api/notices/templates/told.file"),
        ):
            answer = client.request(method, path, json={"words": wrong}, headers=an)
            assert (answer.status_code, answer.json()["code"]) == (422, code), wrong
    mine = "莆阳市：{place}的事已立案，编号 {number}，查询码 {code}"
    shown = client.post("/api/notices/templates/preview", json={"words": mine}, headers=an).json()
    assert shown["words"].startswith("莆阳市：西天镇 东星社区的事已立案")
    assert (
        client.put("/api/notices/templates/told.file", json={"words": mine}, headers=an).status_code
        == 204
    )
    assert (
        client.put(
            "/api/notices/templates/told.nothing", json={"words": mine}, headers=an
        ).status_code
        == 404
    )
    out = tmp_path / "sms.jsonl"
    settings("ONEMAP_SMS_GATEWAY", f"file://{out}")
    step(town, called, NOON)
    with clock.at(NOON):
        sending.send_due("359902")
    assert "莆阳市：西天镇" in json.loads(out.read_text("utf-8"))["text"]


def test_staff_are_told_of_tasks_where_wecom_is_connected(
    town: Town, called: UUID, settings: Change, tmp_path: Path
) -> None:
    step(town, called, NOON)
    assert {m.channel for m in of(called)} == {"sms"}
    out = tmp_path / "wecom.jsonl"
    settings("ONEMAP_WECOM_GATEWAY", f"file://{out}")
    with clock.at(NOON):
        take(town, town["demo-town"], called, "dispatch")
        while delivery.drain("359902", HANDLERS):
            pass
        sending.send_due("359902")
    said = [json.loads(line) for line in out.read_text("utf-8").splitlines()]
    office = {
        a.id for a in town.actors.values() if a.organization_id == town["demo-dept"].organization_id
    }
    # Everybody of the office, by the name that WeCom knows, and nobody else: not who dispatched.
    assert len(said) == len(office) and "demo-dept" in {m["to"] for m in said}
    assert "demo-town" not in {m["to"] for m in said}
    assert all("派给您了" in m["text"] for m in said)


class MailServer:
    """As much of a mail server as a client needs (RFC 5321), on loopback."""

    def __init__(self) -> None:
        self.mails: list[tuple[str, bytes]] = []
        server = self

        class Handler(StreamRequestHandler):
            def handle(self) -> None:
                self.say("220 ready")
                to = ""
                for line in self.rfile:
                    verb = line.decode().strip()
                    if verb.upper().startswith("RCPT TO"):
                        to = verb.partition("<")[2].partition(">")[0]
                    if verb.upper() == "DATA":
                        self.say("354 go on")
                        body = b"".join(iter(self.rfile.readline, b".\r\n"))
                        server.mails.append((to, body))
                    self.say("221 bye" if verb.upper() == "QUIT" else "250 ok")

            def say(self, words: str) -> None:
                self.wfile.write(f"{words}\r\n".encode())

        self.server = TCPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever, daemon=True)
        self.thread.start()

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


def test_mail_reaches_those_who_left_an_address(
    town: Town, called: UUID, settings: Change, client: TestClient, bearer: Bearer
) -> None:
    step(town, called, NOON)
    left = client.put(
        "/api/auth/me/mail", json={"mail": "clerk@example.org"}, headers=bearer("demo-dept")
    )
    assert left.status_code == 204
    me = client.get("/api/auth/me", headers=bearer("demo-dept")).json()
    assert me["mail"] == "c***@example.org"
    bad = client.put("/api/auth/me/mail", json={"mail": "nowhere"}, headers=bearer("demo-dept"))
    assert bad.status_code == 422
    post = MailServer()
    try:
        settings("ONEMAP_GATEWAYS_PRIVATE", "true")
        settings("ONEMAP_MAIL_GATEWAY", f"smtp://127.0.0.1:{post.server.server_address[1]}")
        with clock.at(NOON):
            take(town, town["demo-town"], called, "dispatch")
            while delivery.drain("359902", HANDLERS):
                pass
            sending.send_due("359902")
    finally:
        post.stop()
    ((to, mail),) = post.mails
    said = email.message_from_bytes(mail, policy=email.policy.default)
    assert to == said["To"] == "clerk@example.org"
    assert "派给您了" in said["Subject"] and "派给您了" in said.get_content()  # type: ignore[attr-defined]
    assert [m.status for m in of(called) if m.channel == "mail"] == ["sent"]
