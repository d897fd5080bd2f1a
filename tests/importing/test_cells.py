"""Sheets by every road: read as they were meant, or told by row and column; the same limits as the API."""

import tracemalloc
from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient

from backend.core.errors import BadInput, TooLarge
from backend.tools.importing import sheets
from tests.conftest import Town

Bearer = Callable[[str], dict[str, str]]
DAYS = "日期,类型,名称\n"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('a,b\n1,"x\n2,y\n', "sheet_quote"), ('a,b\n1,"x\n2,y\n3,"z\n', "sheet_quote"), ('a,b\n1,"x\n2,y"\n', "sheet_quote"),
        ('a,b\n1,"x"y\n', "sheet_quote"), ("a,b\n1,x\0y\n", "sheet_nul"), ("a,b,a\n1,2,3\n", "sheet_title_twice"),
        ("a,b\n1,2,3\n", "sheet_surplus"), (f"a,b\n1,{'x' * 200_000}\n", "sheet_cell_long"), ("\n1,2\n", "sheet_no_header"),
    ],
)  # fmt: skip
def test_text_that_says_something_else_than_was_meant_is_told(text: str, code: str) -> None:
    with pytest.raises(BadInput) as told:
        sheets.read(text.encode())
    assert told.value.code == code and "row" in told.value.params


@pytest.mark.parametrize(
    "text",
    [
        "a;b\r1;x, y\r2;z\r",
        "a\tb\r\n1\tx, y\r\n2\tz\r\n",
        'a,b\n1,"x, y"\n2,z\n',
        "a|b\n1|x, y\n2|z\n\n",
    ],
)
def test_separators_and_line_ends_of_any_system_are_read(text: str) -> None:
    (table,) = sheets.read(text.encode())
    assert [(r.number, dict(r.cells)) for r in table.rows] == [
        (2, {"a": "1", "b": "x, y"}),
        (3, {"a": "2", "b": "z"}),
    ]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"a,b" + b"\n" * 9_900_000, "sheet_too_long"), (b"," * 1_000_000, "sheet_too_wide"),
        (b"," * 299 + b"\n" + b"," * 300 + b"\n", "sheet_too_wide"),
    ],
)  # fmt: skip
def test_text_that_no_sheet_could_hold_is_refused_before_it_takes_room(
    data: bytes, code: str
) -> None:
    tracemalloc.start()
    try:
        with pytest.raises(TooLarge, match=code):
            sheets.read(data)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    # Ten million rows of nothing took 700 MB of the process that answers everybody.
    assert most < 300_000_000


def test_a_cell_may_hold_lines_of_its_own() -> None:
    (table,) = sheets.read(b'a,b\n1,"first\nsecond"\n2,z\n')
    assert [r["b"] for r in table.rows] == ["first\nsecond", "z"]


def faults(
    client: TestClient, path: str, text: str, headers: dict[str, str]
) -> list[dict[str, Any]]:
    answer = client.post(path, content=text.encode(), headers=headers)
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["faults"]
    return found


@pytest.mark.parametrize(
    ("line", "column"),
    [("2027-01-01,放假," + "长" * 41, "名称"), ("27-01-01,放假,x", "日期"), ("2627-01-01,放假,x", "日期"), ("2027-01-01~2027-01-03,放假,x", "日期"), ("2027-02-30,放假,x", "日期")],
)  # fmt: skip
def test_days_have_the_limits_of_the_calendar(
    client: TestClient, bearer: Bearer, line: str, column: str
) -> None:
    (fault,) = faults(client, "/api/calendar/days?dry=true", DAYS + line, bearer("demo-admin"))
    assert (fault["row"], fault["column"]) == (2, column) and fault["wrong"]


