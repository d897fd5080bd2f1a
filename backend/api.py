"""The application: one origin serves the API, the tiles and the web build."""

import gc
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import anyio.to_thread
from fastapi import APIRouter, Depends, FastAPI

from backend.city.accounts import audit_routes, revocation
from backend.city.accounts import routes as accounts
from backend.city.accounts.tokens import read_actor
from backend.city.areas import routes as areas
from backend.city.duty import routes as duty
from backend.city.organizations import routes as organizations
from backend.city.staffing import routes as staffing
from backend.core import describing, health, http, log
from backend.core.inputs.twice import said_once
from backend.core.permissions import undeclared
from backend.core.settings import get_settings
from backend.insight.indicators import routes as indicators
from backend.insight.indicators import year
from backend.insight.running import routes as running
from backend.jobs import JOBS
from backend.matters.categories import routes as categories
from backend.matters.deliberations import public_routes as village_notices
from backend.matters.deliberations import routes as deliberations
from backend.matters.events import routes as events
from backend.matters.events.intake import place_routes as places
from backend.matters.events.intake import routes as intake
from backend.matters.lists import routes as lists
from backend.matters.reviews import entry_routes as review_entries
from backend.matters.reviews import routes as reviews
from backend.matters.routing import routes as routing
from backend.matters.telling import routes as telling
from backend.owners import sees
from backend.registers.assets import routes as assets
from backend.tools.calendar import routes as calendar
from backend.tools.media import routes as media
from backend.tools.notices import routes as notices
from backend.web import mount_web
from tiles.app import lifespan as tiles_lifespan
from tiles.app import router as tiles

# Tried in this order: the one that a storm hits comes first.
ROUTERS = (
    events.router,
    health.router, accounts.router, staffing.router, duty.router, areas.router,
    organizations.router, categories.router, calendar.router, routing.router,
    assets.router,
    audit_routes.router, events.audit_router, events.public_router, intake.router,
    intake.public_router, places.router, places.event_router, places.public_router,
    lists.router, reviews.router, review_entries.router, deliberations.router,
    village_notices.router,
    media.router, notices.router, telling.router, indicators.router, year.router, running.router,
)  # fmt: skip


@asynccontextmanager
async def lifespan(app: FastAPI) -> AsyncIterator[None]:
    """Open what the mounted parts need: a mounted application's own lifespan would not run."""
    anyio.to_thread.current_default_thread_limiter().total_tokens = get_settings().api_threads
    # What was loaded at start lives for ever; the collector need not look at it at every turn.
    gc.collect()
    gc.freeze()
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(revocation.listening())
        await stack.enter_async_context(tiles_lifespan(app))
        yield


def create_tiles_app() -> FastAPI:
    """The tiles alone, for a process of their own behind the front server."""
    log.configure()
    app = FastAPI(
        title="OneMap tiles", lifespan=lifespan, openapi_url=None,
        dependencies=[Depends(said_once)],
    )  # fmt: skip
    app.state.read_actor = read_actor
    http.install(app)
    app.include_router(tiles)
    return app


def create_app() -> FastAPI:
    """The whole application.

    Raises
    ------
    RuntimeError
        When a route declares no permission: it would be open to everyone.
    """
    log.configure()
    app = FastAPI(
        title="OneMap", version="0.1.0", lifespan=lifespan,
        openapi_url="/api/openapi.json", docs_url=None, redoc_url=None,
        dependencies=[Depends(said_once)],
    )  # fmt: skip
    app.state.read_actor = read_actor
    app.state.jobs = JOBS
    app.state.sees = sees
    http.install(app)
    api = APIRouter(prefix="/api")
    for router in ROUTERS:
        api.include_router(router)
    app.include_router(api)
    app.include_router(tiles)
    mount_web(app)
    describing.describe(app)
    missing = undeclared(app)
    if missing:
        raise RuntimeError(f"these routes declare no permission: {missing}")
    return app
