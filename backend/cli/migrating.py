"""Alembic, called from our own verbs."""

from alembic import command
from alembic.config import Config

from backend.embedded.place import REPOSITORY


def config() -> Config:
    """Alembic's configuration, independent of the folder that one stands in."""
    return Config(str(REPOSITORY / "alembic.ini"), attributes={"here": REPOSITORY})


def migrate_now(to: str = "head") -> None:
    """Apply every migration that is missing, up to and with a revision."""
    settings = config()
    settings.set_main_option("script_location", str(REPOSITORY / "backend" / "migrations"))
    command.upgrade(settings, to)
