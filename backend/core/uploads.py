"""Bodies: how large they may be, and how slowly they may come."""

import time
from collections import Counter
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from threading import Lock

import anyio
from fastapi import Request
from starlette.types import Message, Receive, Scope

from backend.core.errors import BodyTooLarge, BodyTooSlow, TooLarge, TooMany

# Most bytes of a body that is no file: a new calendar of 2,000 days has 200 kB.
BODY_MOST = 2_000_000
# What has been sent keeps its room until the rest is there, so that the rest must come: after so
# many seconds, at so many bytes a second at least. A photo over a bad line (2 kB/s) is in time.
PATIENCE_S, SLOWEST_BPS = 30.0, 500
_LIMIT = "body_most"
# A large photo takes three seconds to open: by then one of four is done.
AGAIN_S = 5
_under_way: Counter[str] = Counter()
_counting = Lock()


@contextmanager
def under_way(sender: str, most: int) -> Iterator[None]:
    """Count a file of a sender for as long as it is read, waits or is opened, in this process.

    All files wait in one line: twenty of one sender would keep everybody's waiting for a minute.

    Raises
    ------
    TooMany
        The sender has ``most`` under way already.
    """
    with _counting:
        if _under_way[sender] >= most:
            raise TooMany("own_files_wait", most=most, seconds=AGAIN_S)
        _under_way[sender] += 1
    try:
        yield
    finally:
        with _counting:
            _under_way[sender] -= 1
            if not _under_way[sender]:
                del _under_way[sender]


def limited(scope: Scope, receive: Receive, replied: Callable[[], bool]) -> Receive:
    """The same body, cut off with a refusal where it grows past what its route takes, or lags.

    A route that takes a file says so (`expect`) before it reads the first byte. ``replied`` says
    whether an answer has begun: then nothing can be refused any more, and its sender is gone.
    """
    scope.setdefault("state", {})[_LIMIT] = BODY_MOST
    size, whole, began = 0, False, 0.0

    async def receive_some() -> Message:
        nonlocal size, whole, began
        if whole:
            # Long answers wait here for their reader to hang up.
            return await receive()
        now = time.monotonic()
        began = began or now
        message = None
        with anyio.move_on_after(began + PATIENCE_S + size / SLOWEST_BPS - now):
            message = await receive()
        if message is None:
            if replied():
                return {"type": "http.disconnect"}
            raise BodyTooSlow
        whole = not message.get("more_body", False)
        size += len(message.get("body", b""))
        most = scope["state"][_LIMIT]
        if size > most:
            raise BodyTooLarge(most)
        return message

    return receive_some


def expect(request: Request, most: int) -> None:
    """Let this request's body be as large as ``most`` bytes, which the route itself holds to."""
    # What it refuses is told in its own words, so the common limit lies a little higher.
    request.scope["state"][_LIMIT] = most + BODY_MOST


def body_within(most: int, code: str = "sheet_too_large") -> Callable[[Request], Awaitable[bytes]]:
    """A dependency: the request's body, refused as soon as it grows past ``most`` bytes.

    ``code`` names the sentence of the refusal; it is told the limit in megabytes.
    """

    async def read(request: Request) -> bytes:
        expect(request, most)
        data = bytearray()
        async for part in request.stream():
            data += part
            if len(data) > most:
                raise TooLarge(code, most_mb=most // 1_000_000)
        return bytes(data)

    return read
