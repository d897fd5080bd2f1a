"""Whether a session still stands: asked of the database now and then, and at once when one ends.

A token is good for minutes; who ends a session must not wait for that. Every process remembers for
`ONEMAP_REVOCATION_S` seconds that a session stands, and hears through Redis, after the commit that
ended it, which one to ask about again. A process that cannot hear trusts its memory for two
seconds only. Redis holds nothing: lost messages cost the remembered seconds.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from uuid import UUID

import anyio.to_thread
import structlog
from redis.asyncio import Redis
from sqlalchemy.orm import Session

from backend.city.accounts import session_queries
from backend.core import wake
from backend.core.db import one_statement
from backend.core.settings import get_settings

log = structlog.get_logger()

CHANNEL = "onemap:ended:"
# So long a process that hears nothing believes what it knows.
DEAF_S = 2.0
AGAIN_S = 1.0
REMEMBERED_MOST = 100_000


class _Memory:
    """What this process knows of sessions, and whether it hears of their ends."""

    def __init__(self) -> None:
        # By session, and by the post for which a token of it speaks.
        self.known: dict[str, dict[str, tuple[float, bool]]] = {}
        self.hearing = False
        # Grows with every end that is heard: an answer that was read before is not remembered.
        self.heard = 0

    def forget(self, sign_in_id: str | None = None) -> None:
        self.heard += 1
        if sign_in_id is None:
            self.known.clear()
        else:
            self.known.pop(sign_in_id, None)


_memory = _Memory()


def _asked(sign_in_id: str, post_id: str) -> bool:
    """Ask the database whether a session, its account and its post still stand."""
    with one_statement() as session:
        return session_queries.stands(session, UUID(sign_in_id), UUID(post_id))


async def stands(sign_in_id: str, post_id: str) -> bool:
    """Whether a session stands in this post. Streams ask again and again: it costs little.

    A token lives for minutes after its session went on to another post; it must not outlive the
    post itself, which may have ended since.
    """
    now, most = time.monotonic(), float(get_settings().revocation_s)
    if not _memory.hearing:
        most = min(most, DEAF_S)
    hit = _memory.known.get(sign_in_id, {}).get(post_id)
    if hit is not None and now - hit[0] < most:
        return hit[1]
    heard = _memory.heard
    answer = await anyio.to_thread.run_sync(_asked, sign_in_id, post_id)
    if len(_memory.known) > REMEMBERED_MOST:
        _memory.known.clear()
    if heard == _memory.heard:
        _memory.known.setdefault(sign_in_id, {})[post_id] = (now, answer)
    return answer


def announce(session: Session, changed: Iterable[UUID]) -> None:
    """Tell every process, after the commit, which sessions to ask about again."""
    for sign_in_id in changed:
        wake.after_commit(session, f"{CHANNEL}{sign_in_id}")


@asynccontextmanager
async def listening() -> AsyncIterator[None]:
    """Hear of ended sessions for as long as the application runs."""
    task = asyncio.create_task(_listen())
    try:
        yield
    finally:
        # Said again until it is heard: Redis's client takes a cancellation that meets the end of
        # one of its own waits for that end, and goes on.
        while not task.done():
            task.cancel()
            await asyncio.wait([task], timeout=0.2)
        _memory.hearing = False


async def _listen() -> None:
    while True:
        try:
            await _hear()
        except Exception as away:  # whatever it is: while nobody hears, the database is asked
            if _memory.hearing:
                log.warning("ended sessions are asked for", because=type(away).__name__)
        _memory.hearing = False
        await asyncio.sleep(AGAIN_S)


async def _hear() -> None:
    # What does not answer a ping within some seconds is a line that is dead.
    redis = Redis.from_url(get_settings().redis_url, health_check_interval=5)
    ear = redis.pubsub()
    try:
        await ear.psubscribe(f"{CHANNEL}*")
        while True:
            told = await ear.get_message(timeout=5)
            if told is None:
                continue
            if told["type"] == "psubscribe":
                # Whatever ended while nobody listened was not heard.
                _memory.forget()
                _memory.hearing = True
            elif told["type"] == "pmessage":
                _memory.forget(told["channel"].decode().removeprefix(CHANNEL))
    finally:
        await ear.aclose()  # type: ignore[no-untyped-call]
        await redis.aclose()
