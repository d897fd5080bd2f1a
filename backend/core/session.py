"""The request's session, as routes ask for it.

A request with a session changes threads while it holds locks: its answer is checked in another
thread than the one in which it worked. Were all threads taken by requests that wait for those
locks, none would be left for that, and everybody would stand still until the lock's time was over
(a person who pressed 40 times at once held up the whole process for 20 s). So a request takes a
turn first, without holding a thread or a connection; there are fewer turns than threads.
"""

from collections.abc import AsyncIterator, Iterator
from typing import Annotated, Any

import anyio.to_thread
from anyio.lowlevel import RunVar
from fastapi import Depends
from sqlalchemy.orm import Session

from backend.core.db import unit_of_work
from backend.core.permissions import ActorDep

# Threads that no turn can take: they finish what was begun, and do what needs no turn.
KEPT = 2
_turns: RunVar[anyio.Semaphore] = RunVar("onemap_turns")


async def _turn() -> AsyncIterator[None]:
    try:
        turns = _turns.get()
    except LookupError:
        threads = anyio.to_thread.current_default_thread_limiter().total_tokens
        turns = anyio.Semaphore(max(1, int(threads) - KEPT))
        _turns.set(turns)
    async with turns:
        yield


def few(what: str, most: int) -> Any:
    """A dependency of a route whose answer takes seconds of work: so many at once in a process.

    Whoever waits holds no thread, no connection and no turn, so everybody else goes on.
    """
    own: RunVar[anyio.Semaphore] = RunVar(f"onemap_few_{what}")

    async def wait() -> AsyncIterator[None]:
        try:
            places = own.get()
        except LookupError:
            places = anyio.Semaphore(most)
            own.set(places)
        async with places:
            yield

    return Depends(wait, scope="function")


# Also for routes that open their units of work themselves and wait for the same rows as others.
TURN = Depends(_turn, scope="function")


def _session(actor: ActorDep, _: Annotated[None, TURN]) -> Iterator[Session]:
    with unit_of_work(actor) as session:
        yield session


# scope="function": commit before the response leaves. FastAPI's default commits after it, and a
# client would then read 201 for a row that failed to commit.
SessionDep = Annotated[Session, Depends(_session, scope="function")]
