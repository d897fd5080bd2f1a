"""Lists longer than a file that comes in may be go out whole: assets, decisions, hot spots."""

import io
import re
import zipfile
from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import text

from backend.core import clock
from backend.matters.lists.models import HotSpot
from backend.registers.assets.models import Asset
from backend.tools.importing import sheets, streaming
from tests.conftest import Town
from tests.deliberations.makers import Village
from tests.owner import owner

Bearer = Callable[[str], dict[str, str]]
MANY = sheets.ROWS_MOST + 5
# Copies of the one row that there is, which differ in their key and their number.
COPIES = """
    INSERT INTO {table} SELECT (jsonb_populate_record(one, jsonb_build_object(
        'id', gen_random_uuid(), '{number}', 'L-' || to_char(n, 'FM000000')))).*
    FROM {table} AS one, generate_series(2, {most}) AS n
"""


def copied(table: str, number: str, most: int) -> None:
    """Make a table of one row one of many."""
    with owner() as session:
        assert session.scalar(text(f"SELECT count(*) FROM {table}")) == 1
        session.execute(text(COPIES.format(table=table, number=number, most=most)))


def rows(client: TestClient, path: str, headers: dict[str, str]) -> list[str]:
    """The first cell of each row of a sheet, without the titles; too long to be read back."""
    answer = client.get(path, headers=headers)
    assert answer.status_code == 200, answer.text
    with zipfile.ZipFile(io.BytesIO(answer.content)) as book:
        page = book.read("xl/worksheets/sheet1.xml").decode()
    return re.findall(r'<c r="A\d+"[^>]*>.*?<t[^>]*>([^<]*)</t>', page)[1:]


def noted(name: str) -> str:
    """How many rows the audit list says that went out in a file."""
    with owner() as session:
        return str(
            session.scalar(
                text("SELECT details FROM audit_entry WHERE about = :name"
                     " ORDER BY id DESC LIMIT 1"), {"name": name},
            )
        )  # fmt: skip


def test_a_register_of_many_assets_goes_out_whole(
    client: TestClient, bearer: Bearer, town: Town
) -> None:
    clerk = town["demo-town"]
    assert rows(client, "/api/assets/sheet", bearer("demo-town")) == []
    with owner() as session:
        session.add(
            Asset(county_code=town.counties[0], asset_no="L-000001", kind="bin", name="果皮箱",
                  area_code=town.units[0], owner_id=clerk.id, geom="SRID=4490;POINT(118 25)")
        )  # fmt: skip
    copied("asset", "asset_no", MANY)
    found = rows(client, "/api/assets/sheet", bearer("demo-town"))
    assert found == [f"L-{n:06}" for n in range(1, MANY + 1)]
    assert str(MANY) in noted("assets.xlsx")


def test_many_decisions_go_out_whole(client: TestClient, bearer: Bearer, town: Town) -> None:
    village = Village(client, bearer, town)
    assert rows(client, "/api/deliberations.xlsx", village.secretary) == []
    village.motion()
    copied("deliberation", "deliberation_no", MANY)
    found = rows(client, "/api/deliberations.xlsx", village.secretary)
    assert len(found) == len(set(found)) == MANY
    assert str(MANY) in noted("deliberations.xlsx")


def test_hot_spots_go_out_whole_and_a_page_of_them_is_shown(
    client: TestClient, bearer: Bearer, town: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, mine = clock.now(), town["demo-village"].area_code
    with owner() as session:
        session.add(
            HotSpot(county_code=town.counties[0], category_code="0403", area_code=mine,
                    geom="SRID=4490;POINT(118 25)", count=3, first_at=now, last_at=now)
        )  # fmt: skip
    copied("hot_spot", "cause", 300)
    village = bearer("demo-village")
    assert len(client.get("/api/hot-spots", headers=village).json()) == 200
    assert len(rows(client, "/api/hot-spots.xlsx", village)) == 300
    # What a sheet cannot hold is said.
    monkeypatch.setattr(streaming, "MOST", 250)
    *kept, said = rows(client, "/api/hot-spots.xlsx", village)
    assert len(kept) == 250 and "250" in said
