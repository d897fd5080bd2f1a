"""Foreign files are opened in a process apart: what takes too much is ended, and nobody else is."""

import os
from collections.abc import Iterator

import pytest

from backend.core import apart
from backend.core.errors import BadInput, Busy, TooLarge


@pytest.fixture
def pool() -> Iterator[apart.Pool]:
    made = apart.Pool(1, memory_mb=700, cpu_s=1)
    yield made
    made.close()


def whose() -> int:
    return os.getpid()


def hoard() -> int:
    return len(bytearray(2_000_000_000))


def spin() -> None:
    while True:
        pass


def vanish() -> None:
    os._exit(9)


def refuse() -> None:
    raise BadInput("photo_too_large", most_mb=3)


def test_the_work_is_done_in_another_process_that_is_kept(pool: apart.Pool) -> None:
    first = pool.submit(whose).result()
    assert first != os.getpid()
    assert pool.submit(whose).result() == first


def test_a_child_that_is_used_once_begins_when_it_is_asked_for(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pool = apart.Pool(1, memory_mb=700, once=True)
    monkeypatch.setenv("ONEMAP_LOOKED_UP", "before")
    first, before = pool.submit(whose).result(), pool.submit(os.getenv, "ONEMAP_LOOKED_UP").result()
    monkeypatch.setenv("ONEMAP_LOOKED_UP", "after")
    # None waits from before: it would know the settings of that time, and nothing of these.
    assert (before, pool.submit(os.getenv, "ONEMAP_LOOKED_UP").result()) == ("before", "after")
    assert pool.submit(whose).result() != first
    pool.close()


@pytest.mark.parametrize("work", [hoard, spin, vanish])
def test_what_takes_too_much_is_told_and_the_next_file_is_opened(pool: apart.Pool, work) -> None:  # type: ignore[no-untyped-def]
    heavy, next_one = pool.submit(work), pool.submit(whose)
    with pytest.raises(TooLarge, match="file_too_heavy"):
        heavy.result()
    assert next_one.result() != os.getpid()


def test_a_refusal_comes_through_with_its_words(pool: apart.Pool) -> None:
    with pytest.raises(BadInput) as refused:
        pool.submit(refuse).result()
    assert (refused.value.code, refused.value.params) == ("photo_too_large", {"most_mb": 3})


def test_whoever_comes_after_too_many_is_asked_to_try_again(
    pool: apart.Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(apart, "WAITING_MOST", 2)
    small = apart.Pool(1, memory_mb=700, cpu_s=2)
    waiting = [small.submit(spin), small.submit(whose), small.submit(whose)]
    with pytest.raises(Busy):
        small.submit(whose)
    with pytest.raises(TooLarge):
        waiting[0].result()
    assert waiting[1].result() == waiting[2].result()
    assert small.submit(whose).result()
    small.close()
