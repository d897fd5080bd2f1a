"""Lists as spreadsheets: all rows, in batches, and the long ones in a process of their own."""

import io
import zipfile
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
import python_calamine
from fastapi.testclient import TestClient

from backend.core import day
from backend.core.actor import Actor
from backend.core.db import unit_of_work
from backend.core.language import say
from backend.matters.items import queries
from backend.matters.items.queries import Wanted
from backend.matters.lists import exporting
from backend.tools.importing import handing, sheets, streaming
from tests.conftest import Town
from tests.items.makers import proposed

NUMBER = "编号"


def _numbers(actor: Actor, words: str) -> list[str]:
    with unit_of_work(actor) as session:
        found = session.scalars(queries.listed(actor, Wanted(words=words), None, 50)).all()
        return [item.item_no for item in found]


def test_a_long_list_is_written_whole_in_a_process_of_its_own(
    client: TestClient, as_actor: Callable[[Actor], dict[str, str]], town: Town,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    village = town["demo-village"]
    for n in range(5):
        proposed(village, "task", title=f"长清单第{n}项")
    monkeypatch.setattr(handing, "SHORT", 3)
    written_here: list[object] = []
    monkeypatch.setattr(streaming, "save", lambda *given: written_here.append(given))
    header = as_actor(village) | {"Accept-Language": "zh-CN"}
    answer = client.get("/api/items.xlsx", params={"kind": "task", "q": "长清单"}, headers=header)
    assert answer.status_code == 200, answer.text
    (table,) = sheets.read(answer.content)
    told = _numbers(village, "长清单")
    assert [row[NUMBER] for row in table.rows] == told and len(told) == 5
    assert not written_here


def test_a_list_is_written_in_batches_and_what_is_cut_is_said(
    town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    village = town["demo-village"]
    for n in range(5):
        proposed(village, "task", title=f"分批第{n}项")
    monkeypatch.setattr(handing, "BATCH", 2)
    path = tmp_path / "items.xlsx"
    asked = Wanted(kind="task", words="分批")
    assert exporting.save_items(village, asked, path) == 5
    (table,) = sheets.read(path.read_bytes())
    assert [row[NUMBER] for row in table.rows] == _numbers(village, "分批")
    monkeypatch.setattr(streaming, "MOST", 3)
    assert exporting.save_items(village, asked, path) == 3
    (table,) = sheets.read(path.read_bytes())
    assert len(table.rows) == 4 and " 3 " in table.rows[3][NUMBER]


@pytest.mark.parametrize(
    ("language", "form"), [("zh-CN", "yyyy&quot;年&quot;m&quot;月&quot;d&quot;日&quot;"), ("en", "d mmm yyyy")]
)  # fmt: skip
def test_days_are_days_said_as_people_say_them(
    client: TestClient, as_actor: Callable[[Actor], dict[str, str]], town: Town, language: str,
    form: str,
) -> None:  # fmt: skip
    village = town["demo-village"]
    proposed(village, "task", title="有期限的事", due_on=date(2031, 2, 5))
    header = as_actor(village) | {"Accept-Language": language}
    asked = {"kind": "task", "q": "有期限的事"}
    answer = client.get("/api/items.xlsx", params=asked, headers=header)
    sheet = python_calamine.load_workbook(io.BytesIO(answer.content)).get_sheet_by_index(0)
    titles, row, *_ = sheet.to_python()
    due = titles.index(say(language, "item_column.due_on"))
    made = titles.index(say(language, "item_column.made_at"))
    assert row[due] == date(2031, 2, 5) and row[made] == day.today()
    with zipfile.ZipFile(io.BytesIO(answer.content)) as book:
        assert form in book.read("xl/styles.xml").decode()
