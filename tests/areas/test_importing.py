"""Importing areas: every fault with its row, all or nothing or the good rows, versions kept."""

import json
import zipfile
from pathlib import Path

import pytest
import shapely
from sqlalchemy import create_engine, func, select, text
from sqlalchemy.orm import Session

from backend.city.areas import queries
from backend.city.areas.importing import import_areas
from backend.city.areas.models import Area
from backend.core.settings import get_settings
from gis import reading
from gis.errors import UnknownCrs, UnreadableFile
from gis.ogr import pyogrio
from gis.reading import Feature
from tests.conftest import Town

VILLAGE = "359902101050"


@pytest.fixture
def session(database: str):  # type: ignore[no-untyped-def]
    engine = create_engine(get_settings().owner_url)
    with Session(engine) as session:
        yield session
        session.rollback()
    engine.dispose()


def row(
    number: int, code: str, name: str = "名", geometry: shapely.Geometry | None = None
) -> Feature:
    return Feature(number, {"code": code, "name": name}, geometry)


SQUARE = shapely.box(118.0, 24.0, 118.1, 24.1)
FAULTY = [
    row(1, VILLAGE, geometry=SQUARE),
    row(2, "35990210105", "短了"),
    row(3, VILLAGE, "重复"),
    row(4, VILLAGE + "001", "", SQUARE),
    row(5, "359902777001", "没有上级"),
    row(
        6,
        VILLAGE + "002",
        "蝴蝶结",
        shapely.Polygon([(118, 24), (118.1, 24.1), (118.1, 24), (118, 24.1)]),
    ),
    row(7, VILLAGE + "003", "点", shapely.Point(118, 24)),
    row(8, VILLAGE + "004", "好的", shapely.box(118.0, 24.0, 118.05, 24.1)),
    row(9, VILLAGE + "005", "压住", shapely.box(118.04, 24.0, 118.1, 24.1)),
]


def test_each_fault_is_told_with_its_row_and_what_would_be_right(
    session: Session, town: Town
) -> None:
    report = import_areas(session, FAULTY, keep_good=True)
    found = {(f.row, f.kind) for f in report.faults}
    assert found == {
        (2, "code"),
        (3, "duplicate"),
        (4, "name"),
        (5, "orphan"),
        (6, "invalid"),
        (7, "kind"),
        # Among shapes, what has none is told, and kept.
        (3, "missing"),
        (5, "missing"),
        (9, "overlap"),
    }
    assert all(f.right for f in report.faults)
    bow_tie = next(f for f in report.faults if f.row == 6)
    assert (bow_tie.lon, bow_tie.lat) == pytest.approx((118.05, 24.05))
    # An overlap is told and kept: a point there belongs to the lower code.
    assert (report.rows, report.added, report.left_out, report.refused) == (9, 3, 6, False)
    assert queries.code_at(session, 118.045, 24.05) == VILLAGE + "004"


def test_one_fault_refuses_the_whole_file(session: Session, town: Town) -> None:
    before = session.scalar(select(func.count()).select_from(Area))
    report = import_areas(session, FAULTY)
    assert (report.refused, report.added) == (True, 0)
    assert session.scalar(select(func.count()).select_from(Area)) == before


def test_a_new_boundary_is_a_new_version(session: Session, town: Town) -> None:
    import_areas(session, [row(1, VILLAGE, geometry=SQUARE)])
    wider = shapely.box(118.0, 24.0, 118.2, 24.1)
    assert import_areas(session, [row(1, VILLAGE, geometry=SQUARE)]).unchanged == 1
    assert import_areas(session, [row(1, VILLAGE, geometry=wider)]).replaced == 1
    versions = session.scalars(select(Area).where(Area.code == VILLAGE).order_by(Area.id)).all()
    assert [v.valid_to is None for v in versions] == [False, True]
    assert queries.code_at(session, 118.15, 24.05) == VILLAGE
    drawn = session.execute(
        text("SELECT count(DISTINCT area_id) FROM area_shape WHERE code = :c"), {"c": VILLAGE}
    )
    assert drawn.scalar() == 1


def test_a_table_of_names_takes_no_boundary_away(session: Session, town: Town) -> None:
    import_areas(session, [row(1, VILLAGE, geometry=SQUARE)])
    import_areas(session, [row(1, VILLAGE, "改名")])
    assert queries.code_at(session, 118.05, 24.05) == VILLAGE


