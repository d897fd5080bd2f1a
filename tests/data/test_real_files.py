"""Real files, through the same code as everybody's: Putian's divisions, Boston's cases."""

import csv
import json
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
import shapely
from sqlalchemy import create_engine, func, select
from sqlalchemy.orm import Session

from backend.city.areas.importing import Columns as AreaColumns
from backend.city.areas.importing import import_areas
from backend.city.areas.models import Area
from backend.core.settings import get_settings
from backend.matters.events.intake.importing import Columns, Plan, import_events
from backend.matters.events.models import Event
from backend.tools.calendar.clocks import Calendar, Clock, Limit, Segment, budget, elapsed
from backend.tools.calendar.service import promise
from gis import reading
from gis.measure import distance_m
from gis.reading import Feature


@pytest.fixture(scope="module")
def owner(database: str):  # type: ignore[no-untyped-def]
    engine = create_engine(get_settings().owner_url)
    yield engine
    engine.dispose()


def test_putian_by_code_and_name_then_by_polygon(owner, data: Path) -> None:  # type: ignore[no-untyped-def]
    with Session(owner) as session, session.begin():
        names = reading.read(data / "admin-names" / "putian_divisions.csv", "CGCS2000")
        report = import_areas(session, names, AreaColumns("code12", "name"))
        assert (report.rows, report.added, report.faults) == (1042, 1042, [])
        polygons = reading.read(data / "admin-geom" / "putian_districts_gcj02.geojson", "GCJ02")
        report = import_areas(session, polygons, AreaColumns("adcode", "name"))
        assert (report.replaced, report.refused) == (5, False)
        counted = session.execute(
            select(Area.level, func.count())
            .where(Area.code.startswith("3503"), Area.valid_to.is_(None))
            .group_by(Area.level)
        ).all()
        assert dict(counted) == {"city": 1, "county": 5, "town": 57, "village": 979}
        # The boundaries' old versions are closed, not lost.
        assert (
            session.scalar(
                select(func.count()).where(Area.code.startswith("3503"), Area.valid_to.is_not(None))
            )
            == 5
        )
        ours = {
            a.name: shapely.from_wkb(bytes(a.geom.data))
            for a in session.scalars(
                select(Area).where(
                    Area.level == "county", Area.code.startswith("3503"), Area.valid_to.is_(None)
                )
            )
        }
    converted = json.loads(
        (data / "admin-geom" / "putian_districts_wgs84_converted.geojson").read_text()
    )
    for feature in converted["features"]:
        theirs = shapely.geometry.shape(feature["geometry"])
        mine = ours[feature["properties"]["name"]]
        # Vertex by vertex, every one within a metre (1e-5 degrees is 1.1 m at most).
        a, b = shapely.get_coordinates(mine), shapely.get_coordinates(theirs)
        if len(a) == len(b):
            assert max(distance_m(*p, *q) for p, q in zip(a, b, strict=True)) < 1.0
        assert shapely.hausdorff_distance(mine, theirs) < 0.9e-5


COLUMNS = Columns(
    reference="case_enquiry_id", text="case_title", category="", reported_at="open_dt",
    due_at="sla_target_dt", closed_at="closed_dt", lon="longitude", lat="latitude", address="location",
)  # fmt: skip


def district(name: str) -> str:
    return name.strip().replace("-", "")


@dataclass(frozen=True)
class Boston:
    """What was imported once for this module: the file's rows, and what became of them."""

    rows: list[dict[str, str]]
    events: dict[str | None, Event]
    points: dict[str, tuple[float, float]]
    code_of: dict[str, str]
    without_place: int


