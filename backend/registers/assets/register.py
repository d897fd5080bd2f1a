"""The register of assets as a spreadsheet: every fault said, every row or none taken in."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import func
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from backend.city.areas import queries as areas
from backend.city.organizations import queries as organizations
from backend.core import clock, ids
from backend.core.actor import Actor
from backend.core.inputs import Short
from backend.core.language import SUPPORTED, say, sentences
from backend.registers.assets.models import Asset
from backend.registers.assets.queries import Kind
from backend.tools.importing.cells import read_cells
from backend.tools.importing.sheets import Fault, Row, Table
from gis import crs, delimited
from gis.errors import GisError

NUMBER, KIND, NAME, OWNER = "编号", "种类", "名称", "权属单位"
LON, LAT, CRS, ENDED = "经度", "纬度", "坐标系", "已拆除"
COLUMNS = (NUMBER, KIND, NAME, OWNER, LON, LAT, CRS, ENDED)
NEEDED = (NUMBER, KIND, OWNER, LON, LAT, CRS)
YES, NO = ("是", "yes", "y", "1", "true"), ("否", "no", "n", "0", "false", "")


@dataclass(frozen=True)
class Wanted:
    """One asset as a row wants it; the position is EPSG:4490."""

    number: str
    kind: Kind
    name: str
    owner_id: UUID
    county_code: str
    area_code: str
    lon: float
    lat: float
    ended: bool


@dataclass
class Register:
    """What a file says, and everything that is wrong with it."""

    wanted: list[Wanted] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def kind_words() -> dict[str, Kind]:
    """Kinds by what people call them, in every language, and by their own names."""
    named = {sentences(lang)[f"asset.{kind}"]: kind for lang in SUPPORTED for kind in Kind}
    return named | {kind.value: kind for kind in Kind}


def read(session: Session, actor: Actor, tables: Sequence[Table]) -> Register:
    """Check a register: the kinds, the owners, and that each thing stands in the actor's area."""
    register = Register()
    table = tables[0] if tables else Table("", [], [])
    for title in NEEDED:
        if title not in table.columns:
            register.faults.append(
                Fault(sheet=table.name, row=1, column=title, wrong="fault.column_missing",
                      right="、".join(COLUMNS))
            )  # fmt: skip
    if register.faults:
        return register
    reader = _Reader(session, actor, table, register)
    for row in table.rows:
        reader.take(row)
    return register


class _Reader:
    """Reads the rows of one table; remembers what has been looked up."""

    def __init__(self, session: Session, actor: Actor, table: Table, register: Register) -> None:
        self.session, self.actor, self.table, self.register = session, actor, table, register
        self.words = kind_words()
        self.counties: dict[str, str] = {}
        self.owners: dict[str, dict[str, UUID]] = {}
        self.seen: set[str] = set()

    def take(self, row: Row) -> None:
        before = len(self.register.faults)
        if not row[NUMBER]:
            self.fault(row, NUMBER, "fault.code_empty")
        elif row[NUMBER] in self.seen:
            self.fault(row, NUMBER, "fault.number_twice")
        elif delimited.SHORTENED.match(row[NUMBER]):
            self.fault(row, NUMBER, "fault.shortened")
        self.seen.add(row[NUMBER])
        read_cells(self.register.faults, self.table, row, {NUMBER: Short, NAME: Short})
        if row[ENDED].lower() not in (*YES, *NO):
            self.fault(row, ENDED, "fault.not_yes_no", "是 / 否")
        kind = self.words.get(row[KIND])
        if kind is None:
            first = [say(self.actor.language, f"asset.{k}") for k in Kind]
            self.fault(row, KIND, "fault.asset_kind", "、".join(first))
        place = self.place(row)
        if place is None or kind is None:
            return
        lon, lat, county, code = place
        owner = self.owners_of(code).get(row[OWNER])
        if owner is None:
            self.fault(row, OWNER, "fault.organization_unknown")
        elif len(self.register.faults) == before:
            self.register.wanted.append(
                Wanted(row[NUMBER], kind, row[NAME], owner, county, code, lon, lat,
                       row[ENDED].lower() in YES)
            )  # fmt: skip

    def place(self, row: Row) -> tuple[float, float, str, str] | None:
        """Where a row's thing stands: EPSG:4490, the managing county, the smallest area."""
        try:
            x, y = float(row[LON]), float(row[LAT])
            if not (math.isfinite(x) and math.isfinite(y)):
                raise ValueError("no position")
        except ValueError:
            self.fault(row, LON, "fault.position", "119.0123，25.4321")
            return None
        try:
            (lon,), (lat,) = (v.tolist() for v in crs.to_4490([x], [y], row[CRS]))
        except GisError:
            self.fault(row, CRS, "fault.crs", "WGS84、GCJ02、BD09、EPSG:4490")
            return None
        code = areas.code_at(self.session, lon, lat)
        county = self.county_of(code) if code else ""
        if code is None or not self.actor.covers(county, code):
            self.fault(row, LON, "fault.outside_your_area")
            return None
        return lon, lat, county, code

    def county_of(self, code: str) -> str:
        village = code[:12]
        if village not in self.counties:
            named = areas.named(self.session, [village]).get(village)
            self.counties[village] = named.managing_county if named else ""
        return self.counties[village]

    def owners_of(self, code: str) -> dict[str, UUID]:
        village = code[:12]
        if village not in self.owners:
            able = organizations.assignable(self.session, village)
            self.owners[village] = {o.name: o.id for o in able}
        return self.owners[village]

    def fault(self, row: Row, column: str, wrong: str, right: str = "") -> None:
        self.register.faults.append(
            Fault(sheet=self.table.name, row=row.number, column=column, value=row[column],
                  wrong=wrong, right=right)
        )  # fmt: skip


def keep(session: Session, wanted: Iterable[Wanted]) -> int:
    """Take assets in; one whose number is known is brought up to date. How many there were."""
    rows: list[dict[str, Any]] = [
        {
            "county_code": one.county_code, "id": ids.new_id(), "asset_no": one.number,
            "kind": one.kind.value, "name": one.name, "area_code": one.area_code,
            "owner_id": one.owner_id, "geom": f"SRID=4490;POINT({one.lon} {one.lat})",
            "ended_at": clock.now() if one.ended else None,
        }
        for one in wanted
    ]  # fmt: skip
    added = insert(Asset)
    changed = ("kind", "name", "area_code", "owner_id", "geom")
    # What ended before keeps its own day.
    ended = func.coalesce(Asset.ended_at, added.excluded.ended_at)
    statement = added.on_conflict_do_update(
        index_elements=["county_code", "asset_no"],
        set_={name: added.excluded[name] for name in changed} | {"ended_at": ended},
    )
    if rows:
        session.execute(statement, rows)
    return len(rows)


def to_table(language: str, rows: Iterable[Any], owners: dict[UUID, str]) -> Table:
    """Assets as the sheet that `read` reads."""
    lines = [
        Row(
            number,
            {
                NUMBER: row.Asset.asset_no, KIND: say(language, f"asset.{row.Asset.kind}"),
                NAME: row.Asset.name, OWNER: owners.get(row.Asset.owner_id, ""),
                LON: f"{row.lon:.7f}", LAT: f"{row.lat:.7f}", CRS: "EPSG:4490", ENDED: "",
            },
        )
        for number, row in enumerate(rows, 2)
    ]  # fmt: skip
    return Table(say(language, "asset.sheet"), list(COLUMNS), lines)
