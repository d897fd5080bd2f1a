"""Many at one row: they wait for each other, and nobody waits for a thread that never comes."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

from fastapi.testclient import TestClient

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
