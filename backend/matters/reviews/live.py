"""The live feed of a meeting: Redis only wakes, the record is what is read.

A screen that was away names the last line that it has (``Last-Event-ID``, or ``after``) and gets
everything since, in order. Where the presenter's map stands is sent as it is now.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress
from uuid import UUID

import anyio.to_thread
from fastapi.sse import ServerSentEvent
from redis.asyncio import Redis
from redis.exceptions import RedisError

from backend.core.actor import Actor
from backend.core.db import unit_of_work
from backend.core.settings import get_settings
from backend.matters.reviews import queries
from backend.matters.reviews.journal import channel
from backend.matters.reviews.schemas import LineOut

# Without being woken one looks by oneself this often; and a stream ends before its token does.
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


async def follow(actor: Actor, review_id: UUID, after: int) -> AsyncIterator[ServerSentEvent]:
    """Every line of a meeting since ``after``, and the presenter's map whenever it moved."""
    redis = Redis.from_url(get_settings().redis_url)
    listening = redis.pubsub(ignore_subscribe_messages=True)
    loop = asyncio.get_running_loop()
    ends, beat, moved = loop.time() + LIVES_S, loop.time() + BEAT_S, -1
    # The browser calls the stream open when its first byte has come.
    yield ServerSentEvent(comment="here")
    try:
        # Without Redis one still looks by oneself.
        with suppress(RedisError, OSError):
            await listening.subscribe(channel(review_id))
        while loop.time() < ends:
            lines, view, state = await anyio.to_thread.run_sync(_read, actor, review_id, after)
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
            await _wait(listening)
    finally:
        await listening.aclose()  # type: ignore[no-untyped-call]
        await redis.aclose()


async def _wait(listening: object) -> None:
    try:
        await listening.get_message(timeout=LOOK_S)  # type: ignore[attr-defined]
    except (RedisError, OSError):
        await asyncio.sleep(1.0)
