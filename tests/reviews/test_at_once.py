"""Two meetings with the same cases, in opposite orders, end at once: neither waits for ever."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier, BrokenBarrierError
from typing import Any
from uuid import UUID

import pytest

from backend.core.actor import Actor
from backend.core.db import unit_of_work
from backend.matters.reviews import deciding
from tests.conftest import Town
from tests.events.makers import an_event_at
from tests.reviews.test_reviews import Board, board, entry_of, running  # noqa: F401

CASES = 3
# Of two meetings that both are at their first case the one that goes on waits no longer than this for
# the other: it is held at the door.
MEET_S = 1.5


def at_once(*tasks: Callable[[], object]) -> None:
    """Do all of them at one moment; whatever one of them raises is raised here."""
    start = Barrier(len(tasks))

    def one(task: Callable[[], object]) -> None:
        start.wait(timeout=20)
        task()

    with ThreadPoolExecutor(len(tasks)) as pool:
        for done in [pool.submit(one, task) for task in tasks]:
            done.result(timeout=120)


def emptied(board: Board, actor: Actor) -> Any:  # noqa: F811
    """A running meeting without a point."""
    review = running(board, actor)
    for one in review["entries"]:
        board.ok(actor, "DELETE", f"/{review['id']}/entries/{one['id']}")
    return review


def put_off(board: Board, actor: Actor, review: Any, keys: list[UUID]) -> None:  # noqa: F811
    """Put these cases on the agenda, in this order, and each off."""
    for key in keys:
        review = board.ok(actor, "POST", f"/{review['id']}/entries", {"event_id": str(key)})
        path = f"/{review['id']}/entries/{entry_of(review, key)['id']}/decision"
        board.ok(actor, "POST", path, {"decision": "put_off", "note": "再看"})
    assert [one["event_id"] for one in review["entries"]] == [str(key) for key in keys]


@pytest.mark.parametrize("looks", [False, True], ids=["both end", "one looks what would fail"])
def test_they_end(
    town: Town,
    board: Board,  # noqa: F811
    looks: bool,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    village, desk = town["demo-village"], town["demo-town"]
    # The cases come in when both have begun: each agenda has them in the order of its own.
    own, its = emptied(board, village), emptied(board, desk)
    keys = [an_event_at(town, "judging", category="0204") for _ in range(CASES)]
    put_off(board, village, own, keys)
    put_off(board, desk, its, keys[::-1])
    meet, carry_out = Barrier(2), deciding.carry_out
    begun: set[UUID] = set()

    def slowly(session: Any, actor: Actor, review: Any, *rest: Any) -> None:
        carry_out(session, actor, review, *rest)
        if review.id not in begun:
            begun.add(review.id)
            # Each has its first case: from here the one wants what the other has.
            with suppress(BrokenBarrierError):
                meet.wait(MEET_S)

    monkeypatch.setattr(deciding, "carry_out", slowly)

    def end(actor: Actor, review: Any) -> None:
        with unit_of_work(actor) as session:
            deciding.end(session, actor, UUID(review["id"]))

    def look(actor: Actor, review: Any) -> None:
        with unit_of_work(actor) as session:
            assert deciding.would_fail(session, actor, UUID(review["id"]))[1] == []

    at_once(lambda: (look if looks else end)(village, own), lambda: end(desk, its))
    if looks:
        end(village, own)
    for actor, review in ((village, own), (desk, its)):
        shown = board.ok(actor, "GET", f"/{review['id']}")
        assert shown["state"] == "ended"
        assert [one["outcome"] for one in shown["entries"]] == ["done"] * CASES
