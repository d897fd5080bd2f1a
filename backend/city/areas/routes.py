"""Areas over HTTP."""

import tempfile
from collections.abc import Sequence
from pathlib import Path as FilePath
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, Path, Query
from fastapi.concurrency import run_in_threadpool
from pydantic import BaseModel, BeforeValidator, ConfigDict

from backend.city.areas import importing, opening, queries
from backend.city.areas.views import AreaOut, Box, box_of, show
from backend.core.errors import BadInput, Forbidden, NotFound
from backend.core.inputs import AreaCode, Coordinate, CrsName, Digits, Short
from backend.core.permissions import ActorDep, allow, allow_public
from backend.core.rights import Right
from backend.core.session import SessionDep
from backend.core.uploads import body_within
from gis import codes, crs
from gis.errors import GisError
from gis.reading import Feature

router = APIRouter(prefix="/areas", tags=["areas"])


class AreaPage(BaseModel):
    """An area with its ancestors, its children and the box that a map should show."""

    chain: list[AreaOut]
    children: list[AreaOut]
    box: Box | None


class Nearest(BaseModel):
    """The nearest area to a point outside all of them."""

    code: str
    name: str
    distance_m: float


class Located(BaseModel):
    """Where a point lies: the chain from the city to the unit, or how far the nearest area is."""

    lon: float
    lat: float
    chain: list[AreaOut]
    nearest: Nearest | None = None


@router.get("/locate", dependencies=[allow_public()])
def locate(
    session: SessionDep,
    lon: Annotated[Coordinate, Query()],
    lat: Annotated[Coordinate, Query()],
    crs_name: Annotated[
        CrsName, Query(alias="crs", description="WGS84, CGCS2000, GCJ02, BD09, EPSG:n")
    ],
) -> Located:
    """Say which unit, grid, village, town, county and city hold a point."""
    try:
        (lon4490,), (lat4490,) = (values.tolist() for values in crs.to_4490([lon], [lat], crs_name))
    except GisError as error:
        raise BadInput("position_unreadable", reason=str(error)) from error
    code = queries.code_at(session, lon4490, lat4490)
    nearest = None
    if code is None:
        row = session.execute(queries.NEAREST, {"lon": lon4490, "lat": lat4490}).one_or_none()
        if row:
            nearest = Nearest(code=row.code, name=row.name, distance_m=round(row.distance_m, 1))
    chain = [show(area) for area in queries.chain(session, code)] if code else []
    return Located(lon=lon4490, lat=lat4490, chain=chain, nearest=nearest)


class FaultOut(BaseModel):
    """What is wrong with one row of a file, where, and what would be right."""

    model_config = ConfigDict(from_attributes=True)

    row: int
    column: str
    kind: str
    detail: str
    right: str
    fatal: bool
    lon: float | None
    lat: float | None


class ImportOut(BaseModel):
    """What an import found and did; when ``refused``, nothing was changed."""

    model_config = ConfigDict(from_attributes=True)

    rows: int
    added: int
    replaced: int
    unchanged: int
    left_out: int
    refused: bool
    faults: list[FaultOut]


FILE_MAX_BYTES = 50_000_000
# In any case, as files are called: ".ZIP".
Suffix = Annotated[
    Literal[".geojson", ".gpkg", ".zip", ".csv"],
    BeforeValidator(lambda said: said.lower() if isinstance(said, str) else said),
]


async def _sent(
    data: Annotated[bytes, Depends(body_within(FILE_MAX_BYTES, "file_too_large"))],
    kind: Annotated[Suffix, Query(description="what the body is; a Shapefile comes zipped")],
    crs_name: Annotated[CrsName, Query(alias="crs", description="what the coordinates are")],
) -> Sequence[Feature]:
    """What the body holds; before the session, so that who waits for it holds no turn."""
    with tempfile.NamedTemporaryFile(suffix=kind) as file:
        await run_in_threadpool(file.write, data)
        file.flush()
        return await opening.opened(FilePath(file.name), crs_name)


@router.post("/import", dependencies=[allow(Right.IMPORT_AREAS)])
def import_file(
    features: Annotated[Sequence[Feature], Depends(_sent)],
    actor: ActorDep,
    session: SessionDep,
    code: Annotated[Short, Query(description="column of the code")] = "code",
    name: Annotated[Short, Query(description="column of the name")] = "name",
    prefix: Annotated[Digits, Query(description="put before each code")] = "",
    keep_good: Annotated[bool, Query(description="keep the good rows of a faulty file")] = False,
) -> ImportOut:
    """Import areas; the body is the file. One fault refuses it all, unless good rows are kept."""
    named = (prefix + str(feature.fields.get(code, "")).strip() for feature in features)
    foreign = importing.not_governed(session, actor, named)
    if foreign is not None:
        raise Forbidden("area_not_yours", code=foreign)
    report = importing.import_areas(
        session, features, importing.Columns(code, name), keep_good=keep_good, prefix=prefix
    )
    return ImportOut.model_validate(report)


@router.get("/{code}", dependencies=[allow()])
def get_area(code: Annotated[AreaCode, Path()], session: SessionDep) -> AreaPage:
    """Return an area, its ancestors and its children."""
    chain = queries.chain(session, code)
    if not chain or chain[-1].code != code:
        raise NotFound("area_not_found", code=code)
    below: list[AreaOut] = []
    if codes.level_of(code) is not codes.Level.UNIT:
        below = [
            AreaOut(
                code=a.code, name=a.name, level=a.level, managing_county=a.managing_county
            )
            for a in queries.children(session, code)
        ]  # fmt: skip
    return AreaPage(chain=[show(a) for a in chain], children=below, box=box_of(session, code))
