"""Many at one row: they wait for each other, and nobody waits for a thread that never comes."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Lock, Semaphore

from fastapi import FastAPI
from fastapi.testclient import TestClient

from backend.core.session import few
from backend.core.settings import get_settings
from tests.conftest import Town

Bearer = Callable[[str], dict[str, str]]


def test_more_writers_of_one_row_than_threads_all_get_through(
    client: TestClient, town: Town, bearer: Bearer
) -> None:
    """Each holds the lock until its answer is checked, which takes another thread."""
    path = f"/api/rolls/branch?area={town.villages[0]}"
    header = bearer("demo-village")
    many = get_settings().api_threads * 3

    def write(number: int) -> int:
        # Each takes a name off that another put on, so each changes rows of the others.
        names = ["陈一", "陈二", f"陈{number % 5 + 3}"]
        return client.put(path, headers=header, json={"names": names}).status_code

    with ThreadPoolExecutor(many) as pool:
        answers = list(pool.map(write, range(many)))
    assert answers == [200] * many
    rolls = client.get(f"/api/rolls?area={town.villages[0]}", headers=header).json()
    names = [m["name"] for roll in rolls if roll["assembly"] == "branch" for m in roll["members"]]
    # Whoever came last wrote the roll; nobody is on it twice.
    assert names[:2] == ["陈一", "陈二"] and len(names) == 3


def test_of_what_takes_long_few_are_made_at_once_and_everything_else_goes_on() -> None:
    app, lock, inside, go_on = FastAPI(), Lock(), Semaphore(0), Event()
    now: list[int] = [0, 0]

    @app.get("/long", dependencies=[few("long", 2)])
    def take_long() -> None:
        with lock:
            now[0] += 1
            now[1] = max(now)
        inside.release()
        assert go_on.wait(30)
        with lock:
            now[0] -= 1

    @app.get("/short")
    def take_no_time() -> int:
        return now[0]

    with TestClient(app) as client, ThreadPoolExecutor(60) as pool:
        # More than there are threads: they would take all of them.
        long = [pool.submit(client.get, "/long") for _ in range(60)]
        assert inside.acquire(timeout=30) and inside.acquire(timeout=30)
        assert client.get("/short").json() == 2
        go_on.set()
        assert {answer.result().status_code for answer in long} == {200}
    assert now == [0, 2]
