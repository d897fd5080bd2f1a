"""Importing areas: every fault is told with its row, its place and what would be right.

All or nothing, or the good rows alone, as the caller chooses. An existing area whose boundary
changes gets a new version; the old one is closed, never lost.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import shapely
from sqlalchemy import delete
from sqlalchemy.orm import Session

from backend.city.areas import queries, writing
from backend.city.areas.models import Area, AreaShape, Kind
from backend.core import day
from backend.core.actor import Actor
from backend.core.inputs import clean
from backend.core.rights import city_wide
from gis import checks, codes
from gis.reading import Feature

NAME_MOST = 80


@dataclass(frozen=True)
class Fault:
    """What is wrong with one row; ``fatal`` rows cannot be kept."""

    row: int
    column: str
    kind: str
    detail: str
    right: str
    fatal: bool = True
    lon: float | None = None
    lat: float | None = None


@dataclass(frozen=True)
class Columns:
    """Which columns of the file hold what."""

    code: str = "code"
    name: str = "name"


@dataclass
class Report:
    """What an import found and did."""

    rows: int = 0
    added: int = 0
    replaced: int = 0
    unchanged: int = 0
    left_out: int = 0
    refused: bool = False
    faults: list[Fault] = field(default_factory=list)


@dataclass(frozen=True)
class _Row:
    number: int
    code: str
    name: str
    geom: shapely.MultiPolygon | None


def import_areas(
    session: Session,
    features: Iterable[Feature],
    columns: Columns | None = None,
    *,
    keep_good: bool = False,
    prefix: str = "",
    managing: str = "",
) -> Report:
    """Add areas, or new versions of them, in the caller's transaction; what was found and done.

    ``prefix`` is put before each code (for files that number from 1), ``managing`` names the
    managing county when it is not the code's own first six digits. With ``keep_good`` false one
    fatal fault refuses the whole file.
    """
    report = Report()
    rows = _read(features, columns or Columns(), prefix, report)
    rows = _without_duplicates(rows, report)
    rows = _with_parents(session, rows, report)
    _check_shapes(rows, report)
    bad = {fault.row for fault in report.faults if fault.fatal}
    report.left_out = len(bad)
    if bad and not keep_good:
        report.refused = True
        return report
    good = [row for row in rows if row.number not in bad]
    _store(session, good, managing, report)
    return report


def not_governed(session: Session, actor: Actor, wanted: Iterable[str]) -> str | None:
    """The first of these codes, there already or not yet, that the actor does not govern.

    What is no code at all is told as a fault by the import itself.
    """
    if city_wide(actor.area_code):
        return None
    chains: dict[str, list[str]] = {}
    for code in wanted:
        digits = codes.trim_statistical(code) if len(code) == 12 and code.isdigit() else code
        try:
            codes.level_of(digits)
        except ValueError:
            continue
        chains[digits] = codes.chain(digits)[1:]
    known = queries.named(session, {code for chain in chains.values() for code in chain})
    for code, chain in chains.items():
        # The nearest of its ancestors that there is says who manages it.
        nearest = next((known[c] for c in reversed(chain) if c in known), None)
        if not actor.governs(nearest.managing_county if nearest else code[:6], code):
            return code
    return None


def _read(features: Iterable[Feature], columns: Columns, prefix: str, report: Report) -> list[_Row]:
    rows = []
    for feature in features:
        report.rows += 1
        code = prefix + str(feature.fields.get(columns.code, "")).strip()
        name = str(feature.fields.get(columns.name, "")).strip()
        if len(code) == 12 and code.endswith("000"):
            code = codes.trim_statistical(code)
        geom = None
        if feature.problem:
            report.faults.append(
                Fault(feature.row, "geometry", "unreadable", feature.problem,
                      "closed rings of four corners at least, in the named system")
            )  # fmt: skip
            continue
        try:
            code, name = clean(code, line=True), clean(name, line=True)
            codes.level_of(code)
        except ValueError:
            report.faults.append(
                Fault(feature.row, columns.code, "code", repr(code), "4, 6, 9, 12, 15 or 18 digits")
            )
            continue
        if not name:
            report.faults.append(Fault(feature.row, columns.name, "name", "empty", "a name"))
            continue
        if len(name) > NAME_MOST:
            report.faults.append(
                Fault(feature.row, columns.name, "name", f"{len(name)} signs",
                      f"a name of at most {NAME_MOST} signs")
            )  # fmt: skip
            continue
        if feature.geometry is not None:
            geom = checks.multipolygon(feature.geometry)
            if geom is None:
                kind = feature.geometry.geom_type
                report.faults.append(
                    Fault(feature.row, "geometry", "kind", kind, "Polygon or MultiPolygon")
                )
                continue
        rows.append(_Row(feature.row, code, name, geom))
    if any(row.geom is not None for row in rows):
        # A table of names has no boundaries at all; a file of shapes in which one is missing has a
        # hole that somebody should know of.
        report.faults += [
            Fault(row.number, "geometry", "missing", row.code, "a boundary", fatal=False)
            for row in rows if row.geom is None
        ]  # fmt: skip
    return rows


def _without_duplicates(rows: Sequence[_Row], report: Report) -> list[_Row]:
    first: dict[str, int] = {}
    kept = []
    for row in rows:
        if row.code in first:
            report.faults.append(
                Fault(row.number, "code", "duplicate", row.code,
                      f"a code of its own: row {first[row.code]} has this one")
            )  # fmt: skip
            continue
        first[row.code] = row.number
        kept.append(row)
    return kept


def _with_parents(session: Session, rows: Sequence[_Row], report: Report) -> list[_Row]:
    """Leave out rows whose parent is in neither the file nor the database, and their children."""
    here = {row.code for row in rows}
    wanted = {p for row in rows if (p := codes.parent(row.code)) and p not in here}
    known = set(queries.named(session, wanted))
    kept = []
    for row in sorted(rows, key=lambda r: len(r.code)):
        parent = codes.parent(row.code)
        if parent is not None and parent not in here and parent not in known:
            here.discard(row.code)
            report.faults.append(
                Fault(row.number, "code", "orphan", row.code, f"import its parent {parent} first")
            )
            continue
        kept.append(row)
    return kept


def _check_shapes(rows: Sequence[_Row], report: Report) -> None:
    by_level: dict[codes.Level, list[_Row]] = {}
    for row in rows:
        by_level.setdefault(codes.level_of(row.code), []).append(row)
    for level_rows in by_level.values():
        geoms = [row.geom for row in level_rows]
        names = [row.code for row in level_rows]
        for fault in checks.invalid(geoms):
            report.faults.append(
                Fault(level_rows[fault.index].number, "geometry", fault.kind, fault.detail,
                      "a ring that does not cross itself", True, fault.lon, fault.lat)
            )  # fmt: skip
        for fault in checks.overlaps(geoms, names):
            # Neighbours drawn by different hands overlap; a point there belongs to the lower code.
            report.faults.append(
                Fault(level_rows[fault.index].number, "geometry", fault.kind, fault.detail,
                      "areas of one level that only touch", False, fault.lon, fault.lat)
            )  # fmt: skip


def _store(session: Session, rows: Sequence[_Row], managing: str, report: Report) -> None:
    existing = queries.by_code(session, [row.code for row in rows])
    new = []
    for row in rows:
        county = managing or _managing(session, row.code)
        area = writing.NewArea(row.code, row.name, county, row.geom, Kind.NORMAL)
        old = existing.get(row.code)
        if old is None:
            report.added += 1
        elif old.name == row.name and _same(old, row.geom):
            report.unchanged += 1
            continue
        else:
            _close(session, old)
            # A table of names does not take a boundary away.
            area = replace(area, geom=row.geom or _geom(old), managing_county=old.managing_county)
            report.replaced += 1
        new.append(area)
    session.flush()
    writing.write(session, new)


def _managing(session: Session, code: str) -> str:
    parent = codes.parent(code)
    if codes.level_of(code) in (codes.Level.CITY, codes.Level.COUNTY) or parent is None:
        return code[:6].ljust(6, "0")
    known = queries.named(session, [parent]).get(parent)
    return known.managing_county if known else codes.county_of(code)


def _geom(area: Area) -> Any:
    return shapely.from_wkb(bytes(area.geom.data)) if area.geom is not None else None


def _same(old: Area, geom: shapely.MultiPolygon | None) -> bool:
    if geom is None:
        return True
    before = _geom(old)
    return before is not None and bool(shapely.equals_exact(before, geom, tolerance=1e-9))


def _close(session: Session, area: Area) -> None:
    area.valid_to = day.today()
    session.execute(delete(AreaShape).where(AreaShape.area_id == area.id))
