"""Public assets over HTTP: listed, and kept by spreadsheet."""

from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel
from sqlalchemy import or_

from backend.city.areas import queries as areas
from backend.city.organizations import queries as organizations
from backend.core.asking import holds
from backend.core.inputs import ShortSearch
from backend.core.permissions import ActorDep, allow
from backend.core.rights import Right
from backend.core.session import SessionDep
from backend.registers.assets import exporting, register
from backend.registers.assets import queries as assets
from backend.registers.assets.models import Asset
from backend.tools.importing import handing, sheets

router = APIRouter(tags=["assets"])


class AssetOut(BaseModel):
    """A thing that stands somewhere (EPSG:4490, degrees), and who answers for it."""

    id: UUID
    asset_no: str
    kind: assets.Kind
    name: str
    owner: str
    place: str
    lon: float
    lat: float


class RegisterOut(BaseModel):
    """What became of a file; with faults nothing was changed."""

    assets: int
    kept: int
    faults: list[sheets.Fault]


@router.get("/assets", dependencies=[allow(Right.READ_ASSETS)])
def list_assets(
    actor: ActorDep, session: SessionDep, kind: assets.Kind | None = None,
    q: Annotated[ShortSearch, Query()] = "",
) -> list[AssetOut]:  # fmt: skip
    """List what stands in the caller's area, by number; at most 500 at a time."""
    query = assets.visible_to(actor).limit(assets.LISTED_MOST)
    if kind is not None:
        query = query.where(Asset.kind == kind)
    if q:
        query = query.where(
            or_(
                holds(Asset.asset_no, q),
                holds(Asset.name, q),
            )
        )
    rows = session.execute(query.with_only_columns(*assets.LINE)).all()
    owners = organizations.names(session, {row.owner_id for row in rows})
    named = areas.named(session, {row.area_code[:12] for row in rows})
    return [
        AssetOut(
            id=row.id, asset_no=row.asset_no, kind=assets.Kind(row.kind),
            name=row.name, owner=owners.get(row.owner_id, ""),
            place=named[code].name if (code := row.area_code[:12]) in named else code,
            lon=row.lon, lat=row.lat,
        )
        for row in rows
    ]  # fmt: skip


@router.get("/assets/sheet", dependencies=[allow(Right.READ_ASSETS)], response_class=Response)
async def download_assets(actor: ActorDep) -> Response:
    """Return the register of the caller's area as a spreadsheet; empty, it shows the columns."""
    count = partial(exporting.count, actor)
    return await handing.handed("assets.xlsx", count, exporting.save, actor)


@router.post("/assets/sheet", dependencies=[allow(Right.KEEP_ASSETS)])
def upload_assets(
    tables: sheets.Sent,
    actor: ActorDep,
    session: SessionDep,
    dry: Annotated[bool, Query(description="only look for faults")] = False,
) -> RegisterOut:
    """Take in or bring up to date what stands in the caller's area; one fault, and nothing is."""
    found = register.read(session, actor, tables)
    kept = 0 if found.faults or dry else register.keep(session, found.wanted)
    return RegisterOut(
        assets=len(found.wanted), kept=kept, faults=sheets.in_words(found.faults, actor.language)
    )
