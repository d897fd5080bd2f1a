"""The city that benchmarks run on: a private database of its own, made once and kept."""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import create_engine, text

from backend.cli.environment import say, settle, start_servers
from backend.core.settings import get_settings
from backend.embedded import place as places
from backend.embedded.place import Place
from backend.embedded.supervisor import Supervisor
from backend.seeding.recipe import CITY


def _look_at_tables() -> None:
    """Bring the planner's statistics up to date: a bench ends before autovacuum would."""
    engine = create_engine(get_settings().owner_url)
    with engine.begin() as connection:
        connection.execute(text("ANALYZE event, event_action, assignment"))
    engine.dispose()


@contextmanager
def city() -> Iterator[tuple[Place, Supervisor]]:
    """The running servers of the bench city; seeded with its past on first use (some minutes)."""
    from backend.cli.migrating import migrate_now
    from backend.seeding.city import seed_city
    from backend.seeding.town import is_empty

    usual, _ = places.find()
    os.environ["ONEMAP_VAR"] = str(usual.root / "bench")
    for name in ("DATABASE", "OWNER_DATABASE", "TILES_DATABASE", "REDIS"):
        os.environ.pop(f"ONEMAP_{name}_URL", None)
    place = settle()
    supervisor = Supervisor(place.logs, say)
    try:
        start_servers(place, supervisor)
        migrate_now()
        if is_empty():
            say("making the city that benchmarks run on")
            seed_city(lambda what, done: None, CITY)
        _look_at_tables()
        yield place, supervisor
    finally:
        supervisor.stop()
