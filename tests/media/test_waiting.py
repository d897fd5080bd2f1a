"""Files wait in one line: one sender does not fill it, and who waits in it holds up nobody."""

import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import httpx2
import pytest
from fastapi.testclient import TestClient

from backend.city.areas import opening
from backend.core import apart, uploads
from backend.core.actor import Role
from backend.core.settings import get_settings
from backend.tools.importing import sheets
from backend.tools.media.routes import OF_ACCOUNT, OF_ADDRESS
from tests.conftest import Town
from tests.events.makers import a_photo
from tests.media.waiting import until_written

Bearer = Callable[[str], dict[str, str]]
PDF = b"%PDF-1.7\n1 0 obj<<>>endobj\nstartxref\n9\n%%EOF\n"


@pytest.fixture
def let_go(database: str, tmp_path: Path) -> Iterator[Callable[[], None]]:
    """The reader of files is at one that does not end until this is called."""
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    busy = apart._pool().submit(until_written, pipe)

    def go() -> None:
        if not busy.done():
            pipe.write_bytes(b"")
        busy.result()

    yield go
    go()


def in_line(number: int) -> None:
    """Come back once so many files wait behind the one that is open."""
    until = time.monotonic() + 30
    while apart._pool()._threads._work_queue.qsize() < number:
        assert time.monotonic() < until
        time.sleep(0.01)


def answers(sent: list[Future[httpx2.Response]]) -> list[int]:
    return [one.result().status_code for one in sent]


@pytest.mark.parametrize(("who", "most"), [("demo-unit", OF_ACCOUNT), (None, OF_ADDRESS)])
def test_one_sender_has_only_so_many_files_in_the_line(
    client: TestClient, bearer: Bearer, let_go: Callable[[], None], who: str | None, most: int
) -> None:
    mine, another = bearer(who) if who else {}, bearer("demo-grid")

    def send(header: dict[str, str]) -> httpx2.Response:
        return client.post("/api/media", content=a_photo(), headers=header)

    with ThreadPoolExecutor(most + 1) as senders:
        sent = [senders.submit(send, mine) for _ in range(most)]
        in_line(most)
        refused = send(mine)
        sent.append(senders.submit(send, another))
        in_line(most + 1)
        let_go()
        assert answers(sent) == [201] * (most + 1)
    problem = refused.json()
    assert (refused.status_code, problem["code"]) == (429, "own_files_wait")
    assert refused.headers["retry-after"] == str(uploads.AGAIN_S)
    assert str(most) in problem["title"] and str(uploads.AGAIN_S) in problem["title"]
    assert send(mine).status_code == 201


def test_who_waits_for_a_file_to_be_opened_holds_no_turn(
    client: TestClient, bearer: Bearer, as_actor: Callable[..., dict[str, str]], town: Town,
    let_go: Callable[[], None], monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    """More files of all kinds than a process has threads; whoever only reads is answered."""
    # Boundaries have a line of their own, which moves as this one does.
    monkeypatch.setattr(opening, "_pool", apart._pool)
    many = get_settings().api_threads
    book = sheets.write([sheets.Table("日历", ["日期", "类型"], [])])
    heads = [a for a in town.actors.values() if a.role is Role.UNIT_HEAD][: many - 1]
    headers, admin = [as_actor(head) for head in heads], bearer("demo-admin")

    def bring(header: dict[str, str]) -> httpx2.Response:
        return client.post("/api/media/documents?name=a.pdf", content=PDF, headers=header)

    def publish(_: int) -> httpx2.Response:
        return client.post("/api/calendar/days?dry=true", content=book, headers=admin)

    def bound(_: int) -> httpx2.Response:
        path = "/api/areas/import?kind=.csv&crs=WGS84"
        return client.post(path, content=b"code,name\n35990,x\n", headers=admin)

    with ThreadPoolExecutor(4 * many) as senders:
        documents = [senders.submit(bring, header) for header in headers]
        calendars = [senders.submit(publish, n) for n in range(many)]
        boundaries = [senders.submit(bound, n) for n in range(many)]
        in_line(len(documents) + sheets.READERS + many)
        me = senders.submit(client.get, "/api/auth/me", headers=admin)
        try:
            assert me.result(timeout=20).status_code == 200
        finally:
            let_go()
        assert answers(documents) == [201] * len(documents)
        assert answers(calendars) == answers(boundaries) == [200] * many
