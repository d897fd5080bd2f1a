"""Whether this process lives, and whether it can serve."""

from fastapi import APIRouter
from fastapi.responses import JSONResponse
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from backend.core.db import get_engine
from backend.core.permissions import allow_public
from backend.core.settings import get_settings

router = APIRouter(tags=["health"])

SUPPORTED_POSTGRESQL = range(15, 19)

# Reading past the policies, or owning the tables, would make row-level security an ornament.
CHECK = text(
    "SELECT current_setting('server_version_num')::int / 10000 AS version,"
    " rolsuper OR rolbypassrls OR pg_has_role(current_user, relowner, 'USAGE') AS too_mighty"
    " FROM pg_roles, pg_class WHERE rolname = current_user AND relname = 'event'"
)


@router.get("/health", dependencies=[allow_public()])
def health() -> dict[str, str]:
    """Say that the process lives."""
    return {"status": "alive"}


@router.get("/ready", dependencies=[allow_public()])
def ready() -> JSONResponse:
    """Say whether database and Redis answer, and whether the database role is harmless enough."""
    found: dict[str, str] = {}
    try:
        with get_engine().connect() as connection:
            row = connection.execute(CHECK).one()
        if row.version not in SUPPORTED_POSTGRESQL:
            found["database"] = f"PostgreSQL {row.version} is not supported: 15 to 18 are"
        elif row.too_mighty:
            found["database"] = "the application's role can bypass row-level security"
        else:
            found["database"] = "ok"
    except SQLAlchemyError:
        found["database"] = "does not answer, or is not migrated"
    try:
        Redis.from_url(get_settings().redis_url, socket_timeout=1).ping()
        found["redis"] = "ok"
    except (RedisError, OSError):
        # Reports are taken in without it; what follows them waits.
        found["redis"] = "does not answer"
    return JSONResponse(found, 200 if found["database"] == "ok" else 503)
