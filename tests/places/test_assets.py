"""The register of public assets: every fault said, numbers kept, and rules that follow the owner."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any
from uuid import UUID

from fastapi.testclient import TestClient

from backend.core.actor import Slice
from backend.core.db import unit_of_work
from backend.registers.assets import register
from backend.tools.importing import sheets
from gis import codes
from tests.conftest import Town
from tests.events.makers import an_event_at

Bearer = Callable[[str], dict[str, str]]
HEAD = "编号,种类,名称,权属单位,经度,纬度,坐标系,已拆除"
POWER, OFFICE = "荷城区供电公司", "西天镇城建办"


def sheet(*rows: str) -> bytes:
    return "\n".join((HEAD, *rows)).encode()


def at(town: Town, unit: str, east_m: float = 0) -> str:
    lon, lat = town.sites[unit]
    return f"{lon + east_m / 100_800:.7f},{lat:.7f},WGS84"


def upload(client: TestClient, headers: dict[str, str], data: bytes, **query: Any) -> Any:
    answer = client.post("/api/assets/sheet", content=data, headers=headers, params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_a_file_with_faults_changes_nothing(client: TestClient, bearer: Bearer, town: Town) -> None:
    an, unit = bearer("demo-town"), town.units[0]
    told = upload(client, an, sheet(
        f"X-1,路灯,,{POWER},{at(town, unit)},",
        f",路灯,,{POWER},{at(town, unit)},",
        f"X-1,路灯,,{POWER},{at(town, unit)},",
        f"X-2,飞船,,{POWER},{at(town, unit)},",
        f"X-3,路灯,,没有的公司,{at(town, unit)},",
        f"X-4,路灯,,{POWER},东经,25.4,WGS84,",
        f"X-5,路灯,,{POWER},119.0,25.4,火星,",
        f"X-6,路灯,,{POWER},119.9,25.9,WGS84,",
    ))  # fmt: skip
    assert [(f["row"], f["column"]) for f in told["faults"]] == [
        (3, "编号"), (4, "编号"), (5, "种类"), (6, "权属单位"), (7, "经度"), (8, "坐标系"),
        (9, "经度"),
    ]  # fmt: skip
    assert told["kept"] == 0
    assert client.get("/api/assets?q=X-1", headers=an).json() == []
    lacking = upload(client, an, "编号,种类\nX-1,路灯\n".encode())
    assert {f["column"] for f in lacking["faults"]} == {"权属单位", "经度", "纬度", "坐标系"}


def test_what_stands_in_a_neighbours_area_is_not_mine_to_register(town: Town) -> None:
    village, other = town.villages[:2]
    narrow = replace(
        town["demo-town"], scope=(Slice(town.counties[0], village, codes.upper(village)),)
    )
    theirs = next(u for u in town.units if u.startswith(other))
    mine = next(u for u in town.units if u.startswith(village))
    data = sheet(f"N-1,路灯,,{POWER},{at(town, theirs)},", f"N-2,路灯,,{POWER},{at(town, mine)},")
    with unit_of_work(narrow) as session:
        found = register.read(session, narrow, sheets.read(data))
    assert [(f.row, f.column, f.wrong) for f in found.faults] == [
        (2, "经度", "fault.outside_your_area")
    ]
    assert [one.number for one in found.wanted] == ["N-2"]


def test_a_register_is_tried_kept_brought_up_to_date_and_written_out(
    client: TestClient, bearer: Bearer, town: Town
) -> None:
    an, unit = bearer("demo-town"), town.units[0]
    rows = sheet(
        f"R-1,路灯,村口灯,{POWER},{at(town, unit)},", f"R-2,井盖,,{OFFICE},{at(town, unit)},"
    )
    assert upload(client, an, rows, dry=True) == {"assets": 2, "kept": 0, "faults": []}
    assert client.get("/api/assets?q=R-", headers=an).json() == []
    assert upload(client, an, rows)["kept"] == 2
    (light, cover) = client.get("/api/assets?q=R-", headers=an).json()
    assert (light["asset_no"], light["kind"], light["name"], light["owner"]) == (
        "R-1", "street_light", "村口灯", POWER
    )  # fmt: skip
    assert cover["asset_no"] == "R-2" and abs(light["lon"] - town.sites[unit][0]) < 1e-6
    # What is written out is read again, and changes nothing.
    book = client.get("/api/assets/sheet", headers=an).content
    (table,) = sheets.read(book)
    assert upload(client, an, book)["kept"] == len(table.rows)
    assert client.get("/api/assets?q=R-", headers=an).json() == [light, cover]
    # A new owner, and one that is gone.
    upload(
        client,
        an,
        sheet(f"R-1,路灯,,{OFFICE},{at(town, unit)},", f"R-2,井盖,,{OFFICE},{at(town, unit)},是"),
    )
    (only,) = client.get("/api/assets?q=R-", headers=an).json()
    assert (only["asset_no"], only["owner"]) == ("R-1", OFFICE)


def test_a_rule_sends_to_the_owner_of_the_asset_beside(
    client: TestClient, bearer: Bearer, town: Town
) -> None:
    an = bearer("demo-town")
    event_id = an_event_at(town, "filed", category="0204")
    body = {
        "area_code": town.towns[0], "name": "路灯归权属", "priority": 5,
        "condition": {"category": ["0204"], "asset": ["street_light"]},
    }  # fmt: skip
    assert (
        client.post(
            "/api/routing/rules", json=body | {"condition": {"category": ["0204"]}}, headers=an
        ).status_code
        == 422
    )
    unit = town.unit_head_of(town.grids[0]).area_code
    # Nothing is registered far and wide: the rule says so, and applies to nothing.
    made = client.post("/api/routing/rules", json=body, headers=an).json()
    (mine,) = [r for r in made if r["name"] == "路灯归权属"]
    assert mine["lead"] is None and mine["lead_name"] == "the owner of the asset"
    path = f"/api/events/{event_id}/routing"
    assert client.get(path, headers=an).json()["rule"] is None
    # 40 m away is too far; the nearer of two counts; another kind does not.
    upload(client, an, sheet(f"S-1,路灯,,{OFFICE},{at(town, unit, 40)},"))
    assert client.get(path, headers=an).json()["rule"] is None
    upload(client, an, sheet(
        f"S-2,路灯,,{OFFICE},{at(town, unit, 25)},", f"S-3,路灯,,{POWER},{at(town, unit, 15)},",
        f"S-4,井盖,,{OFFICE},{at(town, unit, 2)},",
    ))  # fmt: skip
    said = client.get(path, headers=an).json()
    assert (said["rule"], said["lead"]) == ("路灯归权属", str(town.bodies[POWER]))
    assert "street light S-3" in said["why"]
    # Tried on what people did, the owner counts as the rule's word.
    sent = an_event_at(town, "dispatched", category="0204")
    trial = client.get(f"/api/routing/trial?area={town.towns[0]}", headers=an).json()
    (row,) = [r for r in trial["rows"] if r["event_id"] == str(sent)]
    assert (row["people_chose"], row["rules_say"]) == (OFFICE, POWER)
    # One that is taken down stands beside nothing.
    upload(client, an, sheet(f"S-3,路灯,,{POWER},{at(town, unit, 15)},是"))
    assert client.get(path, headers=an).json()["lead"] == str(town.bodies[OFFICE])
    # The owner may stop taking work: then a person decides.
    closed = client.post(
        "/api/organizations",
        json={"name": "路灯公司", "kind": "utility", "area_code": town.towns[0]}, headers=an,
    ).json()["id"]  # fmt: skip
    upload(client, an, sheet(f"S-5,路灯,,路灯公司,{at(town, unit, 1)},"))
    assert client.get(path, headers=an).json()["lead"] == closed
    client.delete(f"/api/organizations/{UUID(closed)}", headers=an)
    stopped = client.get(path, headers=an).json()
    assert stopped["rule"] is None and "路灯归权属" in stopped["why"]