def test_a_point_on_a_shared_edge_goes_to_the_lower_code(session: Session, town: Town) -> None:
    west, east = shapely.box(118, 24, 118.5, 24.5), shapely.box(118.5, 24, 119, 24.5)
    for first, second in ((1, 2), (2, 1)):
        import_areas(
            session,
            [
                row(1, VILLAGE),
                row(2, f"{VILLAGE}00{first}", geometry=west),
                row(3, f"{VILLAGE}00{second}", geometry=east),
            ],
        )
        assert queries.code_at(session, 118.5, 24.25) == VILLAGE + "001"


def collection(tmp_path: Path, suffix: str) -> Path:
    features = [
        {
            "type": "Feature",
            "properties": {"code": VILLAGE, "name": "东村"},
            "geometry": shapely.geometry.mapping(SQUARE),
        }
    ]
    source = tmp_path / "areas.geojson"
    source.write_text(
        json.dumps({"type": "FeatureCollection", "features": features}, ensure_ascii=False)
    )
    if suffix == ".geojson":
        return source
    meta, _, wkb, columns = pyogrio.raw.read(source)
    target = tmp_path / f"areas{suffix}"
    pyogrio.raw.write(
        target,
        geometry=wkb,
        field_data=columns,
        fields=meta["fields"],
        geometry_type="Polygon",
        crs="EPSG:4326",
        encoding="UTF-8",
    )
    return target


@pytest.mark.parametrize("suffix", [".geojson", ".gpkg", ".shp"])
def test_formats_are_read_in_the_declared_system(tmp_path: Path, suffix: str) -> None:
    (feature,) = reading.read(collection(tmp_path, suffix), "GCJ02")
    assert (feature.fields["code"], feature.fields["name"]) == (VILLAGE, "东村")
    assert feature.geometry is not None
    # Read as GCJ-02, although the file itself claims WGS 84.
    assert feature.geometry.centroid.distance(SQUARE.centroid) > 0.004
    with pytest.raises(UnknownCrs):
        list(reading.read(collection(tmp_path, suffix), "somewhere"))


@pytest.mark.parametrize("suffix", [".GEOJSON", ".GPKG", ".SHP", ".ZIP", ".Zip", ".CSV"])
def test_a_suffix_may_be_written_in_any_case(tmp_path: Path, suffix: str) -> None:
    wanted = tmp_path / f"大写{suffix}"
    if suffix == ".CSV":
        wanted.write_text(f"code,name\n{VILLAGE},东村\n")
    elif suffix.lower() == ".zip":
        with zipfile.ZipFile(wanted, "w") as book:
            for part in collection(tmp_path, ".shp").parent.glob("areas.[!g]*"):
                book.write(part, part.name.upper() if suffix == ".ZIP" else part.name)
    else:
        source = collection(tmp_path, suffix.lower())
        parts = source.parent.glob("areas.*") if suffix == ".SHP" else [source]
        for part in list(parts):
            part.rename(wanted.with_suffix(part.suffix.upper()))
    (feature,) = reading.read(wanted, "WGS84")
    assert (feature.fields["code"], feature.fields["name"]) == (VILLAGE, "东村")


def test_tables_of_chinese_offices_are_read(tmp_path: Path) -> None:
    for encoding in ("utf-8", "utf-8-sig", "gb18030"):
        file = tmp_path / f"{encoding}.csv"
        file.write_bytes("code,name\n359902,荷城区\n".encode(encoding))
        (feature,) = reading.read(file, "CGCS2000")
        assert feature.fields == {"code": "359902", "name": "荷城区"}


@pytest.mark.parametrize(
    ("name", "content"), [("a.dwg", b"x"), ("a.geojson", b"{"), ("a.zip", b"PK"), ("a.csv", b"")]
)
def test_broken_files_are_refused_with_a_sentence(
    tmp_path: Path, name: str, content: bytes
) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    with pytest.raises(UnreadableFile, match=name):
        list(reading.read(file, "WGS84"))


def test_more_areas_than_a_statement_has_parameters(session: Session, town: Town) -> None:
    """A city has 130,000 units; one parameter a row would end at 65,535."""
    village = town.villages[0]
    rows = [Feature(g, {"code": f"{village}{g:03}", "name": "格"}, None) for g in range(101, 168)]
    rows += [
        Feature(len(rows) + i, {"code": f"{village}{g:03}{u:03}", "name": "元"}, None)
        for g in range(101, 168) for i, u in enumerate(range(1, 1000))
    ]  # fmt: skip
    assert len(rows) > 65_535
    assert import_areas(session, rows).added == len(rows)
    assert import_areas(session, rows).unchanged == len(rows)
