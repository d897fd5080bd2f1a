"""A meeting's stream lives without Redis and without the database, and ends with its session."""

import asyncio
from contextlib import ExitStack
from dataclasses import replace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.exc import OperationalError

from backend.city.accounts import service as accounts
from backend.city.accounts import tokens
from backend.city.accounts.models import Account
from backend.core.actor import Actor
from backend.core.db import NOBODY, unit_of_work
from backend.core.errors import Busy, NotFound, TooMany
from backend.core.settings import get_settings
from backend.matters.reviews import attending, live
from backend.matters.reviews.schemas import RemarkIn
from tests.conftest import Town
from tests.events.makers import an_event_at
from tests.reviews.test_reviews import Board, board, entry_of, running  # noqa: F401

SOON_S = 20


@pytest.fixture
def followed(town: Town, board: Board) -> tuple[UUID, UUID]:  # noqa: F811
    event_id = an_event_at(town, "judging", category="0204")
    review = running(board, town["demo-village"])
    return UUID(review["id"]), UUID(entry_of(review, event_id)["id"])


def say(actor: Actor, review: UUID, entry: UUID) -> None:
    with unit_of_work(actor) as session:
        attending.remark(session, actor, review, entry, RemarkIn(text="说一句"))


async def next_line(feed: Any) -> Any:
    while True:
        one = await asyncio.wait_for(anext(feed), SOON_S)
        if one.event == "line":
            return one


def test_without_redis_it_looks_by_itself(
    town: Town, followed: tuple[UUID, UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "LOOK_S", 0.1)
    monkeypatch.setenv("ONEMAP_REDIS_URL", "redis://127.0.0.1:1/0")
    get_settings.cache_clear()
    village = town["demo-village"]

    async def story() -> None:
        feed = live.follow(village, followed[0], 0)
        last = await next_line(feed)
        while last.raw_data and '"remark"' not in last.raw_data:
            if '"opened"' in last.raw_data:
                say(village, *followed)
            last = await next_line(feed)
        await feed.aclose()

    try:
        asyncio.run(story())
    finally:
        monkeypatch.undo()
        get_settings.cache_clear()


def test_it_survives_a_database_that_is_away_for_a_moment(
    town: Town, followed: tuple[UUID, UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "LOOK_S", 0.1)
    real, faults = live._read, [OperationalError("", {}, Exception("gone")) for _ in range(2)]

    def read(*args: Any) -> Any:
        if faults:
            raise faults.pop()
        return real(*args)

    monkeypatch.setattr(live, "_read", read)

    async def story() -> None:
        feed = live.follow(town["demo-village"], followed[0], 0)
        assert (await next_line(feed)).event == "line"
        await feed.aclose()

    asyncio.run(story())


def session_of(actor: Actor) -> Actor:
    """The same person, signed in."""
    with unit_of_work(NOBODY) as session:
        account = session.get(Account, actor.id)
        assert account is not None
        claims = tokens.read(accounts.sign_in(session, account, "test").access)
    assert claims is not None
    return replace(actor, sign_in_id=UUID(claims["sid"]))


@pytest.mark.parametrize("how", ["signed out", "out of sight"])
def test_it_ends_within_seconds(
    how: str, town: Town, followed: tuple[UUID, UUID],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setattr(live, "LOOK_S", 0.2)
    village = session_of(town["demo-village"])

    async def story() -> None:
        feed = live.follow(village, followed[0], 0)
        await next_line(feed)
        if how == "signed out":
            with unit_of_work(village) as session:
                accounts.end_sessions(session, village.id)
        else:
            monkeypatch.setattr(live.queries, "one", _not_found)
        # A stream that goes on says something at every look: the whole of it has one time.
        with pytest.raises(StopAsyncIteration):
            async with asyncio.timeout(SOON_S):
                while True:
                    await anext(feed)

    asyncio.run(story())


def _not_found(*_: Any) -> None:
    raise NotFound("review_not_found")


@pytest.mark.parametrize(
    ("told", "begins"),
    [("7", 7), (None, 3), ("", 3), ("\u00b2", 3), ("\u0663", 3), ("-1", 3), ("9" * 40, 3), ("3000000000", 3)],
)  # fmt: skip
def test_a_mangled_last_line_counts_as_none(told: str | None, begins: int) -> None:
    assert live.begins_after(told, 3) == begins


def test_a_quiet_meeting_is_not_read_at_every_look(
    town: Town, followed: tuple[UUID, UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(live, "LOOK_S", 0.02)
    looks, reads, real = 20, [0], live._read

    def read(*args: Any) -> Any:
        reads[0] += 1
        return real(*args)

    async def stands(_: Actor) -> bool:
        nonlocal looks
        looks -= 1
        return looks > 0

    monkeypatch.setattr(live, "_read", read)
    monkeypatch.setattr(live, "_stands", stands)

    async def story() -> None:
        assert [one.event async for one in live.follow(town["demo-village"], followed[0], 0)]

    asyncio.run(story())
    # When it begins, and when Redis has listened.
    assert reads[0] == 2


def test_one_account_follows_on_some_screens_and_leaves_room_for_others(
    town: Town, board: Board, followed: tuple[UUID, UUID],  # noqa: F811
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    village, other = town["demo-village"], town["demo-town"]
    with ExitStack() as screens:
        for _ in range(live.OF_ONE_MOST):
            screens.enter_context(live.place_for(village))
        with pytest.raises(TooMany):
            screens.enter_context(live.place_for(village))
        answer = board(village, "GET", f"/{followed[0]}/live")
        assert (answer.status_code, answer.json()["code"]) == (429, "streams_many")
        screens.enter_context(live.place_for(other))
        monkeypatch.setattr(live, "OF_ALL_MOST", live.OF_ONE_MOST + 1)
        with pytest.raises(Busy):
            screens.enter_context(live.place_for(town["demo-city"]))
    assert not live._open


def test_a_screen_that_is_gone_gives_its_place_back(
    town: Town,
    board: Board,  # noqa: F811
    followed: tuple[UUID, UUID],
) -> None:
    village = town["demo-village"]
    board.ok(village, "POST", f"/{followed[0]}/end")
    for _ in range(live.OF_ONE_MOST + 1):
        # The meeting is over: its stream ends by itself, with all that was said.
        assert "ended" in board(village, "GET", f"/{followed[0]}/live").text
    assert not live._open


def test_who_asks_for_its_head_is_not_kept_in_the_stream(
    town: Town,
    board: Board,  # noqa: F811
    followed: tuple[UUID, UUID],
) -> None:
    village = town["demo-village"]
    # As many as may follow one after the other: each has given its place back.
    for _ in range(12):
        answer = board.client.head(
            f"/api/reviews/{followed[0]}/live", headers=board.as_actor(village)
        )
        assert (answer.status_code, answer.content) == (200, b"")
        assert answer.headers["content-type"].startswith("text/event-stream")