@pytest.fixture(scope="module")
def boston(owner, data: Path) -> Boston:  # type: ignore[no-untyped-def]
    """12 police districts as grids under an invented county, town and village; 3,095 cases."""
    above = [Feature(i, {"code": c, "name": n}, None) for i, (c, n) in enumerate(
        [("9999", "Boston"), ("999901", "Suffolk"), ("999901001", "Town"), ("999901001001", "Village")]
    )]  # fmt: skip
    shapes = list(reading.read(data / "events" / "Police_Districts.geojson", "WGS84"))
    names = sorted(str(f.fields["DISTRICT"]) for f in shapes)
    numbered = [
        Feature(
            f.row,
            {
                "code": f"999901001001{names.index(f.fields['DISTRICT']) + 1:03d}",
                "name": f.fields["DISTRICT"],
            },
            f.geometry,
        )
        for f in shapes
    ]
    with Session(owner, expire_on_commit=False) as session, session.begin():
        assert import_areas(session, above).added == 4
        report = import_areas(session, numbered, keep_good=True)
        assert report.added == 12, report.faults
        plan = Plan("WGS84", ZoneInfo("America/New_York"), "0204", COLUMNS)
        file = data / "events" / "boston311_2013_dev.csv"
        cases = import_events(session, reading.read(file, "WGS84"), plan)
        assert (cases.rows, cases.added, cases.faults) == (3095, 3095, [])
        again = import_events(session, reading.read(file, "WGS84"), plan)
        assert (again.added, again.known) == (0, 3095)
        events = {
            e.external_ref: e
            for e in session.scalars(select(Event).where(Event.external_ref.is_not(None)))
        }
        points = {
            r.external_ref: (r.x, r.y)
            for r in session.execute(
                select(
                    Event.external_ref,
                    func.ST_X(Event.geom).label("x"),
                    func.ST_Y(Event.geom).label("y"),
                ).where(Event.geom.is_not(None))
            )
        }
    code_of = {name: f"999901001001{i + 1:03d}" for i, name in enumerate(names)}
    with file.open(encoding="utf-8") as rows:
        written = list(csv.DictReader(rows))
    return Boston(written, events, points, code_of, len(cases.without_place))


def test_boston_lands_in_its_own_districts(boston: Boston) -> None:
    agree = both = without = 0
    for row in boston.rows:
        event = boston.events[row["case_enquiry_id"]]
        if not row["longitude"]:
            without += 1
            assert event.geom is None
            continue
        # Outside China nothing is shifted, not by a bit.
        assert boston.points[row["case_enquiry_id"]] == (
            float(row["longitude"]),
            float(row["latitude"]),
        )
        # Times keep their zone: 06:32 in Boston is 11:32 UTC in January.
        assert (
            event.reported_at.astimezone(ZoneInfo("America/New_York")).strftime("%Y-%m-%d %H:%M:%S")
            == row["open_dt"]
        )
        assert (event.closed_at is None) == (not row["closed_dt"])
        if district(row["police_district"]) and event.area_code.startswith("999901001001"):
            both += 1
            agree += event.area_code == boston.code_of[district(row["police_district"])]
    assert without == boston.without_place
    assert both > 3000
    print(
        f"\nBoston: {agree} of {both} located rows lie in their recorded district: {agree / both:.4%}"
    )
    assert agree / both >= 0.994


def test_lateness_is_bostons_own_verdict(boston: Boston) -> None:
    """The targets as limits: through the same arithmetic that makes every promise here."""
    judged = 0
    for row in boston.rows:
        event = boston.events[row["case_enquiry_id"]]
        if not (event.closed_at and event.due_at):
            continue
        judged += 1
        late = row["on_time"] == "OVERDUE"
        assert (event.closed_at > event.due_at) == late
        if event.due_at <= event.reported_at:
            continue  # due before it was reported: no limit says that
        hours = (event.due_at - event.reported_at).total_seconds() / 3600
        limit, calendar = Limit(Clock.URGENT_HOUR, hours), Calendar(0)
        due_at = promise(limit, calendar, [Segment(event.reported_at)]).due_at
        assert due_at is not None and abs(due_at - event.due_at) < timedelta(milliseconds=1)
        used = elapsed(limit.clock, calendar, event.reported_at, event.closed_at)
        assert (used > round(budget(limit, calendar, event.reported_at), 3)) == late
    with_target = [r for r in boston.rows if r["closed_dt"] and r["sla_target_dt"]]
    print(
        f"\nBoston: {judged} closed rows with a target of {len(with_target)}, none judged otherwise"
    )
    assert judged == len(with_target) > 2000
