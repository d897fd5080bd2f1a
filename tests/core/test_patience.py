"""Whoever sends slowly, or without an end, holds a connection for a while and nothing else."""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from types import SimpleNamespace
from typing import Any

import pytest
import uvicorn
from fastapi import FastAPI, Request
from starlette.responses import StreamingResponse
from starlette.types import Message, Receive, Scope, Send

from backend.cli import serving
from backend.core import heads, http, uploads
from backend.core.inputs import Line, Strict

ENOUGH_S = 20
Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]
PART = b'{"words": '


class Said(Strict):
    words: Line


def an_application() -> FastAPI:
    app = FastAPI(openapi_url=None)
    http.install(app)

    @app.get("/hello")
    async def hello() -> str:
        return "hello"

    @app.post("/said")
    async def said(body: Said) -> str:
        return body.words

    @app.post("/file")
    async def file(request: Request) -> int:
        return len(await uploads.body_within(1_000)(request))

    @app.get("/long")
    async def long() -> StreamingResponse:
        async def never_over() -> AsyncIterator[bytes]:
            yield b"begun"
            await asyncio.Event().wait()

        return StreamingResponse(never_over())

    return app


@asynccontextmanager
async def served() -> AsyncIterator[Callable[[], Coroutine[Any, Any, Connection]]]:
    """The application behind the protocol that `up` names; a way to connect."""
    (listening,) = serving.listen("127.0.0.1", 0)
    config = uvicorn.Config(
        an_application(), http="backend.core.heads:PatientProtocol", log_config=None,
        lifespan="off",
    )  # fmt: skip
    server = uvicorn.Server(config)
    running = asyncio.create_task(server.serve(sockets=[listening]))

    async def connect() -> Connection:
        return await asyncio.open_connection(*listening.getsockname())

    try:
        yield connect
    finally:
        server.should_exit = server.force_exit = True
        await running
        listening.close()


async def rest(connection: Connection) -> bytes:
    """What comes until the other side hangs up."""
    try:
        return await asyncio.wait_for(connection[0].read(), ENOUGH_S)
    finally:
        connection[1].close()


async def answered(connection: Connection) -> bytes:
    return await asyncio.wait_for(connection[0].readuntil(b'"hello"'), ENOUGH_S)


HELLO = b"GET /hello HTTP/1.1\r\nHost: a\r\n"


@pytest.mark.parametrize("sent", [b"", b"G", HELLO, HELLO + b"\r\n" + HELLO])
def test_a_head_that_does_not_come_is_not_waited_for(
    sent: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(heads, "WITHIN_S", 0.3)

    async def story() -> None:
        async with served() as connect:
            lasting = await connect()
            lasting[1].write(sent)
            assert (b"hello" in await rest(lasting)) is (sent.count(b"Host") == 2)

    asyncio.run(story())


def test_a_head_without_an_end_is_refused() -> None:
    async def story() -> None:
        async with served() as connect:
            endless = await connect()
            endless[1].write(HELLO + b"X-Long: ")
            for _ in range(64):
                endless[1].write(b"a" * 65_536)
            # Some hear why; who is still sending when the line is cut hears nothing.
            with suppress(ConnectionResetError):
                assert (await rest(endless)).startswith(b"HTTP/1.1 400")

    asyncio.run(story())


def test_whoever_is_quick_is_served_again_and_again() -> None:
    async def story() -> None:
        async with served() as connect:
            quick = await connect()
            for _ in range(3):
                # A cookie of 60 kB is absurd, and no reason to hang up.
                quick[1].write(HELLO + b"Cookie: a=" + b"b" * 60_000 + b"\r\n\r\n")
                assert (await answered(quick)).startswith(b"HTTP/1.1 200")
            quick[1].close()

    asyncio.run(story())


def a_scope(path: str, method: str = "POST") -> Scope:
    return {
        "type": "http", "asgi": {"spec_version": "2.3"}, "http_version": "1.1", "method": method,
        "path": path, "raw_path": path.encode(), "query_string": b"", "scheme": "http",
        "headers": [(b"content-type", b"application/json")], "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80), "root_path": "",
    }  # fmt: skip


def sending(*parts: bytes) -> Receive:
    """Someone who sends these parts, and then neither more nor a word."""
    left = list(parts)

    async def receive() -> Message:
        if left:
            return {"type": "http.request", "body": left.pop(0), "more_body": True}
        await asyncio.Event().wait()
        raise AssertionError

    return receive


def keeping(messages: list[Message]) -> Send:
    async def send(message: Message) -> None:
        messages.append(message)

    return send


@pytest.mark.parametrize("path", ["/said", "/file"])
@pytest.mark.parametrize("parts", [(), (PART,)])
def test_a_body_that_stops_coming_is_refused(
    path: str, parts: tuple[bytes, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "PATIENCE_S", 0.1)
    told: list[Message] = []

    async def story() -> None:
        call = an_application()(a_scope(path), sending(*parts), keeping(told))
        await asyncio.wait_for(call, ENOUGH_S)

    asyncio.run(story())
    begin, *bodies = told
    assert begin["status"] == 408
    assert (b"connection", b"close") in begin["headers"]
    assert b"body_too_slow" in b"".join(one["body"] for one in bodies)


@pytest.mark.parametrize(("between_s", "status"), [(15, 200), (50, 408)])
def test_what_has_come_earns_the_wait_for_the_rest(
    between_s: int, status: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Thirty seconds, and one more for each byte; the parts come as far apart as is said."""
    now = [0.0]
    monkeypatch.setattr(uploads, "time", SimpleNamespace(monotonic=lambda: now[0]))
    monkeypatch.setattr(uploads, "SLOWEST_BPS", 1)
    told: list[Message] = []
    parts = [PART, b'"slow', b'ly"', b"}"]

    async def receive() -> Message:
        await asyncio.sleep(0)
        now[0] += between_s
        return {"type": "http.request", "body": parts.pop(0), "more_body": bool(parts)}

    async def story() -> None:
        await asyncio.wait_for(an_application()(a_scope("/said"), receive, keeping(told)), ENOUGH_S)

    asyncio.run(story())
    assert told[0]["status"] == status


def test_a_stream_whose_request_never_ends_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "PATIENCE_S", 0.1)
    told: list[Message] = []

    async def story() -> None:
        call = an_application()(a_scope("/long", "GET"), sending(), keeping(told))
        await asyncio.wait_for(call, ENOUGH_S)

    asyncio.run(story())
    assert told[0]["status"] == 200 and told[1]["body"] == b"begun"
