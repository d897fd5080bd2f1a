"""`./onemap schema`: the files of `backend/schema/` from a database that was migrated just now."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import create_engine

from backend.cli.environment import console, servers
from backend.cli.migrating import migrate_now
from backend.core.settings import get_settings
from backend.embedded import postgres
from backend.embedded.place import Place
from backend.schema import catalogue

SCRATCH = "onemap_schema"


def describe() -> None:
    """Migrate an empty database, and write what its catalogue says to `backend/schema/`."""
    # Always the private server: what a real database holds is no business of the files.
    for name in ("ONEMAP_DATABASE_URL", "ONEMAP_OWNER_DATABASE_URL", "ONEMAP_TILES_DATABASE_URL"):
        os.environ.pop(name, None)
    with servers() as place, _empty_database(place):
        migrate_now()
        engine = create_engine(get_settings().owner_url)
        with engine.begin() as connection:
            changed = catalogue.write(connection)
        engine.dispose()
    for path in changed:
        console.print(f"backend/schema/{path}")
    if not changed:
        console.print("backend/schema/ says what the database does")


@contextmanager
def _empty_database(place: Place) -> Iterator[None]:
    """Point the settings at a new database of the private server, gone afterwards."""
    drop = f"DROP DATABASE IF EXISTS {SCRATCH} WITH (FORCE)"
    postgres.psql(place, drop)
    postgres.prepare_database(place, SCRATCH)
    os.environ["ONEMAP_OWNER_DATABASE_URL"] = postgres.url(place, "onemap_owner", SCRATCH)
    get_settings.cache_clear()
    try:
        yield
    finally:
        postgres.psql(place, drop)
