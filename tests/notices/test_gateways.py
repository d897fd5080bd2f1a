"""Whatever a gateway does, the next message goes on, and nobody is called who may not be."""

import socket
import threading
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from sqlalchemy import create_engine, text

from backend.core import clock, crypto, jobs, outside
from backend.core.actor import system
from backend.core.db import unit_of_work
from backend.core.ids import new_id
from backend.core.settings import get_settings
from backend.tools.notices import sending
from backend.tools.notices.gateways import over_smtp
from backend.tools.notices.models import Message
from tests.conftest import Town
from tests.events.makers import an_event_at

COUNTY = "359902"
Change = Callable[[str, str], None]


@pytest.fixture
def settings(database: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Change]:
    def change(name: str, value: str) -> None:
        monkeypatch.setenv(name, value)
        get_settings.cache_clear()

    change("ONEMAP_GATEWAYS_PRIVATE", "true")
    yield change
    monkeypatch.undo()
    get_settings.cache_clear()


class Talker:
    """A server that says what it is told to, and hears what is said to it."""

    def __init__(self, *says: bytes, drips: float | None = None) -> None:
        self.heard: list[bytes] = []
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.over = threading.Event()
        self.says, self.drips = says, drips
        self.thread = threading.Thread(target=self.serve, daemon=True)
        self.thread.start()

    @property
    def port(self) -> int:
        return int(self.listening.getsockname()[1])

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/send"

    def serve(self) -> None:
        while True:
            try:
                connection, _ = self.listening.accept()
            except OSError:
                return
            with connection:
                try:
                    self.heard.append(connection.recv(65536) if self.says else b"")
                    for words in self.says:
                        connection.sendall(words)
                    while self.drips is not None and not self.over.wait(self.drips):
                        connection.sendall(b"x")
                except OSError:
                    continue

    def stop(self) -> None:
        if self.over.is_set():
            return
        self.over.set()
        self.listening.shutdown(socket.SHUT_RDWR)
        self.listening.close()
        self.thread.join(5)


@pytest.fixture
def talker() -> Iterator[Callable[..., Talker]]:
    running: list[Talker] = []

    def start(*says: bytes, drips: float | None = None) -> Talker:
        running.append(Talker(*says, drips=drips))
        return running[-1]

    yield start
    for one in running:
        one.stop()


NONSENSE = {
    "no status line": b"HELLO\r\n\r\n",
    "nothing": b"",
    "not HTTP": b"\x00\x01\x02" * 100,
    "endless headers": b"HTTP/1.1 200 OK\r\n" + b"X-A: b\r\n" * 100_000,
    "status 99999": b"HTTP/1.1 99999 OK\r\n\r\n",
    "switched": b"HTTP/1.1 101 Switching Protocols\r\n\r\n",
    "refused": b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\n\r\n",
    "a mail server": b"220 ready\r\n",
}


@pytest.mark.parametrize("what", NONSENSE)
def test_any_answer_but_well_is_a_failure(
    what: str, talker: Callable[..., Talker], settings: Change
) -> None:
    server = talker(NONSENSE[what] or b"\r\n")
    with pytest.raises(outside.Failed):
        outside.post(server.url, {"to": "1"}, "token")
    assert len(server.heard) == 1


