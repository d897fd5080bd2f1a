"""An edition that is published twice at once, or again as it is, is one edition."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx2
import pytest
from fastapi.testclient import TestClient
from sqlalchemy import func, select

from backend.matters.categories import publishing, sheet_writing
from backend.matters.categories.models import Scheme
from backend.matters.deliberations.models import ProcedureRow
from backend.tools.calendar.models import CalendarVersion
from backend.tools.importing import sheets
from tests.conftest import Town
from tests.owner import owner

Bearer = Callable[[str], dict[str, str]]
PRESSES = 4


def pressed(press: Callable[[], httpx2.Response]) -> list[Any]:
    """What four presses at once, and one more after them, are answered with."""
    with ThreadPoolExecutor(PRESSES) as people:
        answers = list(people.map(lambda _: press(), range(PRESSES)))
    answers.append(press())
    assert {one.status_code for one in answers} <= {200, 201}, [one.text for one in answers]
    return [one.json() for one in answers]


@pytest.fixture
def editions() -> Iterator[Callable[[Any], int]]:
    """How many editions there are of a kind."""
    with owner() as session:
        yield lambda table: session.scalar(select(func.count()).select_from(table)) or 0


def test_of_the_calendar(
    client: TestClient, town: Town, bearer: Bearer, editions: Callable[[Any], int]
) -> None:
    admin, before = bearer("demo-admin"), editions(CalendarVersion)
    now = client.get("/api/calendar", headers=admin).json()
    day = {"day": "2031-01-01", "kind": "holiday", "name": "元旦"}
    body = {"hours": now["hours"], "days": [*now["days"], day], "note": ""}
    answers = pressed(lambda: client.put("/api/calendar", headers=admin, json=body))
    assert {one["version"] for one in answers} == {now["version"] + 1}
    assert editions(CalendarVersion) == before + 1
    # The days of a file are joined to what is in force: again they are there already.
    sheet = "日期,类型,名称\n2032-01-01,放假,元旦\n".encode()
    answers = pressed(lambda: client.post("/api/calendar/days", headers=admin, content=sheet))
    assert {one["version"] for one in answers} == {now["version"] + 2}
    # Other words make another edition, and going back to the former ones too.
    for words in ("别的话", ""):
        client.put("/api/calendar", headers=admin, json=body | {"note": words})
    assert editions(CalendarVersion) == before + 4


def test_of_the_categories(
    client: TestClient, town: Town, bearer: Bearer, editions: Callable[[Any], int]
) -> None:
    admin, before = bearer("demo-admin"), editions(Scheme)
    book = client.get("/api/categories/schemes/1.xlsx", headers=admin).content
    for name in ("第二版", "第三版"):
        answers = pressed(
            lambda name=name: client.post(  # type: ignore[misc]
                "/api/categories/schemes", headers=admin, content=book, params={"name": name}
            )
        )
        before += 1
        assert {one["version"] for one in answers} == {before}
    assert editions(Scheme) == before
    # A single photo that must be taken is another scheme, under whatever name.
    with owner() as session:
        drafts = publishing.published(session, before)
    drafts[-1].photo = not drafts[-1].photo
    other = sheets.write(sheet_writing.to_tables(drafts))
    answer = client.post(
        "/api/categories/schemes", headers=admin, content=other, params={"name": "第三版"}
    )
    assert answer.json()["version"] == before + 1


def test_of_a_procedure(
    client: TestClient, town: Town, bearer: Bearer, editions: Callable[[Any], int]
) -> None:
    county, before = bearer("demo-county"), editions(ProcedureRow)
    shown = client.get("/api/procedures", headers=county).json()[0]
    body = shown["body"]
    # The city's words as the county's own are an edition; again they are the same one.
    pressed(lambda: client.post("/api/procedures", headers=county, json=body))
    assert editions(ProcedureRow) == before + 1
    client.delete(f"/api/procedures/{body['code']}", headers=county)
    pressed(lambda: client.post("/api/procedures", headers=county, json=body))
    assert editions(ProcedureRow) == before + 3
