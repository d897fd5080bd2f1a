"""The live feed of a meeting: Redis only wakes, the record is what is read.

A screen that was away names the last line that it has (``Last-Event-ID``, or ``after``) and gets
everything since, in order. Where the presenter's map stands is sent as it is now.
"""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import suppress
from uuid import UUID

import anyio.to_thread
import structlog
from fastapi.sse import ServerSentEvent
from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from sqlalchemy.exc import SQLAlchemyError

from backend.city.accounts import revocation
from backend.core.actor import Actor
from backend.core.db import unit_of_work
from backend.core.errors import Refused
from backend.core.faults import in_words
from backend.core.settings import get_settings
from backend.matters.reviews import queries
from backend.matters.reviews.journal import channel
from backend.matters.reviews.schemas import LineOut

log = structlog.get_logger()

# Without being woken one looks by oneself this often; a session that has ended is noticed as soon.
LOOK_S = 2.0
# A screen that hears nothing for longer than a beat or two knows that its line is dead.
BEAT_S = 10.0
LIVES_S = 600.0


def _read(
    actor: Actor, review_id: UUID, after: int
) -> tuple[list[LineOut], dict[str, object] | None, str]:
    with unit_of_work(actor) as session:
        review = queries.one(session, actor, review_id)
        lines = [
            LineOut(seq=n.seq, kind=n.action, entry_id=n.entry_id, name=n.name, details=n.details,
                    at=n.at)
            for n in queries.lines(session, review, after)
        ]  # fmt: skip
        return lines, review.view, review.state


# A line's number, as screens send it back; "²" is a digit to Python and no number.
_SEQ = re.compile(r"[0-9]{1,9}")


def last_seen(last_event_id: str | None, after: int) -> int:
    """The last line that a screen has: as its browser says, or as it asks; what is none is not."""
    return int(last_event_id) if last_event_id and _SEQ.fullmatch(last_event_id) else after


class _Ear:
    """Hears that there is news. While Redis is away it only lets time pass, and tries again."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._redis: Redis | None = None
        self._listening: PubSub | None = None

    async def wait(self) -> None:
        """Return when there is news or may have been, or after `LOOK_S`."""
        try:
            if self._listening is None:
                self._redis = Redis.from_url(get_settings().redis_url, socket_connect_timeout=2)
                self._listening = self._redis.pubsub(ignore_subscribe_messages=True)
                await self._listening.subscribe(self._what)
                # What was said before is not heard: one more look.
                return
            await self._listening.get_message(timeout=LOOK_S)
        except Exception as away:  # Redis only wakes: whatever it does, the screen looks by itself
            log.warning("nobody wakes this stream", because=in_words(away))
            await self.close()
            await asyncio.sleep(LOOK_S)

    async def close(self) -> None:
        """Let go of Redis, whatever state it is in."""
        listening, redis = self._listening, self._redis
        self._listening = self._redis = None
        with suppress(Exception):
            if listening is not None:
                await listening.aclose()  # type: ignore[no-untyped-call]
        with suppress(Exception):
            if redis is not None:
                await redis.aclose()


async def follow(actor: Actor, review_id: UUID, after: int) -> AsyncIterator[ServerSentEvent]:
    """Every line of a meeting since ``after``, and the presenter's map whenever it moved.

    It ends with the meeting, with the session that asked for it, and when the meeting is out of the
    caller's sight.
    """
    ear = _Ear(channel(review_id))
    loop = asyncio.get_running_loop()
    ends, beat, moved = loop.time() + LIVES_S, loop.time() + BEAT_S, -1
    # The browser calls the stream open when its first byte has come.
    yield ServerSentEvent(comment="here")
    try:
        while loop.time() < ends:
            try:
                if not await _stands(actor):
                    return
                lines, view, state = await anyio.to_thread.run_sync(_read, actor, review_id, after)
            except Refused:
                return
            except SQLAlchemyError as away:
                # The screen keeps its line, and gets what it misses when the database is back.
                log.warning("stream waits", because=in_words(away))
                lines, view, state = [], None, ""
            for line in lines:
                after = line.seq
                yield ServerSentEvent(
                    raw_data=line.model_dump_json(), event="line", id=str(line.seq)
                )
            if view is not None and view["n"] != moved:
                moved = int(str(view["n"]))
                yield ServerSentEvent(data=view, event="view")
            if state in ("ended", "cancelled"):
                return
            if loop.time() >= beat:
                beat = loop.time() + BEAT_S
                yield ServerSentEvent(data=after, event="beat")
            await ear.wait()
    finally:
        await ear.close()


async def _stands(actor: Actor) -> bool:
    if actor.sign_in_id is None or actor.post_id is None:
        return True
    return await revocation.stands(str(actor.sign_in_id), str(actor.post_id))
