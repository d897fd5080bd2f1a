"""The live feed of a meeting: Redis only wakes, the record is what is read.

A screen that was away names the last line that it has (``Last-Event-ID``, or ``after``) and gets
everything since, in order. Where the presenter's map stands is sent as it is now.

A screen that is not woken reads nothing but once a beat: hundreds may follow in one process, and
would otherwise ask the database hundreds of times a second whether there is still no news.
"""

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
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
from backend.core.errors import Busy, Refused, TooMany
from backend.core.faults import in_words
from backend.core.inputs.numbers import INT_MOST
from backend.core.settings import get_settings
from backend.matters.reviews import queries
from backend.matters.reviews.journal import channel
from backend.matters.reviews.schemas import LineOut

log = structlog.get_logger()

# While nobody can wake it a screen looks by itself this often; a session's end is noticed as soon.
LOOK_S = 2.0
# A screen that hears nothing for longer than a beat or two knows that its line is dead; and so
# often it looks for what no waking told of.
BEAT_S = 10.0
LIVES_S = 600.0
# Tabs of one browser share a stream: somebody has a console, a projector and a phone. A hall has
# some hundreds of people. Each for one process.
OF_ONE_MOST, OF_ALL_MOST = 8, 1_000
_open: Counter[UUID] = Counter()


@contextmanager
def place_for(actor: Actor) -> Iterator[None]:
    """A place among the screens that follow in this process, for as long as the block lasts.

    Raises
    ------
    TooMany
        This account follows on as many screens as one may.
    Busy
        The process serves as many screens as it can.
    """
    if _open[actor.id] >= OF_ONE_MOST:
        raise TooMany("streams_many", seconds=int(BEAT_S))
    if _open.total() >= OF_ALL_MOST:
        raise Busy("streams_full")
    _open[actor.id] += 1
    try:
        yield
    finally:
        _open[actor.id] -= 1
        if not _open[actor.id]:
            del _open[actor.id]


def begins_after(told: str | None, otherwise: int) -> int:
    """The line after which a screen begins: what its browser says, or else what its address says.

    What is no number of a line counts as nothing said: ``²`` is a digit to Python, and no number.
    """
    if told is None or not re.fullmatch(r"[0-9]{1,10}", told) or int(told) > INT_MOST:
        return otherwise
    return int(told)


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


class _Ear:
    """Hears that there is news. While Redis is away it only lets time pass, and tries again."""

    def __init__(self, what: str) -> None:
        self._what = what
        self._redis: Redis | None = None
        self._listening: PubSub | None = None

    async def wait(self) -> bool:
        """Return after `LOOK_S`, or when it was woken; whether there is news or may have been."""
        try:
            if self._listening is None:
                # A line to Redis that is dead, and does not say so, does not answer a ping.
                self._redis = Redis.from_url(
                    get_settings().redis_url, socket_connect_timeout=2,
                    health_check_interval=int(BEAT_S),
                )  # fmt: skip
                # What was said before Redis had listened is not heard: that it listens now, for the
                # first time or again, is told like news, and makes one look once more.
                self._listening = self._redis.pubsub()
                await self._listening.subscribe(self._what)
            return await self._listening.get_message(timeout=LOOK_S) is not None
        except Exception as away:  # Redis only wakes: whatever it does, the screen looks by itself
            log.warning("nobody wakes this stream", because=in_words(away))
            await self.close()
            await asyncio.sleep(LOOK_S)
            return True

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
    ends, beat, moved, news = loop.time() + LIVES_S, loop.time() + BEAT_S, -1, True
    lines: list[LineOut]
    view: dict[str, object] | None
    # The browser calls the stream open when its first byte has come.
    yield ServerSentEvent(comment="here")
    try:
        while loop.time() < ends:
            try:
                if not await _stands(actor):
                    return
                lines, view, state, missed = [], None, "", False
                if news or loop.time() >= beat:
                    lines, view, state = await anyio.to_thread.run_sync(
                        _read, actor, review_id, after
                    )
            except Refused:
                return
            except SQLAlchemyError as away:
                # The screen keeps its line, and gets what it misses when the database is back.
                log.warning("stream waits", because=in_words(away))
                lines, view, state, missed = [], None, "", True
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
            news = await ear.wait() or missed
    finally:
        await ear.close()


async def _stands(actor: Actor) -> bool:
    if actor.sign_in_id is None or actor.post_id is None:
        return True
    return await revocation.stands(str(actor.sign_in_id), str(actor.post_id))