def test_a_huge_answer_is_not_read(talker: Callable[..., Talker], settings: Change) -> None:
    server = talker(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n", drips=0.01)
    began = time.monotonic()
    outside.post(server.url, {"to": "1"}, "token")
    assert time.monotonic() - began < outside.TOTAL_S / 2


def test_redirects_are_not_followed_and_the_token_stays(
    talker: Callable[..., Talker], settings: Change
) -> None:
    other = talker(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    for status in (301, 302, 303, 307, 308):
        location = f"HTTP/1.1 {status} Moved\r\nLocation: {other.url}\r\nContent-Length: 0\r\n\r\n"
        with pytest.raises(outside.Failed, match=str(status)):
            outside.post(talker(location.encode()).url, {"to": "1"}, "token")
    assert other.heard == []


@pytest.mark.parametrize("says", [(), (b"HTTP/1.1 200 OK\r\nX-Slow: ",)])
def test_one_time_bounds_it_all_however_slowly_it_drips(
    says: tuple[bytes, ...], talker: Callable[..., Talker], settings: Change,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(outside, "TOTAL_S", 1.0)
    server = talker(*says, drips=0.2 if says else 30.0)
    began = time.monotonic()
    with pytest.raises(outside.Hung):
        outside.post(server.url, {"to": "1"}, "token")
    assert time.monotonic() - began < 3


@pytest.mark.parametrize("greeting", [(), (b"220-slow\r\n220-",)])
def test_a_mail_server_is_bounded_too(
    greeting: tuple[bytes, ...], talker: Callable[..., Talker], settings: Change,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(outside, "TOTAL_S", 1.0)
    server = talker(drips=0.2 if greeting else 30.0)
    began = time.monotonic()
    with pytest.raises(outside.Hung):
        over_smtp(f"smtp://127.0.0.1:{server.port}", "a@b.cn")("c@d.cn", "words", "key")
    assert time.monotonic() - began < 3


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "100.64.0.1", "169.254.169.254",
        "0.0.0.0", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fe80::1%eth0", "fd00::1", "ff02::1",
        "::ffff:127.0.0.1", "::ffff:169.254.169.254", "64:ff9b::7f00:1", "2002:7f00:1::",
    ],
)  # fmt: skip
def test_no_private_address_is_called_unless_that_is_set(address: str, settings: Change) -> None:
    settings("ONEMAP_GATEWAYS_PRIVATE", "false")
    assert not outside.allowed(address)
    settings("ONEMAP_GATEWAYS_PRIVATE", "true")
    never = ("169.254", "224.", "0.0.0.0", "fe80", "ff02", "::ffff:169")
    assert outside.allowed(address) != (address.startswith(never) or address == "::")
    for public in ("8.8.8.8", "2400:3200::1", "64:ff9b::808:808"):
        assert outside.allowed(public)


def test_every_address_behind_a_name_is_checked(
    talker: Callable[..., Talker], settings: Change, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings("ONEMAP_GATEWAYS_PRIVATE", "false")
    server = talker(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")

    def answers(*_: object, **__: object) -> list[tuple[object, ...]]:
        return [(0, 0, 0, "", ("8.8.8.8", 80)), (0, 0, 0, "", ("127.0.0.1", server.port))]

    monkeypatch.setattr(outside.socket, "getaddrinfo", answers)
    with pytest.raises(outside.NotAllowed, match=r"127\.0\.0\.1"):
        outside.post("http://gateway.example/", {"to": "1"}, "token")
    with pytest.raises(outside.NotAllowed):
        over_smtp("smtp://gateway.example:25", "a@b.cn")("c@d.cn", "words", "key")
    assert server.heard == []


def a_message(event_id: UUID, number: str, **fields: object) -> UUID:
    key = new_id()
    with unit_of_work(system(COUNTY)) as session:
        session.add(
            Message(
                county_code=COUNTY, id=key, event_id=event_id, action_id=uuid4(), channel="sms",
                to_sealed=crypto.seal(number, f"message.to/{key}"), to_blind=b"x", about="told.file",
                words="已立案", **fields,
            )
        )  # fmt: skip
    return key


def state(key: UUID) -> tuple[str, int, str]:
    with unit_of_work(system(COUNTY)) as session:
        row = session.get(Message, (COUNTY, key))
        assert row is not None
        return row.status, row.attempts, row.error


def test_a_message_that_cannot_be_read_is_marked_and_the_rest_go_out(
    town: Town, settings: Change, tmp_path: Path
) -> None:
    out = tmp_path / "sms.jsonl"
    settings("ONEMAP_SMS_GATEWAY", f"file://{out}")
    event_id = an_event_at(town, "reported")
    damaged, empty, good = (a_message(event_id, f"1390000000{n}") for n in range(3))
    engine = create_engine(get_settings().owner_url)
    with engine.begin() as connection:
        for key, box in ((damaged, b"\x01" + b"\xaa" * 40), (empty, b"")):
            connection.execute(
                text("UPDATE message SET to_sealed = :box WHERE id = :id"), {"box": box, "id": key}
            )
    engine.dispose()
    assert sending.send_due(COUNTY) == 3
    for key in (damaged, empty):
        assert state(key)[0] == "failed" and "cannot be read" in state(key)[2]
    assert state(good) == ("sent", 1, "")
    assert len(out.read_text("utf-8").splitlines()) == 1


def test_a_gateway_that_is_away_costs_no_attempt_and_is_left_alone(
    town: Town, settings: Change, talker: Callable[..., Talker]
) -> None:
    gone = talker()
    settings("ONEMAP_SMS_GATEWAY", gone.url)
    gone.stop()
    event_id = an_event_at(town, "reported")
    first, second = (a_message(event_id, f"1390000001{n}") for n in range(2))
    with pytest.raises(jobs.Halt):
        sending.send_due(COUNTY)
    assert (state(first)[:2], state(second)) == (("waiting", 0), ("waiting", 0, ""))
    with clock.at(clock.now() + timedelta(days=2)), pytest.raises(jobs.Halt):
        sending.send_due(COUNTY)
    assert "failed" in {state(first)[0], state(second)[0]}


def test_a_gateway_that_talks_nonsense_stops_no_message(
    town: Town, settings: Change, talker: Callable[..., Talker]
) -> None:
    settings("ONEMAP_SMS_GATEWAY", talker(b"HELLO\r\n\r\n").url)
    event_id = an_event_at(town, "reported")
    keys = [a_message(event_id, f"1390000002{n}") for n in range(3)]
    now = clock.now()
    for minutes in (1, 5, 10):
        with clock.at(now + timedelta(minutes=minutes)):
            sending.send_due(COUNTY)
    assert [state(key)[:2] for key in keys] == [("failed", 2)] * 3
    with unit_of_work(system(COUNTY)) as session:
        assert sending.again(session, COUNTY, keys[0])
        assert not sending.again(session, COUNTY, new_id())
    assert state(keys[0])[:2] == ("waiting", 0)


@pytest.mark.parametrize("verb", ["MAIL", "RCPT", "DATA"])
def test_whom_a_message_was_to_is_in_no_reason(settings: Change, verb: str) -> None:
    """Reasons stand in logs, beside masked addresses, and on the page of what runs."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        threading.Thread(target=refusing, args=(listening, verb), daemon=True).start()
        with pytest.raises(outside.Failed) as failed:
            over_smtp(f"smtp://127.0.0.1:{port}", "a@b.cn")("lin@example.org", "words", "k")
    assert "550" in str(failed.value) and "lin" not in str(failed.value)


def refusing(listening: socket.socket, verb: str) -> None:
    """A mail server that refuses at one step, and names whom it refuses."""
    connection, _ = listening.accept()
    with connection, connection.makefile("rwb", buffering=0) as line:
        line.write(b"220 ready\r\n")
        while said := line.readline():
            refused = said.upper().startswith(verb.encode())
            line.write(b"550 5.1.1 <lin@example.org> is unknown\r\n" if refused else b"250 ok\r\n")