def test_days_are_read_as_spreadsheets_write_them(client: TestClient, bearer: Bearer) -> None:
    lines = "2027/1/1,放假,元旦\n2027年1月2日,放假,\n2027-01-03 00:00:00,放假,\n2027.1.4,放假,\n"
    answer = client.post(
        "/api/calendar/days?dry=true", content=(DAYS + lines).encode(), headers=bearer("demo-admin")
    )
    assert (answer.json()["days"], answer.json()["faults"]) == (4, [])


ROSTER = "姓名,手机,岗位,区域编码,用户名\n"


@pytest.mark.parametrize(
    ("name", "phone", "user", "column"),
    [("张三", "1.380013801E+10", "u1", "手机"), ("张三", "-----", "u1", "手机"), ("长" * 81, "13800000012", "u1", "姓名"), ("张三", "13800000012", "u" * 81, "用户名")],
)  # fmt: skip
def test_people_have_the_limits_of_an_invitation(
    client: TestClient, bearer: Bearer, town: Town, name: str, phone: str, user: str, column: str
) -> None:
    unit = next(u for u in town.units if u.startswith(town["demo-village"].area_code))
    found = faults(
        client,
        "/api/staff/roster?dry=true",
        f"{ROSTER}{name},{phone},单元长,{unit},{user}\n",
        bearer("demo-village"),
    )
    assert [(f["row"], f["column"]) for f in found] == [(2, column)], found


def test_full_width_digits_are_digits_and_one_person_is_one(
    client: TestClient, bearer: Bearer, town: Town
) -> None:
    unit = next(u for u in town.units if u.startswith(town["demo-village"].area_code))
    row = f"张三,１３８００００００１２,单元长,{unit},"
    assert (
        faults(client, "/api/staff/roster?dry=true", f"{ROSTER}{row}XA11\n", bearer("demo-village"))
        == []
    )
    found = faults(
        client,
        "/api/staff/roster?dry=true",
        f"{ROSTER}{row}XA11\n{row}xa11\n",
        bearer("demo-village"),
    )
    assert (found[0]["row"], found[0]["column"], found[0]["right"]) == (3, "用户名", "XA11")


def test_assets_have_limits_and_say_yes_or_no(
    client: TestClient, bearer: Bearer, town: Town
) -> None:
    lon, lat = town.sites[town.units[0]]
    head = "编号,种类,名称,权属单位,经度,纬度,坐标系,已拆除\n"
    for number, place, ended, column in (
        ("9" * 6000, f"{lon},{lat}", "", "编号"), ("1.01E+11", f"{lon},{lat}", "", "编号"), ("A1", f"{lon},{lat}", "拆除", "已拆除"),
        ("A1", f"nan,{lat}", "", "经度"), ("A1", f"1e999,{lat}", "", "经度"),
    ):  # fmt: skip
        found = faults(
            client,
            "/api/assets/sheet?dry=true",
            f"{head}{number},路灯,灯,x,{place},WGS84,{ended}\n",
            bearer("demo-town"),
        )
        assert column in [f["column"] for f in found], (number, found)
        assert all(len(f["value"]) <= 6000 for f in found)


def test_categories_keep_their_zeros_their_limits_and_their_tree(
    client: TestClient, bearer: Bearer
) -> None:
    admin = bearer("demo-admin")
    head = "编码,上级编码,名称,立案条件,时限类型,时限\n"
    path = "/api/categories/schemes?dry=true"
    lost = faults(client, path, head + "101,,道路,坏了,工作日,2\n", admin)
    assert [(f["row"], f["column"], f["right"]) for f in lost] == [(2, "编码", "0101")]
    long = faults(client, path, head + f"{'9' * 30},,道路,坏了,工作日,2\n", admin)
    assert [(f["row"], f["column"]) for f in long] == [(2, "编码")] and "20" in long[0]["wrong"]
    circle = faults(
        client, path, head + "91,92,甲,,,\n92,91,乙,,,\n9101,91,丙,坏了,工作日,2\n", admin
    )
    assert {f["row"] for f in circle} >= {2, 3}
