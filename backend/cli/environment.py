"""Which servers a command uses: real ones named by the environment, or private ones in ``var/``."""

import json
import os
import secrets
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from rich.console import Console

from backend.core.files import keep
from backend.embedded import place as places
from backend.embedded import postgres, redis
from backend.embedded.place import Place
from backend.embedded.supervisor import Child, Supervisor

console = Console(stderr=True, highlight=False)


def say(text: str) -> None:
    """One step, said as it begins."""
    console.print(f"[cyan]›[/] {text}")


def settle() -> Place:
    """Fill in the settings that the environment does not name; the installation's folder."""
    place, why = places.find()
    if why:
        say(why)
    if not os.environ.get("ONEMAP_DATABASE_URL"):
        os.environ["ONEMAP_DATABASE_URL"] = postgres.url(place, "onemap_app")
        os.environ["ONEMAP_OWNER_DATABASE_URL"] = postgres.url(place, "onemap_owner")
        os.environ["ONEMAP_TILES_DATABASE_URL"] = postgres.url(place, "onemap_tiles")
        os.environ["ONEMAP_DEMO"] = "true"
        # The demo writes to nobody: what would be sent can be read in the log folder.
        os.environ.setdefault("ONEMAP_SMS_GATEWAY", f"file://{place.logs / 'messages.jsonl'}")
    os.environ.setdefault("ONEMAP_REDIS_URL", redis.url(place))
    os.environ.setdefault("ONEMAP_MEDIA_DIR", str(place.media))
    os.environ.setdefault("ONEMAP_SECRET_KEY", _own_secret(place.secrets))
    place.media.mkdir(parents=True, exist_ok=True)
    place.media.chmod(0o700)
    return place


def _own_secret(file: Path) -> str:
    """The installation's own secret, made on first use and readable by its owner only."""
    if not file.exists():
        keep(file, json.dumps({"secret_key": secrets.token_urlsafe(48)}).encode(), mode=0o600)
    secret: str = json.loads(file.read_text())["secret_key"]
    return secret


def uses_private_database(place: Place) -> bool:
    """Whether the database is the private one (only that one is ever seeded)."""
    return os.environ["ONEMAP_DATABASE_URL"] == postgres.url(place, "onemap_app")


def start_servers(place: Place, supervisor: Supervisor) -> None:
    """Start the private servers that the settings name, and wait until they answer."""
    place.logs.mkdir(parents=True, exist_ok=True)
    if uses_private_database(place):
        if postgres.create(place):
            say("made a private PostgreSQL cluster")
        # Whoever started these servers before may have been killed with everything that it had.
        postgres.end_remains(place)
        supervisor.start(
            Child(
                "postgres", postgres.command(place), stop_signal=signal.SIGINT, cwd=place.database,
                before_restart=partial(postgres.end_remains, place),
            )
        )  # fmt: skip
        postgres.wait(place)
        postgres.prepare_database(place)
    if os.environ["ONEMAP_REDIS_URL"] == redis.url(place):
        redis.create(place)
        supervisor.start(Child("redis", redis.command(place)))
        redis.wait(place)


def already_running(place: Place) -> bool:
    """Whether another command keeps this installation's servers running."""
    return (place.sockets / ".s.PGSQL.5432").exists() and _answers(place)


def _answers(place: Place) -> bool:
    try:
        postgres.wait(place, seconds=0.2)
    except postgres.ServerFailed:
        return False
    return True


@contextmanager
def servers() -> Iterator[Place]:
    """The servers for the length of one command: those that run already, or our own."""
    place = settle()
    if uses_private_database(place) and already_running(place):
        yield place
        return
    supervisor = Supervisor(place.logs, say)
    try:
        start_servers(place, supervisor)
        yield place
    finally:
        supervisor.stop()
