"""Serving tiles: check who asks, run one query, answer."""

import gzip
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Path, Request, Response
from psycopg import OperationalError
from psycopg_pool import AsyncConnectionPool, PoolTimeout
from sqlalchemy.engine import make_url

from backend.core.db import scope_parameters
from backend.core.errors import NotFound
from backend.core.http import problem
from backend.core.inputs import Key
from backend.core.permissions import ActorDep, allow
from backend.core.settings import get_settings
from tiles.layers import LAYERS, Layer

ZOOM_MOST = 22
MVT = "application/vnd.mapbox-vector-tile"
router = APIRouter(prefix="/tiles", tags=["tiles"])


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Hold a small pool of read-only connections while the application lives."""
    url = make_url(get_settings().tiles_url)
    conninfo = url.set(drivername="postgresql").render_as_string(hide_password=False)
    pool = AsyncConnectionPool(
        conninfo, min_size=1, max_size=6, timeout=5, open=False, check=None,
        kwargs={"autocommit": True, "application_name": "onemap-tiles",
                "options": "-c default_transaction_read_only=on -c statement_timeout=5000"},
    )  # fmt: skip
    await pool.open(wait=False)
    app.state.tile_pool = pool
    yield
    await pool.close()


def get_layer(layer: Annotated[Key, Path()]) -> Layer:
    """The layer of that name, or 404."""
    try:
        return LAYERS[layer]
    except KeyError:
        raise NotFound("nothing_here") from None


LayerDep = Annotated[Layer, Depends(get_layer)]


@router.get("/{layer}.json", dependencies=[allow()])
async def describe(layer: LayerDep) -> dict[str, Any]:
    """Describe a layer as TileJSON 3.0."""
    # Never the Host that was sent: a cache before us would hand it to others.
    base = get_settings().public_url.rstrip("/")
    vector = [{"id": layer.name, "fields": dict(layer.fields)}]
    return {
        "tilejson": "3.0.0", "name": layer.title, "minzoom": layer.minzoom,
        "maxzoom": layer.maxzoom, "vector_layers": vector,
        "tiles": [f"{base}/tiles/{layer.name}/{{z}}/{{x}}/{{y}}.mvt"],
    }  # fmt: skip


@router.get("/{layer}/{z}/{x}/{y}.mvt", response_class=Response, dependencies=[allow()])
async def get_tile(
    request: Request,
    layer: LayerDep,
    actor: ActorDep,
    z: Annotated[int, Path(ge=0, le=ZOOM_MOST)],
    x: Annotated[int, Path(ge=0, lt=1 << ZOOM_MOST)],
    y: Annotated[int, Path(ge=0, lt=1 << ZOOM_MOST)],
) -> Response:
    """Return one tile (MVT 2.1) of what the caller may see, or 204 where there is nothing."""
    if x >= 1 << z or y >= 1 << z:
        raise NotFound("nothing_here")
    if not layer.minzoom <= z <= layer.maxzoom:
        return Response(status_code=204)
    scope = scope_parameters(actor)
    parameters = {
        "z": z, "x": x, "y": y, "scope": scope["scope"], "account": scope["account"],
        "organization": scope["organization"] or None,
    }  # fmt: skip
    try:
        async with request.app.state.tile_pool.connection() as connection:
            cursor = await connection.execute(layer.query, parameters)
            (tile,) = await cursor.fetchone()
    except (OperationalError, PoolTimeout):
        return problem(request, 503, "database_away")
    headers = {
        "Cache-Control": f"private, max-age={layer.max_age_s}",
        "Vary": "Cookie, Authorization",
    }
    if not tile:
        return Response(status_code=204, headers=headers)
    body = bytes(tile)
    if "gzip" in request.headers.get("accept-encoding", "") and len(body) > 1000:
        body, headers["Content-Encoding"] = gzip.compress(body, 5), "gzip"
    return Response(body, media_type=MVT, headers=headers)
